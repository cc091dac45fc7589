package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/google/differential-privacy/go/v3/dpagg"
	"github.com/google/differential-privacy/go/v3/noise"
)

// laplace is what a first implementation does: the budget is shared evenly by all tables
// of all quarters, each cell gets Laplace noise [Dwork et al. 2006].
type laplace struct {
	p     *problem
	scale float64
}

func newLaplace(p *problem, b budget) laplace {
	return laplace{p, float64(quarters*len(p.shapes)) / b.eps}
}

func (l laplace) name() string           { return "Laplace, split evenly" }
func (l laplace) variances() [][]float64 { return flat(l.p, 2*l.scale*l.scale) }

func (l laplace) draw(members int, r *rand.Rand) ([][]float64, error) {
	return l.p.each(members, func() float64 { return l.scale * (r.ExpFloat64() - r.ExpFloat64()) }), nil
}

// gaussian has each table at rho = D^2/(2 sigma^2), D being 1.
type gaussian struct {
	title string
	p     *problem
	sigma float64
}

func newGaussian(title string, p *problem, rho float64) gaussian {
	return gaussian{title, p, math.Sqrt(1 / (2 * rho))}
}

func (g gaussian) name() string           { return g.title }
func (g gaussian) variances() [][]float64 { return flat(g.p, g.sigma*g.sigma) }

func (g gaussian) draw(members int, r *rand.Rand) ([][]float64, error) {
	return g.p.each(members, func() float64 { return g.sigma * r.NormFloat64() }), nil
}

// aggregates is Google's library as its documentation shows it: a Count for every cell,
// a person in one partition once, epsilon and delta shared evenly by tables and quarters.
type aggregates struct {
	p        *problem
	options  dpagg.CountOptions
	gauss    bool
	variance float64
}

func newDpagg(p *problem, b budget, gauss bool) aggregates {
	share := 1 / float64(quarters*len(p.shapes))
	a := aggregates{p: p, gauss: gauss, options: dpagg.CountOptions{Epsilon: b.eps * share, MaxPartitionsContributed: 1, Noise: noise.Laplace()}}
	a.variance = 2 / (b.eps * share) / (b.eps * share)
	if gauss {
		a.options.Delta, a.options.Noise = delta*share, noise.Gaussian()
		sigma := noise.SigmaForGaussian(1, 1, b.eps*share, delta*share)
		a.variance = sigma * sigma
	}
	return a
}

func (a aggregates) name() string {
	if a.gauss {
		return "dpagg, a table at a time, Gaussian"
	}
	return "dpagg, a table at a time, Laplace"
}

func (a aggregates) variances() [][]float64 { return flat(a.p, a.variance) }

func (a aggregates) draw(members int, _ *rand.Rand) ([][]float64, error) {
	var failed error
	out := a.p.each(members, func() float64 {
		count, err := dpagg.NewCount(&a.options)
		if err != nil {
			failed = err
			return 0
		}
		n, err := count.Result()
		if err != nil {
			failed = err
		}
		return float64(n)
	})
	if failed != nil {
		return nil, fmt.Errorf("dpagg: %w", failed)
	}
	return out, nil
}
