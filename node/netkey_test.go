package node

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"tidemark/schema"
)

// line is a loopback address that was free a moment ago.
func line(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprintf("/ip4/127.0.0.1/tcp/%d", l.Addr().(*net.TCPAddr).Port)
}

// runs a node until the test ends.
func runs(t testing.TB, n *Node) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func until(t testing.TB, what string, fn func() bool) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); !fn(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

func connected(from, to *Node) bool {
	for _, p := range from.Peers() {
		if p.Member == to.Slug() {
			return p.Connected
		}
	}
	return false
}

func key(t testing.TB, n *Node) KeyNow {
	t.Helper()
	s, err := n.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return *s.Key
}

// Three members over TCP, one is removed: it is cut off at once. From the day of the new
// network key on the others go on under it; a fourth that was away gets back in by a bundle.
func TestARemovedMemberLosesTheNetworkKey(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for dials")
	}
	c := newClock()
	a := founded(t, c, "amber-lark", line(t))
	b, removed, away := member(t, c, "quiet-heron", line(t)), member(t, c, "river-ibis", line(t)), member(t, c, "slow-tern", line(t))
	joins(t, a, b, removed, away)
	hands(t, a, b, removed, away)
	for _, n := range []*Node{a, b, removed} {
		runs(t, n)
	}
	until(t, "all three connected", func() bool { return connected(a, b) && connected(a, removed) && connected(b, removed) })

	sealed, err := a.NewNetworkKey(removed.Slug(), KeyNotice)
	if err != nil {
		t.Fatal(err)
	}
	d, err := a.Propose(t.Context(), schema.Remove{Member: removed.Slug(), Key: sealed})
	if err != nil || !d.Adopted {
		t.Fatalf("%+v, %v", d.Proposal, err)
	}
	version := d.Proposal.Act.Version
	until(t, "b has the act, the removed one is cut off", func() bool {
		return b.State().Roster().Version == version && !connected(removed, a) && !connected(removed, b)
	})
	if !connected(a, b) || key(t, b).Act != 0 || key(t, b).Next == nil {
		t.Errorf("before its day: %+v", key(t, b))
	}

	c.days(KeyNotice)
	a.heardAct(a.State()) // what the full hour brings
	b.heardAct(b.State())
	until(t, "both under the new key", func() bool { return connected(a, b) && under(a) == version && under(b) == version })
	if k := key(t, a); k.Act != version || !k.Held || k.Since == nil {
		t.Errorf("on its day: %+v", k)
	}

	runs(t, away)
	until(t, "the one that was away tries", func() bool { return away.mesh.Load() != nil })
	time.Sleep(time.Second)
	if connected(away, a) || connected(away, b) || connected(removed, a) || key(t, away).Act != 0 {
		t.Error("let in under the old key")
	}
	hands(t, b, away)
	until(t, "back in by a bundle", func() bool { return under(away) == version && connected(away, a) && connected(away, b) })

	replacesItsNodeKey(t, a, b)

	// The removed one may have the act: it cannot open the key.
	var stick bytes.Buffer
	if err := a.Export(&stick); err != nil {
		t.Fatal(err)
	}
	if _, err := removed.Import(t.Context(), stick.Bytes()); err == nil {
		t.Error("a bundle opened for the removed member")
	}
	if _, err := unseal(sealed.Sealed, removed.Vault().BoxIdentity()); err == nil {
		t.Error("the key opened for the removed member")
	}
}

// replacesItsNodeKey: the act ends the connections of the old key before its member has
// got it; under the next key the member gets in, and then has the act.
func replacesItsNodeKey(t *testing.T, a, b *Node) {
	request, err := b.NextNodeKey()
	if err != nil {
		t.Fatal(err)
	}
	change, err := a.ReplaceNode(request)
	if err != nil {
		t.Fatal(err)
	}
	d, err := a.Propose(t.Context(), change)
	if err != nil || !d.Adopted {
		t.Fatal(err)
	}
	version := d.Proposal.Act.Version
	until(t, "b is cut off or has the act", func() bool { return b.alone() || b.State().Roster().Version == version })
	if err := b.turn(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	until(t, "b is back under its next key", func() bool {
		due, err := b.nodeKeyIsDue()
		return err == nil && !due && b.State().Roster().Version == version && connected(b, a)
	})
	if _, err := b.nextKey(); err == nil {
		t.Error("the next key is still there")
	}
}

// under is the act whose network key a node's network runs under.
func under(n *Node) uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.epoch
}

