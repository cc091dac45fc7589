package coalition

import (
	"fmt"
	"slices"

	"tidemark/schema"
)

// appointed are the keepers that an act has named.
type appointed struct {
	version uint64
	keepers []schema.Slug
}

// Joint is a joint round as the acts make it: the same for every node, so that nothing has
// to be agreed on before it.
type Joint struct {
	schema.Round
	Plan      schema.Plan
	Roster    uint64        // the version that says who takes part (C19)
	Members   []schema.Slug // who may contribute, in the order of admission
	Keepers   []schema.Slug // in the order of their shares, 3 to 7
	Threshold int           // how many keepers agree, and open a sum
}

// Least is how many contributions are opened at least: the honest ones that the noise
// counts on, and those who may collude.
func (j Joint) Least() int { return j.Plan.Honest + j.Plan.Colluders }

// Round is a period's joint round; false if its plan is not a joint one, or it has fewer
// than three keepers (C28, C29).
func (s *State) Round(p schema.Period) (Joint, bool) {
	plan, hash, ok := s.PlanFor(p)
	if !ok || plan.Mode != schema.Joint {
		return Joint{}, false
	}
	j := Joint{Round: schema.Round{Coalition: s.id, Plan: hash, Period: p}, Plan: plan, Roster: s.RosterFor(p)}
	var active []schema.Slug
	for seat, m := range s.roster.Members {
		if !s.activeAt(seat, j.Roster) {
			continue
		}
		active = append(active, m.Slug)
		if !p.Before(m.First) {
			j.Members = append(j.Members, m.Slug)
		}
	}
	j.Keepers = s.keepers(j.Roster, active)
	j.Threshold = len(j.Keepers)*2/3 + 1
	return j, len(j.Keepers) >= schema.MinKeepers
}

// keepers are those that the last act up to a version has appointed and that are active in
// it; without such an act, or where fewer than three are left, the first members (C28).
func (s *State) keepers(version uint64, active []schema.Slug) []schema.Slug {
	for _, a := range slices.Backward(s.appointed) {
		if a.version > version {
			continue
		}
		left := slices.DeleteFunc(slices.Clone(a.keepers), func(k schema.Slug) bool { return !slices.Contains(active, k) })
		if len(left) >= schema.MinKeepers {
			return left
		}
		break
	}
	return active[:min(len(active), schema.MaxKeepers)]
}

// appoint names the keepers of later rounds.
func (s *State) appoint(keepers []schema.Slug) error {
	for _, k := range keepers {
		if _, err := s.seated(k, schema.Active); err != nil {
			return fmt.Errorf("keeper %s: %w", k, err)
		}
	}
	s.appointed = append(slices.Clip(s.appointed), appointed{s.roster.Version, keepers})
	return nil
}
