package view

import (
	"fmt"
	"slices"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// Measured is a figure as numbers, without words: what a brief is made of.
type Measured struct {
	Points []combine.Point // of a trend
	Since  schema.Period   // what its change is measured from; zero: nothing to compare
	Change *combine.Change
	Grid   *combine.Grid // of a ranking, or of a heat map of levels
	// Leads tells that one member stands behind more than half of the newest number; in
	// joint mode nobody knows.
	Leads bool
	// Steps are the periods in which a member's way of counting seems to have changed.
	Steps []schema.Period
}

// Measure reads the numbers of a figure. A heat map of changes has none of its own.
func (r *Reader) Measure(id FigureID) (m Measured, err error) {
	if id.Kind == TrendFigure {
		return r.measureTrend(id)
	}
	if id.Show == ShowChange {
		return m, fmt.Errorf("figure of changes: %w", ErrUntold)
	}
	if err := r.tellable(id); err != nil {
		return m, err
	}
	g, err := r.Grid(id.Table, id.Period)
	m.Grid = &g
	return m, err
}

func (r *Reader) measureTrend(id FigureID) (m Measured, err error) {
	for _, f := range []combine.Filter{id.What, id.And} {
		if err := r.known(f); err != nil {
			return m, err
		}
	}
	if _, err := trendQuestion(id); err != nil {
		return m, err
	}
	t, err := r.trend(id.What, id.And, id.From, id.To)
	if err != nil {
		return m, fmt.Errorf("figure: %w: %w", ErrUntold, err)
	}
	m = Measured{Points: t.series.Points, Since: t.since, Change: t.change, Leads: r.leads(t)}
	for _, s := range r.Steps(id.To.Cadence()) {
		if !s.Period.Before(id.From) && !id.To.Before(s.Period) && !slices.Contains(m.Steps, s.Period) {
			m.Steps = append(m.Steps, s.Period)
		}
	}
	return m, nil
}

// leads tells that without some one member less than half of the newest number is left.
func (r *Reader) leads(t trend) bool {
	out, err := r.Book.LeaveOneOut(t.series.Query, newestOf(t.series).Period)
	return err == nil && len(newestOf(t.series).Coverage.Reporting) > 1 && out.All.Value > 0 && out.Low.Value < out.All.Value/2
}

// Adopted is the day on which the plan of a period was adopted; 0 if nobody did.
func (s *Snapshot) Adopted(p schema.Period) schema.Date {
	_, hash, ok := s.Book.Plan(p)
	log, err := s.log()
	if !ok || err != nil {
		return 0
	}
	_, day := adoption(log, hash)
	return day
}

// Part is the snapshot as if only some releases were there: what a brief is made from.
func (s *Snapshot) Part(b *combine.Book) *Snapshot {
	return &Snapshot{
		Book: b, State: s.State, Codebook: s.Codebook, Pin: s.Pin, Pinned: true, Now: s.Now,
		Withdrawn: s.Withdrawn, Rounds: s.Rounds, Opened: s.Opened, Demo: s.Demo,
	}
}
