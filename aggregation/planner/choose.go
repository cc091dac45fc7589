package planner

import (
	"fmt"
	"math"

	"tidemark/schema"
)

// The most tables that Choose proposes: what people can follow every quarter, and what
// a year adds. A quarter that carries fewer than the least is better spent on a year,
// and a year that carries fewer is "not yet".
const (
	mostQuarterly = 9
	mostYearly    = 4
	leastTables   = 3
)

// Choose proposes a plan for a coalition whose members have the typed sizes (people a
// quarter). Base gives the frame: everything but the tables. Tables are added most
// important first, as long as every table has enough (Expectation.Enough). Where a
// quarter cannot carry three tables, all charge goes to yearly ones. The caution band is
// made stricter where the ranges of shown cells would else hold too seldom.
func Choose(cb *schema.Codebook, sizes []int, base schema.Plan) (schema.Plan, error) {
	for {
		plan, err := choose(cb, sizes, base)
		if err == nil {
			err = plan.Validate(cb)
		}
		if err != nil {
			return schema.Plan{}, fmt.Errorf("choose: %w", err)
		}
		seen, err := Expect(cb, plan, sizes)
		if err != nil {
			return schema.Plan{}, fmt.Errorf("choose: %w", err)
		}
		if seen.Stricter == (schema.Bands{}) || seen.Stricter == base.Bands {
			return plan, nil
		}
		base.Bands = seen.Stricter // what can be read is less then: choose again
	}
}

func choose(cb *schema.Codebook, sizes []int, plan schema.Plan) (schema.Plan, error) {
	e, err := newEyes(cb, &plan, sizes)
	if err != nil {
		return plan, err
	}
	plan.Tables = nil
	quarterly, yearly := split(Wishes(cb))
	chosen, err := e.pick(quarterly, plan.ChargeQuarter, mostQuarterly)
	if err != nil {
		return plan, err
	}
	most := mostYearly
	if len(chosen) < min(leastTables, len(quarterly)) {
		chosen = nil
		plan.ChargeYear = min(plan.Cap, schema.QuarterYears*plan.ChargeQuarter+plan.ChargeYear)
		plan.ChargeQuarter = 0
		yearly, most = append(inYears(quarterly), yearly...), mostQuarterly
	}
	if err := e.take(&plan, chosen); err != nil {
		return plan, err
	}
	if chosen, err = e.pick(yearly, plan.ChargeYear, most); err != nil {
		return plan, err
	}
	if len(plan.Tables) == 0 && len(chosen) < min(leastTables, len(quarterly)) {
		// Not yet; a plan still has a table to begin with.
		chosen = rolledUpAll(cb, yearly[:1])
	}
	return plan, e.take(&plan, chosen)
}

func split(wishes []Wish) (quarterly, yearly []Wish) {
	for _, w := range wishes {
		if w.Cadence == schema.Quarterly {
			quarterly = append(quarterly, w)
		} else {
			yearly = append(yearly, w)
		}
	}
	return quarterly, yearly
}

func inYears(wishes []Wish) []Wish {
	out := append([]Wish(nil), wishes...)
	for i := range out {
		out[i].Cadence = schema.Yearly
	}
	return out
}

// pick adds wishes as they stand, or all rolled up where that makes room for more.
func (e *eyes) pick(wishes []Wish, charge schema.Charge, most int) ([]Wish, error) {
	fine, err := e.greedy(wishes, charge, most)
	if err != nil {
		return nil, err
	}
	coarse, err := e.greedy(rolledUpAll(e.cb, wishes), charge, most)
	if err != nil {
		return nil, err
	}
	if weight(coarse) > weight(fine) {
		return coarse, nil
	}
	return fine, nil
}

func weight(wishes []Wish) (sum float64) {
	for _, w := range wishes {
		sum += w.Importance
	}
	return sum
}

// rolledUpAll leaves out what becomes the same table twice.
func rolledUpAll(cb *schema.Codebook, wishes []Wish) []Wish {
	seen := map[string]bool{}
	var out []Wish
	for _, w := range wishes {
		w.Table = rolledUp(cb, w.Table)
		if !seen[w.Table.String()] {
			seen[w.Table.String()] = true
			out = append(out, w)
		}
	}
	return out
}

// greedy adds wishes while all have enough under an even split of the charge; one that
// has not at its codes is tried rolled up.
func (e *eyes) greedy(wishes []Wish, charge schema.Charge, most int) ([]Wish, error) {
	var chosen []Wish
	for _, w := range wishes {
		if len(chosen) == most || charge <= 0 {
			break
		}
		for _, variant := range rolledUpAlso(e.cb, w) {
			trial := append(chosen[:len(chosen):len(chosen)], variant)
			ok, err := e.enough(trial, charge)
			if err != nil {
				return nil, err
			}
			if ok {
				chosen = trial
				break
			}
		}
	}
	return chosen, nil
}

func rolledUpAlso(cb *schema.Codebook, w Wish) []Wish {
	coarse := rolledUpAll(cb, []Wish{w})
	if coarse[0].Table.String() == w.Table.String() {
		return coarse
	}
	return append([]Wish{w}, coarse...)
}

func (e *eyes) enough(wishes []Wish, charge schema.Charge) (bool, error) {
	tables, err := even(wishes, charge)
	if err != nil {
		return false, err
	}
	cells := 0
	for _, t := range tables {
		s, err := e.cb.Shape(t.Table)
		if err != nil {
			return false, err
		}
		cells += s.Cells()
	}
	if cells > schema.MaxCells || e.honest > 0 && cells > schema.MaxJointCells {
		return false, nil
	}
	seen, err := e.see(tables)
	if err != nil {
		return false, err
	}
	for _, x := range seen {
		if !x.Enough() {
			return false, nil
		}
	}
	return true, nil
}

// take solves for the chosen wishes and adds them to a plan. Optimising the sum of all
// may cost one table what an even split gave it: then the least important goes.
func (e *eyes) take(plan *schema.Plan, chosen []Wish) error {
	for len(chosen) > 0 {
		tables, err := Solve(e.cb, chosen, plan.Charge(chosen[0].Cadence))
		if err != nil {
			return err
		}
		seen, err := e.see(tables)
		if err != nil {
			return err
		}
		_, ok := readable(seen)
		if ok || len(chosen) == 1 {
			plan.Tables = append(plan.Tables, tables...)
			return nil
		}
		chosen = chosen[:len(chosen)-1]
	}
	return nil
}

// importance falls slowly with the place: the ninth table counts a third of the first.
func importance(place int) float64 { return 1 / math.Sqrt(float64(place+1)) }
