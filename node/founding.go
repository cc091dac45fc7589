package node

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tidemark/node/gate"
	"tidemark/node/link"
	"tidemark/schema"
	"tidemark/schema/bundle"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// actDays is how long an act may take to be adopted.
const actDays = 30

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
	charter, err := wire.Sign(schema.Charter{
		Name: name, Date: n.today(), Codebook: cb.Hash(), Threshold: 1,
		Admins: []string{n.vault.Signer().VerifierKey()}, Plan: plan,
	}, n.vault.Signer())
	if err != nil {
		return fmt.Errorf("coalition create: %w", err)
	}
	if err := n.found(charter, cb); err != nil {
		return err
	}
	psk := make([]byte, 32)
	if _, err := rand.Read(psk); err != nil {
		return fmt.Errorf("coalition create: %w", err)
	}
	if err := n.writePSK(psk); err != nil {
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

// act signs the next act as the only admin who is needed, stores it and sends it out.
func (n *Node) act(ctx context.Context, change schema.Change) error {
	st, err := n.coalition()
	if err != nil {
		return err
	}
	a := st.Act(n.today(), change)
	a.Expires = a.Date + actDays
	raw, err := wire.Sign(a, n.vault.Signer())
	if err != nil {
		return fmt.Errorf("act %s: %w", change.Verb(), err)
	}
	return n.publish(ctx, raw)
}

// applicant is who this node is, for a request or its own admission.
func (n *Node) applicant() (schema.Applicant, error) {
	nodeKey, err := link.NodeKey(n.key)
	if err != nil {
		return schema.Applicant{}, fmt.Errorf("node key: %w", err)
	}
	return schema.Applicant{
		Slug: n.Slug(), MemberKey: n.vault.Signer().VerifierKey(), BoxKey: n.vault.BoxKey(),
		NodeKey: nodeKey, Addresses: n.settings.Announce, Regions: n.settings.Regions,
	}, nil
}

// Request is this node's signed wish to be admitted.
func (n *Node) Request() ([]byte, error) {
	a, err := n.applicant()
	if err != nil {
		return nil, err
	}
	return wire.Sign(schema.Request{Applicant: a}, n.vault.Signer())
}

// Admit seats who asks, from the quarter first on (zero: the plan's first), and returns
// the invitation, sealed to the applicant's box key.
func (n *Node) Admit(ctx context.Context, request []byte, first schema.Period) ([]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	st, err := n.coalition()
	if err != nil {
		return nil, err
	}
	v, err := wire.OpenRequest(request)
	if err != nil {
		return nil, fmt.Errorf("coalition admit: request: %w", err)
	}
	if first.IsZero() {
		first = st.Charter().Plan.First
	}
	asked := v.Body().(schema.Request)
	if seat := st.Roster().Member(asked.Slug); seat == nil || seat.MemberKey != asked.MemberKey || seat.Status != schema.Active {
		if err := n.act(ctx, schema.Admit{Applicant: asked.Applicant, First: first}); err != nil {
			return nil, err
		}
	}
	return n.invitation(asked.BoxKey)
}

// pskItem is the name under which the network key travels, sealed to one member.
const pskItem = "psk"

func (n *Node) invitation(boxKey string) ([]byte, error) {
	psk, err := os.ReadFile(filepath.Join(n.cfg.Dir, pskName))
	if err != nil {
		return nil, fmt.Errorf("coalition admit: network key: %w", err)
	}
	b, err := n.contents()
	if err != nil {
		return nil, err
	}
	b.Sealed = []bundle.Item{{Name: pskItem, Data: psk}} // the whole invitation is sealed to the box key
	var out bytes.Buffer
	if err := bundle.Seal(&out, b, boxKey); err != nil {
		return nil, fmt.Errorf("coalition admit: %w", err)
	}
	return out.Bytes(), nil
}

// Join takes an invitation: charter, acts, codebook and network key.
func (n *Node) Join(ctx context.Context, invitation []byte) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	b, err := bundle.Open(bytes.NewReader(invitation), n.vault.BoxIdentity())
	if err != nil {
		return fmt.Errorf("coalition join: the invitation is not for this node or not whole: %w", err)
	}
	if err := n.enter(b); err != nil {
		return fmt.Errorf("coalition join: %w", err)
	}
	_, err = n.take(b)
	return err
}

// enter begins with the coalition of a bundle that seats this node.
func (n *Node) enter(b bundle.Bundle) error {
	if err := n.seated(b); err != nil {
		return err
	}
	cb, err := schema.ParseCodebook(b.Codebook)
	if err != nil {
		return err
	}
	if err := n.found(b.Charter, cb); err != nil {
		return err
	}
	for _, item := range b.Sealed {
		if item.Name == pskItem {
			if err := n.writePSK(item.Data); err != nil {
				return err
			}
		}
	}
	return nil
}

// seated checks, before anything is stored, that the acts seat this very node.
func (n *Node) seated(b bundle.Bundle) error {
	st, err := coalition.Found(b.Charter)
	if err != nil {
		return err
	}
	for _, act := range b.Acts {
		if st, err = st.Apply(act); err != nil {
			return err
		}
	}
	seat := st.Roster().Member(n.Slug())
	if seat == nil || seat.MemberKey != n.vault.Signer().VerifierKey() || seat.Status != schema.Active {
		return fmt.Errorf("it seats no member %s with this node's key", n.Slug())
	}
	if cb, err := schema.ParseCodebook(b.Codebook); err != nil || cb.Hash() != st.Charter().Codebook {
		return errors.Join(fmt.Errorf("the codebook is not the charter's"), err)
	}
	return nil
}

func (n *Node) writePSK(psk []byte) error {
	if len(psk) != 32 {
		return fmt.Errorf("network key: %d bytes, want 32", len(psk))
	}
	if err := os.WriteFile(filepath.Join(n.cfg.Dir, pskName), psk, 0o600); err != nil {
		return fmt.Errorf("network key: %w", err)
	}
	return nil
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
