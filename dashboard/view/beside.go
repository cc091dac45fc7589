package view

import (
	"slices"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// middle is the newest number if all members were like the middle ones.
func (r *Reader) middle(q combine.Query, p combine.Point) (Fact, bool) {
	t, ok, err := r.Book.Trimmed(q, p.Period)
	if err != nil || !ok {
		return Fact{}, false
	}
	return Fact{
		Name: r.L.Say("fact.middle"), Value: r.Value(t.Estimate, p.Bands),
		Note: r.L.Say("fact.middle.note", "n", t.Each),
	}, true
}

// middleChange says a change as the middle members alone would have it.
func (r *Reader) middleChange(c combine.Change) string {
	if c.Trimmed == nil || c.Verdict == combine.TooNoisyToSay {
		return ""
	}
	return r.L.Say("judge.middle", "n", c.Trimmed.Each, "change", r.Difference(c.Trimmed.Estimate))
}

// shared says which other codes clearly changed the other way. A person counts once and
// is shared among what happened to her: the same people can stand behind both.
func (r *Reader) shared(t trend, siblings []trend) string {
	way := direction(verdictOf(t))
	if way == 0 {
		return ""
	}
	var others []string
	for _, s := range siblings {
		if direction(verdictOf(s)) == -way {
			code := s.what
			if s.and != (combine.Filter{}) {
				code = s.and
			}
			others = append(others, r.Label(code))
		}
	}
	if len(others) == 0 {
		return ""
	}
	slices.Sort(others)
	return r.L.Say("judge.shared", "others", r.and(others))
}

// direction is 1 for rising, -1 for falling, else 0.
func direction(v combine.Verdict) int {
	switch v {
	case combine.VeryLikelyRising, combine.ProbablyRising:
		return 1
	case combine.VeryLikelyFalling, combine.ProbablyFalling:
		return -1
	}
	return 0
}

// reached says what became of a code where people count once in everything that they met;
// that a plan has no such table, if it has none.
func (r *Reader) reached(t trend) string {
	if t.since.IsZero() {
		return ""
	}
	q := r.query(t.what, t.and, t.to.Cadence())
	table, ok := r.headcount(q.Table, t.to)
	if !ok {
		return r.L.Say("judge.reached.none")
	}
	q.Table, q.Measure = table.Table, table.Measure
	c, err := r.Book.Change(q, t.since, t.to)
	if err != nil {
		return r.L.Say("judge.reached.none")
	}
	return r.L.Say("judge.reached", "change", r.Difference(c.Difference), "verdict", r.Verdict(c.Verdict).Text)
}

// headcount is a plan's table of these axes that counts everybody in each cell reached.
func (r *Reader) headcount(table schema.Table, p schema.Period) (schema.PlanTable, bool) {
	plan := r.Plan(p)
	for _, t := range plan.Of(p.Cadence(), true) {
		if t.Measure.Kind == schema.Reached && sameAxes(t.Table, table) {
			return t, true
		}
	}
	return schema.PlanTable{}, false
}

func sameAxes(t, other schema.Table) bool {
	return len(t.Axes) == len(other.Axes) && !slices.ContainsFunc(t.Axes, func(a schema.Axis) bool { return !slices.Contains(other.Axes, a) })
}
