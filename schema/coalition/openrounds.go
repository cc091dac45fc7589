package coalition

import (
	"time"

	"tidemark/schema"
)

// Rounds lists the joint rounds whose keepers may have begun by a moment, in the order of
// their slots; those that are over too.
func (s *State) Rounds(now time.Time) (rounds []Joint) {
	const soon = 100 * 24 * time.Hour // a slot comes at most 90 days after its period's end
	for i, t := range s.terms {
		plan, ok := s.plans[t.plan]
		if !ok || plan.Mode != schema.Joint {
			continue
		}
		for _, p := range plan.Due(schema.PeriodOf(t.from, schema.Quarterly), now.Add(soon)) {
			if s.termOf(p) != i || schema.KeysFrom(p).After(now) {
				continue
			}
			if j, ok := s.Round(p); ok {
				rounds = append(rounds, j)
			}
		}
	}
	return rounds
}
