package view

import (
	"slices"
	"strconv"

	"tidemark/schema"
)

// ProposalPage is one proposal before this node signs it.
type ProposalPage struct {
	Title string
	Card  ProposalCard
	Plan  *PlanTerms // of a proposal to adopt one
	Sign  bool       // this node's line would count, and is not there
	Not   string     // why there is no form
	Note  string     // where the proposal does not lie here: what is signed
}

// ProposalPage shows what a line would agree to.
func (r *Reader) ProposalPage(p Proposal, g Governing) (ProposalPage, error) {
	page := ProposalPage{Title: r.L.Say("gov.proposal.title", "number", r.L.Digits(strconv.FormatUint(p.Act.Version, 10))), Card: r.proposalCard(p, g)}
	page.Sign = r.MaySign(g, p.Act.Change) && !page.Card.Ours
	switch {
	case page.Card.Ours:
		page.Not = r.L.Say("gov.signed.ours")
	case !page.Sign:
		page.Not = r.notAdmin(g)
	}
	if _, here := g.Proposed(p.ID); !here {
		page.Note = p.Note
	}
	var err error
	page.Plan, err = r.planOf(p.Act, r.Q.People)
	if page.Plan != nil && page.Note == "" {
		page.Plan.At = "/governance/proposal/" + p.ID.String()
	}
	page.Sign = page.Sign && (page.Plan == nil || page.Plan.Refused == "")
	return page, err
}

// planOf are the terms of the plan that an act adopts; nil for any other act.
func (r *Reader) planOf(a schema.Act, people string) (*PlanTerms, error) {
	c, adopts := a.Change.(schema.AdoptPlan)
	if !adopts {
		return nil, nil
	}
	t, err := r.proposedTerms(a.Date, c.Plan, people)
	return &t, err
}

// ConsentPage is an adopted plan before this member releases by it.
type ConsentPage struct {
	Title  string
	Says   []string
	Hash   string
	Plan   PlanTerms
	Agreed bool
	Ask    bool // the form is offered
}

// ConsentPage shows an adopted plan.
func (r *Reader) ConsentPage(plan schema.Hash, g Governing) (ConsentPage, error) {
	p := ConsentPage{Title: r.L.Say("gov.consent.title", "plan", plan.Short()), Hash: plan.String()}
	p.Agreed = !slices.Contains(g.Unagreed, plan)
	p.Ask = !p.Agreed && !r.Pinned
	if p.Says = []string{r.L.Say("gov.consent.agreed")}; !p.Agreed {
		p.Says = []string{r.L.Say("gov.consent.until"), r.L.Say("gov.consent.leave")}
	}
	var err error
	p.Plan, err = r.adoptedTerms(plan, r.Q.People)
	p.Plan.At = "/governance/plan/" + plan.String()
	return p, err
}

// SightPage is what a new member gets to see.
type SightPage struct {
	Says    []string
	Members []MemberSight
}

// MemberSight is what it sees of one member.
type MemberSight struct {
	Slug               schema.Slug
	Status             Mark
	Regions, Addresses string
}

func (r *Reader) sight(g Governing) SightPage {
	s := SightPage{Says: []string{r.L.Say("gov.sight", "releases", g.Releases), r.L.Say("gov.sight.not")}}
	for _, m := range r.State.Roster().Members {
		s.Members = append(s.Members, MemberSight{
			m.Slug, Mark{string(m.Status), r.L.Say("members.status." + string(m.Status))}, r.listed([]string{r.regions(&m)}), r.listed(m.Addresses),
		})
	}
	return s
}

// AdmitPage takes a request for admission.
type AdmitPage struct {
	Title string
	May   bool
	Not   string
	First []Option
	Sight SightPage
}

// AdmitPage asks for a request, the words that were heard, and a first quarter.
func (r *Reader) AdmitPage(g Governing) AdmitPage {
	p := AdmitPage{Title: r.L.Say("gov.admit.title"), May: r.IsAdmin(g), Not: r.notAdmin(g), Sight: r.sight(g)}
	running := schema.PeriodOf(schema.DateOf(r.Now), schema.Quarterly)
	first := r.State.Charter().Plan.First
	for q := running.Add(1); !q.Before(first) && len(p.First) < mostFirsts; q = q.Add(-1) {
		p.First = append(p.First, Option{q.String(), r.L.Period(q), q == running})
	}
	return p
}

// mostFirsts is how many quarters are offered as a member's first.
const mostFirsts = 12

// ProposePage offers what an admin can propose.
type ProposePage struct {
	Title   string
	May     bool
	Not     string
	Needs   string
	Active  []schema.Slug
	Paused  []schema.Slug
	Seats   []schema.Slug // active or suspended
	Admins  []SeatChoice
	Keepers []SeatChoice
	Keep    string // how many keepers, and which; empty: too few members for any
	Some    int    // the present threshold
	Plan    string
	Days    int
	MaxDays int
}

