package coalition

import (
	"fmt"
	"slices"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// statusAt is a status and the version since which a seat has it, with the first period
// that the member owed then: who comes back may owe from a later one on.
type statusAt struct {
	version uint64
	status  schema.Status
	first   schema.Period
}

// change does what an act says, or refuses. It writes to a clone.
func (s *State) change(a schema.Act) error {
	switch c := a.Change.(type) {
	case schema.Admit:
		return s.admit(c, a.Date)
	case schema.Suspend:
		return s.move(c.Member, schema.Suspended, schema.Active)
	case schema.Resume:
		return s.move(c.Member, schema.Active, schema.Suspended)
	case schema.Remove:
		return s.remove(c, a.Date)
	case schema.ReplaceNode:
		return s.replaceNode(c)
	case schema.ReplaceMember:
		return s.replaceMember(c)
	case schema.SetAdmins:
		return s.setAdmins(c)
	case schema.AdoptPlan:
		return s.adopt(c.Plan, a.Date)
	case schema.RetirePlan:
		return s.retire(c.Plan, a.Date)
	case schema.RotateKey:
		return s.rotate(c.NetworkKey, a.Date)
	case schema.AppointKeepers:
		return s.appoint(c.Keepers)
	}
	return fmt.Errorf("no such change known here")
}

// admit seats a new member, or one that was removed, under its old slug and key (C8 to C11).
func (s *State) admit(c schema.Admit, date schema.Date) error {
	if err := s.freeNode(c.NodeKey, c.Slug); err != nil {
		return err
	}
	if m := s.roster.Member(c.Slug); m != nil {
		return s.readmit(m, c)
	}
	for _, key := range s.roster.Admins {
		if slug, err := wire.SlugOf(key); err != nil || slug == c.Slug && key != c.MemberKey {
			return fmt.Errorf("member key: an admin has the slug under another key")
		}
	}
	if err := s.learn(c.MemberKey); err != nil {
		return err
	}
	s.roster.Members = append(s.roster.Members, schema.Member{Applicant: c.Applicant, First: c.First, Admitted: date})
	s.statuses = append(s.statuses, nil)
	s.set(len(s.roster.Members)-1, schema.Active)
	return nil
}

// readmit resumes a seat: its place in the roster, its feed and its ledger go on.
func (s *State) readmit(m *schema.Member, c schema.Admit) error {
	switch {
	case m.Status != schema.Removed:
		return fmt.Errorf("member: the slug is taken")
	case m.MemberKey != c.MemberKey:
		return fmt.Errorf("member: the slug was another key's")
	case c.First.Before(m.First):
		return fmt.Errorf("first: before the seat's own first period")
	}
	m.Applicant, m.First = c.Applicant, c.First
	s.set(s.seat(c.Slug), schema.Active)
	return nil
}

// move gives a seat another status, from one of those named (C12).
func (s *State) move(member schema.Slug, to schema.Status, from ...schema.Status) error {
	m, err := s.seated(member, from...)
	if err != nil {
		return err
	}
	s.set(s.seat(m.Slug), to)
	return nil
}

func (s *State) set(seat int, status schema.Status) {
	m := &s.roster.Members[seat]
	m.Status = status
	s.statuses[seat] = append(slices.Clip(s.statuses[seat]), statusAt{s.roster.Version, status, m.First})
}

// seated finds a member that has one of some statuses.
func (s *State) seated(member schema.Slug, statuses ...schema.Status) (*schema.Member, error) {
	m := s.roster.Member(member)
	if m == nil {
		return nil, fmt.Errorf("member: no such seat")
	}
	if !slices.Contains(statuses, m.Status) {
		return nil, fmt.Errorf("member: is %s", m.Status)
	}
	return m, nil
}

// seat is a member's place in the order of admission, or -1.
func (s *State) seat(member schema.Slug) int {
	return slices.IndexFunc(s.roster.Members, func(m schema.Member) bool { return m.Slug == member })
}

// freeNode checks that a node key is no other seat's, removed ones included (C11).
func (s *State) freeNode(nodeKey string, of schema.Slug) error {
	for _, m := range s.roster.Members {
		if m.NodeKey == nodeKey && m.Slug != of {
			return fmt.Errorf("node key: is another seat's")
		}
	}
	return nil
}

func (s *State) replaceNode(c schema.ReplaceNode) error {
	m, err := s.seated(c.Member, schema.Active, schema.Suspended)
	if err != nil {
		return err
	}
	if err := s.freeNode(c.NodeKey, c.Member); err != nil {
		return err
	}
	m.NodeKey, m.Addresses = c.NodeKey, c.Addresses
	return nil
}

// replaceMember gives a seat a key that nobody ever had; feed and ledger go on from the
// head it names, which cannot go back (C13).
func (s *State) replaceMember(c schema.ReplaceMember) error {
	m, err := s.seated(c.Member, schema.Active, schema.Suspended)
	if err != nil {
		return err
	}
	if c.Sequence < m.Sequence || c.Sequence == m.Sequence && c.Head != m.Head {
		return fmt.Errorf("head: goes back behind the one named before")
	}
	before := len(s.owners)
	if err := s.learn(c.MemberKey); err != nil {
		return err
	}
	if len(s.owners) == before {
		return fmt.Errorf("member key: was in use before")
	}
	m.MemberKey, m.BoxKey, m.Sequence, m.Head = c.MemberKey, c.BoxKey, c.Sequence, c.Head
	return nil
}

// setAdmins names who signs from the next act on. An admin that has a seat signs with
// the seat's present key (C14).
func (s *State) setAdmins(c schema.SetAdmins) error {
	for _, key := range c.Admins {
		slug, err := wire.SlugOf(key)
		if err != nil {
			return err
		}
		m := s.roster.Member(slug)
		if m != nil && (m.MemberKey != key || m.Status == schema.Removed) {
			return fmt.Errorf("admin: has a seat under another key, or has lost it")
		}
		if err := s.learn(key); err != nil {
			return err
		}
	}
	s.roster.Threshold, s.roster.Admins = c.Threshold, c.Admins
	return nil
}
