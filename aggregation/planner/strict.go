package planner

import "tidemark/schema"

// LeastCoverage is how often, at the least, the 95 % ranges of the cells that are shown
// must hold the truth. Below it a plan's caution band is to start at a stricter limit.
const LeastCoverage = 0.9

// cautionStep is by how much a limit is tightened at a time, per thousand.
const cautionStep = 10

// shownCoverage is the coverage of tables together, each weighing as many cells as it is
// expected to show.
func shownCoverage(tables []Expectation) float64 {
	covered, shown := 0.0, 0.0
	for _, e := range tables {
		covered += e.ShownCoverage * e.ShownCells
		shown += e.ShownCells
	}
	if shown == 0 {
		return 0
	}
	return covered / shown
}

// stricter are the bands with the laxest limit of caution at which a plan's coverage among
// shown cells reaches the least; zero if its own do or nothing is shown; the strictest
// there are where none do.
//
// The limit belongs to the plan: one that followed the noisy size of the coalition would
// show a number in one period and hide the same one in the next.
func (e *eyes) stricter(looks []look, coverage float64) schema.Bands {
	if coverage == 0 || coverage >= LeastCoverage {
		return schema.Bands{}
	}
	strict := *e
	for strict.bands.Caution-cautionStep > strict.bands.Number {
		strict.bands.Caution -= cautionStep
		if c := shownCoverage(strict.expectations(looks)); c == 0 || c >= LeastCoverage {
			break
		}
	}
	return strict.bands
}
