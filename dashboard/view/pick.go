package view

import (
	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// Option is a choice in a list.
type Option struct {
	Value, Label string
	Chosen       bool
}

// Options is a list of choices under a heading.
type Options struct {
	Label   string
	Options []Option
}

// codes offers every code of the axes, by axis.
func (r *Reader) codes(axes []schema.Axis, chosen combine.Filter) []Options {
	var out []Options
	for _, a := range axes {
		l, err := r.Codebook.Level(a)
		if err != nil {
			continue
		}
		group := Options{Label: r.L.Axis(a)}
		for _, c := range l.Codes {
			f := combine.Filter{Axis: a, Code: c}
			group.Options = append(group.Options, Option{FilterText(f), r.Label(f), f == chosen})
		}
		out = append(out, group)
	}
	return out
}

// allAxes are those of every cadence, finest first.
func (r *Reader) allAxes() []schema.Axis {
	var out []schema.Axis
	seen := map[schema.Axis]bool{}
	for _, c := range schema.Cadences {
		for _, a := range r.Axes(c) {
			if !seen[a] {
				seen[a] = true
				out = append(out, a)
			}
		}
	}
	return out
}

// periods offers the owed periods of a cadence, newest first.
func (r *Reader) periods(c schema.Cadence, chosen schema.Period) []Option {
	all := r.Book.Periods(c)
	out := make([]Option, len(all))
	for i, p := range all {
		out[len(all)-1-i] = Option{p.String(), r.L.Period(p), p == chosen}
	}
	return out
}
