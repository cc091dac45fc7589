package nodetest

import (
	"math/rand/v2"
	"testing"

	"tidemark/node/feeds"
	"tidemark/schema"
)

// A keeper gives up to four different lists of one round, each to somebody else, and says
// nothing more; all others are honest. Some may sign an agreement on a list of its before they
// hear of another. n = 40 rounds of four or five keepers (10 in short mode), each from its
// seed: all open the sum of what was given, everybody comes to hold the proof, and the liar's
// silence costs no more than its sum.
func TestTwoListsStopNoRound(t *testing.T) {
	seeds := 40
	if testing.Short() {
		seeds = 10
	}
	rested := 0
	for seed := range uint64(seeds) {
		w := newWorld(t, rand.New(rand.NewPCG(seed, 7)))
		clear(w.gives)
		clear(w.lies)
		liar := pick(w.rng, w.KeptBy())
		w.lies[liar.Slug] = lie{"many lists"}
		w.listMany(t, liar)
		if w.restsOn(t, liar) {
			rested++
		}
		w.carryOn(t, liar)
		if end := w.judge(t); end != "sum" {
			t.Errorf("ended with %s", end)
		}
		for m, s := range w.stores {
			if d := s.Disputes(); len(d) != 1 || d[0].Member != liar.Slug {
				t.Errorf("%s has %d proofs", m, len(d))
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d: %s lies", seed, liar.Slug)
		}
	}
	if t.Logf("in %d of %d somebody had signed on a list of the liar's", rested, seeds); rested == 0 {
		t.Error("nobody ever signed on a list of the liar's")
	}
}

// listMany brings the round to its lists: those of the honest are everywhere, of the liar's
// each store has one of four.
func (w *world) listMany(t *testing.T, liar *Member) {
	w.now = schema.KeysFrom(w.Period)
	for _, k := range w.KeptBy() {
		w.honestly(t, k, w.Key(k))
	}
	w.now = (w.Period.End() + 2).Time()
	for i, m := range w.everybody() {
		giving{}.give(t, w, m, int64(100+i))
	}
	w.level(w.all())
	w.now = w.Plan().SlotOf(w.Period)
	w.prepareFoes(t)
	for _, k := range w.KeptBy() {
		if k != liar {
			w.honestly(t, k, w.List(t, k, w.notes(k, schema.KindContribution)...))
		}
	}
	w.level(w.all())
	given := w.notes(liar, schema.KindContribution)
	for i, m := range w.everybody() {
		if err := w.says(m, w.List(t, liar, given[i%4:]...)); err != nil {
			t.Errorf("%s: %v", m.Slug, err)
		}
	}
}

func (w *world) all() (stores []*feeds.Store) {
	for _, m := range w.everybody() {
		stores = append(stores, w.stores[m.Slug])
	}
	return stores
}

// restsOn lets the first keeper, if it is honest, propose what it knows: it has all lists.
func (w *world) restsOn(t *testing.T, liar *Member) bool {
	first := w.KeptBy()[0]
	if first != liar {
		w.propose(t, first, 0)
	}
	return w.signed[first.Slug]
}

// carryOn is how the honest go on, who hear of each other long before the next one's turn.
func (w *world) carryOn(t *testing.T, liar *Member) {
	for step := range 8 {
		w.level(w.all())
		for _, k := range w.KeptBy() {
			if k != liar {
				w.propose(t, k, step)
				w.level(w.all())
				w.sumUp(t, k, func(*schema.Sum) {})
			}
		}
	}
}