// SeatChoice is a member that can be ticked, as an admin or a keeper.
type SeatChoice struct {
	Slug schema.Slug
	Now  bool
}

// keyNotice is in how many days a new network key begins, unless something else is said.
const keyNotice = 7

// ProposePage is the page of the forms.
func (r *Reader) ProposePage(g Governing) ProposePage {
	roster := r.State.Roster()
	p := ProposePage{
		Title: r.L.Say("gov.propose.title"), May: r.IsAdmin(g), Not: r.notAdmin(g), Some: roster.Threshold, Days: keyNotice, MaxDays: schema.MaxKeyNotice,
		Needs: r.needs(nil),
	}
	for _, m := range roster.Members {
		switch m.Status {
		case schema.Active:
			p.Active = append(p.Active, m.Slug)
		case schema.Suspended:
			p.Paused = append(p.Paused, m.Slug)
		}
		if m.Status != schema.Removed {
			p.Seats = append(p.Seats, m.Slug)
		}
	}
	admins := keySlugs(roster.Admins)
	for _, slug := range p.Active {
		p.Admins = append(p.Admins, SeatChoice{slug, slices.Contains(admins, string(slug))})
	}
	for _, slug := range admins {
		if !slices.Contains(p.Active, schema.Slug(slug)) {
			p.Admins = append(p.Admins, SeatChoice{schema.Slug(slug), true})
		}
	}
	if len(p.Active) >= schema.MinKeepers {
		p.Keepers = r.keeperChoices(p.Active)
		p.Keep = r.L.Say("gov.propose.keepers.note", "least", schema.MinKeepers, "most", schema.MaxKeepers)
	}
	if terms := r.planTerms(); len(terms) > 0 {
		p.Plan = terms[len(terms)-1].hash.String()
	}
	return p
}

// needs says whose lines a change takes.
func (r *Reader) needs(change schema.Change) string {
	roster := r.State.Roster()
	if set, ok := change.(schema.SetAdmins); ok {
		return r.L.Say("gov.needs.both", "some", roster.Threshold, "all", len(roster.Admins), "newsome", set.Threshold, "newall", len(set.Admins))
	}
	if roster.Threshold == 1 {
		return r.L.Say("gov.needs.one")
	}
	return r.L.Say("gov.needs", "some", roster.Threshold, "all", len(roster.Admins))
}

// Field is what a form hands on.
type Field struct{ Name, Value string }

// ConfirmPage repeats in words what a form is about to do.
type ConfirmPage struct {
	Title  string
	Lines  []string
	Needs  string
	Plan   *PlanTerms
	Sight  *SightPage // of an admission
	Seated bool       // the applicant is a member already: it only needs an invitation
	Back   string
	Fields []Field
}

// ConfirmPage is the page between a form and the act.
func (r *Reader) ConfirmPage(change schema.Change, g Governing, people string) (ConfirmPage, error) {
	act := r.State.Act(schema.DateOf(r.Now), change)
	p := ConfirmPage{Title: r.L.Say("gov.confirm.title"), Lines: r.ActLines(act), Needs: r.needs(change), Back: r.Q.Link("/governance/propose")}
	if c, admits := change.(schema.Admit); admits {
		s := r.sight(g)
		p.Sight, p.Back, p.Seated = &s, r.Q.Link("/governance/admit"), r.Seated(c.Applicant)
	}
	if p.Seated {
		p.Title, p.Needs = r.L.Say("gov.seated.title"), ""
		p.Lines = []string{r.L.Say("gov.seated", "member", change.(schema.Admit).Slug)}
	}
	p.Fields = []Field{{"version", strconv.FormatUint(r.State.Roster().Version, 10)}}
	var err error
	p.Plan, err = r.planOf(act, people)
	return p, err
}

// Seated tells whether an active seat has exactly these keys.
func (r *Reader) Seated(a schema.Applicant) bool {
	m := r.State.Roster().Member(a.Slug)
	return m != nil && m.Status == schema.Active && m.MemberKey == a.MemberKey && m.BoxKey == a.BoxKey && m.NodeKey == a.NodeKey
}

// InvitedPage hands out an invitation, with the words to read.
type InvitedPage struct {
	Title  string
	Says   []string
	Words  string
	Fields []Field // of the form that downloads it
}

// InvitedPage is the page after an admission.
func (r *Reader) InvitedPage(member schema.Slug, g Governing) InvitedPage {
	return InvitedPage{
		Title: r.L.Say("gov.invited.title", "member", member), Words: g.Words,
		Says: []string{r.L.Say("gov.invited.file"), r.L.Say("gov.invited.words")},
	}
}
