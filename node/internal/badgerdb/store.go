package badgerdb

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// What a caller branches on.
var (
	ErrLocked = errors.New("another process holds the store")
	ErrKey    = errors.New("the store is encrypted with another key")
	ErrDisk   = errors.New("the disk is too full")
)

// MaxValue is the largest value, in bytes; more would go to the value log.
const MaxValue = 320 << 10

// Config says where a store is and how much of the disk it leaves alone.
type Config struct {
	Dir string // made with 0700 where it is missing
	Key []byte // 16, 24 or 32 bytes: Badger's own encryption, unauthenticated; nil: none
	// MinFree is how many bytes stay free on the disk; 0: 128 MiB. Room refuses below it.
	MinFree uint64
	// Ballast is the size of a file that Open gives back when the disk is full, so that
	// there is always enough to open the store; 0: 16 MiB, -1: none.
	Ballast int64
	// Free measures the free bytes of a folder's disk; nil: asks the system.
	Free func(dir string) (uint64, error)
	// Probe is the command that calls Probe: a child that opens the store before this
	// process does, so that it is not this one which Badger ends over damaged files; nil:
	// nobody does.
	Probe []string
}

const (
	defaultMinFree = 128 << 20
	defaultBallast = 16 << 20
)

func (c *Config) defaults() {
	if c.MinFree == 0 {
		c.MinFree = defaultMinFree
	}
	if c.Ballast == 0 {
		c.Ballast = defaultBallast
	}
	if c.Free == nil {
		c.Free = free
	}
}

func (c *Config) validate() error {
	switch {
	case c.Dir == "":
		return fmt.Errorf("store: no folder")
	case len(c.Key) != 0 && len(c.Key) != 16 && len(c.Key) != 24 && len(c.Key) != 32:
		return fmt.Errorf("store: key of %d bytes, want 16, 24 or 32", len(c.Key))
	}
	return nil
}

// Store is an open Badger. Its methods may be called from several goroutines.
type Store struct {
	cfg Config
	db  *badger.DB
}

// Open opens a store, or makes one. Other users get no access to any file of the
// process from here on: the umask becomes 077.
func Open(cfg Config) (*Store, error) {
	cfg.defaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	ownerOnly()
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if err := cfg.giveBack(); err != nil {
		return nil, err
	}
	if err := cfg.probe(); err != nil {
		return nil, err
	}
	db, err := openPatiently(cfg)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", cfg.Dir, advise(err))
	}
	s := &Store{cfg, db}
	if err := cfg.takeBack(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// advise adds what to do to an error that is Badger's own.
func advise(err error) error {
	if errors.Is(err, ErrLocked) {
		return err
	}
	return fmt.Errorf("%w: if its files are damaged, restore the folder from its newest backup", err)
}

// A process that is killed in the moment of starting a child leaves the lock with the
// child until that has begun its own program: a restart right after waits for it.
const (
	lockTries = 40
	lockPause = 50 * time.Millisecond
)

func openPatiently(cfg Config) (db *badger.DB, err error) {
	for range lockTries {
		if db, err = openBadger(cfg); !errors.Is(err, ErrLocked) {
			return db, err
		}
		time.Sleep(lockPause)
	}
	return nil, err
}

func openBadger(cfg Config) (*badger.DB, error) {
	db, err := badger.Open(smallBox(cfg))
	if err == nil {
		return db, nil
	}
	switch text := err.Error(); {
	// Badger turns the system's error into text.
	case strings.Contains(text, "Another process is using this Badger database"):
		return nil, ErrLocked
	case errors.Is(err, badger.ErrEncryptionKeyMismatch):
		return nil, ErrKey
	}
	// A kill between creating and sizing a file leaves an empty one. Badger sizes it and
	// then refuses, once (badger #2207). Removing empty files beforehand instead would
	// take them from a process that holds the lock.
	if !strings.Contains(err.Error(), "Create a new file") {
		return nil, err
	}
	return badger.Open(smallBox(cfg))
}

func smallBox(cfg Config) badger.Options {
	return badger.DefaultOptions(cfg.Dir).
		WithLogger(nil).
		WithMetricsEnabled(false).
		WithSyncWrites(true).
		WithMemTableSize(4 << 20).
		WithNumMemtables(2).
		WithNumLevelZeroTables(2).
		WithNumLevelZeroTablesStall(4).
		WithNumCompactors(2).
		WithValueLogFileSize(16 << 20).
		WithValueThreshold(MaxValue).
		WithBlockCacheSize(4 << 20). // 0 panics with encryption
		WithIndexCacheSize(2 << 20).
		WithCompression(options.None).
		// Else a flipped bit is found by a panic of Badger's own, some day.
		WithChecksumVerificationMode(options.OnTableAndBlockRead).
		WithEncryptionKey(cfg.Key)
}

// Close writes what is in memory out and gives the lock back.
func (s *Store) Close() error {
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("store: close: %w", err)
	}
	return nil
}

