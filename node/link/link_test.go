package link_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
	"go.uber.org/goleak"

	"tidemark/node/link"
	"tidemark/node/nodetest"
	"tidemark/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const loopback = "/ip4/127.0.0.1/tcp/0"

var psk = bytes.Repeat([]byte{7}, 32)

// opened is a member's link that listens on loopback.
func opened(t testing.TB, m *nodetest.Member, key []byte, roster *schema.Roster, listen ...string) *link.Link {
	t.Helper()
	l, err := link.Open(link.Config{Key: m.NodeKey, PSK: key, Listen: listen}, roster)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// knowing is the roster with addresses of links, as whoever is told them knows it.
func knowing(roster *schema.Roster, at map[schema.Slug]*link.Link) *schema.Roster {
	known := *roster
	known.Members = append([]schema.Member{}, roster.Members...)
	for i := range known.Members {
		if l := at[known.Members[i].Slug]; l != nil {
			known.Members[i].Addresses = l.Listening()
		}
	}
	return &known
}

func dialing(t testing.TB, l *link.Link) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { l.Dial(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
}

// until waits for what other goroutines bring about, and fails after ten seconds.
func until(t testing.TB, what string, fn func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !fn(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within ten seconds: %s", what)
		}
	}
}

func connected(l *link.Link, m *nodetest.Member) bool {
	for _, p := range l.Peers() {
		if p.Member == m.Slug {
			return p.Connected && !p.LastSeen.IsZero()
		}
	}
	return false
}

func TestMembersConnectAndRemovedOnesAreDropped(t *testing.T) {
	for _, key := range [][]byte{nil, psk} {
		c := nodetest.NewCoalition(t, 3)
		a, b := c.Members[0], c.Members[1]
		la := opened(t, a, key, c.State.Roster(), loopback)
		lb := opened(t, b, key, knowing(c.State.Roster(), map[schema.Slug]*link.Link{a.Slug: la}))
		dialing(t, lb)
		until(t, "connected", func() bool { return connected(la, b) && connected(lb, a) })
		if len(la.Peers()) != 2 || len(lb.Listening()) != 0 {
			t.Errorf("%d peers, b listens on %v", len(la.Peers()), lb.Listening())
		}
		c.Act(t, schema.Suspend{Member: b.Slug})
		la.Refresh(c.State.Roster())
		if connected(la, b) || la.Host().Network().Connectedness(idOf(t, b)) == network.Connected {
			t.Error("a suspended member is still connected")
		}
		if len(la.Host().Peerstore().Addrs(idOf(t, b))) != 0 || la.Member(idOf(t, b)) != "" {
			t.Error("a suspended member is still known")
		}
		if testing.Short() || key == nil {
			continue // a member that was dropped waits five seconds
		}
		c.Act(t, schema.Resume{Member: b.Slug})
		la.Refresh(c.State.Roster())
		until(t, "connected again", func() bool { return connected(la, b) })
	}
}

func idOf(t testing.TB, m *nodetest.Member) peer.ID {
	t.Helper()
	id, err := peer.IDFromPrivateKey(m.NodeKey)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// What a scanner gets that lacks the pre-shared key: bytes without a pattern, whatever
// it sends, and never a name of anything.
func TestStrangersWithoutThePSKSeeRandomBytes(t *testing.T) {
	c := nodetest.NewCoalition(t, 2)
	l := opened(t, c.Members[0], psk, c.State.Roster(), loopback)
	counts := make([]int, 256)
	total := 0
	for _, greeting := range []string{"", "\x13/multistream/1.0.0\n", "GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01", strings.Repeat("A", 500)} {
		for range 8 {
			got := probe(t, l.Listening()[0], greeting)
			for _, telling := range []string{"multistream", "noise", "/p2p", "12D3", "yamux", "HTTP"} {
				if bytes.Contains(got, []byte(telling)) {
					t.Errorf("answers %q", telling)
				}
			}
			for _, b := range got {
				counts[b]++
			}
			total += len(got)
		}
	}
	// Bytes are uniform: with n of them each value is expected n/256 times; a count above
	// n/256 + 8 sqrt(n/256) + 8 has odds below 1e-9 for any value.
	mean := float64(total) / 256
	for value, n := range counts {
		if d := float64(n) - mean; d > 8 && (d-8)*(d-8) > 64*mean {
			t.Errorf("byte %d: %d of %d", value, n, total)
		}
	}
}

// probe connects, says something, and reads until the other side ends it or is silent.
func probe(t *testing.T, address, greeting string) []byte {
	t.Helper()
	a, err := ma.NewMultiaddr(address)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := manet.Dial(a)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(greeting)); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	got, _ := io.ReadAll(conn) // it ends by the deadline or by a reset
	return got
}

// A positive control: without a pre-shared key the same probe does see the protocol.
func TestTheProbeSeesWhatIsNotHidden(t *testing.T) {
	c := nodetest.NewCoalition(t, 2)
	l := opened(t, c.Members[0], nil, c.State.Roster(), loopback)
	if got := probe(t, l.Listening()[0], "\x13/multistream/1.0.0\n"); !bytes.Contains(got, []byte("multistream")) {
		t.Errorf("saw %q", got)
	}
}

func TestStrangersWithThePSKAreDropped(t *testing.T) {
	c := nodetest.NewCoalition(t, 2)
	a := c.Members[0]
	la := opened(t, a, psk, c.State.Roster(), loopback)
	stranger := c.NewMember(t, "grey-stranger")
	ls := opened(t, stranger, psk, knowing(c.State.Roster(), map[schema.Slug]*link.Link{a.Slug: la}))
	// Its Connect may succeed: the handshake ends before the other side decides.
	_ = ls.Host().Connect(context.Background(), peer.AddrInfo{ID: idOf(t, a)})
	if st, err := ls.Host().NewStream(context.Background(), idOf(t, a), "/ipfs/id/1.0.0"); err == nil {
		if _, err := io.ReadAll(st); err == nil {
			t.Error("a stranger read a stream to its end")
		}
	}
	until(t, "dropped", func() bool {
		return la.Host().Network().Connectedness(idOf(t, stranger)) != network.Connected &&
			ls.Host().Network().Connectedness(idOf(t, a)) != network.Connected
	})
	// Nor is a stranger dialed.
	err := la.Host().Connect(context.Background(), peer.AddrInfo{ID: idOf(t, stranger), Addrs: []ma.Multiaddr{ma.StringCast("/ip4/127.0.0.1/tcp/9")}})
	if err == nil || !strings.Contains(err.Error(), "gater") {
		t.Errorf("dialed a stranger: %v", err)
	}
}

// Everything that identify tells of a node: an allow-list.
func TestIdentifyTellsNothing(t *testing.T) {
	c := nodetest.NewCoalition(t, 2)
	a, b := c.Members[0], c.Members[1]
	la := opened(t, a, psk, c.State.Roster(), loopback)
	lb := opened(t, b, psk, knowing(c.State.Roster(), map[schema.Slug]*link.Link{a.Slug: la}), loopback)
	dialing(t, lb)
	until(t, "identified", func() bool {
		protocols, err := la.Host().Peerstore().GetProtocols(idOf(t, b))
		return err == nil && len(protocols) > 0
	})
	seen := la.Host().Peerstore()
	for key, want := range map[string]string{"AgentVersion": "n", "ProtocolVersion": "tidemark/1"} {
		if have, err := seen.Get(idOf(t, b), key); err != nil || have != want {
			t.Errorf("%s: have %v %v, want %s", key, have, err, want)
		}
	}
	protocols, err := seen.GetProtocols(idOf(t, b))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range protocols {
		if p != "/ipfs/id/1.0.0" && p != "/ipfs/id/push/1.0.0" {
			t.Errorf("offers %s", p)
		}
	}
	if addrs := seen.Addrs(idOf(t, b)); len(addrs) != 0 {
		t.Errorf("announces %d addresses", len(addrs))
	}
	if book, ok := peerstore.GetCertifiedAddrBook(seen); ok && book.GetPeerRecord(idOf(t, b)) != nil {
		t.Error("sends a signed record")
	}
}

// A member that is gone and comes back, on its old address, is dialed again.
func TestDialsAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("waits five seconds and more for the dial loop")
	}
	c := nodetest.NewCoalition(t, 2)
	a, b := c.Members[0], c.Members[1]
	first, err := link.Open(link.Config{Key: a.NodeKey, PSK: psk, Listen: []string{loopback}}, c.State.Roster())
	if err != nil {
		t.Fatal(err)
	}
	at := first.Listening()
	lb := opened(t, b, psk, knowing(c.State.Roster(), map[schema.Slug]*link.Link{a.Slug: first}))
	dialing(t, lb)
	until(t, "connected", func() bool { return connected(lb, a) })
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	until(t, "gone", func() bool { return !connected(lb, a) })
	again := opened(t, a, psk, c.State.Roster(), at...)
	for range 3 { // thirty seconds
		if connected(again, b) {
			return
		}
		time.Sleep(10 * time.Second)
	}
	t.Error("not dialed again")
}

