package feeds

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"

	"tidemark/node/gate"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// Parcel is one stored place of a feed.
type Parcel struct {
	Member   schema.Slug
	Sequence uint64
	Place    gate.Place
	Raw      []byte
}

// Notes opens the parcel for readers: its verified notes, the release last.
func (p Parcel) Notes(ring wire.Ring) ([]wire.Verified, error) {
	packed, err := wire.Unpack(p.Raw)
	if err != nil {
		return nil, fmt.Errorf("feeds: parcel: %w", err)
	}
	notes := make([]wire.Verified, len(packed))
	for i, n := range packed {
		if notes[i], err = wire.Verify(n, ring); err != nil {
			return nil, fmt.Errorf("feeds: parcel: %w", err)
		}
	}
	return notes, nil
}

// Dispute is a stored proof: two notes of one member where one may be.
type Dispute struct {
	Member   schema.Slug
	Sequence uint64 // the lowest in dispute
	Raw      []byte // a parcel of both notes; never a release
	// Fork: the feed goes two ways from here on. Else it is an alarm: two copies of the
	// member's folder are at work, of which only one gets its quorum; or it signed twice as a
	// keeper.
	Fork bool
}

// State is the coalition now; nil before Found.
func (s *Store) State() *coalition.State {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.state
}

// Codebook is the coalition's; nil while it is not there.
func (s *Store) Codebook() *schema.Codebook {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.codebook
}

// Feed is what is stored of a member's feed.
func (s *Store) Feed(member schema.Slug) gate.Feed {
	s.mu.RLock()
	defer s.mu.RUnlock()
	f := s.feeds[member]
	if f == nil {
		return gate.Feed{}
	}
	return gate.Feed{Places: f.places[:len(f.places):len(f.places)], Disputed: f.disputed, Alarm: f.alarm}
}

// Has tells whether these bytes are stored.
func (s *Store) Has(raw schema.Hash) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.has[raw]
}

// Statement is what a proof would show of a stored place.
func (s *Store) Statement(member schema.Slug, sequence uint64) ([]byte, error) {
	p, err := s.Parcel(member, sequence)
	if err != nil {
		return nil, err
	}
	packed, err := wire.Unpack(p.Raw)
	if err != nil {
		return nil, fmt.Errorf("feeds: statement: %w", err)
	}
	if body, err := wire.Peek(packed[0]); err == nil && body.Kind() == schema.KindAgreement {
		return packed[len(packed)-1], nil
	}
	return packed[0], nil
}

// Agreement is the one that a stored sum is of.
func (s *Store) Agreement(member schema.Slug, sequence uint64) ([]byte, error) {
	p, err := s.Parcel(member, sequence)
	if err != nil {
		return nil, err
	}
	packed, err := wire.Unpack(p.Raw)
	if err != nil || p.Place.Kind != schema.KindSum {
		return nil, fmt.Errorf("feeds: agreement: no sum stands there")
	}
	return packed[0], nil
}

// errMissing: the place is not stored, or the disk lost it.
var errMissing = errors.New("missing")

// Parcel reads one place. What the disk has lost or changed becomes a hole.
func (s *Store) Parcel(member schema.Slug, sequence uint64) (Parcel, error) {
	place, ok := s.Feed(member).At(sequence)
	if !ok {
		return Parcel{}, fmt.Errorf("feeds: parcel %s %d: %w", member, sequence, errMissing)
	}
	raw, err := s.disk.get(keyOfParcel(member, sequence))
	if err != nil || !s.Has(schema.HashOf(raw)) {
		s.lose(member, sequence, place)
		return Parcel{}, fmt.Errorf("feeds: parcel %s %d: %w", member, sequence, errMissing)
	}
	return Parcel{Member: member, Sequence: sequence, Place: place, Raw: raw}, nil
}

