package wire

import (
	"crypto/ed25519"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"tidemark/schema"
)

// The keys of examples and vectors are the hashes of their slugs: secret to nobody.
func keyOf(slug string) ed25519.PrivateKey {
	seed := schema.HashOf([]byte("tidemark test key of " + slug))
	return ed25519.NewKeyFromSeed(seed[:])
}

func signer(slug string) *Signer {
	s, err := NewSigner(schema.Slug(slug), keyOf(slug))
	if err != nil {
		panic(err)
	}
	return s
}

// The known ones are in the ring of the vectors, the stranger is not.
var known = []string{"amber-finch", "north-otter", "quiet-heron", "slow-river"}

const stranger = "loud-magpie"

func ringKeys() []string {
	var keys []string
	for _, slug := range known {
		keys = append(keys, signer(slug).VerifierKey())
	}
	return keys
}

func signers(slugs ...string) []*Signer {
	var ss []*Signer
	for _, slug := range slugs {
		ss = append(ss, signer(slug))
	}
	return ss
}

const boxKey = "age1zz3v2mfr5j2vsvvhxkhrqla2qdrvyd5pjqz5x7fewle7l5hkkqtqllng80"

// nodeKey spells the peer id of an Ed25519 key.
func nodeKey(slug string) string {
	n := new(big.Int).SetBytes(append(slices.Clone(ed25519Peer), keyOf("node of "+slug).Public().(ed25519.PublicKey)...))
	var digits []byte
	for zero, digit := new(big.Int), new(big.Int); n.Cmp(zero) > 0; {
		n.DivMod(n, big.NewInt(58), digit)
		digits = append(digits, base58[digit.Int64()])
	}
	slices.Reverse(digits)
	return "1" + string(digits) // the leading zero byte
}

func hash(s string) schema.Hash { return schema.HashOf([]byte(s)) }

func table(s string) schema.Table {
	t, err := schema.ParseTable(s)
	if err != nil {
		panic(err)
	}
	return t
}

var people = schema.Measure{Kind: schema.People}

func samplePlan() schema.Plan {
	return schema.Plan{
		Codebook: hash("codebook"), Mode: schema.Local, Noise: schema.GoogleNoise,
		First: schema.Period{Year: 2023, Quarter: 4}, LateDays: 180, Slot: schema.Slot{Days: 10, Hour: 6},
		ChargeQuarter: 48_000_000, ChargeYear: 64_000_000, Cap: schema.DefaultCap, Bands: schema.DefaultBands,
		Tables: []schema.PlanTable{
			{Table: table("threat_type(group)*gender"), Cadence: schema.Quarterly, Measure: people, Sigma2: 450_000},
			{Table: table("gender"), Cadence: schema.Quarterly, Measure: people},
			{Table: table("known_elsewhere"), Cadence: schema.Quarterly, Measure: schema.Measure{Kind: schema.Reached, Limit: 3}, Sigma2: 450_000},
			{Table: table("platform_brand*platform_response(group)"), Cadence: schema.Yearly, Measure: people, Sigma2: 225_000},
		},
	}
}

func jointPlan() schema.Plan {
	p := samplePlan()
	p.Mode, p.Honest, p.Colluders, p.Noise = schema.Joint, 6, 5, schema.ExactNoise
	return p
}

func sampleCharter() schema.Charter {
	return schema.Charter{
		Name: "calm-delta", Date: schema.NewDate(2026, 1, 12), Codebook: hash("codebook"),
		Threshold: 2, Admins: ringKeys()[:3], Plan: samplePlan(),
	}
}

func charterID() schema.Hash { return hash(text(sampleCharter())) }

func sampleApplicant() schema.Applicant {
	return schema.Applicant{
		Slug: "quiet-heron", MemberKey: signer("quiet-heron").VerifierKey(), BoxKey: boxKey, NodeKey: nodeKey("quiet-heron"),
		Addresses: []string{"/ip4/192.0.2.7/tcp/7450", "/ip6/2001:db8::7/tcp/7450"},
		Regions:   []schema.Code{"central_america", "south_america"},
	}
}

