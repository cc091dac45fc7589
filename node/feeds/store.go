package feeds

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"tidemark/node/gate"
	"tidemark/schema"
	"tidemark/schema/coalition"
)

// Config of a store on disk.
type Config struct {
	Dir string // made with 0700 where it is missing
	Key []byte // 32 bytes: Badger's encryption; nil: none
	// Probe is the command that opens the store before this process does; see badgerdb.
	Probe []string
	// Verified hears of every parcel right after its signatures were verified, on opening
	// and on Put, so that nobody has to verify it again. Calls come from several
	// goroutines and may not ask the store; nil: nobody listens.
	Verified func(*coalition.State, *schema.Codebook, gate.Accepted)
}

// Store keeps one coalition's notes. Its methods may be called from several goroutines.
// It is a gate.View. What is small is held in memory; the notes' bytes rest on the disk.
type Store struct {
	disk     disk
	verified func(*coalition.State, *schema.Codebook, gate.Accepted)

	writing sync.Mutex // held from the look at the head to the end of the commit

	mu       sync.RWMutex // guards what follows
	state    *coalition.State
	codebook *schema.Codebook
	feeds    map[schema.Slug]*feed
	desks    map[schema.Slug]*desk
	drafts   map[schema.Hash]gate.Draft
	has      map[schema.Hash]bool // SHA-256 of every act, parcel and proof
	revision uint64               // how often any of this has changed
}

// feed is one member's. Its slices only grow, or are replaced: readers keep what they got.
type feed struct {
	places   []gate.Place
	raw      []schema.Hash // SHA-256 of each parcel; zero in a hole
	disputed uint64
	proof    []byte
	alarm    uint64 // sequence of an alarm (gate.Accepted.Fork); 0: none
	alarming []byte // its parcel
	doubt    uint64 // a place whose other version is asked for; 0: none
}

// Memory is a store without a disk: for one run, and for simulations.
func Memory() *Store {
	s, err := open(newMemory(), Config{})
	if err != nil {
		panic(err) // an empty memory has nothing that could be wrong
	}
	return s
}

// Close releases the store.
func (s *Store) Close() error { return s.disk.close() }

// Found starts the store with a charter and its codebook's canonical JSON (nil: comes
// later). It is idempotent for the same charter and refuses another one.
func (s *Store) Found(charter, codebook []byte) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	state, err := coalition.Found(charter)
	if err != nil {
		return fmt.Errorf("feeds: found: %w", err)
	}
	if now := s.State(); now != nil {
		if now.ID() != state.ID() {
			return errors.New("feeds: found: holds another coalition")
		}
		state = now
	}
	cb, err := bookOf(state, codebook)
	if err != nil {
		return fmt.Errorf("feeds: found: %w", err)
	}
	changes := []change{{keyCharter, state.Log()[0]}}
	if cb != nil {
		changes = append(changes, change{keyCodebook, codebook})
	}
	if err := s.disk.commit(changes); err != nil {
		return fmt.Errorf("feeds: found: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = state
	if cb != nil {
		s.codebook = cb
	}
	s.revision++
	return nil
}

// bookOf reads the coalition's codebook and holds every adopted plan against it.
func bookOf(state *coalition.State, canonical []byte) (*schema.Codebook, error) {
	if canonical == nil {
		return nil, nil
	}
	cb, err := schema.ParseCodebook(canonical)
	if err != nil {
		return nil, err
	}
	if cb.Hash() != state.Charter().Codebook {
		return nil, errors.New("codebook: not the charter's")
	}
	return cb, state.CheckPlans(cb)
}

// Accept asks the gate and stores what it lets through. A contradiction returns a
// gate.Equivocation, whose proof is stored by then.
func (s *Store) Accept(raw []byte, now time.Time) (gate.Accepted, error) {
	const races = 8 + schema.MaxKeepers // with other goroutines, for one place; and keepers that may be shown to have lied
	var shown error
	for range races {
		a, err := gate.Check(s, raw, now)
		if err != nil {
			if err = s.learn(err); signedTwice(err) {
				shown = err // the agreement may be good all the same
				continue
			}
			return gate.Accepted{}, cmp.Or(shown, err)
		}
		if a.Kind() == gate.Proposal {
			if whole, p, err := s.grown(a); err == nil && p.Ready() {
				raw = whole // the last line came: an act
				continue
			}
		}
		if err = s.Put(a); err == nil {
			return a, nil
		}
		if !errors.Is(err, gate.ErrStale) && !errors.Is(err, gate.ErrGap) {
			return gate.Accepted{}, err
		}
	}
	return gate.Accepted{}, fmt.Errorf("feeds: accept: %w", gate.ErrStale)
}

// signedTwice tells the refusal that shows two agreements of one keeper.
func signedTwice(refused error) bool {
	var found *gate.Equivocation
	return errors.As(refused, &found) && found.Proof.SignedTwice()
}

// learn keeps what a refusal shows: a proof, or a place whose other version to ask for.
func (s *Store) learn(refused error) error {
	var fork *gate.Gap
	if errors.As(refused, &fork) && fork.Fork {
		s.doubt(fork.Member, fork.Sequence)
	}
	var found *gate.Equivocation
	if errors.As(refused, &found) {
		if found.Before {
			s.doubt(found.Proof.Member(), found.Proof.Sequence()-1)
		}
		if err := s.Put(found.Proof); errors.Is(err, gate.ErrStale) && !found.Proof.SignedTwice() {
			return gate.ErrEquivocation // another goroutine has stored it
		} else if err != nil && !errors.Is(err, gate.ErrStale) {
			return err
		}
	}
	return refused
}

func (s *Store) doubt(member schema.Slug, sequence uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.feed(member).doubt = sequence
}

// Put stores what a gate accepted, with its head, in one transaction. It refuses with
// gate.ErrStale or gate.ErrGap what has been overtaken since: ask the gate again.
func (s *Store) Put(a gate.Accepted) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	switch a.Kind() {
	case gate.Act:
		return s.putAct(a)
	case gate.Parcel:
		return s.putParcel(a)
	case gate.Proof:
		return s.putProof(a)
	case gate.Proposal:
		return s.putProposal(a)
	case gate.Pending, gate.Asked, gate.Answered, gate.Joint:
		return s.putSlip(a)
	}
	return errors.New("feeds: put: not made by a gate")
}

