package combine

import (
	"cmp"
	"math"
	"slices"
)

// Rank is where a cell may stand among others.
type Rank struct {
	Cell        int // its place in what was asked
	Estimate    Estimate
	Best, Worst int // the places that it may hold, from 1
	// Group is the same for cells in no clear order, from 1: every cell is certainly above
	// all of the groups after it. A cell that is alone in its group has one place.
	Group int
}

// Ranks orders cells by Lower, the largest first, and says which places each may hold: of
// two cells one is certainly above if they differ by more than 1.96 sd of their
// difference, their noise taken as independent.
func Ranks(cells []Estimate) []Rank {
	out := make([]Rank, len(cells))
	for i, e := range cells {
		out[i] = Rank{Cell: i, Estimate: e, Best: 1, Worst: len(cells)}
		for _, other := range cells {
			if other.above(e) {
				out[i].Best++
			}
			if e.above(other) {
				out[i].Worst--
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Rank) int {
		return cmp.Or(cmp.Compare(b.Estimate.Lower(), a.Estimate.Lower()), cmp.Compare(b.Estimate.Value, a.Estimate.Value))
	})
	group(out)
	return out
}

// group numbers cells in order: a group goes on as far as any of it is not certainly above.
func group(ranks []Rank) {
	number, reach := 0, -1
	for i := range ranks {
		if i > reach {
			number++
		}
		ranks[i].Group = number
		reach = max(reach, i)
		for k := len(ranks) - 1; k > reach; k-- {
			if !ranks[i].Estimate.above(ranks[k].Estimate) {
				reach = k
			}
		}
	}
}

// above tells that e is certainly above f.
func (e Estimate) above(f Estimate) bool {
	return e.Value-f.Value > z95*math.Sqrt(e.Variance+f.Variance)
}
