package demo

import (
	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// truth holds the estimates against the exact numbers, which only a fiction knows: the
// share of people who stand in readable cells of the plan's one-way quarterly tables,
// and the share of cells whose 95 % range holds the exact count.
func (d *Coalition) truth(book *combine.Book) (readable, covered float64, err error) {
	exact := d.exact()
	var seen, all float64
	var hit, cells int
	for _, t := range d.Plan.Of(schema.Quarterly, false) {
		if len(t.Table.Axes) != 1 || t.Measure.Kind != schema.People {
			continue
		}
		for _, p := range book.Periods(schema.Quarterly) {
			g, err := book.Grid(t.Table, t.Measure, p)
			if err != nil {
				return 0, 0, err
			}
			for cell, e := range g.Cells {
				people := exact.people(g, cell)
				all += people
				if e.Band(g.Bands) != combine.TooNoisy {
					seen += people
				}
				if low, high := e.Interval95(); low <= people && people <= high {
					hit++
				}
				cells++
			}
		}
	}
	return seen / max(all, 1), float64(hit) / float64(max(cells, 1)), nil
}

// count is the exact weight, in people, of every (period, member, dimension, code).
type count map[place]float64

type place struct {
	period    schema.Period
	member    schema.Slug
	dimension int
	code      byte
}

// exact counts as a release does, but straight from the fiction: each person of a member
// weighs one a quarter, shared among her cases. It follows what the exports say, not
// their slips: a misspelt word is "unknown" to the mapping, so ranges may miss by those.
func (d *Coalition) exact() count {
	c := count{}
	for i, m := range d.members {
		per := map[string]map[schema.Period][][]byte{}
		for f := range d.World.Cases(i) {
			p := schema.PeriodOf(f.Date, schema.Quarterly)
			if per[f.Person] == nil {
				per[f.Person] = map[schema.Period][][]byte{}
			}
			per[f.Person][p] = append(per[f.Person][p], f.Codes)
		}
		for _, periods := range per {
			for p, cases := range periods {
				for _, codes := range cases {
					for dim, code := range codes {
						c[place{p, m.org.Slug, dim, code}] += 1 / float64(len(cases))
					}
				}
			}
		}
	}
	return c
}

// people is the exact number behind a cell of a one-way grid, over who reported.
func (c count) people(g combine.Grid, cell int) float64 {
	level := g.Shape.Levels[0]
	sum := 0.0
	for _, source := range g.Coverage.Reporting {
		for code, of := range level.Of {
			if of == cell {
				sum += c[place{g.Period, source.Member, level.Dim, byte(code)}]
			}
		}
	}
	return sum
}
