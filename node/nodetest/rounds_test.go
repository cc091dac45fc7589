package nodetest

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tidemark/aggregation/joint"
	"tidemark/node/feeds"
	"tidemark/node/gate"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// Joint rounds of six members, of whom four or five keep, over the gate: everybody has a
// store, and stores meet at random. In each up to two members contribute in bad ways, and as
// many keepers lie as the protocol bears (2t-m-1). n = 100 rounds (10 in short mode), each
// from its seed. Whatever happens, all honest stores end equal, at most one set is summed,
// what is opened is the sum of what the set's members gave (unless more keepers lie in their
// sums together than there are sums to check them by), and nobody stores more than its share.
// A few end with nothing: where too many keepers are gone, or the honest ones, who meet seldom
// here, have signed different agreements (PROTOCOL.md, at its end).
func TestJointRoundsAmongAdversaries(t *testing.T) {
	seeds := 100
	if testing.Short() {
		seeds = 10
	}
	ends := map[string]int{}
	for seed := range uint64(seeds) {
		w := newWorld(t, rand.New(rand.NewPCG(seed, 6)))
		w.play(t)
		ends[w.judge(t)]++
		if t.Failed() {
			t.Fatalf("seed %d: keepers %v, members %v", seed, w.lies, w.gives)
		}
	}
	t.Log(ends)
	if ends["sum"] == 0 || ends["void"] == 0 {
		t.Errorf("ended as %v", ends)
	}
}

// world is one round with everybody's store.
type world struct {
	*Coalition
	*Round
	rng    *rand.Rand
	now    time.Time
	stores map[schema.Slug]*feeds.Store
	gives  map[schema.Slug]giving // how each member contributes
	lies   map[schema.Slug]lie    // how each keeper behaves
	values map[schema.Hash]int64  // what a contribution holds, by its id
	mixed  map[schema.Hash]bool   // contributions whose shares do not belong together
	signed map[schema.Slug]bool   // honest keepers that have agreed
	foes   [][]byte               // notes that everybody has to refuse
	rerun  []byte                 // a contribution that comes after the end
}

func newWorld(t *testing.T, rng *rand.Rand) *world {
	t.Helper()
	c := NewJoint(t, 6, 4+rng.IntN(2))
	w := &world{
		Coalition: c, Round: c.Round(t, First), rng: rng, stores: map[schema.Slug]*feeds.Store{},
		gives: map[schema.Slug]giving{}, lies: map[schema.Slug]lie{}, values: map[schema.Hash]int64{},
		mixed: map[schema.Hash]bool{}, signed: map[schema.Slug]bool{},
	}
	w.Coalition.Members = slices.Clone(c.Members)
	for _, m := range w.everybody() {
		w.stores[m.Slug] = c.Store(t)
	}
	for _, m := range w.everybody() {
		raw := m.Declare(t)
		for _, s := range w.stores {
			if _, err := s.Accept(raw, Now); err != nil {
				t.Fatal(err)
			}
		}
	}
	for range rng.IntN(4) {
		w.gives[pick(rng, w.everybody()).Slug] = pick(rng, givings)
	}
	for range 2*w.Threshold - len(w.Keepers) - 1 {
		w.lies[pick(rng, w.KeptBy()).Slug] = pick(rng, lyings)
	}
	return w
}

func pick[T any](rng *rand.Rand, all []T) T { return all[rng.IntN(len(all))] }

func (w *world) everybody() []*Member { return w.Coalition.Members }

// says gives a note to its author's store, or to another's.
func (w *world) says(at *Member, raw []byte) error {
	_, err := w.stores[at.Slug].Accept(raw, w.now)
	return err
}

// meet lets members exchange, in pairs at random.
func (w *world) meet(times int) {
	for range times {
		a, b := w.stores[pick(w.rng, w.everybody()).Slug], w.stores[pick(w.rng, w.everybody()).Slug]
		w.exchange(a, b)
		w.exchange(b, a)
	}
}

// exchange gives to one store what it lacks of another; tells whether it took anything.
func (w *world) exchange(from, to *feeds.Store) (took bool) {
	for raw := range from.Lacking(to.Vector(), 0) {
		if _, err := to.Accept(raw, w.now); err == nil {
			took = true
		}
	}
	return took
}

