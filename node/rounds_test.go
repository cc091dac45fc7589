package node

import (
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"tidemark/aggregation/planner"
	"tidemark/node/vault"
	"tidemark/schema"
	"tidemark/schema/coalition"
)

// jointRing is a coalition in joint mode that meets by sticks, on the day of its founding.
// The keepers are those that come first, four at most.
func jointRing(t testing.TB, honest int, members ...schema.Slug) *ring {
	t.Helper()
	plan, err := planner.Full(schema.Period{Year: 2026, Quarter: 1}, honest, 1)
	if err != nil {
		t.Fatal(err)
	}
	c := newClock()
	r := &ring{clock: c, others: []*Node{foundedBy(t, c, members[0], "", plan)}}
	r.author = member(t, c, members[1], "")
	for _, slug := range members[2:] {
		r.others = append(r.others, member(t, c, slug, ""))
	}
	joins(t, r.others[0], append([]*Node{r.author}, r.others[1:]...)...)
	if _, err := r.others[0].Propose(t.Context(), schema.AppointKeepers{Keepers: members[:min(len(members), 4)]}); err != nil {
		t.Fatal(err)
	}
	r.gather(t)
	return r
}

var four = []schema.Slug{"amber-lark", "quiet-heron", "river-ibis", "north-fern"}

