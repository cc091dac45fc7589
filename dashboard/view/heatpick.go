package view

import (
	"fmt"
	"slices"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// TablePick is the form above a whole table.
type TablePick struct {
	Tables  []Options
	Periods []Options
	Show    string // what the form hands on: the tab that is open
}

// tells tells whether the plan of a period has a table, or one that is finer.
func (s *Snapshot) tells(t schema.Table, p schema.Period) bool {
	return s.Book.Can(combine.Query{Table: t}, p) == nil
}

// owed holds a period against what anybody owes.
func (s *Snapshot) owed(p schema.Period) error {
	if _, _, ok := s.Book.Plan(p); !ok {
		return fmt.Errorf("period: %w", ErrPeriod)
	}
	return nil
}

// shaped holds a table against the codebook.
func (s *Snapshot) shaped(t schema.Table) error {
	if _, err := s.Codebook.Shape(t); err != nil {
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	return nil
}

// tableAsked is the table that a page was asked for, or its first, with the period to show
// it in.
func (r *Reader) tableAsked(first func() schema.Table) (schema.Table, schema.Period, error) {
	t := r.Q.Table
	if len(t.Axes) == 0 {
		t = first()
	}
	if err := r.shaped(t); err != nil {
		return t, schema.Period{}, err
	}
	period, err := r.pickPeriod(t)
	return t, period, err
}

// pickPeriod is the period that was asked for, if its plan tells the table: a form may
// join a period with a table of another cadence. Then it is the year of that quarter, or
// the newest period that tells it. The zero period: none does.
func (r *Reader) pickPeriod(t schema.Table) (schema.Period, error) {
	wanted := r.Q.Period
	if !wanted.IsZero() {
		if err := r.owed(wanted); err != nil {
			return wanted, err
		}
		for _, p := range []schema.Period{wanted, {Year: wanted.Year}} {
			if r.owed(p) == nil && r.tells(t, p) {
				return p, nil
			}
		}
	}
	for _, c := range schema.Cadences {
		if last, ok := r.Last(c); ok && r.tells(t, last) {
			return last, nil
		}
	}
	return schema.Period{}, nil
}

// pickPeriods offers the periods of every cadence that tells a table.
func (r *Reader) pickPeriods(t schema.Table, chosen schema.Period) []Options {
	var out []Options
	for _, c := range schema.Cadences {
		if last, ok := r.Last(c); ok && r.tells(t, last) {
			out = append(out, Options{r.L.Say("every." + string(c)), r.periods(c, chosen)})
		}
	}
	return out
}

// wholeTables offers what a heat map can show: two things crossed, or one over time.
func (r *Reader) wholeTables(chosen schema.Table) []Options {
	crossed, alone := Options{Label: r.L.Say("heat.crossed")}, Options{Label: r.L.Say("heat.alone")}
	seen := map[string]bool{}
	add := func(t schema.Table) {
		if name := t.String(); name != "" && !seen[name] {
			seen[name] = true
			into := &alone
			if len(t.Axes) > 1 {
				into = &crossed
			}
			into.Options = append(into.Options, Option{name, r.L.Table(t), name == chosen.String()})
		}
	}
	for _, c := range schema.Cadences {
		for _, t := range r.Tables(c) {
			add(t)
		}
	}
	add(chosen)
	var out []Options
	for _, group := range []Options{crossed, alone} {
		if len(group.Options) > 0 {
			out = append(out, group)
		}
	}
	return out
}

// firstWhole is the table that a heat map opens with: where what is high, if the plan
// tells it, else the first that crosses two things.
func (r *Reader) firstWhole() schema.Table {
	if t, _, ok := r.crossed("region", "threat_type"); ok {
		return t
	}
	var first schema.Table
	for _, c := range schema.Cadences {
		last, ok := r.Last(c)
		for _, t := range r.Tables(c) {
			if !ok || !r.tells(t, last) {
				continue
			}
			if len(t.Axes) > 1 {
				return t
			}
			if len(first.Axes) == 0 {
				first = t
			}
		}
	}
	return first
}

// crossed finds the table that crosses two dimensions, whatever their roll-ups and their
// order, with its newest period.
func (r *Reader) crossed(a, b string) (schema.Table, schema.Period, bool) {
	for _, c := range schema.Cadences {
		for _, t := range r.Tables(c) {
			if len(t.Axes) != 2 {
				continue
			}
			x, y := t.Axes[0].Dimension, t.Axes[1].Dimension
			if last, ok := r.Last(c); ok && (x == a && y == b || x == b && y == a) && r.tells(t, last) {
				return t, last, true
			}
		}
	}
	return schema.Table{}, schema.Period{}, false
}

// cannotTable says why a table cannot be seen, and names those that can.
func (r *Reader) cannotTable(t schema.Table, path string) *Cannot {
	c := &Cannot{Says: r.L.Say("cannot.table", "what", r.L.Table(t))}
	for _, cadence := range schema.Cadences {
		last, ok := r.Last(cadence)
		for _, other := range r.Tables(cadence) {
			switch {
			case !ok && alike(t, other):
				c.Says = r.L.Say("heat.not_yet", "table", r.L.Table(t))
			case ok && r.tells(other, last):
				q := r.Q.kept()
				q.Table = other
				c.Links = append(c.Links, Link{q.At(path), r.L.Table(other)})
			}
		}
	}
	return c
}

// alike tells that every dimension of a table is one of another's.
func alike(t, other schema.Table) bool {
	for _, a := range t.Axes {
		if !slices.ContainsFunc(other.Axes, func(b schema.Axis) bool { return a.Dimension == b.Dimension }) {
			return false
		}
	}
	return true
}

// caveats are what a reader of a table must know about its dimensions.
func (r *Reader) caveats(t schema.Table) []string {
	var out []string
	for _, a := range t.Axes {
		if a.Dimension == "offline_consequence" {
			out = append(out, r.L.Say("caveat.serious"))
		}
	}
	return out
}

// seriesLink leads to the trend of a code, or of a pair.
func (r *Reader) seriesLink(c schema.Cadence, what, and combine.Filter) string {
	q := r.Q.kept()
	q.What, q.And, q.Every = what, and, c
	return q.At("/trends")
}
