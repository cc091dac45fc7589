package view

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"

	"tidemark/aggregation/combine"
	"tidemark/dashboard/chart"
	"tidemark/schema"
)

// Figure is a chart or a table with everything that stands around it.
type Figure struct {
	ID        FigureID
	Title     string
	Subtitle  string
	Notes     []string      // which periods are joint, and what local mode would have said
	Chart     template.HTML // empty where the figure is an HTML table
	Label     string        // of the scroller, for screen readers
	Key       []string      // which lines of the key are needed: line, half, pale, caution, noisy, missing
	Late      bool          // the newest period is at the end that the page's text runs to
	Turn      Link          // lets time run the other way; for languages that run to the left
	Evidence  string
	Permanent string
	Brief     string // where it can be put into a brief; empty: it cannot
	Downloads []Link
	Rows      []Row // the numbers, newest first
	Head      []string
}

// Row is a line of a figure's number table.
type Row struct {
	Name     string
	Value    Value
	Coverage string
	Remark   string
	Href     string
}

// Formats of a figure, as its address ends.
var Formats = []string{"csv", "svg", "png", "json", "zip"}

// addresses fills in where the figure lies.
func (r *Reader) addresses(f *Figure) {
	id := f.ID.String()
	q := r.Q.kept()
	q.Time = ""
	for _, format := range Formats {
		f.Downloads = append(f.Downloads, Link{q.At("/fig/" + id + "." + format), format})
	}
	evidence := r.Q.kept()
	evidence.Figure = id
	f.Evidence = evidence.At("/evidence")
	pinned := q
	pinned.Pin = r.Pin
	f.Permanent = pinned.At("/fig/" + id)
	if f.ID.Kind != HeatFigure || f.ID.Show != ShowChange {
		f.Brief = evidence.At("/briefs/add")
	}
}

// trendFigure draws a trend.
func (r *Reader) trendFigure(t trend) Figure {
	f := Figure{
		ID:    FigureID{Kind: TrendFigure, What: t.what, And: t.and, From: t.from, To: t.to},
		Title: r.L.Say("figure.trend." + string(t.from.Cadence())), Subtitle: r.L.Say("figure.trend.note"), Notes: r.jointSays(t),
		Label: r.L.Say("figure.trend.label", "what", r.Labels(t.what, t.and)),
		Head:  []string{r.L.Say("head.period"), r.L.Say("head.estimate"), r.L.Say("head.range"), r.L.Say("head.members"), r.L.Say("head.remark")},
	}
	r.addresses(&f)
	data := r.chartOf(t)
	scene := chart.LayoutTrend(data)
	scene.ID = "trend"
	f.Chart = scene.Page()
	f.Key, f.Late = keyOf(data.Marks), r.mirrored() == r.L.RTL
	if r.L.RTL {
		f.Turn = r.turn()
	}
	for i := len(t.series.Points) - 1; i >= 0; i-- {
		f.Rows = append(f.Rows, r.row(t.series.Points[i]))
	}
	return f
}

// turn is the same page with time running the other way.
func (r *Reader) turn() Link {
	q := r.Q
	if q.Time = "rtl"; r.mirrored() {
		q.Time = "ltr"
	}
	return Link{q.At("/trends"), r.L.Say("frame.time." + q.Time)}
}

func (r *Reader) row(p combine.Point) Row {
	return Row{
		Name: r.L.Period(p.Period), Value: r.PointValue(p), Coverage: r.Coverage(p.Coverage),
		Remark: r.remark(p.Period, p.Coverage), Href: r.evidenceOf(p.Period),
	}
}

// remark says what is special about a period: that it is joint, who is missing, what was
// withdrawn.
func (r *Reader) remark(p schema.Period, c combine.Coverage) string {
	if round, ok := r.stuck(p); ok {
		return r.L.Say("cover.state." + stuckStates[round.State])
	}
	says := r.absence(c)
	if !c.Joint {
		return says
	}
	if says != "" {
		says = "; " + says
	}
	return r.L.Say("joint.remark") + says
}

func (r *Reader) absence(c combine.Coverage) string {
	for _, s := range c.Reporting {
		if s.Withdrawn != "" {
			return r.L.Say("remark.withdrawn", "member", s.Member)
		}
	}
	if missing := c.Missing(); len(missing) == 1 {
		return r.L.Say("remark.missing", "member", missing[0])
	} else if len(missing) > 1 {
		return r.L.Say("remark.missing_many", "n", len(missing))
	}
	return ""
}

func (r *Reader) evidenceOf(p schema.Period) string {
	q := r.Q.kept()
	q.Period = p
	return q.At("/evidence")
}

// chartOf is a trend as the chart wants it.
func (r *Reader) chartOf(t trend) chart.Trend {
	what := r.Labels(t.what, t.and)
	c := chart.Trend{
		Title:         r.L.Say("figure.trend.label", "what", what),
		CoverageLabel: r.L.Say("figure.coverage"), Number: r.L.Number,
		RTL: r.L.RTL, Mirror: r.mirrored(), Notes: r.notes(t),
	}
	for _, p := range t.series.Points {
		c.Marks = append(c.Marks, r.mark(p))
	}
	if v := r.PointValue(newestOf(t.series)); v.Class == "number" || v.Class == "caution" {
		c.Last = [2]string{v.Text, v.Range}
	}
	c.Desc = r.describe(t)
	return c
}

