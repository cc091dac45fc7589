package coalition

import (
	"fmt"
	"slices"

	"tidemark/schema"
)

// Agreeable holds an agreement against its round, whoever has signed it: it rests on as
// many keepers' lists as open a sum, and names at least as many members as the noise wants,
// or fewer and it is void (C30).
func (j Joint) Agreeable(a schema.Agreement) error {
	switch {
	case a.Round != j.Round:
		return fmt.Errorf("agreement: is of another round")
	case len(a.Lists) < j.Threshold:
		return fmt.Errorf("agreement: rests on %d lists, want %d", len(a.Lists), j.Threshold)
	case a.Void != (len(a.Contributions) < j.Least()):
		return fmt.Errorf("agreement: %d contributions, at least %d are summed", len(a.Contributions), j.Least())
	}
	for _, l := range a.Lists {
		if !slices.Contains(j.Keepers, l.Who) {
			return fmt.Errorf("agreement: a list of somebody who is no keeper")
		}
	}
	for _, m := range a.Contributions {
		if !slices.Contains(j.Members, m.Who) {
			return fmt.Errorf("agreement: a contribution of somebody who has no part in the round")
		}
	}
	return nil
}

// KeepersOnly checks that nobody but the round's keepers has signed an agreement.
func (j Joint) KeepersOnly(signers []schema.Slug) error {
	for _, slug := range signers {
		if !slices.Contains(j.Keepers, slug) {
			return fmt.Errorf("agreement: a line by somebody who is no keeper of the round")
		}
	}
	return nil
}

// Agreed holds an agreement that is in force against its round: signed by as many keepers
// as open a sum (C30).
func (j Joint) Agreed(a schema.Agreement, signers []schema.Slug) error {
	if err := j.Agreeable(a); err != nil {
		return err
	}
	if err := j.KeepersOnly(signers); err != nil {
		return err
	}
	if len(signers) < j.Threshold { // wire lets no slug sign twice
		return fmt.Errorf("agreement: signed by %d keepers, want %d", len(signers), j.Threshold)
	}
	return nil
}

// Includes tells whether an agreement sums a member's contribution.
func Includes(a schema.Agreement, member schema.Slug) bool {
	return !a.Void && slices.ContainsFunc(a.Contributions, func(c schema.Attributed) bool { return c.Who == member })
}

// RestsOn tells whether an agreement rests on a keeper's list, so that the keeper sums.
func RestsOn(a schema.Agreement, keeper schema.Slug) bool {
	return slices.ContainsFunc(a.Lists, func(l schema.Attributed) bool { return l.Who == keeper })
}
