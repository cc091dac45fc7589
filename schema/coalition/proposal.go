package coalition

import (
	"fmt"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// Proposal is an act before it is adopted: what it would do, and whose lines it lacks.
type Proposal struct {
	Act    schema.Act
	ID     schema.Hash   // of the act's note, whoever has signed
	Signed []schema.Slug // the admins whose lines it has, old and new, in their order
	// Missing is how many more of the present admins must sign; MissingNew, of those that
	// it would put in their place. Who is both counts in both.
	Missing, MissingNew int
}

// Ready tells whether nobody's line is missing any more.
func (p Proposal) Ready() bool { return p.Missing == 0 && p.MissingNew == 0 }

// Expired tells whether the last day on which it may be signed and adopted has passed (C5).
func (p Proposal) Expired(today schema.Date) bool { return today > p.Act.Expires }

// Draft checks everything about an act that Apply checks, except that it has enough
// lines: it comes next, every line is an admin's, and what it does can be done (C23).
// Nothing changes by it.
func (s *State) Draft(raw []byte) (Proposal, error) {
	a, err := s.coming(raw)
	if err != nil {
		return Proposal{}, fmt.Errorf("proposal%s: %w", placeOf(a), err)
	}
	v, err := s.verify(raw, a.Change)
	if err != nil {
		return Proposal{}, fmt.Errorf("proposal%s: %w", placeOf(a), err)
	}
	if _, err := s.changed(a); err != nil {
		return Proposal{}, fmt.Errorf("proposal%s: %w", placeOf(a), err)
	}
	return s.count(v, a), nil
}

// count says whose lines are there and how many are missing.
func (s *State) count(v wire.Verified, a schema.Act) Proposal {
	set := newAdmins(a.Change)
	return Proposal{
		Act: a, ID: v.ID(),
		Missing:    max(0, s.roster.Threshold-v.SignedBy(s.roster.Admins)),
		MissingNew: max(0, set.Threshold-v.SignedBy(set.Admins)),
		Signed:     v.Slugs(),
	}
}
