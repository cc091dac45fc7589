package mesh_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"go.uber.org/goleak"

	"tidemark/node/catchup"
	"tidemark/node/gate"
	"tidemark/node/gossip"
	"tidemark/node/link"
	"tidemark/node/mesh"
	"tidemark/node/nodetest"
	"tidemark/schema"
	"tidemark/schema/coalition"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// group runs n members on loopback, all connected to each other and knowing all acts.
func group(t testing.TB, n int) (*nodetest.Coalition, []*nodetest.Node) {
	t.Helper()
	c := nodetest.NewCoalition(t, n)
	var nodes []*nodetest.Node
	for _, m := range c.Members {
		nodes = append(nodes, c.Loopback(t, m, c.Store(t)))
	}
	nodetest.Until(t, "all connected, with all acts", func() bool {
		for _, n := range nodes {
			if n.Store.State().Roster().Version != c.State.Roster().Version {
				return false
			}
			for _, p := range n.Network.Peers() {
				if !p.Connected {
					return false
				}
			}
		}
		return true
	})
	return c, nodes
}

func level(nodes ...*nodetest.Node) bool {
	for _, n := range nodes[1:] {
		if n.Store.Digest() != nodes[0].Store.Digest() {
			return false
		}
	}
	return true
}

// Three members over TCP and a pre-shared key: what each publishes all have. A fourth
// that knows only the charter and the acts of its invitation gets everything else.
func TestThreeMembersAndALateJoiner(t *testing.T) {
	c, nodes := group(t, 3)
	for _, n := range nodes {
		for _, raw := range n.History(t, 3) {
			publish(t, n, raw)
		}
	}
	nodetest.Until(t, "level", func() bool { return level(nodes...) })

	late := c.AdmitOn(t, schema.DateOf(nodetest.Now))
	act := c.State.Log()[len(c.State.Log())-1]
	store := c.Store(t)
	publish(t, nodes[0], act)
	joined := c.Loopback(t, late, store) // its address nobody knows: it connects itself
	nodetest.Until(t, "the late joiner has all", func() bool {
		return stored(joined) == 12 && level(append(nodes, joined)...)
	})
	publish(t, joined, joined.Declare(t))
	nodetest.Until(t, "all hear the late joiner", func() bool { return level(append(nodes, joined)...) && stored(nodes[0]) == 13 })
}

