package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"tidemark/node"
	"tidemark/node/vault"
)

type backupCmd struct {
	File string `arg:"" help:"The backup to write. An older one of that name is replaced once the new one is whole."`
}

// bytesPerCase is about what a case takes in a backup; it moves a bar, nothing else.
const bytesPerCase = 240

func (c *backupCmd) Run(a *app) error {
	return a.with(func(n *node.Node) error {
		s, err := n.Status(a.ctx)
		if err != nil {
			return err
		}
		m := newMeter(a.stderr, int64(s.Cases)*bytesPerCase, "writing the backup")
		err = writeWhole(a.path(c.File), func(w io.Writer) error { return n.Backup(a.ctx, io.MultiWriter(w, m)) })
		m.bar.end()
		if err != nil {
			return fmt.Errorf("backup: %w", err)
		}
		fmt.Fprintf(a.stdout, "Wrote %s (%d KiB): %d cases, the keys, and what was released up to note %d.\n", c.File, (m.n+1023)>>10, s.Cases, s.Head)
		fmt.Fprintln(a.stdout, "Only what unlocks this node opens it. Keep it away from this machine; tidemark restore FILE brings it back.")
		return nil
	})
}

// writeWhole makes a file that is there whole, or as it was before.
func writeWhole(path string, write func(io.Writer) error) error {
	temp := path + ".new"
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return os.Rename(temp, path)
}

type restoreCmd struct {
	File  string `arg:"" optional:"" help:"The backup."`
	Sheet string `help:"Rebuild the member from its recovery sheet, typed in again, where no backup is left." placeholder:"FILE"`
}

func (c *restoreCmd) Run(a *app) error {
	switch {
	case (c.File == "") == (c.Sheet == ""):
		return fmt.Errorf("restore: give a backup, or --sheet FILE")
	case c.Sheet != "":
		return a.restoreSheet(a.path(c.Sheet))
	}
	return a.restore(a.path(c.File))
}

const beforeRestore = `This makes the node in %s anew, as it was on the day of the backup.
  - Its cases are those of that day. Import newer exports again: what was taken in before is not counted twice.
  - Nothing that was released is drawn again. What this member released since then comes back from the other members.
  - Before it draws, the node asks its witnesses. Until enough of them have answered it releases nothing.
  - The old machine must not run any more. If both run, the others countersign the releases of one alone, and say so.
`

func (a *app) restore(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	fmt.Fprintf(a.stderr, beforeRestore, a.dir())
	unlock, err := a.unlock(false)
	if err != nil {
		return err
	}
	m := newMeter(a.stderr, info.Size(), "reading the backup")
	back, err := node.Restore(a.ctx, node.Config{Dir: a.dir(), Unlock: unlock, Told: a.tell}, io.TeeReader(f, m))
	m.bar.end()
	if err != nil {
		return err
	}
	return a.show(back, func(w io.Writer) { printRestored(w, back, time.Now()) })
}

func printRestored(w io.Writer, back node.Restored, now time.Time) {
	fmt.Fprintf(w, "\nRestored %s from the backup of %s, %s old: %d cases of %d people, its own notes up to %d.\n",
		back.Slug, back.At.Format("2006-01-02 15:04 MST"), oldness(now.Sub(back.At)), back.Cases, back.Persons, back.Head)
	if back.Coalition == nil {
		fmt.Fprintln(w, "It was in no coalition then.")
		return
	}
	fmt.Fprintf(w, "Coalition %s (%s), %d active members.\n", back.Coalition.Name, back.Coalition.ID.Short(), back.Coalition.Active)
	fmt.Fprintln(w, "Next: tidemark run, or without a line: tidemark bundle import FILE, with a bundle of any other member.")
}

// oldness says roughly how long ago something was.
func oldness(d time.Duration) string {
	switch hours := int(d.Hours()); {
	case hours < 1:
		return "less than an hour"
	case hours < 48:
		return fmt.Sprintf("%d hours", hours)
	default:
		return fmt.Sprintf("%d days", hours/24)
	}
}

const beforeSheet = `This makes a node for the member %s in %s, from its recovery sheet alone.
  - It has the member's keys and no case. Import the exports again: they get the same pseudonyms as before.
  - What the member released comes back with a bundle of any other member, and is not drawn again.
  - The old machine must not run any more. If both run, the others countersign the releases of one alone, and say so.
Choose a passphrase for it.
`

const afterSheet = `
Made the node of %s in %s.
Next, in this order:
  1. On another member's node: tidemark bundle export FILE. Here: tidemark bundle import FILE.
  2. Its node key is new. An admin has to put it into the roster; tidemark coalition request -o FILE writes it down.
  3. Import the cases again: tidemark cases import.
`

func (a *app) restoreSheet(path string) error {
	page, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	sheet, err := vault.ParseSheet(page)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stderr, beforeSheet, sheet.Slug(), a.dir())
	unlock, err := a.unlock(true)
	if err != nil {
		return err
	}
	if err := node.RestoreSheet(node.Config{Dir: a.dir(), Unlock: unlock}, sheet); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, afterSheet, sheet.Slug(), a.dir())
	return nil
}

type sheetCmd struct {
	Out string `short:"o" required:"" help:"Where to write the page." placeholder:"FILE"`
}

// Run opens the folder itself, with the passphrase: a running node gives its keys to
// nobody.
func (c *sheetCmd) Run(a *app) error {
	return a.with(func(n *node.Node) error {
		page, err := n.Sheet()
		if err != nil {
			return err
		}
		f, err := os.OpenFile(a.path(c.Out), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return fmt.Errorf("sheet: %w", err)
		}
		_, err = f.Write(page)
		if err = errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("sheet: %w", err)
		}
		fmt.Fprintf(a.stdout, "Wrote %s: the keys of %s, readable by anybody. Print it, put it into a safe, delete the file.\n", c.Out, n.Slug())
		return nil
	})
}
