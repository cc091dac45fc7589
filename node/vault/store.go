package vault

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"

	"tidemark/node/internal/badgerdb"
	"tidemark/schema"
)

// meta is what the vault knows of its cases.
type meta struct {
	Next       uint64            `json:"next"` // the next case's Seq
	Protection schema.Protection `json:"protection,omitempty"`
	Codebook   schema.Hash       `json:"codebook,omitzero"`
}

// writer is what a transaction and a batch have in common.
type writer interface {
	Set(key, value []byte) error
	Delete(key []byte) error
}

// cases is the store with its seal: the records and what belongs to them.
type cases struct {
	db   *badgerdb.Store
	disk disk
	sealer
}

func (c *cases) setJSON(w writer, key []byte, v any) error {
	plain, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return w.Set(key, c.seal(key, plain))
}

// json reads a value; false if there is none.
func (c *cases) json(key []byte, v any) (bool, error) {
	value, err := c.db.Get(key)
	if err != nil || value == nil {
		return false, err
	}
	plain, err := c.open(nil, key, value)
	if err != nil {
		return false, err
	}
	if json.Unmarshal(plain, v) != nil {
		return false, errEncoding
	}
	return true, nil
}

// update is a durable step: one transaction.
func (c *cases) update(step string, fn func(badgerdb.Tx) error) error {
	return c.disk.do("store "+step, func() error { return c.db.Update(fn) })
}

// get reads a case; nil if there is none.
func (c *cases) get(t badgerdb.Tx, k schema.Key) (*stored, error) {
	key := caseKey(k)
	value, err := t.Get(key)
	if err != nil || value == nil {
		return nil, err
	}
	return c.decode(key, value)
}

// waiting is a case that is to be compared with the store.
type waiting struct {
	key  schema.Key
	mine *stored
	live *stored // nil: the store has none
}

// groupSize is how many cases are looked up at a time: in the order of keys that is
// several times faster than one by one.
const groupSize = 16 << 10

// lookUp fills in what is live, and leaves ws in another order.
func (c *cases) lookUp(t badgerdb.Tx, ws []*waiting) error {
	slices.SortFunc(ws, func(a, b *waiting) int { return bytes.Compare(a.key[:], b.key[:]) })
	for _, w := range ws {
		var err error
		if w.live, err = c.get(t, w.key); err != nil {
			return err
		}
	}
	return nil
}

func (c *cases) decode(key, value []byte) (*stored, error) {
	plain, err := c.open(nil, key, value)
	if err != nil {
		return nil, err
	}
	s := &stored{}
	return s, s.decode(plain)
}

// put writes a case and its records, and deletes the records of the earlier version.
// The case comes last: once it is there, everything before it is.
func (c *cases) put(w writer, k schema.Key, old, s *stored) error {
	if old != nil {
		if err := c.dropRecords(w, k, old); err != nil {
			return err
		}
	}
	for i, p := range s.Persons {
		key := recordKey(p, k)
		if err := w.Set(key, c.seal(key, encodeRecord(&s.content, i == 0))); err != nil {
			return err
		}
	}
	key := caseKey(k)
	return w.Set(key, c.seal(key, s.encode()))
}

func (c *cases) drop(w writer, k schema.Key, old *stored) error {
	if err := c.dropRecords(w, k, old); err != nil {
		return err
	}
	return w.Delete(caseKey(k))
}

func (c *cases) dropRecords(w writer, k schema.Key, old *stored) error {
	for _, p := range old.Persons {
		if err := w.Delete(recordKey(p, k)); err != nil {
			return err
		}
	}
	return nil
}

// batch runs fn in a batch: a crash may keep a part of what it writes, from the start on.
func (c *cases) batch(step string, fn func(writer) error) error {
	return c.disk.do("store "+step, func() error {
		b := c.db.Batch()
		defer b.Cancel()
		if err := fn(b); err != nil {
			return err
		}
		return b.Flush()
	})
}

// empty tells a store without a case.
func (c *cases) empty() (bool, error) {
	empty := true
	err := c.db.Scan(casePrefix, func(_, _ []byte) error {
		empty = false
		return errStop
	})
	if err == errStop {
		err = nil
	}
	return empty, err
}

var errStop = fmt.Errorf("stop")

// checkEvery is after how many cases a long scan looks whether it should stop.
const checkEvery = 4096

// scan calls fn for every record in person order; the record is good until fn returns.
// first marks one record of each case.
func (c *cases) scan(ctx context.Context, prefix []byte, fn func(r *schema.Record, first bool) error) error {
	var r schema.Record
	var plain []byte
	n := 0
	return c.db.Scan(prefix, func(key, value []byte) (err error) {
		if n++; n%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if plain, err = c.open(plain[:0], key, value); err != nil {
			return err
		}
		first, err := decodeRecord(&r, key, plain)
		if err != nil {
			return err
		}
		return fn(&r, first)
	})
}

// records is scan as a sequence.
func (c *cases) records(ctx context.Context) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		err := c.scan(ctx, recordPrefix, func(r *schema.Record, _ bool) error {
			if !yield(r, nil) {
				return errStop
			}
			return nil
		})
		if err != nil && err != errStop {
			yield(nil, err)
		}
	}
}
