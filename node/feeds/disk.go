package feeds

import (
	"bytes"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"

	"tidemark/node/gate"
	"tidemark/schema"
	"tidemark/schema/coalition"
)

// disk keeps keys and values. Its methods may be called from several goroutines.
type disk interface {
	// each calls fn for every pair by order of key; a value that does not read is nil.
	each(fn func(key, value []byte) error) error
	get(key []byte) ([]byte, error)
	// commit writes all changes or none, and returns when they are durable.
	commit([]change) error
	close() error
}

// change sets a key, or deletes it where value is nil.
type change struct{ key, value []byte }

// open reads a disk back. What does not verify is left out: catch-up brings it again.
func open(d disk, cfg Config) (*Store, error) {
	s := &Store{
		verified: cfg.Verified, disk: d,
		feeds: map[schema.Slug]*feed{}, desks: map[schema.Slug]*desk{}, drafts: map[schema.Hash]gate.Draft{}, has: map[schema.Hash]bool{},
	}
	l := &loading{store: s, work: make(chan stored, 64)}
	for range runtime.GOMAXPROCS(0) {
		l.workers.Go(l.verify)
	}
	err := d.each(l.take)
	close(l.work)
	l.workers.Wait()
	if err != nil {
		return nil, fmt.Errorf("feeds: open: %w", err)
	}
	for _, a := range l.proofs { // last, as they were found
		s.dispute(a)
	}
	l.layDesks()
	return s, nil
}

// stored is a pair of the disk.
type stored struct {
	key   string
	value []byte
}

// loading is a store on its way up. One goroutine reads the disk and folds the acts, which
// come first by their keys; then all processors verify parcels and proofs against the
// state that this gave.
type loading struct {
	store   *Store
	work    chan stored
	workers sync.WaitGroup

	mu     sync.Mutex // guards the store's places and
	proofs []gate.Accepted
	slips  []gate.Accepted
}

func (l *loading) take(key, value []byte) (err error) {
	s, name := l.store, string(key)
	switch {
	case bytes.Equal(key, keyCharter):
		// Without its charter a store is nothing: this one is an error.
		s.state, err = coalition.Found(value)
		return err
	case bytes.Equal(key, keyCodebook):
		s.codebook, err = schema.ParseCodebook(value)
		return err
	case s.state == nil:
		return fmt.Errorf("no charter")
	case strings.HasPrefix(name, prefixAct):
		if next, err := s.state.Apply(value); err == nil {
			s.state = next
			s.has[schema.HashOf(value)] = true
		}
		return nil
	}
	if strings.HasPrefix(name, prefixDraft) {
		if p, err := s.state.Draft(value); err == nil && name == string(keyOfDraft(p.ID)) {
			s.mu.Lock()
			s.draft(bytes.Clone(value), p)
			s.mu.Unlock()
		}
		return nil
	}
	l.work <- stored{name, bytes.Clone(value)}
	return nil
}

func (l *loading) verify() {
	for w := range l.work {
		a, err := gate.Reread(l.store.state, w.value)
		if err != nil || w.key != string(keyOf(a)) {
			continue
		}
		if a.Kind() == gate.Parcel {
			l.store.hear(a)
		}
		l.mu.Lock()
		switch a.Kind() {
		case gate.Parcel:
			l.store.place(a)
		case gate.Proof:
			l.proofs = append(l.proofs, a)
		default:
			l.slips = append(l.slips, a)
		}
		l.mu.Unlock()
	}
}

// keyOf is where something is stored.
func keyOf(a gate.Accepted) []byte {
	switch {
	case a.Kind() == gate.Parcel:
		return keyOfParcel(a.Member(), a.Sequence())
	case a.Kind() == gate.Proof && a.Fork():
		return keyOfProof(a.Member())
	case a.Kind() == gate.Proof:
		return keyOfAlarm(a.Member())
	}
	return keyOfSlip(a.Member(), a.Notes()[0])
}

// layDesks lays out what is still under way, the checks before what was answered to them.
func (l *loading) layDesks() {
	for _, kind := range []gate.Kind{gate.Pending, gate.Asked, gate.Answered, gate.Joint} {
		for _, a := range l.slips {
			head, _ := l.store.Feed(a.Member()).Head()
			if a.Kind() == kind && (kind != gate.Pending || a.Sequence() > head) {
				l.store.lay(a.Member(), a.Notes()[0])
			}
		}
	}
}

// memory is the disk of Memory.
type memory struct {
	mu     *sync.RWMutex
	values map[string][]byte
}

func newMemory() memory { return memory{&sync.RWMutex{}, map[string][]byte{}} }

func (m memory) each(fn func(key, value []byte) error) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, k := range slices.Sorted(maps.Keys(m.values)) {
		if err := fn([]byte(k), m.values[k]); err != nil {
			return err
		}
	}
	return nil
}

func (m memory) get(key []byte) ([]byte, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	v, ok := m.values[string(key)]
	if !ok {
		return nil, errMissing
	}
	return v, nil
}

func (m memory) commit(changes []change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range changes {
		if c.value == nil {
			delete(m.values, string(c.key))
			continue
		}
		m.values[string(c.key)] = bytes.Clone(c.value)
	}
	return nil
}

func (memory) close() error { return nil }
