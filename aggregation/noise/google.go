//go:build !386 && !arm && !mips && !mipsle

package noise

import (
	"context"
	"flag"
	"fmt"
	"math"

	"github.com/google/differential-privacy/go/v3/noise"

	"tidemark/aggregation/account"
)

// Google draws Gaussian noise, rounded to integers, with google/differential-privacy.
// The library draws from a buffer of its own, so production uses it in a child process
// that lives for one release; in the process it is for tests and for that child.
type Google struct{}

// libraryDelta is the delta at which the library is told an epsilon. It has no meaning
// of its own: together they name a sigma.
const libraryDelta = 1e-6

// Noise answers every ask with values of at least the wanted variance and at most
// 0.2 % more, whatever the ask's Source.
func (Google) Noise(ctx context.Context, asks []Ask) ([][]int64, error) {
	if err := validate(asks); err != nil {
		return nil, fmt.Errorf("noise: google: %w", err)
	}
	all := make([][]int64, len(asks))
	for i, a := range asks {
		values, err := googleDraw(ctx, a)
		if err != nil {
			return nil, fmt.Errorf("noise: google: ask %d: %w", i+1, err)
		}
		all[i] = values
	}
	return all, nil
}

func googleDraw(ctx context.Context, a Ask) ([]int64, error) {
	p, err := googleParameters(a)
	if err != nil {
		return nil, err
	}
	values := make([]int64, a.Count)
	for i := range values {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		// Always on zero: the library never sees a count.
		if values[i], err = noise.Gaussian().AddNoiseInt64(0, 1, p.lInf, p.epsilon, libraryDelta); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// parameters are what the library is called with, and the sigma that it makes of them.
type parameters struct {
	lInf           int64
	epsilon, sigma float64
}

// googleParameters finds the epsilon at which the library draws with the ask's sigma.
// The library takes (lInf, epsilon, delta) and searches sigma upwards on a grid with
// steps of up to 0.1 %; the answer is read back and must lie in [sigma, 1.001 sigma].
// For a D that is no integer lInf is rounded up, and mu here is lInf/sigma: it is sigma
// that the charge D^2/sigma^2 rests on.
func googleParameters(a Ask) (parameters, error) {
	// Outside these the epsilon is beyond what the library can compute with.
	if a.Sensitivity2 > 64*a.Sigma2 || a.Sensitivity2 < a.Sigma2>>32 {
		return parameters{}, fmt.Errorf("sensitivity2 to sigma2: want at most 64 and at least 2^-32")
	}
	sigma, lInf := math.Sqrt(float64(a.Sigma2)), ceilSqrt(a.Sensitivity2)
	return meet(sigma, parameters{lInf: lInf, epsilon: account.EpsilonOf(float64(lInf)/sigma, libraryDelta)})
}

// meet lowers an epsilon by a hair, then by more, until the library's sigma is no less
// than the wanted one.
func meet(sigma float64, p parameters) (parameters, error) {
	for step := 1e-12; step < 1e-3; step *= 2 {
		p.sigma = noise.SigmaForGaussian(1, float64(p.lInf), p.epsilon, libraryDelta)
		if p.sigma >= sigma {
			break
		}
		p.epsilon *= 1 - step
	}
	if !(p.sigma >= sigma && p.sigma <= 1.001*sigma) {
		return parameters{}, fmt.Errorf("sigma2: the library draws with another sigma")
	}
	return p, nil
}

// ceilSqrt is the smallest integer whose square is at least x, for 1 <= x <= 2^40.
func ceilSqrt(x int64) int64 { return int64(floorSqrt(uint64(x-1))) + 1 }

// Quiet keeps the library's logger off the disk: call it first in main. The logger
// (glog) otherwise writes files to the temporary folder, stacks included. It registers
// its flags with flag.CommandLine, so a program parses its own flags elsewhere.
func Quiet() {
	for name, value := range map[string]string{
		"logtostderr":     "true",
		"alsologtostderr": "false",
		"log_link":        "",
	} {
		if err := flag.Set(name, value); err != nil {
			panic("noise: the logger has no flag " + name)
		}
	}
}
