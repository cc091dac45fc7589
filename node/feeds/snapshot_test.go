package feeds_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"tidemark/node/feeds"
	"tidemark/node/gate"
	"tidemark/node/nodetest"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// Whatever changes what is held raises the revision: acts, parcels, proofs, a place that
// the disk has lost. What is refused, or only read, does not.
func TestRevisionRisesWithEveryChange(t *testing.T) {
	c := nodetest.NewCoalition(t, 2)
	d, s := onFaulty(t, c)
	m := c.Members[0]
	last := s.Revision()
	step := func(what string, rises bool, do func()) {
		t.Helper()
		do()
		if now := s.Revision(); (now > last) != rises || s.Snapshot().Revision != now {
			t.Errorf("%s: from %d to %d", what, last, now)
		}
		last = s.Revision()
	}
	for _, raw := range m.History(t, 2) {
		step("a parcel", true, func() { accept(t, s, raw) })
		step("the same again", false, func() { _, _ = s.Accept(raw, nodetest.Now) })
	}
	step("read", false, func() { _, _, _ = s.Snapshot(), s.Vector(), s.Digest() })
	step("an act", true, func() { accept(t, s, c.Act(t, schema.Suspend{Member: c.Members[1].Slug})) })
	other := m.Version()
	accept(t, s, m.Release(t, nodetest.Quarter(2)))
	last = s.Revision()
	step("a proof", true, func() {
		if _, err := s.Accept(other.Release(t, schema.Period{Year: 2025}), nodetest.Now); !errors.Is(err, gate.ErrEquivocation) {
			t.Error(err)
		}
	})
	d.Flip(m.Slug, 2)
	step("a place is lost", true, func() { _, _ = s.Parcel(m.Slug, 2) })
}

// A snapshot stays what it was, and a dispute in it shows both notes.
func TestSnapshotsStay(t *testing.T) {
	c := nodetest.NewCoalition(t, 2)
	if now := feeds.Memory().Snapshot(); now.State != nil || now.Feeds != nil {
		t.Errorf("before Found: %v", now)
	}
	s, m := c.Store(t), c.Members[0]
	accept(t, s, m.History(t, 1)...)
	before := s.Snapshot()
	other := m.Version()
	mine, theirs := m.Release(t, nodetest.Quarter(1)), other.Release(t, schema.Period{Year: 2025})
	accept(t, s, mine)
	if _, err := s.Accept(theirs, nodetest.Now); !errors.Is(err, gate.ErrEquivocation) {
		t.Fatal(err)
	}
	if len(before.Feeds[0].Disputes()) > 0 || len(before.Feeds[0].Places) != 2 || before.Feeds[0].Settled() != 2 {
		t.Errorf("before: %v", before.Feeds[0])
	}
	held := s.Snapshot().Feeds[0]
	all := held.Disputes()
	if len(all) != 1 || !all[0].Fork || held.Disputed != 3 || len(held.Places) != 3 || held.Settled() != 2 || held.Raw[2] != schema.HashOf(mine) {
		t.Errorf("after: %v", held)
	}
	notes, err := all[0].Notes()
	if err != nil {
		t.Fatal(err)
	}
	var want [][]byte
	for _, raw := range [][]byte{mine, theirs} {
		packed, err := wire.Unpack(raw)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, packed[0])
	}
	slices.SortFunc(want, func(a, b []byte) int { return bytes.Compare(idOf(t, a), idOf(t, b)) })
	if !bytes.Equal(notes[0], want[0]) || !bytes.Equal(notes[1], want[1]) {
		t.Error("other notes")
	}
	if _, err := (feeds.Dispute{Raw: mine[:len(mine)-1]}).Notes(); err == nil {
		t.Error("half a proof: read")
	}
}

func idOf(t *testing.T, note []byte) []byte {
	t.Helper()
	id := schema.HashOf(note[:bytes.Index(note, []byte("\n\n"))+1])
	return id[:]
}

// The listener hears of every parcel once as it comes in and once on opening, with the
// state that verifies it; of a damaged one it does not hear.
func TestListenerHearsOfEveryVerifiedParcel(t *testing.T) {
	c := nodetest.NewCoalition(t, 3)
	dir := t.TempDir()
	var mu sync.Mutex
	heard := map[schema.Hash]int{}
	open := func() *feeds.Store {
		s, err := feeds.Open(context.Background(), feeds.Config{Dir: dir, Verified: func(st *coalition.State, cb *schema.Codebook, a gate.Accepted) {
			mu.Lock()
			defer mu.Unlock()
			if st.Roster().Member(a.Member()) == nil || cb == nil || a.Kind() != gate.Parcel {
				t.Errorf("%s %s %d", a.Kind(), a.Member(), a.Sequence())
			}
			heard[schema.HashOf(a.Raw())]++
		}})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := c.Fill(t, open())
	var all [][]byte
	for _, m := range c.Members {
		all = append(all, m.History(t, 3)...)
	}
	accept(t, s, all...)
	for times := 1; times <= 2; times++ {
		for _, raw := range all {
			if have := heard[schema.HashOf(raw)]; have != times {
				t.Errorf("heard of a parcel %d times, want %d", have, times)
			}
		}
		if len(heard) != len(all) {
			t.Errorf("heard of %d parcels, want %d", len(heard), len(all))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if times == 1 {
			s = open()
		}
	}
}
