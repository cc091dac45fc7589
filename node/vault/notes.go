package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// Declare puts the feed's first note into the feed: the share of the cap that this
// coalition gets. It returns the parcel; every later call returns the same.
func (v *Vault) Declare(ctx context.Context, st *coalition.State) ([]byte, error) {
	return alone(v, "declare", func() ([]byte, error) { return v.declare(ctx, st) })
}

func (v *Vault) declare(ctx context.Context, st *coalition.State) ([]byte, error) {
	if c := v.book.chains[st.ID()]; c != nil && c.declared >= 0 {
		return v.feed.parcel(v.book.parcels[c.declared])
	}
	share, err := v.share(st)
	if err != nil {
		return nil, err
	}
	return v.say(ctx, st, func(l schema.Link) schema.Linked { return schema.Declaration{Link: l, Share: share} })
}

// share is what this coalition gets of the cap.
func (v *Vault) share(st *coalition.State) (schema.Charge, error) {
	left := st.Charter().Plan.Cap
	for coalition, c := range v.book.chains {
		if coalition != st.ID() {
			left -= c.share
		}
	}
	share := v.cfg.Share
	if share == 0 {
		share = left
	}
	if share <= 0 || share > left {
		return 0, fmt.Errorf("%w: this vault's other coalitions leave %d of it", ErrCap, max(left, 0))
	}
	return share, nil
}

// Notice tells everyone not to rely on one of the own releases. It carries no data. It
// returns the parcel; a second notice on the same release is the first one. Like a draw it
// wants the witnesses' answers, for it takes a place of the feed.
func (v *Vault) Notice(ctx context.Context, st *coalition.State, release schema.Hash, reason schema.NoticeReason, heads [][]byte) ([]byte, error) {
	return alone(v, "notice", func() ([]byte, error) { return v.notice(ctx, st, release, reason, heads) })
}

func (v *Vault) notice(ctx context.Context, st *coalition.State, release schema.Hash, reason schema.NoticeReason, heads [][]byte) ([]byte, error) {
	c := v.book.chains[st.ID()]
	if c != nil {
		if n, ok := c.notices[release]; ok {
			return v.feed.parcel(v.book.parcels[n])
		}
	}
	mine := slices.ContainsFunc(v.book.slots, func(d *drawing) bool {
		return d.Coalition == st.ID() && d.state == isPublished && d.id == release
	})
	if !mine {
		return nil, fmt.Errorf("the own feed has no such release")
	}
	if err := v.spoken(st, heads); err != nil {
		return nil, err
	}
	return v.say(ctx, st, func(l schema.Link) schema.Linked {
		return schema.Notice{Link: l, Release: release, Reason: reason}
	})
}

// Void gives up a release that was announced and cannot come out: its intent is known and
// its bytes are lost everywhere, or two copies of the folder have each announced another
// one and neither gets its quorum. The charge stays and the period is skipped. It returns
// the parcel; a second void of the same period is the first one.
//
// It asks no witness, for what they would say is why it is called: it takes the place of
// the feed that the release would have taken.
func (v *Vault) Void(ctx context.Context, st *coalition.State, intent []byte) ([]byte, error) {
	return alone(v, "void", func() ([]byte, error) { return v.void(ctx, st, intent) })
}

func (v *Vault) void(ctx context.Context, st *coalition.State, raw []byte) ([]byte, error) {
	note, err := wire.Verify(raw, st.Ring())
	if err != nil {
		return nil, err
	}
	intent, ok := note.Body().(schema.Intent)
	if !ok || intent.Coalition != st.ID() || intent.Member != v.Slug() {
		return nil, fmt.Errorf("want an intent of this member in this coalition")
	}
	at := place{intent.Coalition, intent.Plan, intent.Period}
	if c := v.book.chains[st.ID()]; c != nil {
		if n, ok := c.voids[at]; ok {
			return v.feed.parcel(v.book.parcels[n])
		}
	}
	plan, ok := st.Plan(intent.Plan)
	if !ok || intent.Charge != plan.Charge(intent.Period.Cadence()) {
		return nil, fmt.Errorf("its charge is not the plan's")
	}
	if err := v.voidable(st, intent, note.ID(), plan.SlotOf(intent.Period)); err != nil {
		return nil, err
	}
	return v.utter(ctx, func() schema.Linked {
		head, id := v.published(st)
		l := schema.Link{Coalition: st.ID(), Member: v.Slug(), Sequence: head + 1, Previous: id}
		return schema.Void{Link: l, Plan: at.Plan, Period: at.Period, Intent: note.ID(), Charge: intent.Charge}
	})
}

// voidable refuses to void what is in the feed, what may still get its quorum in time, and
// what does not come next in the feed.
func (v *Vault) voidable(st *coalition.State, i schema.Intent, id schema.Hash, slot time.Time) error {
	d := v.book.at[place{i.Coalition, i.Plan, i.Period}]
	if d != nil && (d.state == isPublished || d.state == isDrawn && noteID(d.intent) == id && slot.After(v.cfg.Now())) {
		return fmt.Errorf("the release is not lost: it is in this vault")
	}
	if head, _ := v.published(st); i.Sequence != head+1 {
		return fmt.Errorf("%w: it is about number %d of the feed, the last one here is %d; take in what others hold of it", ErrOrder, i.Sequence, head)
	}
	return nil
}

