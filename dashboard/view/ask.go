package view

import (
	"errors"
	"fmt"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// ErrUnknown says that the codebook has no such axis or code: an address from elsewhere.
var ErrUnknown = errors.New("the coalition's codebook does not have it")

// known holds a filter against the codebook.
func (s *Snapshot) known(f combine.Filter) error {
	if f == (combine.Filter{}) {
		return nil
	}
	l, err := s.Codebook.Level(f.Axis)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	for _, c := range l.Codes {
		if c == f.Code {
			return nil
		}
	}
	return fmt.Errorf("code of %s: %w", f.Axis, ErrUnknown)
}

// query is what is asked of the book for a code, crossed with another. Without a code it
// is everybody: the total of any table.
func (s *Snapshot) query(what, and combine.Filter, c schema.Cadence) combine.Query {
	var q combine.Query
	for _, f := range []combine.Filter{what, and} {
		if f != (combine.Filter{}) {
			q.Table.Axes = append(q.Table.Axes, f.Axis)
			q.Where = append(q.Where, f)
		}
	}
	if len(q.Table.Axes) == 0 {
		q.Table = s.smallest(c)
	}
	return q
}

// smallest is a table of people of the newest plan, with the fewest cells.
func (s *Snapshot) smallest(c schema.Cadence) schema.Table {
	var best schema.Table
	least := 0
	for _, t := range s.Tables(c) {
		shape, err := s.Codebook.Shape(t)
		if err == nil && (least == 0 || shape.Cells() < least) {
			best, least = t, shape.Cells()
		}
	}
	return best
}

// Tables are the tables of people in the plan of a cadence's newest owed period, in the
// plan's order; of the founding plan before anything is owed.
func (s *Snapshot) Tables(c schema.Cadence) []schema.Table {
	plan := s.State.Charter().Plan
	if periods := s.Book.Periods(c); len(periods) > 0 {
		plan = s.Plan(periods[len(periods)-1])
	}
	var out []schema.Table
	for _, t := range plan.Of(c, false) {
		if t.Measure.Kind == schema.People {
			out = append(out, t.Table)
		}
	}
	return out
}

// Axes are what a cadence's tables can tell about one thing at a time: their axes, and
// the groups of those that stand at their codes.
func (s *Snapshot) Axes(c schema.Cadence) []schema.Axis {
	var out []schema.Axis
	seen := map[schema.Axis]bool{}
	add := func(a schema.Axis) {
		if !seen[a] {
			seen[a] = true
			out = append(out, a)
		}
	}
	for _, t := range s.Tables(c) {
		for _, a := range t.Axes {
			add(a)
			if a.Rollup == "" {
				for _, r := range s.Codebook.Dimensions[s.Codebook.Dimension(a.Dimension)].Rollups {
					add(schema.Axis{Dimension: a.Dimension, Rollup: r.ID})
				}
			}
		}
	}
	return out
}

// can tells whether the newest period of a cadence tells a query, and which period it is.
func (s *Snapshot) can(what, and combine.Filter, c schema.Cadence) (schema.Period, error) {
	last, ok := s.Last(c)
	if !ok {
		return last, errors.New("nothing has been released yet")
	}
	return last, s.Book.Can(s.query(what, and, c), last)
}

// cadence is the one that was asked for, or the finest that can tell.
func (r *Reader) cadence(what, and combine.Filter) (schema.Cadence, schema.Period, bool) {
	for _, c := range schema.Cadences {
		if r.Q.Every != "" && r.Q.Every != c {
			continue
		}
		if last, err := r.can(what, and, c); err == nil {
			return c, last, true
		}
	}
	return "", schema.Period{}, false
}

// Other is an axis that can be crossed with a code.
type Other struct {
	Axis  schema.Axis
	Every schema.Cadence
}

// Crossings are the axes that some table crosses with a code.
func (s *Snapshot) Crossings(what combine.Filter) []Other {
	var out []Other
	seen := map[schema.Axis]bool{}
	for _, c := range schema.Cadences {
		for _, a := range s.Axes(c) {
			l, err := s.Codebook.Level(a)
			if err != nil || a.Dimension == what.Axis.Dimension || seen[a] {
				continue
			}
			if _, err := s.can(what, combine.Filter{Axis: a, Code: l.Codes[0]}, c); err == nil {
				seen[a] = true
				out = append(out, Other{a, c})
			}
		}
	}
	return out
}

// span is the periods from q.From to q.To, bounded by what is there; the newest twelve
// quarters if nothing was asked for.
func (r *Reader) span(c schema.Cadence, last schema.Period) (from, to schema.Period) {
	periods := r.Book.Periods(c)
	from, to = periods[0], last
	if !r.Q.To.IsZero() && r.Q.To.Cadence() == c && r.Q.To.Before(to) {
		to = r.Q.To
	}
	if to.Before(from) {
		to = from
	}
	switch {
	case !r.Q.From.IsZero() && r.Q.From.Cadence() == c:
		from = latest(from, r.Q.From)
	case c == schema.Quarterly:
		from = latest(from, to.Add(1-mostQuarters))
	}
	if to.Before(from) {
		from = to
	}
	return from, to
}

// mostQuarters is how many a page shows unless more are asked for.
const mostQuarters = 12

func latest(a, b schema.Period) schema.Period {
	if a.Before(b) {
		return b
	}
	return a
}
