package combine

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"tidemark/aggregation/planner"
	"tidemark/schema"
	"tidemark/schema/wire"
)

// coalition fills a book with noise under a starting plan: the arithmetic does not look
// at the numbers.
func coalition(b *testing.B, plan schema.Plan, members, periods int) (*Book, schema.Period) {
	b.Helper()
	cb, hash, r := schema.Incident(), wire.PlanHash(plan), rand.New(rand.NewPCG(1, 2))
	c := Config{Codebook: cb, Plans: map[schema.Hash]schema.Plan{hash: plan}}
	var all []Contribution
	for i := range periods {
		p := plan.First.Add(i)
		c.Owed = append(c.Owed, Owed{p, hash, slugs(members)})
		for m := range members {
			all = append(all, fill(b, cb, &plan, hash, slug(m), p, r))
		}
	}
	book, err := NewBook(c, all)
	if err != nil {
		b.Fatal(err)
	}
	return book, plan.First.Add(periods - 1)
}

func fill(b *testing.B, cb *schema.Codebook, plan *schema.Plan, hash schema.Hash, m schema.Slug, p schema.Period, r *rand.Rand) Contribution {
	b.Helper()
	c := Contribution{source: Source{Member: m}, period: p, plan: hash}
	for _, t := range plan.Of(p.Cadence(), false) {
		s, err := cb.Shape(t.Table)
		if err != nil {
			b.Fatal(err)
		}
		cells := make([]int64, s.Cells())
		for i := range cells {
			cells[i] = int64(600 + 670*r.NormFloat64())
		}
		c.units = append(c.units, cells)
	}
	return c
}

var scales = []struct {
	name             string
	members, periods int
	plan             func() (schema.Plan, error)
}{
	{"12x12 small plan", 12, 12, func() (schema.Plan, error) { return planner.SmallLocal(schema.Period{Year: 2023, Quarter: 1}) }},
	{"200x40 full plan", 200, 40, func() (schema.Plan, error) { return planner.Full(schema.Period{Year: 2013, Quarter: 1}, 0, 0) }},
}

func onScales(b *testing.B, run func(b *testing.B, book *Book, plan schema.Plan, last schema.Period)) {
	for _, s := range scales {
		b.Run(s.name, func(b *testing.B) {
			plan, err := s.plan()
			if err != nil {
				b.Fatal(err)
			}
			book, last := coalition(b, plan, s.members, s.periods)
			b.ResetTimer()
			run(b, book, plan, last)
		})
	}
}

// Every table of every period, summed over members and reconstructed.
func BenchmarkReconstructEverything(b *testing.B) {
	onScales(b, func(b *testing.B, book *Book, plan schema.Plan, last schema.Period) {
		for b.Loop() {
			for _, p := range book.Periods(schema.Quarterly) {
				for _, t := range plan.Of(schema.Quarterly, false) {
					if _, err := book.Grid(t.Table, t.Measure, p); err != nil {
						b.Fatal(err)
					}
				}
			}
		}
	})
}

// One series over all periods.
func BenchmarkSeries(b *testing.B) {
	onScales(b, func(b *testing.B, book *Book, plan schema.Plan, last schema.Period) {
		q := Query{Table: plan.Tables[0].Table}
		for b.Loop() {
			if _, err := book.Series(q, plan.First, last); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// The Overview's list.
func BenchmarkChanges(b *testing.B) {
	onScales(b, func(b *testing.B, book *Book, plan schema.Plan, last schema.Period) {
		for b.Loop() {
			changes, err := book.Changes(last)
			if err != nil {
				b.Fatal(err)
			}
			if len(changes) == 0 {
				b.Fatal(fmt.Errorf("no changes"))
			}
		}
	})
}
