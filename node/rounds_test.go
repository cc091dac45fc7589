package node

import (
	"path/filepath"
	"reflect"
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

// all are the ring's nodes.
func (r *ring) all() []*Node { return append([]*Node{r.author}, r.others...) }

// firstOpened is what a node reads of the first round.
func firstOpened(t testing.TB, n *Node) Opened {
	t.Helper()
	reading, err := n.Read()
	if err != nil {
		t.Fatal(err)
	}
	if len(reading.Opened) == 0 {
		t.Fatalf("%s has opened nothing: %+v", n.Slug(), reading.Rounds)
	}
	return reading.Opened[0]
}

func state(t testing.TB, n *Node) RoundState {
	t.Helper()
	rounds, err := n.Rounds()
	if err != nil || len(rounds) == 0 {
		t.Fatal(rounds, err)
	}
	return rounds[0].State
}

// until sets the clock to the days of a round's keys, contributions and lists, and lets
// everybody act on each.
func (r *ring) until(t testing.TB, slot bool) {
	t.Helper()
	r.clock.set(time.Date(2026, 3, 28, 10, 0, 0, 0, time.UTC))
	r.goRound(t, 1)
	r.clock.set(time.Date(2026, 4, 8, 10, 0, 0, 0, time.UTC))
	r.goRound(t, 1)
	if slot {
		r.clock.set(time.Date(2026, 4, 10, 7, 0, 0, 0, time.UTC))
		r.goRound(t, 6)
	}
}

// A joint round by sticks, from the keepers' keys to their sums: all open the same, nobody
// released anything alone, the charge is spent, and nothing is left lying about.
func TestAJointRound(t *testing.T) {
	r := jointRing(t)
	r.until(t, true)
	want := firstOpened(t, r.author)
	if len(want.Members) != 4 || !want.Checked || len(want.Liars) != 0 || want.Needed != 3 || len(want.Signers) < 3 {
		t.Errorf("opened %+v", want)
	}
	for _, n := range r.all() {
		if have := firstOpened(t, n); !reflect.DeepEqual(have.Cells, want.Cells) || have.ID != want.ID {
			t.Errorf("%s opened something else", n.Slug())
		}
		if l := n.vault.Ledger(); l.Total() != 48_000_000 {
			t.Errorf("%s: charged %d", n.Slug(), l.Total())
		}
		for m, d := range n.feeds.Desks() {
			if len(d.Joint) > 0 {
				t.Errorf("%s: on the desk of %s lie %d notes of the round", n.Slug(), m, len(d.Joint))
			}
		}
		for _, p := range n.feeds.Feed(n.Slug()).Places {
			if p.Kind == schema.KindRelease {
				t.Errorf("%s released a table of its own", n.Slug())
			}
		}
		if files, _ := filepath.Glob(filepath.Join(n.in(roundsName), "*")); len(files) != 0 {
			t.Errorf("%s: keys of the round are left: %d", n.Slug(), len(files))
		}
		if due, err := n.Read(); err != nil || due.Book.Coverage(schema.Period{Year: 2026, Quarter: 1}).Missing() != nil {
			t.Errorf("%s: coverage: %v", n.Slug(), err)
		}
	}
	r.goRound(t, 1) // nothing more comes of it
	if have := firstOpened(t, r.author); have.ID != want.ID || len(have.Sums) != len(want.Sums) {
		t.Error("the round went on")
	}
}
