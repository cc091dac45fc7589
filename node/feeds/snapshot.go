package feeds

import (
	"bytes"
	"fmt"

	"tidemark/node/gate"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// Snapshot is everything that a store held at one moment, without the notes' bytes.
type Snapshot struct {
	Revision uint64
	State    *coalition.State // nil before Found
	Codebook *schema.Codebook
	Feeds    []Held // by order of admission
}

// Held is one member's feed in a snapshot.
type Held struct {
	Member schema.Slug
	gate.Feed
	Raw   []schema.Hash // SHA-256 of each place's parcel; zero in a hole
	proof []byte        // of a fork: a parcel of both notes
	alarm []byte        // likewise
}

// Settled is the highest sequence that is not in dispute.
func (h Held) Settled() uint64 { return settled(h.Feed) }

// Revision is raised by everything that changes what the store holds.
func (s *Store) Revision() uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.revision
}

// Snapshot is what the store holds now.
func (s *Store) Snapshot() Snapshot {
	s.mu.RLock()
	defer s.mu.RUnlock()
	now := Snapshot{Revision: s.revision, State: s.state, Codebook: s.codebook}
	if s.state == nil {
		return now
	}
	for _, m := range s.state.Roster().Members {
		h := Held{Member: m.Slug}
		if f := s.feeds[m.Slug]; f != nil {
			n := len(f.places)
			h.Feed = gate.Feed{Places: f.places[:n:n], Disputed: f.disputed, Alarm: f.alarm}
			h.Raw, h.proof, h.alarm = f.raw[:n:n], f.proof, f.alarming
		}
		now.Feeds = append(now.Feeds, h)
	}
	return now
}

// Notes are the two notes that contradict each other, as they were signed.
func (d Dispute) Notes() (notes [2][]byte, err error) {
	packed, err := wire.Unpack(d.Raw)
	if err != nil || len(packed) != len(notes) {
		return notes, fmt.Errorf("feeds: dispute: not a parcel of two notes")
	}
	return [2][]byte(packed), nil
}

// Disputes are the proofs against the feed's member: at most a fork and an alarm.
func (h Held) Disputes() []Dispute {
	var all []Dispute
	if h.Disputed > 0 {
		all = append(all, Dispute{h.Member, h.Disputed, bytes.Clone(h.proof), true})
	}
	if h.Alarm > 0 {
		all = append(all, Dispute{h.Member, h.Alarm, bytes.Clone(h.alarm), false})
	}
	return all
}
