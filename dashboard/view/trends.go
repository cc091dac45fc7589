package view

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"

	"tidemark/aggregation/combine"
	"tidemark/dashboard/chart"
	"tidemark/schema"
)

// TrendPage answers: is X in Y going up?
type TrendPage struct {
	Title   string
	Pick    TrendPick
	Cannot  *Cannot // the plan's tables cannot tell it: nothing below is set
	Verdict Verdict
	Only    string   // who is in only one of the sums that are compared
	Says    []string // what the verdict means, in sentences
	Carries []string // how far it carries
	Facts   []Fact
	Figure  Figure
	Source  Source
	Minis   []Mini
	Noisy   []Mini // those of which nothing can be drawn
	MiniOf  string // heading of the small multiples
	Crosses []Link // axes that this can be crossed with
}

// TrendPick is the form above a trend.
type TrendPick struct {
	What, And []Options
	From, To  []Option
	Every     []Option
	AndEmpty  bool
	WhatEmpty bool
}

// Fact is one of the three numbers beside the verdict.
type Fact struct {
	Name  string
	Value Value
	Note  string
}

// Link is an address with its words.
type Link struct{ Href, Text string }

// Cannot says why a thing is not shown, and what can be.
type Cannot struct {
	Says  string
	Links []Link
}

// Mini is one of the small multiples.
type Mini struct {
	Href    string
	Label   string
	Verdict Verdict
	Now     Value
	Chart   template.HTML
	Chosen  bool
	told    bool // enough of it can be drawn
}

// Trends is the page of one series.
func (r *Reader) Trends() (TrendPage, error) {
	what, and := r.Q.What, r.Q.And
	for _, f := range []combine.Filter{what, and} {
		if err := r.known(f); err != nil {
			return TrendPage{}, err
		}
	}
	if what == (combine.Filter{}) {
		what, and = and, what
	}
	p := TrendPage{Title: r.Labels(what, and)}
	c, last, ok := r.cadence(what, and)
	if !ok {
		c, last = r.anything()
		p.Pick = r.trendPick(c, last, last, what, and)
		p.Cannot = r.cannotTell(what, and)
		return p, nil
	}
	from, to := r.span(c, last)
	p.Pick = r.trendPick(c, from, to, what, and)
	t, err := r.trend(what, and, from, to)
	if err != nil {
		return p, err
	}
	p.Figure = r.trendFigure(t)
	p.Source = r.source(newestOf(t.series))
	p.Facts = r.facts(t)
	heading, vary, siblings, err := r.siblings(what, and, c, from, to)
	if err != nil {
		return p, err
	}
	p.Verdict, p.Says, p.Carries = r.Verdict(verdictOf(t)), r.judge(t, siblings), r.carries(t)
	if t.change != nil {
		p.Only = r.onlyIn(*t.change, t.since, t.to)
	}
	p.MiniOf = heading
	for _, m := range r.drawMinis(siblings, vary) {
		if m.told || m.Chosen {
			p.Minis = append(p.Minis, m)
		} else {
			p.Noisy = append(p.Noisy, m)
		}
	}
	p.Crosses = r.crosses(what, and)
	return p, nil
}

// trend is a series with its change over a year.
type trend struct {
	what, and combine.Filter
	from, to  schema.Period
	series    combine.Series
	since     schema.Period   // what the change is measured from; zero: nothing to compare
	change    *combine.Change // nil: nothing to compare
}

// last is the code that tells a trend from its siblings.
func (t trend) last() combine.Filter {
	if t.and != (combine.Filter{}) {
		return t.and
	}
	return t.what
}

func (r *Reader) trend(what, and combine.Filter, from, to schema.Period) (trend, error) {
	t := trend{what: what, and: and, from: from, to: to}
	q := r.query(what, and, from.Cadence())
	var err error
	if t.series, err = r.Book.Series(q, from, to); err != nil {
		return t, err
	}
	if len(t.series.Points) == 0 {
		return t, fmt.Errorf("trend: no period from %s to %s", from, to)
	}
	t.since, t.change = r.sinceAYear(q, to)
	return t, nil
}

// sinceAYear compares with the same quarter of the year before, so that seasons do not
// look like trends; where that is not there, with the period before.
func (r *Reader) sinceAYear(q combine.Query, to schema.Period) (schema.Period, *combine.Change) {
	back := []int{1}
	if to.Cadence() == schema.Quarterly {
		back = []int{schema.QuarterYears, 1}
	}
	for _, n := range back {
		since := to.Add(-n)
		if len(r.Book.Coverage(since).Reporting) == 0 {
			continue
		}
		if c, err := r.Book.Change(q, since, to); err == nil && len(c.Members) > 0 {
			return since, &c
		}
	}
	return schema.Period{}, nil
}

// anything is a cadence with its newest period, for a page that shows nothing else.
func (r *Reader) anything() (schema.Cadence, schema.Period) {
	for _, c := range schema.Cadences {
		if last, ok := r.Last(c); ok {
			return c, last
		}
	}
	return schema.Quarterly, schema.Period{}
}

