package nodetest

import (
	"bytes"
	"context"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"

	"tidemark/node/gate"
	"tidemark/node/gossip"
	"tidemark/node/link"
)

// Rogue is a member who means harm: it has a seat, a node key and a place in the gossip,
// and no gate.
type Rogue struct {
	*Member
	Topic *gossip.Topic
	link  *link.Link
	stop  context.CancelFunc
	done  sync.WaitGroup

	mu   sync.Mutex
	seen [][]byte
}

// Adversary is one way to mean harm.
type Adversary interface {
	Attack(t testing.TB, r *Rogue, honest []*Node)
}

// NewRogue joins the gossip over a host.
func NewRogue(t testing.TB, c *Coalition, m *Member, h host.Host) *Rogue {
	t.Helper()
	l, err := link.Over(h, link.Config{}, c.State.Roster())
	if err != nil {
		t.Fatal(err)
	}
	r := &Rogue{Member: m, link: l}
	r.Topic, err = gossip.Join(gossip.Config{
		Host: h, Coalition: c.State.ID(), Seated: func(peer.ID) bool { return true }, Accept: r.keep,
	})
	if err != nil {
		t.Fatal(err)
	}
	var ctx context.Context
	ctx, r.stop = context.WithCancel(context.Background())
	r.done.Go(func() { l.Dial(ctx) })
	return r
}

// Rogue makes a member of the simulation one.
func (s *Sim) Rogue(t testing.TB, m *Member) *Rogue {
	t.Helper()
	return NewRogue(t, s.Coalition, m, s.hosts[m.Slug])
}

func (r *Rogue) keep(_ context.Context, from peer.ID, raw []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if from != "" {
		r.seen = append(r.seen, bytes.Clone(raw))
	}
	return nil
}

// Seen are the messages that it got from others.
func (r *Rogue) Seen() [][]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen[:len(r.seen):len(r.seen)]
}

// send publishes, whatever the library says to it.
func (r *Rogue) send(raw []byte) { _ = r.Topic.Publish(context.Background(), raw) }

// Close leaves.
func (r *Rogue) Close(t testing.TB) {
	t.Helper()
	r.stop()
	r.done.Wait()
	if err := r.Topic.Close(); err != nil {
		t.Error(err)
	}
}

// BadSigner sends its own parcels with a signature that does not verify.
type BadSigner struct{ Times int }

// Attack sends them.
func (b BadSigner) Attack(t testing.TB, r *Rogue, _ []*Node) {
	for i := range b.Times {
		raw := r.Version().Declare(t)
		raw[len(raw)-10-i%60] ^= 1 // inside the signature's base64
		r.send(raw)
	}
}

// Equivocator tells half of the members one thing and the other half another, by stick,
// from its first release on.
type Equivocator struct{}

// Attack hands both versions out.
func (Equivocator) Attack(t testing.TB, r *Rogue, honest []*Node) {
	declaration := r.Declare(t)
	other := r.Version()
	for i, version := range []*Member{r.Member, other} {
		first, second := version.Release(t, Quarter(i)), version.Release(t, Quarter(2+i))
		for k, n := range honest {
			if k%2 != i {
				continue
			}
			for _, raw := range [][]byte{declaration, first, second} {
				// A proof may have arrived between the two.
				_, _ = n.Store.Accept(raw, Now)
			}
		}
	}
}

// Replayer sends what it has seen, again and in random order.
type Replayer struct {
	Times int
	Rng   *rand.Rand
}

// Attack sends it.
func (a Replayer) Attack(_ testing.TB, r *Rogue, _ []*Node) {
	seen := r.Seen()
	for i := 0; i < a.Times && len(seen) > 0; i++ {
		r.send(seen[a.Rng.IntN(len(seen))])
	}
}

// Flooder sends so many messages of random bytes of a size.
type Flooder struct {
	Times, Size int
	Rng         *rand.Rand
}

// Attack sends them.
func (a Flooder) Attack(_ testing.TB, r *Rogue, _ []*Node) {
	for range a.Times {
		raw := make([]byte, min(a.Size, gate.MaxSize))
		for i := range raw {
			raw[i] = byte(a.Rng.Uint32())
		}
		r.send(raw)
	}
}
