// Command accuracy holds the noise in a coalition's tables against what its peers would
// put there, at the same budget for a year: Laplace noise split evenly, Google's dpagg
// for each table, Gaussian noise accounted in zCDP, and ResidualPlanner's optimum. It
// writes its section of aggregation/BENCH.md.
//
// The peers here are for comparison alone: they draw floats from a seeded generator,
// which nothing that publishes may do.
package main

import (
	"flag"
	"fmt"
	"os"

	"tidemark/aggregation/peers/internal/page"
)

func main() {
	file := flag.String("page", "", "the page whose section accuracy is rewritten; printed if not given")
	short := flag.Bool("short", false, "fewer draws and quarters")
	shared := flag.String("shared", "../../../shared/data", "the folder with public data sets, where it is")
	flag.Parse()
	if err := run(*file, *shared, scaleOf(*short)); err != nil {
		fmt.Fprintln(os.Stderr, "accuracy:", err)
		os.Exit(1)
	}
}

// scale is how much is drawn.
type scale struct {
	cells    int // noisy cells that a figure rests on, at the least
	quarters int // simulated for the coverage
}

func scaleOf(short bool) scale {
	if short {
		return scale{cells: 2_000, quarters: 40}
	}
	return scale{cells: 10_000, quarters: 1_000}
}

func run(file, shared string, s scale) error {
	text, err := report(shared, s)
	if err != nil {
		return err
	}
	if file == "" {
		fmt.Print(text)
		return nil
	}
	return page.Replace(file, "accuracy", text)
}
