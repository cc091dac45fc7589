package mesh

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
)

const (
	pullFrom  = 2               // members a round: one alone could withhold
	pullPause = 2 * time.Second // between two pulls from one member
)

// pulls under way, at most one for each peer; another that is asked for meanwhile
// follows it.
type pulls struct {
	mu     sync.Mutex
	of     map[peer.ID]*pull
	closed bool
}

type pull struct{ again bool }

// begin tells whether the caller is to pull now.
func (p *pulls) begin(id peer.ID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	if running := p.of[id]; running != nil {
		running.again = true
		return false
	}
	p.of[id] = &pull{}
	return true
}

// end tells whether another pull was asked for meanwhile.
func (p *pulls) end(id peer.ID) (again bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if running := p.of[id]; running.again && !p.closed {
		running.again = false
		return true
	}
	delete(p.of, id)
	return false
}

func (p *pulls) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
}

// later runs fn in a goroutine that Close waits for.
func (n *Network) later(fn func()) {
	n.pulls.mu.Lock()
	defer n.pulls.mu.Unlock()
	if n.pulls.closed {
		return
	}
	n.work.Go(func() {
		select {
		case <-n.ready:
			fn()
		case <-n.ctx.Done():
		}
	})
}

// pullSoon exchanges with a peer from another goroutine.
func (n *Network) pullSoon(p peer.ID) {
	if !n.pulls.begin(p) {
		return
	}
	n.later(func() {
		for again := true; again; again = n.pulls.end(p) {
			if _, err := n.catchup.Exchange(n.ctx, p); err != nil && n.ctx.Err() == nil {
				n.cfg.Log.Debug("a pull ended early; the next goes on")
			}
			select {
			case <-time.After(pullPause):
			case <-n.ctx.Done():
			}
		}
	})
}

// connected pulls from whoever this node connects to; the other side does not, for an
// exchange goes both ways.
func (n *Network) connected(_ network.Network, c network.Conn) {
	if c.Stat().Direction == network.DirOutbound && n.seated(c.RemotePeer()) {
		n.pullSoon(c.RemotePeer())
	}
}

// pullNowAndThen asks random members: gossip alone never recovers what it missed.
func (n *Network) pullNowAndThen() {
	for {
		// Not in step with the others.
		wait := n.cfg.Every*3/4 + rand.N(n.cfg.Every/2)
		select {
		case <-n.ctx.Done():
			return
		case <-time.After(wait):
		}
		peers := n.link.Host().Network().Peers()
		rand.Shuffle(len(peers), func(i, j int) { peers[i], peers[j] = peers[j], peers[i] })
		for _, p := range peers[:min(pullFrom, len(peers))] {
			n.pullSoon(p)
		}
	}
}
