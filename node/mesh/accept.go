package mesh

import (
	"context"
	"errors"

	"github.com/libp2p/go-libp2p/core/peer"

	"tidemark/node/gate"
)

// spreadUpTo is how much this member may have lacked for it to pass on what it fetched.
// After a cut, passing on brings a coalition level within a minute where pulls alone
// take ten; who joins late fetches what all others have.
const spreadUpTo = 128

// accept is the one way in, from gossip and catch-up alike: gate and store, then
// whatever follows from the answer. The sender is empty for own notes.
func (n *Network) accept(_ context.Context, from peer.ID, raw []byte) error {
	a, err := n.cfg.Store.Accept(raw, n.cfg.Now())
	if err == nil {
		n.tell(a)
		return nil
	}
	var found *gate.Equivocation
	if errors.As(err, &found) {
		n.tell(found.Proof)
		n.publishSoon(found.Proof.Raw())
	}
	// What is missing here the sender has, or it would not have sent what follows it.
	if from != "" && (errors.Is(err, gate.ErrGap) || errors.Is(err, gate.ErrUnknown)) {
		n.pullSoon(from)
	}
	return err
}

// tell passes on what was stored. An act takes effect on the connections first.
func (n *Network) tell(a gate.Accepted) {
	if st := a.State(); st != nil {
		n.link.Refresh(st.Roster())
		n.cfg.Changed(st)
	}
	n.cfg.Accepted(a)
}

// publishSoon sends a proof out from another goroutine: gossip waits for this one.
func (n *Network) publishSoon(raw []byte) {
	n.later(func() {
		if err := n.topic.Publish(n.ctx, raw); err != nil && n.ctx.Err() == nil {
			n.cfg.Log.Warn("a proof did not go out; catch-up brings it")
		}
	})
}

// fetched takes what catch-up brought, and passes it on where it is news to others too.
func (n *Network) fetched(ctx context.Context, from peer.ID, raw []byte, behind uint64) error {
	select {
	case <-n.ready:
	case <-ctx.Done():
		return ctx.Err()
	}
	if behind <= spreadUpTo {
		return n.topic.Spread(ctx, raw)
	}
	// No sender: the exchange is under way with it already.
	return n.accept(ctx, "", raw)
}
