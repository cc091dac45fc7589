package combine

import (
	"fmt"
	"slices"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// Released is what came out of a period, held against its plan: one member's release, or in
// joint mode the sum that the members have opened. Expected.Release and Expected.Joint
// make it.
type Released struct {
	source Source
	// members are those whose sum it is, in joint mode.
	members []schema.Slug
	period  schema.Period
	plan    schema.Hash
	// units are the cells of the plan's tables of the cadence, nil for derived ones.
	units [][]int64
}

// maxUnits bounds a cell: 18,000 million people. A poisoned cell beyond it could overflow
// the sums of others.
const maxUnits = 1 << 40

// Expected is what a plan wants of its releases, looked up once for many of them. It
// does not change and is safe for concurrent use.
type Expected struct {
	plan   schema.Plan
	hash   schema.Hash
	tables map[schema.Cadence][]expectedTable
}

// expectedTable is a table of the plan with what a release says of it.
type expectedTable struct {
	schema.PlanTable
	name  string
	shape schema.Shape
	err   error // the codebook has no such table
}

// Expect looks a plan up in its codebook.
func Expect(cb *schema.Codebook, plan schema.Plan) *Expected {
	e := &Expected{plan: plan, hash: wire.PlanHash(plan), tables: map[schema.Cadence][]expectedTable{}}
	for _, cadence := range schema.Cadences {
		for _, t := range plan.Of(cadence, false) {
			x := expectedTable{PlanTable: t, name: t.Table.String()}
			x.shape, x.err = cb.Shape(t.Table)
			e.tables[cadence] = append(e.tables[cadence], x)
		}
	}
	return e
}

// Release takes a verified release if its tables are exactly its plan's: order,
// shape, measure and noise.
func (e *Expected) Release(v wire.Verified) (Released, error) {
	r, ok := v.Body().(schema.Release)
	if !ok {
		return Released{}, fmt.Errorf("release: not one")
	}
	c := Released{
		source: Source{Member: r.Member, Release: v.ID(), Protection: r.Protection},
		period: r.Period,
		plan:   e.hash,
	}
	if err := c.take(&r, e); err != nil {
		return Released{}, fmt.Errorf("release of %s for %s: %w", r.Member, r.Period, err)
	}
	return c, nil
}

func (c *Released) take(r *schema.Release, e *Expected) error {
	cadence := r.Period.Cadence()
	drawn := e.drawn(cadence)
	switch {
	case e.plan.Mode == schema.Joint:
		return fmt.Errorf("the plan is in joint mode, in which members release nothing by themselves")
	case r.Plan != c.plan:
		return fmt.Errorf("plan %s, want %s", r.Plan.Short(), c.plan.Short())
	case r.Charge != e.plan.Charge(cadence):
		return fmt.Errorf("charge %d, the plan's is %d", r.Charge, e.plan.Charge(cadence))
	case r.Period.Before(e.plan.FirstOf(cadence)):
		return fmt.Errorf("the plan begins with %s", e.plan.FirstOf(cadence))
	case len(r.Tables) != drawn:
		return fmt.Errorf("%d tables, the plan draws %d", len(r.Tables), drawn)
	}
	rest := r.Tables
	for _, want := range e.tables[cadence] {
		if want.Sigma2 == 0 {
			c.units = append(c.units, nil)
			continue
		}
		if err := want.matches(&rest[0]); err != nil {
			return fmt.Errorf("table %s: %w", want.Table, err)
		}
		c.units = append(c.units, rest[0].Cells)
		rest = rest[1:]
	}
	return nil
}

// drawn counts the tables of a cadence that are not derived.
func (e *Expected) drawn(c schema.Cadence) (n int) {
	for _, t := range e.tables[c] {
		if t.Sigma2 != 0 {
			n++
		}
	}
	return n
}

func (want *expectedTable) matches(t *schema.NoisyTable) error {
	s := &want.shape
	switch {
	case want.err != nil:
		return want.err
	case t.Table.String() != want.name:
		return fmt.Errorf("the release has another in its place")
	case t.Measure != want.Measure:
		return fmt.Errorf("measure %s, the plan's is %s", t.Measure, want.Measure)
	case t.Rows != s.Rows() || t.Cols != s.Cols() || len(t.Cells) != s.Cells():
		return fmt.Errorf("%dx%d, the plan's is %dx%d", t.Rows, t.Cols, s.Rows(), s.Cols())
	case t.Sigma2 != want.Sigma2:
		return fmt.Errorf("sigma2 %d, the plan's is %d", t.Sigma2, want.Sigma2)
	}
	return bounds(t.Cells)
}

func bounds(cells []int64) error {
	for _, n := range cells {
		if n > maxUnits || n < -maxUnits {
			return fmt.Errorf("a cell beyond %d units", int64(maxUnits))
		}
	}
	return nil
}

// Member is who released it; nobody alone in joint mode.
func (c Released) Member() schema.Slug { return c.source.Member }

// Members are those whose joint sum it is; nil in local mode.
func (c Released) Members() []schema.Slug { return slices.Clone(c.members) }

// Period is what it covers.
func (c Released) Period() schema.Period { return c.period }

// Plan is the plan it was drawn under.
func (c Released) Plan() schema.Hash { return c.plan }

// Release is the note's id; in joint mode the agreement's.
func (c Released) Release() schema.Hash { return c.source.Release }
