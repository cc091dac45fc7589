package nodetest

import (
	"bytes"
	"context"
	"testing"
	"time"

	"tidemark/node/feeds"
	"tidemark/node/mesh"
)

// PSK is the pre-shared key of every coalition here.
var PSK = bytes.Repeat([]byte{7}, 32)

// Loopback runs a member's node over TCP on 127.0.0.1, on a port that is free, and has
// the admins announce it: an act that this node knows at once and the others when they
// are told. It ends with the test.
func (c *Coalition) Loopback(t testing.TB, m *Member, store *feeds.Store) *Node {
	t.Helper()
	n := &Node{Member: m, Store: store}
	var err error
	n.Network, err = mesh.Start(context.Background(), mesh.Config{
		Store: store, Self: m.Slug, Key: m.NodeKey, PSK: PSK, Listen: []string{"/ip4/127.0.0.1/tcp/0"},
		Now: func() time.Time { return Now },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Network.Close(); err != nil {
			t.Error(err)
		}
	})
	act := c.Announce(t, m, n.Network.Listening()...)
	if _, err := store.Accept(act, Now); err != nil {
		t.Fatal(err)
	}
	n.Network.Refresh(store.State())
	return n
}

// Until waits for what other goroutines bring about, and fails after ten seconds.
func Until(t testing.TB, what string, fn func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !fn(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within ten seconds: %s", what)
		}
	}
}
