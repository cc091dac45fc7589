package gate_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"tidemark/node/gate"
	"tidemark/node/nodetest"
	"tidemark/schema"
	"tidemark/schema/wire"
)

func (s *scene) cosigned(t *testing.T, intent []byte, by ...*nodetest.Member) []byte {
	t.Helper()
	for _, m := range by {
		intent = Must(wire.Cosign(intent, m.Signer))
	}
	return intent
}

// Copies of one intent with different lines become one with all of them; a copy that
// brings no line is stale.
func TestIntentsCollectTheirLines(t *testing.T) {
	s := newScene(t)
	bare := s.m.Announce(t, nodetest.Quarter(1), 7)
	first, second := s.cosigned(t, bare, s.Members[1]), s.cosigned(t, bare, s.Members[2])
	for _, raw := range [][]byte{bare, first, second} {
		if a := s.accept(t, raw); a.Kind() != gate.Pending || a.Member() != s.m.Slug || a.Sequence() != 3 {
			t.Errorf("%s of %s at %d", a.Kind(), a.Member(), a.Sequence())
		}
		s.wants(t, gate.ErrStale, raw)
	}
	stored := s.store.Desk(s.m.Slug).Intent(3)
	if want := s.cosigned(t, bare, s.Members[1:]...); !bytes.Equal(stored.Raw(), want) {
		t.Error("not the intent with both lines")
	}
	if !s.State.Quorate(stored.Body().(schema.Intent), stored.Signers()) {
		t.Error("no quorum")
	}
}

// The release that an intent announced takes it from the desk, on the disk too.
func TestAReleaseClearsItsIntent(t *testing.T) {
	s := newScene(t)
	m := s.m.Version()
	intent := Must(wire.Unpack(m.Release(t, nodetest.Quarter(1))))[0]
	s.accept(t, intent)
	s.accept(t, s.m.Release(t, nodetest.Quarter(1)))
	if d := s.store.Desk(s.m.Slug); len(d.Intents) != 0 {
		t.Errorf("%d under way", len(d.Intents))
	}
	s.wants(t, gate.ErrStale, intent)
}

// A member that was away announces under a roster that has changed meanwhile. Its intent
// of the same bytes for the newer roster takes the place of the first, and is no proof of
// anything; one for the older roster does not come back.
func TestAnIntentFollowsTheRoster(t *testing.T) {
	s := newScene(t)
	old := s.m.Announce(t, nodetest.Quarter(1), 7)
	s.accept(t, old)
	s.accept(t, s.ActOn(t, nodetest.Founded+3, schema.Suspend{Member: s.Members[2].Slug}))
	s.accept(t, s.ActOn(t, nodetest.Founded+3, schema.Resume{Member: s.Members[2].Slug}))
	renewed := s.m.Announce(t, nodetest.Quarter(1), 7)
	if bytes.Equal(renewed, old) {
		t.Fatal("the roster has not changed for the period")
	}
	s.accept(t, renewed)
	s.wants(t, gate.ErrUnknown, old)
	if d := s.store.Desk(s.m.Slug); len(d.Intents) != 1 || !bytes.Equal(d.Intents[0].Raw(), renewed) {
		t.Error("not the one for the newer roster")
	}
}