// Who is admitted or invited later gets the keys in force and to come, and no older ones.
func TestInvitationsCarryTheKeysInForceAndToCome(t *testing.T) {
	c := newClock()
	a := founded(t, c, "amber-lark", "")
	for _, days := range []int{0, 20} {
		sealed, err := a.NewNetworkKey("", days)
		if err != nil {
			t.Fatal(err)
		}
		if d, err := a.Propose(t.Context(), schema.RotateKey{NetworkKey: sealed}); err != nil || !d.Adopted {
			t.Fatal(err)
		}
	}
	b := member(t, c, "quiet-heron", "")
	joins(t, a, b)
	held, err := b.heldKeys()
	if err != nil || len(held) != 2 || held[0] != nil || held[2] == nil || held[3] == nil {
		t.Errorf("%d keys, %v", len(held), err)
	}
	own, err := a.heldKeys()
	if err != nil || len(own) != 3 || !bytes.Equal(own[3], held[3]) {
		t.Errorf("the admin: %d keys, %v", len(own), err)
	}
	if err := b.keepKeys(netKeys{3: own[2], 2: own[3]}); err != nil {
		t.Fatal(err)
	}
	if again, err := b.heldKeys(); err != nil || !bytes.Equal(again[3], own[3]) {
		t.Errorf("a key that is held was replaced: %v", err)
	}
	c.days(20)
	if epoch, psk, err := b.keyInForce(b.State()); err != nil || epoch != 3 || !bytes.Equal(psk, own[3]) {
		t.Errorf("in force: %d, %v", epoch, err)
	}
	if info, err := os.Stat(b.in(pskName)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v %v", info.Mode(), err)
	}
}

// A suspended member gets no key; once it is resumed it says so, and another invitation
// brings it.
func TestAResumedMemberNeedsAnInvitation(t *testing.T) {
	c := newClock()
	a, b := founded(t, c, "amber-lark", ""), member(t, c, "quiet-heron", "")
	joins(t, a, b)
	acts := []func() schema.Change{
		func() schema.Change { return schema.Suspend{Member: "quiet-heron"} },
		func() schema.Change {
			sealed, err := a.NewNetworkKey("", 0)
			if err != nil {
				t.Fatal(err)
			}
			return schema.RotateKey{NetworkKey: sealed}
		},
		func() schema.Change { return schema.Resume{Member: "quiet-heron"} },
	}
	for _, change := range acts {
		if d, err := a.Propose(t.Context(), change()); err != nil || !d.Adopted {
			t.Fatal(err)
		}
	}
	hands(t, a, b)
	if k := key(t, b); k.Act != 4 || k.Held {
		t.Errorf("%+v", k)
	}
	joins(t, a, b)
	if k := key(t, b); k.Act != 4 || !k.Held {
		t.Errorf("after another invitation: %+v", k)
	}
}

func TestNetworkKeysAsText(t *testing.T) {
	keys := netKeys{0: bytes.Repeat([]byte{1}, 32), 12: bytes.Repeat([]byte{2}, 32)}
	again, err := parseNetKeys(keys.text())
	if err != nil || len(again) != 2 || !bytes.Equal(again[12], keys[12]) {
		t.Errorf("%v, %v", again, err)
	}
	line := strings.SplitAfter(string(keys.text()), "\n")[0]
	for _, text := range []string{"0\n", "x " + line[2:], line + line, "0 QUJD\n", string(keys[0])} {
		if _, err := parseNetKeys([]byte(text)); err == nil {
			t.Errorf("%q: taken", text)
		}
	}
	if older := keys.from(1); len(older) != 1 || older[12] == nil {
		t.Errorf("%v", older)
	}
}

// A network that could not start under the new key is tried again, unless it was stopped.
func TestANetworkThatCouldNotTurnIsTriedAgain(t *testing.T) {
	c := newClock()
	a := founded(t, c, "amber-lark", line(t))
	good := a.settings.Listen
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	sealed, err := a.NewNetworkKey("", 0)
	if err != nil {
		t.Fatal(err)
	}
	if d, err := a.Propose(t.Context(), schema.RotateKey{NetworkKey: sealed}); err != nil || !d.Adopted {
		t.Fatal(err)
	}
	a.settings.Listen = "/ip4/192.0.2.1/tcp/7461" // no address of this machine
	if err := a.turn(t.Context(), false); err == nil || a.mesh.Load() != nil {
		t.Fatalf("started: %v", err)
	}
	a.settings.Listen = good
	if err := a.turn(t.Context(), false); err != nil || a.mesh.Load() == nil || under(a) != 2 {
		t.Errorf("not tried again: %v", err)
	}
	if err := a.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := a.turn(t.Context(), true); err != nil || a.mesh.Load() != nil {
		t.Errorf("started though it was stopped: %v", err)
	}
}
