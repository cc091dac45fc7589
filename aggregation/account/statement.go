package account

import (
	"math"

	"tidemark/schema"
)

// StatementDelta is the delta at which epsilon is stated everywhere.
const StatementDelta = 1e-6

const nano = 1e-9

// Mu is the parameter of Gaussian differential privacy that a charge stands for.
func Mu(c schema.Charge) float64 { return math.Sqrt(max(float64(c), 0) * nano) }

// Delta is the smallest delta at which a mu-GDP mechanism is (eps, delta)-differentially
// private: Phi(mu/2 - eps/mu) - e^eps Phi(-mu/2 - eps/mu). Balle and Wang 2018,
// theorem 8; Dong, Roth and Su 2019, corollary 1.
func Delta(mu, eps float64) float64 {
	if mu <= 0 {
		return 0
	}
	tail := phi(-mu/2 - eps/mu)
	if tail == 0 { // e^eps may be infinite by then
		return phi(mu/2 - eps/mu)
	}
	return max(0, phi(mu/2-eps/mu)-math.Exp(eps)*tail)
}

// Epsilon is the smallest eps >= 0 with Delta(Mu(c), eps) <= delta, for delta in (0, 1).
func Epsilon(c schema.Charge, delta float64) float64 { return EpsilonOf(Mu(c), delta) }

// EpsilonOf is Epsilon for a mu from 0 to 30.
func EpsilonOf(mu, delta float64) float64 {
	if mu <= 0 || Delta(mu, 0) <= delta {
		return 0
	}
	low, high := 0.0, 1.0
	for Delta(mu, high) > delta {
		low, high = high, 2*high
	}
	for range 200 {
		middle := low + (high-low)/2
		if Delta(mu, middle) > delta {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// BestGuess is how often in 100, at best, someone is right who knows every other record
// and guesses whether one given person is in the data: 100 Phi(mu/2). A coin: 50.
func BestGuess(c schema.Charge) float64 { return 100 * phi(Mu(c)/2) }

// SamplerDelta is what the sampler itself adds to a stated delta: 2^-40 for each drawn
// cell (Google's Secure_Noise_Generation.pdf; the exact sampler adds nothing).
func SamplerDelta(cells int) float64 { return math.Ldexp(float64(cells), -40) }

// Strength is a charge in a word.
type Strength string

// The strengths, by the best guess: at most 55, 60, 66 in 100, and above.
const (
	Strong   Strength = "strong"
	Good     Strength = "good"
	Moderate Strength = "moderate"
	Above    Strength = "above"
)

// StrengthOf words a charge. The limits are compared as whole percents, as they are
// shown: the default cap reads 60 and is good.
func StrengthOf(c schema.Charge) Strength {
	switch guess := math.Round(BestGuess(c)); {
	case guess <= 55:
		return Strong
	case guess <= 60:
		return Good
	case guess <= 66:
		return Moderate
	}
	return Above
}

// phi is the standard normal distribution function; Erfc keeps its lower tail exact.
func phi(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
