package combine

import (
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
	var all []Released
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

func fill(b *testing.B, cb *schema.Codebook, plan *schema.Plan, hash schema.Hash, m schema.Slug, p schema.Period, r *rand.Rand) Released {
	b.Helper()
	c := Released{source: Source{Member: m}, period: p, plan: hash}
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

// onScales runs what a page asks: the first time, and again from what the book has kept.
func onScales(b *testing.B, ask func(book *Book, plan schema.Plan, last schema.Period) error) {
	for _, s := range scales {
		plan, err := s.plan()
		if err != nil {
			b.Fatal(err)
		}
		book, last := coalition(b, plan, s.members, s.periods)
		b.Run(s.name+", first", func(b *testing.B) {
			for b.Loop() {
				book.forget()
				if err := ask(book, plan, last); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(s.name+", again", func(b *testing.B) {
			for b.Loop() {
				if err := ask(book, plan, last); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// forget drops what the pages have worked out; the plan's readings stay.
func (b *Book) forget() {
	for _, pg := range b.pages {
		pg.memo = newMemo(pg)
	}
}

// Every table of every period, summed over members and reconstructed.
func BenchmarkReconstructEverything(b *testing.B) {
	onScales(b, func(book *Book, plan schema.Plan, _ schema.Period) error {
		for _, p := range book.Periods(schema.Quarterly) {
			for _, t := range plan.Of(schema.Quarterly, false) {
				if _, err := book.Grid(t.Table, t.Measure, p); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// One series over all periods.
func BenchmarkSeries(b *testing.B) {
	onScales(b, func(book *Book, plan schema.Plan, last schema.Period) error {
		_, err := book.Series(Query{Table: plan.Tables[0].Table}, plan.First, last)
		return err
	})
}

// Small multiples: a series for every cell of a table.
func BenchmarkSeriesOfEveryCell(b *testing.B) {
	onScales(b, func(book *Book, plan schema.Plan, last schema.Period) error {
		shape, err := book.cb.Shape(plan.Tables[0].Table)
		if err != nil {
			return err
		}
		for cell := range shape.Cells() {
			if _, err := book.Series(Query{Table: shape.Table, Where: filtersAt(shape, cell)}, plan.First, last); err != nil {
				return err
			}
		}
		return nil
	})
}

// The Overview's lists.
func BenchmarkChanges(b *testing.B) {
	onScales(b, func(book *Book, _ schema.Plan, last schema.Period) error {
		_, err := book.Changes(last)
		return err
	})
}

func BenchmarkTrends(b *testing.B) {
	onScales(b, func(book *Book, _ schema.Plan, last schema.Period) error {
		_, err := book.Trends(last)
		return err
	})
}

func BenchmarkLeaveOneOut(b *testing.B) {
	onScales(b, func(book *Book, plan schema.Plan, last schema.Period) error {
		_, err := book.LeaveOneOut(Query{Table: plan.Tables[0].Table}, last)
		return err
	})
}

func BenchmarkSteps(b *testing.B) {
	onScales(b, func(book *Book, _ schema.Plan, _ schema.Period) error {
		book.Steps(schema.Quarterly)
		return nil
	})
}
