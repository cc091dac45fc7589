package sample

import (
	"encoding/binary"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"tidemark/aggregation/account"
	"tidemark/aggregation/combine"
	"tidemark/dashboard/view"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/fiction"
	"tidemark/schema/wire"
)

// releases counts, noises, signs and verifies what every member owes.
func (c *Coalition) releases(st *coalition.State, signers []*wire.Signer, plan schema.Plan, folk []map[string][]person) ([]combine.Released, error) {
	if c.cfg.Empty || plan.Mode == schema.Joint { // then nobody releases alone
		return nil, nil
	}
	expected, hash := combine.Expect(c.cfg.Codebook, plan), wire.PlanHash(plan)
	var out []combine.Released
	for i, o := range c.World.Organisations {
		people := folk[i]
		link := schema.Link{Coalition: st.ID(), Member: o.Slug, Sequence: 1}
		for _, due := range st.Due(o.Slug, Now) {
			if due.Plan != hash {
				continue
			}
			if !o.Stops.IsZero() && !due.Period.Before(o.Stops) && due.Period.End() >= o.Stops.Start() {
				continue
			}
			v, err := c.release(st, signers[i], plan, link, due.Period, people)
			if err != nil {
				return nil, err
			}
			link.Sequence, link.Previous = link.Sequence+1, v.ID()
			one, err := expected.Release(v)
			if err != nil {
				return nil, err
			}
			out = append(out, one)
			if i == 0 {
				c.charge(st, due, v.ID(), plan)
			}
		}
	}
	return out, nil
}

// charge enters a release into the own ledger.
func (c *Coalition) charge(st *coalition.State, due coalition.Due, id schema.Hash, plan schema.Plan) {
	charge := plan.Charge(due.Period.Cadence())
	_ = c.ledger.Found(account.Entry{Coalition: st.ID(), Plan: due.Plan, Period: due.Period, Charge: charge}, 1)
	c.slots = append(c.slots, view.OwnSlot{Period: due.Period, Charge: charge, State: "published", Release: id})
}

func (c *Coalition) release(st *coalition.State, s *wire.Signer, plan schema.Plan, link schema.Link, p schema.Period, people map[string][]person) (wire.Verified, error) {
	own := schema.HashOf([]byte("noise of " + string(link.Member) + p.String()))
	noise := rand.New(rand.NewPCG(c.cfg.Seed, binary.BigEndian.Uint64(own[:])))
	r := schema.Release{
		Link: link, Salt: schema.HashOf([]byte(string(link.Member) + p.String())), Plan: wire.PlanHash(plan), Period: p,
		Protection: schema.PerID, Charge: plan.Charge(p.Cadence()),
	}
	for _, t := range plan.Of(p.Cadence(), true) {
		shape, err := c.cfg.Codebook.Shape(t.Table)
		if err != nil {
			return wire.Verified{}, err
		}
		cells := make([]int64, shape.Cells())
		for _, one := range people[p.String()] {
			one.count(shape, t.Measure, cells)
		}
		for k := range cells {
			cells[k] += int64(math.Round(noise.NormFloat64() * math.Sqrt(float64(t.Sigma2))))
		}
		r.Tables = append(r.Tables, schema.NoisyTable{Table: t.Table, Measure: t.Measure, Rows: shape.Rows(), Cols: shape.Cols(), Sigma2: t.Sigma2, Cells: cells})
	}
	return c.sign(st, s, r)
}

// sign makes the intent and the release, and keeps both.
func (c *Coalition) sign(st *coalition.State, s *wire.Signer, r schema.Release) (wire.Verified, error) {
	raw, err := wire.Sign(r, s)
	if err != nil {
		return wire.Verified{}, err
	}
	intent, err := wire.Sign(schema.Intent{
		Coalition: r.Coalition, Member: r.Member, Sequence: r.Sequence, Plan: r.Plan, Period: r.Period, Charge: r.Charge,
		Roster: st.RosterFor(r.Period), Release: schema.HashOf(raw),
	}, append([]*wire.Signer{s}, c.witnesses(st, r)...)...)
	if err != nil {
		return wire.Verified{}, err
	}
	vi, err := wire.Verify(intent, st.Ring())
	if err != nil {
		return wire.Verified{}, err
	}
	v, err := wire.Verify(raw, st.Ring())
	if err != nil {
		return wire.Verified{}, err
	}
	c.keep(vi, r.Member, r.Sequence, v.ID())
	c.keep(v, r.Member, r.Sequence, vi.ID())
	return v, nil
}

// witnesses are as many of a release's as it needs.
func (c *Coalition) witnesses(st *coalition.State, r schema.Release) []*wire.Signer {
	asked, quorum := st.Witnesses(r.Member, r.Period)
	var out []*wire.Signer
	for _, slug := range asked[:quorum] {
		for i, o := range c.World.Organisations {
			if o.Slug == slug {
				out = append(out, c.signers[i])
			}
		}
	}
	return out
}

// person is the codes of somebody's cases of one period.
type person [][]byte

// count adds a person's units to a table's cells: shared among the cases, or in each of
// the first cells that the cases touch.
func (p person) count(shape schema.Shape, m schema.Measure, cells []int64) {
	if m.Kind == schema.People {
		for _, codes := range p {
			cells[shape.Cell(codes)] += int64(schema.UnitsPerPerson / len(p))
		}
		return
	}
	var touched []int
	for _, codes := range p {
		touched = append(touched, shape.Cell(codes))
	}
	slices.Sort(touched)
	if m.Kind == schema.Reached {
		touched = slices.Compact(touched)
	}
	for _, cell := range touched[:min(len(touched), m.Limit)] {
		cells[cell] += schema.UnitsPerPerson
	}
}

// people are an organisation's people by quarter and by year. Codes are folded into a
// codebook that has other dimensions than the fiction's.
func (c *Coalition) people(organisation int) map[string][]person {
	byPerson := map[string]map[string]person{}
	for one := range c.cases(organisation) {
		codes := c.fold(one.Codes)
		for _, cadence := range schema.Cadences {
			p := schema.PeriodOf(one.Date, cadence).String()
			if byPerson[p] == nil {
				byPerson[p] = map[string]person{}
			}
			byPerson[p][one.Person] = append(byPerson[p][one.Person], codes)
		}
	}
	out := map[string][]person{}
	for p, persons := range byPerson {
		for _, one := range persons {
			out[p] = append(out[p], one)
		}
	}
	return out
}

func (c *Coalition) cases(organisation int) iter.Seq[fiction.Case] {
	if c.cfg.Cases != nil {
		return c.cfg.Cases(organisation)
	}
	return c.World.Cases(organisation)
}

func (c *Coalition) fold(codes []byte) []byte {
	if c.cfg.Codebook.Hash() == schema.Incident().Hash() {
		return codes
	}
	out := make([]byte, len(c.cfg.Codebook.Dimensions))
	for i := range out {
		out[i] = codes[i%len(codes)] % byte(len(c.cfg.Codebook.Dimensions[i].Codes))
	}
	return out
}

// SlotOf is when a period of the sample went out.
func (c *Coalition) SlotOf(p schema.Period) time.Time {
	plan := c.snapshot.State.Charter().Plan
	return plan.SlotOf(p)
}
