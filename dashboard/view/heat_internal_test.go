package view

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

func TestScaleStandsOnRoundNumbers(t *testing.T) {
	sure := func(values ...float64) []combine.Estimate {
		var out []combine.Estimate
		for _, v := range values {
			out = append(out, combine.Estimate{Value: v})
		}
		return out
	}
	for _, c := range []struct {
		cells []combine.Estimate
		want  scale
	}{
		{nil, scale{0}},
		{sure(0, 3), scale{0}},
		{sure(5, 49), scale{0, 5, 10, 20}},
		{sure(2210), scale{0, 50, 100, 200, 500, 1000, 2000}},
		{[]combine.Estimate{{Value: 900, Variance: 1e6}, {Value: 12}}, scale{0, 5, 10}}, // what is too noisy gives no colour
	} {
		if got := scaleFor(c.cells, schema.DefaultBands); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.cells, got, c.want)
		}
	}
	s := scale{0, 50, 100, 200, 500, 1000, 2000}
	for n, want := range map[int64]int{0: 1, 49: 1, 50: 2, 199: 3, 200: 4, 1999: 6, 2000: 7, 1e9: 7} {
		if got := s.step(n); got != want {
			t.Errorf("%d has step %d, want %d", n, got, want)
		}
	}
}

// Benjamini and Hochberg at 1 in 10: the largest k whose k-th smallest chance is at most
// k tenths of n. Cells too noisy to say are no part of it.
func TestListIsBenjaminiHochbergs(t *testing.T) {
	cell := func(z float64, v combine.Verdict) combine.Change { return combine.Change{Z: z, Verdict: v} }
	up, down, noisy := combine.VeryLikelyRising, combine.VeryLikelyFalling, combine.TooNoisyToSay
	for _, c := range []struct {
		name  string
		cells []combine.Change
		want  []combine.Verdict
	}{
		{"clear ones", []combine.Change{cell(5, up), cell(-2.5, down), cell(1, combine.NoClearChange)}, []combine.Verdict{up, down, combine.NoClearChange}},
		{"one of many", []combine.Change{cell(2, up), cell(.1, combine.NoClearChange), cell(.2, combine.NoClearChange)}, []combine.Verdict{combine.NoClearChange, combine.NoClearChange, combine.NoClearChange}},
		{"the same alone", []combine.Change{cell(2, up), cell(9, noisy), cell(9, noisy)}, []combine.Verdict{up, noisy, noisy}},
		{"probably is not said", []combine.Change{cell(1.7, combine.ProbablyRising), cell(5, up)}, []combine.Verdict{combine.NoClearChange, up}},
	} {
		listClear(c.cells)
		for i := range c.cells {
			if c.cells[i].Verdict != c.want[i] {
				t.Errorf("%s: cell %d is %q, want %q", c.name, i, c.cells[i].Verdict, c.want[i])
			}
		}
	}
}

func TestShareOfNothingIsOpen(t *testing.T) {
	if s := shareOf(combine.Estimate{Value: 3, Variance: 4}, combine.Estimate{Value: 3, Variance: 4}); !s.open {
		t.Errorf("a whole within its noise of nobody: %+v", s)
	}
	exact := shareOf(combine.Estimate{Value: 30}, combine.Estimate{Value: 120})
	if n, low, high := exact.inHundred(); n != 25 || low != 25 || high != 25 {
		t.Errorf("30 of 120: %d (%d to %d)", n, low, high)
	}
}

// 20,000 draws; the rate's deviation is 0.0015, so that a false failure is 5 deviations
// away: less than 1 in a million.
func TestShareRangeHoldsTheTruth(t *testing.T) {
	const draws, truth = 20_000, 0.3
	noise, held := rand.New(rand.NewPCG(1, 2)), 0
	for range draws {
		part := combine.Estimate{Value: truth*500 + 20*noise.NormFloat64(), Variance: 400}
		whole := combine.Estimate{Value: 500 + 40*noise.NormFloat64(), Variance: 1600}
		if s := shareOf(part, whole); s.low <= truth && truth <= s.high {
			held++
		}
	}
	if rate := float64(held) / draws; math.Abs(rate-0.95) > 0.0075 {
		t.Errorf("the range held in %.4f of the draws", rate)
	}
}
