package node

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tidemark/node/gate"
	"tidemark/node/vault"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// attend does what lies on the others' desks for this member: as their witness it
// countersigns intents and answers checks. What it has done before it does not do again;
// what the vault refuses is told once. It is also what a stick and a restart run.
func (n *Node) attend(ctx context.Context) error {
	n.attending.Lock()
	defer n.attending.Unlock()
	st := n.State()
	if st == nil {
		return nil
	}
	for member, desk := range n.feeds.Desks() {
		if member == n.Slug() {
			continue
		}
		for _, note := range desk.Intents {
			if err := n.countersign(ctx, st, note); err != nil {
				return err
			}
		}
		if err := n.answer(ctx, st, member, desk); err != nil {
			return err
		}
	}
	return nil
}

// countersign adds this member's line to an intent that asks for it.
func (n *Node) countersign(ctx context.Context, st *coalition.State, note wire.Verified) error {
	i := note.Body().(schema.Intent)
	witnesses, _ := st.Witnesses(i.Member, i.Period)
	if !slices.Contains(witnesses, n.Slug()) || note.SignedBy([]string{n.vault.MemberKey()}) > 0 {
		return nil
	}
	raw, err := n.vault.Countersign(ctx, st, note.Raw())
	if err != nil {
		return n.refused(ctx, note.ID(), fmt.Errorf("witness of %s for %s: %w", i.Member, i.Period, err))
	}
	return n.publish(ctx, raw)
}

// answer tells a member who asks what is known of its feed, if this one is its witness.
func (n *Node) answer(ctx context.Context, st *coalition.State, member schema.Slug, desk gate.Desk) error {
	answered := slices.ContainsFunc(desk.Heads, func(head wire.Verified) bool {
		return head.Body().(schema.Head).Witness == n.Slug()
	})
	if desk.Check.Body() == nil || answered || !n.isWitness(st, member) {
		return nil
	}
	sequence, last := n.feeds.Feed(member).Head()
	raw, err := n.vault.Answer(ctx, st, desk.Check.Raw(), sequence, last)
	if err != nil {
		return n.refused(ctx, desk.Check.ID(), fmt.Errorf("answer to %s: %w", member, err))
	}
	return n.publish(ctx, raw)
}

// isWitness tells whether this node is the witness of a period that a member may draw, or
// of its next one.
func (n *Node) isWitness(st *coalition.State, member schema.Slug) bool {
	due := st.Drawable(member, n.cfg.Now())
	if next, ok := st.Next(member, n.cfg.Now()); ok {
		due = append(due, next)
	}
	return slices.ContainsFunc(due, func(d coalition.Due) bool {
		witnesses, _ := st.Witnesses(member, d.Period)
		return slices.Contains(witnesses, n.Slug())
	})
}

// refused tells once what the vault would not do; what has nothing to do with the note
// itself (a full disk, the end) is an error.
func (n *Node) refused(ctx context.Context, note schema.Hash, err error) error {
	if ctx.Err() != nil || errors.Is(err, vault.ErrDisk) || errors.Is(err, vault.ErrJournal) {
		return err
	}
	if !n.told[note] {
		n.told[note] = true
		n.cfg.Told(err.Error())
	}
	return nil
}

// heard asks for a look at what came in: by the own releases and joint rounds what is about this member or a round,
// by the desks what is under way about another, by both an act.
func (n *Node) heard(a gate.Accepted) {
	own := a.Member() == n.Slug()
	if own || a.Kind() == gate.Act || a.Kind() == gate.Joint || a.Place().Kind == schema.KindSum {
		poke(n.woken)
	}
	if !own && a.Kind() != gate.Parcel && a.Kind() != gate.Proof && a.Kind() != gate.Joint {
		poke(n.nudged)
	}
}

// poke wakes who listens; the caller does not wait.
func poke(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// serve looks at the desks whenever something came to them, until ctx ends.
func (n *Node) serve(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.nudged:
		}
		if err := n.attend(ctx); err != nil && ctx.Err() == nil {
			n.cfg.Told(err.Error())
		}
	}
}
