package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tidemark/aggregation"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// Progress is how far a release has come.
type Progress struct {
	Sequence uint64
	Release  schema.Hash // id of the release's note
	Intent   []byte      // the intent's note, for the witnesses; with their lines once published
	Parcel   []byte      // what stands in the feed; nil: not published yet
	Fresh    bool        // it was drawn by this call
}

// Step draws a period's release, once: the first call reserves the charge and the cutoff,
// draws, signs and keeps the signed bytes; every later one returns the same. It never
// returns the release's bytes, which may leave through Publish only.
//
// heads are what the witnesses have answered to the check (Ask): a draw needs a quorum of
// them that know nothing which is not here.
//
// It refuses with ErrNotDue, ErrTooEarly, ErrTooFew, ErrJoint, ErrConsent, ErrCap, ErrCodebook,
// ErrDisk, ErrUnconfirmed, ErrBehind, ErrLost, or ErrOrder if an earlier period has to be
// drawn first. Nothing in the cases makes it refuse.
func (v *Vault) Step(ctx context.Context, st *coalition.State, due coalition.Due, heads [][]byte) (Progress, error) {
	return alone(v, "draw "+due.Period.String(), func() (Progress, error) { return v.step(ctx, st, due, heads) })
}

func (v *Vault) step(ctx context.Context, st *coalition.State, due coalition.Due, heads [][]byte) (Progress, error) {
	at := place{st.ID(), due.Plan, due.Period}
	if plan, ok := st.Plan(due.Plan); ok && plan.Mode != schema.Local {
		return Progress{}, ErrJoint
	}
	if d := v.book.at[at]; d != nil && d.state != isReserved {
		if err := v.renew(st, d); err != nil {
			return Progress{}, err
		}
		return v.progress(d)
	}
	plan, ok := st.Plan(due.Plan)
	if !ok {
		return Progress{}, fmt.Errorf("%w: nobody adopted this plan", ErrNotDue)
	}
	if err := v.allowed(st, &plan, due); err != nil {
		return Progress{}, err
	}
	if err := v.confirmed(st, due.Period, heads); err != nil {
		return Progress{}, err
	}
	if v.book.at[at] == nil {
		if err := v.reserve(st, &plan, at); err != nil {
			return Progress{}, err
		}
	}
	d := v.book.at[at]
	if err := v.draw(ctx, st, &plan, d); err != nil {
		return Progress{}, err
	}
	p, err := v.progress(d)
	p.Fresh = true
	return p, err
}

// progress tells of a period that has been drawn.
func (v *Vault) progress(d *drawing) (Progress, error) {
	switch d.state {
	case isVoid:
		return Progress{}, fmt.Errorf("%w: it was voided", ErrNotDue)
	case isLost:
		return Progress{}, fmt.Errorf("%w: another copy of this folder has taken its place in the feed; it can only be voided", ErrOrder)
	}
	p := Progress{Sequence: d.sequence, Release: d.id, Intent: slices.Clone(d.intent)}
	var err error
	if d.state == isPublished {
		p.Parcel, err = v.feed.parcel(v.book.parcels[d.parcel])
	}
	return p, err
}

// renew announces a drawn release once more where the roster of its period has changed:
// this member was away while an act was adopted. The bytes are the same.
func (v *Vault) renew(st *coalition.State, d *drawing) error {
	if d.state != isDrawn {
		return nil
	}
	body, err := wire.Peek(d.intent)
	if err != nil {
		return err
	}
	i := body.(schema.Intent)
	if i.Roster == st.RosterFor(i.Period) {
		return nil
	}
	i.Roster = st.RosterFor(i.Period)
	raw, err := wire.Sign(i, v.signer)
	if err != nil {
		return err
	}
	return v.commit(entry{Kind: renewed, Coalition: d.Coalition, Plan: d.Plan, Period: d.Period, Intent: raw})
}

// allowed holds a period against everything but the ledger. The caller's due is a claim:
// slot and order are asked of the coalition.
func (v *Vault) allowed(st *coalition.State, plan *schema.Plan, due coalition.Due) error {
	now := v.cfg.Now()
	if draw := plan.DrawOf(due.Period); draw.After(now) {
		return fmt.Errorf("%w: it may be drawn from %s on", ErrTooEarly, draw.UTC().Format("2006-01-02 15:04 UTC"))
	}
	all := st.Drawable(v.Slug(), now)
	i := slices.IndexFunc(all, func(d coalition.Due) bool { return d.Plan == due.Plan && d.Period == due.Period })
	if i < 0 {
		return fmt.Errorf("%w: this member does not owe it", ErrNotDue)
	}
	if m := st.Roster().Member(v.Slug()); m.MemberKey != v.signer.VerifierKey() {
		return fmt.Errorf("%w: the roster has another member key for %s", ErrNotDue, v.Slug())
	}
	if n := st.Roster().Active(); n < schema.MinMembers {
		return fmt.Errorf("%w: %d of %d", ErrTooFew, n, schema.MinMembers)
	}
	if !v.consents(st, due.Plan) {
		return fmt.Errorf("%w %s", ErrConsent, due.Plan.Short())
	}
	if next, _ := v.next(st); next == 1 {
		return fmt.Errorf("%w: the feed begins with a declaration", ErrOrder)
	}
	if err := v.inOrder(st, all[:i], due.Period); err != nil {
		return err
	}
	return v.able(plan)
}

