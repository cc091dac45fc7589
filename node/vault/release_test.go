package vault

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/mapping"
	"tidemark/schema/wire"
)

func TestAPeriodIsDrawnOnce(t *testing.T) {
	v, g := shore(t)
	imported(t, v, aCase("c1", "p1", "2026-02-01"), aCase("c2", "p2", "2026-03-31"))
	first := stepped(t, v, g, "2026-Q1")
	if first.Sequence != 2 || first.Parcel != nil {
		t.Fatalf("%+v", first)
	}
	imported(t, v, aCase("c3", "p3", "2026-02-01"))
	v = reopened(t, v)
	for range 2 {
		again := stepped(t, v, g, "2026-Q1")
		if !bytes.Equal(again.Intent, first.Intent) || again.Release != first.Release {
			t.Fatal("another draw of the same period")
		}
	}
	raw, err := g.publish(v, g.due("2026-Q1"), first.Intent)
	must(t, err)
	notes, _ := wire.Unpack(raw)
	intent, _ := wire.Peek(notes[0])
	if schema.HashOf(notes[1]) != intent.(schema.Intent).Release {
		t.Error("the intent is of other bytes")
	}
	release := releaseOf(t, raw)
	if people(release) != 2 || release.Salt.IsZero() || release.Charge != 48_000_000 || release.Protection != schema.PerID {
		t.Errorf("%v people, %+v", people(release), release)
	}
	// Once published, any intent brings the same parcel, also after a restart.
	v = reopened(t, v)
	for range 2 {
		again, err := v.Publish(background, g.st, g.due("2026-Q1"), nil)
		if err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("published again: %v", err)
		}
	}
	if p := stepped(t, v, g, "2026-Q1"); !bytes.Equal(p.Parcel, raw) {
		t.Error("a step after publishing gives another parcel")
	}
	if asked := v.cfg.Noise.(*still).asked; asked != 1 {
		t.Errorf("noise was asked for %d times", asked)
	}
	if l := v.Ledger(); l.Total() != 48_000_000 {
		t.Errorf("charged %d", l.Total())
	}
	if slots := v.Slots(); len(slots) != 1 || slots[0].State != "published" || slots[0].Sequence != 2 {
		t.Errorf("slots %+v", slots)
	}
}

func TestEveryNoteOfTheFeedVerifiesAndFollows(t *testing.T) {
	v, g := shore(t)
	for _, p := range []string{"2026-Q1", "2026-Q2", "2026-Q3"} {
		releasedIn(t, v, g, p)
	}
	previous := schema.Hash{}
	all := feedOf(t, v)
	for i, raw := range all {
		p, err := v.own(g.st, raw)
		must(t, err)
		if l := p.body.Place(); l.Sequence != uint64(i+1) || l.Previous != previous {
			t.Errorf("place %d: %+v", i+1, l)
		}
		previous = p.id
	}
	if n, id := v.Head(); n != 4 || id != previous || len(all) != 4 {
		t.Errorf("head %d", n)
	}
}

