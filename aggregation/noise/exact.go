package noise

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/bits"
)

// Exact draws the discrete Gaussian N_Z(0, sigma^2) exactly, in integers: algorithms 1
// to 3 of Canonne, Kamath and Steinke 2020 (arXiv 2004.00010).
type Exact struct {
	Random io.Reader // nil: crypto/rand
}

// Noise answers every ask, whatever its Source.
func (e Exact) Noise(ctx context.Context, asks []Ask) ([][]int64, error) {
	if err := validate(asks); err != nil {
		return nil, fmt.Errorf("noise: exact: %w", err)
	}
	all := make([][]int64, len(asks))
	for i, a := range asks {
		values, err := e.Sample(ctx, a.Sigma2*sixtyFourths, a.Count)
		if err != nil {
			return nil, fmt.Errorf("noise: exact: ask %d: %w", i+1, err)
		}
		all[i] = values
	}
	return all, nil
}

// sixtyFourths is the denominator of a variance.
const sixtyFourths = 64

// Sample draws count values of variance parameter in64/64, which is from 1/4 to 2^40.
func (e Exact) Sample(ctx context.Context, in64 int64, count int) ([]int64, error) {
	if in64 < sixtyFourths/4 || in64 > maxSigma2*sixtyFourths {
		return nil, fmt.Errorf("sigma2: want 1/4 to %d", int64(maxSigma2))
	}
	if count < 0 || count > maxCount {
		return nil, fmt.Errorf("count: want 0 to %d", maxCount)
	}
	random := e.Random
	if random == nil {
		random = rand.Reader
	}
	s := &sampler{bits: bitReader{r: random}}
	defer clear(s.bits.buffer[:])
	values := make([]int64, count)
	for i := range values {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if values[i] = s.gaussian(uint64(in64)); s.bits.err != nil {
			return nil, fmt.Errorf("random source: %w", s.bits.err)
		}
	}
	return values, nil
}

// sampler draws from a source of bits. An error of the source sticks, and everything
// ends with some value that the caller throws away.
type sampler struct{ bits bitReader }

// errStuck ends what a good source ends within a few dozen rounds: the odds that it
// runs this long by chance are below e^-60000.
var errStuck = errors.New("repeats itself")

const maxRounds = 1 << 16

// gaussian is algorithm 3, with sigma^2 = n/64: it proposes from the discrete Laplace
// distribution of scale t = floor(sigma)+1 and accepts y with probability
// exp(-(|y| - sigma^2/t)^2 / (2 sigma^2)) = exp(-(64 t |y| - n)^2 / (128 t^2 n)).
func (s *sampler) gaussian(n uint64) int64 {
	t := floorSqrt(n/sixtyFourths) + 1
	den := mul(128*t*t, n) // below 2^94
	for range maxRounds {
		y, negative := s.laplace(t)
		if s.bits.err != nil {
			return 0
		}
		// t is at most 2^20+1 and y below t*2^16: the difference is below 2^63.
		d := difference(sixtyFourths*t*y, n)
		if s.bernoulliExp(mul(d, d), den) {
			if negative {
				return -int64(y)
			}
			return int64(y)
		}
	}
	return int64(s.stuck())
}

// laplace is algorithm 2: P(y) is proportional to exp(-|y|/t). It returns |y| and the sign.
func (s *sampler) laplace(t uint64) (y uint64, negative bool) {
	one := uint128{lo: 1}
	for range maxRounds {
		u := s.uniform(t)
		if !s.bernoulliExp(uint128{lo: u}, uint128{lo: t}) {
			continue
		}
		v := uint64(0)
		for s.bernoulliExp(one, one) {
			if v++; v == maxRounds-1 {
				return s.stuck(), false
			}
		}
		y, negative = u+t*v, s.bits.next() == 1
		if y != 0 || !negative { // zero has one sign
			return y, negative
		}
	}
	return s.stuck(), false
}

