package view

import (
	"fmt"

	"tidemark/aggregation/combine"
	"tidemark/dashboard/chart"
	"tidemark/schema"
)

// RedressPage answers: what did police and platforms do?
type RedressPage struct {
	Title   string
	Cannot  *Cannot // nothing below is set
	Short   []Short // the answer in ten seconds
	Answers []Answer
	Crossed []Crossed
	Lacking []Lack
	Source  Source
}

// Short is one answer in two numbers: how many got nothing, how many got something.
type Short struct {
	Name, Period string
	Lines        []Line
}

// Answer is a one-way table with its changes.
type Answer struct {
	ID, Title string
	Period    string
	Since     string // "Against Q3 2025"; empty: nothing to compare with
	Says      string // what must be known about it
	Timed     bool   // its codes are in an order of their own, and each has its chart
	Lines     []Line
	Rest      []Line // what does not apply or is not known
	Empty     string // said where nobody reported
	Figure    Figure
}

// question is a part of the page: the axes that can tell it, the coarsest first, and the
// codes whose sums say it in short.
type question struct {
	id        string
	axes      []schema.Axis
	bad, good []schema.Code
	timed     bool
}

var questions = []question{
	{
		id:   "platform",
		axes: []schema.Axis{{Dimension: "platform_response", Rollup: "group"}, {Dimension: "platform_response"}},
		bad:  []schema.Code{"no_redress"}, good: []schema.Code{"redress", "partial"},
	},
	{
		id:   "time",
		axes: []schema.Axis{{Dimension: "platform_response_time"}},
		bad:  []schema.Code{"over_60_days", "never"}, good: []schema.Code{"under_1_day", "1_to_3_days"}, timed: true,
	},
	{
		id:   "police",
		axes: []schema.Axis{{Dimension: "police_response", Rollup: "group"}, {Dimension: "police_response"}},
		bad:  []schema.Code{"refused_or_hostile", "no_remedy"}, good: []schema.Code{"some_result"},
	},
}

// byWhom are the tables that say to whom an answer was given, or by which platform.
var byWhom = [][2]string{{"suspected_actor", "police_response"}, {"platform_brand", "platform_response"}}

// Redress is the page of what police and platforms did.
func (r *Reader) Redress() (RedressPage, error) {
	p := RedressPage{Title: r.L.Say("redress.title")}
	if r.Empty() {
		p.Cannot = r.nothingYet()
		return p, nil
	}
	for _, q := range questions {
		if err := r.askFor(&p, q); err != nil {
			return p, err
		}
	}
	for _, pair := range byWhom {
		t, period, ok := r.crossed(pair[0], pair[1])
		if !ok {
			continue
		}
		c, err := r.crossedTable(t, period)
		if err != nil {
			return p, err
		}
		p.Crossed = append(p.Crossed, c)
	}
	if len(p.Answers)+len(p.Crossed) == 0 {
		p.Cannot = &Cannot{Says: r.L.Say("redress.cannot_tell"), Links: []Link{{r.Q.Link("/ranking"), r.L.Say("redress.see_ranking")}}}
		return p, nil
	}
	_, last := r.anything()
	p.Source = r.source(combine.Point{Period: last, Coverage: r.Book.Coverage(last)})
	return p, nil
}

// askFor adds a question's answer, or what the plan lacks for it.
func (r *Reader) askFor(p *RedressPage, q question) error {
	t, period, ok := r.alone(q.axes...)
	if !ok {
		if l := r.lack("redress."+q.id, q.axes[0].Dimension); l.Says != "" {
			p.Lacking = append(p.Lacking, l)
		}
		return nil
	}
	a, err := r.answer(t, period, q.id)
	if err != nil {
		return err
	}
	a.Title, a.Timed, a.Says = r.L.Say("redress."+q.id), q.timed, r.L.Say("redress."+q.id+".note")
	if q.timed {
		if err := r.sparks(&a, t, period); err != nil {
			return err
		}
	}
	p.Answers = append(p.Answers, a)
	s, ok, err := r.short(t, period, q)
	if ok {
		p.Short = append(p.Short, s)
	}
	return err
}

