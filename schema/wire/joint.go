package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"tidemark/schema"
)

// Limits of the notes of a joint round.
const (
	maxContributions = schema.MaxContributions
	maxScalars       = schema.MaxJointCells + 1 // the cells, though several go into one, and one that blinds
	// maxSealed is room for the scalars of MaxJointCells cells, several in one, and for
	// what sealing adds, so that seven of them are one note.
	maxSealed = 32 << 10
)

var (
	scalarForm = form[[schema.ScalarSize]byte]{
		func(s [schema.ScalarSize]byte) string { return base64.StdEncoding.EncodeToString(s[:]) }, parseScalar,
	}
	keyBytesForm   = form[[]byte]{base64.StdEncoding.EncodeToString, parseKeyBytes}
	shareForm      = form[schema.SealedShare]{writeShare, parseShare}
	heldForm       = form[schema.HeldShare]{writeHeld, parseHeld}
	attributedForm = form[schema.Attributed]{writeAttributed, parseAttributed}
	voidForm       = form[bool]{writeResult, parseResult}
)

func roundLines(p *page, r *schema.Round) {
	field(p, "coalition", &r.Coalition, hashForm)
	field(p, "plan", &r.Plan, hashForm)
	field(p, "period", &r.Period, periodForm)
}

// keeperKeyLines (W35).
func keeperKeyLines(p *page, k *schema.KeeperKey) {
	roundLines(p, &k.Round)
	field(p, "keeper", &k.Keeper, slugForm)
	field(p, "made", &k.Made, momentForm)
	field(p, "key", &k.Key, keyBytesForm)
}

// contributionLines (W36).
func contributionLines(p *page, c *schema.Contribution) {
	roundLines(p, &c.Round)
	field(p, "member", &c.Member, slugForm)
	field(p, "unit", &c.Protection, unitForm)
	field(p, "charge", &c.Charge, charging)
	repeated(p, "share", &c.Shares, schema.MaxKeepers, shareForm)
	p.require(len(c.Shares) >= schema.MinKeepers, "share: want at least %d", schema.MinKeepers)
	keepers := map[schema.Slug]bool{}
	for _, s := range c.Shares {
		p.require(!keepers[s.Keeper], "share: two for one keeper")
		p.require(len(s.Sealed) == len(c.Shares[0].Sealed), "share: of different lengths")
		keepers[s.Keeper] = true
	}
}

// heldLines (W37).
func heldLines(p *page, h *schema.Held) {
	roundLines(p, &h.Round)
	field(p, "keeper", &h.Keeper, slugForm)
	repeated(p, "held", &h.Contributions, maxContributions, heldForm)
	rising(p, "held", h.Contributions, func(s schema.HeldShare) schema.Slug { return s.Member })
}

// agreementLines (W38).
func agreementLines(p *page, a *schema.Agreement) {
	roundLines(p, &a.Round)
	field(p, "result", &a.Void, voidForm)
	field(p, "unit", &a.Protection, unitForm)
	repeated(p, "list", &a.Lists, schema.MaxKeepers, attributedForm)
	repeated(p, "contribution", &a.Contributions, maxContributions, attributedForm)
	who := func(a schema.Attributed) schema.Slug { return a.Who }
	rising(p, "list", a.Lists, who)
	rising(p, "contribution", a.Contributions, who)
	p.require(len(a.Lists) >= schema.MinKeepers, "list: want at least %d", schema.MinKeepers)
	p.require(a.Void || len(a.Contributions) > 0, "contribution: want at least one")
}

// sumLines (W39).
func sumLines(p *page, s *schema.Sum) {
	linkLines(p, &s.Link)
	field(p, "plan", &s.Plan, hashForm)
	field(p, "period", &s.Period, periodForm)
	field(p, "agreement", &s.Agreement, hashForm)
	several(p, "scalar", &s.Scalars, maxScalars, scalarForm)
}

// rising holds lines to the order of the slugs that they begin with, each once.
func rising[T any](p *page, key string, all []T, slug func(T) schema.Slug) {
	for i := 1; i < len(all); i++ {
		p.require(slug(all[i-1]) < slug(all[i]), "%s: not sorted, or one slug twice", key)
	}
}

