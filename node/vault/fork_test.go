package vault

import (
	"bytes"
	"testing"

	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// countersigned is an intent with the lines of all its witnesses.
func (g *gathering) countersigned(due coalition.Due, intent []byte) []byte {
	g.t.Helper()
	witnesses, _ := g.st.Witnesses(ownSlug, due.Period)
	for _, w := range witnesses {
		more, err := wire.Cosign(intent, g.keys[w])
		must(g.t, err)
		intent = more
	}
	return intent
}

// proofOf packs two statements as the gate does: the smaller id first.
func proofOf(t *testing.T, x, y []byte) []byte {
	t.Helper()
	a, b := noteID(x), noteID(y)
	if bytes.Compare(a[:], b[:]) > 0 {
		x, y = y, x
	}
	raw, err := wire.Pack(x, y)
	must(t, err)
	return raw
}

// Two copies of a folder drew the same quarter and lying witnesses signed both: whichever
// copy goes on charges two draws, by the proof alone.
func TestBothSidesOfAForkAreCharged(t *testing.T) {
	v, g := shore(t)
	imported(t, v, aCase("c1", "p1", "2026-02-01"))
	releasedIn(t, v, g, "2026-Q1")
	must(t, v.Close())
	copy, before := copied(t, v.cfg), copied(t, v.cfg)
	v = opened(t, v.cfg)
	here := stepped(t, v, g, "2026-Q2").Intent
	w := opened(t, copy)
	there := stepped(t, w, g, "2026-Q2").Intent
	due := g.due("2026-Q2")
	old := opened(t, before)

	charged := func(v *Vault, want int, proof []byte) *Vault {
		t.Helper()
		for range 2 {
			must(t, v.Adopt(background, g.st, [][]byte{proof}))
		}
		if l := v.Ledger(); l.Total() != schema.Charge(want)*48_000_000 {
			t.Errorf("charged %d, want %d quarters", l.Total(), want)
		}
		return reopened(t, v)
	}
	alarm := proofOf(t, here, g.countersigned(due, there))
	fork := proofOf(t, g.countersigned(due, here), g.countersigned(due, there))
	v = charged(charged(v, 2, alarm), 3, fork)
	old = charged(charged(old, 1, alarm), 3, fork)
	for _, v := range []*Vault{v, old} {
		if l := v.Ledger(); l.Total() != 3*48_000_000 {
			t.Errorf("after a restart: charged %d", l.Total())
		}
	}

	other := opened(t, made(t))
	h := gather(t, other, smallPlan("2026-Q1"), "north-wind", "south-wind")
	if err := other.Adopt(background, h.st, [][]byte{fork}); err == nil {
		t.Error("another coalition's proof was taken in")
	}
}
