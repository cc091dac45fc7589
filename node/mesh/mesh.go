package mesh

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"

	"tidemark/node/catchup"
	"tidemark/node/feeds"
	"tidemark/node/gate"
	"tidemark/node/gossip"
	"tidemark/node/link"
	"tidemark/schema"
	"tidemark/schema/coalition"
)

// Config of a network.
type Config struct {
	Store  *feeds.Store // founded
	Self   schema.Slug
	Key    crypto.PrivKey   // the node key: link.LoadKey, link.CreateKey
	PSK    []byte           // 32 bytes; nil: no private network
	Listen []string         // multiaddrs; none: the listener is off
	Now    func() time.Time // what the gate takes for the time; nil: the machine's clock
	Every  time.Duration    // between pulls; 0: a minute
	Degree int              // connections to aim for; 0: link.DefaultDegree
	Log    *slog.Logger     // nil: none

	// Accepted is called once for everything newly stored from here on, own notes too,
	// from the goroutine that stored it: hand over and return. May be nil.
	Accepted func(gate.Accepted)
	// Changed is called after an act, with the coalition as it is then. May be nil.
	Changed func(*coalition.State)

	// Host is a host made elsewhere, for simulated networks; nil: one over TCP. It is
	// closed with the network.
	Host host.Host
}

func (c *Config) defaults() {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Every == 0 {
		c.Every = time.Minute
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Accepted == nil {
		c.Accepted = func(gate.Accepted) {}
	}
	if c.Changed == nil {
		c.Changed = func(*coalition.State) {}
	}
}

func (c *Config) validate() error {
	if c.Store == nil || c.Store.State() == nil {
		return errors.New("mesh: config: want a store with a coalition")
	}
	if c.Every < time.Second {
		return fmt.Errorf("mesh: config: every %v, want a second or more", c.Every)
	}
	return nil
}

// Network is a member's running network half. Its methods may be called from several
// goroutines.
type Network struct {
	cfg     Config
	link    *link.Link
	topic   *gossip.Topic
	catchup *catchup.Service
	ready   chan struct{} // closed when the three above stand
	pulls   pulls

	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
}

// Start opens the link and begins to gossip and to catch up. The context bounds the
// start only; Close ends the network.
func Start(ctx context.Context, cfg Config) (*Network, error) {
	cfg.defaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("mesh: start: %w", err)
	}
	n := &Network{cfg: cfg, ready: make(chan struct{})}
	n.ctx, n.cancel = context.WithCancel(context.Background())
	n.pulls = pulls{of: map[peer.ID]*pull{}}
	if err := n.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("mesh: start: %w", err), n.Close())
	}
	close(n.ready)
	n.work.Go(func() { n.link.Dial(n.ctx) })
	n.work.Go(n.pullNowAndThen)
	return n, nil
}

func (n *Network) open() (err error) {
	roster := n.cfg.Store.State().Roster()
	lc := link.Config{
		Key: n.cfg.Key, PSK: n.cfg.PSK, Listen: n.cfg.Listen, Degree: n.cfg.Degree, Log: n.cfg.Log,
	}
	if n.cfg.Host != nil {
		n.link, err = link.Over(n.cfg.Host, lc, roster)
	} else {
		n.link, err = link.Open(lc, roster)
	}
	if err != nil {
		return err
	}
	h, id := n.link.Host(), n.cfg.Store.State().ID()
	n.topic, err = gossip.Join(gossip.Config{
		Host: h, Coalition: id, Seated: n.seated, Accept: n.accept, Log: slog.New(link.Quiet(n.cfg.Log.Handler())),
	})
	if err != nil {
		return err
	}
	n.catchup, err = catchup.Serve(catchup.Config{
		Host: h, Coalition: id, Store: n.cfg.Store, Seated: n.seated, Accept: n.fetched,
	})
	if err != nil {
		return err
	}
	h.Network().Notify(&network.NotifyBundle{ConnectedF: n.connected})
	n.warnOfAnotherKey(roster)
	return nil
}

// warnOfAnotherKey tells an operator why nobody answers.
func (n *Network) warnOfAnotherKey(roster *schema.Roster) {
	if m := roster.Member(n.cfg.Self); m != nil && m.NodeKey != n.link.Host().ID().String() {
		n.cfg.Log.Warn("the roster names another node key for this member: nobody will let this node connect")
	}
}

func (n *Network) seated(p peer.ID) bool { return n.link.Member(p) != "" }

// Publish stores an act or a parcel of this member's and sends it out. What is stored
// already is sent again. It returns the gate's error for what may not go out.
func (n *Network) Publish(ctx context.Context, raw []byte) error { return n.topic.Publish(ctx, raw) }

// Sync exchanges with every connected member once, now.
func (n *Network) Sync(ctx context.Context) error {
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		errs []error
	)
	for _, p := range n.link.Host().Network().Peers() {
		if !n.seated(p) {
			continue
		}
		wg.Go(func() {
			if _, err := n.catchup.Exchange(ctx, p); err != nil {
				mu.Lock()
				errs = append(errs, err)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Refresh takes over what was stored without the network, from a bundle: the roster at
// once, and the notes with the next pulls, which begin now.
func (n *Network) Refresh(st *coalition.State) {
	n.link.Refresh(st.Roster())
	for _, p := range n.link.Host().Network().Peers() {
		n.pullSoon(p)
	}
}

// Peers lists the roster's other active members.
func (n *Network) Peers() []link.Peer { return n.link.Peers() }

// Listening lists the addresses that the node listens on, for the operator's screen.
func (n *Network) Listening() []string { return n.link.Listening() }

// Close ends the network and waits for it. The store stays open.
func (n *Network) Close() error {
	n.cancel()
	n.pulls.close()
	if n.catchup != nil {
		n.catchup.Close()
	}
	n.work.Wait()
	var errs []error
	if n.topic != nil {
		errs = append(errs, n.topic.Close())
	}
	if n.link != nil {
		errs = append(errs, n.link.Close())
	}
	return errors.Join(errs...)
}
