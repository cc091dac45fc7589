package joint

import (
	"bytes"
	"io"
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/cloudflare/circl/group"

	"tidemark/schema"
)

// What t-1 keepers hold of a contribution does not depend on its counters (J2): whatever
// else the counters might have been, one polynomial fits. So the shares of the same secret
// are spread over all scalars, each by itself and each combination of fewer than t. Every
// one of 250 bits is set in half of 2,000 sharings, within 6 standard deviations. By chance
// one of 2,000 would not be once in 250,000 runs; the source is seeded.
func TestFewerThanTKeepersHoldNothing(t *testing.T) {
	const n = 2_000
	r := sampleRound(5, 5, 2, 1) // t is 4
	w := newWorld(t, r, plainBoxes(r), seeded("secret"))
	w.unsealed = true
	combined := [][]int{{1}, {5}, {1, -1}, {0, 1, -2}, {3, 0, 0, 0, 1}, {1, -3, 3}, {1, 1, 1}, {0, 1, 0, -2, 1}}
	set := make([][250]int, len(combined))
	for range n {
		s := w.contribute(slug(4), []int64{7}, deviation{})
		w.notes = nil
		for c, factors := range combined {
			sum := newScalar()
			for i, f := range factors {
				share, ok := readScalar(s.dealt[r.Keepers[i]][32:])
				if !ok {
					t.Fatal("no scalar")
				}
				sum.Add(sum, share.Mul(share, signedScalar(f)))
			}
			b := writeScalar(sum)
			for bit := range 250 {
				set[c][bit] += int(b[bit/8] >> (bit % 8) & 1)
			}
		}
	}
	for c := range set {
		for bit, k := range set[c] {
			if math.Abs(float64(k)-n/2) > 6*math.Sqrt(n)/2 {
				t.Fatalf("combination %v: bit %d is set in %d of %d", combined[c], bit, k, n)
			}
		}
	}
	// And t of them hold all.
	s := w.contribute(slug(4), []int64{7}, deviation{})
	var values []group.Scalar
	for _, k := range r.Keepers[1:] {
		share, _ := readScalar(s.dealt[k][32:])
		values = append(values, share)
	}
	got, ok := unpack([]group.Scalar{interpolate([]int{2, 3, 4, 5}, 4).atZero(values)}, 1, maxCounter)
	if !ok || !slices.Equal(got, []int64{7}) {
		t.Errorf("t keepers hold %v", got)
	}
}

// Every coefficient and the blinding are drawn anew, all 253 bits that a scalar can have,
// and nothing else decides a share (J2, J3): the reference draws from the same source.
func TestDealingAgreesWithTheReference(t *testing.T) {
	r := sampleRound(7, 7, 2, 12)
	w := newWorld(t, r, plainBoxes(r), seeded("dealing"))
	w.unsealed = true
	counters := []int64{1, -2, 3, -4, 5, -6, 7, -8, 9, -10, 11, -12}
	source := seeded("dealing")
	draw := func() *big.Int {
		for {
			b := make([]byte, 32)
			_, err := io.ReadFull(source, b)
			must(t, err)
			b[31] &= 1<<5 - 1
			if n := fromLE(b); n.Cmp(order) < 0 {
				return n
			}
		}
	}
	for range 20 {
		s := w.contribute(slug(6), counters, deviation{})
		w.notes = nil
		secrets := []*big.Int{draw(), referencePacked(counters[:5]), referencePacked(counters[5:10]), referencePacked(counters[10:])}
		want := map[schema.Slug][]byte{}
		for _, secret := range secrets {
			polynomial := []*big.Int{secret}
			for len(polynomial) < r.Threshold {
				polynomial = append(polynomial, draw())
			}
			for i, k := range r.Keepers {
				v := new(big.Int)
				for _, c := range slices.Backward(polynomial) {
					v.Add(v.Mul(v, big.NewInt(int64(i+1))), c)
				}
				want[k] = append(want[k], toLE(v.Mod(v, order))...)
			}
		}
		for k, part := range want {
			if !bytes.Equal(s.dealt[k], part) {
				t.Fatalf("%s's part is not the reference's", k)
			}
		}
	}
}