// say signs a statement for the feed's next place and puts it there, with the notes that
// stand before it in its parcel.
func (v *Vault) say(ctx context.Context, st *coalition.State, body func(schema.Link) schema.Linked, before ...[]byte) ([]byte, error) {
	if c := v.book.chains[st.ID()]; c != nil && len(c.pending) > 0 {
		return nil, fmt.Errorf("%w: %s has been drawn and is not published", ErrOrder, c.pending[0].Period)
	}
	return v.utter(ctx, func() schema.Linked { return body(v.link(st)) }, before...)
}

func (v *Vault) utter(ctx context.Context, body func() schema.Linked, before ...[]byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	note, err := wire.Sign(body(), v.signer)
	if err != nil {
		return nil, err
	}
	raw, err := wire.Pack(slices.Concat(before, [][]byte{note})...)
	if err != nil {
		return nil, err
	}
	if err := v.commit(entry{Kind: noted, Parcel: raw}); err != nil {
		return nil, err
	}
	return raw, nil
}

// Adopt takes in what peers hold of the own feed and this folder does not: after the
// folder was restored from a backup, or while a copy of it lives elsewhere. The parcels
// come in the order of their sequence and go on from what is here. What they drew is
// charged and never drawn again here; cases dated for it count as counted. A parcel that
// contradicts the own feed changes nothing in it, but its charge counts; so do the charges
// of both sides of a fork, for which its proof (node/gate) is enough.
func (v *Vault) Adopt(ctx context.Context, st *coalition.State, parcels [][]byte) error {
	if err := v.begin(); err != nil {
		return fmt.Errorf("adopt: %w", err)
	}
	defer v.end()
	if err := v.adopt(ctx, st, parcels); err != nil {
		return fmt.Errorf("adopt: %w", err)
	}
	return nil
}

// adopt says before the first parcel that this folder has not made that the folder came
// back from a backup: what its member did since, as a witness too, is not in it. A crash
// between the two leaves it said, never unsaid.
func (v *Vault) adopt(ctx context.Context, st *coalition.State, parcels [][]byte) error {
	said := false
	for _, raw := range parcels {
		e, err := v.missing(st, raw)
		if err := errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		if e.Kind == noted && !said {
			said = true
			if err := v.commit(entry{Kind: restored, At: v.cfg.Now().Unix()}); err != nil {
				return err
			}
		}
		if e.Kind != "" {
			if err := v.commit(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// missing is the entry that takes in an own parcel; the zero entry where it is here.
func (v *Vault) missing(st *coalition.State, raw []byte) (entry, error) {
	if notes, _, ok := proofNotes(raw); ok {
		return v.fork(st, raw, notes)
	}
	p, err := v.own(st, raw)
	if err != nil {
		return entry{}, err
	}
	link, c := p.body.Place(), v.book.chains[st.ID()]
	if c != nil {
		if id, ok := c.id(link.Sequence); ok && id == p.id {
			return entry{}, nil
		}
	}
	if c != nil && len(c.pending) > 0 && c.pending[0].id == p.id {
		d := c.pending[0]
		return entry{Kind: published, Coalition: d.Coalition, Plan: d.Plan, Period: d.Period, Intent: p.intent}, nil
	}
	head, id := v.published(st)
	if link.Sequence > head && (link.Sequence != head+1 || link.Previous != id) {
		return entry{}, fmt.Errorf("%w: sequence %d does not follow %d", ErrOrder, link.Sequence, head)
	}
	return entry{Kind: noted, Parcel: slices.Clone(raw)}, nil
}

// published is the feed's head, also under an earlier member key.
func (v *Vault) published(st *coalition.State) (uint64, schema.Hash) {
	if c := v.book.chains[st.ID()]; c != nil && len(c.ids) > 0 {
		return c.head()
	}
	if m := st.Roster().Member(v.Slug()); m != nil {
		return m.Sequence, m.Head
	}
	return 0, schema.Hash{}
}

// own verifies a parcel as one of this member's in this coalition.
func (v *Vault) own(st *coalition.State, raw []byte) (ownParcel, error) {
	p, err := readParcel(raw)
	if err != nil {
		return p, err
	}
	if link := p.body.Place(); link.Coalition != st.ID() || link.Member != v.Slug() {
		return p, errors.New("parcel: of another member or coalition")
	}
	notes, err := wire.Unpack(raw)
	if err != nil {
		return p, err
	}
	for _, n := range notes {
		if _, err := wire.Verify(n, st.Ring()); err != nil {
			return p, err
		}
	}
	return p, matches(st, p, notes)
}

// matches holds a release against its intent, and what costs against its plan.
func matches(st *coalition.State, p ownParcel, notes [][]byte) error {
	var plan schema.Hash
	var period schema.Period
	var charge schema.Charge
	switch body := p.body.(type) {
	case schema.Release:
		announced, err := wire.Peek(notes[0])
		intent, ok := announced.(schema.Intent)
		if err != nil || !ok || intent.Release != schema.HashOf(notes[1]) || intent.Member != body.Member {
			return errors.New("parcel: the intent is of another release")
		}
		plan, period, charge = body.Plan, body.Period, body.Charge
	case schema.Void:
		plan, period, charge = body.Plan, body.Period, body.Charge
	case schema.Sum:
		if body.Agreement != noteID(notes[0]) {
			return errors.New("parcel: the sum is of another agreement")
		}
		_, err := agreed(st, notes[0])
		return err
	default:
		return nil
	}
	if known, ok := st.Plan(plan); !ok || charge != known.Charge(period.Cadence()) {
		return errors.New("parcel: its charge is not its plan's")
	}
	return nil
}
