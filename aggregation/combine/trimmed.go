package combine

import (
	"cmp"
	"math"
	"slices"

	"tidemark/schema"
)

// Trimmed is a number over the middle members alone: as many are taken off at either end.
// So many members can then report what they like without moving it beyond what the others
// say. It stands beside the sum over all and never replaces it.
type Trimmed struct {
	Estimate    Estimate // of the members that are left
	Left        int      // how many those are
	Least, Most []schema.Slug
}

// Each is how many members are taken off at either end.
func (t Trimmed) Each() int { return len(t.Least) }

// leastToTrim is the fewest members that have a middle.
const leastToTrim = 3

// trimmed takes a quarter of the members off at either end, at least one.
//
// The variance is the noise of those left, and what noise moves across the two cuts: of
// members that stand within a standard deviation of a cut, those with the luckier noise
// are left, by about a third of a deviation each. Where the cuts are as crowded as each
// other this evens out.
func trimmed(members []schema.Slug, own []Estimate) (Trimmed, bool) {
	n := len(members)
	if n < leastToTrim {
		return Trimmed{}, false
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(own[i].Value, own[j].Value) })
	each := max(1, n/4)
	left := order[each : n-each]
	t := Trimmed{Left: len(left)}
	for k := range each {
		t.Least = append(t.Least, members[order[k]])
		t.Most = append(t.Most, members[order[n-1-k]])
	}
	for _, i := range left {
		t.Estimate = t.Estimate.Plus(own[i])
	}
	low := (own[order[each-1]].Value + own[left[0]].Value) / 2
	high := (own[order[n-each]].Value + own[left[len(left)-1]].Value) / 2
	luck := crowd(own, low) - crowd(own, high)
	t.Estimate.Variance += luck * luck
	return t, true
}

// crowd is a third of the deviations of the members within one of a cut.
func crowd(own []Estimate, cut float64) (sum float64) {
	for _, e := range own {
		if sd := e.SD(); math.Abs(e.Value-cut) <= sd {
			sum += sd / 3
		}
	}
	return sum
}

// Trimmed is the trimmed estimate of a number; false with fewer than three members. It
// fails with ErrJoint in joint mode.
func (b *Book) Trimmed(q Query, p schema.Period) (Trimmed, bool, error) {
	pg, r, err := b.reading(q, p)
	if err != nil {
		return Trimmed{}, false, err
	}
	if pg.coverage.Joint {
		return Trimmed{}, false, ErrJoint
	}
	own := make([]Estimate, len(pg.released))
	for i, c := range pg.released {
		own[i] = r.of(c)
	}
	t, ok := trimmed(pg.coverage.Members(), own)
	return t, ok, nil
}
