package vault

import (
	"fmt"
	"testing"
	"time"

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
// A member learns nothing from a size, for the numbers are before it. Who only sees the
// encrypted line does learn from it, roughly, how large the numbers are: pages are not
// padded.
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