func (s *Store) putParcel(a gate.Accepted) error {
	if err := s.fits(a); err != nil {
		return err
	}
	changes := []change{{keyOfParcel(a.Member(), a.Sequence()), a.Raw()}}
	done := s.settledBy(a.Member(), a.Sequence(), a.Place())
	for _, note := range done {
		changes = append(changes, change{key: keyOfSlip(a.Member(), note)})
	}
	ended := s.endedBy(a)
	for member, notes := range ended {
		for _, note := range notes {
			changes = append(changes, change{key: keyOfSlip(member, note)})
		}
	}
	if err := s.disk.commit(changes); err != nil {
		return fmt.Errorf("feeds: put: %w", err)
	}
	s.hear(a)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.place(a)
	s.clear(a.Member(), done)
	s.clearRound(ended)
	return nil
}

// hear tells the listener; s.mu is not held.
func (s *Store) hear(a gate.Accepted) {
	if s.verified != nil {
		s.verified(s.State(), s.Codebook(), a)
	}
}

// fits looks again at what may have changed since the gate looked.
func (s *Store) fits(a gate.Accepted) error {
	have := s.Feed(a.Member())
	head, id := have.Head()
	_, taken := have.At(a.Sequence())
	claim := have.Claim(a.Place().Plan, a.Place().Period)
	switch {
	case taken, claim != 0 && !a.Place().Period.IsZero():
		return fmt.Errorf("feeds: put: %w", gate.ErrStale)
	case a.Sequence() > head+1, a.Sequence() == head+1 && a.Place().Previous != id:
		return fmt.Errorf("feeds: put: %w", gate.ErrGap)
	}
	return nil
}

// place takes a parcel into memory: at the end, or into a hole of copied slices.
func (s *Store) place(a gate.Accepted) {
	f := s.feed(a.Member())
	i := int(a.Sequence()) - 1
	if i < len(f.places) {
		f.places, f.raw = slices.Clone(f.places), slices.Clone(f.raw)
	}
	for len(f.places) <= i {
		f.places, f.raw = append(f.places, gate.Place{}), append(f.raw, schema.Hash{})
	}
	f.places[i], f.raw[i] = a.Place(), schema.HashOf(a.Raw())
	s.has[f.raw[i]] = true
	s.revision++
}

func (s *Store) putProof(a gate.Accepted) error {
	m := s.State().Roster().Member(a.Member())
	had := s.Feed(a.Member())
	before, key := had.Disputed, keyOfProof(a.Member())
	if !a.Fork() {
		before, key = had.Alarm, keyOfAlarm(a.Member())
	}
	known := before != 0 && (before <= a.Sequence() || !a.Fork())
	if m == nil || a.Sequence() <= m.Sequence || before > m.Sequence && known {
		return fmt.Errorf("feeds: put: %w", gate.ErrStale)
	}
	if err := s.disk.commit([]change{{key, a.Raw()}}); err != nil {
		return fmt.Errorf("feeds: put: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dispute(a)
	return nil
}

// dispute takes a proof into memory; s.mu is held.
func (s *Store) dispute(a gate.Accepted) {
	f := s.feed(a.Member())
	s.revision++
	s.has[schema.HashOf(a.Raw())] = true
	if !a.Fork() {
		delete(s.has, schema.HashOf(f.alarming))
		f.alarm, f.alarming = a.Sequence(), bytes.Clone(a.Raw())
		return
	}
	delete(s.has, schema.HashOf(f.proof))
	f.disputed, f.proof = a.Sequence(), bytes.Clone(a.Raw())
	if f.doubt >= f.disputed {
		f.doubt = 0
	}
}

// feed is the member's, made where it is missing; s.mu is held.
func (s *Store) feed(member schema.Slug) *feed {
	f := s.feeds[member]
	if f == nil {
		f = &feed{}
		s.feeds[member] = f
	}
	return f
}
