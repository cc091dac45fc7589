package sample

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"

	"tidemark/aggregation/combine"
	"tidemark/dashboard/view"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// goJoint adopts the plan in joint mode for the last quarters: the same tables, the same
// charge.
func (c *Coalition) goJoint(st *coalition.State, plan schema.Plan) (*coalition.State, error) {
	joint := plan
	joint.First = Last.Add(1 - c.cfg.Joint)
	joint.Mode, joint.Noise = schema.Joint, schema.ExactNoise
	joint.Honest, joint.Colluders = (c.cfg.Members+1)/2, max(1, c.cfg.Members/6)
	admins, _, threshold := c.admins(c.signers)
	raw, err := wire.Sign(st.Act(joint.First.Start()-40, schema.AdoptPlan{Plan: joint}), admins[:threshold]...)
	if err != nil {
		return nil, err
	}
	c.book.Plans[wire.PlanHash(joint)] = joint
	return st.Apply(raw)
}

// sums are what the rounds of the joint periods have opened.
func (c *Coalition) sums(st *coalition.State, folk []map[string][]person) ([]combine.Released, error) {
	var out []combine.Released
	for _, o := range owed(st, Now) {
		round, ok := st.Round(o.Period)
		if !ok || c.cfg.Empty {
			continue
		}
		if c.stuck(round, o.Period) {
			continue
		}
		opened, err := c.opening(st, round, folk)
		if err != nil {
			return nil, err
		}
		if n := len(opened.Members); n < round.Least() {
			c.rounds = append(c.rounds, view.RoundState{Period: o.Period, Plan: o.Plan, State: view.RoundVoid, Have: n, Least: round.Least()})
			continue
		}
		c.opened = append(c.opened, opened)
		if slices.Contains(opened.Members, c.World.Organisations[0].Slug) {
			c.charge(st, coalition.Due{Plan: o.Plan, Period: o.Period}, opened.ID, round.Plan)
		}
		one, err := combine.Expect(c.cfg.Codebook, round.Plan).Joint(opened.Opening)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// stuck are rounds that have opened nothing: the newest is under way, the one before it
// void.
func (c *Coalition) stuck(j coalition.Joint, p schema.Period) bool {
	states := map[schema.Period]string{Last: view.RoundUnderWay, Last.Add(-1): view.RoundVoid}
	state, stuck := states[p]
	if !c.cfg.Stuck || !stuck {
		return false
	}
	c.rounds = append(c.rounds, view.RoundState{Period: p, Plan: j.Round.Plan, State: state, Have: j.Least() - 2, Least: j.Least()})
	return true
}

// opening sums whoever took part. The sum of three quarters before the newest has had a
// keeper that lied.
func (c *Coalition) opening(st *coalition.State, j coalition.Joint, folk []map[string][]person) (view.Opened, error) {
	o := view.Opened{
		Opening: combine.Opening{Plan: j.Round.Plan, Period: j.Period, Protection: schema.PerID, Checked: true},
		Keepers: j.Keepers, Needed: j.Threshold, Signers: j.Keepers[:j.Threshold], Sums: j.Keepers[:min(j.Threshold+1, len(j.Keepers))],
	}
	for _, m := range j.Members {
		if len(j.Members) == j.Least() || !c.lacks(m, j.Period) {
			o.Members = append(o.Members, m)
		}
	}
	slices.Sort(o.Members)
	if j.Period == Last.Add(-3) {
		o.Sums, o.Liars = j.Keepers, j.Keepers[len(j.Keepers)-1:]
	}
	err := c.add(&o, &j.Plan, folk)
	if err != nil {
		return o, err
	}
	return o, c.agree(st, &o, j.Round)
}

// lacks: the fifth member is not in the newest sum, nor the third in that of three quarters
// before.
func (c *Coalition) lacks(m schema.Slug, p schema.Period) bool {
	absent := map[schema.Period]int{Last: 4, Last.Add(-3): 2}
	i, any := absent[p]
	return any && i < len(c.World.Organisations) && c.World.Organisations[i].Slug == m
}

// add counts the members' people and adds the shares of noise.
func (c *Coalition) add(o *view.Opened, plan *schema.Plan, folk []map[string][]person) error {
	own := schema.HashOf([]byte("noise of the sum of " + o.Period.String()))
	noise := rand.New(rand.NewPCG(c.cfg.Seed, binary.BigEndian.Uint64(own[:])))
	for _, t := range plan.Of(o.Period.Cadence(), true) {
		shape, err := c.cfg.Codebook.Shape(t.Table)
		if err != nil {
			return err
		}
		cells := make([]int64, shape.Cells())
		for i, member := range c.World.Organisations {
			if !slices.Contains(o.Members, member.Slug) {
				continue
			}
			for _, one := range folk[i][o.Period.String()] {
				one.count(shape, t.Measure, cells)
			}
		}
		sd := math.Sqrt(float64(plan.ShareVariance(t)) * float64(len(o.Members)))
		for k := range cells {
			cells[k] += int64(math.Round(noise.NormFloat64() * sd))
		}
		o.Cells = append(o.Cells, cells)
	}
	return nil
}

// agree signs the agreement, as the keepers of the sum do.
func (c *Coalition) agree(st *coalition.State, o *view.Opened, round schema.Round) error {
	note := schema.Agreement{Round: round, Protection: schema.PerID}
	id := func(kind string, who schema.Slug) schema.Attributed {
		return schema.Attributed{Who: who, ID: schema.HashOf([]byte(kind + string(who) + o.Period.String()))}
	}
	for _, k := range slices.Sorted(slices.Values(o.Signers)) {
		note.Lists = append(note.Lists, id("list", k))
	}
	for _, m := range o.Members {
		note.Contributions = append(note.Contributions, id("contribution", m))
	}
	var keepers []*wire.Signer
	for i, member := range c.World.Organisations {
		if slices.Contains(o.Signers, member.Slug) {
			keepers = append(keepers, c.signers[i])
		}
	}
	raw, err := wire.Sign(note, keepers...)
	if err != nil {
		return err
	}
	v, err := wire.Verify(raw, st.Ring())
	if err != nil {
		return err
	}
	o.ID, o.Agreement = v.ID(), raw
	c.keep(v, "", 0, schema.Hash{})
	return nil
}
