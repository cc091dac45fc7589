package gossip_test

import (
	"errors"
	"fmt"
	"testing"

	pubsub "github.com/libp2p/go-libp2p-pubsub"

	"tidemark/node/gate"
	"tidemark/node/gossip"
)

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		err  error
		want pubsub.ValidationResult
	}{
		{nil, pubsub.ValidationAccept},
		{gate.ErrInvalid, pubsub.ValidationReject},
		{gate.ErrUnknown, pubsub.ValidationIgnore},
		{gate.ErrStale, pubsub.ValidationIgnore},
		{gate.ErrGap, pubsub.ValidationIgnore},
		{&gate.Gap{Member: "quiet-heron", Sequence: 3}, pubsub.ValidationIgnore},
		{gate.ErrEarly, pubsub.ValidationIgnore},
		{gate.ErrSuspended, pubsub.ValidationIgnore},
		{gate.ErrEquivocation, pubsub.ValidationIgnore},
		{&gate.Equivocation{}, pubsub.ValidationIgnore},
		{errors.New("the disk is too full"), pubsub.ValidationIgnore},
	} {
		for _, err := range []error{c.err, fmt.Errorf("wrapped: %w", c.err)} {
			if c.err == nil && err != nil {
				continue
			}
			if have := gossip.Verdict(err); have != c.want {
				t.Errorf("%v: have %v, want %v", err, have, c.want)
			}
		}
	}
}
