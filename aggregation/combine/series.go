package combine

import (
	"fmt"

	"tidemark/schema"
)

// Can tells whether a period's plan can tell a query.
func (b *Book) Can(q Query, p schema.Period) error {
	_, _, err := b.reading(q, p)
	return err
}

func (b *Book) reading(q Query, p schema.Period) (*page, *reading, error) {
	a, err := ask(b.cb, q)
	if err != nil {
		return nil, nil, err
	}
	pg := b.pages[p]
	if pg == nil {
		return nil, nil, fmt.Errorf("period %s: nobody owes a release", p)
	}
	r, err := pg.sheet.readingOf(a)
	return pg, r, err
}

func (s *sheet) readingOf(a *asked) (*reading, error) {
	c, err := s.choose(a)
	if err != nil {
		return nil, err
	}
	return s.reading(c)
}

// Series follows a query from a period to another of the same cadence, both included.
func (b *Book) Series(q Query, from, to schema.Period) (Series, error) {
	a, err := ask(b.cb, q)
	if err != nil {
		return Series{}, err
	}
	if from.Cadence() != to.Cadence() || to.Before(from) {
		return Series{}, fmt.Errorf("series: want two periods of one cadence, in order")
	}
	s := Series{Query: q}
	var told bool
	var untold error
	for _, p := range b.Periods(from.Cadence()) {
		if p.Before(from) || to.Before(p) {
			continue
		}
		pg := b.pages[p]
		point := Point{Period: p, Plan: pg.owed.Plan, Bands: pg.sheet.bands, Coverage: pg.coverage, Absent: true}
		if err := point.fill(pg, a); err != nil {
			untold = err
		} else {
			told = true
		}
		s.Points = append(s.Points, point)
	}
	if !told {
		return s, untold
	}
	return s, nil
}

func (p *Point) fill(pg *page, a *asked) (err error) {
	if p.Estimate, err = pg.ask(a); err != nil {
		return err
	}
	p.InLocal, err = pg.inLocal(a, p.Estimate)
	p.Absent = err != nil || len(pg.released) == 0
	return err
}

// ask is the number of all members.
func (pg *page) ask(a *asked) (Estimate, error) {
	r, err := pg.sheet.readingOf(a)
	if err != nil {
		return Estimate{}, err
	}
	return pg.sum(r)
}

// Grid is a whole table in one period. The zero measure is people.
func (b *Book) Grid(t schema.Table, m schema.Measure, p schema.Period) (Grid, error) {
	a, err := ask(b.cb, Query{Table: t, Measure: m})
	if err != nil {
		return Grid{}, err
	}
	pg := b.pages[p]
	if pg == nil {
		return Grid{}, fmt.Errorf("period %s: nobody owes a release", p)
	}
	g := Grid{
		Shape: schema.Shape{Table: t, Levels: a.levels}, Measure: a.measure, Period: p,
		Plan: pg.owed.Plan, Bands: pg.sheet.bands, Coverage: pg.coverage,
	}
	if i := pg.sheet.find(t, a.measure); i >= 0 {
		return g, pg.planned(&g, i)
	}
	return g, pg.summed(&g)
}

// planned is a table of the plan: all members' units added, then reconstructed.
func (pg *page) planned(g *Grid, table int) error {
	g.Cells = make([]Estimate, pg.sheet.shapes[table].Cells())
	if len(pg.released) == 0 {
		return nil
	}
	tables, err := pg.told()
	if err != nil {
		return err
	}
	if err := pg.fill(g.Cells, pg.sheet, table, tables); err != nil || pg.sheet.local == nil {
		return err
	}
	g.InLocal = make([]Estimate, len(g.Cells))
	return pg.fill(g.InLocal, pg.sheet.local, table, tables)
}

// fill gives a table's cells the variances of a sheet.
func (pg *page) fill(cells []Estimate, s *sheet, table int, tables [][]float64) error {
	variances, err := s.variances(table)
	if err != nil {
		return err
	}
	for i := range cells {
		cells[i] = Estimate{tables[table][i], variances[i] * pg.noises()}
	}
	return nil
}

// summed is a table that the plan has only finer: every cell is a sum of its own.
func (pg *page) summed(g *Grid) error {
	for i := range g.Shape.Cells() {
		a, err := ask(pg.sheet.cb, Query{Table: g.Shape.Table, Measure: g.Measure, Where: filtersAt(g.Shape, i)})
		if err != nil {
			return err
		}
		var p Point
		if err := p.fill(pg, a); err != nil {
			return err
		}
		g.Cells = append(g.Cells, p.Estimate)
		if pg.sheet.local != nil && !p.Absent {
			g.InLocal = append(g.InLocal, p.InLocal)
		}
	}
	return nil
}

// filtersAt names a cell.
func filtersAt(shape schema.Shape, cell int) []Filter {
	var fs []Filter
	for i, code := range shape.CodesAt(cell) {
		fs = append(fs, Filter{shape.Levels[i].Axis, code})
	}
	return fs
}

// LeaveOneOut is the range of a number when any one member is left out. It fails with
// ErrJoint in joint mode.
func (b *Book) LeaveOneOut(q Query, p schema.Period) (LeftOut, error) {
	pg, r, err := b.reading(q, p)
	if err != nil {
		return LeftOut{}, err
	}
	if pg.coverage.Joint {
		return LeftOut{}, ErrJoint
	}
	all, err := pg.sum(r)
	if err != nil {
		return LeftOut{}, err
	}
	l := LeftOut{All: all}
	for i, c := range pg.released {
		own := r.of(c)
		rest := Estimate{l.All.Value - own.Value, l.All.Variance - own.Variance}
		if i == 0 || rest.Value < l.Low.Value {
			l.Low, l.LowWithout = rest, c.Member()
		}
		if i == 0 || rest.Value > l.High.Value {
			l.High, l.HighWithout = rest, c.Member()
		}
	}
	return l, nil
}
