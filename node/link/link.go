package link

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"

	"tidemark/schema"
)

// Config of a link.
type Config struct {
	Key    crypto.PrivKey   // the node key
	PSK    []byte           // 32 bytes; nil: no private network (the coalition has not sealed one yet)
	Listen []string         // multiaddrs with an IP and a TCP port; none: the listener is off
	Degree int              // connections that the dial loop aims for; 0: DefaultDegree
	Now    func() time.Time // nil: the machine's clock
	Log    *slog.Logger     // nil: none
}

// DefaultDegree makes coalitions of up to 17 a full mesh.
const DefaultDegree = 16

func (c *Config) defaults() {
	if c.Degree == 0 {
		c.Degree = DefaultDegree
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
}

func (c *Config) validate() error {
	if len(c.PSK) != 0 && len(c.PSK) != pskSize {
		return fmt.Errorf("link: psk of %d bytes, want %d", len(c.PSK), pskSize)
	}
	if c.Degree < 1 {
		return fmt.Errorf("link: degree %d, want 1 or more", c.Degree)
	}
	return nil
}

// Link is a member's host, held to the roster. Its methods may be called from several
// goroutines.
type Link struct {
	cfg   Config
	host  host.Host
	gater *gater
	wake  chan struct{} // a connection ended, or the roster changed: look again

	mu   sync.Mutex
	seen map[peer.ID]time.Time // when a connection last began or ended
}

// Peer is what is known of another member's node.
type Peer struct {
	Member    schema.Slug
	Connected bool
	LastSeen  time.Time // when a connection last stood; zero: not since this node started
}

// Open starts a host for a roster. It listens only where Config says so.
func Open(cfg Config, roster *schema.Roster) (*Link, error) {
	cfg.defaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if cfg.Key == nil {
		return nil, errors.New("link: no node key")
	}
	listen, err := parseAll(cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("link: listen: %w", err)
	}
	g := &gater{}
	h, err := newHost(cfg, g, listen)
	if err != nil {
		return nil, fmt.Errorf("link: %w", err)
	}
	l := over(h, g, cfg)
	l.Refresh(roster)
	return l, nil
}

// Over runs the roster over a host that was made elsewhere, for simulated networks. Its
// connections are not gated while they begin, but ended at once.
func Over(h host.Host, cfg Config, roster *schema.Roster) (*Link, error) {
	cfg.defaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	l := over(h, &gater{}, cfg)
	l.Refresh(roster)
	return l, nil
}

func over(h host.Host, g *gater, cfg Config) *Link {
	g.self = h.ID()
	l := &Link{cfg: cfg, host: h, gater: g, wake: make(chan struct{}, 1), seen: map[peer.ID]time.Time{}}
	h.Network().Notify(&network.NotifyBundle{ConnectedF: l.connected, DisconnectedF: l.disconnected})
	return l
}

// Host is the libp2p host that gossip and catch-up run on.
func (l *Link) Host() host.Host { return l.host }

// Close ends everything.
func (l *Link) Close() error {
	if err := l.host.Close(); err != nil {
		return fmt.Errorf("link: close: %w", err)
	}
	return nil
}

// Refresh takes a newer roster: new addresses, and an end to whoever is no longer in it.
// Ending is ours to do: the gater is asked only when a connection begins.
func (l *Link) Refresh(roster *schema.Roster) {
	before, after := l.gater.replace(seatsOf(roster, l.host.ID()))
	for id, s := range after {
		if old, ok := before[id]; ok && old.same(s) {
			continue
		}
		l.host.Peerstore().ClearAddrs(id)
		l.host.Peerstore().AddAddrs(id, s.addresses, peerstore.PermanentAddrTTL)
	}
	for id := range before {
		if _, stays := after[id]; !stays {
			l.host.Peerstore().ClearAddrs(id)
		}
	}
	for _, id := range l.host.Network().Peers() {
		if _, stays := after[id]; !stays {
			l.drop(id)
		}
	}
	l.look()
}

func (l *Link) drop(id peer.ID) {
	if err := l.host.Network().ClosePeer(id); err != nil {
		l.cfg.Log.Warn("a connection to somebody without a seat did not close")
	}
}

// connected ends what the gater could not: a connection that began before a removal.
func (l *Link) connected(_ network.Network, c network.Conn) {
	id := c.RemotePeer()
	if l.Member(id) == "" {
		go l.drop(id) // the network waits for this function
		return
	}
	l.saw(id)
}

func (l *Link) disconnected(_ network.Network, c network.Conn) {
	if l.Member(c.RemotePeer()) != "" {
		l.saw(c.RemotePeer())
	}
	l.look()
}

func (l *Link) saw(id peer.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen[id] = l.cfg.Now()
}

func (l *Link) look() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Member is who a node key belongs to; empty for one that may not connect.
func (l *Link) Member(p peer.ID) schema.Slug { return l.gater.member(p) }

// Peers lists the roster's other active members, in its order.
func (l *Link) Peers() []Peer {
	l.mu.Lock()
	defer l.mu.Unlock()
	var peers []Peer
	for _, s := range l.gater.inOrder() {
		p := Peer{Member: s.member, LastSeen: l.seen[s.id]}
		if l.host.Network().Connectedness(s.id) == network.Connected {
			p.Connected, p.LastSeen = true, l.cfg.Now()
		}
		peers = append(peers, p)
	}
	return peers
}

// Listening lists the addresses that the host listens on, for the operator's screen.
func (l *Link) Listening() []string {
	var all []string
	for _, a := range l.host.Network().ListenAddresses() {
		all = append(all, a.String())
	}
	return all
}