func sampleAct(c schema.Change) schema.Act {
	return schema.Act{
		Coalition: charterID(), Version: 1, Previous: charterID(),
		Date: schema.NewDate(2026, 1, 12), Expires: schema.NewDate(2026, 2, 11), Change: c,
	}
}

func sampleChanges() []schema.Change {
	next := samplePlan()
	next.First = schema.Period{Year: 2026, Quarter: 3}
	return []schema.Change{
		schema.Admit{Applicant: sampleApplicant(), First: schema.Period{Year: 2023, Quarter: 4}},
		schema.Suspend{Member: "quiet-heron"}, schema.Resume{Member: "quiet-heron"}, schema.Remove{Member: "quiet-heron"},
		schema.ReplaceNode{Member: "quiet-heron", NodeKey: nodeKey("another"), Addresses: []string{"/ip4/192.0.2.8/tcp/7450"}},
		schema.ReplaceMember{Member: "quiet-heron", MemberKey: signer("quiet-heron").VerifierKey(), BoxKey: boxKey, Sequence: 14, Head: hash("head")},
		schema.SetAdmins{Threshold: 2, Admins: ringKeys()},
		schema.AdoptPlan{Plan: next}, schema.RetirePlan{Plan: PlanHash(next)},
		schema.RotateKey{NetworkKey: sampleKey},
		schema.AppointKeepers{Keepers: []schema.Slug{"slow-river", "amber-finch", "north-otter"}},
	}
}

// sampleKey is a network key of zeros, sealed to boxKey.
var sampleKey = schema.NetworkKey{
	From: schema.NewDate(2026, 1, 19),
	Sealed: "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBMeDN5azBzYVdrQk1EWXQzMnZ0S2p5WGxucHhYRlRUZEhFOWpmMUZMMDNFCnk0QVBJR0NtYUtXOTM2c3l3UVNPdW9pU0VzN2xJWjZyZ2NpZUMzY0dDMWsK" +
		"LS0tIEUxY0YyTThRSkZXaUJCNXFySGxLYUtoR2lmdHhmbUcxZ0ZhbTZYS2MxWU0KKsh3owW1SFuitaXKQWHf+Wv3bYPIN5W4NBq/FJUpQT3OQnJkSrD9fZ+TgMj9vRG+raT19cBqvzQLBKeDz7fLlQ==" +
		"",
}

func sampleLink() schema.Link {
	return schema.Link{Coalition: charterID(), Member: "quiet-heron", Sequence: 14, Previous: hash("note 13")}
}

func sampleRelease() schema.Release {
	r := schema.Release{
		Link: sampleLink(), Salt: hash("salt"), Plan: PlanHash(samplePlan()), Period: schema.Period{Year: 2026, Quarter: 3},
		Protection: schema.PerID, Charge: 48_000_000,
	}
	for _, t := range samplePlan().Tables[:1] {
		r.Tables = append(r.Tables, noisy(t.Table.String(), 8, 6))
	}
	r.Tables = append(r.Tables, noisy("known_elsewhere", 5, 1))
	r.Tables[1].Measure = schema.Measure{Kind: schema.Reached, Limit: 3}
	return r
}

// noisy fills a table with numbers that look like noise and are none.
func noisy(name string, rows, cols int) schema.NoisyTable {
	t := schema.NoisyTable{Table: table(name), Measure: people, Rows: rows, Cols: cols, Sigma2: 450_000}
	for i := range rows * cols {
		t.Cells = append(t.Cells, int64(i*i*7919%4001)-640)
	}
	return t
}

func sampleIntent() schema.Intent {
	r := sampleRelease()
	return schema.Intent{
		Coalition: r.Coalition, Member: r.Member, Sequence: r.Sequence, Plan: r.Plan, Period: r.Period,
		Charge: r.Charge, Roster: 12, Release: schema.HashOf(signed(r, "quiet-heron")),
	}
}

