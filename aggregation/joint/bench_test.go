package joint

import (
	"crypto/ed25519"
	"testing"

	"tidemark/aggregation/planner"
	"tidemark/schema"
	"tidemark/schema/wire"
)

// full is a round of the starting plan's larger cadence with seven keepers.
func full(tb testing.TB, members int) Round {
	tb.Helper()
	plan, err := planner.Full(schema.Period{Year: 2026, Quarter: 1}, (members+1)/2, max(1, members/6))
	must(tb, err)
	r := sampleRound(members, schema.MaxKeepers, plan.Honest+plan.Colluders, 0)
	cb := schema.Incident()
	for _, cadence := range []schema.Cadence{schema.Quarterly, schema.Yearly} {
		cells := 0
		for _, t := range plan.Of(cadence, true) {
			s, err := cb.Shape(t.Table)
			must(tb, err)
			cells += s.Cells()
		}
		r.Counters = max(r.Counters, cells)
	}
	return r
}

// signed is a contribution as a note, as it goes over the line.
func signed(tb testing.TB, c schema.Contribution) []byte {
	tb.Helper()
	s, err := wire.NewSigner(c.Member, ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	must(tb, err)
	c.Protection, c.Charge = schema.PerID, 48_000_000
	raw, err := wire.Sign(c, s)
	must(tb, err)
	return raw
}

func counted(r Round, seed int) []int64 {
	out := make([]int64, r.Counters)
	for i := range out {
		out[i] = int64((seed*7919+i*104_729)%200_003) - 100_001
	}
	return out
}

// play is a whole round in which nobody fails.
type play struct {
	*world
	a    schema.Agreement
	sums map[schema.Slug][][schema.ScalarSize]byte
}

func played(tb testing.TB, r Round, counters func(member int) []int64) *play {
	tb.Helper()
	p := &play{world: newWorld(tb, r, boxes(tb, r), seeded("play")), sums: map[schema.Slug][][schema.ScalarSize]byte{}}
	for i, m := range r.Members {
		shares, err := r.Contribute(m, counters(i), p.public(r.Keepers), p.random)
		must(tb, err)
		p.send(schema.Contribution{Round: r.Round, Member: m, Shares: shares}, r.Keepers, nil)
	}
	for _, k := range r.Keepers {
		h, failed := p.open(k)
		if len(failed) > 0 {
			tb.Fatal(failed)
		}
		p.publish(h)
	}
	p.a, _ = r.Propose(p.lists)
	must(tb, r.Judge(p.a, p.lists))
	for _, k := range r.Keepers {
		sum, err := r.Sum(p.a, p.held[k])
		must(tb, err)
		p.sums[k] = sum
	}
	return p
}

// 200 members, seven keepers, the starting plan: what a member and a keeper have to do.
func BenchmarkContribute(b *testing.B) {
	r := full(b, 200)
	keys := newWorld(b, r, boxes(b, r), nil).public(r.Keepers)
	c := schema.Contribution{Round: r.Round, Member: slug(7)}
	for b.Loop() {
		shares, err := r.Contribute(c.Member, counted(r, 7), keys, nil)
		must(b, err)
		c.Shares = shares
	}
	size := len(signed(b, c))
	b.ReportMetric(float64(r.Counters), "counters")
	b.ReportMetric(float64(size), "bytes/note")
	b.ReportMetric(float64(200*size), "bytes/round")
}

func BenchmarkKeeper(b *testing.B) {
	r := full(b, 200)
	p := played(b, r, func(m int) []int64 { return counted(r, m) })
	k := p.keys[r.Keepers[3]]
	b.Run("open200", func(b *testing.B) {
		for b.Loop() {
			for _, s := range p.notes {
				_, err := p.Open(k.Keeper, k.ID, k.private, s.note, s.id)
				must(b, err)
			}
		}
	})
	b.Run("propose", func(b *testing.B) {
		for b.Loop() {
			p.Propose(p.lists)
		}
	})
	b.Run("judge", func(b *testing.B) {
		for b.Loop() {
			must(b, p.Judge(p.a, p.lists))
		}
	})
	b.Run("sum", func(b *testing.B) {
		for b.Loop() {
			_, err := p.Sum(p.a, p.held[k.Keeper])
			must(b, err)
		}
	})
}

func BenchmarkInterpolate(b *testing.B) {
	r := full(b, 200)
	p := played(b, r, func(m int) []int64 { return counted(r, m) })
	for b.Loop() {
		_, err := p.Interpolate(p.a, p.sums)
		must(b, err)
	}
}
