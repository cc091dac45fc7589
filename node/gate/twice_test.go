package gate_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"testing"

	"tidemark/node/gate"
	"tidemark/node/nodetest"
	"tidemark/schema"
	"tidemark/schema/wire"
)

// both are two agreements that the lists allow: on all of them, and on the first four.
func (k *kept) both(t testing.TB) (a, b schema.Agreement) {
	return k.Propose(t, k.lists...), k.Propose(t, k.lists[:4]...)
}

// alarms are whom the store has proofs about.
func alarms(t *testing.T, k *kept) (about []schema.Slug) {
	t.Helper()
	for _, d := range k.store.Disputes() {
		if d.Fork {
			t.Errorf("%s: a fork", d.Member)
		}
		about = append(about, d.Member)
	}
	return about
}

// A keeper signs two agreements. The proof shows its line alone, under both; what has enough
// lines is accepted all the same, its own among them, and its feed goes on.
func TestTwoAgreementsAreProvedAndTheOneThatHoldsIsTaken(t *testing.T) {
	k := newKept(t)
	a, b := k.both(t)
	liar := k.member(3)
	k.takes(t, k.signed(t, b, 3), k.signed(t, a, 0, 1, 2))
	whole := k.signed(t, a, 0, 1, 2, 3)
	var e *gate.Equivocation
	if err := k.check(whole); !errors.As(err, &e) || !e.Proof.SignedTwice() || e.Proof.Fork() || e.Proof.Member() != liar.Slug {
		t.Fatalf("have %v", err)
	}
	k.accept(t, whole)
	if have := alarms(t, k); len(have) != 1 || have[0] != liar.Slug {
		t.Fatalf("proofs about %v", have)
	}
	notes := Must(k.store.Disputes()[0].Notes())
	if bytes.Compare(idOf(notes[0]), idOf(notes[1])) > 0 || idOf(notes[0]) == nil {
		t.Error("want the smaller id first")
	}
	for _, n := range notes {
		v := Must(wire.Verify(n, k.State.Ring()))
		if s := v.Signers(); len(s) != 1 || s[0] != liar.Signer.VerifierKey() || v.Body().(schema.Agreement).Round != k.Joint.Round {
			t.Errorf("signed by %v", s)
		}
	}
	for i := range 5 {
		k.accept(t, k.sum(t, i, whole))
	}
	k.accept(t, liar.Say(t, schema.Declaration{Link: liar.Link(), Share: 1}))
}

func idOf(raw []byte) []byte {
	id := nodetest.IDOf(raw)
	return id[:]
}

