//go:build 386 || arm || mips || mipsle

package noise

import (
	"context"
	"fmt"
)

// Google stands in for google/differential-privacy on 32-bit machines, for which v3.0.0
// of that library does not compile: it draws the exact discrete Gaussian of the same
// variance. The charge and every reader's interval rest on the variance alone; PRIVACY.md
// holds both samplers to the same statement.
type Google struct{}

// Noise answers every ask with values of the wanted variance, rounded up to 1/64.
func (Google) Noise(ctx context.Context, asks []Ask) ([][]int64, error) {
	values, err := Exact{}.Noise(ctx, asks)
	if err != nil {
		return nil, fmt.Errorf("noise: google on 32 bits: %w", err)
	}
	return values, nil
}

// Quiet has nothing to quiet: the library that logs is not here.
func Quiet() {}
