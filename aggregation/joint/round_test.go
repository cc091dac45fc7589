package joint

import (
	"slices"
	"testing"

	"tidemark/schema"
)

// A round in which everybody does what they should: the sum comes out, checked, whichever
// keepers are silent.
func TestARoundAddsUp(t *testing.T) {
	r := sampleRound(6, 5, 4, 12)
	must(t, r.Validate())
	keepers := boxes(t, r)
	want := make([]int64, r.Counters)
	var notes []schema.Contribution
	for i, m := range r.Members {
		counters := make([]int64, r.Counters)
		for k := range counters {
			counters[k] = int64((i+1)*(k-5)) * 1_000_003
			want[k] += counters[k]
		}
		notes = append(notes, contribution(t, r, m, counters, publicOf(keepers), seeded("adds up", i)))
	}
	var lists []List
	shares := map[schema.Slug]map[schema.Hash]Share{}
	for _, b := range keepers {
		s, l := opens(t, r, b, notes)
		shares[b.Keeper], lists = s, append(lists, l)
	}
	a, ok := r.Propose(lists)
	if !ok || a.Void || len(a.Contributions) != 6 || len(a.Lists) != 5 {
		t.Fatalf("agreement: %v, void %v, %d contributions on %d lists", ok, a.Void, len(a.Contributions), len(a.Lists))
	}
	must(t, r.Judge(a, lists))
	sums := map[schema.Slug][][schema.ScalarSize]byte{}
	for _, k := range slices.Backward(r.Keepers) {
		o, err := r.Interpolate(a, sums)
		switch {
		case len(sums) < 4 && err != ErrFew:
			t.Errorf("%d sums: %v", len(sums), err)
		case len(sums) >= 4 && (err != nil || !slices.Equal(o.Counters, want) || o.Checked):
			t.Errorf("%d sums: %+v, %v, want %v", len(sums), o, err, want)
		}
		sum, err := r.Sum(a, shares[k])
		must(t, err)
		sums[k] = sum
	}
	o, err := r.Interpolate(a, sums)
	if err != nil || !slices.Equal(o.Counters, want) || !o.Checked || o.Keepers != 5 || o.Liars != nil {
		t.Errorf("%+v, %v, want %v", o, err, want)
	}
}
