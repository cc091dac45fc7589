package feeds_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"tidemark/node/feeds"
	"tidemark/node/nodetest"
	"tidemark/schema"
	"tidemark/schema/wire"
)

// played is a joint round of four members, all of whom keep it, with all its notes in the
// order in which they come; of four keepers three agree.
type played struct {
	*nodetest.Coalition
	round                      *nodetest.Round
	given, small, declarations [][]byte // small: keys, lists, and an agreement line by line
	whole                      []byte
}

func play(t *testing.T) *played {
	t.Helper()
	p := &played{Coalition: nodetest.NewJoint(t, 4, 4)}
	p.round = p.Coalition.Round(t, nodetest.Quarter(0))
	var lists [][]byte
	for i, m := range p.Members {
		p.declarations = append(p.declarations, m.Declare(t))
		p.given = append(p.given, p.round.Give(t, m, int64(i)))
		p.small = append(p.small, p.round.Key(m))
	}
	for _, m := range p.Members {
		lists = append(lists, p.round.List(t, m, p.given...))
	}
	p.small = append(p.small, lists...)
	a := p.round.Propose(t, lists...)
	for _, m := range p.Members[:3] {
		p.small = append(p.small, nodetest.Sign(t, a, m.Signer))
	}
	p.whole = nodetest.Sign(t, a, p.Members[0].Signer, p.Members[1].Signer, p.Members[2].Signer)
	return p
}

// store knows the acts and the declarations.
func (p *played) store(t *testing.T) *feeds.Store {
	t.Helper()
	s := p.Store(t)
	accept(t, s, p.declarations...)
	return s
}

func (p *played) sum(t *testing.T, i int) []byte {
	return p.round.Sum(t, p.Members[i], p.whole, p.given...)
}

// onDesks counts the notes of joint rounds on all desks.
func onDesks(s *feeds.Store) (count int) {
	for _, d := range s.Desks() {
		count += len(d.Joint)
	}
	return count
}

// Two stores with different notes of a round come level in one exchange each way, whoever
// begins.
func TestNotesOfARoundTravel(t *testing.T) {
	p := play(t)
	all := slices.Concat(p.given, p.small)
	for seed := range 4 {
		a, b := p.store(t), p.store(t)
		for i, raw := range all {
			accept(t, []*feeds.Store{a, b}[(i>>(seed/2)+i)%2], raw)
		}
		if seed%2 == 1 {
			a, b = b, a
		}
		give(a, b)
		give(b, a)
		if fmt.Sprint(a.Vector()) != fmt.Sprint(b.Vector()) || onDesks(a) != 4+4+4+1 || onDesks(b) != 4+4+4+1 {
			t.Errorf("%d and %d notes", onDesks(a), onDesks(b))
		}
		for range a.Lacking(b.Vector(), 0) {
			t.Error("still lacks something")
		}
	}
}

// Contributions are sent only where their mark differs: lines on an agreement move none.
func TestLinesMoveNoContributions(t *testing.T) {
	p := play(t)
	a, b := p.store(t), p.store(t)
	accept(t, a, slices.Concat(p.given, p.small)...)
	accept(t, b, slices.Concat(p.given, p.small[:9])...)
	for raw := range a.Lacking(b.Vector(), 0) {
		if body, _ := wire.Peek(raw); body.Kind() == schema.KindContribution {
			t.Error("a contribution is sent")
		}
	}
}

// A member gives two contributions, each to one half. Nobody sends them to and fro: who has
// one takes no other.
func TestTwoContributionsDoNotGoToAndFro(t *testing.T) {
	p := play(t)
	a, b := p.store(t), p.store(t)
	accept(t, a, p.given[0])
	accept(t, b, p.round.Give(t, p.Members[0], 9))
	for range a.Lacking(b.Vector(), 0) {
		t.Error("something is sent")
	}
}

// lists are three that one keeper signs for one round.
func (p *played) lists(t *testing.T) (all [][]byte) {
	for i := range 3 {
		all = append(all, p.round.List(t, p.Members[0], p.given[i:]...))
	}
	return all
}

