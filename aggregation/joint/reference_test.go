package joint

import (
	"math/big"
	"slices"

	"github.com/cloudflare/circl/group"
)

// The reference: the same arithmetic in math/big, written from SPEC.md.

// order is that of ristretto255 (RFC 9496).
var order, _ = new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)

// bigScalar is a number below the order.
type bigScalar struct{ n big.Int }

func (s *bigScalar) add(le []byte) {
	s.n.Mod(s.n.Add(&s.n, fromLE(le)), order)
}

func fromLE(le []byte) *big.Int {
	be := slices.Clone(le)
	slices.Reverse(be)
	return new(big.Int).SetBytes(be)
}

func toLE(n *big.Int) []byte {
	b := n.FillBytes(make([]byte, 32))
	slices.Reverse(b)
	return b
}

func (s *bigScalar) scalar() group.Scalar {
	out, ok := readScalar(toLE(&s.n))
	if !ok {
		panic("reference: not below the order")
	}
	return out
}

// reference is Lagrange's value at a place of the polynomial through the values at others.
func reference(places []int, values []*bigScalar, at int) *bigScalar {
	sum := new(bigScalar)
	for i, xi := range places {
		over, under := big.NewInt(1), big.NewInt(1)
		for k, xk := range places {
			if k != i {
				over.Mul(over, big.NewInt(int64(at-xk)))
				under.Mul(under, big.NewInt(int64(xi-xk)))
			}
		}
		under.ModInverse(under.Mod(under, order), order)
		over.Mul(over.Mul(over, under), &values[i].n)
		sum.n.Mod(sum.n.Add(&sum.n, over), order)
	}
	return sum
}

// referenceCounters takes a scalar as a signed number and cuts it into digits with carry.
func referenceCounters(s *big.Int, n int) []int64 {
	v := new(big.Int).Set(s)
	if v.Cmp(new(big.Int).Rsh(order, 1)) > 0 {
		v.Sub(v, order)
	}
	base := new(big.Int).Lsh(big.NewInt(1), 50)
	var out []int64
	for range n {
		d := new(big.Int)
		v.DivMod(v, base, d) // 0 <= d < base
		if d.Int64() >= 1<<49 {
			d.Sub(d, base)
			v.Add(v, big.NewInt(1))
		}
		out = append(out, d.Int64())
	}
	return out
}

// referencePacked is c[0] + 2^50 c[1] + ... modulo the order.
func referencePacked(counters []int64) *big.Int {
	sum := new(big.Int)
	for _, c := range slices.Backward(counters) {
		sum.Lsh(sum, 50)
		sum.Add(sum, big.NewInt(c))
	}
	return sum.Mod(sum, order)
}
