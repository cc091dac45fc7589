package nodetest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/crypto"

	"tidemark/node/feeds"
	"tidemark/node/link"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// First is the first period of every coalition here, Founded the day of its charter.
var (
	First   = schema.Period{Year: 2025, Quarter: 1}
	Founded = schema.NewDate(2025, time.January, 2)
	// Now is a moment at which the slots of 2025's four quarters and of the year have come.
	Now = time.Date(2026, time.February, 1, 12, 0, 0, 0, time.UTC)
)

// Quarter is the n-th period from First on.
func Quarter(n int) schema.Period { return First.Add(n) }

// Coalition is a coalition with all its keys in one hand.
type Coalition struct {
	Codebook *schema.Codebook
	Plan     schema.Plan
	State    *coalition.State // as of the last act; stores may be behind
	Members  []*Member
	admin    *wire.Signer
	last     schema.Date // of the last act
}

// Member is one of its members.
type Member struct {
	Slug    schema.Slug
	Signer  *wire.Signer
	NodeKey crypto.PrivKey
	c       *Coalition
	next    uint64
	head    schema.Hash
}

// Plan is a small plan: two tables a quarter, one a year.
func Plan() schema.Plan {
	return schema.Plan{
		Codebook: schema.Incident().Hash(), Mode: schema.Local, Noise: schema.GoogleNoise,
		First: First, LateDays: schema.DefaultLate, Slot: schema.Slot{Days: 10, Hour: 6},
		ChargeQuarter: 48_000_000, ChargeYear: 48_000_000, Cap: schema.DefaultCap, Bands: schema.DefaultBands,
		Tables: []schema.PlanTable{
			{Table: table("threat_type*gender"), Cadence: schema.Quarterly, Measure: schema.Measure{Kind: schema.People}, Sigma2: 450_000},
			{Table: table("gender"), Cadence: schema.Quarterly, Measure: schema.Measure{Kind: schema.People}, Sigma2: 450_000},
			{Table: table("known_elsewhere"), Cadence: schema.Quarterly, Measure: schema.Measure{Kind: schema.People}},
			{Table: table("region"), Cadence: schema.Yearly, Measure: schema.Measure{Kind: schema.People}, Sigma2: 450_000},
		},
	}
}

func table(s string) schema.Table {
	t, err := schema.ParseTable(s)
	if err != nil {
		panic(err) // a constant of this package
	}
	return t
}

// JointPlan is a small plan in joint mode: one table a quarter, none a year, two honest
// members and one who colludes.
func JointPlan() schema.Plan {
	p := Plan()
	p.Mode, p.Noise, p.Honest, p.Colluders = schema.Joint, schema.ExactNoise, 2, 1
	p.Tables = p.Tables[1:2]
	return p
}

// boxKey is everybody's: nothing is sealed here, and the same names give the same acts.
const boxKey = "age15ls44qm30umgevh7gz4a2dx53tn8hk3zn5dns9vrm6kfm7emjshscdkzy2"

// NewCoalition founds one with n members, without addresses.
func NewCoalition(t testing.TB, n int) *Coalition {
	t.Helper()
	return NewCoalitionBy(t, n, Plan())
}

// NewCoalitionBy founds one by another plan.
func NewCoalitionBy(t testing.TB, n int, plan schema.Plan) *Coalition {
	t.Helper()
	c := &Coalition{Codebook: schema.Incident(), Plan: plan, admin: signer(t, "admin-one")}
	charter := Sign(t, schema.Charter{
		Name: "calm-delta", Date: Founded, Codebook: c.Codebook.Hash(), Threshold: 1,
		Admins: []string{c.admin.VerifierKey()}, Plan: c.Plan,
	}, c.admin)
	st, err := coalition.Found(charter)
	if err != nil {
		t.Fatal(err)
	}
	c.State = st
	for range n {
		c.Admit(t)
	}
	return c
}

// NewMember makes keys for one more member, who is not admitted by that.
func (c *Coalition) NewMember(t testing.TB, slug schema.Slug) *Member {
	t.Helper()
	seed := sha256.Sum256([]byte("node " + slug))
	key, err := crypto.UnmarshalEd25519PrivateKey(ed25519.NewKeyFromSeed(seed[:]))
	if err != nil {
		t.Fatal(err)
	}
	return &Member{Slug: slug, Signer: signer(t, slug), NodeKey: key, c: c, next: 1}
}

