package sample

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"tidemark/dashboard"
	"tidemark/dashboard/view"
	"tidemark/schema"
	"tidemark/schema/spoken"
	"tidemark/schema/wire"
)

// propose adopts a second plan, for the quarter after next, and leaves one proposal of
// each kind open, signed by the second admin.
func (c *Coalition) propose(plan schema.Plan) error {
	st := c.snapshot.State
	today := schema.DateOf(Now)
	admins, _, threshold := c.admins(c.signers)
	next := changed(plan, Last.Add(2), 3)
	raw, err := wire.Sign(st.Act(today-10, schema.AdoptPlan{Plan: next}), admins[:threshold]...)
	if err != nil {
		return err
	}
	if st, err = st.Apply(raw); err != nil {
		return err
	}
	c.snapshot.State, c.unagreed = st, []schema.Hash{wire.PlanHash(next)}
	for _, change := range c.changes(plan) {
		raw, err := wire.Sign(st.Act(today-1, change), admins[1])
		if err != nil {
			return err
		}
		p, err := st.Draft(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", change.Verb(), err)
		}
		c.proposals = append(c.proposals, view.Proposal{Note: string(raw), Proposal: p})
	}
	return nil
}

// changed is a plan with another noise of its drawn tables and another grace for late
// cases.
func changed(p schema.Plan, first schema.Period, times int64) schema.Plan {
	p.First, p.LateDays = first, p.LateDays/2
	p.Tables = append([]schema.PlanTable{}, p.Tables...)
	p.ChargeQuarter, p.ChargeYear = 0, 0
	for i := range p.Tables {
		t := &p.Tables[i]
		if t.Cadence == schema.Quarterly {
			t.Sigma2 = t.Sigma2 * times / 4
			p.ChargeQuarter += t.Charge()
		} else {
			p.ChargeYear += t.Charge()
		}
	}
	p.Cap = max(p.Cap, schema.QuarterYears*p.ChargeQuarter+p.ChargeYear)
	return p
}

// changes are one of each kind.
func (c *Coalition) changes(plan schema.Plan) []schema.Change {
	last := c.World.Organisations[len(c.World.Organisations)-1].Slug
	fewer := schema.NetworkKey{From: schema.DateOf(Now) + 6, Sealed: sealed(len(c.World.Organisations) - 1)}
	whole := schema.NetworkKey{From: fewer.From, Sealed: sealed(len(c.World.Organisations))}
	member := c.snapshot.State.Roster().Member(last)
	other, err := wire.NewSigner(last, key("another "+last))
	if err != nil {
		panic(err) // the slug is a member's
	}
	return []schema.Change{
		schema.AdoptPlan{Plan: changed(plan, Last.Add(3), 8)},
		schema.Admit{Applicant: Applicant("new-tern"), First: Last.Add(1)},
		schema.Remove{Member: last, Key: fewer},
		schema.Suspend{Member: c.World.Organisations[1].Slug},
		schema.SetAdmins{Threshold: 1, Admins: []string{c.signers[1].VerifierKey(), c.signers[4].VerifierKey()}},
		schema.RotateKey{NetworkKey: whole},
		schema.ReplaceNode{Member: last, NodeKey: nodeKey("another machine"), Addresses: []string{"/ip4/192.0.2.7/tcp/7461"}},
		schema.ReplaceMember{Member: last, MemberKey: other.VerifierKey(), BoxKey: member.BoxKey},
		schema.RetirePlan{Plan: c.unagreed[0]},
		schema.AppointKeepers{Keepers: []schema.Slug{last, c.World.Organisations[0].Slug, c.World.Organisations[2].Slug, c.World.Organisations[1].Slug}},
	}
}

// Applicant is somebody who asks to be admitted.
func Applicant(slug schema.Slug) schema.Applicant {
	s, err := wire.NewSigner(slug, key(slug))
	if err != nil {
		panic(err)
	}
	return schema.Applicant{Slug: slug, MemberKey: s.VerifierKey(), BoxKey: boxKey, NodeKey: nodeKey(slug), Regions: []schema.Code{"m49_034"}, Addresses: []string{"/ip4/192.0.2.9/tcp/7461"}}
}

