package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"

	"tidemark/node/archive"
	"tidemark/node/feeds"
	"tidemark/node/vault"
	"tidemark/schema/bundle"
)

// maxFile bounds what is read of a backup's small parts.
const maxFile = 1 << 20

// Backup writes all that rebuilds this node as one file, encrypted to what unlocks it. Of
// the coalition it holds charter, acts and codebook, so that the node can start. The
// members' notes are not in it: they are most of the bytes, every other member has them,
// and a node that was restored has to hear from the others anyway before it may draw.
func (n *Node) Backup(ctx context.Context, w io.Writer) error {
	if n.cfg.Vault != "" {
		return fmt.Errorf("backup: %w", vault.ErrApart)
	}
	to, err := n.cfg.Unlock.Recipients()
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	a, err := archive.NewWriter(w, archive.Header{Member: n.Slug(), At: n.cfg.Now()}, to...)
	if err != nil {
		return err
	}
	for _, name := range []string{archive.Settings, archive.NodeKey, archive.NetworkKey} {
		if err := n.backupFile(a, name); err != nil {
			return err
		}
	}
	if err := n.vault.Backup(ctx, a); err != nil {
		return err
	}
	if err := n.backupCoalition(a); err != nil {
		return fmt.Errorf("backup: coalition: %w", err)
	}
	return a.Close()
}