// inOrder refuses a period while an earlier one that could be drawn is not, and after a
// later one of its cadence has been: a case counts in the first period that it can.
func (v *Vault) inOrder(st *coalition.State, before []coalition.Due, p schema.Period) error {
	if v.overtaken(st.ID(), p) {
		return fmt.Errorf("%w: a later period has been reserved, this one is skipped", ErrOrder)
	}
	for _, e := range before {
		if v.drawable(st, e) {
			return fmt.Errorf("%w: %s is due before it", ErrOrder, e.Period)
		}
	}
	return nil
}

func (v *Vault) overtaken(coalition schema.Hash, p schema.Period) bool {
	return slices.ContainsFunc(v.book.slots, func(d *drawing) bool {
		return d.Coalition == coalition && d.Period.Cadence() == p.Cadence() && p.Before(d.Period)
	})
}

// drawable tells a due period that has not been drawn and is not refused for good.
func (v *Vault) drawable(st *coalition.State, due coalition.Due) bool {
	at := place{st.ID(), due.Plan, due.Period}
	d := v.book.at[at]
	plan, ok := st.Plan(due.Plan)
	if d != nil && d.state != isReserved || !ok || plan.Mode != schema.Local || !v.consents(st, due.Plan) || v.overtaken(st.ID(), due.Period) {
		return false
	}
	return d != nil || v.affords(&plan, at) == nil
}

// able checks what the machine needs for a draw.
func (v *Vault) able(plan *schema.Plan) error {
	if plan.Codebook != v.codebook.Hash() {
		return fmt.Errorf("%w: the plan is about %s", ErrCodebook, plan.Codebook.Short())
	}
	if err := v.checkCodebook(); err != nil {
		return err
	}
	return v.cases.db.Room()
}

// affords holds the charge of a period that is not reserved against the cap, over all
// coalitions, and against this coalition's share where there are several.
func (v *Vault) affords(plan *schema.Plan, at place) error {
	ledger, err := v.book.ledger()
	if err != nil {
		return err
	}
	e := chargeOf(plan, at)
	if err := ledger.Fits(e, plan.Cap); err != nil {
		return fmt.Errorf("%w: %w", ErrCap, err)
	}
	if len(v.book.chains) < 2 || v.book.chains[at.Coalition] == nil {
		return nil
	}
	if err := ledger.Of(at.Coalition).Fits(e, v.book.chains[at.Coalition].share); err != nil {
		return fmt.Errorf("%w: of the coalition's share: %w", ErrCap, err)
	}
	return nil
}

// reserve makes cutoff and charge durable.
func (v *Vault) reserve(st *coalition.State, plan *schema.Plan, at place) error {
	if err := v.affords(plan, at); err != nil {
		return err
	}
	return v.commit(entry{
		Kind: reserved, Coalition: at.Coalition, Plan: at.Plan, Period: at.Period,
		Charge: plan.Charge(at.Period.Cadence()), Cutoff: v.meta.Next - 1,
		LateDays: plan.LateDays, NoLate: v.firstOfCadence(st, at.Period),
	})
}

// firstOfCadence tells the member's first period of its cadence. The coalition says what
// it would be; what was reserved says what it is.
func (v *Vault) firstOfCadence(st *coalition.State, p schema.Period) bool {
	for _, d := range st.Drawable(v.Slug(), v.cfg.Now()) {
		if d.Period == p {
			return d.Late
		}
	}
	return false
}

// draw draws a reserved period and makes release and intent durable.
func (v *Vault) draw(ctx context.Context, st *coalition.State, plan *schema.Plan, d *drawing) error {
	release, intent, err := v.signed(ctx, st, plan, d)
	if err != nil {
		return err
	}
	return v.commit(entry{
		Kind: drawn, Coalition: d.Coalition, Plan: d.Plan, Period: d.Period,
		Release: release, Intent: intent,
	})
}

