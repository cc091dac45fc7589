package joint

import (
	"encoding/binary"
	"fmt"

	"github.com/cloudflare/circl/group"

	"tidemark/schema"
)

// Counters are signed digits of digitBits in a scalar, five of them (J1). Each gets half of
// a digit's range added, and what is added is taken off the scalar again: so packing is
// cutting bits, whatever the signs.
const (
	perScalar = schema.CountersPerScalar
	digitBits = 50
	half      = int64(1) << (digitBits - 1)
	// maxCounter leaves room for a thousand members.
	maxCounter = int64(1) << 39
)

// pack puts counters into scalars; the last may hold fewer than five.
func pack(counters []int64) ([]group.Scalar, error) {
	out := make([]group.Scalar, 0, schema.ScalarsFor(len(counters)))
	for i := 0; i < len(counters); i += perScalar {
		five := counters[i:min(i+perScalar, len(counters))]
		var raised [perScalar]uint64
		for k, c := range five {
			if c < -maxCounter || c > maxCounter {
				return nil, fmt.Errorf("counter %d: beyond 2^39", i+k+1)
			}
			raised[k] = uint64(c + half)
		}
		s := digits(raised)
		out = append(out, s.Sub(s, middle(len(five))))
	}
	return out, nil
}

// middle is the scalar of so many zero counters, raised.
func middle(n int) group.Scalar {
	var raised [perScalar]uint64
	for k := range n {
		raised[k] = uint64(half)
	}
	return digits(raised)
}

// digits is the scalar of five digits, the lowest first: 250 bits, below the order.
func digits(d [perScalar]uint64) group.Scalar {
	w := [4]uint64{
		d[0] | d[1]<<50,
		d[1]>>14 | d[2]<<36,
		d[2]>>28 | d[3]<<22,
		d[3]>>42 | d[4]<<8,
	}
	var b [schema.ScalarSize]byte
	for i := range w {
		binary.LittleEndian.PutUint64(b[8*i:], w[i])
	}
	s, ok := readScalar(b[:])
	if !ok {
		panic("joint: digits pass the order") // 250 bits do not
	}
	return s
}

// unpack is the way back, for sums of at most most in each counter; false: these are none.
func unpack(scalars []group.Scalar, n int, most int64) ([]int64, bool) {
	out := make([]int64, 0, n)
	for _, s := range scalars {
		five := min(perScalar, n-len(out))
		b := writeScalar(newScalar().Add(s, middle(five)))
		for k := range perScalar {
			c := int64(bitsAt(b, k*digitBits, digitBits))
			if k >= five && c != 0 {
				return nil, false
			}
			if k < five {
				out = append(out, c-half)
			}
		}
		if bitsAt(b, perScalar*digitBits, 6) != 0 {
			return nil, false
		}
	}
	for _, c := range out {
		if c < -most || c > most {
			return nil, false
		}
	}
	return out, true
}

// bitsAt is n bits of b from a place, the lowest first.
func bitsAt(b [schema.ScalarSize]byte, at, n int) (out uint64) {
	for i := range n {
		out |= uint64(b[(at+i)/8]>>((at+i)%8)&1) << i
	}
	return out
}
