package gossip

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"

	"tidemark/node/gate"
	"tidemark/schema"
)

// Config of a topic.
type Config struct {
	Host      host.Host
	Coalition schema.Hash
	// Seated tells whether a node key is a member's. Asked often, from several goroutines.
	Seated func(peer.ID) bool
	// Accept asks the gate and stores; the sender is empty for what this node publishes.
	// Called from several goroutines; its error decides what becomes of the message.
	Accept func(ctx context.Context, from peer.ID, raw []byte) error
	// Log takes what the library logs, which names peers: give it link.Quiet. nil: none.
	Log *slog.Logger
}

func (c *Config) validate() error {
	if c.Host == nil || c.Seated == nil || c.Accept == nil || c.Coalition.IsZero() {
		return errors.New("gossip: config: want host, coalition, seated and accept")
	}
	return nil
}

// Topic is a member's place in the coalition's gossip.
type Topic struct {
	cfg    Config
	self   peer.ID
	topic  *pubsub.Topic
	leave  pubsub.RelayCancelFunc
	cancel context.CancelFunc
}

// Name of a coalition's topic. It is said to connected members only.
func Name(coalition schema.Hash) string { return "tidemark/1/" + coalition.String() }

// Join begins to listen and to pass on, until Close.
func Join(cfg Config) (*Topic, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t := &Topic{cfg: cfg, self: cfg.Host.ID(), cancel: cancel}
	if err := t.join(ctx); err != nil {
		cancel()
		return nil, fmt.Errorf("gossip: join: %w", err)
	}
	return t, nil
}

func (t *Topic) join(ctx context.Context) error {
	name := Name(t.cfg.Coalition)
	ps, err := pubsub.NewGossipSub(ctx, t.cfg.Host, options(t.cfg, name)...)
	if err != nil {
		return err
	}
	if err := ps.RegisterTopicValidator(name, t.validate, pubsub.WithValidatorConcurrency(validators)); err != nil {
		return err
	}
	if t.topic, err = ps.Join(name); err != nil {
		return err
	}
	// What is accepted is stored by then: nobody has to read a subscription.
	t.leave, err = t.topic.Relay()
	return err
}

// validate is the way in: for what others send and, with an outcome to fill, for what
// this node publishes.
func (t *Topic) validate(ctx context.Context, from peer.ID, m *pubsub.Message) pubsub.ValidationResult {
	own, publishing := m.ValidatorData.(*outcome)
	if !publishing {
		if !t.cfg.Seated(from) {
			return pubsub.ValidationIgnore
		}
		return Verdict(t.cfg.Accept(ctx, from, m.Data))
	}
	own.asked, own.err = true, t.cfg.Accept(ctx, "", m.Data)
	if own.again && errors.Is(own.err, gate.ErrStale) {
		return pubsub.ValidationAccept
	}
	return Verdict(own.err)
}

// outcome carries the gate's answer back to Publish.
type outcome struct {
	again bool // send what is stored already, too
	asked bool
	err   error
}

// Publish takes raw through the gate and the store and sends it out. What is stored
// already is sent again. It returns the gate's error for anything else that is refused.
func (t *Topic) Publish(ctx context.Context, raw []byte) error {
	err := t.publish(ctx, raw, &outcome{again: true})
	if errors.Is(err, gate.ErrStale) {
		return nil
	}
	return err
}

// Spread does the same for what was fetched from another member; what is stored already
// is gate.ErrStale and stays here, for others have it.
func (t *Topic) Spread(ctx context.Context, raw []byte) error {
	return t.publish(ctx, raw, &outcome{})
}

func (t *Topic) publish(ctx context.Context, raw []byte, o *outcome) error {
	if len(raw) > gate.MaxSize {
		// The library drops an oversize message without a word.
		return fmt.Errorf("gossip: publish: %d bytes, at most %d: %w", len(raw), gate.MaxSize, gate.ErrInvalid)
	}
	err := t.topic.Publish(ctx, raw, pubsub.WithValidatorData(o))
	switch {
	case o.err != nil:
		return o.err
	case err != nil:
		return fmt.Errorf("gossip: publish: %w", err)
	case !o.asked:
		return gate.ErrStale // sent or passed on within the last minutes
	}
	return nil
}

// Listeners counts the connected members that take part in the topic.
func (t *Topic) Listeners() int { return len(t.topic.ListPeers()) }

// Close leaves the topic.
func (t *Topic) Close() error {
	t.leave()
	err := t.topic.Close()
	t.cancel()
	if err != nil {
		return fmt.Errorf("gossip: close: %w", err)
	}
	return nil
}
