package node

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"tidemark/node/link"
	"tidemark/node/mesh"
	"tidemark/schema/coalition"
)

// Start joins the network: from here on everything that is stored goes out, and what
// others have comes in. The context bounds the start; Stop or Close ends it.
func (n *Node) Start(ctx context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.start(ctx)
}

func (n *Node) start(ctx context.Context) error {
	st, err := n.coalition()
	if err != nil {
		return err
	}
	if n.mesh.Load() != nil {
		return nil
	}
	if err := errors.Join(n.turnNodeKey(), n.openKeys(st)); err != nil {
		return err
	}
	key, keyErr := n.keyToUse()
	epoch, psk, err := n.keyInForce(st)
	if err := errors.Join(keyErr, err); err != nil {
		return err
	}
	var listen []string
	if n.settings.Listen != "" {
		listen = []string{n.settings.Listen}
	}
	network, err := mesh.Start(ctx, mesh.Config{
		Store: n.feeds, Self: n.Slug(), Key: key, PSK: psk, Listen: listen, Now: n.cfg.Now,
		Accepted: n.heard,
		Changed: func(st *coalition.State) {
			n.cfg.Told(fmt.Sprintf("the coalition has %d active members", st.Roster().Active()))
			n.heardAct(st)
		},
	})
	if err != nil {
		return err
	}
	n.epoch = epoch
	n.mesh.Store(network)
	n.beginServing()
	return nil
}

// beginServing looks at the desks from now on; it goes on while the network changes its
// key.
func (n *Node) beginServing() {
	if n.stopServe == nil {
		serving, stop := context.WithCancel(context.Background())
		n.stopServe = stop
		n.serving.Go(func() { n.serve(serving) })
	}
	poke(n.nudged) // what came before it ran
	poke(n.woken)
}

// rest ends what Start has begun beside the network.
func (n *Node) rest() {
	if n.stopServe != nil {
		n.stopServe()
		n.serving.Wait()
		n.stopServe = nil
	}
}

// Stop leaves the network.
func (n *Node) Stop() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.rest()
	n.down = false
	network := n.mesh.Swap(nil)
	if network == nil {
		return nil
	}
	return network.Close()
}

// Run joins the network and keeps the plan's slots until ctx ends. Without a coalition
// it waits for one: the commands that found or join one come over the control socket, and
// the network starts then.
//
// What its witnesses answered before this start counts no more.
func (n *Node) Run(ctx context.Context) error {
	if st := n.State(); st != nil {
		if err := n.vault.Renew(ctx, st); err != nil {
			return err
		}
		if err := n.Start(ctx); err != nil {
			return err
		}
	} else {
		go n.startWhenFounded(ctx)
	}
	var keys sync.WaitGroup
	keys.Go(func() { n.watchKeys(ctx) })
	n.schedule(ctx)
	keys.Wait()
	return n.Stop()
}

func (n *Node) startWhenFounded(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-n.founded:
		if err := n.Start(ctx); err != nil && ctx.Err() == nil {
			n.cfg.Told(err.Error())
		}
	}
}

// Sync exchanges with every connected member once, now.
func (n *Node) Sync(ctx context.Context) error {
	if network := n.mesh.Load(); network != nil {
		return network.Sync(ctx)
	}
	return nil
}

// Peers lists the other active members as the network sees them; nil while it is off.
func (n *Node) Peers() []link.Peer {
	if network := n.mesh.Load(); network != nil {
		return network.Peers()
	}
	return nil
}
