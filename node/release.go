package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tidemark/node/link"
	"tidemark/node/vault"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// Released is one period that this member may have drawn by now.
type Released struct {
	Due    coalition.Due
	Parcel []byte // intent and release as they went out; nil: they are not out
	New    bool   // it went out with this call
	Lines  int    // of witnesses, of the Quorum that it waits for
	Quorum int

	sequence uint64
}

// Release carries out what the plan asks for by now, in order: ask the witnesses, reserve,
// draw, sign, keep, announce, and once its witnesses have countersigned and its slot has
// come, send. What is done already is skipped, what was begun goes on with the same
// bytes; so this is also the recovery. A draw that lacks its witnesses' answers is
// vault.ErrUnconfirmed: they have been asked by then. Periods that wait for their lines
// are no error.
func (n *Node) Release(ctx context.Context) ([]Released, error) { return n.release(ctx, true) }

// release is Release, or with out false everything but sending.
func (n *Node) release(ctx context.Context, out bool) ([]Released, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	st, err := n.coalition()
	if err != nil {
		return nil, err
	}
	if err := n.adopt(ctx); err != nil {
		return nil, fmt.Errorf("release: %w", err)
	}
	var rs []Released
	all := st.Drawable(n.Slug(), n.cfg.Schedule())
	if len(all) > 0 {
		if err := n.declare(ctx, st); err != nil {
			return nil, fmt.Errorf("release: %w", err)
		}
		var errDraw error
		rs, errDraw = n.draw(ctx, st, alone(st, all))
		err = errors.Join(errDraw, n.send(ctx, st, rs, out))
	}
	return rs, errors.Join(err, n.rounds(ctx, st))
}

// alone leaves out the periods to which members contribute together.
func alone(st *coalition.State, all []coalition.Due) []coalition.Due {
	return slices.DeleteFunc(all, func(d coalition.Due) bool {
		plan, ok := st.Plan(d.Plan)
		return ok && plan.Mode == schema.Joint
	})
}

// draw draws and announces what may be, up to the first period that is refused; those of a
// plan that this member has not agreed to are passed over.
func (n *Node) draw(ctx context.Context, st *coalition.State, all []coalition.Due) (rs []Released, err error) {
	fresh := false
	var open error
	for _, due := range all {
		if err = ctx.Err(); err != nil {
			break
		}
		var p vault.Progress
		if p, err = n.vault.Step(ctx, st, due, n.heads()); errors.Is(err, vault.ErrConsent) {
			open, err = fmt.Errorf("release %s: %w", due.Period, err), nil
			continue
		}
		if err != nil {
			err = n.unconfirmed(ctx, st, fmt.Errorf("release %s: %w", due.Period, err))
			break
		}
		fresh = fresh || p.Fresh
		rs = append(rs, Released{Due: due, Parcel: p.Parcel, sequence: p.Sequence})
		if p.Parcel != nil {
			continue
		}
		if err = n.publish(ctx, p.Intent); err != nil {
			break
		}
		rs[len(rs)-1].Lines, rs[len(rs)-1].Quorum = n.lines(st, due, p.Sequence)
	}
	if fresh { // what was answered has served
		err = errors.Join(err, n.vault.Renew(ctx, st))
	}
	if err == nil {
		err = open
	}
	return rs, err
}

// heads are what witnesses have answered to the own check, and the own intents that are
// under way: a copy of this folder may have made them.
func (n *Node) heads() [][]byte {
	var raw [][]byte
	desk := n.feeds.Desk(n.Slug())
	for _, note := range slices.Concat(desk.Heads, desk.Intents) {
		raw = append(raw, note.Raw())
	}
	return raw
}

// unconfirmed asks the witnesses where a draw was refused for want of their answers.
func (n *Node) unconfirmed(ctx context.Context, st *coalition.State, refused error) error {
	if !errors.Is(refused, vault.ErrUnconfirmed) {
		return refused
	}
	check, err := n.vault.Ask(ctx, st)
	if err != nil {
		return err
	}
	return errors.Join(refused, n.publish(ctx, check))
}

// lines counts the witnesses' lines that a drawn release has, and needs.
func (n *Node) lines(st *coalition.State, due coalition.Due, sequence uint64) (have, want int) {
	note := n.feeds.Desk(n.Slug()).Intent(sequence)
	if i, ok := note.Body().(schema.Intent); ok {
		return st.Lines(i, note.Signers())
	}
	_, want = st.Witnesses(n.Slug(), due.Period)
	return 0, want
}

// send publishes what is drawn, countersigned, and at its slot; in order, up to the first
// that waits.
func (n *Node) send(ctx context.Context, st *coalition.State, rs []Released, out bool) error {
	for i := range rs {
		r := &rs[i]
		if r.Parcel != nil {
			continue
		}
		if !out || r.Due.Slot.After(n.cfg.Schedule()) || r.Lines < r.Quorum {
			return nil
		}
		if err := n.sendOne(ctx, st, r); err != nil {
			return fmt.Errorf("release %s: %w", r.Due.Period, err)
		}
	}
	return nil
}