// The second agreement is found out wherever it comes: with a line that is new or without,
// before the sums and after them, as a note or beside a sum.
func TestTwoAgreementsAreFoundWhereverTheyCome(t *testing.T) {
	for name, act := range map[string]func(k *kept, a, b schema.Agreement){
		"one line on each": func(k *kept, a, b schema.Agreement) {
			k.accept(t, k.signed(t, a, 3))
			k.refused(t, k.signed(t, b, 3))
		},
		"with an honest line": func(k *kept, a, b schema.Agreement) {
			k.accept(t, k.signed(t, a, 3))
			k.accept(t, k.signed(t, b, 2, 3))
		},
		"after a sum, which has cleared the desks or not": func(k *kept, a, b schema.Agreement) {
			k.accept(t, k.sum(t, 0, k.signed(t, a, 0, 1, 2, 3)))
			k.refused(t, k.signed(t, b, 3))
		},
		"after the last sum": func(k *kept, a, b schema.Agreement) {
			for i := range 5 {
				k.accept(t, k.sum(t, i, k.signed(t, a, 0, 1, 2, 3)))
			}
			k.refused(t, k.signed(t, b, 3))
		},
		"beside a sum": func(k *kept, a, b schema.Agreement) {
			k.accept(t, k.signed(t, b, 3))
			k.accept(t, k.sum(t, 0, k.signed(t, a, 0, 1, 2, 3)))
		},
		"a line that only the second sum shows": func(k *kept, a, b schema.Agreement) {
			k.takes(t, k.signed(t, b, 3), k.sum(t, 0, k.signed(t, a, 0, 1, 2, 4)))
			k.accept(t, k.sum(t, 1, k.signed(t, a, 0, 1, 2, 3)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKept(t)
			a, b := k.both(t)
			act(k, a, b)
			if have := alarms(t, k); len(have) != 1 || have[0] != k.member(3).Slug {
				t.Errorf("proofs about %v", have)
			}
		})
	}
}

// refused wants the note to be refused for what it shows.
func (k *kept) refused(t *testing.T, raw []byte) {
	t.Helper()
	var e *gate.Equivocation
	if _, err := k.store.Accept(raw, nodetest.Now); !errors.As(err, &e) || !e.Proof.SignedTwice() {
		t.Errorf("have %v", err)
	}
	k.wants(t, gate.ErrStale, raw) // shown once
}

// Where so many keepers lie that two sums are agreed on, each of them is shown, both sums
// stand in their feeds, and nobody who was honest is accused.
func TestTwoSumsOverTwoAgreements(t *testing.T) {
	k := newKept(t)
	a, b := k.both(t)
	k.accept(t, k.sum(t, 0, k.signed(t, a, 0, 2, 3, 4)))
	k.accept(t, k.sum(t, 1, k.signed(t, b, 1, 2, 3, 4)))
	if have := alarms(t, k); len(have) != 3 || have[0] != k.member(2).Slug || have[2] != k.member(4).Slug {
		t.Errorf("proofs about %v", have)
	}
}

// A keeper that publishes two sums of one round forks its feed, as with two releases; the
// proof shows both sum notes.
func TestTwoSumsOfOneKeeperAreAFork(t *testing.T) {
	for name, second := range map[string]func(k *kept, whole []byte, other *nodetest.Member) []byte{
		"at one place": func(k *kept, whole []byte, other *nodetest.Member) []byte {
			s := k.SumOf(t, other, whole, k.given...)
			s.Scalars[0][0] ^= 1
			return nodetest.Pack(t, whole, nodetest.Sign(t, s, other.Signer))
		},
		"for one round": func(k *kept, whole []byte, _ *nodetest.Member) []byte { return k.sum(t, 0, whole) },
	} {
		t.Run(name, func(t *testing.T) {
			k := newKept(t)
			whole, other := k.agreement(t, 5, 0, 1, 2, 3), k.member(0).Version()
			k.accept(t, k.sum(t, 0, whole))
			var e *gate.Equivocation
			if _, err := k.store.Accept(second(k, whole, other), nodetest.Now); !errors.As(err, &e) || !e.Proof.Fork() {
				t.Fatalf("have %v", err)
			}
			for _, n := range e.Proof.Notes() {
				if n.Body().Kind() != schema.KindSum {
					t.Errorf("the proof shows a %s", n.Body().Kind())
				}
			}
			peer := k.Store(t)
			accept(t, peer, e.Proof.Raw())
			if peer.Feed(k.member(0).Slug).Disputed == 0 {
				t.Error("no dispute where the proof came")
			}
		})
	}
}

// Proofs that are none.
func TestForgedProofsOfTwoAgreements(t *testing.T) {
	k := newKept(t)
	a, b := k.both(t)
	pair := func(x, y []byte) []byte {
		if bytes.Compare(idOf(x), idOf(y)) > 0 {
			x, y = y, x
		}
		return nodetest.Pack(t, x, y)
	}
	other := b
	other.Period = nodetest.Quarter(1)
	foreign, foreignToo := a, b
	foreign.Coalition[0]++
	foreignToo.Coalition[0]++
	proof := pair(k.signed(t, a, 3), k.signed(t, b, 3))
	notes := Must(wire.Unpack(proof))
	for name, c := range map[string]struct {
		want error
		raw  []byte
	}{
		"a true one":          {nil, proof},
		"the larger id first": {gate.ErrInvalid, nodetest.Pack(t, notes[1], notes[0])},
		"twice the same":      {gate.ErrInvalid, nodetest.Pack(t, notes[0], notes[0])},
		"two keepers":         {gate.ErrInvalid, pair(k.signed(t, a, 3), k.signed(t, b, 2))},
		"two lines":           {gate.ErrInvalid, pair(k.signed(t, a, 2, 3), k.signed(t, b, 2, 3))},
		"two rounds":          {gate.ErrInvalid, pair(k.signed(t, a, 3), k.signed(t, other, 3))},
		"another coalition":   {gate.ErrInvalid, pair(k.signed(t, foreign, 3), k.signed(t, foreignToo, 3))},
		"with a list":         {gate.ErrInvalid, pair(k.signed(t, a, 3), k.lists[3])},
	} {
		t.Run(name, func(t *testing.T) { k.wants(t, c.want, c.raw) })
	}
	k.accept(t, proof)
	k.wants(t, gate.ErrStale, proof)

	// It is about a key: an act that replaces that settles it.
	m := k.member(3)
	sequence, head := m.Head()
	fresh := nodetest.SignerOf(t, m.Slug, sha256.Sum256([]byte("fresh")))
	k.accept(t, k.Act(t, schema.ReplaceMember{Member: m.Slug, MemberKey: fresh.VerifierKey(), BoxKey: k.State.Roster().Member(m.Slug).BoxKey, Sequence: sequence, Head: head}))
	if have := alarms(t, k); len(have) != 0 {
		t.Errorf("still proofs about %v", have)
	}
	k.wants(t, gate.ErrStale, proof)
}

// other is a second list of a keeper, without so many of the contributions.
func (k *kept) other(t testing.TB, keeper, without int) []byte {
	return k.List(t, k.member(keeper), k.given[without:]...)
}

// A keeper gives two lists. Both are kept, on its desk and as a proof; a third is not.
func TestTwoListsAreProvedAndBothAreKept(t *testing.T) {
	k := newKept(t)
	liar, second := k.member(3), k.other(t, 3, 1)
	k.accept(t, k.lists[3])
	var e *gate.Equivocation
	if err := k.check(second); !errors.As(err, &e) || !e.Proof.SignedTwice() || e.Proof.Fork() || e.Proof.Member() != liar.Slug {
		t.Fatalf("have %v", err)
	}
	k.accept(t, second)
	for _, raw := range [][]byte{k.lists[3], second, k.other(t, 3, 2), e.Proof.Raw()} {
		k.wants(t, gate.ErrStale, raw)
	}
	if have := alarms(t, k); len(have) != 1 || have[0] != liar.Slug {
		t.Errorf("proofs about %v", have)
	}
	if n := len(k.store.Desk(liar.Slug).Lists(k.Joint.Round)); n != 2 {
		t.Errorf("%d lists are kept", n)
	}
	notes := e.Proof.Notes()
	if bytes.Compare(idOf(notes[0].Raw()), idOf(notes[1].Raw())) > 0 || len(notes[0].Signers()) != 1 || len(notes[1].Signers()) != 1 {
		t.Error("want the smaller id first, and its lines alone")
	}
	// Where the proof comes first, the lists come all the same, and show nothing new.
	peer := k.Store(t)
	for _, raw := range [][]byte{e.Proof.Raw(), second, k.lists[3]} {
		accept(t, peer, raw)
	}
	if n := len(peer.Lists(k.Joint.Round, liar.Slug)); n < 2 {
		t.Errorf("%d lists", n)
	}
	k.accept(t, liar.Say(t, schema.Declaration{Link: liar.Link(), Share: 1}))
}

// Two lists that are no proof, or none that is needed: the second is kept as well, so that
// neither counts.
func TestSecondListsThatProveNothingNew(t *testing.T) {
	for name, c := range map[string]struct {
		act    func(k *kept) (second []byte)
		lists  int
		alarms int
	}{
		"of who is shown to have lied": {func(k *kept) []byte {
			a, b := k.both(t)
			k.takes(t, k.signed(t, a, 3), k.signed(t, b, 3, 0))
			return k.other(t, 3, 1)
		}, 2, 1},
		"by another key of its own": {func(k *kept) []byte {
			m := k.member(3)
			sequence, head := m.Head()
			fresh := nodetest.SignerOf(t, m.Slug, sha256.Sum256([]byte("fresh")))
			k.accept(t, k.Act(t, schema.ReplaceMember{Member: m.Slug, MemberKey: fresh.VerifierKey(), BoxKey: k.State.Roster().Member(m.Slug).BoxKey, Sequence: sequence, Head: head}))
			return nodetest.Sign(t, k.Held(t, m, k.given[1:]...), fresh)
		}, 2, 0},
		"after a sum": {func(k *kept) []byte {
			k.accept(t, k.sum(t, 0, k.agreement(t, 5, 0, 1, 2, 4)))
			return k.other(t, 3, 1)
		}, 1, 0},
		"of who has been suspended": {func(k *kept) []byte {
			k.accept(t, k.ActOn(t, schema.DateOf(nodetest.Now), schema.Suspend{Member: k.member(3).Slug}))
			return k.other(t, 3, 1)
		}, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKept(t)
			k.accept(t, k.lists[3])
			_, err := k.store.Accept(c.act(k), nodetest.Now)
			if (err == nil) != (c.lists == 2) {
				t.Errorf("have %v", err)
			}
			if n := len(k.store.Desk(k.member(3).Slug).Lists(k.Joint.Round)); n != c.lists || len(alarms(t, k)) != c.alarms {
				t.Errorf("%d lists, proofs about %v", n, alarms(t, k))
			}
		})
	}
}

