package joint

import (
	"errors"
	"slices"
	"testing"

	"tidemark/schema"
)

// A round in which everybody does what they should: the sum comes out, checked, whichever
// keepers are silent.
func TestARoundAddsUp(t *testing.T) {
	r := sampleRound(6, 5, 4, 12)
	want := make([]int64, r.Counters)
	p := played(t, r, func(m int) []int64 {
		counters := make([]int64, r.Counters)
		for k := range counters {
			counters[k] = int64((m+1)*(k-5)) * 1_000_003
			want[k] += counters[k]
		}
		return counters
	})
	for set := range 1 << len(r.Keepers) {
		sums := map[schema.Slug][][schema.ScalarSize]byte{}
		for i, k := range r.Keepers {
			if set>>i&1 == 1 {
				sums[k] = p.sums[k]
			}
		}
		o, err := r.Interpolate(p.a, sums)
		if len(sums) < r.Threshold {
			if !errors.Is(err, ErrFew) {
				t.Errorf("%d sums: %v", len(sums), err)
			}
			continue
		}
		must(t, err)
		if !slices.Equal(o.Counters, want) || o.Checked != (len(sums) > r.Threshold) || o.Keepers != len(sums) || o.Liars != nil {
			t.Errorf("%d sums: %+v, want %v", len(sums), o, want)
		}
	}
}
