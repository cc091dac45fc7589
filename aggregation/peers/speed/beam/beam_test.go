package main

import (
	"os"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/google/differential-privacy/privacy-on-beam/v3/pbeam"

	"tidemark/aggregation/peers/speed/internal/rows"
	"tidemark/aggregation/peers/speed/internal/trial"
)

func TestMain(m *testing.M) {
	beam.Init()
	os.Exit(m.Run())
}

// Without noise every person is in one of the cells that she touches.
func TestCountsAreRight(t *testing.T) {
	got, err := counted(pbeam.TestModeWithContributionBounding)(t.Context(), trial.Job(t))
	if err != nil {
		t.Fatal(err)
	}
	right := trial.Right(t, rows.Tables[:1])
	people := int64(0)
	for k, n := range got[0] {
		people += n
		if n < right.Whole[0][k] || n > right.Reach[0][k] {
			t.Errorf("cell %d: have %d, want %d to %d", k+1, n, right.Whole[0][k], right.Reach[0][k])
		}
	}
	if len(got) != 1 || people != right.People {
		t.Errorf("have %d people, want %d", people, right.People)
	}
}
