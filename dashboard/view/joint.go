package view

import (
	"slices"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// Opened is a joint release with its evidence.
type Opened struct {
	combine.Opening
	Agreement []byte        // the note, with its signature lines
	Signers   []schema.Slug // keepers whose lines it has
	Needed    int           // how many lines it needs, and sums open it
	Keepers   []schema.Slug // of the round
	Sums      []schema.Slug // keepers whose sums are here
	Liars     []schema.Slug // whose sums are not those of the others
}

// RoundState is how a joint round stands whose period's slot has come.
type RoundState struct {
	Period schema.Period
	Plan   schema.Hash
	State  string // one of the round states
	Have   int    // contributions that the keepers hold
	Least  int    // and the fewest that may be opened
}

// The states of a joint round.
const (
	RoundUnderWay      = "under way"
	RoundOpen          = "open"
	RoundVoid          = "void"
	RoundContradiction = "contradiction" // keepers have signed two agreements
)

// round is how a period's joint round stands, where it has opened nothing.
func (s *Snapshot) round(p schema.Period) (RoundState, bool) {
	i := slices.IndexFunc(s.Rounds, func(r RoundState) bool { return r.Period == p && r.State != RoundOpen })
	if i < 0 {
		return RoundState{}, false
	}
	return s.Rounds[i], true
}

// joint tells whether a period's plan is in joint mode.
func (s *Snapshot) joint(p schema.Period) bool {
	plan, _, ok := s.Book.Plan(p)
	return ok && plan.Mode == schema.Joint
}
