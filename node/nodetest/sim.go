package nodetest

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	mocknet "github.com/libp2p/go-libp2p/p2p/net/mock"
	ma "github.com/multiformats/go-multiaddr"

	"tidemark/node/feeds"
	"tidemark/node/mesh"
	"tidemark/schema"
)

// Sim is a simulated network of a coalition's members, for use inside a synctest bubble.
// It has no TCP, no encryption and no gater; what it has is latency, cuts, and time that
// passes when everybody waits. Keys and timers differ from run to run.
type Sim struct {
	*Coalition
	Nodes []*Node
	net   mocknet.Mocknet
	hosts map[schema.Slug]host.Host
}

// Node is a member that runs.
type Node struct {
	*Member
	Store   *feeds.Store
	Network *mesh.Network
}

// simAddress is what every member announces: the dial loop wants one, the simulated
// network does not look at it.
const simAddress = "/ip4/127.0.0.1/tcp/4001"

// NewSim founds a coalition of n members, all linked to each other, none running.
func NewSim(t testing.TB, n int) *Sim {
	t.Helper()
	return NewSimBy(t, n, Plan())
}

// NewSimBy founds one by another plan.
func NewSimBy(t testing.TB, n int, plan schema.Plan) *Sim {
	t.Helper()
	c := NewCoalitionBy(t, 0, plan)
	for range n {
		c.Admit(t, simAddress)
	}
	s := &Sim{Coalition: c, net: mocknet.New(), hosts: map[schema.Slug]host.Host{}}
	for _, m := range c.Members {
		s.addHost(t, m)
	}
	s.Heal(t)
	return s
}

func (s *Sim) addHost(t testing.TB, m *Member) {
	t.Helper()
	a, err := ma.NewMultiaddr(simAddress)
	if err != nil {
		t.Fatal(err)
	}
	h, err := s.net.AddPeer(m.NodeKey, a)
	if err != nil {
		t.Fatal(err)
	}
	s.hosts[m.Slug] = h
}

// Run starts a member's node with a store that knows all acts so far.
func (s *Sim) Run(t testing.TB, m *Member, degree int) *Node {
	t.Helper()
	n := &Node{Member: m, Store: s.Store(t)}
	var err error
	n.Network, err = mesh.Start(context.Background(), mesh.Config{
		Store: n.Store, Self: m.Slug, Host: s.hosts[m.Slug], Degree: degree,
		Now: func() time.Time { return Now },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Nodes = append(s.Nodes, n)
	return n
}

// Cut parts the network: members of different groups reach each other no more.
func (s *Sim) Cut(t testing.TB, group func(i int) int) {
	t.Helper()
	s.pairs(func(i, k int, a, b host.Host) {
		if group(i) == group(k) {
			return
		}
		if err := s.net.UnlinkPeers(a.ID(), b.ID()); err != nil {
			return // cut already
		}
		if err := s.net.DisconnectPeers(a.ID(), b.ID()); err != nil {
			t.Fatal(err)
		}
	})
}

// Heal links everybody with everybody.
func (s *Sim) Heal(t testing.TB) {
	t.Helper()
	s.pairs(func(i, k int, a, b host.Host) {
		if len(s.net.LinksBetweenPeers(a.ID(), b.ID())) > 0 {
			return
		}
		l, err := s.net.LinkPeers(a.ID(), b.ID())
		if err != nil {
			t.Fatal(err)
		}
		l.SetOptions(mocknet.LinkOptions{Latency: latency(i, k)})
	})
}

func (s *Sim) pairs(fn func(i, k int, a, b host.Host)) {
	for i, m := range s.Members {
		for k, other := range s.Members[:i] {
			fn(i, k, s.hosts[m.Slug], s.hosts[other.Slug])
		}
	}
}

// latency is one way, between five regions of the world.
func latency(i, k int) time.Duration {
	between := [5][5]time.Duration{
		{15, 45, 110, 80, 90}, {45, 20, 70, 110, 100}, {110, 70, 30, 170, 160}, {80, 110, 170, 40, 120}, {90, 100, 160, 120, 40},
	}
	return between[i%5][k%5] * time.Millisecond
}

// Level tells whether all running nodes hold the same.
func (s *Sim) Level() bool {
	for _, n := range s.Nodes[1:] {
		if n.Store.Digest() != s.Nodes[0].Store.Digest() {
			return false
		}
	}
	return true
}

// UntilLevel lets time pass until all hold the same, and returns how long it took; false
// after the limit.
func (s *Sim) UntilLevel(limit time.Duration) (time.Duration, bool) {
	const step = time.Second
	for passed := time.Duration(0); passed <= limit; passed += step {
		if s.Level() {
			return passed, true
		}
		time.Sleep(step)
	}
	return limit, false
}

// Shuffled are the members in random order.
func (s *Sim) Shuffled(rng *rand.Rand) []*Member {
	all := append([]*Member{}, s.Members...)
	rng.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
	return all
}

// Close ends all nodes and lets their goroutines end, as a bubble wants it.
func (s *Sim) Close(t testing.TB) {
	t.Helper()
	for _, n := range s.Nodes {
		if err := n.Network.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := s.net.Close(); err != nil {
		t.Error(err)
	}
	time.Sleep(time.Minute)
}
