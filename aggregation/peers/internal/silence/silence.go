// Package silence is a source of noise that is none: what is drawn with it is exact, so
// that it can be held against.
//
// It is for invented and public data only: nothing that publishes may use it.
package silence

import (
	"context"

	"tidemark/aggregation/noise"
)

// Noiser answers every ask with zeros.
type Noiser struct{}

// Noise draws nothing.
func (Noiser) Noise(_ context.Context, asks []noise.Ask) ([][]int64, error) {
	zeros := make([][]int64, len(asks))
	for i, a := range asks {
		zeros[i] = make([]int64, a.Count)
	}
	return zeros, nil
}
