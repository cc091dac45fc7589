// Package trial holds what the contenders' tests share: a small job, and its right counts.
package trial

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"tidemark/aggregation/peers/speed/internal/contest"
	"tidemark/aggregation/peers/speed/internal/rows"
)

// Rows are few enough for a test and have a person with 80 cases among them.
const Rows = 1000

// Job writes the rows' CSV file.
func Job(t *testing.T) contest.Job {
	t.Helper()
	job := contest.Job{Rows: Rows, Path: filepath.Join(t.TempDir(), "rows.csv")}
	file, err := os.Create(job.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := rows.Write(file, job.Rows); err != nil {
		t.Fatal(err)
	}
	return job
}

// Right are the right counts of the job.
func Right(t *testing.T, tables []string) *rows.Counts {
	t.Helper()
	counts, err := rows.Count(tables, Rows)
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

// Agrees runs a contender and holds its tables against those wanted.
func Agrees(t *testing.T, c contest.Contender, job contest.Job, want [][]int64) {
	t.Helper()
	got, err := c(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("have %v, want %v", got, want)
	}
}