// mirrored tells that time runs to the left: the reader's choice, else as the language
// is read.
func (r *Reader) mirrored() bool {
	if r.Q.Time != "" {
		return r.Q.Time == "rtl"
	}
	return r.L.RTL
}

func (r *Reader) mark(p combine.Point) chart.Mark {
	v := r.PointValue(p)
	m := outlineMark(p)
	m.Label, m.Group = r.L.Quarter(p.Period), r.L.Year(p.Period)
	if p.Period.Cadence() == schema.Yearly {
		m.Label, m.Group = m.Group, ""
	}
	if p.InLocal.Variance > p.Estimate.Variance {
		m.LowOuter, m.HighOuter = p.InLocal.Interval95()
	}
	m.Coverage = r.L.Digits(strconv.Itoa(len(p.Coverage.Reporting)) + "/" + strconv.Itoa(len(p.Coverage.Owing)))
	m.CoverageLow = len(p.Coverage.Reporting) < len(p.Coverage.Owing)
	m.Href = r.evidenceOf(p.Period)
	m.Tip = [2]string{r.L.Period(p.Period) + " · " + v.Text, r.tip(v, p.Coverage)}
	m.Say = fmt.Sprintf("%s: %s. %s", r.L.Period(p.Period), v.Full(), r.jointMark(p.Coverage))
	return m
}

// outline is a trend without words, for the small charts beside words.
func (r *Reader) outline(t trend) chart.Trend {
	c := chart.Trend{RTL: r.L.RTL, Mirror: r.mirrored(), Marks: make([]chart.Mark, len(t.series.Points))}
	for i, p := range t.series.Points {
		c.Marks[i] = outlineMark(p)
	}
	return c
}

func outlineMark(p combine.Point) chart.Mark {
	m := chart.Mark{Kind: kindOfPoint(p)}
	if m.Kind == chart.Shown || m.Kind == chart.Caution || m.Kind == chart.Noisy {
		m.Value = p.Estimate.Value
		m.Low95, m.High95 = p.Estimate.Interval95()
		m.Low50, m.High50 = p.Estimate.Interval50()
	}
	return m
}

func (r *Reader) tip(v Value, c combine.Coverage) string {
	if v.Range == "" {
		return r.jointMark(c)
	}
	return v.Range + " · " + r.jointMark(c)
}

// kindOfPoint is how a point is drawn.
func kindOfPoint(p combine.Point) chart.Kind {
	switch {
	case p.Absent && len(p.Coverage.Reporting) == 0:
		return chart.Missing
	case p.Absent:
		return chart.Untold
	}
	return KindOf(p.Estimate.Band(p.Bands))
}

// KindOf is how a number of a band is drawn.
func KindOf(b combine.Band) chart.Kind {
	switch b {
	case combine.Number:
		return chart.Shown
	case combine.Caution:
		return chart.Caution
	}
	return chart.Noisy
}

// keyOf is which lines of the key a chart needs.
func keyOf(marks []chart.Mark) []string {
	has := map[chart.Kind]bool{}
	for _, m := range marks {
		has[m.Kind] = true
	}
	key := []string{"line", "half", "pale"}
	if slices.ContainsFunc(marks, func(m chart.Mark) bool { return m.HighOuter > 0 }) {
		key = append(key, "outer")
	}
	for _, k := range []struct {
		kind chart.Kind
		name string
	}{{chart.Caution, "caution"}, {chart.Noisy, "noisy"}, {chart.Missing, "missing"}, {chart.Untold, "untold"}} {
		if has[k.kind] {
			key = append(key, k.name)
		}
	}
	return key
}

// describe says a chart in words, for who does not see it.
func (r *Reader) describe(t trend) string {
	first, newest := t.series.Points[0], newestOf(t.series)
	return spaced(r.L.Say("figure.trend.desc", "from", r.L.Period(first.Period), "to", r.L.Period(newest.Period),
		"first", r.PointValue(first).Full(), "last", r.PointValue(newest).Full(), "verdict", r.Verdict(verdictOf(t)).Text), r.whichJoint(t.series.Points))
}

// notes are the lines that a reader must know of: members that join, plans and methods
// that change.
func (r *Reader) notes(t trend) []chart.Note {
	var out []chart.Note
	for i, p := range t.series.Points {
		if i > 0 && p.Plan != t.series.Points[i-1].Plan {
			out = append(out, chart.Note{At: i, Text: r.planNote(t.series.Points[i-1], p)})
		}
		if n := len(p.Coverage.Owing); i > 0 && n > len(t.series.Points[i-1].Coverage.Owing) {
			out = append(out, chart.Note{At: i, Text: r.L.Say("note.joined", "n", n-len(t.series.Points[i-1].Coverage.Owing))})
		}
		for _, s := range r.Steps(p.Period.Cadence()) {
			if s.Period == p.Period && i > 0 {
				out = append(out, chart.Note{At: i, Text: r.L.Say("note.method", "member", s.Member)})
			}
		}
	}
	return out
}

// planNote says what another plan brings.
func (r *Reader) planNote(before, now combine.Point) string {
	switch {
	case now.Coverage.Joint == before.Coverage.Joint:
		return r.L.Say("note.plan")
	case now.Coverage.Joint:
		return r.L.Say("joint.note")
	}
	return r.L.Say("joint.note.end")
}

// Steps are the members whose way of counting seems to have changed.
func (s *Snapshot) Steps(c schema.Cadence) []combine.Step {
	steps, _ := once(s, "steps "+string(c), func() ([]combine.Step, error) { return s.Book.Steps(c), nil })
	return steps
}
