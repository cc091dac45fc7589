package mesh_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"tidemark/node/gate"
	"tidemark/node/nodetest"
	"tidemark/schema"
)

// publish sends a member's next parcel out from its own node.
func publish(t testing.TB, n *nodetest.Node, raw []byte) {
	t.Helper()
	if err := n.Network.Publish(context.Background(), raw); err != nil {
		t.Fatal(err)
	}
}

// Thirty-two members (in short mode), eight connections each, cut into two halves and a
// few loners for a while in which all publish. Afterwards everybody holds the same
// within two rounds of pulls.
func TestPartitionHeals(t *testing.T) {
	size := 100
	if testing.Short() {
		size = 32
	}
	synctest.Test(t, func(t *testing.T) {
		s := nodetest.NewSim(t, size)
		defer s.Close(t)
		for _, m := range s.Members {
			s.Run(t, m, 8)
		}
		time.Sleep(time.Minute)
		for _, n := range s.Nodes {
			publish(t, n, n.Declare(t))
		}
		if took, ok := s.UntilLevel(2 * time.Minute); !ok {
			t.Fatalf("not level before the cut, after %v", took)
		}
		s.Cut(t, func(i int) int {
			if i%10 == 0 {
				return 100 + i
			}
			return i % 2
		})
		for i := range 3 {
			time.Sleep(time.Minute)
			for _, n := range s.Nodes {
				publish(t, n, n.Release(t, nodetest.Quarter(i)))
			}
		}
		if s.Level() {
			t.Fatal("nothing was cut")
		}
		s.Heal(t)
		took, ok := s.UntilLevel(10 * time.Minute)
		t.Logf("%d members level %v after the cut", size, took)
		if !ok {
			t.Fatal("not level ten minutes after the cut")
		}
		if want := 4 * size; stored(s.Nodes[0]) != want {
			t.Errorf("%d parcels, want %d", stored(s.Nodes[0]), want)
		}
	})
}

func stored(n *nodetest.Node) int {
	count := 0
	for range n.Store.All() {
		count++
	}
	return count
}

// Twelve members of whom four mean harm, each in its way: the honest hold the same, with
// the proof, and nothing that was forged.
func TestHonestMembersAgreeAmongAdversaries(t *testing.T) {
	seeds := 40
	if testing.Short() {
		seeds = 4
	}
	for seed := range uint64(seeds) {
		synctest.Test(t, func(t *testing.T) { agree(t, rand.New(rand.NewPCG(seed, 7))) })
	}
}

func agree(t *testing.T, rng *rand.Rand) {
	s := nodetest.NewSim(t, 12)
	defer s.Close(t)
	members := s.Shuffled(rng)
	adversaries := []nodetest.Adversary{
		nodetest.BadSigner{Times: 20}, nodetest.Equivocator{},
		nodetest.Replayer{Times: 500, Rng: rng}, nodetest.Flooder{Times: 200, Size: 20_000, Rng: rng},
	}
	var rogues []*nodetest.Rogue
	for _, m := range members[:len(adversaries)] {
		r := s.Rogue(t, m)
		defer r.Close(t)
		rogues = append(rogues, r)
	}
	for _, m := range members[len(adversaries):] {
		s.Run(t, m, 6)
	}
	time.Sleep(30 * time.Second)
	for _, n := range s.Nodes {
		publish(t, n, n.Declare(t))
	}
	time.Sleep(time.Duration(rng.IntN(90)) * time.Second)
	for i, a := range adversaries {
		a.Attack(t, rogues[i], s.Nodes)
	}
	for _, n := range s.Nodes {
		publish(t, n, n.Release(t, nodetest.Quarter(0)))
	}
	if took, ok := s.UntilLevel(5 * time.Minute); !ok {
		for _, n := range s.Nodes {
			t.Logf("%s: %v", n.Slug, n.Store.Vector())
		}
		t.Fatalf("not level after %v", took)
	}
	liar := rogues[1].Slug
	for _, n := range s.Nodes {
		d := n.Store.Disputes()
		if len(d) != 1 || d[0].Member != liar || d[0].Sequence != 2 || bytes.Contains(d[0].Raw, []byte("\ntable ")) {
			t.Fatalf("%s: %d disputes", n.Slug, len(d))
		}
		if have := stored(n); have != 2*len(s.Nodes)+1 {
			t.Errorf("%s: %d parcels, want %d", n.Slug, have, 2*len(s.Nodes)+1)
		}
	}
}

