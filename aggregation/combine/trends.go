package combine

import (
	"fmt"
	"math"

	"tidemark/schema"
)

// Trends compares, for every cell of every quarterly table, the four quarters up to last
// with the four before, clearest first, as a list: "probably" is not said, and false
// discoveries are held to 1 in 10. Members in without are left out, say those whose way
// of counting changed; ErrJoint, if one of the quarters is joint. Tables that one of the
// eight quarters' plans lacks are left out.
func (b *Book) Trends(last schema.Period, without ...schema.Slug) ([]Trend, error) {
	from, to, err := b.years(last)
	if err != nil {
		return nil, err
	}
	m, err := b.match(from, to, without...)
	if err != nil {
		return nil, fmt.Errorf("trends of %s: %w", last, err)
	}
	now := b.pages[last]
	before, after := newSums(now.sheet, m.count()), newSums(now.sheet, m.count())
	for i := range from {
		if err := before.add(b.pages[from[i]], m); err != nil {
			return nil, fmt.Errorf("trends of %s: %w", last, err)
		}
		if err := after.add(b.pages[to[i]], m); err != nil {
			return nil, fmt.Errorf("trends of %s: %w", last, err)
		}
	}
	var changes []Change
	for t, table := range now.sheet.tables {
		if before.cells[t] == nil || after.cells[t] == nil {
			continue
		}
		for cell := range after.cells[t] {
			c := m.change(Query{table.Table, table.Measure, filtersAt(now.sheet.shapes[t], cell)})
			c.Cells = now.sheet.shapes[t].CodesAt(cell)
			c.fill(before.cells[t][cell], after.cells[t][cell])
			c.Verdict = c.verdict(now.sheet.bands, now.sheet.bands, false)
			changes = append(changes, c)
		}
	}
	list(changes, now.sheet.bands, now.sheet.bands)
	out := make([]Trend, len(changes))
	for i, c := range changes {
		out[i] = trendOf(c, from[0], last)
	}
	return out, nil
}

// years are the four quarters before the last four, and those; all must be owed.
func (b *Book) years(last schema.Period) (from, to []schema.Period, err error) {
	if last.Cadence() != schema.Quarterly {
		return nil, nil, fmt.Errorf("trend: want a quarter")
	}
	for i := range schema.QuarterYears {
		to = append(to, last.Add(i-schema.QuarterYears+1))
		from = append(from, last.Add(i-2*schema.QuarterYears+1))
	}
	for i := range from {
		if b.pages[from[i]] == nil || b.pages[to[i]] == nil {
			return nil, nil, fmt.Errorf("trend of %s: nobody owes releases for all of two years", last)
		}
	}
	return from, to, nil
}

// trendOf adds what a trend says beyond a change.
func trendOf(c Change, first, last schema.Period) Trend {
	world := func(e Estimate) Estimate { return Estimate{e.Value, e.Variance + Phi*math.Max(e.Value, 0)} }
	return Trend{Change: c, First: first, Last: last, Ratio: ratio(world(c.To), world(c.From))}
}

// sums are tables added up over periods: by table, cell and part of a match. A table that a
// period lacks is nil.
type sums struct {
	sheet *sheet
	cells [][][]Estimate
}

func newSums(s *sheet, parts int) sums {
	out := sums{sheet: s, cells: make([][][]Estimate, len(s.tables))}
	for t := range s.tables {
		out.cells[t] = make([][]Estimate, s.shapes[t].Cells())
		for cell := range out.cells[t] {
			out.cells[t][cell] = make([]Estimate, parts)
		}
	}
	return out
}

func (s sums) add(pg *page, m match) error {
	parts, err := m.parts(pg)
	if err != nil {
		return err
	}
	for t, table := range s.sheet.tables {
		from := pg.sheet.find(table.Table, table.Measure)
		if from < 0 {
			s.cells[t] = nil
			continue
		}
		variances, err := pg.sheet.variances(from)
		if err != nil {
			return err
		}
		for cell := range s.cells[t] {
			for i, one := range parts {
				s.cells[t][cell][i] = s.cells[t][cell][i].Plus(one.at(from, cell, variances[cell]))
			}
		}
	}
	return nil
}
