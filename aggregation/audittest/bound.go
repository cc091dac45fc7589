// Package audittest is what the audits from outside share: how errors of an attacker become
// a lower bound of the mu that was spent, how many runs an audit has, and the page. It is
// for tests only, and knows nothing of what is audited. aggregation/AUDIT.md has an example
// and says what an audit can show.
package audittest

import "math"

// MuLower is the mu that so many errors in n runs of each side show to be spent at
// least. Each of the two error rates is bounded at the level alpha, so it is too high
// with a probability of at most 2 alpha.
func MuLower(falsely, missed, n int, alpha float64) float64 {
	return -quantile(clopperPearson(falsely, n, alpha)) - quantile(clopperPearson(missed, n, alpha))
}

// Least is the bound that a sound audit reaches but once in 1e12 runs, where mu is the
// distance in truth: the error rates are then Phi(-mu/2), and their bounds and their
// own spread cost so many standard deviations of a quantile.
func Least(mu float64, n int, alpha float64) float64 {
	p := 0.5 * math.Erfc(mu/2/math.Sqrt2)
	density := math.Exp(-mu*mu/8) / math.Sqrt(2*math.Pi)
	sd := math.Sqrt(p*(1-p)/float64(n)) / density
	return mu - 2*sd*(5-quantile(alpha))
}

// clopperPearson is the upper bound of a probability after k successes of n: the p at
// which k or fewer have the probability alpha [Clopper, Pearson 1934].
func clopperPearson(k, n int, alpha float64) float64 {
	low, high := float64(k)/float64(n), 1.0
	for range 60 {
		p := (low + high) / 2
		if binomialAtMost(k, n, p) > alpha {
			low = p
		} else {
			high = p
		}
	}
	return high
}

func binomialAtMost(k, n int, p float64) (sum float64) {
	whole, _ := math.Lgamma(float64(n + 1))
	for i := range k + 1 {
		a, _ := math.Lgamma(float64(i + 1))
		b, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(whole - a - b + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return sum
}

// quantile is Phi^-1.
func quantile(p float64) float64 { return -math.Sqrt2 * math.Erfcinv(2*p) }
