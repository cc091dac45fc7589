package brief

import (
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"tidemark/aggregation/combine"
	"tidemark/dashboard/brief/doc"
	"tidemark/dashboard/chart"
	"tidemark/dashboard/view"
	"tidemark/schema"
)

// How many pixels a picture has for each of its own. In a document it stands beside its
// vectors, at 200 dots an inch; as a file it is sharp in any print.
const (
	pngScale = 2
	docScale = 1.5
)

// scene draws a figure; false for one that is a table of two axes, which is no picture.
func (s speaker) scene(f *Figure) (chart.Scene, bool) {
	switch {
	case f.Table == nil:
		return chart.LayoutTrend(s.trend(f)), true
	case f.Table.Cols == nil:
		return chart.LayoutRank(s.rank(f)), true
	}
	return chart.Scene{}, false
}

// draw makes the figures' pictures, on all processors.
func (s speaker) draw(pixels bool) ([]*doc.Picture, error) {
	out := make([]*doc.Picture, len(s.m.Figures))
	errs := make([]error, len(out))
	var workers sync.WaitGroup
	step := runtime.GOMAXPROCS(0)
	for first := range step {
		workers.Go(func() {
			for i := first; i < len(out); i += step {
				out[i], errs[i] = s.picture(&s.m.Figures[i], pixels)
			}
		})
	}
	workers.Wait()
	return out, errors.Join(errs...)
}

// picture is a figure as a document has it; nil for one that is no picture.
func (s speaker) picture(f *Figure, pixels bool) (*doc.Picture, error) {
	scene, ok := s.scene(f)
	if !ok {
		return nil, nil
	}
	scene.ID = f.Name
	p := &doc.Picture{
		Alt: s.alt(f), SVG: scene.SVG(chart.Light(), s.watermark()), Width: int(scene.W), Height: int(scene.H),
	}
	if !pixels {
		return p, nil
	}
	var err error
	if p.PNG, err = scene.PNG(chart.Light(), docScale, s.watermark()); err != nil {
		return nil, fmt.Errorf("picture of %s: %w", f.Name, err)
	}
	return p, nil
}

func (s speaker) watermark() string {
	if !s.m.Demo {
		return ""
	}
	return s.l.Say("fig.watermark")
}

// mostAlt is how many points a picture's text names; the table has all of them.
const mostAlt = 6

// alt says a picture to who does not see it.
func (s speaker) alt(f *Figure) string {
	if f.Table != nil {
		return s.name(f) + ". " + s.tableSays(f)
	}
	points := f.Points[max(0, len(f.Points)-mostAlt):]
	var said []string
	for _, p := range points {
		said = append(said, s.l.Say("brief.alt.point", "period", s.l.Period(p.Period), "value", s.point(p).Full()))
	}
	return s.l.Say("brief.alt", "what", s.name(f), "points", strings.Join(said, "; "))
}

func (s speaker) trend(f *Figure) chart.Trend {
	t := chart.Trend{
		Title: s.name(f), Desc: s.alt(f), CoverageLabel: s.l.Say("figure.coverage"), Number: s.l.Number,
		RTL: s.l.RTL, Mirror: s.l.RTL,
	}
	for i, p := range f.Points {
		t.Marks = append(t.Marks, s.mark(p))
		for _, n := range s.notes(f, i) {
			t.Notes = append(t.Notes, chart.Note{At: i, Text: n})
		}
	}
	if n := f.newest(); n.Number != nil && n.Number.band(n.Bands) != combine.TooNoisy {
		v := s.point(n)
		t.Last = [2]string{v.Text, v.Range}
	}
	return t
}

func (s speaker) mark(p Point) chart.Mark {
	m := chart.Mark{Kind: kindOf(p), Label: s.l.Quarter(p.Period), Group: s.l.Year(p.Period)}
	if p.Period.Cadence() == schema.Yearly {
		m.Label, m.Group = m.Group, ""
	}
	m.Coverage = s.l.Digits(strconv.Itoa(p.Reporting) + "/" + strconv.Itoa(p.Total))
	m.CoverageLow = p.Reporting < p.Total
	m.Say = s.l.Period(p.Period) + ": " + s.point(p).Full()
	if p.Number == nil {
		return m
	}
	e := p.Number.Estimate()
	m.Value = e.Value
	m.Low95, m.High95 = e.Interval95()
	m.Low50, m.High50 = e.Interval50()
	if p.LocalSD > p.Number.SD {
		m.LowOuter, m.HighOuter = Number{p.Number.Value, p.LocalSD}.Estimate().Interval95()
	}
	return m
}

