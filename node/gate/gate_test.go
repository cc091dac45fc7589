package gate_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"
	"testing"
	"time"

	"tidemark/node/feeds"
	"tidemark/node/gate"
	"tidemark/node/nodetest"
	"tidemark/schema"
	"tidemark/schema/wire"
)

// scene is a coalition of three, a store that knows its acts, and the first two places
// of the first member's feed.
type scene struct {
	*nodetest.Coalition
	store *feeds.Store
	m     *nodetest.Member
}

func newScene(t *testing.T) *scene {
	t.Helper()
	c := nodetest.NewCoalition(t, 3)
	s := &scene{c, c.Store(t), c.Members[0]}
	s.accept(t, s.m.Declare(t))
	s.accept(t, s.m.Release(t, nodetest.Quarter(0)))
	return s
}

func (s *scene) accept(t testing.TB, raw []byte) gate.Accepted {
	t.Helper()
	a, err := s.store.Accept(raw, nodetest.Now)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (s *scene) check(raw []byte) error {
	_, err := gate.Check(s.store, raw, nodetest.Now)
	return err
}

func (s *scene) wants(t *testing.T, want error, raw []byte) {
	t.Helper()
	if err := s.check(raw); !errors.Is(err, want) {
		t.Errorf("have %v, want %v", err, want)
	}
}

func TestAcceptsAFeedInOrder(t *testing.T) {
	s := newScene(t)
	raw := s.m.Release(t, nodetest.Quarter(1))
	a := s.accept(t, raw)
	sequence, id := s.m.Head()
	if a.Kind() != gate.Parcel || a.Member() != s.m.Slug || a.Sequence() != 3 || sequence != 3 || a.ID() != id || !bytes.Equal(a.Raw(), raw) {
		t.Errorf("have %s of %s at %d", a.Kind(), a.Member(), a.Sequence())
	}
	if r, ok := a.Notes()[1].Body().(schema.Release); !ok || r.Period != nodetest.Quarter(1) {
		t.Error("the release is not among its notes")
	}
	s.accept(t, s.m.Release(t, schema.Period{Year: 2025}))
	s.accept(t, s.m.Say(t, schema.Notice{Link: s.m.Link(), Release: id, Reason: schema.WrongMapping}))
}

// Every way in which a release can differ from its plan or its intent.
func TestInvalidReleases(t *testing.T) {
	for name, spoil := range map[string]func(*schema.Release, *schema.Intent){
		"charge below the plan's": func(r *schema.Release, i *schema.Intent) { r.Charge--; i.Charge-- },
		"a table missing":         func(r *schema.Release, _ *schema.Intent) { r.Tables = r.Tables[:1] },
		"a table more":            func(r *schema.Release, _ *schema.Intent) { r.Tables = append(r.Tables, r.Tables[0]) },
		"tables in another order": func(r *schema.Release, _ *schema.Intent) { slices.Reverse(r.Tables) },
		"less noise than planned": func(r *schema.Release, _ *schema.Intent) { r.Tables[0].Sigma2-- },
		"more noise than planned": func(r *schema.Release, _ *schema.Intent) { r.Tables[0].Sigma2++ },
		"another measure": func(r *schema.Release, _ *schema.Intent) {
			r.Tables[0].Measure = schema.Measure{Kind: schema.Cases, Limit: 2}
		},
		"another table":        func(r *schema.Release, _ *schema.Intent) { r.Tables[1].Table.Axes[0].Dimension = "age_band" },
		"a shape that adds up": func(r *schema.Release, _ *schema.Intent) { r.Tables[0].Rows, r.Tables[0].Cols = 6, 18 },
		"a row missing": func(r *schema.Release, _ *schema.Intent) {
			r.Tables[0].Rows--
			r.Tables[0].Cells = r.Tables[0].Cells[6:]
		},
		"a cell beyond every count":  func(r *schema.Release, _ *schema.Intent) { r.Tables[0].Cells[0] = gate.MaxCell + 1 },
		"a cell below every count":   func(r *schema.Release, _ *schema.Intent) { r.Tables[0].Cells[0] = -gate.MaxCell - 1 },
		"intent of other bytes":      func(_ *schema.Release, i *schema.Intent) { i.Release[0]++ },
		"intent of another sequence": func(_ *schema.Release, i *schema.Intent) { i.Sequence++ },
		"intent of another period":   func(_ *schema.Release, i *schema.Intent) { i.Period = nodetest.Quarter(2) },
		"intent of another plan":     func(_ *schema.Release, i *schema.Intent) { i.Plan[0]++ },
		"intent of another charge":   func(_ *schema.Release, i *schema.Intent) { i.Charge++ },
		"a period before the plan's": func(r *schema.Release, i *schema.Intent) {
			r.Period, i.Period = nodetest.Quarter(-1), nodetest.Quarter(-1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			r := s.m.Body(t, nodetest.Quarter(1))
			// The intent follows what the release became, then gets its own fault.
			spoil(&r, &schema.Intent{})
			raw := s.m.Publish(t, r, func(i *schema.Intent) {
				untouched := s.m.Body(t, nodetest.Quarter(1))
				charge := i.Charge
				spoil(&untouched, i)
				if r.Charge != s.Plan.ChargeQuarter {
					i.Charge = charge // it follows the release already
				}
			})
			want := gate.ErrInvalid
			if name == "a period before the plan's" {
				want = gate.ErrUnknown // no plan is in force for it here; elsewhere one may be
			}
			s.wants(t, want, raw)
		})
	}
}

func TestInvalidForms(t *testing.T) {
	s := newScene(t)
	good := s.m.Version().Release(t, nodetest.Quarter(1))
	notes, err := wire.Unpack(good)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(good)
	flipped[bytes.LastIndexByte(flipped, ' ')+20] ^= 1 // inside the last signature
	for name, raw := range map[string][]byte{
		"nothing":                      nil,
		"no parcel":                    []byte("hello"),
		"too long":                     make([]byte, gate.MaxSize+1),
		"a byte more":                  append(bytes.Clone(good), '\n'),
		"bad signature":                flipped,
		"a release without its intent": nodetest.Pack(t, notes[1]),
		"an intent alone":              nodetest.Pack(t, notes[0]),
		"the wrong way round":          nodetest.Pack(t, notes[1], notes[0]),
		"three notes":                  nodetest.Pack(t, notes[0], notes[1], notes[0]),
		"a charter":                    nodetest.Pack(t, s.State.Log()[0]),
		"an act in a parcel":           nodetest.Pack(t, s.State.Log()[1]),
		"an act with a note's end":     append([]byte("tidemark/act/v1\n"), notes[0]...),
	} {
		t.Run(name, func(t *testing.T) { s.wants(t, gate.ErrInvalid, raw) })
	}
}

// A line of a key that nobody here knows may be a member's elsewhere; a line of an
// admin without a seat is nobody's.
func TestLinesOnIntents(t *testing.T) {
	s := newScene(t)
	notes, err := wire.Unpack(s.m.Version().Release(t, nodetest.Quarter(1)))
	if err != nil {
		t.Fatal(err)
	}
	cosigned := func(by *wire.Signer) []byte {
		intent, err := wire.Cosign(notes[0], by)
		if err != nil {
			t.Fatal(err)
		}
		return nodetest.Pack(t, intent, notes[1])
	}
	s.wants(t, gate.ErrUnknown, cosigned(nodetest.SignerOf(t, "stranger", sha256.Sum256(nil))))
	s.wants(t, gate.ErrInvalid, cosigned(nodetest.SignerOf(t, "admin-one", sha256.Sum256([]byte("member admin-one")))))
}

// A release without its quorum is nobody's, whatever else is right with it.
func TestAReleaseWantsItsQuorum(t *testing.T) {
	s := newScene(t)
	m := s.m.Version()
	raw := nodetest.Sign(t, m.Body(t, nodetest.Quarter(1)), m.Signer)
	intent := nodetest.Sign(t, m.Intent(m.Body(t, nodetest.Quarter(1)), raw), m.Signer)
	_, quorum := s.State.Witnesses(s.m.Slug, nodetest.Quarter(1))
	if quorum != 2 {
		t.Fatalf("quorum of two witnesses is %d", quorum)
	}
	for i, witness := range append([]*nodetest.Member{nil}, s.Members[1:]...) {
		if witness != nil {
			intent = Must(wire.Cosign(intent, witness.Signer))
		}
		want := gate.ErrInvalid
		if i == quorum {
			want = nil
		}
		s.wants(t, want, nodetest.Pack(t, intent, raw))
	}
}

func TestStrangersAndOtherCoalitions(t *testing.T) {
	s := newScene(t)
	stranger := s.NewMember(t, "grey-stranger")
	s.wants(t, gate.ErrUnknown, stranger.Declare(t))

	d := schema.Declaration{Link: s.m.Link(), Share: 1}
	d.Coalition[0]++
	s.wants(t, gate.ErrInvalid, s.m.Version().Say(t, d))

	// Signed by another member than the one it names: not even wire lets it be made, and
	// a key under the same slug that is not the seat's is unknown.
	other := s.NewMember(t, s.m.Slug)
	other.Signer = nodetest.SignerOf(t, s.m.Slug, sha256.Sum256([]byte("another key")))
	s.wants(t, gate.ErrUnknown, other.Declare(t))
}

func TestUnknownPlanCodebookAndRosterVersion(t *testing.T) {
	s := newScene(t)
	r := s.m.Body(t, nodetest.Quarter(1))
	r.Plan[0]++
	s.wants(t, gate.ErrUnknown, s.m.Version().Publish(t, r, nil))

	ahead := s.m.Version().Publish(t, s.m.Body(t, nodetest.Quarter(1)), func(i *schema.Intent) { i.Roster = 99 })
	s.wants(t, gate.ErrUnknown, ahead)

	bare := feeds.Memory()
	if err := bare.Found(s.State.Log()[0], nil); err != nil {
		t.Fatal(err)
	}
	for _, act := range s.State.Log()[1:] {
		if _, err := bare.Accept(act, nodetest.Now); err != nil {
			t.Fatal(err)
		}
	}
	m := s.Members[1]
	if _, err := bare.Accept(m.Declare(t), nodetest.Now); err != nil {
		t.Fatal(err)
	}
	if _, err := bare.Accept(m.Release(t, nodetest.Quarter(0)), nodetest.Now); !errors.Is(err, gate.ErrUnknown) {
		t.Errorf("without a codebook: %v", err)
	}
	if _, err := gate.Check(feeds.Memory(), m.Declare(t), nodetest.Now); !errors.Is(err, gate.ErrUnknown) {
		t.Errorf("without a coalition: %v", err)
	}
}

func TestStaleGapAndEarly(t *testing.T) {
	s := newScene(t)
	first := s.m.Release(t, nodetest.Quarter(1))
	second := s.m.Release(t, nodetest.Quarter(2))
	s.wants(t, gate.ErrGap, second)
	s.accept(t, first)
	s.accept(t, second)
	s.wants(t, gate.ErrStale, first)
	s.wants(t, gate.ErrStale, second)

	slot := s.Plan.SlotOf(nodetest.Quarter(3))
	third := s.m.Release(t, nodetest.Quarter(3))
	for _, c := range []struct {
		now  time.Time
		want error
	}{{slot.Add(-gate.Skew - time.Second), gate.ErrEarly}, {slot.Add(-gate.Skew), nil}, {slot, nil}} {
		if _, err := gate.Check(s.store, third, c.now); !errors.Is(err, c.want) {
			t.Errorf("%v from the slot: have %v, want %v", c.now.Sub(slot), err, c.want)
		}
	}
}

func TestFirstNoteIsADeclaration(t *testing.T) {
	s := newScene(t)
	m := s.Members[1]
	s.wants(t, gate.ErrInvalid, m.Version().Release(t, nodetest.Quarter(0)))
	s.wants(t, gate.ErrInvalid, m.Version().Say(t, schema.Notice{Link: m.Link(), Release: schema.Hash{1}, Reason: schema.OtherReason}))
	follows := schema.Declaration{Link: m.Link(), Share: 1}
	follows.Previous = schema.Hash{1}
	if raw, err := wire.Sign(follows, m.Signer); err == nil {
		s.wants(t, gate.ErrInvalid, nodetest.Pack(t, raw))
	}
}

func TestVoidsAndNotices(t *testing.T) {
	s := newScene(t)
	void := schema.Void{Link: s.m.Link(), Plan: wire.PlanHash(s.Plan), Period: nodetest.Quarter(1), Intent: schema.Hash{7}, Charge: s.Plan.ChargeQuarter}
	cheap := void
	cheap.Charge--
	s.wants(t, gate.ErrInvalid, s.m.Version().Say(t, cheap))
	early := void
	early.Period = nodetest.Quarter(9)
	s.wants(t, gate.ErrEarly, s.m.Version().Say(t, early))
	s.wants(t, gate.ErrInvalid, s.m.Version().Say(t, schema.Notice{Link: s.m.Link(), Release: schema.Hash{1}, Reason: schema.OtherReason}))
	s.accept(t, s.m.Say(t, void))
	// The voided period is skipped: a release of it now contradicts the void.
	s.wants(t, gate.ErrEquivocation, s.m.Release(t, nodetest.Quarter(1)))
}

// What a member offers is taken by a codebook's words alone, and not from the future; a
// later one may follow at once.
func TestCapacities(t *testing.T) {
	s := newScene(t)
	said := func(spoil func(*schema.Capacity)) schema.Capacity {
		c := schema.Capacity{Link: s.m.Link(), Date: schema.DateOf(nodetest.Now), Offer: schema.Offer{
			Services:  []schema.Service{{Need: "legal_aid", Room: schema.RoomFull, Regions: []schema.Code{"m49_419"}}},
			Trainings: []schema.Training{{Topic: "documentation", Region: "m49_419", Quarter: nodetest.Quarter(5)}},
		}}
		spoil(&c)
		return c
	}
	for name, spoil := range map[string]func(*schema.Capacity){
		"a need that there is not":   func(c *schema.Capacity) { c.Services[0].Need = "horoscopes" },
		"a need that is not known":   func(c *schema.Capacity) { c.Services[0].Need = schema.UnknownCode },
		"a region that there is not": func(c *schema.Capacity) { c.Services[0].Regions[0] = "atlantis" },
		"a topic that there is not":  func(c *schema.Capacity) { c.Trainings[0].Topic = "horoscopes" },
		"a training nowhere":         func(c *schema.Capacity) { c.Trainings[0].Region = "atlantis" },
	} {
		if err := s.check(s.m.Version().Say(t, said(spoil))); !errors.Is(err, gate.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.wants(t, gate.ErrEarly, s.m.Version().Say(t, said(func(c *schema.Capacity) { c.Date += 2 })))
	other := s.m.Version().Say(t, said(func(c *schema.Capacity) { c.Services = nil }))
	s.accept(t, s.m.Say(t, said(func(c *schema.Capacity) { c.Date++ })))
	s.wants(t, gate.ErrEquivocation, other)
	s.accept(t, s.m.Say(t, said(func(*schema.Capacity) {})))
}

// An intent and the void of it stand together: who has seen the release keeps it, and
// nobody is accused.
func TestAVoidIsNoEquivocationWithItsOwnIntent(t *testing.T) {
	s := newScene(t)
	other := s.m.Version()
	release := s.m.Release(t, nodetest.Quarter(1))
	notes, err := wire.Unpack(release)
	if err != nil {
		t.Fatal(err)
	}
	intent := s.accept(t, release).Notes()[0]
	void := other.Say(t, schema.Void{Link: other.Link(), Plan: wire.PlanHash(s.Plan), Period: nodetest.Quarter(1), Intent: intent.ID(), Charge: s.Plan.ChargeQuarter})
	s.wants(t, gate.ErrStale, void)
	voids, err := wire.Unpack(void)
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range [][]byte{nodetest.Pack(t, notes[0], voids[0]), nodetest.Pack(t, voids[0], notes[0])} {
		s.wants(t, gate.ErrInvalid, raw)
	}
}

func TestSecondReleaseForOnePeriod(t *testing.T) {
	s := newScene(t)
	again := s.m.Release(t, nodetest.Quarter(0)) // the next sequence, the same period
	var e *gate.Equivocation
	if err := s.check(again); !errors.As(err, &e) {
		t.Fatalf("have %v", err)
	}
	if e.Proof.Sequence() != 3 || e.Proof.Kind() != gate.Proof || e.Proof.Member() != s.m.Slug {
		t.Errorf("proof of %s at %d", e.Proof.Member(), e.Proof.Sequence())
	}
}

func TestSecondNoteAtOneSequence(t *testing.T) {
	s := newScene(t)
	other := s.m.Version()
	s.accept(t, s.m.Release(t, nodetest.Quarter(1)))
	for name, raw := range map[string][]byte{
		"another release": other.Version().Release(t, nodetest.Quarter(2)),
		"other noise": other.Version().Publish(t, func() schema.Release {
			r := other.Body(t, nodetest.Quarter(1))
			r.Tables[0].Cells[0]++
			return r
		}(), nil),
		"a declaration": other.Version().Declare(t),
	} {
		t.Run(name, func(t *testing.T) {
			var e *gate.Equivocation
			if err := s.check(raw); !errors.As(err, &e) {
				t.Fatalf("have %v", err)
			}
			proves(t, e.Proof, 3)
			// Anybody takes the proof from anybody, and takes it once.
			peer := s.Store(t)
			if _, err := peer.Accept(e.Proof.Raw(), nodetest.Now); err != nil {
				t.Fatal(err)
			}
			if _, err := peer.Accept(e.Proof.Raw(), nodetest.Now); !errors.Is(err, gate.ErrStale) {
				t.Errorf("again: %v", err)
			}
		})
	}
}

// proves checks that a proof shows two statements and never a release's tables.
func proves(t *testing.T, proof gate.Accepted, sequence uint64) {
	t.Helper()
	if len(proof.Notes()) != 2 || proof.Sequence() != sequence {
		t.Fatalf("%d notes at %d", len(proof.Notes()), proof.Sequence())
	}
	for _, n := range proof.Notes() {
		if n.Body().Kind() == schema.KindRelease || bytes.Contains(n.Raw(), []byte("\ntable ")) {
			t.Error("a proof shows a release")
		}
	}
}

func TestForgedProofs(t *testing.T) {
	s := newScene(t)
	other := s.m.Version()
	a := Must(wire.Unpack(s.m.Release(t, nodetest.Quarter(1))))
	b := Must(wire.Unpack(other.Release(t, nodetest.Quarter(2))))
	third := Must(wire.Unpack(s.m.Release(t, nodetest.Quarter(3))))
	x, y := a[0], b[0]
	if id(t, x) > id(t, y) {
		x, y = y, x
	}
	s.wants(t, nil, nodetest.Pack(t, x, y))
	for name, raw := range map[string][]byte{
		"the larger id first": nodetest.Pack(t, y, x),
		"twice the same":      nodetest.Pack(t, x, x),
		"no contradiction":    nodetest.Pack(t, a[0], third[0]),
		"with a body":         nodetest.Pack(t, a[0], b[1]),
	} {
		t.Run(name, func(t *testing.T) { s.wants(t, gate.ErrInvalid, raw) })
	}
	// Two members who name the same period do not contradict each other.
	m := s.Members[1]
	m.Declare(t)
	foreign := Must(wire.Unpack(m.Release(t, nodetest.Quarter(1))))
	x, y = a[0], foreign[0]
	if id(t, x) > id(t, y) {
		x, y = y, x
	}
	s.wants(t, gate.ErrInvalid, nodetest.Pack(t, x, y))
}

// Must unwraps what cannot fail here.
func Must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func id(t *testing.T, note []byte) string {
	t.Helper()
	text, err := wire.Text(Must(wire.Peek(note)))
	if err != nil {
		t.Fatal(err)
	}
	return schema.HashOf([]byte(text)).String()
}

// After a proof nothing that follows is accepted, until the admins have replaced the key
// and named the head from which the feed goes on.
func TestADisputeEndsWithAReplacedKey(t *testing.T) {
	s := newScene(t)
	head := s.m.Link().Previous
	other := s.m.Version()
	s.accept(t, s.m.Release(t, nodetest.Quarter(1)))
	if _, err := s.store.Accept(other.Release(t, nodetest.Quarter(2)), nodetest.Now); !errors.Is(err, gate.ErrEquivocation) {
		t.Fatal(err)
	}
	s.wants(t, gate.ErrEquivocation, s.m.Release(t, nodetest.Quarter(3)))

	fresh := nodetest.SignerOf(t, s.m.Slug, sha256.Sum256([]byte("fresh")))
	s.accept(t, s.Act(t, schema.ReplaceMember{
		Member: s.m.Slug, MemberKey: fresh.VerifierKey(), BoxKey: s.State.Roster().Member(s.m.Slug).BoxKey, Sequence: 2, Head: head,
	}))
	if have, _ := s.store.Feed(s.m.Slug).Head(); have != 2 || len(s.store.Disputes()) != 0 {
		t.Fatalf("head %d, %d disputes", have, len(s.store.Disputes()))
	}
	rewound := rewind(t, s)
	s.wants(t, gate.ErrInvalid, rewound.Version().Release(t, nodetest.Quarter(1))) // the old key
	rewound.Signer = fresh
	s.accept(t, rewound.Release(t, nodetest.Quarter(1)))
}

// rewind is the member with its first two notes said once more, as in newScene.
func rewind(t *testing.T, s *scene) *nodetest.Member {
	t.Helper()
	m := s.NewMember(t, s.m.Slug)
	m.Declare(t)
	m.Release(t, nodetest.Quarter(0))
	return m
}

func TestSuspendedMembers(t *testing.T) {
	s := newScene(t)
	second := s.m.Release(t, nodetest.Quarter(1))
	// Each is signed by the roster of its time.
	third := func() []byte { return s.m.Version().Release(t, nodetest.Quarter(2)) }
	// Suspended between the second's slot and the third's.
	day := schema.DateOf(s.Plan.SlotOf(nodetest.Quarter(1))) + 1
	s.accept(t, s.ActOn(t, day, schema.Suspend{Member: s.m.Slug}))
	s.accept(t, second)
	s.wants(t, gate.ErrSuspended, third())
	s.accept(t, s.ActOn(t, day+30, schema.Resume{Member: s.m.Slug}))
	s.accept(t, third())
	s.m.Release(t, nodetest.Quarter(2)) // the same
	s.accept(t, s.ActOn(t, day+31, schema.Remove{Member: s.m.Slug}))
	s.wants(t, gate.ErrSuspended, s.m.Release(t, nodetest.Quarter(3)))
}

// Who is admitted again owes from a later period; what it released before is still
// accepted by who joins later.
func TestReadmittedMembersKeepTheirPast(t *testing.T) {
	s := newScene(t)
	s.accept(t, s.Act(t, schema.Remove{Member: s.m.Slug}))
	back := s.m.Applicant(t)
	s.accept(t, s.Act(t, schema.Admit{Applicant: back, First: nodetest.Quarter(3)}))
	late := s.Store(t)
	m := s.NewMember(t, s.m.Slug)
	for _, raw := range m.History(t, 1) {
		if _, err := late.Accept(raw, nodetest.Now); err != nil {
			t.Error(err)
		}
	}
	if late.Digest() != s.store.Digest() {
		t.Error("the late joiner holds something else")
	}
}

func TestActs(t *testing.T) {
	s := newScene(t)
	behind := feeds.Memory()
	if err := behind.Found(s.State.Log()[0], nil); err != nil {
		t.Fatal(err)
	}
	log := s.State.Log()
	if _, err := behind.Accept(log[2], nodetest.Now); !errors.Is(err, gate.ErrGap) {
		t.Errorf("the second act first: %v", err)
	}
	s.wants(t, gate.ErrStale, log[1])
	forged := bytes.Replace(log[3], []byte("version 3"), []byte("version 4"), 1)
	s.wants(t, gate.ErrInvalid, forged)

	tomorrow := schema.DateOf(nodetest.Now) + 1
	s.wants(t, nil, s.Sign(t, s.State.Act(tomorrow, schema.Suspend{Member: s.m.Slug})))
	s.wants(t, gate.ErrEarly, s.Sign(t, s.State.Act(tomorrow+1, schema.Suspend{Member: s.m.Slug})))
}

// An admin cannot put a plan above the ceilings in force.
func TestActsWithPlansAboveTheCeilings(t *testing.T) {
	s := newScene(t)
	plan := nodetest.Plan()
	plan.Cap = schema.MaxCap + 1
	act := s.State.Act(nodetest.Founded+2, schema.AdoptPlan{Plan: plan})
	s.wants(t, gate.ErrInvalid, s.Sign(t, act))
}
