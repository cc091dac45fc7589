package view

import (
	"slices"
	"strings"

	"tidemark/aggregation/combine"
	"tidemark/dashboard/chart"
	"tidemark/schema"
)

// HeatPage answers: where is what high?
type HeatPage struct {
	Title  string
	Pick   TablePick
	Tabs   []Tab
	Cannot *Cannot // nothing below is set
	Says   []string
	Figure Figure
	Table  HeatTable
	Notes  []string // what must be known about these dimensions
	Source Source
}

// Tab is a choice between views of the same thing.
type Tab struct {
	Link
	Current bool
}

// HeatTable is a whole table, ready to be shown.
type HeatTable struct {
	Caption string
	Label   string // of the scroller, for screen readers
	Corner  string // what the rows are
	Cols    []HeatHead
	Rows    []HeatRow
	Foot    []HeatRow
	Key     []Step
	KeyNote string
}

// HeatHead is the head of a row or a column.
type HeatHead struct{ Text, Href, Note string }

// HeatRow is a line of a table.
type HeatRow struct {
	Head  HeatHead
	Cells []HeatCell
}

// HeatCell is a number with its range, or what stands in its place.
type HeatCell struct {
	Class string // "h4", "h4 caution", "noisy", …: for the look
	Look  string // number, caution, noisy, missing, untold, up, down, flat
	Step  int    // of the scale; 0: none
	Text  string
	Range string
	Href  string
	Label string // all of it in words, for who hears it
}

// Heat is the page of a whole table.
func (r *Reader) Heat() (HeatPage, error) {
	p := HeatPage{Title: r.L.Say("nav.heat")}
	if r.Empty() {
		p.Cannot = r.nothingYet()
		return p, nil
	}
	t, period, err := r.tableAsked(r.firstWhole)
	if err != nil {
		return p, err
	}
	p.Title = r.L.Table(t)
	p.Pick = TablePick{r.wholeTables(t), r.pickPeriods(t, period), r.Q.Show}
	if period.IsZero() {
		p.Cannot = r.cannotTable(t, "/heat")
		return p, nil
	}
	h, err := r.heat(FigureID{Kind: HeatFigure, Table: t, Period: period, Show: r.show()})
	if err != nil {
		return p, err
	}
	p.Title, p.Says, p.Table, p.Figure = h.title, slices.Concat(h.says, h.hidden), h.table, r.heatFigure(h)
	if joint := r.jointLead(r.Book.Coverage(period)); joint != "" {
		p.Says = append(p.Says, joint)
	}
	p.Tabs, p.Notes = r.heatTabs(h.id), r.caveats(t)
	p.Source = r.source(combine.Point{Period: period, Coverage: r.Book.Coverage(period)})
	return p, nil
}

func (r *Reader) show() string {
	if r.Q.Show == ShowChange {
		return ShowChange
	}
	return ShowLevel
}

func (r *Reader) heatTabs(id FigureID) []Tab {
	var out []Tab
	for _, show := range []string{ShowLevel, ShowChange} {
		q := r.Q.kept()
		q.Table, q.Period, q.Show = id.Table, id.Period, show
		out = append(out, Tab{Link{q.At("/heat"), r.L.Say("pick." + show)}, show == id.Show})
	}
	return out
}

func (r *Reader) heatFigure(h heatMap) Figure {
	f := Figure{ID: h.id, Title: h.table.Caption, Subtitle: r.L.Say("figure.trend.note"), Label: h.table.Label}
	r.addresses(&f)
	return f
}

// HeatFigure is the figure that an id names, and its drawing for a file.
func (r *Reader) HeatFigure(id FigureID) (Figure, chart.Scene, error) {
	if err := r.tellable(id); err != nil {
		return Figure{}, chart.Scene{}, err
	}
	h, err := r.heat(id)
	if err != nil {
		return Figure{}, chart.Scene{}, err
	}
	f := r.heatFigure(h)
	scene := chart.LayoutHeat(r.heatChart(h))
	scene.ID, scene.Heading = HeatFigure, h.title
	return f, scene, nil
}

// tellable holds a table's figure against the codebook, the periods and the plan.
func (r *Reader) tellable(id FigureID) error {
	if err := r.shaped(id.Table); err != nil {
		return err
	}
	if err := r.owed(id.Period); err != nil {
		return err
	}
	if !r.tells(id.Table, id.Period) {
		return ErrUnknown
	}
	return nil
}

// heatChart is a heat map as the chart wants it.
func (r *Reader) heatChart(h heatMap) chart.Heat {
	c := chart.Heat{Title: h.title, Desc: h.table.Caption, Corner: h.table.Corner, RTL: r.L.RTL}
	for _, head := range h.table.Cols {
		c.Cols = append(c.Cols, head.Text)
	}
	for _, row := range slices.Concat(h.table.Rows, h.table.Foot) {
		line := chart.HeatRow{Label: row.Head.Text}
		for _, cell := range row.Cells {
			line.Cells = append(line.Cells, cell.drawn())
		}
		c.Rows = append(c.Rows, line)
	}
	for _, step := range h.table.Key {
		c.Key = append(c.Key, chart.HeatKey{Cell: keyCell(step), Text: step.Text})
	}
	return c
}

// drawn is the cell as the chart wants it.
func (c HeatCell) drawn() chart.HeatCell {
	out := chart.HeatCell{Step: c.Step, Text: c.Text, Range: c.Range}
	switch c.Look {
	case "caution":
		out.Kind = chart.Caution
	case "noisy":
		out.Kind = chart.Noisy
	case "missing":
		out.Kind = chart.Missing
	case "untold":
		out.Kind = chart.Untold
	case "up":
		out.Turn, out.Text = chart.Up, strings.TrimSpace("▲ "+c.Text)
	case "down":
		out.Turn, out.Text = chart.Down, strings.TrimSpace("▼ "+c.Text)
	case "flat":
		out.Text, out.Range = "–", c.Range
	}
	return out
}

func keyCell(s Step) chart.HeatCell {
	for step := range chart.HeatSteps {
		if s.Class == stepClass(step+1) {
			return chart.HeatCell{Step: step + 1}
		}
	}
	look := s.Class
	if look == "h3 caution" {
		return chart.HeatCell{Kind: chart.Caution, Step: 3}
	}
	return HeatCell{Look: look}.drawn()
}

// quarters of a one-way table that a heat map shows side by side: two years.
const mostColumns = 2 * schema.QuarterYears
