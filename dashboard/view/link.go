package view

import (
	"fmt"
	"slices"

	"tidemark/aggregation/combine"
	"tidemark/dashboard/chart"
	"tidemark/schema"
)

// LinkPage answers: which online acts come with which harm, by strength of evidence?
type LinkPage struct {
	Title    string
	Cannot   *Cannot // nothing below is set
	Lead     string
	Periods  []Options
	Harms    []Harm // what comes together, the gravest first
	None     string // said where no pair can be read
	Acts     []Act
	Hidden   []Line // acts of which every harm is too noisy
	Figure   Figure
	Whole    Link     // the whole table
	Strength *Crossed // of the evidence that one led to the other
	Links    *Answer  // how online and offline acts go together
	Lacking  []Lack
	Notes    []string
	Source   Source
}

// Harm is a harm with the acts that it most clearly comes with.
type Harm struct {
	Label string
	Pairs []Pair
}

// Pair is an act and a harm that come together, in a sentence.
type Pair struct {
	Says, Href string
	Verdict    Verdict // of the change; set where it is clear
}

// Act is a row: an act with the harms that come with it.
type Act struct {
	Label, Href string
	Total       Value
	Harms       []Line // the gravest first
	Noisy       []Line
	Rest        []Line // no harm known, not known
}

// Crossed is a table of two axes on a page about something else.
type Crossed struct {
	Title  string
	Says   []string
	Table  HeatTable
	Figure Figure
}

// Lack is a question that the plan has no table for, with where the plan is.
type Lack struct{ What, Says, Href string }

// The dimensions that the page is about.
const (
	actDimension      = "threat_type"
	harmDimension     = "offline_consequence"
	evidenceDimension = "link_evidence"
	linkDimension     = "online_offline_link"
)

// Link is the page of online acts and the harm that comes with them.
func (r *Reader) Link() (LinkPage, error) {
	p := LinkPage{Title: r.L.Say("link.title")}
	if r.Empty() {
		p.Cannot = r.nothingYet()
		return p, nil
	}
	t, period, found := r.crossed(actDimension, harmDimension)
	if !found {
		p.Cannot = r.cannotTable(schema.Table{Axes: []schema.Axis{{Dimension: actDimension}, {Dimension: harmDimension}}}, "/heat")
		return p, nil
	}
	if wanted := r.Q.Period; !wanted.IsZero() {
		if err := r.owed(wanted); err != nil {
			return p, err
		}
		if r.tells(t, wanted) {
			period = wanted
		}
	}
	c, err := r.meet(t, period)
	if err != nil {
		return p, err
	}
	p.Title = r.L.Say("link.title.period", "period", r.L.Period(period))
	p.Periods, p.Lead = r.pickPeriods(t, period), r.L.Say("link.lead")
	p.Harms, p.None = r.harms(c)
	p.Acts, p.Hidden = r.acts(c)
	p.Figure, p.Notes = r.heatFigure(heatMap{id: c.id, table: HeatTable{Caption: r.L.Table(t)}}), r.caveats(t)
	p.Source = r.source(combine.Point{Period: period, Coverage: c.grid.Coverage})
	whole := r.Q.kept()
	whole.Table, whole.Period = t, period
	p.Whole = Link{whole.At("/heat"), r.L.Say("link.table")}
	return p, r.strength(&p)
}

// mostOfOne bounds the sentences about one harm.
const mostOfOne = 2

// harms are the sentences that the page opens with.
func (r *Reader) harms(m meeting) (harms []Harm, none string) {
	for _, harm := range m.harms {
		acts := m.order(harm)
		_, h := m.filters(0, harm)
		one := Harm{Label: r.Label(h)}
		for _, act := range acts[:min(len(acts), mostOfOne)] {
			one.Pairs = append(one.Pairs, r.pair(m, act, harm))
		}
		if len(one.Pairs) > 0 {
			harms = append(harms, one)
		}
	}
	switch {
	case len(m.grid.Coverage.Reporting) == 0:
		none = r.L.Say("heat.nobody", "period", r.L.Period(m.id.Period))
	case len(harms) == 0:
		none = r.L.Say("link.none")
	}
	return harms, none
}

func (r *Reader) pair(m meeting, act, harm int) Pair {
	a, h := m.filters(act, harm)
	i := m.cell(act, harm)
	value := r.Value(m.grid.Cells[i], m.grid.Bands)
	p := Pair{Href: r.seriesLink(m.id.Period.Cadence(), a, h), Verdict: r.clearly(m, i)}
	said := []any{"act", r.Label(a), "harm", r.Label(h), "total", r.Value(m.totals[act], m.grid.Bands).Full(), "value", value.Full()}
	if s := m.share(act, harm); s.open {
		p.Says = r.L.Say("link.says.open", said...)
	} else {
		n, low, high := s.inHundred()
		p.Says = r.L.Say("link.says", append(said, "hundred", n, "low", low, "high", high)...)
	}
	p.Says = r.careful(value, p.Says)
	return p
}

// clearly is the verdict of a change that stands on the list of the clear ones.
func (r *Reader) clearly(m meeting, cell int) Verdict {
	if m.changes.since.IsZero() || !m.changes.cells[cell].Listed {
		return Verdict{}
	}
	return r.Verdict(m.changes.cells[cell].Verdict)
}