// play goes through the days of a round.
func (w *world) play(t *testing.T) {
	w.now = schema.KeysFrom(w.Period)
	for _, k := range w.KeptBy() {
		w.honestly(t, k, w.Key(k))
	}
	w.meet(30)
	w.now = (w.Period.End() + 2).Time()
	for i, m := range w.everybody() {
		w.gives[m.Slug].give(t, w, m, int64(100+i))
	}
	w.meet(12 + w.rng.IntN(20))
	w.now = w.Plan().SlotOf(w.Period)
	w.prepareFoes(t)
	for _, k := range w.KeptBy() {
		w.lies[k.Slug].list(t, w, k)
	}
	for _, m := range w.everybody() {
		w.gives[m.Slug].late(t, w, m)
	}
	for step := range 8 {
		w.meet(8)
		for _, k := range w.KeptBy() {
			w.lies[k.Slug].agree(t, w, k, step)
			w.lies[k.Slug].sum(t, w, k)
		}
		w.attack(t, pick(w.rng, w.everybody()))
	}
}

func (w *world) Plan() *schema.Plan { return &w.Coalition.Plan }

// honestly gives a note to its own author's store, which takes it.
func (w *world) honestly(t *testing.T, by *Member, raw []byte) {
	t.Helper()
	if err := w.says(by, raw); err != nil && !errors.Is(err, gate.ErrStale) {
		t.Errorf("%s: %v", by.Slug, err)
	}
}

// notes are those of one kind that a member's store has of the round.
func (w *world) notes(of *Member, kind schema.Kind) (raws [][]byte) {
	for _, m := range w.everybody() {
		if note, ok := w.stores[of.Slug].Desk(m.Slug).Note(w.Joint.Round, kind); ok {
			raws = append(raws, note.Raw())
		}
	}
	return raws
}

// lists are the keepers' that a member's store has; of a keeper that gave two, both.
func (w *world) lists(of *Member) (raws [][]byte) {
	for _, k := range w.Keepers {
		for _, note := range w.stores[of.Slug].Lists(w.Joint.Round, k) {
			raws = append(raws, note.Raw())
		}
	}
	return raws
}

func (w *world) agreements(of *Member) (all []wire.Verified) {
	for _, k := range w.Keepers {
		all = append(all, w.stores[of.Slug].Desk(k).Agreements(w.Joint.Round)...)
	}
	slices.SortStableFunc(all, func(a, b wire.Verified) int { return len(b.Signers()) - len(a.Signers()) })
	return all
}

// judge brings all honest stores level and holds them against one another; it tells how the
// round ended.
func (w *world) judge(t *testing.T) string {
	var honest []*feeds.Store
	for _, m := range w.everybody() {
		if w.lies[m.Slug] == (lie{}) {
			honest = append(honest, w.stores[m.Slug])
		}
	}
	w.level(honest)
	for _, s := range honest {
		if s.Digest() != honest[0].Digest() {
			t.Error("honest stores differ")
		}
		w.accused(t, s, honest[0])
		w.bounded(t, s)
	}
	for _, m := range w.everybody() {
		w.attack(t, m)
	}
	return w.ended(t, honest[0])
}

// level lets stores exchange until nobody lacks anything.
func (w *world) level(stores []*feeds.Store) {
	for took, times := true, 0; took && times < 20; times++ {
		took = false
		for _, a := range stores {
			for _, b := range stores {
				took = w.exchange(a, b) || took
			}
		}
	}
}

// accused checks that only liars are, and everywhere the same ones.
func (w *world) accused(t *testing.T, s, other *feeds.Store) {
	for i, m := range s.Vector().Members {
		who := w.everybody()[i].Slug
		if (m.Alarm || m.Disputed > 0) && w.lies[who] == (lie{}) {
			t.Errorf("%s is accused", who)
		}
		if m.Alarm != other.Vector().Members[i].Alarm {
			t.Errorf("%s is accused here and not there", who)
		}
	}
}

// bounded checks that a store keeps no more than one of each kind, two lists of a keeper that
// lies, and an agreement for each keeper.
func (w *world) bounded(t *testing.T, s *feeds.Store) {
	count := map[schema.Kind]int{}
	for m, d := range s.Desks() {
		if n := len(d.Lists(w.Joint.Round)); n > 2 || n > 1 && w.lies[m] == (lie{}) {
			t.Errorf("%d lists of %s", n, m)
		}
		for _, n := range d.Joint {
			count[n.Body().Kind()]++
		}
	}
	if m := len(w.Keepers); count[schema.KindAgreement] > m || count[schema.KindContribution] > 6 || count[schema.KindKeeperKey] > m {
		t.Errorf("kept %v", count)
	}
}

