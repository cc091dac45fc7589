package main

import (
	"testing"

	"github.com/google/differential-privacy/go/v3/noise"

	"tidemark/aggregation/peers/speed/internal/rows"
	"tidemark/aggregation/peers/speed/internal/trial"
)

// silence is the library's noise without its noise.
type silence struct{ noise.Noise }

func (silence) AddNoiseInt64(x, _, _ int64, _, _ float64) (int64, error) { return x, nil }

func TestCountsAreRight(t *testing.T) {
	trial.Agrees(t, counted(silence{noise.Gaussian()}), trial.Job(t), trial.Right(t, rows.Tables).First)
}
