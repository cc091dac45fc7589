package view

import (
	"fmt"
	"strings"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// Kinds of figures.
const (
	TrendFigure = "trend" // a ribbon chart over periods
	HeatFigure  = "heat"  // a whole table in one period
	RankFigure  = "rank"  // a one-way table in one period, in order
)

// FigureID names a figure for ever; with a pin also the releases behind it. Written as
//
//	trend~threat_type.doxing~region.m49_419~2023-Q4~2026-Q3
//	heat~threat_type*offline_consequence(group)~2025~level
//	rank~threat_type~2026-Q3
//
// where "all" stands for no code.
type FigureID struct {
	Kind     string
	What     combine.Filter
	And      combine.Filter
	From, To schema.Period
	Table    schema.Table
	Period   schema.Period
	Show     string
}

const all = "all"

func (f FigureID) String() string {
	parts := []string{f.Kind}
	switch f.Kind {
	case TrendFigure:
		parts = append(parts, orAll(FilterText(f.What)), orAll(FilterText(f.And)), f.From.String(), f.To.String())
	case HeatFigure:
		parts = append(parts, f.Table.String(), f.Period.String(), f.Show)
	case RankFigure:
		parts = append(parts, f.Table.String(), f.Period.String())
	}
	return strings.Join(parts, "~")
}

func orAll(s string) string {
	if s == "" {
		return all
	}
	return s
}

// ParseFigureID reads an id, strictly. Whether the codebook has its codes is asked later.
func ParseFigureID(s string) (FigureID, error) {
	if len(s) > longest {
		return FigureID{}, fmt.Errorf("figure: too long")
	}
	parts := strings.Split(s, "~")
	f := FigureID{Kind: parts[0]}
	parts = parts[1:]
	var err error
	switch {
	case f.Kind == TrendFigure && len(parts) == 4:
		err = f.readTrend(parts)
	case f.Kind == HeatFigure && len(parts) == 3:
		if err = f.readTable(parts); err == nil {
			err = readOneOf(&f.Show, parts[2], ShowLevel, ShowChange)
		}
	case f.Kind == RankFigure && len(parts) == 2:
		err = f.readTable(parts)
	default:
		err = fmt.Errorf("no such kind")
	}
	if err == nil && f.String() != s {
		err = fmt.Errorf("not written as it would be")
	}
	if err != nil {
		return FigureID{}, fmt.Errorf("figure: %w", err)
	}
	return f, nil
}

func (f *FigureID) readTrend(parts []string) (err error) {
	for i, into := range []*combine.Filter{&f.What, &f.And} {
		if parts[i] == all {
			continue
		}
		if *into, err = ParseFilter(parts[i]); err != nil {
			return err
		}
	}
	for i, into := range []*schema.Period{&f.From, &f.To} {
		if *into, err = schema.ParsePeriod(parts[2+i]); err != nil {
			return err
		}
	}
	return nil
}

func (f *FigureID) readTable(parts []string) (err error) {
	if f.Table, err = schema.ParseTable(parts[0]); err != nil {
		return err
	}
	f.Period, err = schema.ParsePeriod(parts[1])
	return err
}

// Query is the page state that shows the figure.
func (f FigureID) Query(q Query) Query {
	q = q.kept()
	q.What, q.And, q.From, q.To, q.Table, q.Period, q.Show = f.What, f.And, f.From, f.To, f.Table, f.Period, f.Show
	if f.Kind == TrendFigure {
		q.Every = f.From.Cadence()
	}
	return q
}
