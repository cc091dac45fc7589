package wire

import (
	"fmt"
	"strings"

	"tidemark/schema"
)

// Limits of lists in a text (W24, W25).
const (
	maxAdmins    = MaxSignatures
	maxAddresses = 16
	maxRegions   = schema.MaxCodes
)

// Text writes the canonical text of a body: one of schema's kinds, by value. It refuses
// a body that has no text form, so whatever it returns Parse reads back as the same body.
func Text(b schema.Body) (string, error) {
	p := &page{}
	transcribe(p, b)
	text := p.out.String()
	if p.err == nil && len(text) > MaxNote {
		p.fail("%d bytes, at most %d", len(text), MaxNote)
	}
	if p.err != nil {
		return "", fmt.Errorf("text of %s: %w", p.what, p.err)
	}
	return text, nil
}

// Parse reads a text, strictly: Text of what it returns is the text again. The body is
// a value of one of schema's kinds, never a pointer.
func Parse(text string) (schema.Body, error) {
	if len(text) > MaxNote {
		return nil, fmt.Errorf("text: %d bytes, at most %d", len(text), MaxNote)
	}
	if err := checkCharacters(text); err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	b := blank(text)
	if b == nil {
		return nil, fmt.Errorf("text: line 1: no kind and version known here")
	}
	p := &page{reading: true, rest: text}
	b = transcribe(p, b)
	p.end()
	if p.err != nil {
		return nil, fmt.Errorf("text of %s: %w", p.what, p.err)
	}
	return b, nil
}

func title(k schema.Kind) string { return "tidemark/" + string(k) + "/v1" }

// blank is an empty body of the kind that the first line names, or nil (W13).
func blank(text string) schema.Body {
	first, _, _ := strings.Cut(text, "\n")
	for _, b := range []schema.Body{
		schema.Charter{}, schema.Act{}, schema.Request{}, schema.Declaration{},
		schema.Intent{}, schema.Release{}, schema.Void{}, schema.Notice{},
		schema.Capacity{}, schema.Check{}, schema.Head{},
		schema.KeeperKey{}, schema.Contribution{}, schema.Held{}, schema.Agreement{}, schema.Sum{},
		schema.Attestation{}, schema.Holding{}, schema.Answer{}, schema.Printing{},
	} {
		if first == title(b.Kind()) {
			return b
		}
	}
	return nil
}

// transcribe goes through the lines of b, either way, and returns what stands in them.
func transcribe(p *page, b schema.Body) schema.Body {
	switch b := b.(type) {
	case schema.Charter:
		return through(p, b, charterLines)
	case schema.Act:
		return through(p, b, actLines)
	case schema.Request:
		return through(p, b, func(p *page, r *schema.Request) { applicantLines(p, &r.Applicant) })
	case schema.Declaration:
		return through(p, b, declarationLines)
	case schema.Intent:
		return through(p, b, intentLines)
	case schema.Release:
		return through(p, b, releaseLines)
	case schema.Void:
		return through(p, b, voidLines)
	case schema.Notice:
		return through(p, b, noticeLines)
	case schema.Capacity:
		return through(p, b, capacityLines)
	case schema.Check:
		return through(p, b, checkLines)
	case schema.Head:
		return through(p, b, headLines)
	case schema.KeeperKey:
		return through(p, b, keeperKeyLines)
	case schema.Contribution:
		return through(p, b, contributionLines)
	case schema.Held:
		return through(p, b, heldLines)
	case schema.Agreement:
		return through(p, b, agreementLines)
	case schema.Sum:
		return through(p, b, sumLines)
	}
	return transcribeBrief(p, b)
}

// transcribeBrief is transcribe for the kinds about a brief.
func transcribeBrief(p *page, b schema.Body) schema.Body {
	switch b := b.(type) {
	case schema.Attestation:
		return through(p, b, attestationLines)
	case schema.Holding:
		return through(p, b, holdingLines)
	case schema.Answer:
		return through(p, b, answerLines)
	case schema.Printing:
		return through(p, b, printingLines)
	}
	p.what = "body"
	p.fail("want one of schema's kinds, by value")
	return b
}

func through[T schema.Body](p *page, b T, lines func(*page, *T)) schema.Body {
	p.what = string(b.Kind())
	p.word(title(b.Kind()))
	lines(p, &b)
	return b
}

var (
	counting = integer[uint64](1, maxInteger)
	charging = integer[schema.Charge](0, maxInteger)
)

