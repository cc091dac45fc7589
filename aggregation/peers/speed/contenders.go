package main

import (
	"fmt"
	"math"
	"slices"

	"tidemark/aggregation/peers/speed/internal/rows"
	"tidemark/schema"
)

// contender is one way of counting.
type contender struct {
	name   string // of the contender in its binary
	binary string
	title  string
	pair   string // the contender of ours that it stands against
	most   int    // rows; 0: all
	check  func(*right, [][]int64) error
}

const million = 1_000_000

// contenders run in this order, so that those of a pair stand close together.
var contenders = []contender{
	{"start", "ours", "Tidemark starts and ends", "", 0, nothing},
	{"make", "ours", "records made, not counted", "", 0, all},
	{"records", "ours", "**Tidemark from records**", "", 0, units},
	{"records-google", "ours", "Tidemark from records, Google's noise", "records", 0, units},
	{"dpagg", "dpagg", "dpagg from records, in a plain loop", "records", 0, first},
	{"one", "ours", "**Tidemark from records, one table**", "", 0, units},
	{"beam", "beam", "Privacy on Beam from records, one table", "one", million, onceEach},
	{"read", "ours", "CSV read, not counted", "", 0, all},
	{"csv", "ours", "**Tidemark from CSV**", "", 0, units},
	{"duckdb", "duckdb", "DuckDB from CSV, count(*), one thread, no privacy", "csv", 0, cases},
	{"csv-google", "ours", "Tidemark from CSV, Google's noise", "csv", 0, units},
	{"duckdb-all", "duckdb", "DuckDB from CSV, count(*), its own threads, no privacy", "csv", 0, cases},
	{"intake", "intake", "Tidemark from CSV by the product's intake", "csv", million, units},
	{"duckdb-people", "duckdb", "DuckDB from CSV, count(distinct person), no privacy", "csv", million, reach},
	{"duckdb-start", "duckdb", "DuckDB starts and ends", "", 0, nothing},
}

func binaries() (names []string) {
	for _, c := range contenders {
		names = append(names, c.binary)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// right are the right counts.
type right struct {
	rows     int64
	tables   *rows.Counts
	unrolled *rows.Counts // of the tables by the dimensions' own codes
}

func rightCounts(n int) (*right, error) {
	tables, err := rows.Count(rows.Tables, n)
	if err != nil {
		return nil, err
	}
	unrolled, err := rows.Count(rows.Unrolled, n)
	if err != nil {
		return nil, err
	}
	return &right{int64(n), tables, unrolled}, nil
}

// Noise of a sound contender is further than eight sigma from 0 less than once in 1e15
// cells; Google's sigma is up to 0.1 % above the wanted one.
var (
	noiseUnits  = int64(math.Ceil(8 * 1.001 * math.Sqrt(rows.Sigma2)))
	noisePeople = noiseUnits/schema.UnitsPerPerson + 1
)

func nothing(_ *right, got [][]int64) error { return near(got, nil, 0) }

func all(r *right, got [][]int64) error { return near(got, [][]int64{{r.rows}}, 0) }

func cases(r *right, got [][]int64) error { return near(got, r.tables.Cases, 0) }

func reach(r *right, got [][]int64) error { return near(got, r.unrolled.Reach, 0) }

func first(r *right, got [][]int64) error { return near(got, r.tables.First, noisePeople) }

// units holds the first tables, as many as there are: one contender draws only one.
func units(r *right, got [][]int64) error {
	if len(got) == 0 || len(got) > len(r.tables.Units) {
		return fmt.Errorf("have %d tables", len(got))
	}
	return near(got, r.tables.Units[:len(got)], noiseUnits)
}

// onceEach holds one table in which each person counts in one of her cells, drawn by
// lot: those who touch only one are a lower bound, those who touch it an upper one.
func onceEach(r *right, got [][]int64) error {
	if len(got) != 1 || len(got[0]) != len(r.tables.Reach[0]) {
		return fmt.Errorf("have %d tables, or another number of cells", len(got))
	}
	total := int64(0)
	for k, n := range got[0] {
		total += n
		if n < r.tables.Whole[0][k]-noisePeople || n > r.tables.Reach[0][k]+noisePeople {
			return fmt.Errorf("cell %d: have %d, want %d to %d", k+1, n, r.tables.Whole[0][k], r.tables.Reach[0][k])
		}
	}
	by := float64(noisePeople) * math.Sqrt(float64(len(got[0])))
	if math.Abs(float64(total-r.tables.People)) > by {
		return fmt.Errorf("have %d people, want %d by %.0f", total, r.tables.People, by)
	}
	return nil
}

// near tells tables whose cells are no further apart than by.
func near(got, want [][]int64, by int64) error {
	if len(got) != len(want) {
		return fmt.Errorf("have %d tables, want %d", len(got), len(want))
	}
	for i := range want {
		if len(got[i]) != len(want[i]) {
			return fmt.Errorf("table %d: have %d cells, want %d", i+1, len(got[i]), len(want[i]))
		}
		for k, n := range got[i] {
			if n < want[i][k]-by || n > want[i][k]+by {
				return fmt.Errorf("table %d, cell %d: have %d, want %d by %d", i+1, k+1, n, want[i][k], by)
			}
		}
	}
	return nil
}
