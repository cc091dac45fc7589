package view

import (
	"fmt"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// Spans of a list of changes.
const (
	SpanPeriod = "period" // against the period before
	SpanYear   = "year"   // the last four quarters against the four before
)

// Ranged is a number with its 95 % range, for programs: raw, also below zero.
type Ranged struct {
	Estimate float64 `json:"estimate"`
	Lower    float64 `json:"lower"`
	Upper    float64 `json:"upper"`
	SD       float64 `json:"sd"`
}

func ranged(e combine.Estimate) Ranged {
	low, high := e.Interval95()
	return Ranged{tenth(e.Value), tenth(low), tenth(high), tenth(e.SD())}
}

// ChangeRow is one cell's change.
type ChangeRow struct {
	Table      string          `json:"table"`
	Measure    string          `json:"measure"`
	Codes      []schema.Code   `json:"codes"`
	From       Ranged          `json:"from"`
	To         Ranged          `json:"to"`
	Difference Ranged          `json:"difference"`
	Verdict    combine.Verdict `json:"verdict"`
	Listed     bool            `json:"listed"`
	Survives   *bool           `json:"survives,omitempty"` // without any one member the sign is the same; nil: not known in joint mode
	// Shared: others of the table changed the other way; the same people may be behind both.
	Shared bool `json:"shared"`
}

// Changes is every cell's change over members present in all of the periods, clearest
// first. About 1 in 10 of those that are listed is expected to be chance.
type Changes struct {
	Demonstration bool          `json:"demonstration,omitempty"`
	Period        schema.Period `json:"period"`
	Since         schema.Period `json:"since"` // the first period of the comparison
	Span          string        `json:"span"`
	Members       []schema.Slug `json:"members"`
	LeftOut       []schema.Slug `json:"left_out"`         // their way of counting seems to have changed
	Joint         bool          `json:"joint,omitempty"`  // sums are compared as they are
	Joined        []schema.Slug `json:"joined,omitempty"` // counted in more of the later periods than of the earlier
	Left          []schema.Slug `json:"left,omitempty"`   // and in fewer
	Pin           string        `json:"pin"`
	Rows          []ChangeRow   `json:"rows"`
}

// ChangesOver lists what changed up to a period, as the first page tells it.
func (s *Snapshot) ChangesOver(p schema.Period, span string) (Changes, error) {
	c := Changes{Demonstration: s.Demo, Period: p, Since: p.Add(-1), Span: span, Members: []schema.Slug{}, LeftOut: []schema.Slug{}, Pin: s.Pin, Rows: []ChangeRow{}}
	var all []combine.Change
	var err error
	if span == SpanYear {
		c.Since = p.Add(1 - 2*schema.QuarterYears)
		all, err = s.yearChanges(&c)
	} else {
		all, err = s.Changes(p)
	}
	if err != nil {
		return Changes{}, fmt.Errorf("%w: %w", ErrPeriod, err)
	}
	if len(all) > 0 {
		c.Members = append(c.Members, all[0].Members...)
		c.Joint, c.Joined, c.Left = all[0].Joint, all[0].Joined, all[0].Left
	}
	for _, one := range all {
		c.Rows = append(c.Rows, changeRow(one))
	}
	return c, nil
}

func changeRow(c combine.Change) ChangeRow {
	row := ChangeRow{
		Table: c.Query.Table.String(), Measure: c.Query.Measure.String(), Codes: c.Cells,
		From: ranged(c.From), To: ranged(c.To), Difference: ranged(c.Difference),
		Verdict: c.Verdict, Listed: c.Listed, Shared: c.Shared,
	}
	if !c.Joint {
		row.Survives = &c.Without.Survives
	}
	return row
}

func (s *Snapshot) yearChanges(c *Changes) ([]combine.Change, error) {
	if c.Period.Cadence() != schema.Quarterly {
		return nil, fmt.Errorf("changes: want a quarter")
	}
	trends, jumped, err := s.In(nil, Query{}).years(c.Period)
	if err != nil {
		return nil, err
	}
	if !s.anyJoint(c.Since, c.Period) {
		c.LeftOut = append(c.LeftOut, jumped...)
	}
	out := make([]combine.Change, len(trends))
	for i, t := range trends {
		out[i] = t.Change
	}
	return out, nil
}