// Request is an applicant's note, with its words.
func Request(slug schema.Slug) (note []byte, words string) {
	s, err := wire.NewSigner(slug, key(slug))
	if err != nil {
		panic(err)
	}
	if note, err = wire.Sign(schema.Request{Applicant: Applicant(slug)}, s); err != nil {
		panic(err)
	}
	v, err := wire.OpenRequest(note)
	if err != nil {
		panic(err)
	}
	return note, spoken.Words(v.ID())
}

// sealed looks like a network key for so many members; nobody can open it.
func sealed(to int) string {
	return base64.StdEncoding.EncodeToString([]byte("age-encryption.org/v1" + strings.Repeat("\n-> X25519 nobody\nnothing", to) + "\n--- none\n"))
}

// Governing is what waits to be decided.
func (c *Coalition) Governing(context.Context) (view.Governing, error) {
	g := view.Governing{
		Signer: c.signers[0].VerifierKey(), Proposals: c.proposals, Unagreed: c.unagreed, Releases: len(c.released),
		Key: view.NetworkKey{Held: !c.cfg.Outsider}, Alone: c.cfg.Council,
	}
	if !c.cfg.Outsider {
		g.Words = spoken.Words(spoken.Invitation(c.snapshot.State.ID(), g.Signer))
	}
	return g, nil
}

// Look opens a proposal.
func (c *Coalition) Look(note []byte) (view.Proposal, error) {
	p, err := c.snapshot.State.Draft(note)
	return view.Proposal{Note: string(note), Proposal: p}, err
}

// Cosign notes that it was asked for.
func (c *Coalition) Cosign(_ context.Context, note []byte) (view.Adopted, error) {
	p, err := c.Look(note)
	c.Done = append(c.Done, "sign "+p.Act.Change.Verb())
	return view.Adopted{Act: p.Act.Version}, err
}

// Consent notes that it was asked for.
func (c *Coalition) Consent(_ context.Context, plan schema.Hash) error {
	c.Done = append(c.Done, "consent "+plan.Short())
	c.unagreed = nil
	return nil
}

// Admission opens a request whose words were heard.
func (c *Coalition) Admission(request []byte, words string, first schema.Period) (schema.Admit, error) {
	v, err := wire.OpenRequest(request)
	if err != nil {
		return schema.Admit{}, err
	}
	if !spoken.Match(words, v.ID()) {
		return schema.Admit{}, dashboard.ErrWords
	}
	return schema.Admit{Applicant: v.Body().(schema.Request).Applicant, First: first}, nil
}

// Invite notes that it was asked for.
func (c *Coalition) Invite(context.Context, []byte, string) ([]byte, error) {
	c.Done = append(c.Done, "invite")
	return []byte("an invitation"), nil
}

// NetworkKey makes one that nobody can open.
func (c *Coalition) NetworkKey(removed schema.Slug, days int) (schema.NetworkKey, error) {
	to := c.snapshot.State.Roster().Active()
	if m := c.snapshot.State.Roster().Member(removed); m != nil && m.Status == schema.Active {
		to--
	}
	return schema.NetworkKey{From: schema.DateOf(Now) + schema.Date(days), Sealed: sealed(to)}, nil
}

// Propose notes what was asked for; with one admin it is adopted at once.
func (c *Coalition) Propose(_ context.Context, change schema.Change) (view.Adopted, error) {
	st := c.snapshot.State
	act := st.Act(schema.DateOf(Now), change)
	raw, err := wire.Sign(act, c.signers[0])
	if err != nil {
		return view.Adopted{}, err
	}
	if _, err := st.Draft(raw); err != nil {
		return view.Adopted{}, err
	}
	c.Done = append(c.Done, "propose "+change.Verb())
	next, err := st.Apply(raw)
	if err != nil {
		return view.Adopted{Act: act.Version}, nil // lines are missing
	}
	fresh := c.Fresh()
	c.snapshot = fresh.snapshot
	c.snapshot.State = next
	return view.Adopted{Act: act.Version, Adopted: true}, nil
}

var _ interface {
	dashboard.Governance
	dashboard.Admin
} = (*Coalition)(nil)

// Forget drops the proposals: they have not come here yet.
func (c *Coalition) Forget() { c.proposals = nil }
