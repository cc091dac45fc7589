package joint

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tidemark/aggregation/noise"
	"tidemark/schema"
)

// What is opened is the sum of the members' tables and of their shares of the noise, in
// every cell, at every size that the design speaks of (J13): the same random bytes are
// drawn a second time, in the clear.
func TestTheSumIsExact(t *testing.T) {
	for _, members := range []int{5, 12, 30, 100} {
		r := full(t, members)
		honest := int64((members + 1) / 2)
		if testing.Short() {
			r.Counters = min(r.Counters, 60)
		}
		want := make([]int64, r.Counters)
		p := played(t, r, func(m int) []int64 {
			counters := add(someTables(r, m), noiseShare(t, r, m, honest))
			add(want, someTables(r, m))
			add(want, noiseShare(t, r, m, honest))
			return counters
		})
		o, err := p.Interpolate(p.a, p.sums)
		must(t, err)
		if !slices.Equal(o.Counters, want) || !o.Checked || len(p.a.Contributions) != members {
			t.Errorf("%d members: the sum differs from tables and noise", members)
		}
	}
}

// The noise of what is opened has the variance |S| ceil(sigma2/H), which is what readers are
// told (PRIVACY.md 7.4). Within 5 standard deviations of 2,500 squares; seeded.
func TestTheNoiseOfASum(t *testing.T) {
	for _, members := range []int{5, 9, 12} {
		r := sampleRound(members, 3, 5, schema.MaxJointCells)
		p := played(t, r, func(m int) []int64 { return noiseShare(t, r, m, 4) })
		o, err := p.Interpolate(p.a, p.sums)
		must(t, err)
		squares := 0.0
		for _, c := range o.Counters {
			squares += float64(c) * float64(c)
		}
		ratio := squares / float64(len(o.Counters)) / float64(members*(450_300+3)/4)
		if n := float64(len(o.Counters)); ratio < 1-5*math.Sqrt(2/n) || ratio > 1+5*math.Sqrt(2/n) {
			t.Errorf("%d members: the variance is %.3f of what is said", members, ratio)
		}
	}
}

// someTables are a member's exact tables: units, some cells empty.
func someTables(r Round, member int) []int64 {
	out, random := make([]int64, r.Counters), rand.New(seeded("tables", member))
	for i := range out {
		out[i] = max(0, random.Int64N(60_000)-20_000)
	}
	return out
}

// noiseShare is a member's share of a plan's noise: variance ceil(sigma2/H) in each cell.
func noiseShare(t *testing.T, r Round, member int, honest int64) []int64 {
	t.Helper()
	const sigma2 = 450_300
	n := noise.Exact{Random: seeded("noise", member)}
	drawn, err := n.Noise(context.Background(), []noise.Ask{{Source: schema.ExactNoise, Sensitivity2: 3600, Sigma2: (sigma2 + honest - 1) / honest, Count: r.Counters}})
	must(t, err)
	return drawn[0]
}

// add adds in place.
func add(to, what []int64) []int64 {
	for i := range to {
		to[i] += what[i]
	}
	return to
}
