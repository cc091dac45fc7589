package joint

import (
	"io"
	"sync"

	"github.com/cloudflare/circl/group"

	"tidemark/schema"
)

// Scalars are integers modulo the prime order of ristretto255; the group itself is not used.

func newScalar() group.Scalar { return group.Ristretto255.NewScalar() }

func smallScalar(n uint64) group.Scalar { return newScalar().SetUint64(n) }

// readScalar takes the one encoding of a scalar, 32 bytes, the lowest first.
func readScalar(b []byte) (group.Scalar, bool) {
	s := newScalar()
	return s, s.UnmarshalBinary(b) == nil
}

func writeScalar(s group.Scalar) (out [schema.ScalarSize]byte) {
	b, err := s.MarshalBinary()
	if err != nil || len(b) != len(out) {
		panic("joint: a scalar has no encoding") // it always has
	}
	return [schema.ScalarSize]byte(b)
}

// randomScalar draws 253 bits until they are below the order: every second time.
func randomScalar(random io.Reader) (group.Scalar, error) {
	var b [schema.ScalarSize]byte
	defer clear(b[:])
	for {
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return nil, err
		}
		b[len(b)-1] &= 0x1f
		if s, ok := readScalar(b[:]); ok {
			return s, nil
		}
	}
}

// challenge is the r of a contribution's check values: it follows from the note's id, which
// binds all ciphertexts (J6).
func challenge(id schema.Hash) group.Scalar {
	return group.Ristretto255.HashToScalar(id[:], []byte("tidemark/joint/v1 challenge"))
}

// evaluate is a polynomial's value; coefficients come lowest first.
func evaluate(coefficients []group.Scalar, x group.Scalar) group.Scalar {
	sum := newScalar()
	for i := len(coefficients) - 1; i >= 0; i-- {
		sum.Mul(sum, x)
		sum.Add(sum, coefficients[i])
	}
	return sum
}

// interpolation knows how values at some places determine others, on a polynomial of degree
// below t: it goes through the first t.
type interpolation struct {
	zero []group.Scalar   // weights of the first t for the value at 0
	rest [][]group.Scalar // and for the values at each place after them
}

// interpolate is for t places or more, all different.
func interpolate(places []int, t int) interpolation {
	p := interpolation{zero: weights(places[:t], 0)}
	for _, x := range places[t:] {
		p.rest = append(p.rest, weights(places[:t], x))
	}
	return p
}

// weights are Lagrange's: the value at a place is the sum of weight times value.
func weights(places []int, at int) []group.Scalar {
	out := make([]group.Scalar, len(places))
	for i, xi := range places {
		out[i] = smallScalar(1)
		for k, xk := range places {
			if k != i {
				out[i].Mul(out[i], signedScalar(at-xk))
				out[i].Mul(out[i], inverse(xi-xk))
			}
		}
	}
	return out
}

func signedScalar(n int) group.Scalar {
	if n < 0 {
		return newScalar().Neg(smallScalar(uint64(-n)))
	}
	return smallScalar(uint64(n))
}

// inverses are those of all differences of places, worked out once: it is what takes longest.
var inverses = sync.OnceValue(func() (out [schema.MaxKeepers]group.Scalar) {
	for n := 1; n < len(out); n++ {
		out[n] = newScalar().Inv(smallScalar(uint64(n)))
	}
	return out
})

func inverse(n int) group.Scalar {
	if n < 0 {
		return newScalar().Neg(inverses()[-n])
	}
	return inverses()[n]
}

// fits tells whether the values at all places lie on one polynomial of degree below t.
func (p interpolation) fits(values []group.Scalar) bool {
	for i, w := range p.rest {
		if !weighted(w, values).IsEqual(values[len(p.zero)+i]) {
			return false
		}
	}
	return true
}

// atZero is what was shared.
func (p interpolation) atZero(values []group.Scalar) group.Scalar { return weighted(p.zero, values) }

func weighted(weights, values []group.Scalar) group.Scalar {
	sum, part := newScalar(), newScalar()
	for i, w := range weights {
		sum.Add(sum, part.Mul(w, values[i]))
	}
	return sum
}
