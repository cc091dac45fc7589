package view

import (
	"fmt"
	"html/template"
	"strings"

	"tidemark/aggregation/combine"
	"tidemark/dashboard/chart"
	"tidemark/schema"
)

// RankPage answers: what is most reported?
type RankPage struct {
	Title  string
	Pick   TablePick
	Cannot *Cannot // nothing below is set
	Says   []string
	Figure Figure
	Groups []RankGroup
	Noisy  []Line // too noisy to rank
	Vague  []Line // codes that say that something is not known
	Notes  []string
	Source Source
}

// RankGroup is lines in no clear order, or one line alone.
type RankGroup struct {
	Says  string // "no clear order among these 4"; empty: one line alone
	Lines []Line
}

// Line is a code with its number and a bar.
type Line struct {
	Place   string
	Label   string
	Note    string // more about the number
	Href    string
	Value   Value
	Bar     template.HTML
	Verdict Verdict
	Change  string // its size in words
	Spark   template.HTML
}

// ranked is a one-way table in order.
type ranked struct {
	id    FigureID
	title string
	grid  combine.Grid
	ranks []combine.Rank // of the codes that say something
	codes []schema.Code  // of the ranks' cells
	vague []int          // cells of the other codes
}

// Ranking is the page of a one-way table in order.
func (r *Reader) Ranking() (RankPage, error) {
	p := RankPage{Title: r.L.Say("nav.ranking")}
	if r.Empty() {
		p.Cannot = r.nothingYet()
		return p, nil
	}
	t, period, err := r.tableAsked(r.firstAxis)
	if err != nil {
		return p, err
	}
	p.Title = r.L.Table(t)
	p.Pick = TablePick{Tables: r.oneWay(t), Periods: r.pickPeriods(t, period)}
	if period.IsZero() || len(t.Axes) > 1 {
		p.Cannot = r.cannotRank(t)
		return p, nil
	}
	k, err := r.rank(FigureID{Kind: RankFigure, Table: t, Period: period})
	if err != nil {
		return p, err
	}
	p.Title, p.Figure, p.Notes = k.title, r.rankFigure(k), r.caveats(t)
	p.Source = r.source(combine.Point{Period: period, Coverage: k.grid.Coverage})
	r.fillRank(&p, k)
	if joint := r.jointLead(k.grid.Coverage); joint != "" {
		p.Says = append(p.Says, joint)
	}
	return p, nil
}

// firstAxis is what is ranked if nothing else is said; no axis where the plan has no table
// of people.
func (r *Reader) firstAxis() schema.Table {
	axes := r.allAxes()
	return schema.Table{Axes: axes[:min(1, len(axes))]}
}

// oneWay offers every axis that some table tells.
func (r *Reader) oneWay(chosen schema.Table) []Options {
	group := Options{Label: r.L.Say("pick.table")}
	for _, a := range r.allAxes() {
		group.Options = append(group.Options, Option{a.String(), r.L.Axis(a), a.String() == chosen.String()})
	}
	return []Options{group}
}

// cannotRank leads a table of two axes to where it can be seen whole.
func (r *Reader) cannotRank(t schema.Table) *Cannot {
	if len(t.Axes) == 1 {
		return r.cannotTable(t, "/ranking")
	}
	q := r.Q.kept()
	q.Table, q.Period = t, r.Q.Period
	return &Cannot{r.L.Say("rank.two", "table", r.L.Table(t)), []Link{{q.At("/heat"), r.L.Say("rank.two.heat", "table", r.L.Table(t))}}}
}

// rank orders a table's codes. Codes that say that something is not known have no place:
// their number is about the asking.
func (r *Reader) rank(id FigureID) (ranked, error) {
	k := ranked{id: id, title: r.L.Say("heat.title", "table", r.L.Table(id.Table), "period", r.L.Period(id.Period))}
	var err error
	if k.grid, err = r.Grid(id.Table, id.Period); err != nil {
		return k, err
	}
	var cells []combine.Estimate
	for i, code := range k.grid.Shape.Levels[0].Codes {
		if Vague(code) {
			k.vague = append(k.vague, i)
			continue
		}
		cells, k.codes = append(cells, k.grid.Cells[i]), append(k.codes, code)
	}
	if len(k.grid.Coverage.Reporting) == 0 {
		k.vague = nil
		return k, nil
	}
	k.ranks = combine.Ranks(cells)
	return k, nil
}

func (r *Reader) rankFigure(k ranked) Figure {
	f := Figure{ID: k.id, Title: r.L.Say("figure.table.rank", "period", r.L.Period(k.id.Period)), Subtitle: r.L.Say("figure.trend.note")}
	r.addresses(&f)
	return f
}

// noisy tells that a rank's number is not shown.
func (k *ranked) noisy(one combine.Rank) bool {
	return one.Estimate.Band(k.grid.Bands) == combine.TooNoisy
}

// top is the end of the bars' scale: as far as any number may reach.
func (k *ranked) top() float64 {
	top := 0.0
	for _, one := range k.ranks {
		_, high := one.Estimate.Interval95()
		if k.noisy(one) {
			high = one.Estimate.Upper()
		}
		top = max(top, high)
	}
	return chart.NiceMax(top)
}

