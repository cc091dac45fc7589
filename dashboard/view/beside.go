package view

import (
	"slices"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// middle says the newest number, and the change, over the middle members alone: what does
// not rest on those who report the least and the most.
func (r *Reader) middle(t trend) string {
	newest := newestOf(t.series)
	level, ok, err := r.Book.Trimmed(t.series.Query, newest.Period)
	change := t.change.Trimmed
	if err != nil || !ok || change == nil || t.change.Verdict == combine.TooNoisyToSay {
		return ""
	}
	return r.L.Say("judge.middle", "n", change.Each(), "left", change.Left, "change", r.Difference(change.Estimate)) + " " +
		r.L.Say("judge.middle.now", "n", level.Each(), "left", level.Left, "now", r.Value(level.Estimate, newest.Bands).Full())
}

// shared says which other codes clearly changed the other way, held to the false ones
// that a list may have. A person counts once and is shared among what happened to her:
// the same people can stand behind both.
func (r *Reader) shared(t trend, siblings []trend) string {
	way := verdictOf(t).Direction()
	if way == 0 {
		return ""
	}
	changes := make([]combine.Change, len(siblings))
	for i, s := range siblings {
		changes[i].Verdict = combine.TooNoisyToSay
		if s.change != nil && s.since == t.since {
			changes[i] = *s.change
		}
	}
	combine.List(changes)
	var others []string
	for i, s := range siblings {
		if changes[i].Listed && changes[i].Verdict.Direction() == -way {
			others = append(others, r.Label(s.last()))
		}
	}
	if len(others) == 0 {
		return ""
	}
	slices.Sort(others)
	return r.L.Say("judge.shared", "others", r.and(others))
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
