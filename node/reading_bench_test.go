package node

import (
	"crypto/ed25519"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/crypto"

	"tidemark/aggregation/planner"
	"tidemark/node/feeds"
	"tidemark/node/link"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// large is a coalition that signs what the arithmetic does not look at: seeded cells
// under a full plan.
type large struct {
	plan   schema.Plan
	state  *coalition.State
	admin  *wire.Signer
	random *rand.Rand
}

var largeNow = time.Date(2024, time.January, 20, 0, 0, 0, 0, time.UTC)

func signerOf(b testing.TB, slug schema.Slug) *wire.Signer {
	b.Helper()
	seed := schema.HashOf([]byte("key of " + slug))
	s, err := wire.NewSigner(slug, ed25519.NewKeyFromSeed(seed[:]))
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func sign(b testing.TB, body schema.Body, signers ...*wire.Signer) []byte {
	b.Helper()
	raw, err := wire.Sign(body, signers...)
	if err != nil {
		b.Fatal(err)
	}
	return raw
}

// fill gives a store so many members with so many quarters each.
func fill(b testing.TB, s *feeds.Store, members, quarters int) *large {
	b.Helper()
	plan, err := planner.Full(schema.Period{Year: 2013, Quarter: 1}, 0, 0)
	if err != nil {
		b.Fatal(err)
	}
	cb := schema.Incident()
	l := &large{plan: plan, admin: signerOf(b, "admin-one"), random: rand.New(rand.NewPCG(1, 2))}
	founded := schema.NewDate(2013, time.January, 2)
	charter := sign(b, schema.Charter{
		Name: "wide-delta", Date: founded, Codebook: cb.Hash(), Threshold: 1,
		Admins: []string{l.admin.VerifierKey()}, Plan: plan,
	}, l.admin)
	book, err := cb.Canonical()
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Found(charter, book); err != nil {
		b.Fatal(err)
	}
	for i := range members {
		slug := memberOf(i)
		key := signerOf(b, slug)
		l.accept(b, s, sign(b, s.State().Act(founded+2, schema.Admit{Applicant: schema.Applicant{
			Slug: slug, MemberKey: key.VerifierKey(), BoxKey: "age15ls44qm30umgevh7gz4a2dx53tn8hk3zn5dns9vrm6kfm7emjshscdkzy2",
			NodeKey: nodeKey(b, slug),
		}, First: plan.First}), l.admin))
	}
	l.state = s.State()
	for i := range members {
		l.declare(b, s, memberOf(i))
		for range quarters {
			l.publish(b, s, memberOf(i))
		}
	}
	return l
}

func (l *large) accept(b testing.TB, s *feeds.Store, raw []byte) {
	b.Helper()
	if _, err := s.Accept(raw, largeNow); err != nil {
		b.Fatal(err)
	}
}

// declare begins a member's feed.
func (l *large) declare(b testing.TB, s *feeds.Store, slug schema.Slug) {
	b.Helper()
	place := schema.Link{Coalition: l.state.ID(), Member: slug, Sequence: 1}
	l.accept(b, s, pack(b, sign(b, schema.Declaration{Link: place, Share: schema.DefaultCap}, signerOf(b, slug))))
}

// publish adds the member's next quarter; false when its slot has not come.
func (l *large) publish(b testing.TB, s *feeds.Store, slug schema.Slug) bool {
	b.Helper()
	head, id := s.Feed(slug).Head()
	p := l.plan.First.Add(int(head) - 1)
	if l.plan.SlotOf(p).After(largeNow) {
		return false
	}
	r, key := l.release(b, schema.Link{Coalition: l.state.ID(), Member: slug, Sequence: head + 1, Previous: id}, p), signerOf(b, slug)
	raw := sign(b, r, key)
	signers := []*wire.Signer{key}
	witnesses, quorum := l.state.Witnesses(slug, r.Period)
	for _, w := range witnesses[:quorum] {
		signers = append(signers, signerOf(b, w))
	}
	l.accept(b, s, pack(b, sign(b, schema.Intent{
		Coalition: r.Coalition, Member: slug, Sequence: r.Sequence, Plan: r.Plan, Period: r.Period,
		Charge: r.Charge, Roster: l.state.RosterFor(r.Period), Release: schema.HashOf(raw),
	}, signers...), raw))
	return true
}

func pack(b testing.TB, notes ...[]byte) []byte {
	b.Helper()
	raw, err := wire.Pack(notes...)
	if err != nil {
		b.Fatal(err)
	}
	return raw
}

func (l *large) release(b testing.TB, at schema.Link, p schema.Period) schema.Release {
	b.Helper()
	r := schema.Release{
		Link: at, Salt: schema.HashOf(fmt.Append(nil, at.Member, at.Sequence)), Plan: wire.PlanHash(l.plan), Period: p,
		Protection: schema.PerID, Charge: l.plan.Charge(p.Cadence()),
	}
	for _, t := range l.plan.Of(p.Cadence(), true) {
		shape, err := schema.Incident().Shape(t.Table)
		if err != nil {
			b.Fatal(err)
		}
		cells := make([]int64, shape.Cells())
		for i := range cells {
			cells[i] = int64(600 + 670*l.random.NormFloat64())
		}
		r.Tables = append(r.Tables, schema.NoisyTable{Table: t.Table, Measure: t.Measure, Rows: shape.Rows(), Cols: shape.Cols(), Sigma2: t.Sigma2, Cells: cells})
	}
	return r
}

func memberOf(i int) schema.Slug { return schema.Slug(fmt.Sprintf("member-%03d", i)) }

func nodeKey(b testing.TB, slug schema.Slug) string {
	b.Helper()
	seed := schema.HashOf([]byte("node " + slug))
	key, err := crypto.UnmarshalEd25519PrivateKey(ed25519.NewKeyFromSeed(seed[:]))
	if err != nil {
		b.Fatal(err)
	}
	name, err := link.NodeKey(key)
	if err != nil {
		b.Fatal(err)
	}
	return name
}

// 200 members, 40 quarters, 15 tables: 8,000 releases.
func BenchmarkReadings(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "feeds")
	s, err := feeds.Open(b.Context(), feeds.Config{Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	l := fill(b, s, 200, 39)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	var r *reader
	b.Run("open the store", func(b *testing.B) {
		for b.Loop() {
			if r != nil {
				if err := r.feeds.Close(); err != nil {
					b.Fatal(err)
				}
			}
			r = newReader(func() time.Time { return largeNow })
			if r.feeds, err = feeds.Open(b.Context(), feeds.Config{Dir: dir, Verified: r.hear}); err != nil {
				b.Fatal(err)
			}
		}
	})
	defer func() { _ = r.feeds.Close() }()
	r.bench(b, "first, heard on opening", func(*reader) {})
	r.bench(b, "first, nothing heard", func(r *reader) {
		heard := newReader(r.clock)
		r.released, r.notices = heard.released, heard.notices
	})
	b.Run("nothing new", func(b *testing.B) {
		for b.Loop() {
			if _, err := r.now(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("one new release", func(b *testing.B) {
		b.StopTimer()
		for i := range b.N {
			l.publish(b, r.feeds, memberOf(i%200))
			b.StartTimer()
			if _, err := r.now(); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
		}
	})
	b.Run("a pinned reading", func(b *testing.B) {
		live, err := r.now()
		if err != nil {
			b.Fatal(err)
		}
		p := live.Pin
		for b.Loop() {
			r.pins, r.states = nil, nil
			if _, err := r.at(p); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("an annex of everything", func(b *testing.B) {
		live, err := r.now()
		if err != nil {
			b.Fatal(err)
		}
		var members []schema.Slug
		for _, m := range live.State.Roster().Members {
			members = append(members, m.Slug)
		}
		annex, err := r.annex(live.Pin, live.Book.Periods(schema.Quarterly), members)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(annex.Parcels)), "releases")
		for b.Loop() {
			if _, err := ReadAnnex(annex); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("a note by its id", func(b *testing.B) {
		id := r.feeds.Feed("member-150").Places[20].Intent
		for b.Loop() {
			if _, err := r.note(id); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func (r *reader) bench(b *testing.B, name string, prepare func(*reader)) {
	b.Run(name, func(b *testing.B) {
		for b.Loop() {
			r.live = nil
			prepare(r)
			live, err := r.now()
			if err != nil {
				b.Fatal(err)
			}
			if n := len(live.Book.Coverage(schema.Period{Year: 2022, Quarter: 3}).Reporting); n != 200 {
				b.Fatalf("%d members", n)
			}
		}
	})
}
