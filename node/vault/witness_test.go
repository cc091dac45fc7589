package vault

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// authored is an intent of another member of the gathering.
func (g *gathering) authored(member schema.Slug, p string, sequence uint64, spoil func(*schema.Intent)) []byte {
	g.t.Helper()
	due := g.due(p)
	plan, _ := g.st.Plan(due.Plan)
	i := schema.Intent{
		Coalition: g.st.ID(), Member: member, Sequence: sequence, Plan: due.Plan, Period: due.Period,
		Charge: plan.Charge(due.Period.Cadence()), Roster: g.st.RosterFor(due.Period), Release: schema.HashOf([]byte(p)),
	}
	if spoil != nil {
		spoil(&i)
	}
	raw, err := wire.Sign(i, g.keys[member])
	must(g.t, err)
	return raw
}

func TestCountersignOnceAndForEver(t *testing.T) {
	v, g := shore(t)
	first := g.authored("north-wind", "2026-Q1", 2, nil)
	line, err := v.Countersign(background, g.st, first)
	must(t, err)
	if note, err := wire.Verify(line, g.st.Ring()); err != nil || note.SignedBy([]string{v.Signer().VerifierKey()}) != 1 {
		t.Fatalf("no line of ours: %v", err)
	}
	other := func(i *schema.Intent) { i.Release = schema.HashOf([]byte("other bytes")) }
	for range 2 { // now, and after a restart
		again, err := v.Countersign(background, g.st, first)
		if err != nil || !bytes.Equal(again, line) {
			t.Errorf("the same once more: %v", err)
		}
		for name, raw := range map[string][]byte{
			"other bytes for the period":      g.authored("north-wind", "2026-Q1", 3, other),
			"other bytes for the place":       g.authored("north-wind", "2026-Q2", 2, nil),
			"the same bytes at another place": g.authored("north-wind", "2026-Q1", 4, nil),
		} {
			if out, err := v.Countersign(background, g.st, raw); !errors.Is(err, ErrCountersigned) || out != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		v = reopened(t, v)
	}
	// Another member, and another period of the same, are other matters.
	for _, raw := range [][]byte{g.authored("south-wind", "2026-Q1", 2, other), g.authored("north-wind", "2026-Q2", 3, nil)} {
		_, err := v.Countersign(background, g.st, raw)
		must(t, err)
	}
}

func TestCountersignRefusals(t *testing.T) {
	v, g := shore(t)
	spoilt := func(spoil func(*schema.Intent)) []byte { return g.authored("north-wind", "2026-Q1", 2, spoil) }
	own := stepped(t, v, g, "2026-Q1").Intent
	stranger, err := wire.Sign(schema.Notice{Link: v.link(g.st), Reason: schema.OtherReason}, v.Signer())
	must(t, err)
	for name, raw := range map[string][]byte{
		"another coalition":  spoilt(func(i *schema.Intent) { i.Coalition[0]++ }),
		"nobody's plan":      spoilt(func(i *schema.Intent) { i.Plan[0]++ }),
		"another charge":     spoilt(func(i *schema.Intent) { i.Charge++ }),
		"another roster":     spoilt(func(i *schema.Intent) { i.Roster-- }),
		"before its time":    g.authored("north-wind", "2026-Q4", 2, nil),
		"its own":            own,
		"a note of the feed": stranger,
		"nothing":            nil,
	} {
		if out, err := v.Countersign(background, g.st, raw); err == nil || out != nil {
			t.Errorf("%s: countersigned", name)
		}
	}
	if len(v.book.vouches) != 0 {
		t.Error("a refusal was written down")
	}
	good := spoilt(nil)
	g.act(schema.Suspend{Member: ownSlug})
	if _, err := v.Countersign(background, g.st, good); !errors.Is(err, ErrNotDue) {
		t.Errorf("suspended: %v", err)
	}
}

// Under a newer roster the same bytes are countersigned again.
func TestCountersignFollowsTheRoster(t *testing.T) {
	v, g := shore(t)
	_, err := v.Countersign(background, g.st, g.authored("north-wind", "2026-Q1", 2, nil))
	must(t, err)
	g.act(schema.Suspend{Member: "south-wind"})
	g.act(schema.Resume{Member: "south-wind"})
	renewed := g.authored("north-wind", "2026-Q1", 2, nil)
	_, err = v.Countersign(background, g.st, renewed)
	must(t, err)
	check := g.check("north-wind")
	raw, err := reopened(t, v).Answer(background, g.st, check, 1, schema.HashOf([]byte("declaration")))
	must(t, err)
	body, _ := wire.Peek(raw)
	if h := body.(schema.Head); len(h.Intents) != 2 || h.Intents[1] != noteID(renewed) {
		t.Errorf("both are known: %v", h.Intents)
	}
}

func (g *gathering) check(member schema.Slug) []byte {
	g.t.Helper()
	raw, err := wire.Sign(schema.Check{Coalition: g.st.ID(), Member: member, Asked: today, Nonce: schema.Hash{9}}, g.keys[member])
	must(g.t, err)
	return raw
}

// An answer names the intents beyond the place that is known, and no others.
func TestAnswersNameWhatIsUnderWay(t *testing.T) {
	v, g := shore(t)
	for i, p := range []string{"2026-Q1", "2026-Q2"} {
		_, err := v.Countersign(background, g.st, g.authored("north-wind", p, uint64(i+2), nil))
		must(t, err)
	}
	_, err := v.Countersign(background, g.st, g.authored("south-wind", "2026-Q1", 2, nil))
	must(t, err)
	last := schema.HashOf([]byte("the first release"))
	raw, err := v.Answer(background, g.st, g.check("north-wind"), 2, last)
	must(t, err)
	note, err := wire.Verify(raw, g.st.Ring())
	must(t, err)
	h := note.Body().(schema.Head)
	want := noteID(g.authored("north-wind", "2026-Q2", 3, nil))
	if h.Member != "north-wind" || h.Witness != ownSlug || h.Sequence != 2 || h.Last != last || len(h.Intents) != 1 || h.Intents[0] != want || h.Nonce != (schema.Hash{9}) {
		t.Errorf("%+v", h)
	}
	mine, err := v.Ask(background, g.st)
	must(t, err)
	if _, err := v.Answer(background, g.st, mine, 0, schema.Hash{}); err == nil {
		t.Error("answered its own check")
	}
}

// A folder that came back from a backup may have countersigned what it does not remember:
// it abstains from the periods that were open, and works again for those after them.
func TestARestoredWitnessAbstains(t *testing.T) {
	v, g := shore(t)
	must(t, v.commit(entry{Kind: restored, At: today.Unix()}))
	v = reopened(t, v)
	if _, err := v.Countersign(background, g.st, g.authored("north-wind", "2026-Q3", 4, nil)); !errors.Is(err, ErrAbstains) {
		t.Errorf("an open period: %v", err)
	}
	if _, err := v.Answer(background, g.st, g.check("north-wind"), 0, schema.Hash{}); !errors.Is(err, ErrAbstains) {
		t.Errorf("an answer: %v", err)
	}
	v.cfg.Now = func() time.Time { return g.due("2026-Q4").Draw }
	_, err := v.Countersign(background, g.st, g.authored("north-wind", "2026-Q4", 5, nil))
	must(t, err)
	_, err = v.Answer(background, g.st, g.check("north-wind"), 0, schema.Hash{})
	must(t, err)
	if at := v.Restored(); !at.Equal(today) {
		t.Errorf("restored at %s", at)
	}
}

// What was countersigned is durable before the line exists.
func TestNoLineWithoutItsEntry(t *testing.T) {
	v, g := shore(t)
	v.journal.disk.hook = func(step string, do func() error) error {
		if step == "sync "+journalName {
			return errBroken
		}
		return do()
	}
	if out, err := v.Countersign(background, g.st, g.authored("north-wind", "2026-Q1", 2, nil)); !errors.Is(err, errBroken) || out != nil {
		t.Errorf("a line without its entry: %v", err)
	}
}
