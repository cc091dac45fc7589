package combine

import (
	"fmt"
	"strings"

	"tidemark/schema"
)

// ParseFilter reads "gender=woman" or "threat_type(group)=exposure".
func ParseFilter(s string) (Filter, error) {
	name, code, ok := strings.Cut(s, "=")
	if !ok || code == "" {
		return Filter{}, fmt.Errorf("filter: want axis=code")
	}
	a, err := schema.ParseAxis(name)
	if err != nil {
		return Filter{}, fmt.Errorf("filter: %w", err)
	}
	return Filter{a, schema.Code(code)}, nil
}

func (f Filter) String() string { return f.Axis.String() + "=" + string(f.Code) }

// asked is a query looked up in the codebook.
type asked struct {
	measure schema.Measure
	table   schema.Table
	levels  []schema.Level
	where   []condition
}

// condition is a filter looked up: the codes of a dimension that it keeps.
type condition struct {
	dim  int
	keep []bool
	is   schema.Level // the filter's own level: what a table must tell apart
}

// choice is a query resolved in a sheet: cells of one table to be added.
type choice struct {
	table int
	cells []bool
}

func (c *choice) key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d:", c.table)
	for _, in := range c.cells {
		if in {
			b.WriteByte('1')
		} else {
			b.WriteByte('0')
		}
	}
	return b.String()
}

func ask(cb *schema.Codebook, q Query) (*asked, error) {
	shape, err := cb.Shape(q.Table)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	a := &asked{measure: q.Measure, table: q.Table, levels: shape.Levels}
	if a.measure.Kind == "" {
		a.measure = schema.Measure{Kind: schema.People}
	}
	for _, f := range q.Where {
		c, err := a.condition(cb, f)
		if err != nil {
			return nil, fmt.Errorf("query filter %s: %w", f.Axis, err)
		}
		a.where = append(a.where, c)
	}
	return a, nil
}

func (a *asked) condition(cb *schema.Codebook, f Filter) (condition, error) {
	l, err := cb.Level(f.Axis)
	if err != nil {
		return condition{}, err
	}
	code := -1
	for i, c := range l.Codes {
		if c == f.Code {
			code = i
		}
	}
	if code < 0 {
		return condition{}, fmt.Errorf("the axis has no code %.60q", string(f.Code))
	}
	c := condition{dim: l.Dim, keep: make([]bool, len(l.Of)), is: l}
	for i, of := range l.Of {
		c.keep[i] = of == code
	}
	for _, axis := range a.levels {
		if axis.Dim == l.Dim && tells(axis, l) {
			return c, nil
		}
	}
	return condition{}, fmt.Errorf("not an axis of the table, nor a roll-up of one")
}

// tells that level a is the same as b or finer: codes alike in a are alike in b.
func tells(a, b schema.Level) bool {
	if a.Dim != b.Dim {
		return false
	}
	seen := make([]int, len(a.Codes))
	for code, of := range a.Of {
		if seen[of] != 0 && seen[of] != b.Of[code]+1 {
			return false
		}
		seen[of] = b.Of[code] + 1
	}
	return true
}

// choose finds the table to read: the one that was asked for, else the smallest that
// tells it. With the measure people every one that tells it gives the same estimate.
func (s *sheet) choose(a *asked) (*choice, error) {
	if s.broken != nil {
		return nil, fmt.Errorf("the period's plan cannot be read: %w", s.broken)
	}
	best := -1
	for i := range s.tables {
		if s.tables[i].Measure != a.measure || !a.toldBy(s.shapes[i]) {
			continue
		}
		if best < 0 || s.shapes[i].Cells() < s.shapes[best].Cells() {
			best = i
		}
	}
	if i := s.find(a.table, a.measure); i >= 0 {
		best = i
	}
	if best < 0 {
		return nil, fmt.Errorf("query %s of %s: no table of the plan tells it", a.table, a.measure)
	}
	c := &choice{best, make([]bool, s.shapes[best].Cells())}
	chosen := 0
	for i := range c.cells {
		if c.cells[i] = a.keeps(s.shapes[best], i); c.cells[i] {
			chosen++
		}
	}
	if a.measure.Kind == schema.Reached && chosen > 1 {
		return nil, fmt.Errorf("query %s of %s: a sum of cells would count people twice", a.table, a.measure)
	}
	return c, nil
}

// toldBy tells that every axis asked for is one of the shape's, or a roll-up of one.
func (a *asked) toldBy(shape schema.Shape) bool {
	for _, want := range a.levels {
		ok := false
		for _, l := range shape.Levels {
			ok = ok || tells(l, want)
		}
		if !ok {
			return false
		}
	}
	return true
}

// keeps tells that a cell satisfies every filter.
func (a *asked) keeps(shape schema.Shape, cell int) bool {
	for k := len(shape.Levels) - 1; k >= 0; k-- {
		l := shape.Levels[k]
		at := cell % len(l.Codes)
		cell /= len(l.Codes)
		for _, c := range a.where {
			if c.dim == l.Dim && !c.keep[firstOf(l, at)] {
				return false
			}
		}
	}
	return true
}

// firstOf is a code of the dimension that a level's code joins; a level tells every
// condition apart, so any of them speaks for all.
func firstOf(l schema.Level, at int) int {
	for code, of := range l.Of {
		if of == at {
			return code
		}
	}
	return 0
}