func sampleVoid() schema.Void {
	i := sampleIntent()
	return schema.Void{Link: sampleLink(), Plan: i.Plan, Period: i.Period, Charge: i.Charge, Intent: hash(text(i))}
}

func sampleCheck() schema.Check {
	return schema.Check{
		Coalition: charterID(), Member: "quiet-heron", Asked: time.Date(2026, 10, 7, 6, 0, 0, 0, time.UTC), Nonce: hash("nonce"),
	}
}

func sampleHead() schema.Head {
	return schema.Head{
		Coalition: charterID(), Member: "quiet-heron", Witness: "north-otter", Nonce: hash("nonce"),
		Sequence: 13, Last: hash("note 13"), Intents: []schema.Hash{hash(text(sampleIntent()))},
	}
}

func sampleNotice() schema.Notice {
	return schema.Notice{Link: sampleLink(), Release: hash(text(sampleRelease())), Reason: schema.WrongMapping}
}

func sampleCapacity() schema.Capacity {
	return schema.Capacity{Link: sampleLink(), Date: schema.NewDate(2026, 10, 7), Offer: schema.Offer{
		Languages: []string{"es", "qu", "pt-br"},
		Services: []schema.Service{
			{Need: "legal_aid", Room: schema.RoomFull, Regions: []schema.Code{"m49_419", "m49_021"}},
			{Need: "psychosocial", Room: schema.RoomOpen},
		},
		Trainings: []schema.Training{
			{Topic: "digital_security_advice", Region: "m49_419", Quarter: schema.Period{Year: 2026, Quarter: 4}, Town: "San Aldo del Río"},
			{Topic: "digital_security_advice", Region: "m49_419", Quarter: schema.Period{Year: 2027, Quarter: 1}},
		},
		Resources: []schema.Resource{{Link: "https://example.org/kit?lang=es", Title: "Safer phones: a kit in Spanish and Quechua"}},
	}}
}

func sampleDeclaration() schema.Declaration {
	return schema.Declaration{Link: schema.Link{Coalition: charterID(), Member: "quiet-heron", Sequence: 1}, Share: schema.DefaultCap}
}

// samples holds at least one body of every kind and every change.
func samples() []schema.Body {
	year := sampleRelease()
	year.Period, year.Protection = schema.Period{Year: 2025}, schema.PerComposite
	joint := sampleCharter()
	joint.Plan = jointPlan()
	bs := []schema.Body{
		sampleCharter(), joint, schema.Request{Applicant: sampleApplicant()}, sampleDeclaration(),
		sampleIntent(), sampleRelease(), year, sampleVoid(), sampleNotice(), sampleCapacity(),
		sampleCheck(), sampleHead(),
		sampleKeeperKey(), sampleContribution(), sampleHeld(), sampleAgreement(), sampleVoidRound(), sampleSum(), sampleVoidSum(),
		sampleAttestation(), sampleHolding(), sampleAnswer(), samplePrinting(),
	}
	for _, c := range append(sampleChanges(), schema.Remove{Member: "quiet-heron", Key: sampleKey}) {
		bs = append(bs, sampleAct(c))
	}
	return bs
}

func text(b schema.Body) string {
	t, err := Text(b)
	if err != nil {
		panic(err)
	}
	return t
}

func signed(b schema.Body, slugs ...string) []byte {
	raw, err := Sign(b, signers(slugs...)...)
	if err != nil {
		panic(err)
	}
	return raw
}

// forced signs any text at all, lines in the order given.
func forced(text string, slugs ...string) []byte {
	var ns []note.Signer
	for _, s := range signers(slugs...) {
		ns = append(ns, noteSigner{s})
	}
	raw, err := note.Sign(&note.Note{Text: text}, ns...)
	if err != nil {
		panic(err)
	}
	return raw
}

// edit replaces one place and insists that there is one.
func edit(s, old, new string) string {
	if strings.Count(s, old) < 1 {
		panic("edit: no " + old)
	}
	return strings.Replace(s, old, new, 1)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
