package catchup

import (
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
)

// What one peer may cost this node.
const (
	budgetBytes   = 64 << 20 // at once: a small coalition's whole history
	budgetRefill  = 64 << 10 // bytes a second
	exchangeCost  = 16 << 10 // of each exchange besides what is sent: a vector is work
	streamsOfPeer = 2        // at a time
	streamsOfAll  = 32       // at a time
)

// budgets bound what peers take, so that one cannot starve the others.
type budgets struct {
	now func() time.Time

	mu    sync.Mutex
	peers map[peer.ID]*budget
	busy  int
}

type budget struct {
	left    int64
	updated time.Time
	busy    int
}

// enter counts a stream in; false: this peer or all of them have too many.
func (b *budgets) enter(p peer.ID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	own := b.of(p)
	if own.busy >= streamsOfPeer || b.busy >= streamsOfAll {
		return false
	}
	own.busy++
	b.busy++
	return true
}

func (b *budgets) leave(p peer.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.of(p).busy--
	b.busy--
}

// spend takes bytes from a peer's budget; false: it is used up for now.
func (b *budgets) spend(p peer.ID, bytes int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	own := b.of(p)
	if own.left < int64(bytes) {
		return false
	}
	own.left -= int64(bytes)
	return true
}

// of refills and returns a peer's budget; b.mu is held. There are as many as members.
func (b *budgets) of(p peer.ID) *budget {
	now := b.now()
	own := b.peers[p]
	if own == nil {
		own = &budget{left: budgetBytes, updated: now}
		b.peers[p] = own
	}
	seconds := now.Sub(own.updated).Seconds()
	own.left = min(budgetBytes, own.left+int64(max(seconds, 0)*budgetRefill))
	own.updated = now
	return own
}
