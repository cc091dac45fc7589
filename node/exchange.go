package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"tidemark/node/gate"
	"tidemark/node/vault"
	"tidemark/schema"
	"tidemark/schema/bundle"
)

// Taken is what became of a bundle's notes.
type Taken struct {
	New     int // stored now
	Known   int // stored before
	Refused int // not let through by the gate
}

// contents is everything that the store of feeds holds, as a bundle: proofs come before the
// feeds that they are about.
func (n *Node) contents() (bundle.Bundle, error) {
	st, err := n.coalition()
	if err != nil {
		return bundle.Bundle{}, err
	}
	codebook, err := n.Codebook().Canonical()
	if err != nil {
		return bundle.Bundle{}, err
	}
	log := st.Log()
	b := bundle.Bundle{Charter: log[0], Acts: log[1:], Codebook: codebook}
	for _, d := range n.feeds.Disputes() {
		b.Parcels = append(b.Parcels, d.Raw)
	}
	for p, err := range n.feeds.All() {
		if err != nil {
			return bundle.Bundle{}, fmt.Errorf("bundle: %w", err)
		}
		b.Parcels = append(b.Parcels, p.Raw)
	}
	b.Notes = slices.Collect(n.feeds.UnderWay())
	return b, nil
}

// Export writes everything that is known, sealed to the box keys of all active members,
// because a stick is found one day.
func (n *Node) Export(w io.Writer) error {
	b, err := n.contents()
	if err != nil {
		return err
	}
	var recipients []string
	for _, m := range n.State().Roster().Members {
		if m.Status == schema.Active {
			recipients = append(recipients, m.BoxKey)
		}
	}
	return bundle.Seal(w, b, recipients...)
}

// Import takes a bundle's notes through the same gate as the network's. A member that was
// rebuilt from its recovery sheet comes back into its coalition this way.
func (n *Node) Import(ctx context.Context, text []byte) (Taken, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, err := n.coalition(); err != nil && n.vault.Restored().IsZero() {
		return Taken{}, err
	}
	b, err := bundle.Open(bytes.NewReader(text), n.vault.BoxIdentity())
	if err != nil {
		return Taken{}, fmt.Errorf("bundle import: not for this member or not whole: %w", err)
	}
	if n.State() == nil {
		if err := n.enter(b); err != nil {
			return Taken{}, fmt.Errorf("bundle import: %w", err)
		}
	}
	if schema.HashOf(b.Charter) != schema.HashOf(n.State().Log()[0]) {
		return Taken{}, fmt.Errorf("bundle import: it is of another coalition")
	}
	return n.take(ctx, b)
}

// take passes a bundle's notes to the gate, acts first, what is under way last. Parcels
// stand in the order of their feeds. Then it does as a witness what they ask for, so that
// the stick can carry it back.
func (n *Node) take(ctx context.Context, b bundle.Bundle) (Taken, error) {
	var t Taken
	const underWay = 2
	for i, raws := range [][][]byte{b.Acts, b.Parcels, b.Notes} {
		for _, raw := range raws {
			_, err := n.feeds.Accept(raw, n.cfg.Now())
			switch {
			case err == nil:
				t.New++
			case errors.Is(err, gate.ErrStale), underWay == i && !errors.Is(err, gate.ErrInvalid):
				t.Known++ // what is under way is soon overtaken
			default:
				t.Refused++
			}
		}
	}
	if network := n.mesh.Load(); network != nil {
		network.Refresh(n.State())
	}
	n.heardAct(n.State())
	if err := n.adopt(ctx); err != nil {
		return t, err
	}
	if err := n.attend(ctx); err != nil {
		return t, err
	}
	if err := n.rounds(ctx, n.State()); err != nil && !errors.Is(err, vault.ErrUnconfirmed) {
		return t, err
	}
	return t, nil
}
