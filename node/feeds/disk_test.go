package feeds_test

import (
	"errors"
	"fmt"
	"testing"

	"tidemark/node/feeds"
	"tidemark/node/gate"
	"tidemark/node/nodetest"
)

func onFaulty(t *testing.T, c *nodetest.Coalition) (*feeds.FaultyDisk, *feeds.Store) {
	t.Helper()
	d := feeds.NewFaultyDisk()
	s, err := d.Store()
	if err != nil {
		t.Fatal(err)
	}
	return d, c.Fill(t, s)
}

// A bit that flips on the disk is noticed, on reading and on opening; the place becomes
// a hole, is asked for by name, and is filled by anybody.
func TestDamagedPlacesAreFetchedAgain(t *testing.T) {
	for _, sequences := range [][]uint64{{1}, {3}, {2, 3}, {5}, {4, 5}, {1, 2, 3, 4, 5}} {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprint(sequences, restart), func(t *testing.T) {
				c := nodetest.NewCoalition(t, 2)
				m := c.Members[0]
				whole := c.Store(t)
				d, s := onFaulty(t, c)
				for _, raw := range m.History(t, 4) {
					accept(t, whole, raw)
					accept(t, s, raw)
				}
				for _, sequence := range sequences {
					d.Flip(m.Slug, sequence)
				}
				if restart {
					var err error
					if s, err = d.Store(); err != nil {
						t.Fatal(err)
					}
				}
				for p, err := range s.All() {
					if err != nil {
						t.Fatal(err)
					}
					for _, sequence := range sequences {
						if p.Sequence == sequence {
							t.Errorf("%d: a damaged parcel was read", sequence)
						}
					}
				}
				give(whole, s)
				if s.Digest() != whole.Digest() {
					t.Errorf("have %v, want %v", s.Vector(), whole.Vector())
				}
			})
		}
	}
}

func TestLostActsAreFetchedAgain(t *testing.T) {
	c := nodetest.NewCoalition(t, 4)
	whole := c.Store(t)
	d, _ := onFaulty(t, c)
	d.Lose(2)
	s, err := d.Store()
	if err != nil {
		t.Fatal(err)
	}
	if v := s.State().Roster().Version; v != 1 {
		t.Errorf("version %d without the second act", v)
	}
	give(whole, s)
	if s.Digest() != whole.Digest() {
		t.Error("another digest")
	}
}

// Each kind of step, lost, and done but reported lost: the caller hears of it, nothing
// half remains, and the same step again succeeds.
func TestStepsThatTheDiskRefuses(t *testing.T) {
	for _, done := range []bool{false, true} {
		for _, kind := range []gate.Kind{gate.Act, gate.Parcel, gate.Proof} {
			t.Run(fmt.Sprint(kind, done), func(t *testing.T) {
				c := nodetest.NewCoalition(t, 2)
				m := c.Members[0]
				d, s := onFaulty(t, c)
				accept(t, s, m.History(t, 1)...)
				want := c.Store(t)
				give(s, want)
				var raw []byte
				switch kind {
				case gate.Act:
					raw = c.Announce(t, m, "/ip4/127.0.0.1/tcp/7461")
				case gate.Parcel:
					raw = m.Release(t, nodetest.Quarter(1))
				case gate.Proof:
					raw = proofOf(t, c, m)
				}
				before := s.Digest()
				d.LoseNext, d.DoneNext = !done, done
				if _, err := s.Accept(raw, nodetest.Now); !errors.Is(err, feeds.ErrFault) {
					t.Fatalf("have %v", err)
				}
				if s.Digest() != before {
					t.Error("something remained in memory")
				}
				accept(t, want, raw)
				accept(t, s, raw)
				again, err := d.Store()
				if err != nil {
					t.Fatal(err)
				}
				if s.Digest() != want.Digest() || again.Digest() != want.Digest() {
					t.Error("another digest after the same step again")
				}
			})
		}
	}
}

// proofOf lets a member contradict itself elsewhere and returns the proof.
func proofOf(t *testing.T, c *nodetest.Coalition, m *nodetest.Member) []byte {
	t.Helper()
	s := c.Store(t)
	first := c.NewMember(t, m.Slug)
	accept(t, s, first.History(t, 1)...)
	other := first.Version()
	accept(t, s, first.Release(t, nodetest.Quarter(1)))
	_, err := s.Accept(other.Release(t, nodetest.Quarter(2)), nodetest.Now)
	var e *gate.Equivocation
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	return e.Proof.Raw()
}