func TestAddresses(t *testing.T) {
	for _, ok := range []string{"/ip4/127.0.0.1/tcp/7461", "/ip6/::1/tcp/1"} {
		if _, err := link.ParseAddress(ok); err != nil {
			t.Errorf("%s: %v", ok, err)
		}
	}
	for _, bad := range []string{
		"", "127.0.0.1:7461", "/dns4/example.org/tcp/1", "/dns/example.org/tcp/1", "/dnsaddr/example.org", "/ip4/127.0.0.1/udp/1/quic-v1",
		"/ip4/127.0.0.1/tcp/1/ws", "/ip4/127.0.0.1", "/ip4/1.2.3.4/tcp/1/p2p/12D3KooWB5T88qRJeG8au3uMTPG6fmDynKMHRQbcNP8adPg1f4eG", "/unix/tmp",
	} {
		if _, err := link.ParseAddress(bad); err == nil {
			t.Errorf("%s: accepted", bad)
		}
	}
}

// A name in a roster or in what a peer announces is never looked up, and an address that
// the roster does not name is never dialed.
func TestDialsOnlyWhatTheRosterNames(t *testing.T) {
	c := nodetest.NewCoalition(t, 2)
	a, b := c.Members[0], c.Members[1]
	trap, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer trap.Close()
	la := opened(t, a, psk, c.State.Roster())
	at, err := manet.FromNetAddr(trap.Addr())
	if err != nil {
		t.Fatal(err)
	}
	la.Host().Peerstore().AddAddrs(idOf(t, b), []ma.Multiaddr{at, ma.StringCast("/dns4/localhost/tcp/1")}, time.Hour)
	if err := la.Host().Connect(context.Background(), peer.AddrInfo{ID: idOf(t, b)}); err == nil || !strings.Contains(err.Error(), "gater") {
		t.Errorf("have %v", err)
	}
}

func TestKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "node.key")
	made, err := link.CreateKey(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	loaded, err := link.LoadKey(path)
	if err != nil || !loaded.Equals(made) {
		t.Errorf("reads back another key: %v", err)
	}
	if name, err := link.NodeKey(made); err != nil || !strings.HasPrefix(name, "12D3Koo") {
		t.Errorf("%s %v", name, err)
	}
	if _, err := link.CreateKey(path); err == nil {
		t.Error("wrote over a key")
	}
	if err := os.WriteFile(path, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := link.LoadKey(path); err == nil {
		t.Error("read a key from anything")
	}
}

func TestQuietLogsNameNobody(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(link.Quiet(slog.NewTextHandler(&out, nil)))
	log.Info("nothing", "logger", "swarm2")
	if out.Len() > 0 {
		t.Error("passes less than a warning")
	}
	log.With("peer", "12D3KooWpeer", "logger", "swarm2").WithGroup("12D3KooWgroup").Warn("dial failed",
		"addr", "/ip4/192.0.2.7/tcp/1", "error", "dial 192.0.2.7", slog.Group("conn", "remote", "192.0.2.7"))
	log.Error("cannot reach 12D3KooWpeer")
	log.Error("cannot reach /ip4/192.0.2.7/tcp/1")
	text := out.String()
	for _, leak := range []string{"12D3", "192.0.2.7", "/ip4"} {
		if strings.Contains(text, leak) {
			t.Errorf("names %s: %s", leak, text)
		}
	}
	if !strings.Contains(text, "dial failed") || !strings.Contains(text, "logger=swarm2") || strings.Count(text, "withheld") != 2 {
		t.Errorf("have %s", text)
	}
}

func TestConfigIsChecked(t *testing.T) {
	c := nodetest.NewCoalition(t, 1)
	key := c.Members[0].NodeKey
	for name, cfg := range map[string]link.Config{
		"no key":          {},
		"short psk":       {Key: key, PSK: []byte{1}},
		"bad degree":      {Key: key, Degree: -1},
		"dns listen":      {Key: key, Listen: []string{"/dns4/localhost/tcp/0"}},
		"udp listen":      {Key: key, Listen: []string{"/ip4/127.0.0.1/udp/0"}},
		"not our address": {Key: key, Listen: []string{"/ip4/192.0.2.1/tcp/1"}},
	} {
		if l, err := link.Open(cfg, c.State.Roster()); err == nil {
			t.Errorf("%s: accepted", name)
			_ = l.Close()
		}
	}
}

// Whoever is let in for a moment and dropped does not dial again at once.
func TestDroppedDialersWait(t *testing.T) {
	c := nodetest.NewCoalition(t, 2)
	a := c.Members[0]
	la := opened(t, a, psk, c.State.Roster(), loopback)
	stranger := c.NewMember(t, "grey-stranger")
	ls := opened(t, stranger, psk, knowing(c.State.Roster(), map[schema.Slug]*link.Link{a.Slug: la}))
	dials := make(chan struct{}, 1000)
	ls.Host().Network().Notify(&network.NotifyBundle{ConnectedF: func(network.Network, network.Conn) { dials <- struct{}{} }})
	dialing(t, ls)
	time.Sleep(time.Second)
	if n := len(dials); n > 1 {
		t.Errorf("%d dials within a second", n)
	}
}