// linkLines place a note in its feed (W20).
func linkLines(p *page, l *schema.Link) {
	field(p, "coalition", &l.Coalition, hashForm)
	field(p, "member", &l.Member, slugForm)
	field(p, "sequence", &l.Sequence, counting)
	field(p, "previous", &l.Previous, hashForm)
	p.require((l.Sequence == 1) == l.Previous.IsZero(), "previous: want zeros for sequence 1 and only there")
}

func declarationLines(p *page, d *schema.Declaration) {
	linkLines(p, &d.Link)
	field(p, "share", &d.Share, charging)
}

func releaseLines(p *page, r *schema.Release) {
	linkLines(p, &r.Link)
	field(p, "salt", &r.Salt, hashForm)
	field(p, "plan", &r.Plan, hashForm)
	field(p, "period", &r.Period, periodForm)
	field(p, "unit", &r.Protection, unitForm)
	field(p, "charge", &r.Charge, charging)
	tableBlocks(p, &r.Tables)
}

func intentLines(p *page, i *schema.Intent) {
	field(p, "coalition", &i.Coalition, hashForm)
	field(p, "member", &i.Member, slugForm)
	field(p, "sequence", &i.Sequence, counting)
	field(p, "plan", &i.Plan, hashForm)
	field(p, "period", &i.Period, periodForm)
	field(p, "charge", &i.Charge, charging)
	field(p, "roster", &i.Roster, integer[uint64](0, maxInteger))
	field(p, "release", &i.Release, hashForm)
}

func voidLines(p *page, v *schema.Void) {
	linkLines(p, &v.Link)
	field(p, "plan", &v.Plan, hashForm)
	field(p, "period", &v.Period, periodForm)
	field(p, "charge", &v.Charge, charging)
	field(p, "intent", &v.Intent, hashForm)
}

func noticeLines(p *page, n *schema.Notice) {
	linkLines(p, &n.Link)
	field(p, "release", &n.Release, hashForm)
	field(p, "reason", &n.Reason, reasonForm)
}

func checkLines(p *page, c *schema.Check) {
	field(p, "coalition", &c.Coalition, hashForm)
	field(p, "member", &c.Member, slugForm)
	field(p, "asked", &c.Asked, momentForm)
	field(p, "nonce", &c.Nonce, hashForm)
}

// headLines are what a witness says of a member's feed (W34).
func headLines(p *page, h *schema.Head) {
	field(p, "coalition", &h.Coalition, hashForm)
	field(p, "member", &h.Member, slugForm)
	field(p, "witness", &h.Witness, slugForm)
	p.require(h.Witness != h.Member, "witness: is the member itself")
	field(p, "nonce", &h.Nonce, hashForm)
	field(p, "sequence", &h.Sequence, integer[uint64](0, maxInteger))
	field(p, "last", &h.Last, hashForm)
	p.require((h.Sequence == 0) == h.Last.IsZero(), "last: want zeros for sequence 0 and only there")
	repeated(p, "intent", &h.Intents, schema.MaxPending, hashForm)
}

func charterLines(p *page, c *schema.Charter) {
	field(p, "name", &c.Name, slugForm)
	field(p, "date", &c.Date, dateForm)
	field(p, "codebook", &c.Codebook, hashForm)
	adminLines(p, &c.Threshold, &c.Admins)
	quotedPlan(p, &c.Plan)
}

// adminLines are the threshold and the member keys that it counts (W25).
func adminLines(p *page, threshold *int, admins *[]string) {
	field(p, "threshold", threshold, integer[int](1, maxAdmins))
	repeated(p, "admin", admins, maxAdmins, verifierForm)
	p.require(*threshold <= len(*admins), "threshold: more than the %d admins", len(*admins))
	slugs := map[string]bool{}
	for _, key := range *admins {
		slug, _, _ := strings.Cut(key, "+")
		p.require(!slugs[slug], "admin: two keys of one slug")
		slugs[slug] = true
	}
}

// applicantLines say who asks or is admitted (W24).
func applicantLines(p *page, a *schema.Applicant) {
	field(p, "member", &a.Slug, slugForm)
	field(p, "member-key", &a.MemberKey, verifierForm)
	p.requireOwnKey(a.Slug, a.MemberKey)
	field(p, "box-key", &a.BoxKey, boxForm)
	field(p, "node-key", &a.NodeKey, nodeForm)
	repeated(p, "address", &a.Addresses, maxAddresses, addressForm)
	repeated(p, "region", &a.Regions, maxRegions, codeForm)
}

func (p *page) requireOwnKey(slug schema.Slug, key string) {
	p.require(strings.HasPrefix(key, string(slug)+"+"), "member-key: is another member's")
}
