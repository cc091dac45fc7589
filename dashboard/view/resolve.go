package view

import (
	"fmt"
	"strings"

	"tidemark/aggregation/combine"
	"tidemark/dashboard/chart"
	"tidemark/schema"
)

// Resolved is what a figure's id names: its numbers, and the words around them.
type Resolved struct {
	ID        FigureID
	Name      string // what it is about: "Doxing, Latin America"
	Tidy      Tidy
	Changes   []ChangedRow // of a heat map that shows changes; nil for other figures
	Permanent string       // its address, with the pin
	Home      string       // the page that shows it among others
}

// Resolve finds what an id names. ErrUnknown, ErrPeriod and ErrUntold say why there is
// nothing.
func (r *Reader) Resolve(id FigureID) (Resolved, error) {
	question, err := r.questionOf(id)
	if err != nil {
		return Resolved{}, err
	}
	f := Resolved{ID: id, Name: r.nameOf(id), Home: id.Query(r.Q).At(pathOf(id))}
	if f.Tidy, err = r.Tidy(question); err != nil {
		return Resolved{}, err
	}
	if id.Kind == HeatFigure && id.Show == ShowChange {
		if f.Changes, err = r.changedRows(id, question.From); err != nil {
			return Resolved{}, err
		}
	}
	addressed := Figure{ID: id}
	r.addresses(&addressed)
	f.Permanent = addressed.Permanent
	return f, nil
}

// Draw makes a figure for a page, and its picture as a file has it.
func (r *Reader) Draw(f Resolved) (Figure, chart.Scene, error) {
	figure, scene, err := r.picture(f.ID)
	if err != nil {
		return Figure{}, chart.Scene{}, err
	}
	if len(figure.Rows) == 0 {
		r.tableRows(&figure, f)
	}
	scene.ID, scene.Heading, scene.Source = "figure", f.Name, r.sourceLines(f.ID, figure.Notes)
	return figure, scene, nil
}

func (r *Reader) picture(id FigureID) (Figure, chart.Scene, error) {
	switch id.Kind {
	case HeatFigure:
		return r.HeatFigure(id)
	case RankFigure:
		return r.RankFigure(id)
	}
	t, err := r.trend(id.What, id.And, id.From, id.To)
	if err != nil {
		return Figure{}, chart.Scene{}, fmt.Errorf("figure: %w: %w", ErrUntold, err)
	}
	return r.trendFigure(t), chart.LayoutTrend(r.chartOf(t)), nil
}

// questionOf is a figure as a question, so that its numbers are the command line's.
func (r *Reader) questionOf(id FigureID) (Question, error) {
	if id.Kind == TrendFigure {
		return trendQuestion(id)
	}
	q := Question{Table: id.Table, From: id.Period, To: id.Period, Every: id.Period.Cadence()}
	if id.Kind == RankFigure && len(id.Table.Axes) > 1 {
		return q, fmt.Errorf("ranking of two axes: %w", ErrUntold)
	}
	if id.Kind == HeatFigure && len(id.Table.Axes) == 1 {
		for _, p := range r.spanOf(id.Period) {
			if p.Before(q.From) {
				q.From = p // one axis stands over the periods before
			}
		}
	}
	return q, nil
}

func trendQuestion(id FigureID) (Question, error) {
	if id.From.Cadence() != id.To.Cadence() || id.To.Before(id.From) {
		return Question{}, fmt.Errorf("figure: %w", ErrPeriod)
	}
	q := Question{From: id.From, To: id.To, Every: id.From.Cadence()}
	for _, f := range []combine.Filter{id.What, id.And} {
		if f != (combine.Filter{}) {
			q.Table.Axes = append(q.Table.Axes, f.Axis)
			q.Where = append(q.Where, f)
		}
	}
	if len(q.Table.Axes) == 2 && q.Table.Axes[0].Dimension == q.Table.Axes[1].Dimension {
		return Question{}, fmt.Errorf("figure: %w", ErrUntold)
	}
	return q, nil
}

// nameOf says what a figure is about.
func (r *Reader) nameOf(id FigureID) string {
	if id.Kind == TrendFigure {
		return r.L.Say("figure.trend.label", "what", r.Labels(id.What, id.And))
	}
	key := "fig.table"
	if id.Show == ShowChange {
		key = "fig.table.change"
	}
	return r.L.Say(key, "table", r.L.Table(id.Table), "period", r.L.Period(id.Period))
}

// pathOf is the page on which a figure stands.
func pathOf(id FigureID) string {
	switch id.Kind {
	case HeatFigure:
		return "/heat"
	case RankFigure:
		return "/ranking"
	}
	return "/trends"
}

// sourceLines say below a picture how to read it and where it comes from.
func (r *Reader) sourceLines(id FigureID, notes []string) string {
	if id.Kind == TrendFigure {
		read := r.L.Say("fig.read")
		if len(notes) > 0 {
			read += " " + r.L.Say("key.outer") + ". " + strings.Join(notes, " ")
		}
		return read + "\n" + r.sourceOf(id.From, id.To)
	}
	key := "fig.read.table"
	if id.Show == ShowChange {
		key = "fig.read.change"
	}
	return r.L.Say(key) + "\n" + r.sourceOf(id.Period, id.Period)
}

// sourceOf names the coalition, the periods and the releases.
func (r *Reader) sourceOf(from, to schema.Period) string {
	span := r.L.Period(from)
	if from != to {
		span = r.L.Say("fig.span", "from", r.L.Period(from), "to", r.L.Period(to))
	}
	return r.L.Say("fig.source", "coalition", r.State.Charter().Name, "periods", span, "pin", shortPin(r.Pin))
}

// shortPin is a pin's digest: enough to compare by eye, not to open.
func shortPin(pin string) string {
	short, _, _ := strings.Cut(pin, "-")
	return short
}

// TitleOf says what a question is about.
func (r *Reader) TitleOf(t Tidy) string {
	names := []string{r.tableName(t)}
	for _, f := range t.question.Where {
		names = append(names, r.Label(f))
	}
	return strings.Join(names, " · ")
}
