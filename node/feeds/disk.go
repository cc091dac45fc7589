package feeds

import (
	"bytes"
	"fmt"
	"maps"
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
func open(d disk, policy gate.Policy) (*Store, error) {
	s := &Store{policy: policy, disk: d, feeds: map[schema.Slug]*feed{}, has: map[schema.Hash]bool{}}
	if err := d.each(s.load); err != nil {
		return nil, fmt.Errorf("feeds: open: %w", err)
	}
	return s, nil
}

func (s *Store) load(key, value []byte) (err error) {
	name := string(key)
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
			s.state, s.has[schema.HashOf(value)] = next, true
		}
		return nil
	}
	a, err := gate.Reread(s.state, value)
	if err != nil {
		return nil
	}
	if a.Kind() == gate.Proof && name == string(keyOfProof(a.Member())) {
		s.dispute(a)
	}
	if a.Kind() == gate.Parcel && name == string(keyOfParcel(a.Member(), a.Sequence())) {
		s.place(a)
	}
	return nil
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
