package coalition

import (
	"cmp"
	"slices"
	"time"

	"tidemark/schema"
)

// Due is a release that a member owes.
type Due struct {
	Plan   schema.Hash
	Period schema.Period
	Slot   time.Time // when its release goes out
	Draw   time.Time // from when on it may be drawn
	// Late: the first period of its cadence for this member. No late cases count in it,
	// or its first period would look like a spike.
	Late bool
}

// Due lists every period of an active member whose slot has come, in the order in which
// they are drawn; those already released are among them. What is due stays due at the
// same place as time goes on (C17, C18).
func (s *State) Due(m schema.Slug, now time.Time) []Due {
	return s.schedule(m, now)
}

// Drawable lists the periods of an active member that may be drawn by now, in the order in
// which they are: those of Due, those whose slot is near (C27), and those whose joint round
// takes contributions.
func (s *State) Drawable(m schema.Slug, now time.Time) []Due {
	near := s.schedule(m, now.AddDate(0, 0, schema.MaxSlotDays+1))
	return slices.DeleteFunc(near, func(d Due) bool { return d.Draw.After(now) })
}

// Next is the first period of an active member whose slot is still to come.
func (s *State) Next(m schema.Slug, now time.Time) (Due, bool) {
	// The first whole year of the last term ends within two years of its start, and its
	// slot is at most 90 days later.
	until := now
	for _, t := range s.terms {
		until = latest(until, t.from.Time())
	}
	if member := s.roster.Member(m); member != nil {
		until = latest(until, member.First.Start().Time())
	}
	for _, d := range s.schedule(m, until.AddDate(3, 0, 0)) {
		if d.Slot.After(now) {
			return d, true
		}
	}
	return Due{}, false
}

func latest(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// schedule is what a member owes up to a moment.
func (s *State) schedule(m schema.Slug, until time.Time) []Due {
	member := s.roster.Member(m)
	if member == nil || member.Status != schema.Active {
		return nil
	}
	due := s.slots(member.First, until)
	markFirsts(due)
	return due
}

// slots are the periods of all plans from a first one on, up to a moment. Those of one plan
// come in drawing order; across plans they are merged by their moment.
func (s *State) slots(from schema.Period, until time.Time) (due []Due) {
	for i, t := range s.terms {
		plan, ok := s.plans[t.plan]
		if !ok {
			continue
		}
		first := schema.PeriodOf(t.from, schema.Quarterly)
		if first.Before(from) {
			first = from
		}
		for _, p := range plan.Due(first, until) {
			if s.termOf(p) == i {
				due = append(due, Due{Plan: t.plan, Period: p, Slot: plan.SlotOf(p), Draw: plan.DrawOf(p)})
			}
		}
	}
	slices.SortStableFunc(due, func(a, b Due) int {
		return cmp.Or(a.Slot.Compare(b.Slot), drawnFirst(a.Period, b.Period))
	})
	return due
}

func drawnFirst(a, b schema.Period) int {
	switch {
	case a.Before(b):
		return -1
	case b.Before(a):
		return 1
	}
	return 0
}

func markFirsts(due []Due) {
	for _, c := range schema.Cadences {
		if i := slices.IndexFunc(due, func(d Due) bool { return d.Period.Cadence() == c }); i >= 0 {
			due[i].Late = true
		}
	}
}
