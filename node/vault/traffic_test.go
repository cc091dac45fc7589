package vault

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"tidemark/aggregation/planner"
	"tidemark/schema"
	"tidemark/schema/wire"
)

// busy is a source of an organisation with so many new people a quarter, in all cells.
func (w *scribe) busy(dues []schema.Period, people int) source {
	return func(before int) ([][][]string, []Withdrawal) {
		if dues[before].Cadence() != schema.Quarterly {
			return [][][]string{nil}, nil
		}
		var rows [][]string
		for i := range people {
			start := dues[before].Start() + schema.Date(w.r.IntN(90))
			codes := []byte{byte(w.r.IntN(2)), byte(w.r.IntN(3)), byte(w.r.IntN(4))}
			rows = append(rows, w.row(fmt.Sprint(before, "/", i), start, []int{before*people + i}, codes))
		}
		return [][][]string{rows}, nil
	}
}

// A busy vault and one that never had a case, over a hundred periods: the same notes, in
// the same order, at the same moments; and their sizes differ by the digits and signs of
// the released numbers alone. (Both have taken in files by one mapping: a release's unit
// is the mapping's.)
//
// A member learns nothing from a size, for the numbers are before it. What somebody
// learns who sees the encrypted line alone: TestWhatASizeTells.
func TestTrafficHasOneShape(t *testing.T) {
	cfg, g := unborn(t)
	until := time.Date(2046, 3, 1, 0, 0, 0, 0, time.UTC)
	var periods []schema.Period
	for _, due := range g.st.Due(ownSlug, until) {
		periods = append(periods, due.Period)
	}
	if len(periods) != 100 {
		t.Fatalf("%d periods", len(periods))
	}
	busy := correspondence(t, cfg, g, 1, until, stranger(0, 2).busy(periods, 12))
	empty := correspondence(t, cfg, g, 1, until, stranger(0, 2).busy(periods, 0))
	if len(busy.all) != len(empty.all) {
		t.Fatalf("%d letters, and %d", len(busy.all), len(empty.all))
	}
	differ := 0
	for i, b := range busy.all {
		e := empty.all[i]
		if b.what != e.what || !b.at.Equal(e.at) || len(b.text)-digits(t, b) != len(e.text)-digits(t, e) {
			t.Errorf("letter %d: %s of %d bytes at %v, and %s of %d at %v", i, b.what, len(b.text), b.at, e.what, len(e.text), e.at)
		}
		if len(b.text) != len(e.text) {
			differ++
		}
	}
	if differ == 0 {
		t.Error("no size differs: is the busy one busy?")
	}
}

// digits is how many bytes a letter's released numbers take.
func digits(t *testing.T, l letter) (n int) {
	t.Helper()
	if l.what != "release" {
		return 0
	}
	notes, err := wire.Unpack(l.text)
	must(t, err)
	body, err := wire.Peek(notes[1])
	must(t, err)
	for _, table := range body.(schema.Release).Tables {
		for _, cell := range table.Cells {
			n += len(fmt.Sprint(cell))
		}
	}
	return n
}

// How well one size tells a quarter with so many people from one with none, by the starting
// plan: the share of pairs in which the larger organisation has the larger size; a coin: 0.5.
// Pages are not padded, so somebody who only sees the line can tell a large organisation
// by the length of its numbers, and one in the middle by the signs that it lacks. Where
// pages are padded one day, all of these become 0.5.
func TestWhatASizeTells(t *testing.T) {
	plan, err := planner.SmallLocal(firstQuarter)
	must(t, err)
	s := &sizer{rand.New(rand.NewPCG(1, 2)), plan}
	for _, c := range []struct {
		people      int
		least, most float64
	}{{5, 0.4, 0.6}, {50, 0.25, 0.45}, {100, 0.35, 0.55}, {200, 0.6, 0.85}, {500, 0.98, 1}} {
		const times = 1000
		larger := 0.0
		for range times {
			switch some, none := s.size(t, c.people), s.size(t, 0); {
			case some > none:
				larger++
			case some == none:
				larger += 0.5
			}
		}
		larger /= times
		t.Logf("%d people: %.2f", c.people, larger)
		if larger < c.least || larger > c.most {
			t.Errorf("%d people: %.2f, want %.2f to %.2f", c.people, larger, c.least, c.most)
		}
	}
}

// sizer makes releases of a plan's quarter.
type sizer struct {
	r    *rand.Rand
	plan schema.Plan
}

func (s *sizer) size(t *testing.T, people int) int {
	t.Helper()
	r := schema.Release{
		Link: schema.Link{Coalition: schema.Hash{1}, Member: ownSlug, Sequence: 2, Previous: schema.Hash{1}},
		Plan: schema.Hash{1}, Period: firstQuarter, Charge: s.plan.ChargeQuarter, Protection: schema.PerID,
	}
	for _, pt := range s.plan.Tables {
		if pt.Cadence != schema.Quarterly {
			continue
		}
		shape, err := schema.Incident().Shape(pt.Table)
		must(t, err)
		cells := make([]int64, shape.Cells())
		for i := range cells {
			cells[i] = int64(s.r.NormFloat64() * math.Sqrt(float64(pt.Sigma2)))
		}
		for range people { // the first codes are frequent, the last are rare
			cells[int(float64(len(cells))*s.r.Float64()*s.r.Float64())] += schema.UnitsPerPerson
		}
		r.Tables = append(r.Tables, schema.NoisyTable{
			Table: pt.Table, Measure: pt.Measure, Rows: shape.Rows(), Cols: shape.Cols(), Sigma2: pt.Sigma2, Cells: cells,
		})
	}
	text, err := wire.Text(r)
	must(t, err)
	return len(text)
}
