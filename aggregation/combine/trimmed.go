package combine

import (
	"cmp"
	"slices"

	"tidemark/schema"
)

// Trimmed is what a number would be if all members were like the middle ones: the mean of
// the members that are left when as many are taken off at either end, times all of them.
// So many members can then report what they like without moving it beyond what the
// others say. Where few members see most people it is lower than the sum: it stands
// beside the sum and never replaces it.
type Trimmed struct {
	Estimate    Estimate
	Each        int           // members taken off at either end
	Least, Most []schema.Slug // those; clearest first
}

// leastToTrim is the fewest members that have a middle.
const leastToTrim = 3

// trimmed takes a quarter of the members off at either end, at least one.
//
// Its variance is that of the noise in the members that are left or, where that is more,
// what their differing says (Tukey and McLaughlin's, from the winsorised members): which
// members are left depends on the noise, and where they differ much that pulls.
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
	t := Trimmed{Each: max(1, n/4)}
	for k := range t.Each {
		t.Least = append(t.Least, members[order[k]])
		t.Most = append(t.Most, members[order[n-1-k]])
	}
	left := order[t.Each : n-t.Each]
	for _, i := range left {
		t.Estimate = t.Estimate.Plus(own[i])
	}
	scale := float64(n) / float64(len(left))
	t.Estimate.Value *= scale
	t.Estimate.Variance *= scale * scale
	t.Estimate.Variance = max(t.Estimate.Variance, differing(left, own, t.Each)*scale*scale*float64(n))
	return t, true
}

// differing is the variance of the winsorised members: those taken off stand at the
// nearest that is left.
func differing(left []int, own []Estimate, each int) float64 {
	weight := make([]float64, len(left))
	for i := range weight {
		weight[i] = 1
	}
	weight[0] += float64(each)
	weight[len(left)-1] += float64(each)
	n, mean, squares := float64(len(left)+2*each), 0.0, 0.0
	for i, w := range weight {
		mean += w * own[left[i]].Value / n
	}
	for i, w := range weight {
		squares += w * (own[left[i]].Value - mean) * (own[left[i]].Value - mean)
	}
	return squares / (n - 1)
}

// Trimmed is the trimmed estimate of a number; false with fewer than three members.
func (b *Book) Trimmed(q Query, p schema.Period) (Trimmed, bool, error) {
	pg, r, err := b.reading(q, p)
	if err != nil {
		return Trimmed{}, false, err
	}
	own := make([]Estimate, len(pg.members))
	for i, c := range pg.members {
		own[i] = r.of(c)
	}
	t, ok := trimmed(pg.coverage.Members(), own)
	return t, ok, nil
}
