package vault

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"tidemark/aggregation/joint"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// together is a vault in a coalition of three in joint mode, after the first quarter.
func together(t testing.TB) (*Vault, *gathering, coalition.Joint) {
	t.Helper()
	v := opened(t, made(t))
	plan := smallPlan("2026-Q1")
	plan.Mode, plan.Noise, plan.Honest, plan.Colluders = schema.Joint, schema.ExactNoise, 2, 1
	g := gather(t, v, plan, "north-wind", "south-wind")
	_, err := v.Declare(background, g.st)
	must(t, err)
	v.cfg.Now = func() time.Time { return time.Date(2026, 4, 10, 12, 0, 0, 0, time.UTC) }
	j, ok := g.st.Round(quarter("2026-Q1"))
	if !ok || len(j.Keepers) != 3 || j.Threshold != 3 || j.Least() != 3 {
		t.Fatalf("round %+v", j)
	}
	return v, g, j
}

func (g *gathering) keyNotes(j coalition.Joint) (keys [][]byte) {
	g.t.Helper()
	for _, k := range j.Keepers {
		_, public, err := joint.NewKey()
		must(g.t, err)
		note, err := wire.Sign(schema.KeeperKey{
			Round: j.Round, Keeper: k, Made: time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC), Key: public,
		}, g.keys[k])
		must(g.t, err)
		keys = append(keys, note)
	}
	return keys
}

func dueOf(j coalition.Joint) coalition.Due {
	return coalition.Due{Plan: j.Round.Plan, Period: j.Period}
}

// agreementOn rests on all lists and sums the members' contributions.
func agreementOn(j coalition.Joint, ids map[schema.Slug]schema.Hash) schema.Agreement {
	a := schema.Agreement{Round: j.Round, Protection: schema.PerID}
	for _, k := range []schema.Slug{"north-wind", "quiet-heron", "south-wind"} {
		a.Lists = append(a.Lists, schema.Attributed{Who: k, ID: schema.HashOf([]byte("list of " + k))})
		a.Contributions = append(a.Contributions, schema.Attributed{Who: k, ID: ids[k]})
	}
	return a
}

func (g *gathering) agreed(a schema.Agreement) []byte {
	g.t.Helper()
	raw, err := wire.Sign(a, g.keys["north-wind"], g.keys[ownSlug], g.keys["south-wind"])
	must(g.t, err)
	return raw
}

func TestContributeOnce(t *testing.T) {
	v, g, j := together(t)
	imported(t, v, aCase("c1", "p1", "2026-02-01"))
	keys := g.keyNotes(j)
	if _, err := v.Contribute(background, g.st, dueOf(j), keys[:2], nil); err == nil {
		t.Error("contributed to two of three keepers")
	}
	forged, err := wire.Sign(schema.KeeperKey{Round: j.Round, Keeper: "north-wind", Made: today.UTC().Truncate(time.Second), Key: make([]byte, schema.KeeperKeySize)}, g.keys["north-wind"])
	must(t, err)
	stranger := bytes.Replace(forged, []byte("keeper north-wind"), []byte("keeper south-wind"), 1)
	if _, err := v.Contribute(background, g.st, dueOf(j), append(keys[:2:2], stranger), nil); err == nil {
		t.Error("contributed to a key that its keeper has not signed")
	}
	first, err := v.Contribute(background, g.st, dueOf(j), keys, nil)
	must(t, err)
	imported(t, v, aCase("c2", "p2", "2026-02-02"))
	v = reopened(t, v)
	again, err := v.Contribute(background, g.st, dueOf(j), g.keyNotes(j), nil)
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("a second contribution: %v", err)
	}
	body, err := wire.Peek(first)
	must(t, err)
	if c := body.(schema.Contribution); c.Charge != 48_000_000 || len(c.Shares) != 3 || c.Member != ownSlug {
		t.Errorf("%+v", c)
	}
	if l := v.Ledger(); l.Total() != 48_000_000 {
		t.Errorf("charged %d", l.Total())
	}
	if _, err := v.Step(background, g.st, dueOf(j), nil); !errors.Is(err, ErrJoint) {
		t.Errorf("released alone besides: %v", err)
	}
	if len(feedOf(t, v)) != 1 {
		t.Error("something but the declaration stands in the feed")
	}
}

