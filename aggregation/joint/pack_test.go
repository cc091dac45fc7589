package joint

import (
	"bytes"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cloudflare/circl/group"
)

// Packing is the reference's, and unpacking its inverse, also of sums (J1).
func TestPacking(t *testing.T) {
	r := rand.New(seeded("packing"))
	for n := range 200 {
		counters, sum := make([]int64, 1+r.IntN(12)), make([]int64, 0)
		total := make([]group.Scalar, (len(counters)+4)/5)
		for range 1 + n%3 {
			for i := range counters {
				counters[i] = r.Int64N(2*maxCounter+1) - maxCounter
				if r.IntN(4) == 0 {
					counters[i] = []int64{0, maxCounter, -maxCounter, -1}[r.IntN(4)]
				}
			}
			packed, err := pack(counters)
			must(t, err)
			sum = append(sum, make([]int64, len(counters)-len(sum))...)
			for i, c := range counters {
				sum[i] += c
			}
			for i, s := range packed {
				want := referencePacked(counters[i*5 : min(i*5+5, len(counters))])
				if got := writeScalar(s); !bytes.Equal(got[:], toLE(want)) {
					t.Fatalf("%v: scalar %d differs from the reference", counters, i)
				}
				if total[i] == nil {
					total[i] = newScalar()
				}
				total[i].Add(total[i], s)
			}
		}
		got, ok := unpack(total, len(counters), 3*maxCounter)
		if !ok || !slices.Equal(got, sum) {
			t.Fatalf("%v comes back as %v", sum, got)
		}
		for i, s := range total {
			part := sum[i*5 : min(i*5+5, len(sum))]
			b := writeScalar(s)
			if want := referenceCounters(fromLE(b[:]), len(part)); !slices.Equal(part, want) {
				t.Fatalf("%v is %v to the reference", part, want)
			}
		}
	}
}

// A scalar that no counters come to is told: J12.
func TestUnpackingTellsGarbage(t *testing.T) {
	power := func(n uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), n) }
	minus := func(n *big.Int) *big.Int { return new(big.Int).Sub(order, n) }
	for what, c := range map[string]struct {
		scalar *big.Int
		n      int
		ok     bool
	}{
		"five, at most":         {referencePacked([]int64{8, -8, 8, -8, 8}), 5, true},
		"one above":             {referencePacked([]int64{8, -8, 9, -8, 8}), 5, false},
		"one below":             {referencePacked([]int64{8, -9, 8, -8, 8}), 5, false},
		"a sixth digit":         {power(250), 5, false},
		"a sixth digit, below":  {minus(power(250)), 5, false},
		"the largest":           {minus(big.NewInt(1)), 5, true}, // -1
		"half of the order":     {new(big.Int).Rsh(order, 1), 5, false},
		"a fourth digit":        {power(150), 3, false},
		"a fifth digit":         {power(200), 3, false},
		"a fourth digit, below": {minus(power(150)), 3, false},
		"a first digit alone":   {big.NewInt(-8 + 16), 1, true},
	} {
		s := new(bigScalar)
		s.add(toLE(c.scalar))
		if _, ok := unpack([]group.Scalar{s.scalar()}, c.n, 8); ok != c.ok {
			t.Errorf("%s: %v", what, ok)
		}
	}
}

// Shares whose faults cancel in a plain sum of the counters are told all the same, and check
// values tell nothing of counters without the blinding (J6).
func TestCheckValues(t *testing.T) {
	r := sampleRound(4, 4, 2, 11)
	w := newWorld(t, r, boxes(t, r), seeded("check values"))
	w.unsealed = true
	one := smallScalar(1)
	add := func(b []byte, by group.Scalar) {
		s, _ := readScalar(b)
		sum := writeScalar(s.Add(s, by))
		copy(b, sum[:])
	}
	w.contribute(slug(0), make([]int64, 11), deviation{})
	w.contribute(slug(1), make([]int64, 11), deviation{})
	w.contribute(slug(2), make([]int64, 11), deviation{tamper: func(p *part) {
		if p.place == 2 {
			add(p.plain[32:64], one)
			add(p.plain[64:96], newScalar().Neg(one))
		}
	}})
	for _, k := range r.Keepers {
		h, _ := w.open(k)
		w.publish(h)
	}
	a, _ := r.Propose(w.lists)
	if len(a.Contributions) != 2 || len(a.Lists) != 4 {
		t.Errorf("%d contributions on %d lists, want 2 on 4", len(a.Contributions), len(a.Lists))
	}
	known := map[[32]byte]bool{{}: true}
	for _, l := range w.lists {
		for _, h := range l.Contributions {
			if known[h.Check] {
				t.Error("a check value of zeros is zero, or that of other zeros")
			}
			known[h.Check] = true
		}
	}
	var values []*bigScalar
	for i := range 3 {
		v := new(bigScalar)
		v.add(w.lists[i].Contributions[0].Check[:])
		values = append(values, v)
	}
	if reference([]int{1, 2, 3}, values, 0).n.Sign() == 0 {
		t.Error("the check values of zeros come to zero: no blinding")
	}
}