// Tx is one transaction.
type Tx struct{ txn *badger.Txn }

// Get returns a copy of a value, or nil if the key has none.
func (t Tx) Get(key []byte) ([]byte, error) {
	item, err := t.txn.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return item.ValueCopy(nil)
}

// Set writes a value. Key and value must not change before the transaction ends.
func (t Tx) Set(key, value []byte) error {
	if err := checkValue(value); err != nil {
		return err
	}
	return t.txn.Set(key, value)
}

// Delete removes a key. Its value stays in Badger's files until they are rewritten.
func (t Tx) Delete(key []byte) error { return t.txn.Delete(key) }

func checkValue(value []byte) error {
	if len(value) == 0 || len(value) > MaxValue {
		return fmt.Errorf("value of %d bytes, want 1 to %d", len(value), MaxValue)
	}
	return nil
}

// Update runs a transaction that is on the disk when Update returns nil.
func (s *Store) Update(fn func(Tx) error) error {
	if err := s.db.Update(func(txn *badger.Txn) error { return fn(Tx{txn}) }); err != nil {
		return fmt.Errorf("store: write: %w", err)
	}
	return nil
}

// View runs a transaction that only reads, from one moment's state.
func (s *Store) View(fn func(Tx) error) error {
	return s.db.View(func(txn *badger.Txn) error { return fn(Tx{txn}) })
}

// Get returns a copy of a value, or nil if the key has none.
func (s *Store) Get(key []byte) (value []byte, err error) {
	err = s.View(func(t Tx) error {
		value, err = t.Get(key)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: read: %w", err)
	}
	return value, nil
}

// Scan calls fn for every key with the prefix, in the order of keys, from one moment's
// state. Key and value are good until fn returns.
func (s *Store) Scan(prefix []byte, fn func(key, value []byte) error) error {
	return s.View(func(t Tx) error { return t.Scan(prefix, fn) })
}

// Scan is Store.Scan within the transaction.
func (t Tx) Scan(prefix []byte, fn func(key, value []byte) error) error {
	it := t.txn.NewIterator(badger.IteratorOptions{PrefetchValues: true, PrefetchSize: 128, Prefix: prefix})
	defer it.Close()
	for it.Rewind(); it.Valid(); it.Next() {
		item := it.Item()
		err := item.Value(func(value []byte) error { return fn(item.Key(), value) })
		if err != nil {
			return err
		}
	}
	return nil
}

// Batch writes much, in as many transactions as it takes; a crash may keep a part.
type Batch struct{ wb *badger.WriteBatch }

// Batch begins one. It must be ended with Flush or Cancel; Cancel after Flush is fine.
func (s *Store) Batch() *Batch {
	wb := s.db.NewWriteBatch()
	wb.SetMaxPendingTxns(4)
	return &Batch{wb}
}

// Set writes a value. Key and value must not change any more.
func (b *Batch) Set(key, value []byte) error {
	if err := checkValue(value); err != nil {
		return fmt.Errorf("store: batch: %w", err)
	}
	return b.wb.Set(key, value)
}

// Delete removes a key, which must not change any more.
func (b *Batch) Delete(key []byte) error { return b.wb.Delete(key) }

// Flush waits until everything is on the disk.
func (b *Batch) Flush() error {
	if err := b.wb.Flush(); err != nil {
		return fmt.Errorf("store: batch: %w", err)
	}
	return nil
}

// Cancel drops what has not been written yet.
func (b *Batch) Cancel() { b.wb.Cancel() }
