package nodetest

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"github.com/dgraph-io/badger/v4"

	"tidemark/node/internal/tap"
)

// Overheard is what was said on every stream of every host over TCP, before it was
// encrypted, each direction at both of its ends.
type Overheard struct {
	mu   sync.Mutex
	said []*bytes.Buffer
}

// Overhear listens to all hosts that are made from here on, until the test ends.
func Overhear(t testing.TB) *Overheard {
	o := &Overheard{}
	t.Cleanup(tap.Listen(func() tap.Listener { return o.Stream() }))
	return o
}

// Stream hears one direction of one more stream.
func (o *Overheard) Stream() func([]byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	said := &bytes.Buffer{}
	o.said = append(o.said, said)
	return func(b []byte) {
		o.mu.Lock()
		defer o.mu.Unlock()
		said.Write(b)
	}
}

// Said is a copy of it all, stream by stream.
func (o *Overheard) Said() [][]byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := make([][]byte, len(o.said))
	for i, said := range o.said {
		all[i] = bytes.Clone(said.Bytes())
	}
	return all
}

// Stored is every key and value in a closed store of feeds, all versions that Badger
// still has, those that were deleted too.
func Stored(dir string) (all [][]byte, err error) {
	db, err := badger.Open(badger.DefaultOptions(dir).WithLogger(nil).WithNumVersionsToKeep(1 << 20))
	if err != nil {
		return nil, fmt.Errorf("nodetest: stored: %w", err)
	}
	defer db.Close()
	err = db.View(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.IteratorOptions{AllVersions: true})
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			value, err := it.Item().ValueCopy(nil)
			if err != nil {
				return err
			}
			all = append(all, it.Item().KeyCopy(nil), value)
		}
		return nil
	})
	return all, err
}

// Store sets a key of a closed store of feeds, which nothing but a test would.
func Store(dir string, key, value []byte) error {
	db, err := badger.Open(badger.DefaultOptions(dir).WithLogger(nil).WithNumVersionsToKeep(1 << 20))
	if err != nil {
		return fmt.Errorf("nodetest: store: %w", err)
	}
	defer db.Close()
	return db.Update(func(txn *badger.Txn) error { return txn.Set(key, value) })
}
