package node

import (
	"context"
	"fmt"
	"time"

	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// Released is one release of this member.
type Released struct {
	Due    coalition.Due
	Parcel []byte // intent and release as they go out
	New    bool   // it went out with this call
}

// Release carries out every slot that has come, in order: reserve, draw, sign, keep,
// send. What is done already is skipped, what was begun goes on with the same bytes; so
// this is also the recovery. It stops at the first slot that is refused.
func (n *Node) Release(ctx context.Context) ([]Released, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	st, err := n.coalition()
	if err != nil {
		return nil, err
	}
	if err := n.adopt(ctx); err != nil {
		return nil, fmt.Errorf("release: own feed: %w", err)
	}
	var out []Released
	for _, due := range st.Due(n.Slug(), n.cfg.Now()) {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		r, err := n.releaseOne(ctx, st, due)
		if err != nil {
			return out, fmt.Errorf("release %s: %w", due.Period, err)
		}
		out = append(out, r)
	}
	return out, nil
}

func (n *Node) releaseOne(ctx context.Context, st *coalition.State, due coalition.Due) (Released, error) {
	if err := n.declare(ctx, st); err != nil {
		return Released{}, err
	}
	p, err := n.vault.Step(ctx, st, due)
	if err != nil {
		return Released{}, err
	}
	if p.Parcel != nil {
		return Released{Due: due, Parcel: p.Parcel}, nil
	}
	parcel, err := n.vault.Publish(ctx, st, due, p.Intent)
	if err != nil {
		return Released{}, err
	}
	if err := n.publish(ctx, parcel); err != nil {
		return Released{}, err
	}
	return Released{Due: due, Parcel: parcel, New: true}, nil
}

// declare sends the feed's first note once.
func (n *Node) declare(ctx context.Context, st *coalition.State) error {
	if seq, _ := n.feeds.Feed(n.Slug()).Head(); seq > 0 {
		return nil
	}
	parcel, err := n.vault.Declare(ctx, st)
	if err != nil {
		return err
	}
	return n.publish(ctx, parcel)
}

// NextSlot is the next release to come.
func (n *Node) NextSlot() (coalition.Due, bool) {
	st := n.State()
	if st == nil {
		return coalition.Due{}, false
	}
	return st.Next(n.Slug(), n.cfg.Now())
}

// Preview is the note that a period's release would be, with every cell as a dot.
func (n *Node) Preview(ctx context.Context, period schema.Period) (string, error) {
	st, err := n.coalition()
	if err != nil {
		return "", err
	}
	_, plan, ok := st.PlanFor(period)
	if !ok {
		return "", fmt.Errorf("release preview: no plan is in force for %s", period)
	}
	return n.vault.Preview(ctx, st, coalition.Due{Plan: plan, Period: period})
}

// schedule sends releases on the tick of their slot; a tick that was missed (the machine
// slept, the disk was full) is made good on the next full hour.
func (n *Node) schedule(ctx context.Context) {
	for {
		wait := n.untilTick()
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		released, err := n.Release(ctx)
		for _, r := range released {
			if r.New {
				n.cfg.Told(fmt.Sprintf("released %s", r.Due.Period))
			}
		}
		if err != nil && ctx.Err() == nil {
			n.cfg.Told(err.Error())
		}
	}
}

// untilTick is the time to the next full hour or the next slot, whichever comes first.
func (n *Node) untilTick() time.Duration {
	now := n.cfg.Now()
	tick := now.Truncate(time.Hour).Add(time.Hour)
	if due, ok := n.NextSlot(); ok && due.Slot.Before(tick) {
		tick = due.Slot
	}
	return max(tick.Sub(now), time.Second)
}

// ReleaseNote opens the release in a parcel that stands in a feed.
func ReleaseNote(st *coalition.State, parcel []byte) (wire.Verified, error) {
	notes, err := wire.Unpack(parcel)
	if err != nil {
		return wire.Verified{}, err
	}
	v, err := wire.Verify(notes[len(notes)-1], st.Ring())
	if err != nil {
		return wire.Verified{}, err
	}
	if _, ok := v.Body().(schema.Release); !ok {
		return wire.Verified{}, fmt.Errorf("parcel: its last note is a %s, not a release", v.Body().Kind())
	}
	return v, nil
}

// Today is the running period of a cadence.
func (n *Node) Today(c schema.Cadence) schema.Period { return schema.PeriodOf(n.today(), c) }
