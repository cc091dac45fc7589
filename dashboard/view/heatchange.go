package view

import (
	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// changed is a table's cells against a period before, in the table's order.
type changed struct {
	since schema.Period // zero: there is nothing to compare with
	cells []combine.Change
}

// changesOf compares every cell with the year before, or else with the period before,
// over the members present in both. Only what stands on the list of the clear ones is
// more than "no clear change": nobody chose these cells beforehand.
func (s *Snapshot) changesOf(t schema.Table, p schema.Period) (changed, error) {
	return once(s, "table changes "+t.String()+" "+p.String(), func() (changed, error) {
		shape, err := s.Codebook.Shape(t)
		if err != nil {
			return changed{}, err
		}
		since := s.before(t, p)
		if since.IsZero() {
			return changed{}, nil
		}
		if since == p.Add(-1) {
			if cells, err := s.listedIn(shape, p); err != nil || cells != nil {
				return changed{since, cells}, err
			}
		}
		cells := make([]combine.Change, shape.Cells())
		for i := range cells {
			if cells[i], err = s.Book.Change(combine.Query{Table: t, Where: cellOf(shape, i)}, since, p); err != nil {
				return changed{}, err
			}
		}
		listClear(cells)
		return changed{since, cells}, nil
	})
}

// before is what a period's table is compared with.
func (s *Snapshot) before(t schema.Table, p schema.Period) schema.Period {
	back := []int{1}
	if p.Cadence() == schema.Quarterly {
		back = []int{schema.QuarterYears, 1}
	}
	for _, n := range back {
		if since := p.Add(-n); len(s.Book.Coverage(since).Reporting) > 0 && s.tells(t, since) {
			return since
		}
	}
	return schema.Period{}
}

// listedIn takes a table's cells out of the period's own list, where the plans have it.
func (s *Snapshot) listedIn(shape schema.Shape, p schema.Period) ([]combine.Change, error) {
	all, err := s.Changes(p)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i := range shape.Cells() {
		at[cellKey(shape.CodesAt(i))] = i
	}
	var out []combine.Change
	for _, c := range all {
		if c.Query.Table.String() != shape.Table.String() || c.Query.Measure.Kind != schema.People {
			continue
		}
		if out == nil {
			out = make([]combine.Change, shape.Cells())
		}
		out[at[cellKey(c.Cells)]] = c
	}
	return out, nil
}

func cellKey(codes []schema.Code) string {
	key := ""
	for _, c := range codes {
		key += string(c) + " "
	}
	return key
}

// cellOf names a cell.
func cellOf(shape schema.Shape, cell int) []combine.Filter {
	var out []combine.Filter
	for i, code := range shape.CodesAt(cell) {
		out = append(out, combine.Filter{Axis: shape.Levels[i].Axis, Code: code})
	}
	return out
}

// listClear keeps the verdicts of those that a list may hold (RECONSTRUCTION.md 4.4), and
// takes every other one back. "Probably" is not said in lists.
func listClear(cells []combine.Change) {
	combine.List(cells)
	for i := range cells {
		c := &cells[i]
		clear := c.Verdict == combine.VeryLikelyRising || c.Verdict == combine.VeryLikelyFalling
		if c.Verdict != combine.TooNoisyToSay && !(c.Listed && clear) {
			c.Verdict = combine.NoClearChange
		}
	}
}

// changeCell says a change in a cell: its size where it is clear, else only its range.
func (r *Reader) changeCell(c combine.Change) HeatCell {
	v := r.Verdict(c.Verdict)
	n, low, high := signed(c.Difference)
	cell := HeatCell{Look: v.Class, Class: v.Class, Range: r.L.Say("value.range", "low", r.plus(low), "high", r.plus(high))}
	switch v.Class {
	case "noisy":
		cell.Text, cell.Range, cell.Label = r.L.Say("heat.noisy"), "", v.Text
	case "flat":
		cell.Label = v.Text + ", " + r.Difference(c.Difference)
	default:
		cell.Text, cell.Label = r.plus(n), v.Text+", "+r.Difference(c.Difference)
	}
	return cell
}

// plus writes a difference with its sign.
func (r *Reader) plus(n int64) string {
	switch {
	case n > 0:
		return r.L.Say("heat.plus", "n", n)
	case n < 0:
		return r.L.Say("heat.minus", "n", -n)
	}
	return r.L.Number(0)
}
