package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tidemark/aggregation/peers/speed/internal/trial"
)

// Every check passes the right counts, and catches one wrong cell.
func TestChecksCatchAWrongCell(t *testing.T) {
	want, err := rightCounts(trial.Rows)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		check  func(*right, [][]int64) error
		counts [][]int64
		by     int64 // one more than noise may be
	}{
		"rows":   {all, [][]int64{{trial.Rows}}, 1},
		"cases":  {cases, want.tables.Cases, 1},
		"people": {reach, want.unrolled.Reach, 1},
		"units":  {units, want.tables.Units, noiseUnits + 1},
		"one":    {units, want.tables.Units[:1], noiseUnits + 1},
		"first":  {first, want.tables.First, noisePeople + 1},
		"beam":   {onceEach, want.tables.First[:1], want.tables.People + noisePeople + 1},
	} {
		c.counts = clone(c.counts)
		if err := c.check(want, c.counts); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, by := range []int64{c.by, -c.by} {
			c.counts[0][0] += by
			if c.check(want, c.counts) == nil {
				t.Errorf("%s: a cell that is wrong by %d passed", name, by)
			}
			c.counts[0][0] -= by
		}
		if c.check(want, c.counts[:0]) == nil || c.check(want, append(c.counts[:1:1], make([][]int64, 20)...)) == nil {
			t.Errorf("%s: another number of tables passed", name)
		}
	}
}

// What noise may do passes: eight sigma, up and down.
func TestChecksPassNoise(t *testing.T) {
	want, err := rightCounts(trial.Rows)
	if err != nil {
		t.Fatal(err)
	}
	for _, sign := range []int64{1, -1} {
		noisy, counted := clone(want.tables.Units), clone(want.tables.First)
		noisy[3][5] += sign * noiseUnits
		counted[3][5] += sign * noisePeople
		if units(want, noisy) != nil || first(want, counted) != nil {
			t.Error("noise of eight sigma was refused")
		}
	}
}

func clone(tables [][]int64) (copies [][]int64) {
	for _, cells := range tables {
		copies = append(copies, slices.Clone(cells))
	}
	return copies
}

func TestReport(t *testing.T) {
	second := func(s float64, mebibytes int64) []run {
		return []run{{time.Duration(9 * s * float64(time.Second)), 1}, {time.Duration(s * float64(time.Second)), mebibytes << 20}, {time.Duration(s * float64(time.Second)), 1}}
	}
	r := race{rows: 1_000_000, rounds: 3, size: 56e6, cost: map[string][]run{
		"records": second(0.2, 14), "one": second(0.1, 14), "csv": second(1, 65), "beam": second(4.9, 1700), "intake": second(2.5, 47), "duckdb": second(0.5, 118), "duckdb-all": second(0.6, 140),
	}}
	text := report([]race{r}, "A machine")
	for _, line := range []string{
		"invented cases by `make bench-speed`. A machine.",
		"**1,000,000 rows**, 56 MB of CSV, 3 rounds",
		"| **Tidemark from records** | 0.200 | 14 |  |",
		"| Privacy on Beam from records, one table | 4.900 | 1700 | 49 x Tidemark from records, one table |",
		"| DuckDB from CSV, count(*), one thread, no privacy | 0.500 | 118 | 0.50 x Tidemark from CSV |",
		"twelve tables from records: at most 0.8 s CPU and 64 MiB | 0.20 s, 14 MiB | met |",
		"twelve tables from CSV: at most 0.8 s CPU and 64 MiB | 1.00 s, 65 MiB | **missed** |",
		"at least 50 times the CPU per table | 49 x as one table; 294 x of a twelfth of twelve | **missed** |",
		"at most twice DuckDB's CPU from the same CSV | 2.00 x of one thread; 1.67 x of its own threads | met |",
		"the same, read by the product's intake | 5.00 x of one thread; 4.17 x of its own threads | **missed** |",
		"| DuckDB from CSV, count(distinct person), no privacy | not run | | |",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("the report lacks %q:\n%s", line, text)
		}
	}
}
