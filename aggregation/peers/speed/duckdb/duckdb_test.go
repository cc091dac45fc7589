package main

import (
	"testing"

	"tidemark/aggregation/peers/speed/internal/rows"
	"tidemark/aggregation/peers/speed/internal/trial"
)

func TestCountsAreRight(t *testing.T) {
	job := trial.Job(t)
	for _, threads := range []int{0, 1} {
		trial.Agrees(t, query{"count(*)", rows.Tables, threads}.run, job, trial.Right(t, rows.Tables).Cases)
		trial.Agrees(t, query{"count(DISTINCT person)", rows.Unrolled, threads}.run, job, trial.Right(t, rows.Unrolled).Reach)
	}
}
