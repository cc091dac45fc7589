package view

import (
	"cmp"
	"math"
	"slices"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// meeting is the table of acts and harms, whichever of the two its rows are.
type meeting struct {
	id      FigureID
	grid    combine.Grid
	act     schema.Level
	harm    schema.Level
	flipped bool  // the rows are harms
	harms   []int // columns that are harm, the gravest first
	others  []int // no harm known, not known
	totals  []combine.Estimate
	changes changed
}

func (r *Reader) meet(t schema.Table, p schema.Period) (meeting, error) {
	m := meeting{id: FigureID{Kind: HeatFigure, Table: t, Period: p, Show: ShowLevel}}
	var err error
	if m.grid, err = r.Grid(t, p); err != nil {
		return m, err
	}
	m.act, m.harm = m.grid.Shape.Levels[0], m.grid.Shape.Levels[1]
	if m.act.Axis.Dimension != actDimension {
		m.act, m.harm, m.flipped = m.harm, m.act, true
	}
	m.sortHarms()
	side, err := r.Grid(schema.Table{Axes: []schema.Axis{m.act.Axis}}, p)
	if err != nil {
		return m, err
	}
	m.totals = side.Cells
	m.changes, err = r.changesOf(t, p)
	return m, err
}

// sortHarms puts the gravest first: the codebook lists consequences by their gravity,
// with "other" and what is not known after them.
func (m *meeting) sortHarms() {
	last := -1
	for i, code := range m.harm.Codes {
		switch {
		case harmless(code) || Vague(code):
			m.others = append(m.others, i)
		case code == "other":
			last = i
		default:
			m.harms = append(m.harms, i)
		}
	}
	slices.Reverse(m.harms)
	if last >= 0 {
		m.harms = append(m.harms, last)
	}
}

// cell is the place of an act and a harm in the grid.
func (m *meeting) cell(act, harm int) int {
	if m.flipped {
		return harm*len(m.act.Codes) + act
	}
	return act*len(m.harm.Codes) + harm
}

func (m *meeting) filters(act, harm int) (a, h combine.Filter) {
	return combine.Filter{Axis: m.act.Axis, Code: m.act.Codes[act]}, combine.Filter{Axis: m.harm.Axis, Code: m.harm.Codes[harm]}
}

// readable tells that a cell may be shown as a number.
func (m *meeting) readable(act, harm int) bool {
	return len(m.grid.Coverage.Reporting) > 0 && m.grid.Cells[m.cell(act, harm)].Band(m.grid.Bands) != combine.TooNoisy
}

// order is the acts of a harm that can be read, those that surely come with it most often
// first.
func (m *meeting) order(harm int) []int {
	var acts []int
	for act, code := range m.act.Codes {
		if !Vague(code) && m.readable(act, harm) {
			acts = append(acts, act)
		}
	}
	slices.SortStableFunc(acts, func(a, b int) int { return cmp.Compare(m.share(b, harm).low, m.share(a, harm).low) })
	return acts
}

// share is the part of the people with an act who also met a harm.
func (m *meeting) share(act, harm int) share {
	return shareOf(m.grid.Cells[m.cell(act, harm)], m.totals[act])
}

// share is a part of a whole with its 19-in-20 range.
type share struct {
	value, low, high float64
	open             bool // the whole may be nobody
}

// shareOf is Fieller's range (RECONSTRUCTION.md 4.6). A cell and its row's total go
// together, never against each other; taking their noise as independent can only make
// the range wider than it is.
func shareOf(part, whole combine.Estimate) share {
	const z = 1.959963984540054
	square := whole.Value*whole.Value - z*z*whole.Variance
	if whole.Value <= 0 || square <= 0 {
		return share{open: true}
	}
	middle := part.Value * whole.Value
	half := math.Sqrt(max(0, middle*middle-square*(part.Value*part.Value-z*z*part.Variance)))
	bound := func(x float64) float64 { return min(1, max(0, x)) }
	return share{value: bound(part.Value / whole.Value), low: bound((middle - half) / square), high: bound((middle + half) / square)}
}

// inHundred says a share: how many of 100, rounded outwards.
func (s share) inHundred() (value, low, high int) {
	return int(math.Round(100 * s.value)), int(math.Floor(100 * s.low)), int(math.Ceil(100 * s.high))
}

// harmless tells codes that say that nothing happened.
func harmless(c schema.Code) bool { return c == "none" || c == "none_known" || c == "none_observed" }
