package main

import (
	"math"
	"math/rand/v2"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// figures are what one mechanism gives a coalition of a size.
type figures struct {
	byFormula float64 // RMSE of a cell of the coalition's sum, in people
	byDraws   float64
	cells     float64 // share of cells that may be shown as a number
	people    float64 // share of people who stand in those
}

// formula is the RMSE over all cells of the sum of so many members.
func formula(p *problem, m mechanism, members int) float64 {
	squares := 0.0
	for _, table := range m.variances() {
		for _, v := range table {
			squares += v * float64(members)
		}
	}
	return rmse(squares, p.cells())
}

// measure draws years until a figure rests on enough cells.
func measure(d data, m mechanism, members int, s scale, r *rand.Rand) (figures, error) {
	f := figures{byFormula: formula(d.problem, m, members)}
	real, err := d.of(members)
	if err != nil {
		return f, err
	}
	sd := m.variances()
	var squares, shown, seen, people float64
	drawn := 0
	for drawn < s.cells {
		for q := range quarters {
			noise, err := m.draw(members, r)
			if err != nil {
				return f, err
			}
			for t := range noise {
				for i, n := range noise[t] {
					drawn++
					squares += n * n
					people += real[q][t][i]
					e := combine.Estimate{Value: real[q][t][i] + n, Variance: sd[t][i] * float64(members)}
					if e.Band(schema.DefaultBands) != combine.TooNoisy {
						shown++
						seen += real[q][t][i]
					}
				}
			}
		}
	}
	f.byDraws = math.Sqrt(squares / float64(drawn))
	f.cells, f.people = shown/float64(drawn), seen/people
	return f, nil
}
