package link

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	"github.com/libp2p/go-libp2p/core/pnet"
	"github.com/libp2p/go-libp2p/core/sec"
	"github.com/libp2p/go-libp2p/core/transport"
	bhost "github.com/libp2p/go-libp2p/p2p/host/basic"
	"github.com/libp2p/go-libp2p/p2p/host/eventbus"
	"github.com/libp2p/go-libp2p/p2p/host/peerstore/pstoremem"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/libp2p/go-libp2p/p2p/net/upgrader"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	ma "github.com/multiformats/go-multiaddr"

	"tidemark/node/internal/tap"
)

const (
	pskSize = 32
	// What identify tells of the program: the same for everyone, for ever.
	agent    = "n"
	protocol = "tidemark/1"
	// Slow lines: the library gives a TCP connection 5 s.
	connectTimeout = 15 * time.Second
	dialTimeout    = 60 * time.Second
)

// newHost builds a host by hand. The library's own constructor brings transports that
// take no pre-shared key, and always signs a record of the node's addresses.
func newHost(cfg Config, g *gater, listen []ma.Multiaddr) (host.Host, error) {
	limits, err := newLimits()
	if err != nil {
		return nil, err
	}
	store, id, err := newPeerstore(cfg)
	if err != nil {
		return nil, errors.Join(err, limits.Close())
	}
	bus := eventbus.NewBus()
	sw, err := swarm.NewSwarm(id, store, bus,
		swarm.WithConnectionGater(g), swarm.WithResourceManager(limits),
		swarm.WithMultiaddrResolver(noNames{}), swarm.WithDialTimeout(dialTimeout),
		swarm.WithUDPBlackHoleSuccessCounter(nil), swarm.WithIPv6BlackHoleSuccessCounter(nil))
	if err != nil {
		return nil, errors.Join(err, store.Close(), limits.Close())
	}
	h, err := assemble(cfg, g, limits, sw, bhost.HostOpts{
		EventBus: bus, UserAgent: agent, ProtocolVersion: protocol, DisableSignedPeerRecord: true,
		AddrsFactory: func([]ma.Multiaddr) []ma.Multiaddr { return nil },
	})
	if err != nil {
		return nil, errors.Join(err, sw.Close(), limits.Close())
	}
	h.Start()
	for _, a := range listen {
		if err := sw.Listen(a); err != nil {
			return nil, errors.Join(fmt.Errorf("listen: %w", err), h.Close())
		}
	}
	return h, nil
}

func newPeerstore(cfg Config) (peerstore.Peerstore, peer.ID, error) {
	id, err := peer.IDFromPrivateKey(cfg.Key)
	if err != nil {
		return nil, "", fmt.Errorf("node key: %w", err)
	}
	store, err := pstoremem.NewPeerstore()
	if err != nil {
		return nil, "", err
	}
	if err := errors.Join(store.AddPrivKey(id, cfg.Key), store.AddPubKey(id, cfg.Key.GetPublic())); err != nil {
		return nil, "", errors.Join(err, store.Close())
	}
	return store, id, nil
}

// assemble puts TCP, the pre-shared key, Noise and yamux under a basic host.
func assemble(cfg Config, g *gater, limits network.ResourceManager, sw *swarm.Swarm, opts bhost.HostOpts) (*bhost.BasicHost, error) {
	muxers := []upgrader.StreamMuxer{{ID: yamux.ID, Muxer: tap.Muxer(yamux.DefaultTransport)}}
	secure, err := noise.New(noise.ID, cfg.Key, muxers)
	if err != nil {
		return nil, err
	}
	up, err := upgrader.New([]sec.SecureTransport{secure}, muxers, pnet.PSK(cfg.PSK), limits, g)
	if err != nil {
		return nil, err
	}
	var t transport.Transport
	// Without DisableReuseport dials leave from the listener's port.
	if t, err = tcp.NewTCPTransport(up, limits, nil, tcp.DisableReuseport(), tcp.WithConnectionTimeout(connectTimeout)); err != nil {
		return nil, err
	}
	if err := sw.AddTransport(t); err != nil {
		return nil, err
	}
	return bhost.NewHost(sw, &opts)
}

// newLimits allows a hub of 500 members on a small box. The library's scaled defaults
// end at 64 inbound connections, and at 8 from one IPv4.
func newLimits() (network.ResourceManager, error) {
	limits := rcmgr.PartialLimitConfig{
		System: rcmgr.ResourceLimits{
			Conns: 1100, ConnsInbound: 1000, ConnsOutbound: 256, FD: 1200,
			Streams: 8000, StreamsInbound: 5000, StreamsOutbound: 5000, Memory: 128 << 20,
		},
		Transient: rcmgr.ResourceLimits{
			Conns: 160, ConnsInbound: 128, ConnsOutbound: 64, FD: 160,
			Streams: 512, StreamsInbound: 256, StreamsOutbound: 512, Memory: 16 << 20,
		},
		PeerDefault: rcmgr.ResourceLimits{
			Conns: 4, ConnsInbound: 2, ConnsOutbound: 2, FD: 4,
			Streams: 32, StreamsInbound: 16, StreamsOutbound: 16, Memory: 4 << 20,
		},
	}
	const perAddress = 64 // members behind one office's or one host's address
	return rcmgr.NewResourceManager(
		rcmgr.NewFixedLimiter(limits.Build(rcmgr.DefaultLimits.Scale(128<<20, 1200))),
		rcmgr.WithMetricsDisabled(),
		rcmgr.WithLimitPerSubnet(
			[]rcmgr.ConnLimitPerSubnet{{PrefixLength: 32, ConnCount: perAddress}},
			[]rcmgr.ConnLimitPerSubnet{{PrefixLength: 56, ConnCount: perAddress}}))
}

// noNames refuses to look anything up: a question to a name server tells where a member
// connects to.
type noNames struct{}

var errNoNames = errors.New("link: names are not looked up")

func (noNames) ResolveDNSAddr(context.Context, peer.ID, ma.Multiaddr, int, int) ([]ma.Multiaddr, error) {
	return nil, errNoNames
}

func (noNames) ResolveDNSComponent(context.Context, ma.Multiaddr, int) ([]ma.Multiaddr, error) {
	return nil, errNoNames
}