// ended opens what the sums allow.
func (w *world) ended(t *testing.T, s *feeds.Store) string {
	var agreed []byte
	sums := map[schema.Slug][][schema.ScalarSize]byte{}
	for _, k := range w.Keepers {
		at := s.Feed(k).Claim(w.Joint.Round.Plan, w.Period)
		if at == 0 {
			continue
		}
		note, err := s.Agreement(k, at)
		if err != nil {
			t.Fatal(err)
		}
		if agreed != nil && IDOf(note) != IDOf(agreed) {
			t.Error("two sets are summed")
		}
		sum, err := s.Statement(k, at)
		if err != nil {
			t.Fatal(err)
		}
		agreed, sums[k] = note, bodyOf[schema.Sum](sum).Scalars
	}
	if agreed == nil {
		return "nothing"
	}
	a := bodyOf[schema.Agreement](agreed)
	if a.Void {
		return "void"
	}
	return w.opened(t, a, sums)
}

func (w *world) opened(t *testing.T, a schema.Agreement, sums map[schema.Slug][][schema.ScalarSize]byte) string {
	var want int64
	for _, c := range a.Contributions {
		if w.mixed[c.ID] {
			if len(a.Lists) > w.Threshold {
				t.Error("shares that do not belong together were not found out")
			}
			return "poisoned" // by one member, as any number of its could
		}
		want += w.values[c.ID]
	}
	lying := 0
	for k := range sums {
		if w.lies[k].sums() {
			lying++
		}
	}
	o, err := w.Math.Interpolate(a, sums)
	for _, k := range o.Liars {
		if !w.lies[k].sums() && lying < 2 { // two that lie together may put it on a third (J11)
			t.Errorf("%s is called a liar", k)
		}
	}
	switch {
	case errors.Is(err, joint.ErrFew):
		return "waits"
	case err == nil && o.Counters[0] == want:
	case lying == 0:
		t.Errorf("opened %v, the members gave %d: %v", o.Counters, want, err)
	case err != nil, !o.Checked:
		return "contradiction"
	case lying >= max(2, len(sums)-w.Threshold): // one may be left out as the liar
		return "false" // as many as there are sums too many can agree on a lie (J11)
	default:
		t.Errorf("opened %d, the members gave %d", o.Counters[0], want)
	}
	return "sum"
}

// propose is an honest keeper, as in node/rounds.go: it adds its line to the first agreement
// that the lists bear out, or proposes one when it is its turn to.
func (w *world) propose(t *testing.T, k *Member, step int) {
	if w.signed[k.Slug] {
		return
	}
	lists := ListsOf(w.lists(k)...)
	all := w.Math.Listed(lists) == len(w.Keepers)
	waited := all || step > 1
	for _, note := range w.agreements(k) {
		if a := note.Body().(schema.Agreement); w.Math.Judge(a, lists) != nil || a.Void && !waited {
			continue
		}
		raw, err := wire.Cosign(note.Raw(), k.Signer)
		if err != nil {
			t.Fatal(err)
		}
		w.signed[k.Slug] = true
		w.honestly(t, k, raw)
		return
	}
	if place := slices.Index(w.Keepers, k.Slug); !(place == 0 && all) && step < place+2 {
		return
	}
	if a, ok := w.Math.Propose(lists); ok {
		w.signed[k.Slug] = true
		w.honestly(t, k, Sign(t, a, k.Signer))
	}
}

// inForce is an agreement that a member's store knows to hold, from a desk or beside a sum.
func (w *world) inForce(k *Member) []byte {
	for _, note := range w.agreements(k) {
		if w.Agreed(note.Body().(schema.Agreement), note.Slugs()) == nil {
			return note.Raw()
		}
	}
	s := w.stores[k.Slug]
	for _, other := range w.Keepers {
		if at := s.Feed(other).Claim(w.Joint.Round.Plan, w.Period); at != 0 {
			raw, _ := s.Agreement(other, at)
			return raw
		}
	}
	return nil
}

// sumUp is a keeper's sum over an agreement that holds, once, after it was spoiled.
func (w *world) sumUp(t *testing.T, k *Member, spoil func(*schema.Sum)) {
	raw := w.inForce(k)
	if raw == nil || w.stores[k.Slug].Feed(k.Slug).Claim(w.Joint.Round.Plan, w.Period) != 0 {
		return
	}
	a := bodyOf[schema.Agreement](raw)
	if !coalition.RestsOn(a, k.Slug) {
		return
	}
	sum := w.SumOf(t, k, raw, w.notes(k, schema.KindContribution)...)
	spoil(&sum)
	note := Sign(t, sum, k.Signer)
	k.stand(note)
	w.honestly(t, k, Pack(t, raw, note))
}
