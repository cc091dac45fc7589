package coalition

import (
	"time"

	"tidemark/schema"
)

// Rounds lists the joint rounds whose keepers may have begun by a moment, in the order of
// their slots; those that are over too.
func (s *State) Rounds(now time.Time) (rounds []Joint) {
	for i, t := range s.terms {
		plan, ok := s.plans[t.plan]
		if !ok || plan.Mode != schema.Joint {
			continue
		}
		for _, p := range plan.Due(schema.PeriodOf(t.from, schema.Quarterly), now.AddDate(0, 0, schema.MaxSlotDays+schema.KeysLead+1)) {
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