// Whoever sends what no honest member sends is heard no more, while the others are.
func TestAFlooderIsShutOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := nodetest.NewSim(t, 6)
		defer s.Close(t)
		r := s.Rogue(t, s.Members[0])
		defer r.Close(t)
		for _, m := range s.Members[1:] {
			s.Run(t, m, 6)
		}
		time.Sleep(30 * time.Second)
		nodetest.BadSigner{Times: 5}.Attack(t, r, nil)
		time.Sleep(5 * time.Second)
		// What it sends now would be good, and is not listened to.
		declaration := r.Declare(t)
		_ = r.Topic.Publish(context.Background(), declaration)
		publish(t, s.Nodes[0], s.Nodes[0].Declare(t))
		time.Sleep(2 * time.Second)
		for _, n := range s.Nodes {
			if head, _ := n.Store.Feed(r.Slug).Head(); head != 0 {
				t.Errorf("%s listens to the flooder", n.Slug)
			}
			if head, _ := n.Store.Feed(s.Nodes[0].Slug).Head(); head != 1 {
				t.Errorf("%s did not hear an honest member", n.Slug)
			}
		}
	})
}

// A proof that one member found is on all honest members.
func TestProofsSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := nodetest.NewSim(t, 8)
		defer s.Close(t)
		liar := s.Members[0]
		for _, m := range s.Members[1:] {
			s.Run(t, m, 8)
		}
		time.Sleep(30 * time.Second)
		declaration := liar.Declare(t)
		other := liar.Version()
		publish(t, s.Nodes[0], declaration)
		publish(t, s.Nodes[0], liar.Release(t, nodetest.Quarter(0)))
		time.Sleep(5 * time.Second)
		err := s.Nodes[1].Network.Publish(context.Background(), other.Release(t, nodetest.Quarter(1)))
		if !errors.Is(err, gate.ErrEquivocation) {
			t.Fatalf("have %v", err)
		}
		time.Sleep(5 * time.Second) // gossip alone, well before the next pull
		for _, n := range s.Nodes {
			if d := n.Store.Disputes(); len(d) != 1 || d[0].Sequence != 2 {
				t.Errorf("%s: %d disputes", n.Slug, len(d))
			}
		}
	})
}

// Two agreements with a keeper's line are shown to all, whether both are heard of or a stick
// brought the second to one member, and the one with an honest line beside it is kept.
func TestProofsOfTwoAgreementsSpread(t *testing.T) {
	for _, stick := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := nodetest.NewSimBy(t, 6, nodetest.JointPlan())
			defer s.Close(t)
			liar, honest := s.Members[0], s.Members[1]
			for _, m := range s.Members[1:] {
				s.Run(t, m, 8)
			}
			time.Sleep(30 * time.Second)
			a := agreement(t, s, 1)
			publish(t, s.Nodes[0], nodetest.Sign(t, a, liar.Signer))
			time.Sleep(5 * time.Second)
			second := nodetest.Sign(t, agreement(t, s, 2), liar.Signer, honest.Signer)
			if stick {
				if _, err := s.Nodes[3].Store.Accept(second, nodetest.Now); err != nil {
					t.Fatal(err)
				}
				time.Sleep(5 * time.Minute)
			} else {
				publish(t, s.Nodes[3], second)
				time.Sleep(5 * time.Second)
			}
			for _, n := range s.Nodes {
				d, all := n.Store.Disputes(), n.Store.Desk(liar.Slug).Agreements(a.Round)
				if len(d) != 1 || d[0].Member != liar.Slug || d[0].Fork || len(all) != 2 {
					t.Errorf("%s: %d proofs, %d agreements", n.Slug, len(d), len(all))
				}
			}
		})
	}
}

