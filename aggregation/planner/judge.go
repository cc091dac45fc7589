package planner

import (
	"fmt"
	"math"

	"tidemark/schema"
)

// judge sets the outlook, and the advice where it is not "yes".
func (e *eyes) judge(r *Report) error {
	if e.missed() {
		r.Outlook, r.Advice = NotYet, []Advice{MoreMembers}
		return nil
	}
	_, quarterly := readable(r.of(schema.Quarterly))
	_, yearly := readable(r.of(schema.Yearly))
	switch {
	case quarterly:
		r.Outlook = Yes
		return nil
	case yearly:
		r.Outlook = Yearly
	default:
		r.Outlook = NotYet
	}
	tables := r.of(schema.Quarterly)
	if len(tables) == 0 && !yearly {
		tables = r.of(schema.Yearly)
	}
	if len(tables) == 0 {
		return nil // a readable year, and nothing else was wanted
	}
	return e.advise(r, tables)
}

// way is a change of a plan, tried on its tables.
type way struct {
	advice Advice
	try    func(t schema.PlanTable) schema.PlanTable
}

// advise tries each way out on the tables, as if each stood alone in its noise.
func (e *eyes) advise(r *Report, tables []Expectation) error {
	n := float64(len(tables))
	joint, can := e.jointly()
	for _, w := range []way{
		{TakeAYear, func(t schema.PlanTable) schema.PlanTable {
			t.Cadence = schema.Yearly
			return t
		}},
		{RollUp, e.rolledUp},
		{FewerTables, func(t schema.PlanTable) schema.PlanTable {
			t.Sigma2 = int64(math.Max(float64(t.Sigma2)/n, schema.MinSigma2))
			return t
		}},
		{GoJoint, func(t schema.PlanTable) schema.PlanTable { return t }},
	} {
		eyes := e
		if w.advice == GoJoint {
			if eyes = joint; !can {
				continue
			}
		}
		helps, err := eyes.helps(w, tables)
		if err != nil {
			return err
		}
		if helps {
			r.Advice = append(r.Advice, w.advice)
		}
	}
	if len(r.Advice) == 0 {
		r.Advice = []Advice{MoreMembers}
	}
	return nil
}

// jointly are the eyes of the same coalition in joint mode with the same tables, by the
// defaults; false where it is in it, or too small for it.
func (e *eyes) jointly() (*eyes, bool) {
	if e.honest > 0 || e.members < schema.MinKeepers {
		return nil, false
	}
	joint := *e
	honest, _ := Assumed(e.members)
	joint.noises /= float64(honest) // of a noise, each adds 1/H
	return &joint, true
}

func (e *eyes) helps(w way, tables []Expectation) (bool, error) {
	var tried []Expectation
	changed := w.advice == GoJoint
	for _, x := range tables {
		t := w.try(x.Table)
		changed = changed || t.Cadence != x.Table.Cadence || t.Sigma2 != x.Table.Sigma2 || t.Table.String() != x.Table.Table.String()
		s, err := e.cb.Shape(t.Table)
		if err != nil {
			return false, err
		}
		variance := math.Pow(x.MemberSD*schema.UnitsPerPerson, 2)
		if x.Table.Sigma2 > 0 {
			variance *= float64(t.Sigma2) / float64(x.Table.Sigma2)
		}
		tried = append(tried, e.expectation(t, s, flat(s.Cells(), variance)))
	}
	_, enough := readable(tried)
	return changed && enough, nil
}

// rolledUp is a table with every axis at its first roll-up, where it has one.
func (e *eyes) rolledUp(t schema.PlanTable) schema.PlanTable {
	t.Table = rolledUp(e.cb, t.Table)
	return t
}

func rolledUp(cb *schema.Codebook, t schema.Table) schema.Table {
	var out schema.Table
	for _, a := range t.Axes {
		out.Axes = append(out.Axes, coarser(cb, a))
	}
	return out
}

func coarser(cb *schema.Codebook, a schema.Axis) schema.Axis {
	if d := cb.Dimension(a.Dimension); a.Rollup == "" && d >= 0 && len(cb.Dimensions[d].Rollups) > 0 {
		a.Rollup = cb.Dimensions[d].Rollups[0].ID
	}
	return a
}

// Words says the report in sentences.
func (r Report) Words() []string {
	out := []string{r.outlook()}
	for _, a := range r.Advice {
		out = append(out, map[Advice]string{
			TakeAYear:   "A year instead of a quarter would make them readable.",
			RollUp:      "Groups instead of single codes would make them readable.",
			FewerTables: "One of these tables alone would be readable.",
			GoJoint:     "Joint mode, in which only the coalition's sum is known, would make them readable.",
			MoreMembers: "More members, or members who see more people, would be needed.",
		}[a])
	}
	if n, less := r.ShownHold(); less {
		out = append(out, fmt.Sprintf("Among the cells that are shown, the range holds the truth %d times in 100, not 95.", n))
	}
	if r.Stricter != (schema.Bands{}) {
		out = append(out, fmt.Sprintf("That is too seldom: the plan's caution band should start at a stricter limit (bands %d %d).", r.Stricter.Number, r.Stricter.Caution))
	}
	return out
}

// ShownHold is how often in 100 the ranges of shown cells hold the truth, and whether that
// is worth a sentence: it is less than the 95 that holds over all cells.
func (r Report) ShownHold() (n int64, less bool) {
	n = int64(math.Round(100 * r.ShownCoverage))
	return n, n > 0 && n < 95
}

// Missed tells that so few members never open a joint round.
func (r Report) Missed() bool { return r.Members < r.Least }

func (r Report) outlook() string {
	switch r.Outlook {
	case Yes:
		return fmt.Sprintf("Yes: every quarter, of 100 people in the one-way tables about %.0f stand in cells that can be read.", 100*r.ReadableQuarter)
	case Yearly:
		if r.ReadableQuarter == 0 {
			return fmt.Sprintf("Yearly: of 100 people in a year's tables about %.0f stand in cells that can be read.", 100*r.ReadableYear)
		}
		return fmt.Sprintf("Yearly: of 100 people in a year's tables about %.0f stand in cells that can be read. Not yet every quarter: about %.0f.", 100*r.ReadableYear, 100*r.ReadableQuarter)
	}
	if r.Missed() {
		return fmt.Sprintf("Not yet: joint mode opens a period's sum only if %d members contribute; fewer, and the period is missed.", r.Least)
	}
	share := math.Max(r.ReadableQuarter, r.ReadableYear)
	return fmt.Sprintf("Not yet: with about %d people a quarter too few stand in cells that can be read (about %.0f in 100), or only the commonest code can.", r.Quarter, 100*share)
}
