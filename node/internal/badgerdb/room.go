package badgerdb

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// opening is what Badger may need on the disk to open and to write its memory out.
const opening = 12 << 20

const ballastName = "ballast"

func (c *Config) ballast() string { return filepath.Join(c.Dir, ballastName) }

// Room returns ErrDisk while the disk has less free than the store leaves alone. Ask
// before work that writes much: Badger maps files into memory and dies when they find
// no room, though nothing that was acknowledged is lost.
func (s *Store) Room() error { return s.RoomFor(0) }

// RoomFor is Room before work that will take so many bytes.
func (s *Store) RoomFor(bytes uint64) error { return s.cfg.room(s.cfg.MinFree + bytes) }

func (c *Config) room(want uint64) error {
	have, err := c.Free(c.Dir)
	if err != nil {
		return fmt.Errorf("store: free space: %w", err)
	}
	if have < want {
		return fmt.Errorf("%w: %d MiB are free, %d MiB have to stay free: make room and try again; nothing is lost",
			ErrDisk, have>>20, want>>20)
	}
	return nil
}

// giveBack gives the ballast back where the disk is too full to open the store.
func (c *Config) giveBack() error {
	err := c.room(opening)
	if !errors.Is(err, ErrDisk) {
		return err
	}
	if removed := os.Remove(c.ballast()); removed != nil {
		return err // still too full
	}
	return c.room(opening)
}

// takeBack makes the ballast again when there is room for it.
func (c *Config) takeBack() error {
	if c.Ballast < 0 || c.room(c.MinFree+uint64(c.Ballast)) != nil {
		return nil
	}
	info, err := os.Stat(c.ballast())
	if err == nil && info.Size() == c.Ballast {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("store: ballast: %w", err)
	}
	if err := fill(c.ballast(), c.Ballast); err != nil {
		return fmt.Errorf("store: ballast: %w", err)
	}
	return nil
}

// fill writes zeros: a file that is only given a size takes no room.
func fill(name string, size int64) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	zeros := make([]byte, 1<<20)
	for size > 0 && err == nil {
		n := min(size, int64(len(zeros)))
		_, err = f.Write(zeros[:n])
		size -= n
	}
	return errors.Join(err, f.Close())
}