// Everything that is newly stored is told once, and acts with the state they lead to.
func TestTellsWhatIsStored(t *testing.T) {
	c := nodetest.NewCoalition(t, 2)
	var mu sync.Mutex
	told, version := map[schema.Hash]int{}, uint64(0)
	store := c.Store(t)
	n, err := mesh.Start(context.Background(), mesh.Config{
		Store: store, Key: c.Members[0].NodeKey, PSK: nodetest.PSK, Now: func() time.Time { return nodetest.Now },
		Accepted: func(a gate.Accepted) {
			mu.Lock()
			defer mu.Unlock()
			told[a.ID()]++
		},
		Changed: func(st *coalition.State) { version = st.Roster().Version },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	m := c.Members[0]
	raw := m.Declare(t)
	act := c.Announce(t, m, "/ip4/127.0.0.1/tcp/7461")
	for range 3 { // publishing again is no error and tells nothing
		for _, raw := range [][]byte{raw, act} {
			if err := n.Publish(context.Background(), raw); err != nil {
				t.Fatal(err)
			}
		}
	}
	_, id := m.Head()
	if len(told) != 2 || told[id] != 1 || version != c.State.Roster().Version {
		t.Errorf("told %v, version %d", told, version)
	}
	if err := n.Publish(context.Background(), []byte("hello")); !errors.Is(err, gate.ErrInvalid) {
		t.Errorf("have %v", err)
	}
	if err := n.Publish(context.Background(), make([]byte, gate.MaxSize+1)); !errors.Is(err, gate.ErrInvalid) {
		t.Errorf("oversize: %v", err)
	}
}

// Somebody who has the pre-shared key, all addresses and the topic's name, but no seat,
// gets nothing: not from gossip, not from catch-up.
func TestAStrangerWithThePSKReceivesNothing(t *testing.T) {
	c, nodes := group(t, 2)
	stranger := c.NewMember(t, "grey-stranger")
	l, err := link.Open(link.Config{Key: stranger.NodeKey, PSK: nodetest.PSK}, c.State.Roster())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	heard := make(chan []byte, 10)
	everybody := func(peer.ID) bool { return true }
	topic, err := gossip.Join(gossip.Config{
		Host: l.Host(), Coalition: c.State.ID(), Seated: everybody,
		Accept: func(_ context.Context, from peer.ID, raw []byte) error {
			if from != "" {
				heard <- raw
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer topic.Close()
	service, err := catchup.Serve(catchup.Config{
		Host: l.Host(), Coalition: c.State.ID(), Store: c.Store(t), Seated: everybody,
		Accept: func(_ context.Context, _ peer.ID, raw []byte, _ uint64) error { heard <- raw; return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	for _, n := range nodes {
		publish(t, n, n.Declare(t))
	}
	for _, m := range c.Members {
		id, err := peer.IDFromPrivateKey(m.NodeKey)
		if err != nil {
			t.Fatal(err)
		}
		_ = l.Host().Connect(context.Background(), peer.AddrInfo{ID: id}) // it may succeed for a moment
		if _, err := service.Exchange(context.Background(), id); err == nil {
			t.Error("an exchange with a stranger")
		}
	}
	for _, n := range nodes {
		publish(t, n, n.Release(t, nodetest.Quarter(0)))
	}
	_ = topic.Publish(context.Background(), stranger.Declare(t)) // nobody is to hear it
	nodetest.Until(t, "level", func() bool { return level(nodes...) })
	if len(heard) != 0 || topic.Listeners() != 0 {
		t.Errorf("the stranger heard %d messages, %d listen to it", len(heard), topic.Listeners())
	}
	for _, n := range nodes {
		if head, _ := n.Store.Feed(stranger.Slug).Head(); head != 0 || stored(n) != 4 {
			t.Errorf("%d parcels", stored(n))
		}
	}
}

// A removal that one member publishes ends all connections of the removed one.
func TestARemovedMemberIsDisconnected(t *testing.T) {
	c, nodes := group(t, 3)
	publish(t, nodes[0], c.Act(t, schema.Remove{Member: nodes[2].Slug}))
	nodetest.Until(t, "the removal is everywhere", func() bool {
		return len(nodes[0].Network.Peers()) == 1 && len(nodes[1].Network.Peers()) == 1
	})
	nodetest.Until(t, "disconnected", func() bool {
		for _, p := range nodes[2].Network.Peers() {
			if p.Connected {
				return false
			}
		}
		return true
	})
}

// An equivocation over TCP: the proof is on every member, with intents and no tables.
func TestProofsOverTCP(t *testing.T) {
	_, nodes := group(t, 3)
	a := nodes[0]
	publish(t, a, a.Declare(t))
	other := a.Version()
	publish(t, a, a.Release(t, nodetest.Quarter(0)))
	nodetest.Until(t, "level", func() bool { return level(nodes...) })
	if err := nodes[1].Network.Publish(context.Background(), other.Release(t, nodetest.Quarter(1))); !errors.Is(err, gate.ErrEquivocation) {
		t.Fatalf("have %v", err)
	}
	nodetest.Until(t, "the proof is everywhere", func() bool {
		for _, n := range nodes {
			if len(n.Store.Disputes()) != 1 || bytes.Contains(n.Store.Disputes()[0].Raw, []byte("\ntable ")) {
				return false
			}
		}
		return true
	})
}

func TestSyncExchangesWithEverybodyNow(t *testing.T) {
	_, nodes := group(t, 3)
	for _, raw := range nodes[0].History(t, 2) { // from a stick: nobody is told
		if _, err := nodes[0].Store.Accept(raw, nodetest.Now); err != nil {
			t.Fatal(err)
		}
	}
	if err := nodes[0].Network.Sync(context.Background()); err != nil {
		t.Fatal(err)
	}
	if !level(nodes...) {
		t.Error("not level after a sync")
	}
}

func TestStartWantsAStoreWithACoalition(t *testing.T) {
	if _, err := mesh.Start(context.Background(), mesh.Config{}); err == nil {
		t.Error("accepted")
	}
}
