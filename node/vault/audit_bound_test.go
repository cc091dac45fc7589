package vault

import (
	"math"
	"testing"
)

// attacker sorts runs into those with her and those without: a weighted sum of the
// cells above the threshold means with.
type attacker struct {
	weights   []float64
	threshold float64
	apart     float64 // how far apart the training runs are, in standard deviations
}

// trained is the better of two attackers on the training runs: the likelihood ratio of
// the noise that the releases state, and one that has also learned from the runs which
// cells' noise goes together, where there are runs enough to learn that from. The
// second sees noise that was used twice.
func trained(difference []float64, sigma2 []int64, without, with [][]float64) attacker {
	ratio := make([]float64, len(difference))
	for i := range ratio {
		ratio[i] = difference[i] / float64(sigma2[i])
	}
	best := attackerOf(ratio, without, with)
	if 10*len(difference) > len(without) {
		return best
	}
	learned := attackerOf(solve(covariance(without, with), difference), without, with)
	if learned.apart > 1.1*best.apart { // a little better is by chance
		return learned
	}
	return best
}

func attackerOf(weights []float64, without, with [][]float64) attacker {
	a := attacker{weights: weights}
	m0, v0 := a.moments(without)
	m1, v1 := a.moments(with)
	a.threshold = (m0 + m1) / 2
	a.apart = (m1 - m0) / math.Sqrt((v0+v1)/2)
	return a
}

func (a *attacker) score(run []float64) (sum float64) {
	for i, w := range a.weights {
		sum += w * run[i]
	}
	return sum
}

func (a *attacker) moments(runs [][]float64) (mean, variance float64) {
	n := float64(len(runs))
	for _, r := range runs {
		mean += a.score(r) / n
	}
	for _, r := range runs {
		d := a.score(r) - mean
		variance += d * d / n
	}
	return mean, variance
}

// errors counts the held-out runs that the attacker sorts wrongly.
func (a *attacker) errors(without, with [][]float64) (falsely, missed int) {
	for i := range without {
		if a.score(without[i]) > a.threshold {
			falsely++
		}
		if a.score(with[i]) <= a.threshold {
			missed++
		}
	}
	return falsely, missed
}

// covariance is that of the cells, around each side's own mean. One unit^2 is added to
// every variance: noise that was used twice would leave nothing to divide by.
func covariance(sides ...[][]float64) [][]float64 {
	d := len(sides[0][0])
	sum := make([][]float64, d)
	for i := range sum {
		sum[i] = make([]float64, d)
		sum[i][i] = 1
	}
	for _, runs := range sides {
		mean := make([]float64, d)
		for _, r := range runs {
			for i := range r {
				mean[i] += r[i] / float64(len(runs))
			}
		}
		for _, r := range runs {
			for i := range r {
				for k := range i + 1 {
					sum[i][k] += (r[i] - mean[i]) * (r[k] - mean[k]) / float64(len(runs)*len(sides))
				}
			}
		}
	}
	for i := range sum {
		for k := range i {
			sum[k][i] = sum[i][k]
		}
	}
	return sum
}

// solve is a^-1 b by Gaussian elimination; a is positive definite and is used up.
func solve(a [][]float64, b []float64) []float64 {
	x := append([]float64(nil), b...)
	for i := range a {
		for r := i + 1; r < len(a); r++ {
			f := a[r][i] / a[i][i]
			for k := i; k < len(a); k++ {
				a[r][k] -= f * a[i][k]
			}
			x[r] -= f * x[i]
		}
	}
	for i := len(a) - 1; i >= 0; i-- {
		for k := i + 1; k < len(a); k++ {
			x[i] -= a[i][k] * x[k]
		}
		x[i] /= a[i][i]
	}
	return x
}

func TestSolve(t *testing.T) {
	x := solve([][]float64{{4, 2, 0}, {2, 5, 1}, {0, 1, 3}}, []float64{8, 15, 11})
	for i, want := range []float64{1, 2, 3} {
		if math.Abs(x[i]-want) > 1e-12 {
			t.Errorf("solve: %v", x)
		}
	}
}
