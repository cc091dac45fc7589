package main

import (
	"fmt"
	"time"
)

// target is what the project has set itself, and what was seen.
type target struct {
	want, seen string
	met        bool
}

func (t target) verdict() string {
	if t.met {
		return "met"
	}
	return "**missed**"
}

// ceilings are what a release may cost, by its rows.
var ceilings = []struct {
	rows int
	cpu  time.Duration
	peak int64 // bytes
}{
	{1_000_000, 800 * time.Millisecond, 64 << 20},
	{10_000_000, 8 * time.Second, 256 << 20},
}

func targets(races []race) (all []target) {
	for _, r := range races {
		for _, c := range ceilings {
			if c.rows == r.rows {
				all = append(all, r.within("records", c.cpu, c.peak), r.within("csv", c.cpu, c.peak))
			}
		}
	}
	for _, r := range races {
		if len(r.cost["beam"]) > 0 {
			all = append(all, r.againstBeam())
		}
		all = append(all, r.againstDuckDB("csv", "at most twice DuckDB's CPU from the same CSV"))
		if len(r.cost["intake"]) > 0 {
			all = append(all, r.againstDuckDB("intake", "the same, read by the product's intake"))
		}
	}
	return all
}

func (r race) within(name string, cpu time.Duration, peak int64) target {
	seen, held := r.cpu(name), r.peak(name)
	return target{
		want: fmt.Sprintf("%s rows, twelve tables from %s: at most %.1f s CPU and %d MiB", thousands(r.rows), source(name), cpu.Seconds(), peak>>20),
		seen: fmt.Sprintf("%.2f s, %s MiB", seen.Seconds(), mebibytes(held)),
		met:  seen <= cpu && held > 0 && held <= peak,
	}
}

func source(name string) string {
	if name == "csv" {
		return "CSV"
	}
	return "records"
}

// againstBeam holds one table against one table, the harder reading; a twelfth of the
// twelve tables is the other.
func (r race) againstBeam() target {
	one, twelfth := r.ratio("beam", "one"), 12*r.ratio("beam", "records")
	return target{
		want: fmt.Sprintf("%s rows: Privacy on Beam takes at least 50 times the CPU per table", thousands(r.rows)),
		seen: fmt.Sprintf("%s as one table; %s of a twelfth of twelve", times(one), times(twelfth)),
		met:  one >= 50,
	}
}

// againstDuckDB holds a reading of the CSV file against DuckDB's: the benchmark's own,
// which is as plain, or the product's intake, which checks the file and maps every cell
// besides.
func (r race) againstDuckDB(name, what string) target {
	one, all := r.ratio(name, "duckdb"), r.ratio(name, "duckdb-all")
	return target{
		want: fmt.Sprintf("%s rows: %s", thousands(r.rows), what),
		seen: fmt.Sprintf("%s of one thread; %s of its own threads", times(one), times(all)),
		met:  max(one, all) <= 2,
	}
}
