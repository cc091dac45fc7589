package wire

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tidemark/schema"
)

func TestSignersNeedASlugAndAKey(t *testing.T) {
	if _, err := NewSigner("Quiet-Heron", keyOf(me)); err == nil {
		t.Error("a capital in the slug: accepted")
	}
	if _, err := NewSigner(me, keyOf(me)[:32]); err == nil {
		t.Error("half a key: accepted")
	}
	s := signer(me)
	if slug, err := SlugOf(s.VerifierKey()); err != nil || slug != me || s.Slug() != me {
		t.Errorf("slug of the key: %q, %v", slug, err)
	}
}

func TestVerifierKeysHaveOneSpelling(t *testing.T) {
	key := signer(me).VerifierKey()
	for _, spelling := range []string{"", "quiet-heron", key + "\n", key + "=", strings.Replace(key, "+b3ca191c", "+B3CA191C", 1), " " + key, key[:len(key)-4] + "\n" + key[len(key)-4:]} {
		if _, err := NewRing(spelling); err == nil {
			t.Errorf("accepted a spelling of %d characters", len(spelling))
		}
	}
}

// Two keys of one slug and one 32-bit hash can be found by trying; the ring is where
// that must fail. The collision is put in by hand.
func TestRingRefusesTwoKeysUnderOneHash(t *testing.T) {
	k := signer(me).known
	forged := k
	forged.text = otherHeron().VerifierKey()
	if _, err := (Ring{keyring{k.id: forged}}).With(k.text); err == nil {
		t.Error("accepted")
	}
	if _, err := NewRing(k.text, k.text); err != nil {
		t.Errorf("one key named twice: %v", err)
	}
}

func TestRingDoesNotChange(t *testing.T) {
	before, err := NewRing(ringKeys()[0])
	must(t, err)
	_, err = before.With(signer(me).VerifierKey())
	must(t, err)
	if _, err := Verify(signed(sampleRelease(), me), before); !errors.Is(err, ErrUnknownSigner) {
		t.Errorf("have %v", err)
	}
}

func TestUniteJoinsTheLinesOfOneText(t *testing.T) {
	act := sampleAct(sampleChanges()[1])
	want := signed(act, known[:3]...)
	for _, pair := range [][2][]byte{
		{signed(act, known[0]), signed(act, known[1:3]...)},
		{signed(act, known[:2]...), signed(act, known[1:3]...)},
		{signed(act, known[2]), signed(act, known[:2]...)},
		{want, signed(act, known[1])},
	} {
		if have, err := Unite(pair[0], pair[1]); err != nil || !bytes.Equal(have, want) {
			t.Errorf("%v\n%s", err, have)
		}
	}
	lines := func(raw []byte) string { return string(raw[bytes.Index(raw, []byte("\n\n"))+2:]) }
	forged := []byte(text(act) + "\n" + lines(signed(sampleAct(sampleChanges()[2]), known[1])))
	for name, pair := range map[string][2][]byte{
		"two texts":     {want, signed(sampleAct(sampleChanges()[2]), known[0])},
		"two lines":     {want, forged},
		"no note":       {want, []byte("tidemark/act/v1\n")},
		"no note first": {nil, want},
		"not a member":  {signed(sampleRelease(), me), []byte(text(sampleRelease()) + "\n" + lines(signed(act, known[0])))},
	} {
		if _, err := Unite(pair[0], pair[1]); err == nil {
			t.Errorf("%s: united", name)
		}
	}
}

func TestCosignersInAnyOrderGiveOneNote(t *testing.T) {
	want := signed(sampleIntent(), known...)
	for _, order := range [][]string{{me, "amber-finch", "slow-river", "north-otter"}, {me, "north-otter", "slow-river", "amber-finch"}} {
		raw := signed(sampleIntent(), order[0])
		for _, slug := range order[1:] {
			var err error
			raw, err = Cosign(raw, signer(slug))
			must(t, err)
		}
		if !bytes.Equal(raw, want) {
			t.Error("another note")
		}
	}
	if _, err := Cosign(want, signer("amber-finch")); err == nil {
		t.Error("a second line of one key: accepted")
	}
	if _, err := Cosign(want, otherHeron()); err == nil {
		t.Error("a second line of one slug: accepted")
	}
	if _, err := Cosign(signed(sampleRelease(), me), signer("amber-finch")); err == nil {
		t.Error("a witness's line on a release: accepted")
	}
}

