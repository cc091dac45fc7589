package view

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// MembersPage answers: who is in the coalition, and by whose decision?
type MembersPage struct {
	Title    string
	Lead     string
	Rows     []MemberRow
	Disputes []DisputeCard // forks
	Alarms   []DisputeCard // two copies of a folder, or a keeper that signed twice
	Charter  []Term
	Admins   []Admin
	Plans    []PlanRow
	Governed Link   // where the acts are read
	Empty    *Start // no coalition yet: nothing else is set
}

// Start says what is missing and what to run next.
type Start struct {
	Says  []string
	Shell []Command
	Links []Link
}

// MemberRow is a seat.
type MemberRow struct {
	Slug        schema.Slug
	Self        bool
	Status      Mark
	Since       string // the day of admission
	First       string // the first period that it owes
	Fingerprint string
	Seen        Mark
	Held        string // how many notes of it are here
	Owes        string // what is missing; empty: nothing
	Regions     string
}

// Mark is a word with its look.
type Mark struct{ Class, Text string }

// Admin is who may sign acts.
type Admin struct {
	Slug        string
	Fingerprint string
}

// DisputeCard is two notes of a member that may not both stand.
type DisputeCard struct {
	Title string
	Says  string
	Notes []Link
}

// PlanRow is a plan with the periods that it governs.
type PlanRow struct {
	Hash    string
	State   Mark
	Periods string
	Adopted string
	Holds   string // how many tables, at what charge
	Note    Link
}

// ActRow is one line of the log, newest first.
type ActRow struct {
	Number string
	Date   string
	What   string
	Signed []schema.Slug
	Note   Link
}

// Members is the page of the roster. It needs a coalition.
func (r *Reader) Members(s Standing) (MembersPage, error) {
	roster, charter := r.State.Roster(), r.State.Charter()
	log, err := r.log()
	if err != nil {
		return MembersPage{}, err
	}
	p := MembersPage{
		Title: r.L.Say("members.title", "n", roster.Active()),
		Lead:  r.L.Say("members.lead", "some", roster.Threshold, "all", len(roster.Admins)),
		Charter: []Term{
			{Name: r.L.Say("members.coalition"), Text: string(charter.Name)},
			{Name: r.L.Say("members.founded"), Text: r.L.Date(charter.Date), Href: r.noteAt(r.State.ID())},
			{Name: r.L.Say("members.id"), Text: r.State.ID().String(), Code: true},
			{Name: r.L.Say("members.threshold"), Text: r.L.Say("members.threshold.of", "some", roster.Threshold, "all", len(roster.Admins))},
			{Name: r.L.Say("members.codebook"), Text: r.Codebook.Name + " " + r.Codebook.Version + " (" + charter.Codebook.Short() + ")", Code: true},
		},
		Plans: r.planRows(log), Governed: Link{r.Q.Link("/governance"), r.L.Say("members.governed")},
	}
	if first, joint := r.jointNow(); joint {
		p.Lead = spaced(p.Lead, r.L.Say("joint.members", "period", r.L.Period(first)))
	}
	for _, m := range roster.Members {
		p.Rows = append(p.Rows, r.memberRow(&m, s.Peers[m.Slug]))
	}
	for _, key := range roster.Admins {
		slug, _ := wire.SlugOf(key)
		p.Admins = append(p.Admins, Admin{string(slug), Fingerprint(key)})
	}
	for _, d := range r.Disputes {
		if d.Fork {
			p.Disputes = append(p.Disputes, r.disputeCard("members.dispute.title", "members.dispute", d))
		} else if d.asKeeper() {
			p.Alarms = append(p.Alarms, r.disputeCard("members.alarm.keeper.title", "members.alarm."+string(d.Kind), d))
		} else {
			p.Alarms = append(p.Alarms, r.disputeCard("members.alarm.title", "members.alarm", d))
		}
	}
	return p, nil
}

// MembersAlone is the page before there is a coalition.
func (r *Reader) MembersAlone() MembersPage {
	q := r.Q.kept()
	return MembersPage{Title: r.L.Say("members.alone.title"), Empty: &Start{
		Says: []string{r.L.Say("members.alone"), r.L.Say("members.alone.least", "n", schema.MinMembers)},
		Shell: []Command{
			{r.L.Say("members.do.found"), "tidemark coalition create --people 1000,700,500"},
			{r.L.Say("members.do.ask"), "tidemark coalition request -o ours.request"},
			{r.L.Say("members.do.join"), "tidemark coalition join ours.invitation"},
		},
		Links: []Link{{q.At("/cases"), r.L.Say("empty.own")}},
	}}
}