func TestIntentsThatAreRefused(t *testing.T) {
	s := newScene(t)
	at := func(spoil func(*schema.Intent)) []byte {
		r := s.m.Body(t, nodetest.Quarter(1))
		i := s.m.Intent(r, nodetest.Sign(t, r, s.m.Signer))
		spoil(&i)
		return nodetest.Sign(t, i, s.m.Signer)
	}
	next := nodetest.Quarter(4) // of 2026, not over at nodetest.Now
	other := nodetest.Plan()
	other.LateDays++
	for name, c := range map[string]struct {
		want error
		raw  []byte
	}{
		"a period that is not over":         {gate.ErrEarly, at(func(i *schema.Intent) { i.Period = next })},
		"a period before the plan's first":  {gate.ErrUnknown, at(func(i *schema.Intent) { i.Period = nodetest.Quarter(-1) })},
		"a foreign plan":                    {gate.ErrUnknown, at(func(i *schema.Intent) { i.Plan = wire.PlanHash(other) })},
		"another charge":                    {gate.ErrInvalid, at(func(i *schema.Intent) { i.Charge-- })},
		"an older roster":                   {gate.ErrUnknown, at(func(i *schema.Intent) { i.Roster-- })},
		"a roster that nobody knows":        {gate.ErrUnknown, at(func(i *schema.Intent) { i.Roster++ })},
		"another coalition":                 {gate.ErrInvalid, at(func(i *schema.Intent) { i.Coalition[0]++ })},
		"a place far ahead":                 {gate.ErrGap, at(func(i *schema.Intent) { i.Sequence = 3 + schema.MaxPending })},
		"a line by one who is no witness":   {gate.ErrInvalid, Must(wire.Cosign(at(func(*schema.Intent) {}), nodetest.SignerOf(t, "admin-one", sha256.Sum256([]byte("member admin-one")))))},
		"a line by somebody unknown":        {gate.ErrUnknown, Must(wire.Cosign(at(func(*schema.Intent) {}), nodetest.SignerOf(t, "stranger", sha256.Sum256(nil))))},
		"a declaration without its parcel":  {gate.ErrInvalid, Must(wire.Unpack(s.m.Version().Declare(t)))[0]},
		"a release without its parcel":      {gate.ErrInvalid, nodetest.Sign(t, s.m.Body(t, nodetest.Quarter(1)), s.m.Signer)},
		"a request, which nobody waits for": {gate.ErrInvalid, nodetest.Sign(t, schema.Request{Applicant: s.m.Applicant(t)}, s.m.Signer)},
	} {
		t.Run(name, func(t *testing.T) { s.wants(t, c.want, c.raw) })
	}
	s.accept(t, s.ActOn(t, nodetest.Founded+3, schema.Suspend{Member: s.m.Slug}))
	s.wants(t, gate.ErrSuspended, s.m.Announce(t, nodetest.Quarter(1), 7))
}

// Drawn early, three days before the slot, and not a moment earlier.
func TestIntentsComeFromTheDrawOn(t *testing.T) {
	s := newScene(t)
	raw := s.m.Announce(t, nodetest.Quarter(1), 7)
	draw := s.Plan.DrawOf(nodetest.Quarter(1))
	if _, err := gate.Check(s.store, raw, draw.Add(-2*gate.Skew)); !errors.Is(err, gate.ErrEarly) {
		t.Errorf("before: %v", err)
	}
	if _, err := gate.Check(s.store, raw, draw); err != nil {
		t.Error(err)
	}
	release := s.m.Release(t, nodetest.Quarter(1))
	if _, err := gate.Check(s.store, release, draw); !errors.Is(err, gate.ErrEarly) {
		t.Errorf("the release: %v", err)
	}
}

// A member whose folder was copied announces two releases for one period. That is shown to
// everybody; the one that gets its quorum counts, and the feed goes on.
func TestTwoIntentsAreAnAlarmAndTheCountersignedOneCounts(t *testing.T) {
	s := newScene(t)
	clone := s.m.Version()
	loser := clone.Announce(t, nodetest.Quarter(1), 9)
	s.accept(t, loser)
	release := s.m.Release(t, nodetest.Quarter(1))
	winner := Must(wire.Unpack(release))[0]
	var e *gate.Equivocation
	if _, err := s.store.Accept(winner, nodetest.Now); !errors.As(err, &e) || e.Proof.Fork() {
		t.Fatalf("have %v", err)
	}
	proves(t, e.Proof, 3)
	feed := s.store.Feed(s.m.Slug)
	if feed.Alarm != 3 || feed.Disputed != 0 {
		t.Errorf("alarm at %d, dispute at %d", feed.Alarm, feed.Disputed)
	}
	s.wants(t, gate.ErrEquivocation, winner) // shown already
	s.accept(t, release)
	s.accept(t, s.m.Release(t, nodetest.Quarter(2)))
	s.wants(t, gate.ErrEquivocation, loser) // against the release that stands

	// Whoever joins later learns of it, once.
	peer := s.Store(t)
	if _, err := peer.Accept(e.Proof.Raw(), nodetest.Now); err != nil {
		t.Fatal(err)
	}
	if _, err := peer.Accept(e.Proof.Raw(), nodetest.Now); !errors.Is(err, gate.ErrStale) {
		t.Errorf("again: %v", err)
	}
	if all := peer.Disputes(); len(all) != 1 || all[0].Fork || all[0].Sequence != 3 {
		t.Errorf("%+v", all)
	}
}