func (n *Node) sendOne(ctx context.Context, st *coalition.State, r *Released) error {
	intent := n.feeds.Desk(n.Slug()).Intent(r.sequence)
	parcel, err := n.vault.Publish(ctx, st, r.Due, intent.Raw())
	if err != nil {
		return err
	}
	r.Parcel, r.New = parcel, true
	return n.publish(ctx, r.Parcel)
}

// Notice tells everyone not to rely on one of the own releases.
func (n *Node) Notice(ctx context.Context, release schema.Hash, reason schema.NoticeReason) error {
	return n.say(ctx, "release notice", func(st *coalition.State) ([]byte, error) {
		return n.vault.Notice(ctx, st, release, reason, n.heads())
	})
}

// Void gives up the release of a period that was announced and cannot come out.
func (n *Node) Void(ctx context.Context, period schema.Period) error {
	return n.say(ctx, "release void", func(st *coalition.State) ([]byte, error) {
		for _, note := range n.feeds.Desk(n.Slug()).Intents {
			if note.Body().(schema.Intent).Period == period {
				return n.vault.Void(ctx, st, note.Raw())
			}
		}
		return nil, fmt.Errorf("no release of %s is under way", period)
	})
}

// say puts a statement of this member's into its feed and sends it out.
func (n *Node) say(ctx context.Context, what string, speak func(*coalition.State) ([]byte, error)) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	st, err := n.coalition()
	if err != nil {
		return err
	}
	if err := n.adopt(ctx); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	parcel, err := speak(st)
	if err != nil {
		return n.unconfirmed(ctx, st, fmt.Errorf("%s: %w", what, err))
	}
	return n.publish(ctx, parcel)
}

// Settle is Release again and again while others are connected who may answer and
// countersign, for as long as patience lasts; it ends when nothing waits any more.
func (n *Node) Settle(ctx context.Context, patience time.Duration) ([]Released, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	fresh := map[schema.Period]bool{}
	for turn := 1; ; turn++ {
		if turn%syncEvery == 0 { // gossip may have missed somebody
			_ = n.Sync(ctx)
		}
		rs, err := n.Release(ctx)
		for i := range rs {
			fresh[rs[i].Due.Period] = fresh[rs[i].Due.Period] || rs[i].New
			rs[i].New = fresh[rs[i].Due.Period]
		}
		if !n.waits(rs, err) {
			return rs, err
		}
		select {
		case <-ctx.Done():
			return rs, err
		case <-time.After(settlePause):
		}
	}
}

const (
	settlePause = 50 * time.Millisecond
	syncEvery   = 40 // turns
)

// waits tells whether other members may bring on what is not out yet.
func (n *Node) waits(rs []Released, err error) bool {
	connected := slices.ContainsFunc(n.Peers(), func(p link.Peer) bool { return p.Connected })
	if !connected || err != nil && !errors.Is(err, vault.ErrUnconfirmed) {
		return false
	}
	return err != nil || slices.ContainsFunc(rs, func(r Released) bool {
		return r.Parcel == nil && !r.Due.Slot.After(n.cfg.Schedule())
	})
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

// schedule draws in time and sends releases on the tick of their slot; a tick that was
// missed (the machine slept, the disk was full) is made good on the next full hour.
// Between ticks it goes on with what waited for others, but sends nothing.
func (n *Node) schedule(ctx context.Context) {
	before := n.cfg.Now()
	for {
		wait := n.untilTick()
		tick := false
		select {
		case <-ctx.Done():
			return
		case <-n.woken:
		case <-time.After(wait):
			tick = true
			poke(n.nudged) // a witness tries again what its clock or its disk would not let it
		}
		n.noticeJump(ctx, before, wait)
		before = n.cfg.Now()
		released, err := n.release(ctx, tick)
		for _, r := range released {
			if r.New {
				n.cfg.Told(fmt.Sprintf("released %s", r.Due.Period))
			}
		}
		n.tellOnce(ctx, err)
	}
}

// noticeJump lets the witnesses' answers count no more where the clock has not gone on as
// it should: the machine slept, a snapshot of it was resumed, or somebody set the clock.
func (n *Node) noticeJump(ctx context.Context, before time.Time, wait time.Duration) {
	const leeway = 10 * time.Minute
	now := n.cfg.Now()
	if !now.Before(before) && now.Sub(before) < wait+leeway {
		return
	}
	if st := n.State(); st != nil {
		n.tellOnce(ctx, n.vault.Renew(ctx, st))
	}
}

// tellOnce tells of an error that is not the one told last.
func (n *Node) tellOnce(ctx context.Context, err error) {
	if err == nil || ctx.Err() != nil || err.Error() == n.complained {
		return
	}
	n.complained = err.Error()
	n.cfg.Told(n.complained)
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