// strict decodes base64 in its one spelling: the decoder lets unused bits and newlines pass.
func strict(s string) ([]byte, error) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil || base64.StdEncoding.EncodeToString(b) != s {
		return nil, fmt.Errorf("want strict base64")
	}
	return b, nil
}

func parseScalar(s string) (out [schema.ScalarSize]byte, err error) {
	b, err := strict(s)
	if err != nil || len(b) != len(out) {
		return out, fmt.Errorf("want strict base64 of %d bytes", len(out))
	}
	out = [schema.ScalarSize]byte(b)
	return out, checkScalar(out)
}

// order is how many scalars ristretto255 has, 2^252 + 27742317777372353535851937790883648493,
// highest byte first.
var order, _ = hex.DecodeString("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed")

// checkScalar refuses a second spelling of a scalar, lowest byte first: some libraries
// refuse what passes the order, others take what is left of it (RFC 9496, 4.4).
func checkScalar(s [schema.ScalarSize]byte) error {
	slices.Reverse(s[:])
	if bytes.Compare(s[:], order) >= 0 {
		return fmt.Errorf("want a scalar below the group's order")
	}
	return nil
}

func parseKeyBytes(s string) ([]byte, error) {
	b, err := strict(s)
	if err != nil || len(b) != schema.KeeperKeySize {
		return nil, fmt.Errorf("want strict base64 of %d bytes", schema.KeeperKeySize)
	}
	return b, nil
}

func writeShare(s schema.SealedShare) string {
	return fmt.Sprintf("%s %s %s", s.Keeper, s.Key, base64.StdEncoding.EncodeToString(s.Sealed))
}

func parseShare(s string) (out schema.SealedShare, err error) {
	w := strings.SplitN(s, " ", 3)
	if len(w) != 3 {
		return out, fmt.Errorf("want a keeper, a key's id and base64")
	}
	if out.Keeper, err = schema.ParseSlug(w[0]); err != nil {
		return out, err
	}
	if out.Key, err = schema.ParseHash(w[1]); err != nil {
		return out, err
	}
	if out.Sealed, err = strict(w[2]); err == nil && (len(out.Sealed) == 0 || len(out.Sealed) > maxSealed) {
		err = fmt.Errorf("want 1 to %d bytes", maxSealed)
	}
	return out, err
}

func writeHeld(h schema.HeldShare) string {
	return fmt.Sprintf("%s %s %s %s", h.Member, h.ID, h.Check, h.Protection)
}

func parseHeld(s string) (out schema.HeldShare, err error) {
	s, unit, ok := cutLast(s)
	who, check, also := cutLast(s)
	if !ok || !also {
		return out, fmt.Errorf("want a member, a contribution's id, a check value and what it protects")
	}
	if out.Protection = schema.Protection(unit); !out.Protection.Valid() {
		return out, fmt.Errorf("want id, composite or case at the end")
	}
	if out.Check, err = schema.ParseHash(check); err != nil {
		return out, err
	}
	if err := checkScalar(out.Check); err != nil {
		return out, err
	}
	a, err := parseAttributed(who)
	out.Member, out.ID = a.Who, a.ID
	return out, err
}

func writeAttributed(a schema.Attributed) string { return fmt.Sprintf("%s %s", a.Who, a.ID) }

func parseAttributed(s string) (out schema.Attributed, err error) {
	who, id, ok := cutLast(s)
	if !ok {
		return out, fmt.Errorf("want a slug and an id")
	}
	if out.Who, err = schema.ParseSlug(who); err != nil {
		return out, err
	}
	out.ID, err = schema.ParseHash(id)
	return out, err
}

func cutLast(s string) (before, after string, ok bool) {
	at := strings.LastIndexByte(s, ' ')
	if at < 0 {
		return "", "", false
	}
	return s[:at], s[at+1:], true
}

const (
	resultSum  = "sum"
	resultVoid = "void"
)

func writeResult(void bool) string {
	if void {
		return resultVoid
	}
	return resultSum
}

func parseResult(s string) (bool, error) {
	if s != resultSum && s != resultVoid {
		return false, fmt.Errorf("want %s or %s", resultSum, resultVoid)
	}
	return s == resultVoid, nil
}
