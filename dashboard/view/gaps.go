package view

import (
	"fmt"
	"html/template"
	"slices"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// GapsPage answers: where is help short, where does it overlap?
type GapsPage struct {
	Title     string
	Lead      []string // who has said what it offers, and who has not
	Declare   *Link    // where this member says it; nil: not from here
	Cannot    *Cannot  // nobody has released anything: only what members offer is shown
	Gaps      []string // the answer in sentences
	Overlaps  []string
	All       *Short // everybody who asked, whatever for
	Needs     GapTable
	Regions   GapTable
	Trainings []TrainingGroup
	Untrained string // where members work and nobody trains
	Members   []OfferRow
	Silent    int // members that have not said what they offer
	Resources []ResourceRow
	Lacking   []Lack
	Source    *Source
}

// GapTable sets who asked beside who offers, row by row.
type GapTable struct {
	ID, Title, Says string
	Corner          string // what the rows are
	Told            bool   // the plan tells who asked and went without
	Rows            []GapRow
	Rest            []Line // codes that say that something is not known
	Figure          *Figure
}

// GapRow is a need, or a region.
type GapRow struct {
	Label, Href string
	Asked       Value
	AskedBar    template.HTML
	Without     Value
	WithoutBar  template.HTML
	Share       string // of those who asked: "45 in 100 (38 to 52)"; empty: too noisy to say
	Offers      Offers
}

// The dimension that says what became of a need, and its codes for want of capacity.
const outcomeDimension = "support_outcome"

var outcomeAxes = []schema.Axis{{Dimension: outcomeDimension, Rollup: "group"}, {Dimension: outcomeDimension}}

// short and met are codes of the roll-up, then those that it joins.
var (
	shortCodes = []schema.Code{"gap_capacity", "referred_no_capacity", "no_service_region", "no_service_language", "no_funds"}
	metCodes   = []schema.Code{"met", "given_full", "referred_taken"}
)

// Gaps is the page of needs beside what members offer.
func (r *Reader) Gaps() (GapsPage, error) {
	p := GapsPage{Title: r.L.Say("gaps.title")}
	reg := r.register()
	p.Lead, p.Members, p.Silent = r.saidWhat(reg), r.offerRows(reg), reg.silent
	p.Trainings, p.Untrained, p.Resources = r.trainings(reg), r.untrained(reg), r.resources(reg)
	needs, err := r.gapRows(schema.NeedDimension, func(code schema.Code) Offers { return r.offersFor(reg, code) })
	if err != nil {
		return p, err
	}
	regions, err := r.gapRows(schema.RegionDimension, func(code schema.Code) Offers { return r.offersIn(reg, code) })
	if err != nil {
		return p, err
	}
	p.Needs, p.Regions = needs.table(r, "needs"), regions.table(r, "regions")
	p.Gaps, p.Overlaps = r.gapSays(needs), r.overlapSays(reg, p.Trainings)
	if r.Empty() {
		p.Cannot = r.nothingYet()
		return p, nil
	}
	for _, g := range []gapGrid{needs, regions} {
		if l := r.lack("gaps."+g.id+".lack", g.dimension, outcomeDimension); !g.told && l.Says != "" {
			p.Lacking = append(p.Lacking, l)
		}
	}
	if p.All, err = r.helped(); err != nil {
		return p, err
	}
	_, last := r.anything()
	s := r.source(combine.Point{Period: last, Coverage: r.Book.Coverage(last)})
	p.Source = &s
	return p, nil
}

// gapGrid is a dimension with what is known of each of its codes.
type gapGrid struct {
	id, dimension string
	told          bool
	of            schema.Table
	grid          combine.Grid
	level         schema.Level // the rows
	asked         []combine.Estimate
	without       []combine.Estimate
	offers        []Offers
}

// gapRows sets a dimension's codes beside what is offered. Where no plan tells how many
// asked and went without, the offers stand alone.
func (r *Reader) gapRows(dimension string, offers func(schema.Code) Offers) (gapGrid, error) {
	g := gapGrid{id: map[string]string{schema.NeedDimension: "needs", schema.RegionDimension: "regions"}[dimension], dimension: dimension}
	if r.Codebook.Dimension(dimension) < 0 {
		return g, nil
	}
	axis := schema.Axis{Dimension: dimension}
	t, period, told := r.crossed(dimension, outcomeDimension)
	told = told && slices.Contains(t.Axes, axis) // members speak in codes, not in roll-ups
	g.told, g.of = told, t
	var err error
	if g.level, err = r.Codebook.Level(axis); err != nil {
		return g, err
	}
	if told {
		err = r.askedAndWithout(&g, period)
	}
	for _, code := range g.level.Codes {
		g.offers = append(g.offers, offers(code))
	}
	return g, err
}

// askedAndWithout adds the numbers. The noise of two codes of one table never goes
// together, so that adding their variances can only make the range wider than it is.
func (r *Reader) askedAndWithout(g *gapGrid, period schema.Period) error {
	side, err := r.Grid(schema.Table{Axes: []schema.Axis{g.level.Axis}}, period)
	if err != nil {
		return err
	}
	if g.grid, err = r.Grid(g.of, period); err != nil {
		return err
	}
	g.asked, g.without = side.Cells, make([]combine.Estimate, len(g.level.Codes))
	for cell, e := range g.grid.Cells {
		row, col := g.at(cell)
		if slices.Contains(shortCodes, col) {
			g.without[row] = g.without[row].Plus(e)
		}
	}
	return nil
}

// at is the row of a cell, and the outcome that it is of.
func (g *gapGrid) at(cell int) (row int, outcome schema.Code) {
	levels, cols := g.grid.Shape.Levels, g.grid.Shape.Cols()
	if levels[0].Axis == g.level.Axis {
		return cell / cols, levels[1].Codes[cell%cols]
	}
	return cell % cols, levels[0].Codes[cell/cols]
}

// readable tells that so many went without as can be said.
func (g *gapGrid) readable(row int) bool {
	return g.told && g.without[row].Band(g.grid.Bands) != combine.TooNoisy
}

// order is the rows that say something: first those of which surely most went without.
func (g *gapGrid) order() []int {
	var rows []int
	for i, code := range g.level.Codes {
		if !Vague(code) {
			rows = append(rows, i)
		}
	}
	slices.SortStableFunc(rows, func(a, b int) int {
		switch ra, rb := g.readable(a), g.readable(b); {
		case ra && rb && g.without[a].Lower() != g.without[b].Lower():
			return map[bool]int{true: -1, false: 1}[g.without[a].Lower() > g.without[b].Lower()]
		case ra != rb:
			return map[bool]int{true: -1, false: 1}[ra]
		}
		return 0
	})
	return rows
}

func (g *gapGrid) table(r *Reader, id string) GapTable {
	t := GapTable{ID: id, Title: r.L.Say("gaps." + id), Told: g.told, Corner: r.L.Axis(g.level.Axis), Says: r.L.Say("gaps." + id + ".untold")}
	switch {
	case !g.told && len(r.Declared) == 0:
		return t
	case !g.told && r.Empty():
		t.Says = r.L.Say("gaps.untold.yet")
	case g.told:
		period := r.L.Period(g.grid.Period)
		t.Says = r.L.Say("gaps."+id+".says", "period", period)
		f := r.heatFigure(heatMap{id: FigureID{Kind: HeatFigure, Table: g.of, Period: g.grid.Period, Show: ShowLevel}, table: HeatTable{Caption: r.L.Table(g.of)}})
		t.Figure = &f
	}
	top := g.top(r)
	for _, row := range g.order() {
		t.Rows = append(t.Rows, g.row(r, row, top))
	}
	for row, code := range g.level.Codes {
		if g.told && Vague(code) {
			t.Rest = append(t.Rest, Line{Label: g.label(r, row), Href: g.href(r, row), Value: r.Value(g.asked[row], g.grid.Bands)})
		}
	}
	return t
}

// top is the end of the scale that all bars of the table have.
func (g *gapGrid) top(r *Reader) float64 {
	top := 0.0
	for _, e := range g.asked {
		top = max(top, r.barOf(e, g.grid.Bands, 0).Top)
	}
	return top
}

func (g *gapGrid) label(r *Reader, row int) string {
	return r.L.Code(g.level.Axis, g.level.Codes[row]).Label
}

func (g *gapGrid) href(r *Reader, row int) string {
	if !g.told {
		return ""
	}
	return r.seriesLink(g.grid.Period.Cadence(), combine.Filter{Axis: g.level.Axis, Code: g.level.Codes[row]}, combine.Filter{})
}

func (g *gapGrid) row(r *Reader, row int, top float64) GapRow {
	out := GapRow{Label: g.label(r, row), Href: g.href(r, row), Offers: g.offers[row], Asked: r.Untold(), Without: r.Untold()}
	if !g.told {
		return out
	}
	bands := g.grid.Bands
	out.Asked, out.Without = r.Value(g.asked[row], bands), r.Value(g.without[row], bands)
	out.AskedBar = r.bar(fmt.Sprintf("%s-%d", g.id, row), g.asked[row], bands, top)
	out.WithoutBar = r.bar(fmt.Sprintf("%s-without-%d", g.id, row), g.without[row], bands, top)
	out.Share = g.share(r, row)
	return out
}

// share says how many of 100 who asked went without, where that can be said.
func (g *gapGrid) share(r *Reader, row int) string {
	s := shareOf(g.without[row], g.asked[row])
	if s.open || !g.readable(row) {
		return ""
	}
	n, low, high := s.inHundred()
	return r.L.Say("link.hundred", "hundred", n, "low", low, "high", high)
}

// helped sums up what became of everybody's needs; nil where no plan tells it.
func (r *Reader) helped() (*Short, error) {
	t, period, ok := r.alone(outcomeAxes...)
	if !ok {
		return nil, nil
	}
	g, err := r.Grid(t, period)
	if err != nil {
		return nil, err
	}
	sums := make([]combine.Estimate, 2)
	top := 0.0
	for k, codes := range [][]schema.Code{shortCodes, metCodes} {
		for i, code := range g.Shape.Levels[0].Codes {
			if slices.Contains(codes, code) {
				sums[k] = sums[k].Plus(g.Cells[i])
			}
		}
		top = max(top, r.barOf(sums[k], g.Bands, 0).Top)
	}
	s := &Short{Name: r.L.Say("gaps.all"), Period: r.L.Period(period)}
	for k, key := range []string{"short", "met"} {
		s.Lines = append(s.Lines, Line{Label: r.L.Say("gaps.all." + key), Value: r.Value(sums[k], g.Bands), Bar: r.bar("all-"+key, sums[k], g.Bands, top)})
	}
	return s, nil
}
