package gate_test

import (
	"bytes"
	"errors"
	"testing"

	"tidemark/node/gate"
	"tidemark/node/nodetest"
	"tidemark/schema"
)

// Whatever comes in, the gate answers with one of its own words, and what it lets through is
// what came in.
func FuzzCheck(f *testing.F) {
	k := newKept(f)
	a, b := k.both(f)
	m := k.member(5)
	for _, raw := range [][]byte{
		k.Key(k.member(0)), k.given[0], k.lists[0], k.signed(f, a, 0, 1), k.sum(f, 0, k.signed(f, a, 0, 1, 2, 3)),
		nodetest.Pack(f, k.signed(f, a, 3), k.signed(f, b, 3)), nodetest.Pack(f, k.signed(f, b, 3), k.signed(f, a, 3)),
		m.Ask(f, nodetest.Now, 1), m.Announce(f, k.Period, 7), m.Declare(f),
		k.Sign(f, k.State.Act(schema.DateOf(nodetest.Now), schema.Suspend{Member: m.Slug})), k.State.Log()[3],
	} {
		f.Add(raw)
		f.Add(raw[:len(raw)/2])
		f.Add(bytes.Replace(raw, []byte("2025-Q1"), []byte("2025-Q2"), 1))
	}
	words := []error{gate.ErrInvalid, gate.ErrUnknown, gate.ErrStale, gate.ErrGap, gate.ErrEarly, gate.ErrSuspended, gate.ErrEquivocation}
	f.Fuzz(func(t *testing.T, raw []byte) {
		accepted, err := gate.Check(k.store, raw, nodetest.Now)
		if err == nil {
			if !bytes.Equal(accepted.Raw(), raw) {
				t.Error("something else is let through")
			}
			return
		}
		for _, w := range words {
			if errors.Is(err, w) {
				return
			}
		}
		t.Errorf("none of the gate's words: %v", err)
	})
}
