package main

import (
	"testing"

	"tidemark/aggregation/peers/speed/internal/rows"
	"tidemark/aggregation/peers/speed/internal/trial"
)

func TestCountsAreRight(t *testing.T) {
	trial.Agrees(t, fromExport(trial.Silence{}), trial.Job(t), trial.Right(t, rows.Tables).Units)
}