func kindOf(p Point) chart.Kind {
	switch {
	case p.Absent == Missing:
		return chart.Missing
	case p.Absent != "":
		return chart.Untold
	}
	return view.KindOf(p.Number.band(p.Bands))
}

// notes are the lines beside a period: another plan, more members, another way of counting.
func (s speaker) notes(f *Figure, i int) (out []string) {
	for _, p := range s.m.Blocks {
		if p.Context != nil && within(f.Points[i].Period, p.Context.Date) {
			out = append(out, s.l.Say("brief.note.context", "date", s.date(p.Context.Date)))
		}
	}
	if i == 0 {
		return out
	}
	before, now := f.Points[i-1], f.Points[i]
	if before.Plan != now.Plan {
		key := "note.plan"
		if now.Joint && !before.Joint {
			key = "joint.note"
		} else if before.Joint && !now.Joint {
			key = "joint.note.end"
		}
		out = append(out, s.l.Say(key))
	}
	if now.Total > before.Total {
		out = append(out, s.l.Say("note.joined", "n", now.Total-before.Total))
	}
	for _, p := range f.Steps {
		if p == now.Period {
			out = append(out, s.l.Say("brief.note.method"))
		}
	}
	return out
}

// within tells that a day is one of a period's.
func within(p schema.Period, date string) bool {
	day, err := schema.ParseDate(date)
	return err == nil && p.Start() <= day && day <= p.End()
}

func (s speaker) rank(f *Figure) chart.Rank {
	t := f.Table
	c := chart.Rank{
		Title: s.name(f), Desc: s.alt(f), Number: s.l.Number, RTL: s.l.RTL,
		Tie: s.l.Say("rank.bracket"), Careful: s.l.Say("heat.key.caution"),
	}
	var rest []string
	ranks, rows := t.ranked()
	for _, r := range ranks {
		label := s.label(f.id().Table.Axes[0], schema.Code(t.Rows[rows[r.Cell]]))
		v := s.v.Value(r.Estimate, t.Bands)
		if r.Estimate.Band(t.Bands) == combine.TooNoisy {
			rest = append(rest, s.l.Say("rank.rest", "what", label, "value", s.l.Say("value.fewer", "n", r.Estimate.Shown(t.Bands).High)))
			continue
		}
		c.Bars = append(c.Bars, chart.RankBar{
			Place: s.place(r), Label: label, Value: v.Text, Range: v.Range, Group: r.Group, Bar: barOf(r.Estimate, t.Bands),
		})
	}
	if len(rest) > 0 {
		c.Rest = s.l.Say("rank.rest.all", "list", strings.Join(rest, "; "))
	}
	return c
}

func (s speaker) place(r combine.Rank) string {
	if r.Best == r.Worst {
		return s.l.Say("rank.place", "low", r.Best)
	}
	return s.l.Say("rank.places", "low", r.Best, "high", r.Worst)
}

func barOf(e combine.Estimate, b schema.Bands) chart.Bar {
	low, high := e.Interval95()
	return chart.Bar{Kind: view.KindOf(e.Band(b)), At: max(0, e.Value), Low: max(0, low), Top: high}
}

// title heads a picture that stands alone as a file; source stands below it.
func (s speaker) alone(f *Figure, scene chart.Scene) chart.Scene {
	scene.Heading = s.name(f)
	scene.Source = s.l.Say("brief.cite", "coalition", s.m.Coalition, "periods", s.span(f), "members", s.who(f))
	return scene
}

func (s speaker) who(f *Figure) string {
	if t := f.Table; t != nil {
		return s.members(t.Reporting, t.Total)
	}
	return s.members(f.newest().Reporting, f.newest().Total)
}
