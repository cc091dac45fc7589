package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// report is the section of the page, in Markdown.
func report(races []race, machine string) string {
	var b strings.Builder
	fmt.Fprintf(&b, preface, "`make bench-speed`", machine)
	for _, r := range races {
		fmt.Fprintf(&b, "**%s rows**, %d MB of CSV, %s\n\n", thousands(r.rows), r.size/1e6, rounds(r.rounds))
		b.WriteString("| contender | CPU s | peak MiB | times the CPU of |\n|---|---|---|---|\n")
		for _, c := range contenders {
			fmt.Fprintf(&b, "| %s | %s |\n", c.title, r.line(c))
		}
		b.WriteString("\n")
	}
	b.WriteString("| target | seen | |\n|---|---|---|\n")
	for _, t := range targets(races) {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", t.want, t.seen, t.verdict())
	}
	b.WriteString(leftOut)
	return b.String()
}

const preface = `The twelve tables of BenchmarkDraw, counted from invented cases by %s. %s.

The rows are as its own are: 0.7 people a row, in ascending order of person, as the vault keeps them. The CSV file has whole numbers for ids and codes and a day, 18 columns, 15 of them dimensions. Every contender runs in a process of its own and its tables are checked, those with noise to within 8 sigma; CPU is user and system time of the process, start included. In a round all run one after another; shown are medians of CPU and of the ratio within a round, and the highest peak memory. CPU seconds change with what else a machine does, ratios within a round less so. Noise has a standard deviation of 11.2 people wherever there is any; Tidemark's is its exact one unless said otherwise.

`

const leftOut = `
Not run: Privacy on Beam above a million rows (its direct runner holds everything in memory, GiB for a million), the product's intake above the 2,000,000 rows that it takes, DuckDB's distinct people above a million (memory).

What is compared is not quite the same. Tidemark shares each person among her cases; dpagg counts her first row, Privacy on Beam one of her cells by lot; DuckDB counts rows, by the codes as they stand, rolled up afterwards, and reads no person. DuckDB and Tidemark both look at the day. Tidemark and the plain loop rely on the rows' order, which the others do not need. Most of what Tidemark takes from CSV is the reading, by encoding/csv as in the product ("CSV read, not counted"); the product's intake besides checks the text, hashes the file twice, maps every cell by its spelling and looks for ids that come again. "From records" includes making the records, which the second line shows. CPU time comes from the operating system everywhere, peak memory only on Unix.
`

// line is a contender's figures of one race.
func (r race) line(c contender) string {
	runs := r.cost[c.name]
	if len(runs) == 0 {
		return "not run | |"
	}
	ratio := ""
	if c.pair != "" {
		ratio = times(r.ratio(c.name, c.pair)) + " " + title(c.pair)
	}
	return fmt.Sprintf("%.3f | %s | %s", r.cpu(c.name).Seconds(), mebibytes(r.peak(c.name)), ratio)
}

func title(name string) string {
	i := slices.IndexFunc(contenders, func(c contender) bool { return c.name == name })
	return strings.ReplaceAll(contenders[i].title, "**", "")
}

func (r race) cpu(name string) time.Duration {
	var all []time.Duration
	for _, cost := range r.cost[name] {
		all = append(all, cost.cpu)
	}
	return median(all)
}

func (r race) peak(name string) (most int64) {
	for _, cost := range r.cost[name] {
		most = max(most, cost.peak)
	}
	return most
}

// ratio is the CPU time of one contender to that of another, round by round.
func (r race) ratio(name, to string) float64 {
	var all []float64
	for i, cost := range r.cost[name] {
		all = append(all, cost.cpu.Seconds()/max(r.cost[to][i].cpu.Seconds(), 1e-6))
	}
	return median(all)
}

// median is the middle one, of an even number the lower of both.
func median[T cmp.Ordered](all []T) T {
	slices.Sort(all)
	return all[(len(all)-1)/2]
}

func times(x float64) string {
	if x >= 10 {
		return fmt.Sprintf("%.0f x", x)
	}
	return fmt.Sprintf("%.2f x", x)
}

func mebibytes(bytes int64) string {
	if bytes == 0 {
		return "not known"
	}
	return fmt.Sprint((bytes + 1<<19) >> 20)
}

func rounds(n int) string {
	if n == 1 {
		return "one round"
	}
	return fmt.Sprintf("%d rounds", n)
}

func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
