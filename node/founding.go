package node

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"tidemark/node/gate"
	"tidemark/node/link"
	"tidemark/schema"
	"tidemark/schema/coalition"
)

// Found starts a coalition with this node as its only admin and first member.
func (n *Node) Found(ctx context.Context, name schema.Slug, cb *schema.Codebook, plan schema.Plan) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.State() != nil {
		return fmt.Errorf("coalition create: this node is in a coalition already")
	}
	if err := plan.Validate(cb); err != nil {
		return fmt.Errorf("coalition create: %w", err)
	}
	charter, err := n.vault.Sign(ctx, schema.Charter{
		Name: name, Date: n.today(), Codebook: cb.Hash(), Threshold: 1,
		Admins: []string{n.vault.MemberKey()}, Plan: plan,
	})
	if err != nil {
		return fmt.Errorf("coalition create: %w", err)
	}
	if err := n.found(charter, cb); err != nil {
		return err
	}
	if err := n.agreeToAll(ctx, n.State()); err != nil {
		return fmt.Errorf("coalition create: %w", err)
	}
	psk := make([]byte, pskSize)
	if _, err := rand.Read(psk); err != nil {
		return fmt.Errorf("coalition create: %w", err)
	}
	if err := n.keepKeys(netKeys{0: psk}); err != nil {
		return err
	}
	self, err := n.applicant()
	if err != nil {
		return err
	}
	return n.act(ctx, schema.Admit{Applicant: self, First: plan.First})
}

func (n *Node) found(charter []byte, cb *schema.Codebook) error {
	text, err := cb.Canonical()
	if err != nil {
		return err
	}
	if err := n.feeds.Found(charter, text); err != nil {
		return fmt.Errorf("coalition: %w", err)
	}
	if err := n.vault.SetCodebook(cb); err != nil {
		return err
	}
	n.once.Do(func() { close(n.founded) }) // a join that failed half way may be tried again
	return nil
}

func (n *Node) today() schema.Date { return schema.DateOf(n.cfg.Now()) }

// isAdmin tells whether this member's present key is an admin's.
func (n *Node) isAdmin(st *coalition.State) bool {
	return slices.Contains(st.Roster().Admins, n.vault.MemberKey())
}

// applicant is who this node is, for a request or its own admission.
func (n *Node) applicant() (schema.Applicant, error) {
	nodeKey, err := link.NodeKey(n.key)
	if err != nil {
		return schema.Applicant{}, fmt.Errorf("node key: %w", err)
	}
	return schema.Applicant{
		Slug: n.Slug(), MemberKey: n.vault.MemberKey(), BoxKey: n.vault.BoxKey(),
		NodeKey: nodeKey, Addresses: n.settings.Announce, Regions: n.settings.Regions,
	}, nil
}

// publish stores an act or a parcel of the own and sends it out if the network runs.
func (n *Node) publish(ctx context.Context, raw []byte) error {
	if network := n.mesh.Load(); network != nil {
		return network.Publish(ctx, raw)
	}
	return n.keep(raw)
}

// keep stores what passes the gate; what is stored already is fine.
func (n *Node) keep(raw []byte) error {
	if _, err := n.feeds.Accept(raw, n.cfg.Now()); err != nil && !errors.Is(err, gate.ErrStale) {
		return err
	}
	return nil
}
