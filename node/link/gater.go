package link

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/libp2p/go-libp2p/core/control"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"

	"tidemark/schema"
)

// seat is another active member's node.
type seat struct {
	id        peer.ID
	order     int
	member    schema.Slug
	addresses []ma.Multiaddr
}

func (s seat) same(t seat) bool {
	return slices.EqualFunc(s.addresses, t.addresses, ma.Multiaddr.Equal)
}

// seatsOf reads a roster. A node key or an address that this node cannot use is left
// out: the roster is the admins', and the member may connect itself.
func seatsOf(roster *schema.Roster, self peer.ID) map[peer.ID]seat {
	seats := map[peer.ID]seat{}
	for i, m := range roster.Members {
		id, err := peer.Decode(m.NodeKey)
		if err != nil || id == self || m.Status != schema.Active {
			continue
		}
		s := seat{id: id, order: i, member: m.Slug}
		for _, text := range m.Addresses {
			if a, err := ParseAddress(text); err == nil {
				s.addresses = append(s.addresses, a)
			}
		}
		seats[id] = s
	}
	return seats
}

// ParseAddress reads an address that a link can listen on or dial: /ip4/…/tcp/… or
// /ip6/…/tcp/…. Names are refused, for looking one up tells where a member connects to.
func ParseAddress(s string) (ma.Multiaddr, error) {
	a, err := ma.NewMultiaddr(s)
	if err != nil {
		return nil, fmt.Errorf("address: want a multiaddr like /ip4/127.0.0.1/tcp/7461")
	}
	if len(a) != 2 || a[0].Code() != ma.P_IP4 && a[0].Code() != ma.P_IP6 || a[1].Code() != ma.P_TCP {
		return nil, fmt.Errorf("address: want an IP address and a TCP port, like /ip4/127.0.0.1/tcp/7461")
	}
	return a, nil
}

func parseAll(texts []string) ([]ma.Multiaddr, error) {
	var all []ma.Multiaddr
	for _, s := range texts {
		a, err := ParseAddress(s)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

// gater asks the roster whether a connection may be. It is a connmgr.ConnectionGater.
type gater struct {
	self peer.ID

	mu    sync.RWMutex
	seats map[peer.ID]seat
}

func (g *gater) replace(seats map[peer.ID]seat) (before, after map[peer.ID]seat) {
	g.mu.Lock()
	defer g.mu.Unlock()
	before, g.seats = g.seats, seats
	return before, seats
}

func (g *gater) member(p peer.ID) schema.Slug {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.seats[p].member
}

func (g *gater) inOrder() []seat {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return slices.SortedFunc(maps.Values(g.seats), func(a, b seat) int { return cmp.Compare(a.order, b.order) })
}

// InterceptPeerDial lets dials to seats through.
func (g *gater) InterceptPeerDial(p peer.ID) bool { return g.member(p) != "" }

// InterceptAddrDial lets dials to the roster's addresses through: what a peer announces
// itself may point anywhere.
func (g *gater) InterceptAddrDial(p peer.ID, a ma.Multiaddr) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return slices.ContainsFunc(g.seats[p].addresses, a.Equal)
}

// InterceptAccept cannot know who it is yet.
func (g *gater) InterceptAccept(network.ConnMultiaddrs) bool { return true }

// InterceptSecured is the one that decides: the peer has shown its key.
func (g *gater) InterceptSecured(_ network.Direction, p peer.ID, _ network.ConnMultiaddrs) bool {
	return g.member(p) != ""
}

// InterceptUpgraded asks once more: a removal may have come between.
func (g *gater) InterceptUpgraded(c network.Conn) (bool, control.DisconnectReason) {
	return g.member(c.RemotePeer()) != "", 0
}
