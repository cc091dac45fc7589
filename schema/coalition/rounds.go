package coalition

import (
	"fmt"
	"slices"
	"time"

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

// Round is a period's joint round; false if its plan is not a joint one, fewer than three
// members could keep it, or fewer may contribute than are opened at least: nobody spends a
// charge on what never comes (C28, C29).
func (s *State) Round(p schema.Period) (Joint, bool) {
	plan, hash, ok := s.PlanFor(p)
	if !ok || plan.Mode != schema.Joint {
		return Joint{}, false
	}
	j := Joint{Round: schema.Round{Coalition: s.id, Plan: hash, Period: p}, Plan: plan, Roster: s.RosterFor(p)}
	for seat, m := range s.roster.Members {
		if at := s.statusIn(seat, j.Roster); at.status == schema.Active && at.first.Start() <= p.Start() {
			j.Members = append(j.Members, m.Slug)
		}
	}
	j.Keepers = s.keepers(j.Roster)
	j.Threshold = schema.KeepersNeeded(len(j.Keepers))
	if len(j.Keepers) < schema.MinKeepers || len(j.Members) < j.Least() {
		return Joint{}, false
	}
	return j, true
}

// Rounds lists the joint rounds whose keepers may have begun by a moment, in the order of
// their slots; those that are over too.
func (s *State) Rounds(now time.Time) (rounds []Joint) {
	for _, d := range s.slots(schema.Period{}, now.AddDate(0, 0, schema.MaxSlotDays+schema.KeysLead+1)) {
		if schema.KeysFrom(d.Period).After(now) {
			continue
		}
		if j, ok := s.Round(d.Period); ok {
			rounds = append(rounds, j)
		}
	}
	return rounds
}

// Keepers are those of a round that the acts up to now decide, in their order, and how many
// of them it needs; none in a coalition of fewer than three.
func (s *State) Keepers() (keepers []schema.Slug, needed int) {
	keepers = s.keepers(s.roster.Version)
	if len(keepers) < schema.MinKeepers {
		return nil, 0
	}
	return keepers, schema.KeepersNeeded(len(keepers))
}

// FirstFor is the day on which a period must end, or later, for the act that comes next to
// count in its roster, and the first such quarter (C19).
func (s *State) FirstFor(a schema.Act) (schema.Date, schema.Period) {
	day := max(a.Expires, s.settled[len(s.settled)-1]) + rosterNotice
	return day, schema.PeriodOf(day, schema.Quarterly)
}

// keepers are those that the last act up to a version has appointed and that are active in
// it; without such an act, or where fewer than three are left, the first members (C28).
func (s *State) keepers(version uint64) []schema.Slug {
	var active []schema.Slug
	for seat, m := range s.roster.Members {
		if s.activeAt(seat, version) {
			active = append(active, m.Slug)
		}
	}
	for _, a := range slices.Backward(s.named) {
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
	s.named = append(slices.Clip(s.named), appointed{s.roster.Version, keepers})
	return nil
}
