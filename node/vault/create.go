package vault

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tidemark/node/internal/badgerdb"
	"tidemark/schema"
)

// Create makes a vault with new keys for the member slug and closes it again. The folder
// appears whole or not at all.
func Create(cfg Config, slug schema.Slug, unlock Unlock) error {
	err := cfg.whole(unlock, func(c *Config, d disk) error {
		k, err := newKeys(slug)
		if err != nil {
			return err
		}
		return c.fill(d, k, unlock, entry{Kind: begun, Slug: slug})
	})
	if err != nil {
		return fmt.Errorf("create: %w", err)
	}
	return nil
}

// whole makes the folder by fill, whole or not at all.
func (c Config) whole(unlock Unlock, fill func(*Config, disk) error) error {
	c.defaults()
	if err := errors.Join(c.validate(), unlock.validate()); err != nil {
		return err
	}
	if _, err := os.Lstat(c.Dir); err == nil {
		return ErrExists
	}
	final := c.Dir
	c.Dir = filepath.Clean(final) + ".new"
	if err := os.RemoveAll(c.Dir); err != nil { // of one that was interrupted
		return err
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return err
	}
	d := disk{c.hook}
	if err := fill(&c, d); err != nil {
		return errors.Join(err, os.RemoveAll(c.Dir))
	}
	if err := d.do("rename vault", func() error { return os.Rename(c.Dir, final) }); err != nil {
		return err
	}
	return d.syncDir(filepath.Dir(filepath.Clean(final)))
}

// fill writes the files of a vault without cases, whose journal begins with the entries.
func (c *Config) fill(d disk, k keys, unlock Unlock, entries ...entry) error {
	if err := k.write(d, c.Dir, unlock); err != nil {
		return err
	}
	j, err := newJournal(d, c.Dir, k.Journal)
	if err != nil {
		return err
	}
	var text []byte
	for _, e := range entries {
		line, err := j.line(e)
		if err != nil {
			return err
		}
		text, j.heads = append(text, line...), append(j.heads, schema.HashOf(line))
	}
	if err := d.replace(j.name, text); err != nil {
		return err
	}
	if err := d.replace(filepath.Join(c.Dir, feedName), nil); err != nil {
		return err
	}
	return c.fillStore(d, k, func(cs *cases) error {
		return cs.update("create", func(t badgerdb.Tx) error {
			return errors.Join(cs.setJSON(t, metaKey, meta{Next: 1}), cs.setJSON(t, journalKey, seen{len(j.heads), j.head()}))
		})
	})
}

// fillStore opens the new store, fills it and closes it.
func (c *Config) fillStore(d disk, k keys, fill func(*cases) error) error {
	seal, err := newSealer(k.Store)
	if err != nil {
		return err
	}
	db, err := c.open(k.Badger)
	if err != nil {
		return err
	}
	return errors.Join(fill(&cases{db, d, seal}), db.Close())
}
