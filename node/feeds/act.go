package feeds

import (
	"fmt"

	"tidemark/node/gate"
	"tidemark/schema"
)

// putAct stores an act. One that replaces a member's key names the head from which the
// feed goes on: what stands after it goes, and a feed that took the other version of a
// dispute goes back to where both part, to be fetched again.
func (s *Store) putAct(a gate.Accepted) error {
	version := s.State().Roster().Version
	if a.Sequence() <= version {
		return fmt.Errorf("feeds: put: %w", gate.ErrStale)
	}
	if a.Sequence() != version+1 {
		return fmt.Errorf("feeds: put: %w", gate.ErrGap)
	}
	changes := append([]change{{keyOfAct(a.Sequence()), a.Raw()}}, s.overtaken()...)
	cuts := s.cuts(a)
	var swept []func()
	for member, keep := range cuts {
		changes = append(changes, s.cut(member, keep)...)
		gone, done := s.sweep(member) // it was signed with the key before
		changes, swept = append(changes, gone...), append(swept, done)
	}
	if err := s.disk.commit(changes); err != nil {
		return fmt.Errorf("feeds: put: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = a.State()
	s.has[schema.HashOf(a.Raw())] = true
	for member, keep := range cuts {
		s.forget(member, keep)
	}
	clear(s.drafts)
	for _, done := range swept {
		done()
	}
	s.revision++
	return nil
}

// cuts finds the feeds that an act shortens, and how many places each keeps.
func (s *Store) cuts(a gate.Accepted) map[schema.Slug]uint64 {
	cuts := map[schema.Slug]uint64{}
	for _, m := range a.State().Roster().Members {
		before := s.State().Roster().Member(m.Slug)
		if before == nil || before.MemberKey == m.MemberKey {
			continue
		}
		cuts[m.Slug] = keeps(s.Feed(m.Slug), m)
	}
	return cuts
}

func keeps(f gate.Feed, m schema.Member) uint64 {
	head, _ := f.Head()
	if head < m.Sequence {
		return head
	}
	if p, ok := f.At(m.Sequence); ok && p.ID == m.Head || m.Sequence == 0 {
		return m.Sequence
	}
	if f.Disputed > 0 {
		return min(f.Disputed-1, head)
	}
	return 0
}

// cut lists the deletions that leave a feed with so many places and no proof.
func (s *Store) cut(member schema.Slug, keep uint64) []change {
	changes := []change{{key: keyOfProof(member)}, {key: keyOfAlarm(member)}}
	head, _ := s.Feed(member).Head()
	for sequence := keep + 1; sequence <= head; sequence++ {
		changes = append(changes, change{key: keyOfParcel(member, sequence)})
	}
	return changes
}

// forget does in memory what cut does on the disk.
func (s *Store) forget(member schema.Slug, keep uint64) {
	f := s.feed(member)
	for _, raw := range f.raw[min(keep, uint64(len(f.raw))):] {
		delete(s.has, raw)
	}
	delete(s.has, schema.HashOf(f.proof))
	delete(s.has, schema.HashOf(f.alarming))
	n := min(keep, uint64(len(f.places)))
	s.feeds[member] = &feed{places: f.places[:n:n], raw: f.raw[:n:n]}
}