// bernoulliExp is algorithm 1: true with probability exp(-num/den). Whole parts of the
// exponent are taken off first, as so many draws of exp(-1).
func (s *sampler) bernoulliExp(num, den uint128) bool {
	for range maxRounds {
		if num.less(den) {
			return s.bernoulliExpFraction(num, den)
		}
		if !s.bernoulliExpFraction(den, den) {
			return false
		}
		num = num.minus(den)
	}
	return s.stuck() != 0
}

// bernoulliExpFraction is bernoulliExp for num <= den: it counts how often in a row
// Bernoulli(num/(den k)), k = 1, 2, ..., succeeds; an even count has the probability of
// the exponential series. Bernoulli(num/(den k)) is two independent draws.
func (s *sampler) bernoulliExpFraction(num, den uint128) bool {
	for k := uint64(1); k < maxRounds; k++ {
		if !s.bernoulli(num, den) || !s.bernoulli(uint128{lo: 1}, uint128{lo: k}) {
			return k%2 == 1
		}
	}
	return s.stuck() != 0
}

// bernoulli is true with probability num/den, num <= den < 2^127: it compares a uniform
// binary fraction, bit by bit, with that of num/den. Two bits decide on average.
func (s *sampler) bernoulli(num, den uint128) bool {
	if num == den {
		return true
	}
	for range maxRounds {
		if num == (uint128{}) || s.bits.err != nil {
			return false
		}
		num = num.plus(num)
		digit := uint64(0)
		if !num.less(den) {
			num, digit = num.minus(den), 1
		}
		if bit := s.bits.next(); bit != digit {
			return bit < digit
		}
	}
	return s.stuck() != 0
}

// uniform draws from 0 to n-1 by rejection, n from 1 to 2^63.
func (s *sampler) uniform(n uint64) uint64 {
	width := bits.Len64(n - 1)
	for range maxRounds {
		u := uint64(0)
		for range width {
			u = u<<1 | s.bits.next()
		}
		if u < n {
			return u
		}
	}
	return s.stuck()
}

func (s *sampler) stuck() uint64 {
	if s.bits.err == nil {
		s.bits.err = errStuck
	}
	return 0
}

// bitReader gives the bits of a stream, of each byte the lowest first.
type bitReader struct {
	r      io.Reader
	err    error
	buffer [512]byte
	at     int // bits used
	have   int // bits there
}

func (b *bitReader) next() uint64 {
	if b.at == b.have {
		b.fill()
		if b.err != nil {
			return 0
		}
	}
	bit := uint64(b.buffer[b.at/8]>>(b.at%8)) & 1
	b.at++
	return bit
}

func (b *bitReader) fill() {
	if b.err != nil {
		return
	}
	_, b.err = io.ReadFull(b.r, b.buffer[:])
	b.at, b.have = 0, 8*len(b.buffer)
}

// uint128 is as much of 128-bit arithmetic as the sampler needs.
type uint128 struct{ hi, lo uint64 }

func mul(a, b uint64) uint128 {
	hi, lo := bits.Mul64(a, b)
	return uint128{hi, lo}
}

func (a uint128) less(b uint128) bool { return a.hi < b.hi || a.hi == b.hi && a.lo < b.lo }

func (a uint128) plus(b uint128) uint128 {
	lo, carry := bits.Add64(a.lo, b.lo, 0)
	hi, _ := bits.Add64(a.hi, b.hi, carry)
	return uint128{hi, lo}
}

func (a uint128) minus(b uint128) uint128 {
	lo, borrow := bits.Sub64(a.lo, b.lo, 0)
	hi, _ := bits.Sub64(a.hi, b.hi, borrow)
	return uint128{hi, lo}
}

func difference(a, b uint64) uint64 {
	if a < b {
		return b - a
	}
	return a - b
}

// floorSqrt is the largest integer whose square is at most x, for x <= 2^40.
func floorSqrt(x uint64) uint64 {
	r := uint64(0)
	for bit := uint64(1 << 20); bit > 0; bit >>= 1 {
		if (r+bit)*(r+bit) <= x {
			r += bit
		}
	}
	return r
}
