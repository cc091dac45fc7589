package view

import (
	"strconv"

	"tidemark/schema"
)

// GovernancePage answers: what is to be decided, and who has decided what so far?
type GovernancePage struct {
	Title     string
	Lead      string
	May       bool   // this node is one of the admins
	Not       string // why there are no forms
	Says      []string
	Consents  []ConsentCard
	Proposals []ProposalCard
	Facts     []Term
	Admins    []Admin
	Keepers   []string // who keeps joint rounds, and what that means
	Acts      []ActRow
	Empty     *Start // no coalition yet: nothing else is set
}

// ConsentCard is a plan by which this member releases nothing before its operator agrees.
type ConsentCard struct {
	Hash, Says string
	Open       Link
}

// ProposalCard is an act that lacks lines.
type ProposalCard struct {
	ID     string
	Title  string
	Lines  []string // what it does, the most important first
	Signed []schema.Slug
	Lacks  string
	Until  string
	Ours   bool // this node's line is there
	Open   Link
}

// Governance is the page of the coalition's decisions. It needs a coalition.
func (r *Reader) Governance(g Governing) (GovernancePage, error) {
	roster := r.State.Roster()
	log, err := r.log()
	if err != nil {
		return GovernancePage{}, err
	}
	p := GovernancePage{
		Title: r.L.Say("gov.title"), May: r.IsAdmin(g), Not: r.notAdmin(g),
		Lead: r.L.Say("gov.lead", "some", roster.Threshold, "all", len(roster.Admins)),
		Says: r.keyWarnings(g), Facts: r.governanceFacts(g), Acts: r.actRows(log), Keepers: r.keepersSay(),
	}
	for _, hash := range g.Unagreed {
		p.Consents = append(p.Consents, r.consentCard(hash))
	}
	for _, one := range g.Proposals {
		p.Proposals = append(p.Proposals, r.proposalCard(one, g))
	}
	for _, key := range roster.Admins {
		p.Admins = append(p.Admins, Admin{keySlugs([]string{key})[0], Fingerprint(key)})
	}
	return p, nil
}

// GovernanceAlone is the page before there is a coalition.
func (r *Reader) GovernanceAlone() GovernancePage {
	q := r.Q.kept()
	return GovernancePage{Title: r.L.Say("members.alone.title"), Empty: &Start{
		Says: []string{r.L.Say("gov.alone")}, Links: []Link{{q.At("/members"), r.L.Say("nav.members")}},
	}}
}

func (r *Reader) governanceFacts(g Governing) []Term {
	roster := r.State.Roster()
	return []Term{
		{Name: r.L.Say("members.coalition"), Text: string(r.State.Charter().Name)},
		{Name: r.L.Say("members.threshold"), Text: r.L.Say("members.threshold.of", "some", roster.Threshold, "all", len(roster.Admins))},
		{Name: r.L.Say("gov.version"), Text: r.L.Digits(strconv.FormatUint(roster.Version, 10))},
		{Name: r.L.Say("gov.key"), Text: r.keySays(g.Key)},
	}
}

// keySays says which network key is in force, and when another one begins.
func (r *Reader) keySays(k NetworkKey) string {
	text := r.L.Say("gov.key.founding")
	if k.Since != nil {
		text = r.L.Say("gov.key.since", "day", r.L.Date(*k.Since), "number", r.L.Digits(strconv.FormatUint(k.Act, 10)))
	}
	if k.Next != nil {
		text += " " + r.L.Say("gov.key.next", "day", r.L.Date(*k.Next))
	}
	return text
}

// keyWarnings say what keeps this node from reaching the others.
func (r *Reader) keyWarnings(g Governing) []string {
	switch {
	case !g.Key.Held:
		return []string{r.L.Say("gov.key.lacks")}
	case g.Alone:
		return []string{r.L.Say("gov.alone.now")}
	}
	return nil
}

func (r *Reader) consentCard(plan schema.Hash) ConsentCard {
	says := r.L.Say("gov.consent.waits", "plan", plan.Short())
	if i := r.termOf(plan); i >= 0 {
		says = r.L.Say("gov.consent.waits.from", "plan", plan.Short(), "period", r.L.Period(r.planTerms()[i].from))
	}
	return ConsentCard{plan.Short(), says, Link{r.Q.Link("/governance/plan/" + plan.String()), r.L.Say("gov.consent.open")}}
}

func (r *Reader) proposalCard(p Proposal, g Governing) ProposalCard {
	c := ProposalCard{
		ID: p.ID.String(), Title: r.L.Say("gov.proposal", "number", r.L.Digits(strconv.FormatUint(p.Act.Version, 10)), "day", r.L.Date(p.Act.Date)),
		Lines: r.ActLines(p.Act), Signed: p.Signed, Lacks: r.lacks(p), Until: r.L.Say("gov.until", "day", r.L.Date(p.Act.Expires)),
		Open: Link{r.Q.Link("/governance/proposal/" + p.ID.String()), r.L.Say("gov.open")},
	}
	for _, slug := range p.Signed {
		c.Ours = c.Ours || string(slug) == keySlugs([]string{g.Signer})[0]
	}
	if r.MaySign(g, p.Act.Change) && !c.Ours {
		c.Open.Text = r.L.Say("gov.open.sign")
	}
	return c
}

// lacks says how many lines are missing, and whose.
func (r *Reader) lacks(p Proposal) string {
	if p.MissingNew > 0 {
		return r.L.Say("gov.lacks.both", "old", p.Missing, "new", p.MissingNew)
	}
	return r.L.Say("gov.lacks", "n", p.Missing)
}