// Applicant is what an admit act says of the member.
func (m *Member) Applicant(t testing.TB, addresses ...string) schema.Applicant {
	t.Helper()
	nodeKey, err := link.NodeKey(m.NodeKey)
	if err != nil {
		t.Fatal(err)
	}
	return schema.Applicant{
		Slug: m.Slug, MemberKey: m.Signer.VerifierKey(), BoxKey: boxKey, NodeKey: nodeKey, Addresses: addresses,
	}
}

// Admit seats one more member, with the addresses it announces, before any period is over.
func (c *Coalition) Admit(t testing.TB, addresses ...string) *Member {
	t.Helper()
	return c.AdmitOn(t, Founded+2, addresses...)
}

// AdmitOn seats one on a day: witnesses of what is over by then stay those who were there.
func (c *Coalition) AdmitOn(t testing.TB, date schema.Date, addresses ...string) *Member {
	t.Helper()
	m := c.NewMember(t, schema.Slug(fmt.Sprintf("member-%03d", len(c.Members))))
	c.ActOn(t, date, schema.Admit{Applicant: m.Applicant(t, addresses...), First: First})
	c.Members = append(c.Members, m)
	return m
}

// Act signs the next act, dated two days after the charter or as the last one, and
// applies it.
func (c *Coalition) Act(t testing.TB, change schema.Change) []byte {
	t.Helper()
	return c.ActOn(t, max(Founded+2, c.last), change)
}

// ActOn is Act on a day.
func (c *Coalition) ActOn(t testing.TB, date schema.Date, change schema.Change) []byte {
	t.Helper()
	raw := Sign(t, c.State.Act(date, change), c.admin)
	next, err := c.State.Apply(raw)
	if err != nil {
		t.Fatal(err)
	}
	c.State, c.last = next, date
	return raw
}

// Admin is the founder's key, which has no seat.
func (c *Coalition) Admin() *wire.Signer { return c.admin }

// Adopt applies an act that was signed elsewhere.
func (c *Coalition) Adopt(t testing.TB, raw []byte) {
	t.Helper()
	next, err := c.State.Apply(raw)
	if err != nil {
		t.Fatal(err)
	}
	c.State = next
}

// Sign signs an act without applying it.
func (c *Coalition) Sign(t testing.TB, act schema.Act) []byte {
	t.Helper()
	return Sign(t, act, c.admin)
}

// Announce gives a member addresses.
func (c *Coalition) Announce(t testing.TB, m *Member, addresses ...string) []byte {
	t.Helper()
	nodeKey, err := link.NodeKey(m.NodeKey)
	if err != nil {
		t.Fatal(err)
	}
	return c.Act(t, schema.ReplaceNode{Member: m.Slug, NodeKey: nodeKey, Addresses: addresses})
}

// Fill founds a store and gives it the acts up to now.
func (c *Coalition) Fill(t testing.TB, s *feeds.Store) *feeds.Store {
	t.Helper()
	book, err := c.Codebook.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Found(c.State.Log()[0], book); err != nil {
		t.Fatal(err)
	}
	for _, act := range c.State.Log()[1:] {
		if _, err := s.Accept(act, Now); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// Store is a filled store in memory.
func (c *Coalition) Store(t testing.TB) *feeds.Store {
	t.Helper()
	return c.Fill(t, feeds.Memory())
}

func signer(t testing.TB, slug schema.Slug) *wire.Signer {
	t.Helper()
	seed := sha256.Sum256([]byte("member " + slug))
	return SignerOf(t, slug, seed)
}

// SignerOf makes a signer from a seed: another key under the same slug.
func SignerOf(t testing.TB, slug schema.Slug, seed [32]byte) *wire.Signer {
	t.Helper()
	s, err := wire.NewSigner(slug, ed25519.NewKeyFromSeed(seed[:]))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Sign signs, or ends the test.
func Sign(t testing.TB, b schema.Body, signers ...*wire.Signer) []byte {
	t.Helper()
	raw, err := wire.Sign(b, signers...)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Pack packs, or ends the test.
func Pack(t testing.TB, notes ...[]byte) []byte {
	t.Helper()
	raw, err := wire.Pack(notes...)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