// Two stores have different lists of one keeper. Whoever begins, both come to have both and
// the proof; so does a third that had none, or an older alarm, and it survives a restart.
func TestTwoListsSpread(t *testing.T) {
	p := play(t)
	liar, lists := p.Members[0].Slug, p.lists(t)
	for seed := range 2 {
		a, b, late := p.store(t), p.store(t), p.store(t)
		accept(t, a, lists[0])
		accept(t, b, lists[1])
		if seed == 1 {
			a, b = b, a
		}
		give(a, b)
		give(b, a)
		give(b, late)
		for i, s := range []*feeds.Store{a, b, late} {
			if d := s.Disputes(); len(d) != 1 || d[0].Member != liar || d[0].Fork || len(s.Desk(liar).Lists(p.round.Joint.Round)) != 2 {
				t.Errorf("store %d: %d proofs, %d notes", i, len(d), onDesks(s))
			}
		}
		for raw := range a.Lacking(b.Vector(), 0) {
			t.Errorf("still lacks %.40s", raw)
		}
	}
	dir := t.TempDir()
	s := p.Fill(t, onDisk(t, dir))
	accept(t, s, slices.Concat(p.declarations, lists[:2])...)
	if s = reopened(t, s, dir); len(s.Disputes()) != 1 || len(s.Desk(liar).Lists(p.round.Joint.Round)) != 2 {
		t.Errorf("after a restart: %d proofs, %d notes", len(s.Disputes()), onDesks(s))
	}
}

// An alarm of another kind does not hide two lists: they lie on the desk of whoever met both.
func TestTwoListsSpreadBesideAnAlarm(t *testing.T) {
	p := play(t)
	liar, lists := p.Members[0], p.lists(t)
	a, b := p.store(t), p.store(t)
	for i, s := range []*feeds.Store{a, b} {
		accept(t, s, nodetest.Sign(t, p.round.Propose(t, p.small[4:7]...), liar.Signer), nodetest.Sign(t, p.agreement(), liar.Signer, p.Members[1].Signer), lists[i])
	}
	give(a, b)
	give(b, a)
	for _, s := range []*feeds.Store{a, b} {
		if notes, err := s.Disputes()[0].Notes(); err != nil || !strings.HasPrefix(string(notes[0]), "tidemark/agreement/") || len(s.Lists(p.round.Joint.Round, liar.Slug)) != 2 {
			t.Errorf("%d lists, %.30s, %v", len(s.Lists(p.round.Joint.Round, liar.Slug)), notes[0], err)
		}
	}
}

// Where a keeper sends three lists, whoever has two of them takes no third.
func TestThreeListsDoNotGoToAndFro(t *testing.T) {
	p := play(t)
	a, b, lists := p.store(t), p.store(t), p.lists(t)
	accept(t, a, lists[0], lists[1])
	accept(t, b, lists[1], lists[2])
	for range a.Lacking(b.Vector(), 0) {
		t.Error("something is sent")
	}
}

// Two goroutines bring a list each: whoever comes second, the proof is found.
func TestTwoListsAtOnceAreProved(t *testing.T) {
	p := play(t)
	lists := p.lists(t)
	for range 20 {
		s := p.store(t)
		var both sync.WaitGroup
		for _, raw := range lists {
			both.Go(func() { _, _ = s.Accept(raw, nodetest.Now) })
		}
		both.Wait()
		if n := len(s.Desk(p.Members[0].Slug).Lists(p.round.Joint.Round)); n != 2 || len(s.Disputes()) != 1 {
			t.Fatalf("%d lists, %d proofs", n, len(s.Disputes()))
		}
	}
}