// A keeper agrees to one sum in a round, ever: not to another one, nor to none, after it;
// a crash between the entry and the line changes nothing.
func TestAgreeOnceAndForEver(t *testing.T) {
	v, g, j := together(t)
	one := agreementOn(j, map[schema.Slug]schema.Hash{"north-wind": {1}, "quiet-heron": {2}, "south-wind": {3}})
	other := agreementOn(j, map[schema.Slug]schema.Hash{"north-wind": {1}, "quiet-heron": {2}, "south-wind": {4}})
	void := one
	void.Void, void.Contributions = true, one.Contributions[:2]
	few := one
	few.Contributions = one.Contributions[:2]
	if _, err := v.Propose(background, g.st, few); err == nil {
		t.Error("agreed to a sum of fewer than H + c")
	}
	first, err := v.Propose(background, g.st, one)
	must(t, err)
	for range 2 {
		for name, a := range map[string]schema.Agreement{"another sum": other, "a void": void} {
			if _, err := v.Propose(background, g.st, a); !errors.Is(err, ErrAgreed) {
				t.Errorf("%s: %v", name, err)
			}
			theirs, err := wire.Sign(a, g.keys["north-wind"])
			must(t, err)
			if _, err := v.Agree(background, g.st, theirs); !errors.Is(err, ErrAgreed) {
				t.Errorf("%s of another keeper: %v", name, err)
			}
		}
		again, err := v.Propose(background, g.st, one)
		if err != nil || !bytes.Equal(first, again) {
			t.Errorf("the same agreement again: %v", err)
		}
		v = reopened(t, v)
	}
}

// What a keeper says in a round it says once, and not before its slot what it agrees to.
func TestAttestOnce(t *testing.T) {
	v, g, j := together(t)
	list := schema.Held{Round: j.Round, Keeper: ownSlug}
	first, err := v.Attest(background, g.st, list)
	must(t, err)
	v = reopened(t, v)
	list.Contributions = []schema.HeldShare{{Member: ownSlug, ID: schema.Hash{1}, Protection: schema.PerID}}
	again, err := v.Attest(background, g.st, list)
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("a second list: %v", err)
	}
	list.Keeper = "north-wind"
	if _, err := v.Attest(background, g.st, list); err == nil {
		t.Error("said another keeper's list")
	}
	v.cfg.Now = func() time.Time { return time.Date(2026, 4, 9, 12, 0, 0, 0, time.UTC) }
	if _, err := v.Propose(background, g.st, agreementOn(j, nil)); !errors.Is(err, ErrTooEarly) {
		t.Errorf("agreed before the slot: %v", err)
	}
}

// A keeper's folder that came back from a backup may have forgotten what it said.
func TestARestoredKeeperAbstains(t *testing.T) {
	v, g, j := together(t)
	must(t, v.commit(entry{Kind: restored, At: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC).Unix()}))
	_, errList := v.Attest(background, g.st, schema.Held{Round: j.Round, Keeper: ownSlug})
	_, errAgree := v.Propose(background, g.st, agreementOn(j, nil))
	if !errors.Is(errList, ErrAbstains) || !errors.Is(errAgree, ErrAbstains) {
		t.Errorf("list: %v, agreement: %v", errList, errAgree)
	}
	later, ok := g.st.Round(quarter("2026-Q2"))
	if !ok {
		t.Fatal("no later round")
	}
	if _, err := v.Attest(background, g.st, schema.Held{Round: later.Round, Keeper: ownSlug}); err != nil {
		t.Errorf("of a round that began since: %v", err)
	}
	if _, err := v.Contribute(background, g.st, dueOf(j), g.keyNotes(j), nil); !errors.Is(err, ErrUnconfirmed) {
		t.Errorf("contributed without asking the witnesses: %v", err)
	}
}

