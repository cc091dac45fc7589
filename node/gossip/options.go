package gossip

import (
	"log/slog"

	"crypto/sha256"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p-pubsub/timecache"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

const (
	// A message is at most gate.MaxSize and its frame.
	maxMessage = 400 << 10
	maxControl = 64 << 10
	seenFor    = 10 * time.Minute
	outbound   = 128 // queued messages a peer
	inbound    = 256 // queued for validation
	// At a slot everybody publishes at once, and what finds no place is dropped.
	validators = 256
)

func options(cfg Config, name string) []pubsub.Option {
	return []pubsub.Option{
		pubsub.WithMessageSignaturePolicy(pubsub.StrictNoSign),
		pubsub.WithNoAuthor(),
		// Without an id of our own every id is empty and one message in ten arrives. Over
		// all bytes: a message is marked seen before it is validated, so an id over the
		// text alone would let a forged copy suppress the real one.
		pubsub.WithMessageIdFn(func(m *pb.Message) string {
			id := sha256.Sum256(m.Data)
			return string(id[:])
		}),
		pubsub.WithFloodPublish(true),
		pubsub.WithPeerExchange(false),
		pubsub.WithMaxMessageSize(maxMessage),
		pubsub.WithMaxControlMessageSize(maxControl),
		pubsub.WithSeenMessagesTTL(seenFor),
		pubsub.WithSeenMessagesStrategy(timecache.Strategy_LastSeen),
		pubsub.WithPeerOutboundQueueSize(outbound),
		pubsub.WithValidateQueueSize(inbound),
		pubsub.WithSubscriptionFilter(pubsub.WrapLimitSubscriptionFilter(pubsub.NewAllowlistSubscriptionFilter(name), 4)),
		pubsub.WithBlacklist(strangers{cfg.Host.ID(), cfg.Seated}),
		pubsub.WithGossipSubProtocols(
			[]protocol.ID{pubsub.GossipSubID_v13, pubsub.GossipSubID_v12, pubsub.GossipSubID_v11},
			pubsub.GossipSubDefaultFeatures),
		pubsub.WithPeerScore(scores(cfg, name)),
		// Its records name peers, and message by message what is sent to them.
		pubsub.WithLogger(cfg.Log),
		pubsub.WithRPCLogger(slog.New(slog.DiscardHandler)),
	}
}

// scores punish what no honest member does, and nothing else: in a quiet coalition
// whoever says nothing is no worse a peer. The figures: three invalid messages within
// minutes pass the graylist's -100.
func scores(cfg Config, name string) (*pubsub.PeerScoreParams, *pubsub.PeerScoreThresholds) {
	params := &pubsub.PeerScoreParams{
		SkipAtomicValidation: true,
		AppSpecificScore: func(p peer.ID) float64 {
			if cfg.Seated(p) {
				return 0
			}
			return -1000
		},
		AppSpecificWeight:         1,
		BehaviourPenaltyWeight:    -1,
		BehaviourPenaltyThreshold: 6,
		BehaviourPenaltyDecay:     0.9,
		DecayInterval:             10 * time.Second,
		DecayToZero:               0.1,
		RetainScore:               time.Hour,
		Topics: map[string]*pubsub.TopicScoreParams{name: {
			SkipAtomicValidation:           true,
			TopicWeight:                    1,
			TimeInMeshQuantum:              time.Second,
			InvalidMessageDeliveriesWeight: -15,
			InvalidMessageDeliveriesDecay:  0.97, // halves in four minutes
		}},
	}
	return params, &pubsub.PeerScoreThresholds{
		SkipAtomicValidation: true,
		GossipThreshold:      -40, PublishThreshold: -60, GraylistThreshold: -100,
	}
}

// strangers is the roster as a blacklist. It is asked about this node too, which sends
// its own messages through the same places, and about each message's author, who is
// nobody here.
type strangers struct {
	self   peer.ID
	seated func(peer.ID) bool
}

func (s strangers) Add(peer.ID) bool { return false }
func (s strangers) Contains(p peer.ID) bool {
	return p != "" && p != s.self && !s.seated(p)
}
