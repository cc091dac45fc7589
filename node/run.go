package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"tidemark/node/gate"
	"tidemark/node/link"
	"tidemark/node/mesh"
	"tidemark/schema/coalition"
)

// Start joins the network: from here on everything that is stored goes out, and what
// others have comes in. The context bounds the start; Stop or Close ends it.
func (n *Node) Start(ctx context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, err := n.coalition(); err != nil {
		return err
	}
	if n.mesh.Load() != nil {
		return nil
	}
	if err := n.turnNodeKey(); err != nil {
		return err
	}
	psk, err := os.ReadFile(n.in(pskName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("network key: %w", err)
	}
	var listen []string
	if n.settings.Listen != "" {
		listen = []string{n.settings.Listen}
	}
	network, err := mesh.Start(ctx, mesh.Config{
		Store: n.feeds, Self: n.Slug(), Key: n.key, PSK: psk, Listen: listen, Now: n.cfg.Now,
		Accepted: func(gate.Accepted) { n.nudge() },
		Changed: func(st *coalition.State) {
			n.cfg.Told(fmt.Sprintf("the coalition has %d active members", st.Roster().Active()))
		},
	})
	if err != nil {
		return err
	}
	n.mesh.Store(network)
	serving, stop := context.WithCancel(context.Background())
	n.stopServe = stop
	n.serving.Go(func() { n.serve(serving) })
	n.nudge() // what came before it ran
	return nil
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
	n.schedule(ctx)
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
