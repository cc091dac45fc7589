package feeds

import (
	"context"
	"fmt"

	"tidemark/node/internal/badgerdb"
)

// Open opens a store on disk, verifies what it holds and folds the acts.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("feeds: open: %w", err)
	}
	db, err := badgerdb.Open(badgerdb.Config{Dir: cfg.Dir, Key: cfg.Key, Probe: cfg.Probe})
	if err != nil {
		return nil, fmt.Errorf("feeds: open: %w", err)
	}
	s, err := open(onDisk{db}, cfg)
	if err != nil {
		_ = db.Close() // nothing was written; the first error is the one to know
		return nil, err
	}
	return s, nil
}

// onDisk is the disk of Open.
type onDisk struct{ db *badgerdb.Store }

func (d onDisk) each(fn func(key, value []byte) error) error { return d.db.Scan(nil, fn) }

func (d onDisk) get(key []byte) ([]byte, error) {
	value, err := d.db.Get(key)
	if err == nil && value == nil {
		return nil, errMissing
	}
	return value, err
}

func (d onDisk) commit(changes []change) error {
	if err := d.db.Room(); err != nil {
		return err
	}
	return d.db.Update(func(t badgerdb.Tx) error {
		for _, c := range changes {
			if err := apply(t, c); err != nil {
				return err
			}
		}
		return nil
	})
}

func apply(t badgerdb.Tx, c change) error {
	if c.value == nil {
		return t.Delete(c.key)
	}
	return t.Set(c.key, c.value)
}

func (d onDisk) close() error { return d.db.Close() }
