package gossip

import (
	"errors"

	pubsub "github.com/libp2p/go-libp2p-pubsub"

	"tidemark/node/gate"
)

// Verdict maps what came of a message to what GossipSub does: pass on what was accepted,
// hold against the sender what no honest member sends, and let everything else go.
// An error that is none of the gate's (the disk is full) is our own, not the sender's.
func Verdict(err error) pubsub.ValidationResult {
	switch {
	case err == nil:
		return pubsub.ValidationAccept
	case errors.Is(err, gate.ErrInvalid):
		return pubsub.ValidationReject
	}
	return pubsub.ValidationIgnore
}
