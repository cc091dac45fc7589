package vault

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"tidemark/aggregation"
	"tidemark/node/internal/badgerdb"
	"tidemark/schema"
	"tidemark/schema/wire"
)

// What a caller branches on.
var (
	ErrExists     = errors.New("there is a vault already")
	ErrNoVault    = errors.New("there is no vault here")
	ErrPassphrase = errors.New("wrong passphrase or key file")
	ErrLocked     = badgerdb.ErrLocked
	ErrDisk       = badgerdb.ErrDisk
	ErrJournal    = errors.New("the journal or the feed is damaged")
	ErrCodebook   = errors.New("the cases are coded by another codebook")
	ErrTooEarly   = errors.New("the slot has not come")
	ErrTooFew     = errors.New("too few active members")
	ErrCap        = errors.New("the charge would pass the cap")
	ErrNotDue     = errors.New("the plan's period is not due")
	ErrJoint      = errors.New("the plan is in joint mode: the member contributes to a round and releases nothing by itself")
	ErrClosed     = errors.New("the joint round is over")
	ErrAgreed     = errors.New("this keeper has agreed to another sum")
	ErrOrder      = errors.New("something else comes first")
	ErrConsent    = errors.New("this member has not agreed to the plan")
	ErrQuorum     = errors.New("the intent lacks a quorum of witnesses")
	// ErrUnconfirmed, ErrBehind and ErrLost come from the witnesses' answers to the check:
	// too few of them, one that knows more of the feed, one that knows of a release whose
	// bytes are not here.
	ErrUnconfirmed = errors.New("the witnesses have not confirmed this folder")
	ErrBehind      = errors.New("this folder is not the newest of its member")
	ErrLost        = errors.New("a release was announced that this folder does not hold")
	// ErrCountersigned and ErrAbstains are a witness's refusals.
	ErrCountersigned = errors.New("another release was countersigned for this place or period")
	ErrAbstains      = errors.New("this folder came back from a backup and abstains")
	// ErrApart: the vault is a process of its own (node/vault/apart) and does not do this
	// for the one that has the network.
	ErrApart = errors.New("this is done where the vault is")
)

// Config is what a vault is made or opened with.
type Config struct {
	Dir      string             // the vault's own folder: DIR/vault
	Codebook *schema.Codebook   // what the cases are coded by; nil: the built-in one
	Now      func() time.Time   // nil: the machine's clock
	Noise    aggregation.Noiser // nil: NoiseChild{}
	// Random gives releases their salts and checks their nonces; nil: crypto/rand. A test
	// makes two vaults say the same by it. Keys and noise never come from it.
	Random io.Reader
	// Share is what a declaration gives of the cap to its coalition; 0: what the other
	// coalitions of this vault leave of the founding plan's cap.
	Share schema.Charge
	// MinFree is how many bytes stay free on the disk; 0: 128 MiB. Imports and draws
	// are refused below it.
	MinFree uint64
	// Ballast is the size of the file that is given back on a full disk; 0: 16 MiB, -1: none.
	Ballast int64
	// Free measures the free bytes of a folder's disk; nil: asks the system.
	Free func(dir string) (uint64, error)
	// Probe is the command that opens the store before this process does; see badgerdb.
	Probe []string

	hook func(step string, do func() error) error // see disk
}