// signed counts, lets the noise be drawn, and signs release and intent. It keeps nothing:
// each call draws anew.
func (v *Vault) signed(ctx context.Context, st *coalition.State, plan *schema.Plan, d *drawing) (release, intent []byte, err error) {
	tables, err := aggregation.Draw(ctx, aggregation.Task{
		Codebook: v.codebook, Plan: *plan, Period: d.Period,
		Slots: v.book.slotted(d.Coalition, d.Period), Records: v.cases.records(ctx),
	}, v.cfg.Noise)
	if err != nil {
		return nil, nil, err
	}
	return v.sign(st, d, tables)
}

func (v *Vault) sign(st *coalition.State, d *drawing, tables []schema.NoisyTable) (release, intent []byte, err error) {
	r := v.blank(st, d.place, d.charge)
	r.Tables = tables
	if r.Salt, err = v.random(); err != nil {
		return nil, nil, err
	}
	if release, err = wire.Sign(r, v.signer); err != nil {
		return nil, nil, err
	}
	intent, err = wire.Sign(schema.Intent{
		Coalition: r.Coalition, Member: r.Member, Sequence: r.Sequence, Plan: r.Plan, Period: r.Period,
		Charge: r.Charge, Roster: st.RosterFor(r.Period), Release: schema.HashOf(release),
	}, v.signer)
	return release, intent, err
}

// blank is the release of a period at the feed's next place, without salt and tables.
func (v *Vault) blank(st *coalition.State, at place, c schema.Charge) schema.Release {
	r := schema.Release{Link: v.link(st), Plan: at.Plan, Period: at.Period, Charge: c, Protection: v.meta.Protection}
	if r.Protection == "" {
		r.Protection = schema.PerID // no case, no weaker source
	}
	return r
}

// next is the place that the next note of the feed takes, and the note before it.
func (v *Vault) next(st *coalition.State) (uint64, schema.Hash) {
	c := v.book.chains[st.ID()]
	if c != nil && (len(c.ids) > 0 || len(c.pending) > 0) {
		sequence, id := c.end()
		return sequence + 1, id
	}
	if m := st.Roster().Member(v.Slug()); m != nil {
		return m.Sequence + 1, m.Head // goes on from the feed under an earlier member key
	}
	return 1, schema.Hash{}
}

func (v *Vault) link(st *coalition.State) schema.Link {
	sequence, previous := v.next(st)
	return schema.Link{Coalition: st.ID(), Member: v.Slug(), Sequence: sequence, Previous: previous}
}

// Publish puts a drawn release into the feed, with the intent as the witnesses have
// countersigned it, and returns the parcel to be sent. Once it is published every call
// returns the same parcel, whatever intent it is given. Releases are published at their
// slot, else ErrTooEarly, and in the order of their sequence, else ErrOrder; without the
// lines of a quorum of its witnesses none is (ErrQuorum).
func (v *Vault) Publish(ctx context.Context, st *coalition.State, due coalition.Due, witnessed []byte) ([]byte, error) {
	return alone(v, "publish "+due.Period.String(), func() ([]byte, error) {
		return v.publish(ctx, st, place{st.ID(), due.Plan, due.Period}, witnessed)
	})
}

func (v *Vault) publish(ctx context.Context, st *coalition.State, at place, witnessed []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d := v.book.at[at]
	if d == nil || d.state == isReserved {
		return nil, fmt.Errorf("%w: it has not been drawn", ErrOrder)
	}
	p, err := v.progress(d)
	if err != nil || p.Parcel != nil {
		return p.Parcel, err
	}
	if plan, ok := st.Plan(at.Plan); !ok || plan.SlotOf(at.Period).After(v.cfg.Now()) {
		return nil, fmt.Errorf("%w: it goes out at its slot", ErrTooEarly)
	}
	if first := v.book.chains[at.Coalition].pending[0]; first != d {
		return nil, fmt.Errorf("%w: %s is published before it", ErrOrder, first.Period)
	}
	if err := v.checkIntent(st, d, witnessed); err != nil {
		return nil, err
	}
	err = v.commit(entry{Kind: published, Coalition: at.Coalition, Plan: at.Plan, Period: at.Period, Intent: witnessed})
	if err != nil {
		return nil, err
	}
	return v.feed.parcel(v.book.parcels[d.parcel])
}

// checkIntent holds a countersigned intent against the one that was drawn.
func (v *Vault) checkIntent(st *coalition.State, d *drawing, witnessed []byte) error {
	note, err := wire.Verify(witnessed, st.Ring())
	if err != nil {
		return err
	}
	i, ok := note.Body().(schema.Intent)
	if !ok || note.ID() != noteID(d.intent) || !slices.Contains(note.Signers(), v.signer.VerifierKey()) {
		return errors.New("intent: is not the one that was drawn")
	}
	if have, want := st.Lines(i, note.Signers()); have < want {
		return fmt.Errorf("%w: %d of %d", ErrQuorum, have, want)
	}
	return nil
}
