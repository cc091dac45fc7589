package vault

import (
	"errors"
	"os"
	"path/filepath"
)

// disk does the durable steps of everything beside Badger, and names each. The hook is
// for tests that let a step fail, undone or done: nil does the step.
type disk struct {
	hook func(step string, do func() error) error
}

func (d disk) do(step string, do func() error) error {
	if d.hook == nil {
		return do()
	}
	return d.hook(step, do)
}

// append adds b to the end of a file and returns when it is durable. After an error the
// file may hold all of b, a part or nothing.
func (d disk) append(name string, b []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	err = d.do("append "+filepath.Base(name), func() error {
		_, err := f.Write(b)
		return err
	})
	if err == nil {
		err = d.do("sync "+filepath.Base(name), f.Sync)
	}
	return errors.Join(err, f.Close())
}

// replace puts b in a file's place: after a crash it holds the old bytes or the new.
func (d disk) replace(name string, b []byte) error {
	temp, base := name+".new", filepath.Base(name)
	if err := d.write(temp, b); err != nil {
		return err
	}
	if err := d.do("rename "+base, func() error { return os.Rename(temp, name) }); err != nil {
		return err
	}
	return d.syncDir(filepath.Dir(name))
}

func (d disk) write(name string, b []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = d.do("write "+filepath.Base(name), func() error {
		_, err := f.Write(b)
		return err
	})
	if err == nil {
		err = d.do("sync "+filepath.Base(name), f.Sync)
	}
	return errors.Join(err, f.Close())
}

// sync makes durable what is in a file: a process before this one may have died between
// writing and syncing it.
func (d disk) sync(name string) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(d.do("sync "+filepath.Base(name), f.Sync), f.Close())
}

// syncDir makes a folder's list of files durable.
func (d disk) syncDir(dir string) error {
	return d.do("sync folder", func() error {
		f, err := os.Open(dir)
		if err != nil {
			return err
		}
		return errors.Join(syncFolder(f), f.Close())
	})
}