func TestDeclareIsIdempotent(t *testing.T) {
	v, g := shore(t)
	first := feedOf(t, v)
	again, err := reopened(t, v).Declare(background, g.st)
	if err != nil || len(first) != 1 || !bytes.Equal(again, first[0]) {
		t.Errorf("declared again: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	v, g := shore(t)
	q1 := g.due("2026-Q1")
	unknown := q1
	unknown.Plan = schema.HashOf([]byte("no plan"))
	before := q1
	before.Period = quarter("2025-Q4")
	early := g.due("2026-Q4")
	early.Slot, early.Draw = today.Add(-time.Hour), today.Add(-time.Hour) // the caller's word does not count
	two := gather(t, v, smallPlan("2026-Q1"), "north-wind")
	joint := smallPlan("2026-Q1")
	joint.Mode, joint.Honest, joint.Colluders = schema.Joint, 2, 1
	together := gather(t, v, joint, "north-wind", "south-wind")
	undeclared := smallPlan("2026-Q1")
	undeclared.LateDays = 10
	silent := gather(t, v, undeclared, "north-wind", "south-wind")
	stranger := opened(t, made(t))
	for name, c := range map[string]struct {
		v    *Vault
		g    *gathering
		due  coalition.Due
		want error
	}{
		"too early":            {v, g, early, ErrTooEarly},
		"nobody's plan":        {v, g, unknown, ErrNotDue},
		"before the first":     {v, g, before, ErrNotDue},
		"out of order":         {v, g, g.due("2026-Q2"), ErrOrder},
		"two members":          {v, two, two.due("2026-Q1"), ErrTooFew},
		"joint mode":           {v, together, together.due("2026-Q1"), ErrJoint},
		"not declared":         {v, silent, silent.due("2026-Q1"), ErrOrder},
		"another's member key": {stranger, g, q1, ErrNotDue},
	} {
		if p, err := c.g.step(c.v, c.due); !errors.Is(err, c.want) || p.Intent != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := c.v.Publish(background, c.g.st, c.due, nil); !errors.Is(err, ErrOrder) {
			t.Errorf("%s: publish: %v", name, err)
		}
	}
	if l := v.Ledger(); l.Total() != 0 || len(v.Slots()) != 0 {
		t.Errorf("a refusal has cost %d", l.Total())
	}
}

func TestASlotThatHasNotComeStaysClosedWhateverTheClockSaidBefore(t *testing.T) {
	v, g := shore(t)
	v.cfg.Now = func() time.Time { return g.due("2026-Q1").Draw.Add(-time.Second) }
	if _, err := g.step(v, g.due("2026-Q1")); !errors.Is(err, ErrTooEarly) {
		t.Fatalf("a second before the draw: %v", err)
	}
	v.cfg.Now = func() time.Time { return g.due("2026-Q1").Slot.Add(-time.Second) }
	first := stepped(t, v, g, "2026-Q1")
	if _, err := g.publish(v, g.due("2026-Q1"), first.Intent); !errors.Is(err, ErrTooEarly) {
		t.Fatalf("published a second before the slot: %v", err)
	}
	v.cfg.Now = func() time.Time { return today.AddDate(-1, 0, 0) } // the clock goes back
	if again := stepped(t, v, g, "2026-Q1"); !bytes.Equal(again.Intent, first.Intent) {
		t.Error("a clock that went back has opened the period again")
	}
}

func TestTheCapHolds(t *testing.T) {
	cfg := made(t)
	plan := smallPlan("2026-Q1")
	plan.ChargeYear, plan.Tables = 0, plan.Tables[:1]
	plan.Cap = 4 * plan.ChargeQuarter
	v := opened(t, cfg)
	g := gather(t, v, plan, "north-wind", "south-wind")
	_, err := v.Declare(background, g.st)
	must(t, err)
	releasedIn(t, v, g, "2026-Q1")
	// Another copy of this folder has released more than this one knows of: charged
	// under another plan, it fills the 12 months.
	v.book.charged(place{g.st.ID(), schema.HashOf([]byte("other")), quarter("2026-Q2")}, 3*48_000_000, 1)
	if _, err := g.step(v, g.due("2026-Q2")); !errors.Is(err, ErrCap) {
		t.Fatalf("over the cap: %v", err)
	}
	if len(v.Slots()) != 1 {
		t.Error("a refused charge was reserved")
	}
	// A period that is refused for good does not stop those after it.
	v.cfg.Now = func() time.Time { return today.AddDate(1, 0, 0) }
	releasedIn(t, v, g, "2027-Q1")
	if _, err := g.step(v, g.due("2026-Q4")); !errors.Is(err, ErrOrder) {
		t.Errorf("a period before one that was released: %v", err)
	}
}

func TestSeveralDrawsArePublishedInOrder(t *testing.T) {
	v, g := shore(t)
	periods := []string{"2026-Q1", "2026-Q2", "2026-Q3"}
	var steps []Progress
	for i, p := range periods {
		steps = append(steps, stepped(t, v, g, p))
		if steps[i].Sequence != uint64(i+2) {
			t.Errorf("%s at %d", p, steps[i].Sequence)
		}
	}
	v = reopened(t, v)
	if _, err := g.publish(v, g.due("2026-Q2"), steps[1].Intent); !errors.Is(err, ErrOrder) {
		t.Errorf("the second first: %v", err)
	}
	if _, err := g.notice(v, schema.Hash{}, schema.OtherReason); err == nil {
		t.Error("a notice on nothing")
	}
	previous := schema.Hash{}
	for i, p := range periods {
		raw, err := g.publish(v, g.due(p), steps[i].Intent)
		must(t, err)
		r := releaseOf(t, raw)
		if i > 0 && r.Previous != previous {
			t.Errorf("%s does not follow", p)
		}
		previous = steps[i].Release
	}
}

func TestOnlyTheDrawnIntentIsPublished(t *testing.T) {
	v, g := shore(t)
	p := stepped(t, v, g, "2026-Q1")
	due := g.due("2026-Q1")
	body, _ := wire.Peek(p.Intent)
	other := body.(schema.Intent)
	other.Release = schema.HashOf([]byte("other bytes"))
	forged, err := wire.Sign(other, v.Signer())
	must(t, err)
	foreign, err := wire.Cosign(p.Intent, signerOf(t, "far-away"))
	must(t, err)
	for name, intent := range map[string][]byte{"another": forged, "a stranger's line": foreign} {
		if _, err := g.publish(v, due, intent); err == nil {
			t.Errorf("%s: published", name)
		}
	}
	if _, err := v.Publish(background, g.st, due, nil); err == nil {
		t.Error("none: published")
	}
	raw, err := g.publish(v, due, p.Intent)
	must(t, err)
	notes, _ := wire.Unpack(raw)
	if note, err := wire.Verify(notes[0], g.st.Ring()); err != nil || len(note.Signers()) != 3 {
		t.Errorf("the witnesses' lines are lost: %v", err)
	}
}

func signerOf(t *testing.T, slug schema.Slug) *wire.Signer {
	t.Helper()
	k, err := newKeys(slug)
	must(t, err)
	s, err := k.signer()
	must(t, err)
	return s
}

func TestNothingIsPublishedWithoutItsQuorum(t *testing.T) {
	v, g := shore(t)
	p := stepped(t, v, g, "2026-Q1")
	intent := p.Intent
	for _, w := range []schema.Slug{"north-wind", "south-wind"} { // both of two are a quorum
		if _, err := v.Publish(background, g.st, g.due("2026-Q1"), intent); !errors.Is(err, ErrQuorum) {
			t.Fatalf("before %s: %v", w, err)
		}
		var err error
		intent, err = wire.Cosign(intent, g.keys[w])
		must(t, err)
	}
	_, err := v.Publish(background, g.st, g.due("2026-Q1"), intent)
	must(t, err)
}

func TestWhichPeriodACaseCountsIn(t *testing.T) {
	v, g := shore(t)
	imported(t, v,
		aCase("in", "p1", "2026-02-01"), aCase("old", "p2", "2025-12-31"), // before the first period: no late cases in it
		aCase("next", "p3", "2026-04-01"))
	if n := people(releasedIn(t, v, g, "2026-Q1")); n != 1 {
		t.Errorf("Q1 counts %v", n)
	}
	imported(t, v, aCase("late", "p4", "2026-03-01"), aCase("too old", "p5", "2025-10-01"))
	if n := people(releasedIn(t, v, g, "2026-Q2")); n != 3 { // next, late, and old: within 180 days of April 1
		t.Errorf("Q2 counts %v", n)
	}
	if n := people(releasedIn(t, v, g, "2026-Q3")); n != 0 {
		t.Errorf("Q3 counts %v", n)
	}
}

func TestAnEditAfterTheCutoffIsNotCountedAgain(t *testing.T) {
	v, g := shore(t)
	imported(t, v, aCase("counted", "p1", "2026-02-01"), aCase("not yet", "p2", "2026-05-01"), aCase("wrong date", "p3", "2026-06-01"))
	if n := people(releasedIn(t, v, g, "2026-Q1")); n != 1 {
		t.Fatalf("Q1 counts %v", n)
	}
	old, _ := of(t, v, "wrong date")
	imported(t, v, aCase("counted", "p1", "2026-05-20", 1, 1, 1), aCase("not yet", "p2", "2026-05-02", 1, 1, 1),
		aCase("wrong date", "p3", "2026-01-15")) // by its old number it would pass for counted in Q1
	counted, _ := of(t, v, "counted")
	if counted.Counted != [2]schema.Period{quarter("2026-Q1")} {
		t.Errorf("counted in %v", counted.Counted)
	}
	notYet, _ := of(t, v, "not yet")
	if notYet.Counted != [2]schema.Period{} || notYet.Seq >= old.Seq+10 {
		t.Errorf("not yet: %+v", notYet)
	}
	if moved, _ := of(t, v, "wrong date"); moved.Seq <= old.Seq {
		t.Error("a case moved into a released period kept its number: it would never be counted")
	}
	v = reopened(t, v)
	r := releasedIn(t, v, g, "2026-Q2")
	if people(r) != 2 {
		t.Errorf("Q2 counts %v, want the one not counted yet and the one with the wrong date", people(r))
	}
	// Edited again and again, it stays counted where it was.
	imported(t, v, aCase("counted", "p1", "2026-08-20"))
	if n := people(releasedIn(t, v, g, "2026-Q3")); n != 0 {
		t.Errorf("Q3 counts %v", n)
	}
	// The year is another cadence: each of the three counts there once.
	v.cfg.Now = func() time.Time { return today.AddDate(0, 3, 0) }
	releasedIn(t, v, g, "2026-Q4")
	if n := people(releasedIn(t, v, g, "2026")); n != 3 {
		t.Errorf("2026 counts %v", n)
	}
}

func TestAnEditBetweenReservedAndDrawnIsDrawn(t *testing.T) {
	v, g := shore(t)
	imported(t, v, aCase("c1", "p1", "2026-02-01", 0, 0, 0))
	v.cfg.Noise = broken{}
	if _, err := g.step(v, g.due("2026-Q1")); !errors.Is(err, errBroken) {
		t.Fatal(err)
	}
	if l := v.Ledger(); l.Total() != 48_000_000 {
		t.Errorf("reserved, but %d charged", l.Total())
	}
	imported(t, v, aCase("c1", "p1", "2026-05-01", 1, 0, 0), aCase("c2", "p2", "2026-02-01"))
	v.cfg.Noise = &still{}
	r := releasedIn(t, v, g, "2026-Q1")
	if people(r) != 1 || r.Tables[0].Cells[3] != schema.UnitsPerPerson {
		t.Errorf("%v people in %v: want c1 as it is now, without c2, which came after the cutoff", people(r), r.Tables[0].Cells)
	}
	if l := v.Ledger(); l.Total() != 48_000_000 {
		t.Errorf("charged %d", l.Total())
	}
}

func TestPreviewShowsNoCaseAndWritesNothing(t *testing.T) {
	v, g := shore(t)
	before := contents(t, v)
	empty, err := v.Preview(background, g.st, g.due("2026-Q4"))
	must(t, err)
	imported(t, v, aCase("c1", "p1", "2026-02-01"))
	full, err := v.Preview(background, g.st, g.due("2026-Q4"))
	must(t, err)
	if empty != full {
		t.Error("the preview depends on the cases")
	}
	for _, want := range []string{"period 2026-Q4 quarter\n", "table kind*place people 2x3 sigma2 ", "\n· · ·\n· · ·\n", "charge 48000000\n", "sequence 2\n", " kind*place\n"} {
		if !strings.Contains(full, want) {
			t.Errorf("the preview lacks %q:\n%s", want, full)
		}
	}
	if len(v.Slots()) != 0 || len(before) == 0 {
		t.Error("the preview reserved something")
	}
	if _, err := v.Preview(background, g.st, coalition.Due{Period: quarter("2026-Q4")}); !errors.Is(err, ErrNotDue) {
		t.Errorf("of no plan: %v", err)
	}
}

func TestNotice(t *testing.T) {
	v, g := shore(t)
	releasedIn(t, v, g, "2026-Q1")
	_, id := v.Head()
	raw, err := g.notice(v, id, schema.WrongMapping)
	must(t, err)
	again, err := g.notice(reopened(t, v), id, schema.OtherReason)
	if err != nil || !bytes.Equal(raw, again) {
		t.Errorf("a second notice: %v", err)
	}
}

func TestNoticesWaitForWhatIsDrawn(t *testing.T) {
	v, g := shore(t)
	releasedIn(t, v, g, "2026-Q1")
	_, id := v.Head()
	stepped(t, v, g, "2026-Q2")
	if _, err := g.notice(v, id, schema.WrongSource); !errors.Is(err, ErrOrder) {
		t.Errorf("notice: %v", err)
	}
}

// A folder restored from a backup: what was released since is taken in, charged, and
// never drawn again.
func TestARestoredFolderAdoptsWhatPeersHold(t *testing.T) {
	v, g := shore(t)
	imported(t, v, aCase("c1", "p1", "2026-02-01"), aCase("c2", "p2", "2026-05-01"))
	releasedIn(t, v, g, "2026-Q1")
	must(t, v.Close())
	backup := copied(t, v.cfg)
	v = opened(t, v.cfg)
	imported(t, v, aCase("c3", "p3", "2026-05-01"))
	releasedIn(t, v, g, "2026-Q2")
	releasedIn(t, v, g, "2026-Q3")
	peers := feedOf(t, v)

	old := opened(t, backup)
	imported(t, old, aCase("c3", "p3", "2026-05-01"))
	drawn := stepped(t, old, g, "2026-Q2") // it has not heard of the others yet
	if err := old.Adopt(background, g.st, peers[3:]); !errors.Is(err, ErrOrder) {
		t.Errorf("with a gap: %v", err)
	}
	must(t, old.Adopt(background, g.st, peers))
	must(t, old.Adopt(background, g.st, peers))
	old = reopened(t, old)
	if all := feedOf(t, old); !slices.EqualFunc(all, peers, bytes.Equal) {
		t.Error("the feed is not the peers'")
	}
	p := stepped(t, old, g, "2026-Q2")
	if p.Release == drawn.Release || !bytes.Equal(p.Parcel, peers[2]) {
		t.Error("the second draw survived")
	}
	// Q2 was drawn twice under different intents: it is charged twice.
	if l := old.Ledger(); l.Total() != 4*48_000_000 {
		t.Errorf("charged %d", l.Total())
	}
	// c3's cutoff is lost: it counts as counted, whenever it comes.
	imported(t, old, aCase("c4", "p4", "2026-09-30"))
	old.cfg.Now = func() time.Time { return today.AddDate(1, 0, 0) }
	if n := people(releasedIn(t, old, g, "2026-Q4")); n != 0 {
		t.Errorf("Q4 counts %v that may have been counted", n)
	}
}

// A folder that dies while it takes in its own feed never forgets that it is an older copy.
func TestAnInterruptedAdoptionIsAnAdmittedReturn(t *testing.T) {
	v, g := shore(t)
	must(t, v.Close())
	backup := copied(t, v.cfg)
	v = opened(t, v.cfg)
	releasedIn(t, v, g, "2026-Q1")
	peers := feedOf(t, v)
	seen := 0
	for at, over := 0, false; !over; at++ {
		old := opened(t, copied(t, backup))
		f := &fault{at: at, done: true}
		old.disk.hook, old.cases.disk.hook, old.journal.disk.hook, old.feed.disk.hook = f.hook, f.hook, f.hook, f.hook
		over = old.Adopt(background, g.st, peers) == nil
		old = reopened(t, old)
		if n, _ := old.Head(); n > 1 && old.Restored().IsZero() {
			t.Errorf("after %q the feed has %d notes and nothing says that the folder came back", f.step, n)
		} else if n > 1 {
			seen++
		}
		must(t, old.Close())
	}
	if seen < 2 {
		t.Errorf("the feed had grown at %d of the steps", seen)
	}
}

func TestAdoptTakesOnlyOwnNotesOfThisCoalition(t *testing.T) {
	v, g := shore(t)
	other := opened(t, made(t))
	h := gather(t, other, smallPlan("2026-Q1"), "north-wind", "south-wind")
	foreign, err := other.Declare(background, h.st)
	must(t, err)
	stolen, err := wire.Sign(schema.Notice{Link: v.link(g.st), Reason: schema.OtherReason}, other.Signer())
	must(t, err)
	packed, err := wire.Pack(stolen)
	must(t, err)
	for name, raw := range map[string][]byte{"another coalition": foreign, "another key": packed, "nothing": nil} {
		if err := v.Adopt(background, g.st, [][]byte{raw}); err == nil {
			t.Errorf("%s: adopted", name)
		}
	}
	if n, _ := v.Head(); n != 1 {
		t.Errorf("head %d", n)
	}
}

// The journal's DRAWN is lost with the folder, and only the intent is known elsewhere.
func TestVoid(t *testing.T) {
	v, g := shore(t)
	must(t, v.Close())
	backup := copied(t, v.cfg)
	v = opened(t, v.cfg)
	lost := stepped(t, v, g, "2026-Q1")
	v.cfg.Now = func() time.Time { return g.due("2026-Q1").Slot.Add(-time.Hour) }
	if _, err := v.Void(background, g.st, lost.Intent); err == nil {
		t.Error("voided what may still get its quorum in time")
	}
	old := opened(t, backup)
	raw, err := old.Void(background, g.st, lost.Intent)
	must(t, err)
	old = reopened(t, old)
	again, err := old.Void(background, g.st, lost.Intent)
	if err != nil || !bytes.Equal(raw, again) {
		t.Errorf("a second void: %v", err)
	}
	if _, err := g.step(old, g.due("2026-Q1")); !errors.Is(err, ErrNotDue) {
		t.Errorf("drawn although void: %v", err)
	}
	if l := old.Ledger(); l.Total() != 48_000_000 {
		t.Errorf("charged %d", l.Total())
	}
	imported(t, old, aCase("c1", "p1", "2026-04-01"))
	if n := people(releasedIn(t, old, g, "2026-Q2")); n != 1 {
		t.Errorf("Q2 counts %v", n)
	}
}

// A vault that serves a second coalition: shares of one cap, and one ledger.
func TestTwoCoalitionsShareOneLedger(t *testing.T) {
	cfg := made(t)
	v := opened(t, cfg)
	v.cfg.Share = 100_000_000
	g := gather(t, v, smallPlan("2026-Q1"), "north-wind", "south-wind")
	_, err := v.Declare(background, g.st)
	must(t, err)
	plan := smallPlan("2026-Q1")
	plan.LateDays = 30
	h := gather(t, v, plan, "north-wind", "south-wind")
	v.cfg.Share = 200_000_000
	if _, err := v.Declare(background, h.st); !errors.Is(err, ErrCap) {
		t.Fatalf("shares beyond the cap: %v", err)
	}
	v.cfg.Share = 0 // what is left
	raw, err := v.Declare(background, h.st)
	must(t, err)
	p, _ := readParcel(raw)
	if s := p.body.(schema.Declaration).Share; s != schema.DefaultCap-100_000_000 {
		t.Errorf("share %d", s)
	}
	imported(t, v, aCase("c1", "p1", "2026-02-01"))
	releasedIn(t, v, g, "2026-Q1")
	releasedIn(t, v, h, "2026-Q1")
	releasedIn(t, v, g, "2026-Q2")
	if _, err := g.step(v, g.due("2026-Q3")); !errors.Is(err, ErrCap) {
		t.Errorf("beyond the share: %v", err)
	}
	if l := reopened(t, v).Ledger(); l.Total() != 3*48_000_000 {
		t.Errorf("charged %d", l.Total())
	}
}

// A silent vault: no case, and a release like any other.
func TestAReleaseWithoutCases(t *testing.T) {
	v, g := shore(t)
	r := releasedIn(t, v, g, "2026-Q1")
	if r.Protection != schema.PerID || len(r.Tables) != 1 || len(r.Tables[0].Cells) != 6 {
		t.Errorf("%+v", r)
	}
}

func TestACaseWithSeveralPersonsCountsForEach(t *testing.T) {
	v, g := shore(t)
	imported(t, v, mapping.Case{ID: "c", Persons: []string{"p1", "p2", "p3"}, Date: day("2026-02-01"), Codes: []byte{1, 2, 3}},
		aCase("d", "p2", "2026-02-01", 0, 0, 0))
	r := releasedIn(t, v, g, "2026-Q1")
	if r.Tables[0].Cells[0] != 30 || r.Tables[0].Cells[5] != 150 {
		t.Errorf("cells %v", r.Tables[0].Cells)
	}
}
