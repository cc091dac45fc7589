package main

import "math/rand/v2"

// mechanism is a way to put noise into a problem's tables every quarter of a year.
type mechanism interface {
	name() string
	// variances are those of one member's cells, by table and cell, in people^2, after
	// whatever a reader makes of the tables.
	variances() [][]float64
	// draw is the noise in the sum over members of one quarter's tables, in people.
	draw(members int, r *rand.Rand) ([][]float64, error)
}

// mechanisms at one budget, the naive one first. Measure people: one person weighs 1 in
// each table, so that L1 and L2 are 1.
func mechanisms(p *problem, b budget) ([]mechanism, error) {
	ours, err := newTidemark(p, b)
	if err != nil {
		return nil, err
	}
	return []mechanism{
		newLaplace(p, b),
		newDpagg(p, b, false),
		newDpagg(p, b, true),
		newGaussian("Gaussian, zCDP, split evenly", p, b.rho/float64(quarters*len(p.shapes))),
		newGaussian("Gaussian, GDP, split evenly", p, b.mu*b.mu/2/float64(quarters*len(p.shapes))),
		newResidual(p, b),
		ours,
	}, nil
}

// flat are equal variances for all cells.
func flat(p *problem, variance float64) [][]float64 {
	out := p.blank()
	for t := range out {
		for i := range out[t] {
			out[t][i] = variance
		}
	}
	return out
}

// blank is a number for each cell of each table.
func (p *problem) blank() [][]float64 {
	out := make([][]float64, len(p.shapes))
	for t, s := range p.shapes {
		out[t] = make([]float64, s.Cells())
	}
	return out
}

// each draws every cell of the sum over members on its own.
func (p *problem) each(members int, one func() float64) [][]float64 {
	out := p.blank()
	for t := range out {
		for i := range out[t] {
			for range members {
				out[t][i] += one()
			}
		}
	}
	return out
}
