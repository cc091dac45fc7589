package main

import (
	"testing"

	"tidemark/aggregation/peers/internal/silence"
	"tidemark/aggregation/peers/speed/internal/rows"
	"tidemark/aggregation/peers/speed/internal/trial"
)

func TestCountsAreRight(t *testing.T) {
	trial.Agrees(t, fromExport(silence.Noiser{}), trial.Job(t), trial.Right(t, rows.Tables).Units)
}
