package link

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
)

// How the dial loop behaves.
const (
	firstWait   = 5 * time.Second // between two dials of one member; doubled each time
	longestWait = 5 * time.Minute
	lookEvery   = 15 * time.Second
	atOnce      = 4 // dials at a time
)

// Dial keeps up connections to members of the roster until the context ends. It dials
// at random, and half of what it aims for itself: whoever connects to this node cannot
// thereby choose what it hears.
func (l *Link) Dial(ctx context.Context) {
	d := dialer{link: l, waits: map[peer.ID]*wait{}}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		next := d.round(ctx)
		select {
		case <-ctx.Done():
		case <-l.wake:
		case <-tick.C:
		case <-time.After(next):
		}
	}
}

// dialer remembers whom it dialed lately. A wait outlives a connection that ends soon:
// whoever has been removed may be let in for a moment again and again.
type dialer struct {
	link  *Link
	waits map[peer.ID]*wait
}

type wait struct {
	until time.Time
	last  time.Duration
}

// round dials as many seats as are wanted and returns when to look again.
func (d *dialer) round(ctx context.Context) time.Duration {
	now := time.Now()
	next := lookEvery
	wanted := d.wanted()
	seats := d.link.gater.inOrder()
	rand.Shuffle(len(seats), func(i, j int) { seats[i], seats[j] = seats[j], seats[i] })
	ready := make(chan peer.ID, len(seats))
	for _, s := range seats {
		w := d.waits[s.id]
		waiting := w != nil && w.until.After(now)
		switch connected := d.link.host.Network().Connectedness(s.id) == network.Connected; {
		case connected && !waiting:
			delete(d.waits, s.id)
		case connected || len(s.addresses) == 0:
		case waiting:
			next = min(next, w.until.Sub(now))
		case wanted > 0:
			ready <- s.id
			wanted--
		}
	}
	close(ready)
	d.dialAll(ctx, ready)
	return next
}

// wanted is how many connections are missing, in all or begun from here.
func (d *dialer) wanted() int {
	all, own := 0, 0
	for _, id := range d.link.host.Network().Peers() {
		all++
		for _, c := range d.link.host.Network().ConnsToPeer(id) {
			if c.Stat().Direction == network.DirOutbound {
				own++
				break
			}
		}
	}
	degree := d.link.cfg.Degree
	return max(degree-all, (degree+1)/2-own)
}

func (d *dialer) dialAll(ctx context.Context, ready <-chan peer.ID) {
	var (
		wg sync.WaitGroup
		mu sync.Mutex
	)
	for range atOnce {
		wg.Go(func() {
			for id := range ready {
				if err := d.link.host.Connect(ctx, peer.AddrInfo{ID: id}); err != nil {
					d.link.cfg.Log.Debug("a member did not answer a dial")
				}
				mu.Lock()
				d.note(id)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// note lengthens the wait until the next dial, with jitter so that a coalition that
// comes back does not dial in step.
func (d *dialer) note(id peer.ID) {
	w := d.waits[id]
	if w == nil {
		w = &wait{last: firstWait / 2}
		d.waits[id] = w
	}
	w.last = min(2*w.last, longestWait)
	w.until = time.Now().Add(w.last + rand.N(w.last/2))
}