// backupFile writes a file of the folder; one that is not there is an empty part.
func (n *Node) backupFile(a *archive.Writer, name string) error {
	text, err := os.ReadFile(filepath.Join(n.cfg.Dir, name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("backup: %w", err)
	}
	part, err := a.Part(name)
	if err != nil {
		return err
	}
	_, err = part.Write(text)
	return err
}

func (n *Node) backupCoalition(a *archive.Writer) error {
	part, err := a.Part(archive.Coalition)
	st := n.State()
	if err != nil || st == nil {
		return err
	}
	codebook, err := n.Codebook().Canonical()
	if err != nil {
		return err
	}
	log := st.Log()
	return bundle.Write(part, bundle.Bundle{Charter: log[0], Acts: log[1:], Codebook: codebook})
}

// Restored is what a restore has brought back.
type Restored struct {
	Status
	At time.Time `json:"backup"` // when it was written
}

// ErrNotEmpty says that a folder holds something already.
var ErrNotEmpty = errors.New("there is something in the folder already")

// Restore makes a node's folder of a backup, whole or not at all. Its cases are those of
// the backup's day. It never draws again what it had drawn until then; what it did later
// it takes back from the other members.
func Restore(ctx context.Context, cfg Config, r io.Reader) (Restored, error) {
	cfg.defaults()
	ids, err := cfg.Unlock.Identities()
	if err != nil {
		return Restored{}, fmt.Errorf("restore: %w", err)
	}
	var back Restored
	err = cfg.fresh(func(c Config) error {
		a, err := archive.NewReader(r, ids...)
		if errors.Is(err, age.ErrIncorrectIdentity) {
			return vault.ErrPassphrase
		}
		if err != nil {
			return err
		}
		if err := c.unpack(ctx, a); err != nil {
			return err
		}
		back.At = a.At
		back.Status, err = c.look(ctx)
		return err
	})
	if err != nil {
		return Restored{}, fmt.Errorf("restore: %w", err)
	}
	return back, nil
}

// unpack fills the folder with a backup's parts, up to the one that says that all of it
// was read.
func (c Config) unpack(ctx context.Context, a *archive.Reader) error {
	for _, name := range []string{archive.Settings, archive.NodeKey, archive.NetworkKey} {
		text, err := small(a, name)
		if err == nil && len(text) > 0 {
			err = writeNew(filepath.Join(c.Dir, name), text)
		}
		if err != nil {
			return err
		}
	}
	now := c.Now()
	if a.At.After(now) { // a clock that is wrong says nothing
		now = a.At
	}
	if err := vault.Restore(c.vault(), c.Unlock, a, now); err != nil {
		return err
	}
	text, err := small(a, archive.Coalition)
	if err == nil && len(text) > 0 {
		err = c.unpackCoalition(ctx, text, now)
	}
	if err != nil {
		return err
	}
	if _, _, err := a.Next(); err != io.EOF {
		return errors.Join(archive.ErrDamaged, err)
	}
	if s, err := readSettings(c.Dir); err != nil || s.Slug != a.Member {
		return errors.Join(fmt.Errorf("%w: %s is another member's", archive.ErrDamaged, configName), err)
	}
	return nil
}

// small reads a part that fits into memory.
func small(a *archive.Reader, name string) ([]byte, error) {
	have, part, err := a.Next()
	if err == nil && have != name {
		err = fmt.Errorf("%w: %s is missing", archive.ErrDamaged, name)
	}
	if err != nil {
		return nil, err
	}
	limit := int64(maxFile)
	if name == archive.Coalition {
		limit = bundle.MaxSize
	}
	return io.ReadAll(io.LimitReader(part, limit))
}

func writeNew(name string, text []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// unpackCoalition begins the store of feeds anew.
func (c Config) unpackCoalition(ctx context.Context, text []byte, now time.Time) error {
	b, err := bundle.Read(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return err
	}
	store, err := feeds.Open(ctx, feeds.Config{Dir: filepath.Join(c.Dir, feedsName)})
	if err != nil {
		return err
	}
	err = store.Found(b.Charter, b.Codebook)
	for _, act := range b.Acts {
		if err == nil {
			_, err = store.Accept(act, now)
		}
	}
	return errors.Join(err, store.Close())
}

// look opens the new folder once, to see that it opens and what is in it.
func (c Config) look(ctx context.Context) (Status, error) {
	n, err := Open(ctx, c)
	if err != nil {
		return Status{}, err
	}
	s, err := n.Status(ctx)
	return s, errors.Join(err, n.Close())
}

// RestoreSheet makes the folder of a member of whom only the recovery sheet is left: its
// keys, no case, and a new node key, which an admin has to put into the roster. Its feed
// comes back with a bundle of any other member.
func RestoreSheet(cfg Config, s vault.Sheet) error {
	cfg.defaults()
	err := cfg.fresh(func(c Config) error {
		if err := vault.CreateFrom(c.vault(), s, c.Unlock, c.Now()); err != nil {
			return err
		}
		return c.furnish(Settings{Slug: s.Slug()})
	})
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return nil
}

// Sheet is this member's recovery sheet, for the printer. It is a secret.
func (n *Node) Sheet() ([]byte, error) {
	s, err := n.vault.Sheet()
	if err != nil {
		return nil, err
	}
	coalition := "none yet"
	if st := n.State(); st != nil {
		coalition = fmt.Sprintf("%s (%s)", st.Charter().Name, st.ID().Short())
	}
	return s.Page(coalition), nil
}

// fresh makes the folder by fill. It gets its name when it is whole; an empty folder of
// that name is replaced.
func (c Config) fresh(fill func(Config) error) error {
	dir := filepath.Clean(c.Dir)
	if list, err := os.ReadDir(dir); len(list) > 0 || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(ErrNotEmpty, err)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	c.Dir = dir + ".new"
	if err := os.Mkdir(c.Dir, 0o700); err != nil {
		return fmt.Errorf("%w: if a restore was interrupted, remove that folder first", err)
	}
	if err := fill(c); err != nil {
		return errors.Join(err, os.RemoveAll(c.Dir))
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, os.RemoveAll(c.Dir))
	}
	return os.Rename(c.Dir, dir)
}

// adopt hands to the vault what the store of feeds holds of the own feed beyond the
// vault's head: after a restore it comes back from the other members. A feed that parts
// from the vault's is in dispute, and nothing of it goes on here but the charges.
func (n *Node) adopt(ctx context.Context) error {
	head, id := n.vault.Head()
	if proof := n.feeds.Fork(n.Slug()); proof != nil {
		if err := n.vault.Adopt(ctx, n.State(), [][]byte{proof}); err != nil {
			return err
		}
	}
	if p, ok := n.feeds.Feed(n.Slug()).At(head); head > 0 && (!ok || p.ID != id) {
		return nil
	}
	var parcels [][]byte
	for p, err := range n.feeds.Parcels(n.Slug(), head+1) {
		if err != nil {
			return err
		}
		if p.Sequence != head+1+uint64(len(parcels)) {
			break // a hole, which catch-up fills
		}
		parcels = append(parcels, p.Raw)
	}
	return n.vault.Adopt(ctx, n.State(), parcels)
}
