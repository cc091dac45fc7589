package combine

import (
	"errors"
	"fmt"
	"slices"

	"tidemark/schema"
)

// ErrJoint: asked of single members in joint mode, in which only their sum is known.
var ErrJoint = errors.New("not known in joint mode, in which only the members' sum is")

// Opening is what a joint round has opened: the sum over its members, with the sum of their
// shares of noise.
type Opening struct {
	ID         schema.Hash // of the agreement
	Plan       schema.Hash
	Period     schema.Period
	Members    []schema.Slug     // whose contributions are in it, sorted
	Protection schema.Protection // the weakest
	Cells      [][]int64         // by drawn table of the plan's cadence, in its order, row by row
	Checked    bool              // more keepers' sums than needed lie on one polynomial
}

// Joint takes an opening if it is one of its plan (6.1).
func (e *Expected) Joint(o Opening) (Released, error) {
	r := Released{
		source:  Source{Release: o.ID, Protection: o.Protection, Joint: true},
		members: slices.Clone(o.Members), period: o.Period, plan: e.hash,
	}
	if err := e.opened(&o); err != nil {
		return Released{}, fmt.Errorf("joint sum of %s: %w", o.Period, err)
	}
	rest := o.Cells
	for _, want := range e.tables[o.Period.Cadence()] {
		if want.Sigma2 == 0 {
			r.units = append(r.units, nil)
			continue
		}
		if err := want.fits(rest[0]); err != nil {
			return Released{}, fmt.Errorf("joint sum of %s: table %s: %w", o.Period, want.Table, err)
		}
		r.units = append(r.units, rest[0])
		rest = rest[1:]
	}
	return r, nil
}

func (e *Expected) opened(o *Opening) error {
	cadence := o.Period.Cadence()
	switch least := e.plan.Honest + e.plan.Colluders; {
	case e.plan.Mode != schema.Joint:
		return fmt.Errorf("the plan is in local mode, in which every member releases by itself")
	case o.Plan != e.hash:
		return fmt.Errorf("plan %s, want %s", o.Plan.Short(), e.hash.Short())
	case o.Period.Before(e.plan.FirstOf(cadence)):
		return fmt.Errorf("the plan begins with %s", e.plan.FirstOf(cadence))
	case len(o.Members) < least:
		return fmt.Errorf("%d members, the plan wants at least %d", len(o.Members), least)
	case len(o.Cells) != e.drawn(cadence):
		return fmt.Errorf("%d tables, the plan draws %d", len(o.Cells), e.drawn(cadence))
	}
	for i, m := range o.Members {
		if i > 0 && m <= o.Members[i-1] {
			return fmt.Errorf("members: not sorted, or one twice")
		}
	}
	return nil
}

func (want *expectedTable) fits(cells []int64) error {
	switch {
	case want.err != nil:
		return want.err
	case len(cells) != want.shape.Cells():
		return fmt.Errorf("%d cells, the plan's has %d", len(cells), want.shape.Cells())
	}
	return bounds(cells)
}

// takeSum takes the period's joint sum out of byPlace. Who was suspended or removed since
// is still in it, and owed it when it was agreed on.
func (pg *page) takeSum(byPlace map[place]*Released) {
	pg.coverage.Joint = true
	at := place{"", pg.owed.Plan, pg.owed.Period}
	sum := byPlace[at]
	if sum == nil {
		return
	}
	delete(byPlace, at)
	pg.released = []*Released{sum}
	owing := slices.Clone(pg.owed.Members)
	for _, m := range sum.members {
		if !slices.Contains(owing, m) {
			owing = append(owing, m)
		}
	}
	pg.coverage.Owing = owing
	for _, m := range owing {
		if slices.Contains(sum.members, m) {
			source := sum.source
			source.Member = m
			pg.coverage.Reporting = append(pg.coverage.Reporting, source)
		}
	}
}

// inLocal is an estimate of all members as local mode would have had it.
func (pg *page) inLocal(a *asked, e Estimate) (Estimate, error) {
	if pg.sheet.local == nil || len(pg.released) == 0 {
		return Estimate{}, nil
	}
	r, err := pg.sheet.local.readingOf(a)
	if err != nil {
		return Estimate{}, err
	}
	return Estimate{e.Value, r.variance / (unitsPerPerson * unitsPerPerson) * pg.noises()}, nil
}