// lose makes a hole, unless the place has changed meanwhile.
func (s *Store) lose(member schema.Slug, sequence uint64, lost gate.Place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.feed(member)
	i := int(sequence) - 1
	if i >= len(f.places) || f.places[i] != lost {
		return
	}
	s.revision++
	delete(s.has, f.raw[i])
	if i == len(f.places)-1 { // the head: just a shorter feed
		f.places, f.raw = f.places[:i:i], f.raw[:i:i]
		return
	}
	f.places, f.raw = slices.Clone(f.places), slices.Clone(f.raw)
	f.places[i], f.raw[i] = gate.Place{}, schema.Hash{}
}

// Parcels iterates a member's places from a sequence on, in order, without holes and
// without what is in dispute.
func (s *Store) Parcels(member schema.Slug, from uint64) iter.Seq2[Parcel, error] {
	return func(yield func(Parcel, error) bool) {
		for sequence := max(from, 1); sequence <= settled(s.Feed(member)); sequence++ {
			p, err := s.Parcel(member, sequence)
			if errors.Is(err, errMissing) {
				continue
			}
			if !yield(p, err) {
				return
			}
		}
	}
}

// settled is the highest sequence that is not in dispute.
func settled(f gate.Feed) uint64 {
	head, _ := f.Head()
	if f.Disputed > 0 {
		head = min(head, f.Disputed-1)
	}
	return head
}

// All iterates every member's places as Parcels does, by order of admission.
func (s *Store) All() iter.Seq2[Parcel, error] {
	return func(yield func(Parcel, error) bool) {
		for _, m := range s.members() {
			for p, err := range s.Parcels(m.Slug, 1) {
				if !yield(p, err) {
					return
				}
			}
		}
	}
}

func (s *Store) members() []schema.Member {
	st := s.State()
	if st == nil {
		return nil
	}
	return st.Roster().Members
}

// Disputes lists the stored proofs by order of admission, at most two a member.
func (s *Store) Disputes() []Dispute {
	var all []Dispute
	for _, h := range s.Snapshot().Feeds {
		all = append(all, h.Disputes()...)
	}
	return all
}

// Fork is the stored proof that a member's feed goes two ways; nil: there is none.
func (s *Store) Fork(member schema.Slug) []byte {
	fork, _ := s.proofs(member)
	return bytes.Clone(fork)
}

// Digest sums up what the store holds and nobody disputes: two members with equal
// digests hold the same notes.
func (s *Store) Digest() schema.Hash {
	st := s.State()
	if st == nil {
		return schema.Hash{}
	}
	var b bytes.Buffer
	id := st.ID()
	b.Write(id[:])
	for _, act := range st.Log() {
		h := schema.HashOf(act)
		b.Write(h[:])
	}
	for _, m := range st.Roster().Members {
		f := s.Feed(m.Slug)
		n := settled(f)
		fmt.Fprintf(&b, "%s %d %d\n", m.Slug, n, f.Disputed)
		for _, p := range f.Places[:n] {
			b.Write(p.ID[:])
		}
	}
	return schema.HashOf(b.Bytes())
}

// Keys sort as the store is read back: charter, codebook, acts, parcels, proofs, desks,
// proposals.
var (
	keyCharter  = []byte("1charter")
	keyCodebook = []byte("2codebook")
)

const (
	prefixAct    = "3act/"
	prefixParcel = "4parcel/"
	prefixProof  = "5proof/"
	prefixAlarm  = "5alarm/"
)

func keyOfAct(version uint64) []byte { return keyOfSequence(prefixAct, version) }

func keyOfParcel(member schema.Slug, sequence uint64) []byte {
	return keyOfSequence(prefixParcel+string(member)+"/", sequence)
}

func keyOfSequence(prefix string, sequence uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte(prefix), sequence)
}

func keyOfProof(member schema.Slug) []byte { return []byte(prefixProof + string(member)) }
func keyOfAlarm(member schema.Slug) []byte { return []byte(prefixAlarm + string(member)) }
