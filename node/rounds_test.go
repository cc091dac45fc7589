package node

import (
	"testing"
	"time"

	"tidemark/aggregation/planner"
	"tidemark/schema"
)

// jointRing is a coalition of four in joint mode that meets by sticks, after its first
// quarter's end. Two honest members are enough for its noise.
func jointRing(t testing.TB) *ring {
	t.Helper()
	c := newClock()
	r := &ring{clock: c, others: []*Node{foundedBy(t, c, "amber-lark", "", jointPlan(t))}}
	r.author = member(t, c, "quiet-heron", "")
	for _, slug := range []schema.Slug{"river-ibis", "north-fern"} {
		r.others = append(r.others, member(t, c, slug, ""))
	}
	joins(t, r.others[0], r.author, r.others[1], r.others[2])
	r.gather(t)
	return r
}

func jointPlan(t testing.TB) schema.Plan {
	t.Helper()
	plan, err := planner.Full(schema.Period{Year: 2026, Quarter: 1}, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// goRound lets everybody do what they can and meet, so many times.
func (r *ring) goRound(t testing.TB, times int) {
	t.Helper()
	for range times {
		for _, n := range append([]*Node{r.author}, r.others...) {
			if _, err := n.Release(t.Context()); err != nil {
				t.Logf("%s: %v", n.Slug(), err)
			}
		}
		meet(t, r.others[0], r.author)
		r.gather(t)
		meet(t, r.others[0], r.author)
	}
}

// A joint round by sticks, from the keepers' keys to their sums.
func TestAJointRound(t *testing.T) {
	r := jointRing(t)
	r.clock.set(time.Date(2026, 3, 28, 10, 0, 0, 0, time.UTC))
	r.goRound(t, 1) // keys
	r.clock.set(time.Date(2026, 4, 8, 10, 0, 0, 0, time.UTC))
	r.goRound(t, 1) // contributions
	r.clock.set(time.Date(2026, 4, 10, 7, 0, 0, 0, time.UTC))
	r.goRound(t, 6)
	for _, n := range append([]*Node{r.author}, r.others...) {
		j := n.State().Rounds(n.cfg.Now())[0]
		t.Log(n.Slug(), j.Keepers, j.Threshold, len(n.summed(j)), n.vault.Ledger().Total())
		for m, d := range n.feeds.Desks() {
			for _, note := range d.Joint {
				t.Log(m, note.Body().Kind(), len(note.Raw()), len(note.Signers()))
			}
		}
		for _, k := range j.Keepers {
			t.Log(k, n.feeds.Feed(k).Places)
		}
	}
}