// Two releases that both have their quorum exist only where witnesses have lied: then the
// feed goes two ways, and nothing after that place is read.
func TestTwoQuorumsAreAFork(t *testing.T) {
	s := newScene(t)
	clone := s.m.Version()
	s.accept(t, s.m.Release(t, nodetest.Quarter(1)))
	r := clone.Body(t, nodetest.Quarter(1))
	r.Tables[0].Cells[0]++
	var e *gate.Equivocation
	if _, err := s.store.Accept(clone.Publish(t, r, nil), nodetest.Now); !errors.As(err, &e) || !e.Proof.Fork() {
		t.Fatalf("have %v", err)
	}
	if s.store.Feed(s.m.Slug).Disputed != 3 {
		t.Error("not in dispute")
	}
}

func TestChecksAndHeads(t *testing.T) {
	s := newScene(t)
	now := nodetest.Now
	witness, another := s.Members[1], s.Members[2]
	s.wants(t, gate.ErrUnknown, witness.Answer(t, s.m, 1)) // nobody asked
	s.wants(t, gate.ErrEarly, s.m.Ask(t, now.Add(gate.CheckSkew+time.Second), 1))
	s.wants(t, gate.ErrStale, s.m.Ask(t, now.Add(-schema.CheckAge-time.Second), 1))
	s.accept(t, s.m.Ask(t, now.Add(-time.Hour), 1))
	s.wants(t, gate.ErrStale, s.m.Ask(t, now.Add(-time.Hour), 2)) // not later
	s.accept(t, witness.Answer(t, s.m, 1))
	s.wants(t, gate.ErrUnknown, another.Answer(t, s.m, 9))
	changed := witness.Answer(t, another, 1)
	s.wants(t, gate.ErrUnknown, changed) // about a member who has not asked

	// One answer from each: a second one, also another, comes too late.
	head := schema.Head{Coalition: s.State.ID(), Member: s.m.Slug, Witness: witness.Slug, Nonce: schema.Hash{1}}
	s.wants(t, gate.ErrStale, nodetest.Sign(t, head, witness.Signer))

	s.accept(t, s.m.Ask(t, now, 3))
	if d := s.store.Desk(s.m.Slug); len(d.Heads) != 0 || d.Check.Body().(schema.Check).Nonce != (schema.Hash{3}) {
		t.Errorf("%d answers to a check that has just been asked", len(d.Heads))
	}
	s.wants(t, gate.ErrUnknown, witness.Answer(t, s.m, 1)) // to the one before

	s.accept(t, s.ActOn(t, nodetest.Founded+3, schema.Suspend{Member: witness.Slug}))
	s.wants(t, gate.ErrSuspended, witness.Answer(t, s.m, 3))
	s.wants(t, gate.ErrSuspended, witness.Ask(t, now, 1))
}

// A key that is replaced sweeps its desk: what lay there was signed with the key before.
func TestAReplacedKeySweepsTheDesk(t *testing.T) {
	s := newScene(t)
	s.accept(t, s.m.Announce(t, nodetest.Quarter(1), 7))
	s.accept(t, s.m.Ask(t, nodetest.Now, 1))
	sequence, head := s.m.Head()
	fresh := nodetest.SignerOf(t, s.m.Slug, sha256.Sum256([]byte("fresh")))
	s.accept(t, s.Act(t, schema.ReplaceMember{
		Member: s.m.Slug, MemberKey: fresh.VerifierKey(), BoxKey: s.State.Roster().Member(s.m.Slug).BoxKey, Sequence: sequence, Head: head,
	}))
	if d := s.store.Desk(s.m.Slug); len(d.Intents) != 0 || d.Check.Body() != nil {
		t.Error("not swept")
	}
	s.wants(t, gate.ErrStale, s.m.Ask(t, nodetest.Now, 2)) // the key before; who lacks the act passes it on in good faith
}