// An old copy of the folder learns what it contributed, and charges it; whoever was left out
// contributes no more either.
func TestTheEndOfARound(t *testing.T) {
	v, g, j := together(t)
	must(t, v.Close())
	before := copied(t, v.cfg)
	v = opened(t, v.cfg)
	note, err := v.Contribute(background, g.st, dueOf(j), g.keyNotes(j), nil)
	must(t, err)
	with := g.agreed(agreementOn(j, map[schema.Slug]schema.Hash{ownSlug: noteID(note)}))
	old := opened(t, before)
	for name, v := range map[string]*Vault{"the same folder": v, "an old copy": old} {
		for range 2 {
			must(t, v.Ended(background, g.st, with))
			v = reopened(t, v)
		}
		if l := v.Ledger(); l.Total() != 48_000_000 {
			t.Errorf("%s: charged %d", name, l.Total())
		}
	}
	old = opened(t, copied(t, before))
	must(t, old.Ended(background, g.st, with))
	if _, err := old.Contribute(background, g.st, dueOf(j), g.keyNotes(j), nil); !errors.Is(err, ErrClosed) {
		t.Errorf("contributed after the end: %v", err)
	}
	few, err := wire.Sign(agreementOn(j, nil), g.keys["north-wind"], g.keys["south-wind"])
	must(t, err)
	if err := old.Ended(background, g.st, few); err == nil {
		t.Error("two of three keepers ended a round")
	}
}

// A keeper's sum stands in its feed once.
func TestSumOnce(t *testing.T) {
	v, g, j := together(t)
	a := g.agreed(agreementOn(j, map[schema.Slug]schema.Hash{ownSlug: {1}}))
	r, err := JointRound(j, v.codebook)
	must(t, err)
	scalars := make([][schema.ScalarSize]byte, (r.Counters+4)/5)
	if _, err := v.Sum(background, g.st, a, scalars, nil); !errors.Is(err, ErrUnconfirmed) {
		t.Errorf("without its witnesses: %v", err)
	}
	heads, err := g.heads(v, j.Period)
	must(t, err)
	first, err := v.Sum(background, g.st, a, scalars, heads)
	must(t, err)
	v = reopened(t, v)
	scalars[0][0] = 1
	again, err := v.Sum(background, g.st, a, scalars, nil)
	if err != nil || !bytes.Equal(first, again) || len(feedOf(t, v)) != 2 {
		t.Errorf("a second sum: %v", err)
	}
}

// Nothing stands in a feed between a drawing and its release, so a keeper's sum waits too;
// a journal that held it would not be read again.
func TestASumWaitsForWhatIsDrawn(t *testing.T) {
	v, g := shore(t)
	next := smallPlan("2026-Q2")
	next.Mode, next.Noise, next.Honest, next.Colluders = schema.Joint, schema.ExactNoise, 2, 1
	g.act(schema.AdoptPlan{Plan: next})
	imported(t, v, aCase("c1", "p1", "2026-02-01"))
	drawn := stepped(t, v, g, "2026-Q1")
	j, ok := g.st.Round(quarter("2026-Q2"))
	if !ok {
		t.Fatal("no joint round")
	}
	a := g.agreed(agreementOn(j, map[schema.Slug]schema.Hash{ownSlug: {1}}))
	scalars := make([][schema.ScalarSize]byte, 2) // of six cells
	heads, err := g.heads(v, j.Period)
	must(t, err)
	if _, err := v.Sum(background, g.st, a, scalars, heads); !errors.Is(err, ErrOrder) {
		t.Errorf("before the release that is drawn: %v", err)
	}
	v = reopened(t, v)
	_, err = g.publish(v, g.due("2026-Q1"), drawn.Intent)
	must(t, err)
	heads, err = g.heads(v, j.Period)
	must(t, err)
	if _, err := v.Sum(background, g.st, a, scalars, heads); err != nil {
		t.Errorf("after it: %v", err)
	}
	if reopened(t, v); len(feedOf(t, v)) != 3 {
		t.Errorf("%d notes in the feed", len(feedOf(t, v)))
	}
}