// Proofs of two lists that are none.
func TestForgedProofsOfTwoLists(t *testing.T) {
	k := newKept(t)
	pair := func(x, y []byte) []byte {
		if bytes.Compare(idOf(x), idOf(y)) > 0 {
			x, y = y, x
		}
		return nodetest.Pack(t, x, y)
	}
	spoiled := func(without int, spoil func(*schema.Held)) []byte {
		h := k.Held(t, k.member(3), k.given[without:]...)
		spoil(&h)
		return nodetest.Sign(t, h, k.member(3).Signer)
	}
	foreign := func(h *schema.Held) { h.Coalition[0]++ }
	a, _ := k.both(t)
	for name, c := range map[string]struct {
		want error
		raw  []byte
	}{
		"a true one":          {nil, pair(k.lists[3], k.other(t, 3, 1))},
		"twice the same":      {gate.ErrInvalid, nodetest.Pack(t, k.lists[3], k.lists[3])},
		"two keepers":         {gate.ErrInvalid, pair(k.lists[3], k.lists[2])},
		"two rounds":          {gate.ErrInvalid, pair(k.lists[3], spoiled(0, func(h *schema.Held) { h.Period = nodetest.Quarter(1) }))},
		"another coalition":   {gate.ErrInvalid, pair(spoiled(0, foreign), spoiled(1, foreign))},
		"with an agreement":   {gate.ErrInvalid, pair(k.lists[3], k.signed(t, a, 3))},
		"a list that is none": {gate.ErrInvalid, pair(k.lists[3], k.Key(k.member(3)))},
	} {
		t.Run(name, func(t *testing.T) { k.wants(t, c.want, c.raw) })
	}
}

// The longest lists that there can be are a proof that everybody takes.
func TestTheLargestListsMakeAProof(t *testing.T) {
	k := newKept(t)
	var lists [2][]byte
	for i := range lists {
		h := schema.Held{Round: k.Joint.Round, Keeper: k.member(3).Slug}
		for n := range schema.MaxContributions {
			h.Contributions = append(h.Contributions, schema.HeldShare{
				Member: schema.Slug(fmt.Sprintf("m%031d", n)), ID: schema.Hash{byte(i)}, Protection: schema.PerComposite,
			})
		}
		lists[i] = nodetest.Sign(t, h, k.member(3).Signer)
	}
	slices.SortFunc(lists[:], func(a, b []byte) int { return bytes.Compare(idOf(a), idOf(b)) })
	k.accept(t, nodetest.Pack(t, lists[0], lists[1]))
}
