package vault

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"tidemark/node/internal/badgerdb"
)

// PartWriter takes the parts of a backup, one after the other: a part ends where the
// next one begins.
type PartWriter interface {
	Part(name string) (io.Writer, error)
}

// PartReader gives the parts of a backup in the order in which they were written.
type PartReader interface {
	Next() (name string, part io.Reader, err error)
}

// backupFiles are the parts that are files of the folder; then comes the store. They are one
// moment's, and the journal stands before the store, which never knows more than it.
var backupFiles = []string{keysName, journalName, feedName}

// Backup writes everything that the vault holds as four parts. Nothing changes
// meanwhile: imports, draws and statements wait. The cases stay sealed as they are; who
// has the backup and what unlocks this vault has all of it.
func (v *Vault) Backup(ctx context.Context, w PartWriter) error {
	if err := v.begin(); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer v.end()
	for _, name := range backupFiles {
		if err := v.backupFile(ctx, w, name); err != nil {
			return fmt.Errorf("backup: %s: %w", name, err)
		}
	}
	if err := v.backupStore(ctx, w); err != nil {
		return fmt.Errorf("backup: store: %w", err)
	}
	return nil
}

func (v *Vault) backupFile(ctx context.Context, w PartWriter, name string) error {
	part, err := w.Part(name)
	if err != nil {
		return err
	}
	f, err := os.Open(filepath.Join(v.cfg.Dir, name))
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(part, f)
	return errors.Join(err, ctx.Err())
}

// backupStore writes the store's pairs in the order of keys, key and value each after
// its length.
func (v *Vault) backupStore(ctx context.Context, w PartWriter) error {
	part, err := w.Part(storeName)
	if err != nil {
		return err
	}
	n, pair := 0, []byte(nil)
	return v.cases.db.Scan(nil, func(key, value []byte) error {
		if n++; n%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		pair = append(binary.AppendUvarint(pair[:0], uint64(len(key))), key...)
		pair = append(binary.AppendUvarint(pair, uint64(len(value))), value...)
		_, err := part.Write(pair)
		return err
	})
}

// Restore makes a vault of a backup's four parts; the folder appears whole or not at all.
// The journal then says that it came back: what the vault had done since the backup is
// unknown to it, so nothing is drawn before its witnesses have been asked, and what peers
// hold of its feed was adopted. at is the day of the restore.
func Restore(cfg Config, unlock Unlock, r PartReader, at time.Time) error {
	err := cfg.whole(unlock, func(c *Config, d disk) error {
		k, err := c.unpack(d, unlock, r)
		if err != nil {
			return err
		}
		return c.returned(k, unlock, at)
	})
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return nil
}

// unpack writes the files and the store of a backup.
func (c *Config) unpack(d disk, unlock Unlock, r PartReader) (keys, error) {
	for _, name := range backupFiles {
		part, err := next(r, name)
		if err == nil {
			err = d.fill(filepath.Join(c.Dir, name), part)
		}
		if err != nil {
			return keys{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	k, err := readKeys(c.Dir, unlock)
	if err != nil {
		return keys{}, err
	}
	part, err := next(r, storeName)
	if err == nil {
		err = c.fillStore(d, k, func(cs *cases) error {
			return cs.batch("restore", func(w writer) error { return cs.restore(w, bufio.NewReader(part)) })
		})
	}
	if err != nil {
		return keys{}, fmt.Errorf("store: %w", err)
	}
	return k, nil
}

func next(r PartReader, name string) (io.Reader, error) {
	have, part, err := r.Next()
	if err == nil && have != name {
		err = fmt.Errorf("the backup has another part in its place")
	}
	return part, err
}

// fill makes a file of what is read.
func (d disk) fill(name string, r io.Reader) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = d.do("write "+filepath.Base(name), func() error {
		_, err := io.Copy(f, r)
		return err
	})
	if err == nil {
		err = d.do("sync "+filepath.Base(name), f.Sync)
	}
	return errors.Join(err, f.Close())
}

// maxKey is more than any of the store's keys has.
const maxKey = 64

// restore reads pairs into the store. Each value has to be one that this vault sealed.
func (c *cases) restore(w writer, r *bufio.Reader) error {
	var plain []byte
	for n := 0; ; n++ {
		if n%checkEvery == 0 {
			if err := c.db.Room(); err != nil {
				return err
			}
		}
		key, err := readSized(r, maxKey)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		value, err := readSized(r, badgerdb.MaxValue)
		if err != nil {
			return noEOF(err)
		}
		if plain, err = c.open(plain[:0], key, value); err != nil {
			return err
		}
		if err := w.Set(key, value); err != nil {
			return err
		}
	}
}

// readSized reads what stands after its length; io.EOF where nothing stands.
func readSized(r *bufio.Reader, most uint64) ([]byte, error) {
	if _, err := r.Peek(1); err != nil {
		return nil, err
	}
	size, err := binary.ReadUvarint(r)
	if err != nil {
		return nil, noEOF(err)
	}
	if size == 0 || size > most {
		return nil, fmt.Errorf("%d bytes where 1 to %d may stand", size, most)
	}
	b := make([]byte, size)
	_, err = io.ReadFull(r, b)
	return b, noEOF(err)
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// returned opens the new folder, which holds it against itself, and says in the journal
// that it came back.
func (c *Config) returned(k keys, unlock Unlock, at time.Time) error {
	v, err := c.openWith(k, unlock)
	if err != nil {
		return err
	}
	err = v.begin()
	if err == nil {
		err = v.commit(entry{Kind: restored, At: at.Unix()})
		v.end()
	}
	return errors.Join(err, v.Close())
}

// Restored is when the folder last came back from a backup or a recovery sheet; zero: never.
func (v *Vault) Restored() time.Time {
	v.live.RLock()
	defer v.live.RUnlock()
	if v.book.restored == 0 {
		return time.Time{}
	}
	return time.Unix(v.book.restored, 0).UTC()
}