// answer is a one-way table in its own order, each code with its change over a year.
func (r *Reader) answer(t schema.Table, p schema.Period, id string) (Answer, error) {
	k, err := r.rank(FigureID{Kind: RankFigure, Table: t, Period: p})
	if err != nil {
		return Answer{}, err
	}
	a := Answer{ID: id, Title: k.title, Period: r.L.Period(p), Figure: r.rankFigure(k)}
	if len(k.grid.Coverage.Reporting) == 0 {
		a.Empty = r.L.Say("heat.nobody", "period", a.Period)
		return a, nil
	}
	c, err := r.changesOf(t, p)
	if err != nil {
		return a, err
	}
	if !c.since.IsZero() {
		a.Since = r.L.Say("heat.against", "since", r.L.Period(c.since))
	}
	top := k.top()
	for i, code := range k.grid.Shape.Levels[0].Codes {
		l := r.line(k.grid, i)
		if Vague(code) {
			a.Rest = append(a.Rest, l)
			continue
		}
		l.Bar = r.bar(fmt.Sprintf("%s-%d", id, i), k.grid.Cells[i], k.grid.Bands, top)
		if !c.since.IsZero() {
			l.Verdict = r.Verdict(c.cells[i].Verdict)
			if c.cells[i].Verdict != combine.TooNoisyToSay {
				l.Change = r.Difference(c.cells[i].Difference)
			}
		}
		a.Lines = append(a.Lines, l)
	}
	return a, nil
}

// sparks adds to each line how it went, on one scale.
func (r *Reader) sparks(a *Answer, t schema.Table, last schema.Period) error {
	level, err := r.Codebook.Level(t.Axes[0])
	if err != nil {
		return err
	}
	from, to := r.span(last.Cadence(), last)
	var charts []chart.Trend
	for _, code := range level.Codes {
		if Vague(code) {
			continue
		}
		what := combine.Filter{Axis: t.Axes[0], Code: code}
		series, err := r.Book.Series(r.query(what, combine.Filter{}, last.Cadence()), from, to)
		if err != nil {
			return err
		}
		charts = append(charts, r.outline(trend{series: series}))
	}
	top := chart.Top(charts...)
	for i := range a.Lines {
		charts[i].Max = top
		scene := chart.LayoutSpark(charts[i])
		scene.ID = fmt.Sprintf("%s-spark-%d", a.ID, i)
		a.Lines[i].Spark = scene.Page()
	}
	return nil
}

// short sums up who got nothing and who got something. The noise of two codes of one table
// never goes together (RECONSTRUCTION.md 1.4), so that adding their variances can only
// make the range wider than it is.
func (r *Reader) short(t schema.Table, p schema.Period, q question) (Short, bool, error) {
	g, err := r.Grid(t, p)
	if err != nil || len(g.Coverage.Reporting) == 0 {
		return Short{}, false, err
	}
	bad, ok1 := sumOf(g, q.bad)
	good, ok2 := sumOf(g, q.good)
	if !ok1 || !ok2 {
		return Short{}, false, nil
	}
	top := 0.0
	for _, e := range []combine.Estimate{bad, good} {
		top = max(top, r.barOf(e, g.Bands, 0).Top)
	}
	s := Short{Name: r.L.Say("redress." + q.id + ".short"), Period: r.L.Period(p)}
	for i, e := range []combine.Estimate{bad, good} {
		key := []string{".bad", ".good"}[i]
		s.Lines = append(s.Lines, Line{
			Label: r.L.Say("redress." + q.id + key), Value: r.Value(e, g.Bands),
			Bar: r.bar("short-"+q.id+key[1:], e, g.Bands, top),
		})
	}
	return s, true, nil
}

// sumOf adds some codes of a one-way table; false where it does not have them all.
func sumOf(g combine.Grid, codes []schema.Code) (combine.Estimate, bool) {
	var sum combine.Estimate
	found := 0
	for i, code := range g.Shape.Levels[0].Codes {
		for _, wanted := range codes {
			if code == wanted {
				sum, found = sum.Plus(g.Cells[i]), found+1
			}
		}
	}
	return sum, found == len(codes)
}
