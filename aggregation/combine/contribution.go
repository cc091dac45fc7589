package combine

import (
	"fmt"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// Contribution is one member's release, held against its plan. NewContribution makes it.
type Contribution struct {
	source Source
	period schema.Period
	plan   schema.Hash
	// units are the cells of the plan's tables of the cadence, nil for derived ones.
	units [][]int64
}

// maxUnits bounds a cell: 18,000 million people. A poisoned cell beyond it could overflow
// the sums of others.
const maxUnits = 1 << 40

// NewContribution takes a verified release if its tables are exactly its plan's: order,
// shape, measure and noise.
func NewContribution(v wire.Verified, cb *schema.Codebook, plan schema.Plan) (Contribution, error) {
	r, ok := v.Body().(schema.Release)
	if !ok {
		return Contribution{}, fmt.Errorf("contribution: not a release")
	}
	c := Contribution{
		source: Source{Member: r.Member, Release: v.ID(), Protection: r.Protection},
		period: r.Period,
		plan:   wire.PlanHash(plan),
	}
	if err := c.take(&r, cb, &plan); err != nil {
		return Contribution{}, fmt.Errorf("contribution of %s for %s: %w", r.Member, r.Period, err)
	}
	return c, nil
}

func (c *Contribution) take(r *schema.Release, cb *schema.Codebook, plan *schema.Plan) error {
	cadence := r.Period.Cadence()
	switch {
	case r.Plan != c.plan:
		return fmt.Errorf("plan %s, want %s", r.Plan.Short(), c.plan.Short())
	case r.Charge != plan.Charge(cadence):
		return fmt.Errorf("charge %d, the plan's is %d", r.Charge, plan.Charge(cadence))
	case r.Period.Before(plan.FirstOf(cadence)):
		return fmt.Errorf("the plan begins with %s", plan.FirstOf(cadence))
	case len(r.Tables) != len(plan.Of(cadence, true)):
		return fmt.Errorf("%d tables, the plan draws %d", len(r.Tables), len(plan.Of(cadence, true)))
	}
	drawn := r.Tables
	for _, want := range plan.Of(cadence, false) {
		if want.Sigma2 == 0 {
			c.units = append(c.units, nil)
			continue
		}
		if err := matches(&drawn[0], want, cb); err != nil {
			return fmt.Errorf("table %s: %w", want.Table, err)
		}
		c.units = append(c.units, drawn[0].Cells)
		drawn = drawn[1:]
	}
	return nil
}

func matches(t *schema.NoisyTable, want schema.PlanTable, cb *schema.Codebook) error {
	s, err := cb.Shape(want.Table)
	if err != nil {
		return err
	}
	switch {
	case t.Table.String() != want.Table.String():
		return fmt.Errorf("the release has another in its place")
	case t.Measure != want.Measure:
		return fmt.Errorf("measure %s, the plan's is %s", t.Measure, want.Measure)
	case t.Rows != s.Rows() || t.Cols != s.Cols() || len(t.Cells) != s.Cells():
		return fmt.Errorf("%dx%d, the plan's is %dx%d", t.Rows, t.Cols, s.Rows(), s.Cols())
	case t.Sigma2 != want.Sigma2:
		return fmt.Errorf("sigma2 %d, the plan's is %d", t.Sigma2, want.Sigma2)
	}
	for _, n := range t.Cells {
		if n > maxUnits || n < -maxUnits {
			return fmt.Errorf("a cell beyond %d units", int64(maxUnits))
		}
	}
	return nil
}

// Member is who released it.
func (c Contribution) Member() schema.Slug { return c.source.Member }

// Period is what it covers.
func (c Contribution) Period() schema.Period { return c.period }

// Plan is the plan it was drawn under.
func (c Contribution) Plan() schema.Hash { return c.plan }

// Release is the note's id.
func (c Contribution) Release() schema.Hash { return c.source.Release }
