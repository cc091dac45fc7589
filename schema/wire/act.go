package wire

import (
	"fmt"
	"strings"

	"tidemark/schema"
)

func actLines(p *page, a *schema.Act) {
	field(p, "coalition", &a.Coalition, hashForm)
	field(p, "version", &a.Version, counting)
	field(p, "previous", &a.Previous, hashForm)
	field(p, "date", &a.Date, dateForm)
	field(p, "expires", &a.Expires, dateForm)
	if !p.reading && a.Change == nil {
		p.fail("act: no change")
	}
	if p.err != nil {
		return
	}
	verb := ""
	if !p.reading {
		verb = a.Change.Verb()
	}
	field(p, "act", &verb, form[string]{itself, parseVerb})
	if p.reading {
		a.Change = blankChange(verb)
	}
	a.Change = changeLines(p, a.Change)
}

// blankChange is an empty change for a verb, or nil (W29).
func blankChange(verb string) schema.Change {
	for _, c := range []schema.Change{
		schema.Admit{}, schema.Suspend{}, schema.Resume{}, schema.Remove{}, schema.ReplaceNode{},
		schema.ReplaceMember{}, schema.SetAdmins{}, schema.AdoptPlan{}, schema.RetirePlan{}, schema.RotateKey{},
		schema.AppointKeepers{},
	} {
		if c.Verb() == verb {
			return c
		}
	}
	return nil
}

func parseVerb(s string) (string, error) {
	if blankChange(s) == nil {
		return "", fmt.Errorf("no such change known here")
	}
	return s, nil
}

// changeLines goes through the lines of c, either way, and returns what stands in them.
func changeLines(p *page, c schema.Change) schema.Change {
	switch c := c.(type) {
	case schema.Admit:
		applicantLines(p, &c.Applicant)
		field(p, "first", &c.First, quarterForm)
		return c
	case schema.Suspend:
		field(p, "member", &c.Member, slugForm)
		return c
	case schema.Resume:
		field(p, "member", &c.Member, slugForm)
		return c
	case schema.Remove:
		field(p, "member", &c.Member, slugForm)
		if p.reading && strings.HasPrefix(p.rest, keyFrom+" ") || !p.reading && c.Key != (schema.NetworkKey{}) {
			networkKeyLines(p, &c.Key)
		}
		return c
	case schema.RotateKey:
		networkKeyLines(p, &c.NetworkKey)
		return c
	case schema.AppointKeepers:
		repeated(p, "keeper", &c.Keepers, schema.MaxKeepers, slugForm)
		p.require(len(c.Keepers) >= schema.MinKeepers, "keeper: want at least %d", schema.MinKeepers)
		return c
	case schema.ReplaceNode:
		field(p, "member", &c.Member, slugForm)
		field(p, "node-key", &c.NodeKey, nodeForm)
		repeated(p, "address", &c.Addresses, maxAddresses, addressForm)
		return c
	case schema.ReplaceMember:
		replaceMemberLines(p, &c)
		return c
	case schema.SetAdmins:
		adminLines(p, &c.Threshold, &c.Admins)
		return c
	case schema.AdoptPlan:
		quotedPlan(p, &c.Plan)
		return c
	case schema.RetirePlan:
		field(p, "plan", &c.Plan, hashForm)
		return c
	}
	if p.err == nil {
		p.fail("act: want one of schema's changes, by value")
	}
	return c
}

const keyFrom = "network-key-from"

// networkKeyLines are a network key, sealed (W33).
func networkKeyLines(p *page, k *schema.NetworkKey) {
	field(p, keyFrom, &k.From, dateForm)
	field(p, "network-key", &k.Sealed, sealedForm)
}

// replaceMemberLines name the head that feed and ledger go on from (W30).
func replaceMemberLines(p *page, r *schema.ReplaceMember) {
	field(p, "member", &r.Member, slugForm)
	field(p, "member-key", &r.MemberKey, verifierForm)
	p.requireOwnKey(r.Member, r.MemberKey)
	field(p, "box-key", &r.BoxKey, boxForm)
	field(p, "sequence", &r.Sequence, integer[uint64](0, maxInteger))
	field(p, "head", &r.Head, hashForm)
	p.require((r.Sequence == 0) == r.Head.IsZero(), "head: want zeros for sequence 0 and only there")
}