func (c *Config) defaults() {
	if c.Codebook == nil {
		c.Codebook = schema.Incident()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Noise == nil {
		c.Noise = NoiseChild{}
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
}

func (c *Config) validate() error {
	if c.Dir == "" {
		return fmt.Errorf("vault: no folder")
	}
	if c.Share < 0 || c.Share > schema.MaxCap {
		return fmt.Errorf("vault: share: want 0 to %d", schema.MaxCap)
	}
	return nil
}

// Unlock is how the keys are decrypted: by a passphrase, or by an age identity.
type Unlock struct {
	Passphrase string
	Identity   string // what an age identity file holds: AGE-SECRET-KEY-1...
	WorkFactor int    // scrypt's, a power of two, whenever the keys are encrypted; 0: 18
}

// String and its like keep secrets out of logs and errors by construction.
func (Unlock) String() string { return "[unlock]" }

// GoString keeps %#v quiet too.
func (Unlock) GoString() string { return "[unlock]" }

// Vault is an open vault. Its methods may be called from several goroutines.
type Vault struct {
	cfg    Config
	disk   disk
	unlock Unlock
	signer *wire.Signer

	work  sync.Mutex // held by whoever changes anything, all the way through
	stale bool       // a change was interrupted: memory may differ from the disk
	keys  keys

	live     sync.RWMutex // what readers see
	cases    *cases
	journal  *journal
	feed     *feedFile
	book     *book
	meta     meta
	codebook *schema.Codebook
	tombs    map[tomb]bool
	counts   *counts // what was counted since the cases changed; never nil
	half     bool    // a change of the cases was interrupted
}

// String and its like keep keys and passphrase out of logs by construction.
func (*Vault) String() string { return "[vault]" }

// GoString keeps %#v quiet too.
func (*Vault) GoString() string { return "[vault]" }

const storeName = "store"

func (c *Config) open(key []byte) (*badgerdb.Store, error) {
	return badgerdb.Open(badgerdb.Config{
		Dir: filepath.Join(c.Dir, storeName), Key: key,
		MinFree: c.MinFree, Ballast: c.Ballast, Free: c.Free, Probe: c.Probe,
	})
}

// Open opens a vault and finishes what a crash has left half done.
func Open(cfg Config, unlock Unlock) (*Vault, error) {
	cfg.defaults()
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	k, err := readKeys(cfg.Dir, unlock)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	return cfg.openWith(k, unlock)
}

func (cfg Config) openWith(k keys, unlock Unlock) (v *Vault, err error) {
	v = &Vault{cfg: cfg, disk: disk{cfg.hook}, unlock: unlock, keys: k, codebook: cfg.Codebook, counts: &counts{}}
	if v.signer, err = k.signer(); err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	if err := v.openFiles(); err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	if err := v.recover(false); err != nil {
		return nil, fmt.Errorf("open: %w", errors.Join(err, v.Close()))
	}
	return v, nil
}

func (v *Vault) openFiles() error {
	seal, err := newSealer(v.keys.Store)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(v.cfg.Dir, storeName)); err != nil {
		return fmt.Errorf("the store is missing: restore the folder from its newest backup: %w", err)
	}
	db, err := v.cfg.open(v.keys.Badger)
	if err != nil {
		return err
	}
	v.cases = &cases{db, v.disk, seal}
	if v.journal, err = newJournal(v.disk, v.cfg.Dir, v.keys.Journal); err != nil {
		return errors.Join(err, db.Close())
	}
	v.feed = newFeedFile(v.disk, v.cfg.Dir)
	return nil
}

// recover makes memory what the disk says, and the disk what the journal and the store's
// marks say. renew: something failed before, so nothing in the files counts as synced.
func (v *Vault) recover(renew bool) error {
	if err := v.reread(renew); err != nil {
		return err
	}
	var mark staged
	if ok, err := v.cases.json(importKey, &mark); err != nil {
		return err
	} else if ok {
		if err := v.finishImport(mark, &ImportReport{}); err != nil {
			return fmt.Errorf("finish an import: %w", err)
		}
	}
	if err := removeStage(v.cfg.Dir); err != nil {
		return err
	}
	if err := v.finishWithdrawal(); err != nil {
		return err
	}
	v.live.Lock()
	defer v.live.Unlock()
	v.half = false // the last step may have been done and reported lost
	return nil
}

func (v *Vault) reread(renew bool) error {
	v.live.Lock()
	defer v.live.Unlock()
	b := newBook()
	if err := v.journal.read(b.enter); err != nil {
		return err
	}
	if b.slug != v.keys.Slug {
		return damaged(v.journal.name, "it is another member's")
	}
	var s seen
	if ok, err := v.cases.json(journalKey, &s); err != nil {
		return err
	} else if !ok {
		return fmt.Errorf("the store is empty: restore the folder from its newest backup")
	}
	if err := v.journal.follows(s); err != nil {
		return err
	}
	if err := v.feed.settle(b.parcels, renew); err != nil {
		return err
	}
	if err := v.journal.settle(renew); err != nil {
		return err
	}
	if _, err := b.ledger(); err != nil {
		return damaged(v.journal.name, err.Error())
	}
	v.book = b
	return errors.Join(v.see(s), v.readMeta(), v.readTombs())
}

// see tells the store how long the journal is.
func (v *Vault) see(before seen) error {
	now := seen{len(v.journal.heads), v.journal.head()}
	if now == before {
		return nil
	}
	return v.cases.update("journal", func(t badgerdb.Tx) error { return v.cases.setJSON(t, journalKey, now) })
}

// readMeta counts on above every known cutoff: the store may be older than the journal.
func (v *Vault) readMeta() error {
	m := meta{Next: 1}
	if _, err := v.cases.json(metaKey, &m); err != nil {
		return err
	}
	m.Next = max(m.Next, v.book.known()+1)
	v.meta, v.counts = m, &counts{}
	return nil
}

func (v *Vault) setMeta(m meta) error {
	err := v.cases.update("meta", func(t badgerdb.Tx) error { return v.cases.setJSON(t, metaKey, m) })
	if err == nil {
		v.live.Lock()
		v.meta, v.counts = m, &counts{}
		v.live.Unlock()
	}
	return err
}

// begin starts a change. What an earlier one left undone is finished first.
func (v *Vault) begin() error {
	v.work.Lock()
	if !v.stale {
		return nil
	}
	if err := v.recover(true); err != nil {
		v.work.Unlock()
		return err
	}
	v.stale = false
	return nil
}

func (v *Vault) end() { v.work.Unlock() }

// alone makes one change while no other is made, and names it where it fails.
func alone[T any](v *Vault, what string, change func() (T, error)) (T, error) {
	var none T
	if err := v.begin(); err != nil {
		return none, fmt.Errorf("%s: %w", what, err)
	}
	defer v.end()
	out, err := change()
	if err != nil {
		return none, fmt.Errorf("%s: %w", what, err)
	}
	return out, nil
}

// commit makes an entry durable in the journal, then in the feed, then tells the store.
// After an error it may have happened or not: the next change reads the disk again.
func (v *Vault) commit(e entry) error {
	v.live.Lock()
	defer v.live.Unlock()
	v.stale = true
	before := seen{len(v.journal.heads), v.journal.head()}
	if err := v.journal.append(e); err != nil {
		return err
	}
	if err := v.book.enter(e); err != nil {
		return err
	}
	if err := v.feed.append(v.book.parcels); err != nil {
		return err
	}
	if err := v.see(before); err != nil {
		return err
	}
	v.stale = false
	return nil
}

// Close closes the vault. What was reported done is on the disk already.
func (v *Vault) Close() error {
	v.work.Lock()
	defer v.work.Unlock()
	v.live.Lock()
	defer v.live.Unlock()
	return v.cases.db.Close()
}

// SetCodebook says what the cases are coded by from now on; nil changes nothing. It
// returns ErrCodebook if there are cases that are coded by another one.
func (v *Vault) SetCodebook(cb *schema.Codebook) error {
	if cb == nil {
		return nil
	}
	if err := v.begin(); err != nil {
		return fmt.Errorf("codebook: %w", err)
	}
	defer v.end()
	before := v.codebook
	v.live.Lock()
	v.codebook, v.counts = cb, &counts{}
	v.live.Unlock()
	if err := v.checkCodebook(); err != nil {
		v.live.Lock()
		v.codebook = before
		v.live.Unlock()
		return fmt.Errorf("codebook: %w", err)
	}
	return nil
}

// Codebook is what the cases are coded by from now on.
func (v *Vault) Codebook() *schema.Codebook {
	v.live.RLock()
	defer v.live.RUnlock()
	return v.codebook
}

// checkCodebook refuses to mix what two codebooks coded.
func (v *Vault) checkCodebook() error {
	if v.meta.Codebook.IsZero() || v.meta.Codebook == v.codebook.Hash() {
		return nil
	}
	if empty, err := v.cases.empty(); err != nil || empty {
		return err
	}
	return fmt.Errorf("%w: they are by %s, not by %s; clear them and import again",
		ErrCodebook, v.meta.Codebook.Short(), v.codebook.Hash().Short())
}

// Slug is the member's short name.
func (v *Vault) Slug() schema.Slug { return v.signer.Slug() }

// MemberKey is the verifier key of the member key, which does not leave the vault.
func (v *Vault) MemberKey() string { return v.signer.VerifierKey() }

// BoxKey is the age recipient that others seal to.
func (v *Vault) BoxKey() string {
	id, err := v.box()
	if err != nil {
		return "" // cannot be: readKeys has checked it
	}
	return id.Recipient().String()
}

// BoxIdentity opens what was sealed to BoxKey, for bundle.Open. It is a secret.
func (v *Vault) BoxIdentity() string { return v.keys.Box }