// A keeper gives two lists to two members: all come to hold both, and the proof.
func TestProofsOfTwoListsSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := nodetest.NewSimBy(t, 6, nodetest.JointPlan())
		defer s.Close(t)
		liar := s.Members[0]
		for _, m := range s.Members[1:] {
			s.Run(t, m, 8)
		}
		time.Sleep(30 * time.Second)
		round := agreement(t, s, 1).Round
		list := schema.Held{Round: round, Keeper: liar.Slug}
		publish(t, s.Nodes[0], nodetest.Sign(t, list, liar.Signer))
		time.Sleep(5 * time.Second)
		list.Contributions = []schema.HeldShare{{Member: liar.Slug, ID: schema.Hash{1}, Protection: schema.PerID}}
		publish(t, s.Nodes[3], nodetest.Sign(t, list, liar.Signer))
		time.Sleep(5 * time.Second) // gossip alone, well before the next pull
		for _, n := range s.Nodes {
			d, all := n.Store.Disputes(), n.Store.Desk(liar.Slug).Lists(round)
			if len(d) != 1 || d[0].Member != liar.Slug || d[0].Fork || len(all) != 2 {
				t.Errorf("%s: %d proofs, %d lists", n.Slug, len(d), len(all))
			}
		}
	})
}

// agreement is one that all members keep and have part in; different for each number.
func agreement(t *testing.T, s *nodetest.Sim, number byte) schema.Agreement {
	t.Helper()
	j, ok := s.State.Round(nodetest.Quarter(0))
	if !ok {
		t.Fatal("no round")
	}
	a := schema.Agreement{Round: j.Round, Protection: schema.PerID}
	for _, k := range j.Keepers {
		a.Lists = append(a.Lists, schema.Attributed{Who: k, ID: schema.Hash{number}})
		a.Contributions = append(a.Contributions, schema.Attributed{Who: k, ID: schema.Hash{number}})
	}
	return a
}

// Parcels that come in the wrong order are pulled in the right one.
func TestGapsArePulled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := nodetest.NewSim(t, 3)
		defer s.Close(t)
		for _, m := range s.Members[:2] {
			s.Run(t, m, 4)
		}
		time.Sleep(30 * time.Second)
		a, b := s.Nodes[0], s.Nodes[1]
		// a gets the first two on a stick, and b hears only the third.
		for _, raw := range a.History(t, 1) {
			if _, err := a.Store.Accept(raw, nodetest.Now); err != nil {
				t.Fatal(err)
			}
		}
		publish(t, a, a.Release(t, nodetest.Quarter(1)))
		time.Sleep(2 * time.Second)
		if head, _ := b.Store.Feed(a.Slug).Head(); head != 3 {
			t.Errorf("head %d, want 3", head)
		}
	})
}

// An act that an admin publishes is in force everywhere, and ends the connections of
// whom it removes.
func TestActsTakeEffect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := nodetest.NewSim(t, 5)
		defer s.Close(t)
		for _, m := range s.Members {
			s.Run(t, m, 8)
		}
		time.Sleep(30 * time.Second)
		gone := s.Nodes[4]
		publish(t, s.Nodes[0], s.Act(t, schema.Remove{Member: gone.Slug}))
		time.Sleep(10 * time.Second)
		for _, n := range s.Nodes[:4] {
			if n.Store.State().Roster().Version != s.State.Roster().Version {
				t.Errorf("%s: version %d", n.Slug, n.Store.State().Roster().Version)
			}
			if len(n.Network.Peers()) != 3 {
				t.Errorf("%s: %d peers", n.Slug, len(n.Network.Peers()))
			}
		}
		publish(t, s.Nodes[0], s.Nodes[0].Declare(t))
		time.Sleep(2 * time.Minute)
		if head, _ := gone.Store.Feed(s.Nodes[0].Slug).Head(); head != 0 {
			t.Error("the removed member still hears")
		}
		for _, p := range gone.Network.Peers() {
			if p.Connected {
				t.Errorf("still connected to %s", p.Member)
			}
		}
	})
}
