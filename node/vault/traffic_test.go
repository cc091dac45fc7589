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
// the same order, at the same moments, of the same size. (Both have taken in files by one
// mapping: a release's unit is the mapping's.)
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
	for i, b := range busy.all {
		if e := empty.all[i]; b.what != e.what || !b.at.Equal(e.at) || len(b.text) != len(e.text) {
			t.Errorf("letter %d: %s of %d bytes at %v, and %s of %d at %v", i, b.what, len(b.text), b.at, e.what, len(e.text), e.at)
		}
	}
}

// By the starting plan the size of what goes out does not tell how many people a quarter
// saw; the signed text in it would.
func TestWhatASizeTells(t *testing.T) {
	plan, err := planner.SmallLocal(firstQuarter)
	must(t, err)
	s := &sizer{rand.New(rand.NewPCG(1, 2)), plan}
	texts, parcels := map[int]bool{}, map[int]bool{}
	for _, people := range []int{0, 5, 50, 500, 5000} {
		for range 100 {
			text, parcel := s.size(t, people)
			texts[text], parcels[parcel] = true, true
		}
	}
	if len(parcels) != 1 || len(texts) < 20 {
		t.Errorf("%d sizes of parcels, %d of texts", len(parcels), len(texts))
	}
}

// sizer makes releases of a plan's quarter.
type sizer struct {
	r    *rand.Rand
	plan schema.Plan
}

func (s *sizer) size(t *testing.T, people int) (text, parcel int) {
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
	note, err := wire.Sign(r, signerOf(t, ownSlug))
	must(t, err)
	packed, err := wire.Pack(note)
	must(t, err)
	return len(note), len(packed)
}
