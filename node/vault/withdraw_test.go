package vault

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"tidemark/schema/mapping"
)

func TestWithdrawal(t *testing.T) {
	v, g := shore(t)
	both := mapping.Case{ID: "both", Persons: []string{"p1", "p2"}, Date: day("2026-02-03"), Codes: []byte{1, 1, 1}}
	all := []mapping.Case{
		aCase("c1", "p1", "2026-02-01"), aCase("c2", "p1", "2026-02-02"), both, aCase("c3", "p3", "2026-02-04"), aCase("c4", "p4", "2026-02-05"),
		{ID: "alone", Date: day("2026-02-06"), Codes: []byte{0, 0, 0}},
	}
	imported(t, v, all...)
	n, err := v.Withdraw(background, Withdrawal{Person: "p1"}, Withdrawal{Case: "c3"}, Withdrawal{Case: "alone"})
	if n != 5 || err != nil {
		t.Fatalf("concerned %d, %v", n, err)
	}
	check := func(when string) {
		t.Helper()
		cases := live(t, v)
		left, ok := of(t, v, "both")
		if len(cases) != 2 || !ok || len(left.Persons) != 1 || left.Persons[0] != newNamer(v.keys.Hash).personKey("p2") {
			t.Errorf("%s: %d cases, %d persons in the shared one", when, len(cases), len(left.Persons))
		}
		if s, err := v.Stats(background); err != nil || s.Cases != 2 || s.Persons != 2 {
			t.Errorf("%s: %+v, %v", when, s, err)
		}
	}
	check("at once")
	v = reopened(t, v)
	check("after a restart")
	before := contents(t, v)
	if r := imported(t, v, all...); r != (ImportReport{Unchanged: 2, Withdrawn: 4}) {
		t.Errorf("the same export again: %+v", r)
	}
	if !maps.Equal(before, contents(t, v)) {
		t.Error("a withdrawn case left a trace on its return")
	}
	imported(t, v, aCase("c9", "p1", "2026-02-09")) // a new case of a person who has withdrawn
	check("after a new case")
	if n := people(releasedIn(t, v, g, "2026-Q1")); n != 2 {
		t.Errorf("Q1 counts %v", n)
	}
}

func TestWhatIsNotThereCanBeWithdrawnToo(t *testing.T) {
	v := opened(t, made(t))
	imported(t, v, aCase("c1", "p1", "2026-02-01"))
	epoch := v.cases.epoch
	if n, err := v.Withdraw(background, Withdrawal{Case: "c2"}, Withdrawal{Person: "p2"}); n != 0 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if v.cases.epoch != epoch {
		t.Error("nothing was there, yet everything was sealed anew")
	}
	v = reopened(t, v)
	if r := imported(t, v, aCase("c2", "p1", "2026-02-01"), aCase("c3", "p2", "2026-02-01")); r.Withdrawn != 2 {
		t.Errorf("%+v", r)
	}
	for name, w := range map[string]Withdrawal{"nothing": {}, "both": {Case: "c", Person: "p"}} {
		if _, err := v.Withdraw(background, w); err == nil {
			t.Errorf("%s: withdrawn", name)
		}
	}
}

// After a withdrawal the old key opens nothing of the live store and is in no file; the
// new key opens nothing that was sealed before.
func TestAWithdrawalDestroysTheKey(t *testing.T) {
	v := opened(t, made(t))
	imported(t, v, aCase("c1", "p1", "2026-02-01"), aCase("c2", "p2", "2026-02-01"), aCase("c3", "p3", "2026-02-01"))
	_, err := v.Withdraw(background, Withdrawal{Case: "none"})
	must(t, err)
	oldKeys, oldSeal, oldValues := v.keys, v.cases.sealer, contents(t, v)
	oldFile := readFile(t, v, keysName)
	_, err = v.Withdraw(background, Withdrawal{Case: "c1"})
	must(t, err)

	now := contents(t, v)
	for key, value := range now {
		if _, err := oldSeal.open(nil, []byte(key), []byte(value)); err == nil {
			t.Error("the old key opens a live value")
		}
		if oldValues[key] == value {
			t.Error("an old value is still live")
		}
	}
	for key, value := range oldValues {
		if _, err := v.cases.open(nil, []byte(key), []byte(value)); err == nil {
			t.Error("the new key opens an old value")
		}
	}
	if len(now) != len(oldValues)-1 { // c1's case and record are gone, its tombstone has come
		t.Errorf("%d values, were %d", len(now), len(oldValues))
	}
	if bytes.Equal(readFile(t, v, keysName), oldFile) {
		t.Error("key.age is the old one")
	}
	k := openKeys(t, v.cfg)
	if len(k.Store) != 1 || k.Store[0].Epoch != oldKeys.Store[0].Epoch+1 || slices.Equal(k.Store[0].Key, oldKeys.Store[0].Key) {
		t.Error("key.age does not hold the new key alone")
	}
	if !bytes.Equal(k.Seed, oldKeys.Seed) || !bytes.Equal(k.Hash, oldKeys.Hash) || k.Box != oldKeys.Box {
		t.Error("a withdrawal changed another key")
	}
}

// A value that is put under another key, or under another epoch, does not open.
func TestASealedValueStaysInItsPlace(t *testing.T) {
	s, err := newSealer([]storeKey{{1, newKey()}, {2, newKey()}})
	must(t, err)
	a, b := caseKey([16]byte{1}), caseKey([16]byte{2})
	value := s.seal(a, []byte("plain"))
	if plain, err := s.open(nil, a, value); err != nil || string(plain) != "plain" {
		t.Fatal(err)
	}
	otherEpoch := bytes.Clone(value)
	otherEpoch[3] = 1
	flipped := bytes.Clone(value)
	flipped[len(flipped)-1] ^= 1
	for name, c := range map[string]struct{ key, value []byte }{
		"another key": {b, value}, "another epoch": {a, otherEpoch}, "a flipped bit": {a, flipped}, "cut": {a, value[:10]}, "empty": {a, nil},
	} {
		if _, err := s.open(nil, c.key, c.value); err == nil {
			t.Errorf("%s: opens", name)
		}
	}
}

func TestACaseIdAndAPersonIdAreHashedApart(t *testing.T) {
	key := newKey()
	n, m := newNamer(key), newNamer(newKey())
	if n.caseKey("x") == n.personKey("x") || n.caseKey("x") == m.caseKey("x") {
		t.Error("hashes are not separated by domain and key")
	}
	if again := n.caseKey("x"); again != newNamer(key).caseKey("x") {
		t.Error("the same id has two hashes")
	}
}