// acts are the rows: those that come with a grave harm that can be read first.
func (r *Reader) acts(m meeting) (acts []Act, hidden []Line) {
	var order []int
	for _, harm := range m.harms {
		for _, act := range m.order(harm) {
			if !slices.Contains(order, act) {
				order = append(order, act)
			}
		}
	}
	for _, act := range order {
		acts = append(acts, r.actOf(m, act))
	}
	for act, code := range m.act.Codes {
		if !Vague(code) && !slices.Contains(order, act) && len(m.grid.Coverage.Reporting) > 0 {
			a, _ := m.filters(act, 0)
			hidden = append(hidden, Line{Label: r.Label(a), Value: r.Value(m.totals[act], m.grid.Bands), Href: r.seriesLink(m.id.Period.Cadence(), a, combine.Filter{})})
		}
	}
	return acts, hidden
}

// actOf is an act with its harms. The bars show how many of 100 people with the act, so
// that rare acts can be compared with frequent ones.
func (r *Reader) actOf(m meeting, act int) Act {
	a, _ := m.filters(act, 0)
	out := Act{Label: r.Label(a), Href: r.seriesLink(m.id.Period.Cadence(), a, combine.Filter{}), Total: r.Value(m.totals[act], m.grid.Bands)}
	for _, harm := range m.harms {
		if l := r.meets(m, act, harm); m.readable(act, harm) {
			out.Harms = append(out.Harms, l)
		} else {
			out.Noisy = append(out.Noisy, l)
		}
	}
	for _, harm := range m.others {
		out.Rest = append(out.Rest, r.meets(m, act, harm))
	}
	return out
}

// meets is the line of an act and a harm.
func (r *Reader) meets(m meeting, act, harm int) Line {
	a, h := m.filters(act, harm)
	i := m.cell(act, harm)
	l := Line{Label: r.Label(h), Value: r.Value(m.grid.Cells[i], m.grid.Bands), Href: r.seriesLink(m.id.Period.Cadence(), a, h)}
	s := m.share(act, harm)
	if s.open || !m.readable(act, harm) {
		return l
	}
	n, low, high := s.inHundred()
	l.Note, l.Verdict = r.L.Say("link.hundred", "hundred", n, "low", low, "high", high), r.clearly(m, i)
	scene := chart.LayoutBar(chart.Bar{Kind: KindOf(m.grid.Cells[i].Band(m.grid.Bands)), At: s.value, Low: s.low, Top: s.high, Max: m.mostShare(), RTL: r.L.RTL})
	scene.ID = fmt.Sprintf("act-%d-%d", act, harm)
	l.Bar = scene.Page()
	return l
}

// mostShare is the end of the scale that all bars have.
func (m *meeting) mostShare() float64 {
	most := 0.0
	for act := range m.act.Codes {
		for _, harm := range m.harms {
			if m.readable(act, harm) {
				most = max(most, m.share(act, harm).high)
			}
		}
	}
	return most
}

// strength shows what the plan has about the link itself, and says what it lacks.
func (r *Reader) strength(p *LinkPage) error {
	if t, period, ok := r.crossed(harmDimension, evidenceDimension); ok {
		c, err := r.crossedTable(t, period)
		if err != nil {
			return err
		}
		c.Title = r.L.Say("link.strength")
		p.Strength = &c
	} else {
		p.Lacking = append(p.Lacking, r.lack("link.strength", harmDimension, evidenceDimension))
	}
	if t, period, ok := r.alone(schema.Axis{Dimension: linkDimension}); ok {
		a, err := r.answer(t, period, "link")
		if err != nil {
			return err
		}
		a.Title = r.L.Say("link.order")
		p.Links = &a
	} else {
		p.Lacking = append(p.Lacking, r.lack("link.order", linkDimension))
	}
	p.Lacking = slices.DeleteFunc(p.Lacking, func(l Lack) bool { return l.Says == "" })
	return nil
}

// lack says which table the plan would have to hold; nothing where the codebook does not
// have its words either.
func (r *Reader) lack(question string, dimensions ...string) Lack {
	var t schema.Table
	for _, d := range dimensions {
		if r.Codebook.Dimension(d) < 0 {
			return Lack{}
		}
		t.Axes = append(t.Axes, schema.Axis{Dimension: d})
	}
	return Lack{r.L.Say(question), r.L.Say("lack.table", "table", r.L.Table(t)), r.Q.Link("/members")}
}

// crossedTable is a table of two axes with the sentences of its heat map.
func (r *Reader) crossedTable(t schema.Table, p schema.Period) (Crossed, error) {
	h, err := r.heat(FigureID{Kind: HeatFigure, Table: t, Period: p, Show: ShowLevel})
	return Crossed{Title: h.title, Says: h.hidden, Table: h.table, Figure: r.heatFigure(h)}, err
}

// alone finds the first of the axes that a plan tells, with its newest period.
func (r *Reader) alone(axes ...schema.Axis) (schema.Table, schema.Period, bool) {
	for _, a := range axes {
		t := schema.Table{Axes: []schema.Axis{a}}
		for _, c := range schema.Cadences {
			if last, ok := r.Last(c); ok && r.tells(t, last) {
				return t, last, true
			}
		}
	}
	return schema.Table{}, schema.Period{}, false
}
