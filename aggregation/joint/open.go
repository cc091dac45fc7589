package joint

import (
	"errors"
	"fmt"
	"slices"

	"github.com/cloudflare/circl/group"

	"tidemark/schema"
)

var (
	// ErrFew: fewer sums than open the result.
	ErrFew = errors.New("joint: too few sums")
	// ErrContradiction: the sums do not lie on one polynomial, and who lied cannot be told.
	ErrContradiction = errors.New("joint: the sums contradict one another")
	// ErrGarbled: the sums agree, on what no counters come to; a contribution was garbage.
	ErrGarbled = errors.New("joint: the sum holds no counters")
)

// Opened is a round's result.
type Opened struct {
	Counters []int64
	Checked  bool          // more sums than open it lie on one polynomial
	Liars    []schema.Slug // keepers whose sums do not belong to the others, in the keepers' order
	Keepers  int           // whose sums lie on the polynomial
}

// summand is a keeper's sum.
type summand struct {
	keeper  schema.Slug
	place   int
	scalars []group.Scalar
}

// Interpolate puts a round's result together from the sums of the agreement's keepers;
// others' are ignored. It may name liars beside an error (J10, J11).
func (r Round) Interpolate(a schema.Agreement, sums map[schema.Slug][][schema.ScalarSize]byte) (Opened, error) {
	if err := r.summed(a); err != nil {
		return Opened{}, fmt.Errorf("joint: interpolate: %w", err)
	}
	all, o := r.summands(a, sums)
	if len(all) < r.Threshold {
		return o, ErrFew
	}
	result, ok := r.together(all)
	for i := 0; !ok && len(all) >= r.Threshold+2 && i < len(all); i++ {
		rest := slices.Delete(slices.Clone(all), i, i+1)
		if result, ok = r.together(rest); ok {
			o.Liars = append(o.Liars, all[i].keeper)
			all = rest
		}
	}
	if !ok {
		return o, ErrContradiction
	}
	slices.SortFunc(o.Liars, func(a, b schema.Slug) int { return slices.Index(r.Keepers, a) - slices.Index(r.Keepers, b) })
	o.Keepers, o.Checked = len(all), len(all) > r.Threshold
	if o.Counters, ok = unpack(result, r.Counters, int64(len(a.Contributions))*maxCounter); !ok {
		return o, ErrGarbled
	}
	return o, nil
}

// summands reads the sums of the agreement's keepers; what is not the scalars of a sum is a lie.
func (r Round) summands(a schema.Agreement, sums map[schema.Slug][][schema.ScalarSize]byte) (all []summand, o Opened) {
	for i, keeper := range r.Keepers {
		sum, there := sums[keeper]
		if !there || !slices.ContainsFunc(a.Lists, func(l schema.Attributed) bool { return l.Who == keeper }) {
			continue
		}
		s := summand{keeper: keeper, place: i + 1}
		for _, b := range sum {
			if scalar, ok := readScalar(b[:]); ok {
				s.scalars = append(s.scalars, scalar)
			}
		}
		if len(sum) != r.scalars() || len(s.scalars) != len(sum) {
			o.Liars = append(o.Liars, keeper)
			continue
		}
		all = append(all, s)
	}
	return all, o
}

// together interpolates every scalar at 0; false if the sums do not lie on one polynomial.
func (r Round) together(sums []summand) ([]group.Scalar, bool) {
	var places []int
	for _, s := range sums {
		places = append(places, s.place)
	}
	p := interpolate(places, r.Threshold)
	out := make([]group.Scalar, r.scalars())
	values := make([]group.Scalar, len(sums))
	for i := range out {
		for k, s := range sums {
			values[k] = s.scalars[i]
		}
		if !p.fits(values) {
			return nil, false
		}
		out[i] = p.atZero(values)
	}
	return out, true
}
