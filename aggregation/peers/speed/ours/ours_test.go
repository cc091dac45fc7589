package main

import (
	"strings"
	"testing"

	"tidemark/aggregation/peers/internal/silence"
	"tidemark/aggregation/peers/speed/internal/rows"
	"tidemark/aggregation/peers/speed/internal/trial"
)

func TestCountsAreRight(t *testing.T) {
	job := trial.Job(t)
	right := trial.Right(t, rows.Tables)
	trial.Agrees(t, fromRecords(rows.Tables, silence.Noiser{}), job, right.Units)
	trial.Agrees(t, fromRecords(rows.Tables[:1], silence.Noiser{}), job, right.Units[:1])
	trial.Agrees(t, fromCSV(silence.Noiser{}), job, right.Units)
	trial.Agrees(t, makeRecords, job, [][]int64{{trial.Rows}})
	trial.Agrees(t, readRecords, job, [][]int64{{trial.Rows}})
}

func TestReadRefusesWhatIsNoRow(t *testing.T) {
	header, err := rows.Header()
	if err != nil {
		t.Fatal(err)
	}
	codes := strings.Repeat(",0", len(header)-rows.Leading)
	for _, row := range []string{"x,0,2026-01-31" + codes, "1,0,31.1.2026" + codes, "1,0,2026-01-3x" + codes, "1,0,2026-01-31" + codes[2:] + ",256", "1,0,2026-01-31"} {
		if _, err := total(read(strings.NewReader(strings.Join(header, ",") + "\n" + row + "\n"))); err == nil {
			t.Errorf("%s: was read", row)
		}
	}
}
