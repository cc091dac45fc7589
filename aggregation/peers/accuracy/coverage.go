package main

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"math/rand/v2"
	"slices"

	"tidemark/aggregation"
	"tidemark/aggregation/combine"
	"tidemark/aggregation/noise"
	"tidemark/aggregation/peers/internal/silence"
	"tidemark/aggregation/planner"
	"tidemark/schema"
	"tidemark/schema/fiction"
	"tidemark/schema/wire"
)

// coverage is how often the 95 % range of a cell held the truth, by the measure.
type coverage map[schema.MeasureKind]struct{ held, cells int }

func (c coverage) share(m schema.MeasureKind) float64 {
	return float64(c[m].held) / float64(c[m].cells)
}

// mixedPlan has all three measures, and a table that others tell.
func mixedPlan(first schema.Period) (schema.Plan, error) {
	p := planner.Frame(schema.Incident(), schema.Local, first)
	p.Noise = schema.ExactNoise
	for _, t := range []struct {
		table   string
		measure schema.Measure
		sigma2  int64
	}{
		{"threat_type", schema.Measure{Kind: schema.People}, 400_000},
		{"gender", schema.Measure{Kind: schema.People}, 400_000},
		{"threat_type(group)", schema.Measure{Kind: schema.People}, 0},
		{"threat_type", schema.Measure{Kind: schema.Reached, Limit: 3}, 900_000},
		{"gender", schema.Measure{Kind: schema.Cases, Limit: 2}, 2_000_000},
	} {
		table, err := schema.ParseTable(t.table)
		if err != nil {
			return p, err
		}
		p.Tables = append(p.Tables, schema.PlanTable{Table: table, Cadence: schema.Quarterly, Measure: t.measure, Sigma2: t.sigma2})
	}
	return p, p.Validate(schema.Incident())
}

// coalition are the members of a simulation, with what each has to count.
type coalition struct {
	plan    schema.Plan
	period  schema.Period
	members []schema.Slug
	signers []*wire.Signer
	ring    wire.Ring
	records [][]schema.Record
}

func gather(members int) (*coalition, error) {
	c := &coalition{period: schema.Period{Year: 2025, Quarter: 1}}
	var err error
	if c.plan, err = mixedPlan(c.period); err != nil {
		return nil, err
	}
	world, err := fiction.New(fiction.Config{Seed: 7, Members: members, People: 40 * members, First: c.period, Quarters: 1})
	if err != nil {
		return nil, err
	}
	var keys []string
	for i, o := range world.Organisations {
		seed := sha256.Sum256([]byte(o.Slug))
		signer, err := wire.NewSigner(o.Slug, ed25519.NewKeyFromSeed(seed[:]))
		if err != nil {
			return nil, err
		}
		c.members, c.signers, keys = append(c.members, o.Slug), append(c.signers, signer), append(keys, signer.VerifierKey())
		c.records = append(c.records, recordsOf(world, i))
	}
	c.ring, err = wire.NewRing(keys...)
	return c, err
}

// recordsOf are a member's records, those of a person together.
func recordsOf(world *fiction.World, member int) (out []schema.Record) {
	for one := range world.Cases(member) {
		r := schema.Record{Date: one.Date, Codes: one.Codes, Seq: uint64(len(out) + 1)}
		id, person := sha256.Sum256([]byte("case "+one.ID)), sha256.Sum256([]byte(one.Person))
		copy(r.Case[:], id[:])
		copy(r.Person[:], person[:])
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b schema.Record) int {
		return cmp.Or(slices.Compare(a.Person[:], b.Person[:]), cmp.Compare(a.Seq, b.Seq))
	})
	return out
}

// book draws, signs, verifies and adds up one quarter of all members.
func (c *coalition) book(n aggregation.Noiser) (*combine.Book, error) {
	hash := wire.PlanHash(c.plan)
	expected := combine.Expect(schema.Incident(), c.plan)
	var all []combine.Released
	for i, m := range c.members {
		tables, err := aggregation.Draw(context.Background(), aggregation.Task{
			Codebook: schema.Incident(), Plan: c.plan, Period: c.period,
			Slots: []aggregation.Slotted{{Period: c.period, Cutoff: uint64(len(c.records[i]))}},
			Records: func(yield func(*schema.Record, error) bool) {
				for k := range c.records[i] {
					if !yield(&c.records[i][k], nil) {
						return
					}
				}
			},
		}, n)
		if err != nil {
			return nil, err
		}
		raw, err := wire.Sign(schema.Release{
			Link: schema.Link{Coalition: schema.Hash{1}, Member: m, Sequence: 1}, Salt: schema.HashOf([]byte(m)), Plan: hash,
			Period: c.period, Protection: schema.PerID, Charge: c.plan.Charge(schema.Quarterly), Tables: tables,
		}, c.signers[i])
		if err != nil {
			return nil, err
		}
		note, err := wire.Verify(raw, c.ring)
		if err != nil {
			return nil, err
		}
		one, err := expected.Release(note)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return combine.NewBook(combine.Config{
		Codebook: schema.Incident(), Plans: map[schema.Hash]schema.Plan{hash: c.plan},
		Owed: []combine.Owed{{Period: c.period, Plan: hash, Members: c.members}},
	}, all)
}

// simulate draws so many quarters and holds every cell's range against the truth.
func simulate(members, times int) (coverage, error) {
	c, err := gather(members)
	if err != nil {
		return nil, err
	}
	real, err := c.book(silence.Noiser{})
	if err != nil {
		return nil, err
	}
	seeded := noise.Exact{Random: rand.NewChaCha8([32]byte{byte(members)})}
	out := coverage{}
	for range times {
		drawn, err := c.book(seeded)
		if err != nil {
			return nil, err
		}
		for _, t := range c.plan.Tables {
			if err := out.add(real, drawn, t, c.period); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func (c coverage) add(real, drawn *combine.Book, t schema.PlanTable, p schema.Period) error {
	truth, err := real.Grid(t.Table, t.Measure, p)
	if err != nil {
		return err
	}
	seen, err := drawn.Grid(t.Table, t.Measure, p)
	if err != nil {
		return err
	}
	sum := c[t.Measure.Kind]
	for i, e := range seen.Cells {
		if low, high := e.Interval95(); low <= truth.Cells[i].Value && truth.Cells[i].Value <= high {
			sum.held++
		}
		sum.cells++
	}
	c[t.Measure.Kind] = sum
	return nil
}