// goRound lets those who are not away do what they can and meet, so many times.
func (r *ring) goRound(t testing.TB, times int, away ...schema.Slug) {
	t.Helper()
	for range times {
		for range 2 {
			for _, n := range r.all() {
				if n != r.others[0] && !slices.Contains(away, n.Slug()) {
					meet(t, r.others[0], n)
				}
			}
		}
		for _, n := range r.all() {
			if slices.Contains(away, n.Slug()) {
				continue
			}
			if _, err := n.Release(t.Context()); err != nil && !errors.Is(err, vault.ErrUnconfirmed) {
				t.Errorf("%s: %v", n.Slug(), err)
			}
		}
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
	reading, err := n.Read()
	if err != nil || len(reading.Rounds) == 0 {
		t.Fatal(reading.Rounds, err)
	}
	return reading.Rounds[0].State
}

// keys, contributions and slot are the days of a round.
func (r *ring) keys()          { r.clock.set(time.Date(2026, 3, 28, 10, 0, 0, 0, time.UTC)) }
func (r *ring) contributions() { r.clock.set(time.Date(2026, 4, 2, 10, 0, 0, 0, time.UTC)) }

// late is the day of the slot, when all that was sent in time has come.
func (r *ring) late() { r.clock.set(time.Date(2026, 4, 10, 13, 0, 0, 0, time.UTC)) }

// until lets a round go on to its contributions, or to its end.
func (r *ring) until(t testing.TB, end bool, away ...schema.Slug) {
	t.Helper()
	r.keys()
	r.goRound(t, 1, away...)
	r.contributions()
	r.goRound(t, 1, away...)
	if end {
		r.late()
		r.goRound(t, 7, away...)
	}
}

// A joint round by sticks, from the keepers' keys to their sums: all open the same, nobody
// released anything alone, the charge is spent, and nothing is left lying about.
func TestAJointRound(t *testing.T) {
	r := jointRing(t, 2, four...)
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
		if f, err := n.NoteByID(want.ID); err != nil || f.Kind != schema.KindAgreement || len(f.Signers) < want.Needed {
			t.Errorf("%s: the agreement: %s, %v, %v", n.Slug(), f.Kind, f.Signers, err)
		}
		places := n.feeds.Feed(n.Slug()).Places
		if f, err := n.NoteByID(places[len(places)-1].ID); err != nil || f.Kind != schema.KindSum {
			t.Errorf("%s: its sum: %s, %v", n.Slug(), f.Kind, err)
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

// Too few contribute: the keepers agree that the round is void, nothing is opened, and
// nobody may contribute to the period or release for it any more.
func TestAVoidRound(t *testing.T) {
	away := []schema.Slug{"swift-tern"}
	r := jointRing(t, 5, append(slices.Clone(four), "calm-wren", "swift-tern")...)
	r.until(t, true, away...) // five of the six that are wanted
	for _, n := range r.all() {
		if slices.Contains(away, n.Slug()) {
			meet(t, r.others[0], n)
		}
		if s := state(t, n); s != RoundVoid {
			t.Errorf("%s: %s", n.Slug(), s)
		}
		j := n.State().Rounds(r.clock.now())[0]
		due := coalition.Due{Plan: j.Round.Plan, Period: j.Period}
		_, err := n.vault.Contribute(t.Context(), n.State(), due, nil, nil)
		if slices.Contains(away, n.Slug()) && !errors.Is(err, vault.ErrClosed) {
			t.Errorf("%s may still contribute: %v", n.Slug(), err)
		}
		if _, err := n.vault.Step(t.Context(), n.State(), due, n.heads()); err == nil {
			t.Errorf("%s may release alone", n.Slug())
		}
		if p := n.feeds.Feed(n.Slug()).Places; n.Slug() == "swift-tern" && len(p) > 1 {
			t.Errorf("%s said something: %v", n.Slug(), p)
		}
	}
	if reading, err := r.author.Read(); err != nil || len(reading.Opened) != 0 {
		t.Errorf("opened %d: %v", len(reading.Opened), err)
	}
}

// A member that goes away after its one message is in the sum; a keeper that stays away
// does not stop it.
func TestWhoGoesAwayIsCounted(t *testing.T) {
	r := jointRing(t, 2, append(slices.Clone(four), "calm-wren")...)
	r.until(t, false)
	r.late()
	r.goRound(t, 1, "calm-wren") // lists
	r.goRound(t, 7, "north-fern")
	o := firstOpened(t, r.author)
	if len(o.Members) != 5 || len(o.Sums) != 3 || o.Checked {
		t.Errorf("%d members by %d sums, checked: %v", len(o.Members), len(o.Sums), o.Checked)
	}
	r.goRound(t, 3)
	if o = firstOpened(t, r.author); !o.Checked || len(o.Sums) != 4 {
		t.Errorf("when the keeper is back: %d sums, checked: %v", len(o.Sums), o.Checked)
	}
}

// A keeper whose key of the round is lost (no backup holds it) takes no part; the
// others go on.
func TestAKeeperWithoutItsKeyAbstains(t *testing.T) {
	r := jointRing(t, 2, four...)
	r.until(t, false)
	if err := r.author.dropRoundKey(r.author.State().Rounds(r.clock.now())[0].Round); err != nil {
		t.Fatal(err)
	}
	r.late()
	r.goRound(t, 2)
	if state(t, r.author) != RoundUnderWay {
		t.Fatal("the keepers have not waited")
	}
	r.clock.days(2)
	r.goRound(t, 7)
	if o := firstOpened(t, r.author); len(o.Members) != 4 || slices.Contains(o.Sums, r.author.Slug()) {
		t.Errorf("opened by %v for %v", o.Sums, o.Members)
	}
}

// twoLists copies a keeper's folder before the slot; the copy misses a contribution, so that
// both list something else. The first keeper signs an agreement on the one list, before
// anybody who has it meets the member that has the other.
func twoLists(t testing.TB) (r *ring, liar schema.Slug) {
	t.Helper()
	const away = "calm-wren"
	r = jointRing(t, 2, append(slices.Clone(four), away)...)
	r.keys()
	r.goRound(t, 1)
	r.contributions()
	r.goRound(t, 1, away)
	original, clone := copied(t, r.author)
	r.author = original
	r.goRound(t, 2)
	r.late()
	first, second, third := r.others[0], r.others[1], r.others[2]
	for _, n := range []*Node{first, second, third, original, clone} {
		releases(t, n)
	}
	meet(t, first, third)
	meet(t, clone, third)
	meet(t, first, original)
	meet(t, first, second)
	releases(t, first)
	j := first.State().Rounds(r.clock.now())[0]
	x, _ := first.feeds.Desk(original.Slug()).Note(j.Round, schema.KindHeld)
	y, _ := third.feeds.Desk(original.Slug()).Note(j.Round, schema.KindHeld)
	signed := first.agreements(turn{Joint: j})
	if x.ID() == y.ID() || len(signed) != 1 || !slices.Contains(signed[0].Body().(schema.Agreement).Lists, schema.Attributed{Who: original.Slug(), ID: x.ID()}) {
		t.Fatalf("lists %s and %s, %d agreements", x.ID().Short(), y.ID().Short(), len(signed))
	}
	return r, original.Slug()
}

// goesOn wants the round to open the sum of all without the keeper that gave two lists, and
// everybody to have the alarm about it.
func (r *ring) goesOn(t testing.TB, liar schema.Slug) {
	t.Helper()
	r.goRound(t, 5, liar)
	for _, n := range r.others {
		if o := firstOpened(t, n); len(o.Members) != 5 || len(o.Sums) != 3 {
			t.Errorf("%s opened the sum of %v, by %v", n.Slug(), o.Members, o.Sums)
		}
		all, err := n.Conflicts()
		if err != nil || len(all) != 1 || all[0].Fork || all[0].Member != liar || all[0].Notes[1].Kind != schema.KindHeld {
			t.Errorf("%s: %d conflicts: %v", n.Slug(), len(all), err)
		}
	}
}

// Two copies of a keeper's folder list different contributions, and one member has signed on
// one list while another has the other. Both are kept as a proof, and the others open the sum.
func TestACopiedKeepersTwoListsStopNothing(t *testing.T) {
	r, liar := twoLists(t)
	r.goesOn(t, liar)
}

// As soon as the proof is seen the admins remove the keeper. Its lists travel no more, but
// the proof does: who has not seen both learns that neither counts, and the round goes on.
func TestARemovedKeepersTwoListsStopNothing(t *testing.T) {
	r, liar := twoLists(t)
	if err := brings(r.others[2], r.others[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := r.others[0].Propose(t.Context(), schema.Remove{Member: liar}); err != nil {
		t.Fatal(err)
	}
	r.goesOn(t, liar)
}
