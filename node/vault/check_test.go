package vault

import (
	"errors"
	"testing"
	"time"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// A draw wants a quorum of answers to the check that counts now, from the witnesses of the
// period, signed with their keys.
func TestADrawWantsItsWitnesses(t *testing.T) {
	v, g := shore(t)
	due := g.due("2026-Q1")
	heads, err := g.heads(v, due.Period)
	must(t, err)
	other, err := g.answers(anothersCheck(t, g, v), due.Period, 0, schema.Hash{})
	must(t, err)
	body, _ := wire.Peek(heads[0])
	forged, err := wire.Sign(body, signerOf(t, "north-wind")) // another key under the slug
	must(t, err)
	stale := body.(schema.Head)
	stale.Nonce = schema.HashOf([]byte("an earlier check"))
	old, err := wire.Sign(stale, g.keys["north-wind"])
	must(t, err)
	for name, hs := range map[string][][]byte{
		"none": nil, "one of two": heads[:1], "one twice": {heads[0], heads[0]},
		"a forged key": {forged, heads[1]}, "an answer to another check": {old, heads[1]}, "about another member": {other[0], heads[1]},
	} {
		if _, err := v.Step(background, g.st, due, hs); !errors.Is(err, ErrUnconfirmed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(v.Slots()) != 0 {
		t.Error("a refusal has reserved")
	}
	_, err = v.Step(background, g.st, due, heads)
	must(t, err)
}

// anothersCheck is a check by another member.
func anothersCheck(t *testing.T, g *gathering, v *Vault) []byte {
	t.Helper()
	raw, err := wire.Sign(schema.Check{
		Coalition: g.st.ID(), Member: "south-wind", Asked: today, Nonce: schema.Hash{1},
	}, g.keys["south-wind"])
	must(t, err)
	return raw
}

// The check stays the same, also for a folder that is closed between two trips of a stick,
// until it is renewed or too old; then what was answered to it counts no more.
func TestAChecksAnswersCountForAWhile(t *testing.T) {
	v, g := shore(t)
	due := g.due("2026-Q1")
	heads, err := g.heads(v, due.Period)
	must(t, err)
	v = reopened(t, v)
	again, err := g.heads(v, due.Period)
	must(t, err)
	if string(again[0]) != string(heads[0]) {
		t.Error("another check after a restart")
	}
	for name, change := range map[string]func(){
		"renewed":     func() { must(t, v.Renew(background, g.st)) },
		"too old":     func() { v.cfg.Now = func() time.Time { return today.Add(schema.CheckAge + time.Minute) } },
		"clock back":  func() { v.cfg.Now = func() time.Time { return today.Add(-time.Hour) } },
		"clock ahead": func() { v.cfg.Now = func() time.Time { return today.AddDate(1, 0, 0) } },
	} {
		v.cfg.Now = func() time.Time { return today }
		heads, err := g.heads(v, due.Period)
		must(t, err)
		change()
		if _, err := v.Step(background, g.st, due, heads); !errors.Is(err, ErrUnconfirmed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Each check is asked later than the one before, else it would never be answered.
	v.cfg.Now = func() time.Time { return today.Add(-time.Hour) }
	first, err := v.Ask(background, g.st)
	must(t, err)
	must(t, v.Renew(background, g.st))
	second, err := v.Ask(background, g.st)
	must(t, err)
	a, _ := wire.Peek(first)
	b, _ := wire.Peek(second)
	if !b.(schema.Check).Asked.After(a.(schema.Check).Asked) {
		t.Error("not later")
	}
}

// What one witness knows and this folder does not stops the draw.
func TestAWitnessThatKnowsMoreStopsTheDraw(t *testing.T) {
	v, g := shore(t)
	due := g.due("2026-Q1")
	check, err := v.Ask(background, g.st)
	must(t, err)
	sequence, last := v.published(g.st)
	for name, c := range map[string]struct {
		sequence uint64
		last     schema.Hash
		intents  []schema.Hash
		want     error
	}{
		"a later note":                {sequence + 1, schema.HashOf([]byte("later")), nil, ErrBehind},
		"another note":                {sequence, schema.HashOf([]byte("other")), nil, ErrBehind},
		"an intent nobody here knows": {sequence, last, []schema.Hash{{7}}, ErrLost},
	} {
		heads, err := g.answers(check, due.Period, c.sequence, c.last, c.intents...)
		must(t, err)
		if _, err := v.Step(background, g.st, due, heads); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// So does an intent of the own key that others hold: a copy of this folder made it.
	agreeing, err := g.heads(v, due.Period)
	must(t, err)
	foreign := g.authored(ownSlug, "2026-Q1", 2, nil)
	if _, err := v.Step(background, g.st, due, append(agreeing, foreign)); !errors.Is(err, ErrLost) {
		t.Errorf("an intent of the own key that nobody here made: %v", err)
	}
	behind, err := g.answers(check, due.Period, 0, schema.Hash{}) // one that knows less is no hindrance
	must(t, err)
	_, err = v.Step(background, g.st, due, behind)
	must(t, err)
}

// A member that was away while the roster of a period changed announces the same bytes
// again, under the roster that holds now, and its quorum is that one's.
func TestADrawnReleaseFollowsTheRoster(t *testing.T) {
	v, g := shore(t)
	first := stepped(t, v, g, "2026-Q1")
	g.act(schema.Suspend{Member: "south-wind"})
	g.act(schema.Resume{Member: "south-wind"})
	again := stepped(t, reopened(t, v), g, "2026-Q1")
	a, _ := wire.Peek(first.Intent)
	b, _ := wire.Peek(again.Intent)
	x, y := a.(schema.Intent), b.(schema.Intent)
	if x.Roster == y.Roster || x.Release != y.Release || x.Sequence != y.Sequence {
		t.Errorf("first %+v, then %+v", x, y)
	}
}
