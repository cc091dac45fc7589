package main

import (
	"context"
	"math/rand/v2"
	"slices"

	"tidemark/aggregation/internal/anova"
	"tidemark/aggregation/noise"
	"tidemark/aggregation/planner"
	"tidemark/schema"
)

// tidemark is the product: the planner's noise, the exact sampler, the reader's
// reconstruction.
type tidemark struct {
	p      *problem
	tables []schema.PlanTable
	model  *anova.Model
	vars   [][]float64
}

func newTidemark(p *problem, b budget) (*tidemark, error) {
	tables, err := planner.Solve(p.cb, p.wishes, b.quarter())
	if err != nil {
		return nil, err
	}
	return reconstructed(p, tables)
}

// reconstructed is what readers make of tables.
func reconstructed(p *problem, tables []schema.PlanTable) (m *tidemark, err error) {
	m = &tidemark{p: p, tables: tables}
	var drawn []anova.Table
	for i, t := range tables {
		precision := 0.0
		if t.Sigma2 > 0 {
			precision = 1 / float64(t.Sigma2)
		}
		drawn = append(drawn, anova.Table{Shape: p.shapes[i], Precision: precision})
	}
	if m.model, err = anova.New(drawn); err != nil {
		return nil, err
	}
	for i := range tables {
		cells, err := m.model.CellVariances(i)
		if err != nil {
			return nil, err
		}
		m.vars = append(m.vars, scaled(cells, unit*unit))
	}
	return m, nil
}

// unjoined is the RMSE of the planner's tables in a measure that is not reconstructed, and
// that of evenly split Laplace for it; L1 is the measure's limit.
func unjoined(p *problem, m schema.Measure, b budget) (own, naive float64, err error) {
	wishes := slices.Clone(p.wishes)
	for i := range wishes {
		wishes[i].Measure = m
	}
	tables, err := planner.Solve(p.cb, wishes, b.quarter())
	if err != nil {
		return 0, 0, err
	}
	squares := 0.0
	for i, t := range tables {
		squares += float64(t.Sigma2) / (unit * unit) * float64(p.shapes[i].Cells())
	}
	return rmse(squares, p.cells()), float64(m.Limit) * formula(p, newLaplace(p, b), 1), nil
}

const unit = float64(schema.UnitsPerPerson)

func scaled(cells []float64, by float64) []float64 {
	out := make([]float64, len(cells))
	for i, c := range cells {
		out[i] = c / by
	}
	return out
}

func (m *tidemark) name() string           { return "**Tidemark**" }
func (m *tidemark) variances() [][]float64 { return m.vars }

// draw adds the members' integer noise and reconstructs the sum, as readers do.
func (m *tidemark) draw(members int, r *rand.Rand) ([][]float64, error) {
	var seed [32]byte
	for i := range seed {
		seed[i] = byte(r.Uint32())
	}
	exact := noise.Exact{Random: rand.NewChaCha8(seed)}
	sum := make([][]float64, len(m.tables))
	for i, t := range m.tables {
		if t.Sigma2 == 0 {
			continue
		}
		sum[i] = make([]float64, m.p.shapes[i].Cells())
		ask := noise.Ask{Sensitivity2: t.Measure.Sensitivity2(), Sigma2: t.Sigma2, Count: len(sum[i]), Source: schema.ExactNoise}
		for range members {
			drawn, err := exact.Noise(context.Background(), []noise.Ask{ask})
			if err != nil {
				return nil, err
			}
			for k, n := range drawn[0] {
				sum[i][k] += float64(n) / unit
			}
		}
	}
	return m.model.Reconstruct(sum)
}
