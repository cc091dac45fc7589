package coalition

import (
	"slices"
	"sort"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// How witnesses are chosen (C19 to C21).
const (
	rosterNotice = 7  // days before a period's end at which its roster is fixed
	maxWitnesses = 15 // of one intent
)

// RosterFor is the version that says who witnesses a period: that of the last act whose
// adoption, and that of all before it, was over 7 days before the period's end, so that
// an act which admins sign slowly cannot change the witnesses of what has been drawn. For
// periods before there was such an act it is the version that first made three members
// active, before which nobody draws real cases.
func (s *State) RosterFor(p schema.Period) uint64 {
	day := p.End() - rosterNotice
	after := sort.Search(len(s.settled), func(i int) bool { return s.settled[i] > day })
	return max(uint64(max(after-1, 0)), s.opening)
}

// Witnesses are the members whose lines a member's intent for a period asks for: of
// those active at RosterFor, up to 15 that come next after it in the order of admission,
// going round; and how many of their lines it needs, so that two quorums share an honest
// witness. A member of a coalition of one has no witnesses and needs no line.
func (s *State) Witnesses(m schema.Slug, p schema.Period) (witnesses []schema.Slug, quorum int) {
	seat, version := s.seat(m), s.RosterFor(p)
	if seat < 0 {
		return nil, 0
	}
	n := len(s.roster.Members)
	for step := 1; step < n && len(witnesses) < maxWitnesses; step++ {
		other := (seat + step) % n
		if s.activeAt(other, version) {
			witnesses = append(witnesses, s.roster.Members[other].Slug)
		}
	}
	return witnesses, quorumOf(len(witnesses))
}

// Lines counts the witnesses of an intent among the verifier keys that have signed it, and
// how many of them it needs.
func (s *State) Lines(i schema.Intent, signers []string) (have, want int) {
	witnesses, want := s.Witnesses(i.Member, i.Period)
	for _, key := range signers {
		if slug, err := wire.SlugOf(key); err == nil && slices.Contains(witnesses, slug) {
			have++
		}
	}
	return have, want
}

// Quorate tells whether an intent asks the witnesses of its period and has the lines of a
// quorum of them.
func (s *State) Quorate(i schema.Intent, signers []string) bool {
	have, want := s.Lines(i, signers)
	return i.Roster == s.RosterFor(i.Period) && have >= want
}

func quorumOf(w int) int {
	if w == 0 {
		return 0
	}
	liars := (w - 1) / 3
	return (w+liars)/2 + 1
}

func (s *State) activeAt(seat int, version uint64) bool {
	return s.statusIn(seat, version).status == schema.Active
}

// statusIn is what a seat was in a version.
func (s *State) statusIn(seat int, version uint64) (in statusAt) {
	for _, at := range s.statuses[seat] {
		if at.version <= version {
			in = at
		}
	}
	return in
}