func (r *Reader) memberRow(m *schema.Member, peer Peer) MemberRow {
	self := m.Slug == r.Self
	row := MemberRow{
		Slug: m.Slug, Self: self, Since: r.L.Date(m.Admitted), First: r.L.Period(m.First), Regions: r.regions(m),
		Status: Mark{string(m.Status), r.L.Say("members.status." + string(m.Status))}, Fingerprint: Fingerprint(m.MemberKey),
		Held: r.L.Number(int64(peer.Head)), Seen: Mark{"off", r.L.Say("members.off")},
	}
	switch {
	case self:
		row.Seen = Mark{"on", r.L.Say("members.self")}
	case peer.Connected:
		row.Seen = Mark{"on", r.L.Say("members.on")}
	}
	if peer.Owes > 0 {
		row.Owes = r.L.Say("members.owes", "n", peer.Owes)
	}
	return row
}

func (r *Reader) disputeCard(title, says string, d Dispute) DisputeCard {
	card := DisputeCard{Title: r.L.Say(title), Says: r.L.Say(says, "member", d.Member, "number", int64(d.Sequence))}
	for i, id := range d.Notes {
		text := r.L.Say("members.dispute.note", "number", i+1, "member", d.Member)
		card.Notes = append(card.Notes, Link{r.noteAt(id), text})
	}
	return card
}

// Fingerprint is a key in short, for two people to compare over the phone: four groups of
// four digits of its hash.
func Fingerprint(key string) string {
	sum := schema.HashOf([]byte(key))
	digits := hex.EncodeToString(sum[:8])
	var groups []string
	for group := range slices.Chunk([]byte(digits), 4) {
		groups = append(groups, string(group))
	}
	return strings.Join(groups, " ")
}

// logged is a note of the coalition's log.
type logged struct {
	id      schema.Hash
	body    schema.Body // a Charter or an Act
	signers []schema.Slug
}

// log opens the charter and every act.
func (s *Snapshot) log() ([]logged, error) {
	return once(s, "log", func() ([]logged, error) {
		var out []logged
		for i, raw := range s.State.Log() {
			v, err := s.openLogged(i, raw)
			if err != nil {
				return nil, err
			}
			out = append(out, logged{id: v.ID(), body: v.Body(), signers: v.Slugs()})
		}
		return out, nil
	})
}

func (s *Snapshot) openLogged(version int, raw []byte) (wire.Verified, error) {
	if version == 0 {
		return wire.OpenCharter(raw)
	}
	return wire.Verify(raw, s.State.Ring())
}

func (r *Reader) actRows(log []logged) []ActRow {
	var out []ActRow
	for i, l := range slices.Backward(log) {
		row := ActRow{Number: r.L.Digits(strconv.Itoa(i)), Signed: l.signers}
		switch b := l.body.(type) {
		case schema.Charter:
			row.Date, row.What = r.L.Date(b.Date), r.L.Say("members.act.charter", "name", b.Name)
			row.Note = Link{r.noteAt(l.id), r.L.Say("members.act.open.charter")}
		case schema.Act:
			row.Date, row.What = r.L.Date(b.Date), r.changeWords(b.Change)
			row.Note = Link{r.noteAt(l.id), r.L.Say("members.act.open", "number", i)}
		}
		out = append(out, row)
	}
	return out
}

// changeWords says what an act does.
func (r *Reader) changeWords(c schema.Change) string {
	say := func(key string, member schema.Slug) string { return r.L.Say("members.act."+key, "member", member) }
	switch c := c.(type) {
	case schema.Admit:
		return r.L.Say("members.act.admit", "member", c.Slug, "period", r.L.Period(c.First))
	case schema.Suspend:
		return say("suspend", c.Member)
	case schema.Resume:
		return say("resume", c.Member)
	case schema.Remove:
		return say("remove", c.Member)
	case schema.ReplaceNode:
		return say("node", c.Member)
	case schema.ReplaceMember:
		return say("key", c.Member)
	case schema.SetAdmins:
		return r.L.Say("members.act.admins", "some", c.Threshold, "all", len(c.Admins))
	case schema.AdoptPlan:
		return r.L.Say("members.act.adopt", "plan", wire.PlanHash(c.Plan).Short())
	case schema.RetirePlan:
		return r.L.Say("members.act.retire", "plan", c.Plan.Short())
	case schema.RotateKey:
		return r.L.Say("members.act.rotate", "day", r.L.Date(c.From))
	case schema.AppointKeepers:
		return r.L.Say("members.act.keepers", "names", r.and(slugs(c.Keepers)))
	}
	return c.Verb()
}