// What others take no more is not offered: notes of who was suspended, and those of a round
// with a sum.
func TestWhatNobodyTakesIsNotOffered(t *testing.T) {
	p := play(t)
	s, other := p.store(t), p.store(t)
	accept(t, s, slices.Concat(p.given, p.small)...)
	act := p.ActOn(t, schema.DateOf(nodetest.Now), schema.Suspend{Member: p.Members[3].Slug})
	accept(t, s, act)
	accept(t, other, act)
	for raw := range s.Lacking(other.Vector(), 0) {
		accept(t, other, raw)
	}
	if n := onDesks(other); n != onDesks(s)-3 { // but its key, its contribution and its list
		t.Errorf("%d of %d notes were taken", n, onDesks(s))
	}
	accept(t, s, p.sum(t, 0))
	late := p.store(t)
	for raw := range s.Lacking(late.Vector(), 0) {
		accept(t, late, raw)
	}
	for raw := range s.UnderWay() {
		t.Errorf("a bundle holds %s", raw[:30])
	}
	if onDesks(late) != 0 || onDesks(s) == 0 {
		t.Errorf("%d notes here, %d at who comes late", onDesks(s), onDesks(late))
	}
}

// A bundle holds what is under way in an order in which each note is accepted.
func TestBundlesBringRoundsInOrder(t *testing.T) {
	p := play(t)
	s, other := p.store(t), p.store(t)
	accept(t, s, slices.Concat(p.given, p.small)...)
	for raw := range s.UnderWay() {
		accept(t, other, raw)
	}
	if onDesks(other) != onDesks(s) {
		t.Errorf("%d of %d notes", onDesks(other), onDesks(s))
	}
}

// A round and a proof about a keeper survive a restart, and what the last sum has cleared
// does not come back.
func TestRoundsSurviveARestart(t *testing.T) {
	p := play(t)
	dir := t.TempDir()
	s := p.Fill(t, onDisk(t, dir))
	accept(t, s, slices.Concat(p.declarations, p.given, p.small)...)
	liar := p.Members[3]
	accept(t, s, nodetest.Sign(t, p.round.Propose(t, p.small[4:7]...), liar.Signer), nodetest.Sign(t, p.agreement(), liar.Signer))
	before := s.Vector()
	s = reopened(t, s, dir)
	if fmt.Sprint(s.Vector()) != fmt.Sprint(before) || onDesks(s) != 4+4+4+2 {
		t.Fatalf("have %v, had %v", s.Vector(), before)
	}
	if d := s.Disputes(); len(d) != 1 || d[0].Member != liar.Slug || d[0].Fork {
		t.Fatalf("%d proofs", len(d))
	}
	for i := range 4 {
		accept(t, s, p.sum(t, i))
	}
	s = reopened(t, s, dir)
	if n := onDesks(s); n != 0 || len(s.Disputes()) != 1 {
		t.Errorf("%d notes are back, %d proofs", n, len(s.Disputes()))
	}
	other := p.store(t)
	for raw := range s.Lacking(other.Vector(), 0) {
		accept(t, other, raw)
	}
	if len(other.Disputes()) != 1 {
		t.Error("the proof does not travel")
	}
}

func (p *played) agreement() schema.Agreement {
	body, err := wire.Peek(p.whole)
	if err != nil {
		panic(err) // it was signed a moment ago
	}
	return body.(schema.Agreement)
}

// The last sum and what it clears are one step: lost or done, both are.
func TestTheLastSumClearsInOneStep(t *testing.T) {
	for _, done := range []bool{false, true} {
		p := play(t)
		d, s := onFaulty(t, p.Coalition)
		accept(t, s, slices.Concat(p.declarations, p.given, p.small)...)
		accept(t, s, p.sum(t, 0), p.sum(t, 1), p.sum(t, 2))
		last := p.sum(t, 3)
		d.LoseNext, d.DoneNext = !done, done
		if _, err := s.Accept(last, nodetest.Now); !errors.Is(err, feeds.ErrFault) {
			t.Fatalf("have %v", err)
		}
		again, err := d.Store()
		if err != nil {
			t.Fatal(err)
		}
		head, _ := again.Feed(p.Members[3].Slug).Head()
		if summed := head == 2; summed != done || (onDesks(again) == 0) != done || onDesks(s) == 0 {
			t.Errorf("done: %v; the sum is there: %v, with %d notes", done, summed, onDesks(again))
		}
		accept(t, s, last)
		if onDesks(s) != 0 {
			t.Error("not cleared")
		}
	}
}