func TestSignRefusesWhatVerifyWould(t *testing.T) {
	for name, try := range map[string]func() ([]byte, error){
		"no signer":            func() ([]byte, error) { return Sign(sampleRelease()) },
		"another's release":    func() ([]byte, error) { return Sign(sampleRelease(), signer("amber-finch")) },
		"witnesses alone":      func() ([]byte, error) { return Sign(sampleIntent(), signer("amber-finch")) },
		"no admin":             func() ([]byte, error) { return Sign(sampleCharter()) },
		"one signer twice":     func() ([]byte, error) { return Sign(sampleAct(schema.Resume{Member: me}), signers(me, me)...) },
		"no body":              func() ([]byte, error) { return Sign(nil, signer(me)) },
		"a pointer to a body":  func() ([]byte, error) { return Sign(new(sampleRelease()), signer(me)) },
		"a pointer to nothing": func() ([]byte, error) { return Sign((*schema.Release)(nil), signer(me)) },
	} {
		if _, err := try(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// What a text cannot say is refused when it is written, not lost.
func TestTextRefusesBodiesWithoutATextForm(t *testing.T) {
	release := func(spoil func(*schema.Release)) schema.Body {
		r := sampleRelease()
		r.Tables = slices.Clone(r.Tables)
		spoil(&r)
		return r
	}
	act := func(c schema.Change) schema.Body { return sampleAct(c) }
	plan := func(spoil func(*schema.Plan)) schema.Body {
		p := samplePlan()
		spoil(&p)
		return act(schema.AdoptPlan{Plan: p})
	}
	applicant := func(spoil func(*schema.Applicant)) schema.Body {
		a := sampleApplicant()
		spoil(&a)
		return schema.Request{Applicant: a}
	}
	for name, b := range map[string]schema.Body{
		"no member":           release(func(r *schema.Release) { r.Member = "" }),
		"newline in a slug":   release(func(r *schema.Release) { r.Member = "quiet\nheron" }),
		"no period":           release(func(r *schema.Release) { r.Period = schema.Period{} }),
		"ninth quarter":       release(func(r *schema.Release) { r.Period.Quarter = 9 }),
		"no unit":             release(func(r *schema.Release) { r.Protection = "" }),
		"negative charge":     release(func(r *schema.Release) { r.Charge = -1 }),
		"sequence over 2^63":  release(func(r *schema.Release) { r.Sequence = 1<<63 + 1 }),
		"no tables":           release(func(r *schema.Release) { r.Tables = nil }),
		"cells missing":       release(func(r *schema.Release) { r.Tables[0].Cells = r.Tables[0].Cells[1:] }),
		"cell out of range":   release(func(r *schema.Release) { r.Tables[1].Cells = []int64{0, 1, 2, 3, maxInteger + 1} }),
		"no axis":             release(func(r *schema.Release) { r.Tables[0].Table.Axes = nil }),
		"people with a limit": release(func(r *schema.Release) { r.Tables[0].Measure.Limit = 3 }),
		"no change":           act(nil),
		"pointer to a change": act(&schema.Suspend{Member: me}),
		"first a year":        act(schema.Admit{Applicant: sampleApplicant(), First: schema.Period{Year: 2026}}),
		"local with honest":   plan(func(p *schema.Plan) { p.Honest = 5 }),
		"half hour":           plan(func(p *schema.Plan) { p.Slot.Hour = 24 }),
		"table twice":         plan(func(p *schema.Plan) { p.Tables = append(p.Tables, p.Tables[0]) }),
		"year 10000":          plan(func(p *schema.Plan) { p.First.Year = 10000 }),
		"newline in address":  applicant(func(a *schema.Applicant) { a.Addresses = []string{"/ip4/192.0.2.7\nregion x"} }),
		"another's key":       applicant(func(a *schema.Applicant) { a.MemberKey = ringKeys()[0] }),
		"no box key":          applicant(func(a *schema.Applicant) { a.BoxKey = "" }),
		"no node key":         applicant(func(a *schema.Applicant) { a.NodeKey = "" }),
		"date before 1970":    schema.Charter{Name: "calm-delta", Date: -1, Threshold: 1, Admins: ringKeys(), Plan: samplePlan()},
	} {
		if _, err := Text(b); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestEveryKindSurvivesItsText(t *testing.T) {
	made := []string{signer(string(schema.CoSigner)).VerifierKey(), signer(string(schema.CaseHolder)).VerifierKey()}
	ring, err := NewRing(append(ringKeys(), made...)...)
	must(t, err)
	seen := map[schema.Kind]bool{}
	for _, b := range samples() {
		seen[b.Kind()] = true
		v, err := Verify(signed(b, signerOf(b)), ring)
		must(t, err)
		if !reflect.DeepEqual(v.Body(), b) {
			t.Errorf("%s: reads back as another body", b.Kind())
		}
		if peeked, err := Peek(v.Raw()); err != nil || !reflect.DeepEqual(peeked, b) {
			t.Errorf("%s: peeks as another body: %v", b.Kind(), err)
		}
	}
	if len(seen) != 20 {
		t.Errorf("%d kinds", len(seen))
	}
}

func signerOf(b schema.Body) string {
	switch b := b.(type) {
	case schema.Head:
		return string(b.Witness)
	case schema.KeeperKey:
		return string(b.Keeper)
	case schema.Held:
		return string(b.Keeper)
	case schema.Attestation, schema.Printing:
		return string(schema.CoSigner)
	case schema.Holding:
		return string(schema.CaseHolder)
	case schema.Linked:
		return string(b.Place().Member)
	}
	return me
}

func TestVerifiedKeepsItsBytes(t *testing.T) {
	ring, err := NewRing(ringKeys()...)
	must(t, err)
	raw := signed(sampleIntent(), known...)
	v, err := Verify(raw, ring)
	must(t, err)
	raw[100] ^= 1
	if !bytes.Equal(v.Raw(), signed(sampleIntent(), known...)) {
		t.Error("changed with the caller's slice")
	}
	if got := v.Signers(); !slices.Equal(got, ringKeys()) {
		t.Errorf("signers %v", got)
	}
	if v.SignedBy(ringKeys()[:2]) != 2 || v.SignedBy([]string{otherHeron().VerifierKey()}) != 0 {
		t.Error("counts the wrong signers")
	}
}

func TestOneFlippedByteIsNeverAccepted(t *testing.T) {
	ring, err := NewRing(ringKeys()...)
	must(t, err)
	raw := signed(sampleIntent(), known...)
	for i := range raw {
		for _, bit := range []byte{1, 0x20, 0x80} {
			raw[i] ^= bit
			if _, err := Verify(raw, ring); err == nil {
				t.Errorf("byte %d, bit %x: accepted", i, bit)
			}
			raw[i] ^= bit
		}
	}
}

// An error may name a place and a rule, never what stands there.
func TestErrorsShowNoValues(t *testing.T) {
	const secret = "31337"
	for _, raw := range [][]byte{
		forced(edit(text(sampleRelease()), "-640 ", "0"+secret+" "), me),
		forced(edit(text(sampleRelease()), "sequence 14", "sequence 0"+secret), me),
		forced(edit(text(sampleRelease()), "member quiet-heron", "member Q"+secret), me),
		forced(edit(text(sampleRelease()), "salt ", "salt "+secret), me),
	} {
		_, err := Verify(raw, Ring{})
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("have %v", err)
		}
	}
}

func TestPackRefuses(t *testing.T) {
	n := signed(sampleDeclaration(), me)
	for name, notes := range map[string][][]byte{
		"nothing":         nil,
		"nine":            slicesOf(n, 9),
		"an empty note":   {n, nil},
		"no newline":      {n[:len(n)-1]},
		"something else":  {[]byte("hello\n")},
		"too large":       {append([]byte("tidemark/"), bytes.Repeat([]byte("\n"), MaxNote)...)},
		"large together ": slicesOf(append([]byte("tidemark/"), bytes.Repeat([]byte("\n"), MaxNote/2)...), 3),
	} {
		if _, err := Pack(notes...); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestTextsAreAtMost256KiB(t *testing.T) {
	r := fullRelease()
	for i := range r.Tables[0].Cells {
		r.Tables[0].Cells[i] = maxInteger
	}
	if _, err := Text(r); err == nil {
		t.Error("written")
	}
	long := largest() + strings.Repeat("0", 1)
	_, err := Parse(long)
	_, planErr := ParsePlan(long)
	for _, err := range []error{err, planErr} {
		if err == nil || !strings.Contains(err.Error(), "at most 262144") {
			t.Errorf("read: %v", err)
		}
	}
}

func TestPlanHashIsOfItsText(t *testing.T) {
	if PlanHash(samplePlan()) != hash(PlanText(samplePlan())) || PlanHash(samplePlan()) == PlanHash(jointPlan()) {
		t.Error("not the hash of the text")
	}
}

func TestNodeKeysAreEd25519PeerIDs(t *testing.T) {
	// From the libp2p specification of peer ids.
	const published = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA"
	for _, ok := range []string{published, nodeKey(me)} {
		if _, err := parseNodeKey(ok); err != nil {
			t.Errorf("%s: %v", ok, err)
		}
	}
	for _, no := range []string{"", "1" + published[:51], published + "A", strings.Replace(published, "S", "0", 1), strings.Repeat("1", 52), strings.Repeat("z", 52)} {
		if _, err := parseNodeKey(no); err == nil {
			t.Errorf("%q: accepted", no)
		}
	}
}

func BenchmarkVerifyRelease(b *testing.B) {
	ring, err := NewRing(ringKeys()...)
	must(b, err)
	raw := signed(fullRelease(), me)
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if _, err := Verify(raw, ring); err != nil {
			b.Fatal(err)
		}
	}
}
