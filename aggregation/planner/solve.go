package planner

import (
	"fmt"
	"math"

	"tidemark/aggregation/internal/anova"
	"tidemark/schema"
)

// The optimum is approached until no other split could be better than this part, or for
// so many steps.
const (
	nearOptimum = 1e-3
	maxSteps    = 5000
	// A table whose part of the charge sinks below this, and that others tell, is left
	// undrawn.
	negligible = 2e-3
)

// Solve gives every wish of one cadence its noise, so that all tables together cost at
// most charge and the importance-weighted mean variance, after reconstruction, is least.
// A table that the others tell as well comes out derived (Sigma2 0).
func Solve(cb *schema.Codebook, wishes []Wish, charge schema.Charge) ([]schema.PlanTable, error) {
	p, err := newProgram(cb, wishes, charge)
	if err != nil {
		return nil, fmt.Errorf("solve: %w", err)
	}
	for range maxSteps {
		done, err := p.step()
		if err != nil {
			return nil, fmt.Errorf("solve: %w", err)
		}
		if done {
			break
		}
	}
	return p.tables()
}

// program is the choice of weights: parts of the charge, one per wish, that sum to 1.
type program struct {
	wishes []Wish
	shapes []schema.Shape
	charge schema.Charge
	part   []float64
}

func newProgram(cb *schema.Codebook, wishes []Wish, charge schema.Charge) (*program, error) {
	if len(wishes) == 0 || charge <= 0 {
		return nil, fmt.Errorf("have %d tables and a charge of %d, want at least 1 of each", len(wishes), charge)
	}
	p := &program{wishes: wishes, charge: charge}
	for _, w := range wishes {
		s, err := cb.Shape(w.Table)
		if err != nil {
			return nil, err
		}
		if w.Cadence != wishes[0].Cadence || !(w.Importance > 0) || math.IsInf(w.Importance, 0) {
			return nil, fmt.Errorf("table %s: want one cadence and an importance above 0", w.Table)
		}
		p.shapes = append(p.shapes, s)
		p.part = append(p.part, 1/float64(len(wishes)))
	}
	return p, nil
}

// precision of a table's cells at its part of the charge: 1/sigma^2 in 1/units^2.
func (p *program) precision(i int) float64 {
	mu2 := float64(p.charge) / chargePerMu2
	return p.part[i] * mu2 / float64(p.wishes[i].Measure.Sensitivity2())
}

// chargePerMu2 is what schema.PlanTable.Charge asks for mu^2 = 1.
const chargePerMu2 = 1_000_100_000

// step multiplies every part by the square root of what it is worth: of how fast the
// objective falls per charge spent on it.
func (p *program) step() (done bool, err error) {
	objective, worth, spare, err := p.worth()
	if err != nil {
		return false, err
	}
	best, sum := 0.0, 0.0
	for i, g := range worth {
		best = math.Max(best, g)
		next := p.part[i] * math.Sqrt(g)
		if spare == i {
			next = 0
		}
		sum += next
	}
	// The objective is convex and falls as 1/charge: no split is lower than
	// 2*objective - best.
	if best-objective <= nearOptimum*objective && spare < 0 {
		return true, nil
	}
	for i, g := range worth {
		p.part[i] *= math.Sqrt(g) / sum
		if spare == i {
			p.part[i] = 0
		}
	}
	return false, nil
}

// worth is how much the objective falls per part of the charge, per table, and a table
// that can be left undrawn: -1 if there is none.
func (p *program) worth() (objective float64, worth []float64, spare int, err error) {
	var tables []anova.Table
	var importance []float64
	var place []int
	worth, spare = make([]float64, len(p.wishes)), -1
	for i, w := range p.wishes {
		if w.Measure.Kind == schema.People {
			tables = append(tables, anova.Table{Shape: p.shapes[i], Precision: p.precision(i)})
			importance, place = append(importance, w.Importance), append(place, i)
			continue
		}
		variance := w.Importance / p.precision(i)
		objective += variance
		worth[i] = variance / p.part[i]
	}
	if len(tables) == 0 {
		return objective, worth, -1, nil
	}
	m, err := anova.New(tables)
	if err != nil {
		return 0, nil, 0, err
	}
	of, falls, err := m.Gradient(importance)
	if err != nil {
		return 0, nil, 0, err
	}
	objective += of
	mu2 := float64(p.charge) / chargePerMu2
	for k, i := range place {
		worth[i] = falls[k] * mu2 / float64(p.wishes[i].Measure.Sensitivity2())
	}
	for k, i := range place {
		if p.part[i] > 0 && p.part[i] < negligible && worth[i] < objective && m.Spare(k) {
			spare = i
		}
	}
	return objective, worth, spare, nil
}

// tables turns parts into whole noise variances, rounded up so that the charge holds.
func (p *program) tables() ([]schema.PlanTable, error) {
	var out []schema.PlanTable
	for i, w := range p.wishes {
		t := schema.PlanTable{Table: w.Table, Cadence: w.Cadence, Measure: w.Measure}
		if p.part[i] > 0 {
			cost := int64(p.part[i] * float64(p.charge) * (1 - 1e-12))
			if cost < 1 {
				return nil, fmt.Errorf("solve: table %s: the charge is too small", w.Table)
			}
			t.Sigma2 = (w.Measure.Sensitivity2()*chargePerMu2 + cost - 1) / cost
			t.Sigma2 = max(t.Sigma2, schema.MinSigma2)
		}
		if t.Sigma2 > schema.MaxSigma2 {
			return nil, fmt.Errorf("solve: table %s: the charge is too small", w.Table)
		}
		out = append(out, t)
	}
	return out, nil
}

// even splits a charge evenly: a first look before Solve.
func even(wishes []Wish, charge schema.Charge) ([]schema.PlanTable, error) {
	p := &program{wishes: wishes, charge: charge}
	for range wishes {
		p.part = append(p.part, 1/float64(len(wishes)))
	}
	return p.tables()
}