// fillRank puts the codes into groups, and those without a number at the end.
func (r *Reader) fillRank(p *RankPage, k ranked) {
	top, group := k.top(), 0
	for i, one := range k.ranks {
		line := r.rankLine(k, one)
		if k.noisy(one) {
			p.Noisy = append(p.Noisy, line)
			continue
		}
		line.Bar = r.bar(fmt.Sprintf("rank-%d", i), one.Estimate, k.grid.Bands, top)
		if one.Group != group {
			p.Groups, group = append(p.Groups, RankGroup{}), one.Group
		}
		last := &p.Groups[len(p.Groups)-1]
		last.Lines = append(last.Lines, line)
	}
	for i := range p.Groups {
		if n := len(p.Groups[i].Lines); n > 1 {
			p.Groups[i].Says = r.L.Say("rank.tie", "n", n)
		}
	}
	for _, cell := range k.vague {
		p.Vague = append(p.Vague, r.line(k.grid, cell))
	}
	p.Says = r.rankSays(p, k)
}

// rankLine is a code with its place.
func (r *Reader) rankLine(k ranked, one combine.Rank) Line {
	f := combine.Filter{Axis: k.id.Table.Axes[0], Code: k.codes[one.Cell]}
	return Line{
		Place: r.place(one), Label: r.Label(f), Value: r.Value(one.Estimate, k.grid.Bands),
		Href: r.seriesLink(k.id.Period.Cadence(), f, combine.Filter{}),
	}
}

// line is a cell of a one-way table.
func (r *Reader) line(g combine.Grid, cell int) Line {
	f := cellOf(g.Shape, cell)[0]
	return Line{Label: r.Label(f), Value: r.Value(g.Cells[cell], g.Bands), Href: r.seriesLink(g.Period.Cadence(), f, combine.Filter{})}
}

func (r *Reader) place(one combine.Rank) string {
	if one.Best == one.Worst {
		return r.L.Say("rank.place", "low", one.Best)
	}
	return r.L.Say("rank.places", "low", one.Best, "high", one.Worst)
}

// rankSays says what comes first, as far as that is clear.
func (r *Reader) rankSays(p *RankPage, k ranked) []string {
	switch {
	case len(k.grid.Coverage.Reporting) == 0:
		return []string{r.L.Say("heat.nobody", "period", r.L.Period(k.id.Period))}
	case len(p.Groups) == 0:
		return []string{r.L.Say("rank.all_noisy"), r.L.Say("judge.noisy")}
	}
	first := p.Groups[0].Lines
	key := "rank.first"
	if len(first) > 1 {
		key = "rank.first.tie"
	}
	says := []string{r.careful(first[0].Value, r.L.Say(key, "n", len(first), "what", first[0].Label, "value", first[0].Value.Full()))}
	if len(p.Noisy) > 0 {
		says = append(says, r.L.Say("rank.hidden", "n", len(p.Noisy)))
	}
	return says
}

// careful adds to a sentence that its number stands with caution.
func (r *Reader) careful(v Value, says string) string {
	if v.Class != "caution" {
		return says
	}
	return r.L.Say("says.caution", "says", says)
}

// bar draws a number with its range.
func (r *Reader) bar(id string, e combine.Estimate, b schema.Bands, top float64) template.HTML {
	scene := chart.LayoutBar(r.barOf(e, b, top))
	scene.ID = id
	return scene.Page()
}

func (r *Reader) barOf(e combine.Estimate, b schema.Bands, top float64) chart.Bar {
	bar := chart.Bar{Kind: KindOf(e.Band(b)), At: max(0, e.Value), Max: top, RTL: r.L.RTL}
	bar.Low, bar.Top = e.Interval95()
	bar.Low = max(0, bar.Low)
	if bar.Kind == chart.Noisy {
		bar.Top = e.Upper()
	}
	return bar
}

// RankFigure is the figure that an id names, and its drawing for a file.
func (r *Reader) RankFigure(id FigureID) (Figure, chart.Scene, error) {
	if err := r.tellable(id); err != nil {
		return Figure{}, chart.Scene{}, err
	}
	if len(id.Table.Axes) != 1 {
		return Figure{}, chart.Scene{}, fmt.Errorf("ranking of two axes: %w", ErrUnknown)
	}
	k, err := r.rank(id)
	if err != nil {
		return Figure{}, chart.Scene{}, err
	}
	f := r.rankFigure(k)
	scene := chart.LayoutRank(r.rankChart(k))
	scene.ID, scene.Heading = RankFigure, k.title
	return f, scene, nil
}

func (r *Reader) rankChart(k ranked) chart.Rank {
	c := chart.Rank{Title: k.title, Desc: r.L.Say("figure.table.rank", "period", r.L.Period(k.id.Period)),
		Number: r.L.Number, RTL: r.L.RTL, Tie: r.L.Say("rank.bracket"), Careful: r.L.Say("heat.key.caution")}
	var rest []string
	for _, one := range k.ranks {
		line := r.rankLine(k, one)
		if k.noisy(one) {
			rest = append(rest, r.L.Say("rank.rest", "what", line.Label, "value", r.L.Say("value.fewer", "n", one.Estimate.Shown(k.grid.Bands).High)))
			continue
		}
		c.Bars = append(c.Bars, chart.RankBar{
			Place: line.Place, Label: line.Label, Value: line.Value.Text, Range: line.Value.Range,
			Group: one.Group, Bar: r.barOf(one.Estimate, k.grid.Bands, 0),
		})
	}
	if len(rest) > 0 {
		c.Rest = r.L.Say("rank.rest.all", "list", strings.Join(rest, "; "))
	}
	return c
}