func (r *Reader) trendPick(c schema.Cadence, from, to schema.Period, what, and combine.Filter) TrendPick {
	p := TrendPick{
		What: r.codes(r.allAxes(), what), And: r.codes(r.allAxes(), and),
		WhatEmpty: what == (combine.Filter{}), AndEmpty: and == (combine.Filter{}),
		From: r.periods(c, from), To: r.periods(c, to),
	}
	for _, every := range schema.Cadences {
		if len(r.Book.Periods(every)) > 0 {
			p.Every = append(p.Every, Option{string(every), r.L.Say("every." + string(every)), every == c})
		}
	}
	return p
}

// cannotTell names what the plan does cross with the code.
func (r *Reader) cannotTell(what, and combine.Filter) *Cannot {
	c := &Cannot{Says: r.L.Say("cannot.table", "what", r.Labels(what, and))}
	for _, f := range []combine.Filter{what, and} {
		if f != (combine.Filter{}) {
			q := r.Q.kept()
			q.What = f
			c.Links = append(c.Links, Link{q.At("/trends"), r.Label(f)})
		}
	}
	for _, o := range r.Crossings(what) {
		c.Links = append(c.Links, r.cross(what, o))
	}
	return c
}

func (r *Reader) cross(what combine.Filter, o Other) Link {
	q := r.Q.kept()
	q.What, q.Every = what, o.Every
	l, err := r.Codebook.Level(o.Axis)
	if err == nil {
		q.And = combine.Filter{Axis: o.Axis, Code: l.Codes[0]}
	}
	return Link{q.At("/trends") + "#multiples", r.L.Say("cross.by", "axis", r.L.Axis(o.Axis), "every", r.L.Say("every."+string(o.Every)))}
}

func (r *Reader) crosses(what, and combine.Filter) []Link {
	if what == (combine.Filter{}) || and != (combine.Filter{}) {
		return nil
	}
	var out []Link
	for _, o := range r.Crossings(what) {
		out = append(out, r.cross(what, o))
	}
	return out
}

// siblings are the trends of all codes of the axis that a series is about, with their
// heading.
func (r *Reader) siblings(what, and combine.Filter, c schema.Cadence, from, to schema.Period) (string, combine.Filter, []trend, error) {
	fixed, vary := combine.Filter{}, what
	if and != (combine.Filter{}) {
		fixed, vary = what, and
	}
	if vary == (combine.Filter{}) {
		axes := r.Axes(c)
		if len(axes) == 0 {
			return "", vary, nil, nil
		}
		vary.Axis = axes[0]
	}
	level, err := r.Codebook.Level(vary.Axis)
	if err != nil {
		return "", vary, nil, err
	}
	trends := make([]trend, len(level.Codes))
	for i, code := range level.Codes {
		a, b := combine.Filter{Axis: vary.Axis, Code: code}, combine.Filter{}
		if fixed != (combine.Filter{}) {
			a, b = fixed, a
		}
		if trends[i], err = r.trend(a, b, from, to); err != nil {
			return "", vary, nil, err
		}
	}
	heading := r.L.Say("minis.of", "axis", r.L.Axis(vary.Axis))
	if fixed != (combine.Filter{}) {
		heading = r.L.Say("minis.within", "what", r.Label(fixed), "axis", r.L.Axis(vary.Axis))
	}
	return heading, vary, trends, nil
}

// drawMinis draws trends on one scale, the fullest first.
func (r *Reader) drawMinis(trends []trend, vary combine.Filter) []Mini {
	top := 0.0
	for _, t := range trends {
		if r.told(t) {
			top = max(top, r.top(t))
		}
	}
	top = chart.NiceMax(top)
	slices.SortStableFunc(trends, func(a, b trend) int {
		return cmp.Compare(newestOf(b.series).Estimate.Lower(), newestOf(a.series).Estimate.Lower())
	})
	out := make([]Mini, len(trends))
	for i, t := range trends {
		out[i] = r.mini(t, top, vary)
	}
	return out
}

func (r *Reader) mini(t trend, top float64, vary combine.Filter) Mini {
	code := t.last()
	q := r.Q.kept()
	q.What, q.And, q.From, q.To, q.Every = t.what, t.and, r.Q.From, r.Q.To, r.Q.Every
	data := r.outline(t)
	data.Max = top
	return Mini{
		Href: q.At("/trends"), Label: r.Label(code), Chart: chart.LayoutMini(data).Page(), Chosen: code == vary,
		Verdict: r.Verdict(verdictOf(t)), Now: r.PointValue(newestOf(t.series)), told: r.told(t),
	}
}

func newestOf(s combine.Series) combine.Point { return s.Points[len(s.Points)-1] }

// told tells that at least a third of a trend's points may be shown as numbers.
func (r *Reader) told(t trend) bool {
	n := 0
	for _, p := range t.series.Points {
		if !p.Absent && p.Estimate.Band(p.Bands) != combine.TooNoisy {
			n++
		}
	}
	return 3*n >= len(t.series.Points)
}

// verdictOf is too noisy where there is nothing to compare.
func verdictOf(t trend) combine.Verdict {
	if t.change == nil {
		return combine.TooNoisyToSay
	}
	return t.change.Verdict
}

// top is the highest upper end that is drawn with a scale.
func (r *Reader) top(t trend) float64 {
	top := 0.0
	for _, p := range t.series.Points {
		if !p.Absent {
			_, high := p.Estimate.Interval95()
			top = max(top, high)
		}
	}
	return top
}
