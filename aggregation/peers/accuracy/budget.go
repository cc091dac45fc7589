package main

import (
	"math"

	"tidemark/aggregation/account"
	"tidemark/schema"
)

// delta is the delta of every budget here.
const delta = account.StatementDelta

// budget is what one person may cost in a year, in the units of each peer. All are the
// same (epsilon, delta).
type budget struct {
	eps float64
	mu  float64 // of Gaussian differential privacy [Dong, Roth, Su 2019]
	rho float64 // of zero-concentrated differential privacy [Bun, Steinke 2016]
}

func budgetOf(eps float64) budget {
	return budget{
		eps: eps,
		mu:  largest(func(mu float64) bool { return account.Delta(mu, eps) <= delta }),
		rho: largest(func(rho float64) bool { return zcdpDelta(rho, eps) <= delta }),
	}
}

// quarter is what a quarter may cost of the year's budget, in nano-mu^2.
func (b budget) quarter() schema.Charge { return schema.Charge(b.mu * b.mu / quarters * 1e9) }

// largest x from 0 to 30 that is still good, by bisection.
func largest(good func(x float64) bool) float64 {
	low, high := 0.0, 30.0
	for range 100 {
		if middle := (low + high) / 2; good(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// zcdpDelta is the least delta at which rho-zCDP gives (eps, delta): the infimum over
// a > 1 of exp((a-1)(a rho - eps)) / (a-1) * (1 - 1/a)^a [Canonne, Kamath, Steinke 2020,
// corollary 13]. The exponent is convex in a.
func zcdpDelta(rho, eps float64) float64 {
	at := func(a float64) float64 { return (a-1)*(a*rho-eps) - math.Log(a-1) + a*math.Log1p(-1/a) }
	low, high := 1+1e-9, 2+eps/math.Max(rho, 1e-9)
	for range 300 {
		third := (high - low) / 3
		if at(low+third) < at(high-third) {
			high -= third
		} else {
			low += third
		}
	}
	return math.Exp(at((low + high) / 2))
}
