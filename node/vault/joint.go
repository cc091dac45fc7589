package vault

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"tidemark/aggregation"
	"tidemark/aggregation/joint"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// JointRound is a coalition's joint round with what is counted in it.
func JointRound(j coalition.Joint, cb *schema.Codebook) (joint.Round, error) {
	counters, err := j.Plan.Counters(cb, j.Period.Cadence())
	if err != nil {
		return joint.Round{}, err
	}
	return joint.Round{
		Round: j.Round, Members: j.Members, Keepers: j.Keepers,
		Threshold: j.Threshold, Least: j.Least(), Counters: counters,
	}, nil
}

// Contribute makes this member's one message in a period's joint round, once: the first call
// reserves the charge and the cutoff, counts, adds the member's share of the noise, splits
// the sum among the keepers whose keys are given, seals each part, signs, and keeps the
// note; every later one returns the same bytes. It asks no witness: whatever a copy of this
// folder sends, the keepers sum one contribution of a member, in one sum, ever. Only a folder that came
// back from a backup asks first (heads), for it may have forgotten what it has spent.
//
// It refuses as Step does, and with ErrClosed once the round has ended.
func (v *Vault) Contribute(ctx context.Context, st *coalition.State, due coalition.Due, keys, heads [][]byte) (note []byte, err error) {
	return alone(v, "contribute "+due.Period.String(), func() ([]byte, error) { return v.contribute(ctx, st, due, keys, heads) })
}

func (v *Vault) contribute(ctx context.Context, st *coalition.State, due coalition.Due, keys, heads [][]byte) ([]byte, error) {
	at := place{st.ID(), due.Plan, due.Period}
	d := v.book.at[at]
	if d != nil && d.state == isGiven {
		return slices.Clone(d.given), nil
	}
	if v.book.closed[at] || d != nil && d.state != isReserved {
		return nil, fmt.Errorf("%w: %s", ErrClosed, due.Period)
	}
	j, ok := st.Round(due.Period)
	if !ok || j.Round.Plan != due.Plan || !slices.Contains(j.Members, v.Slug()) {
		return nil, fmt.Errorf("%w: this member has no part in a joint round of it", ErrNotDue)
	}
	if err := v.allowed(st, &j.Plan, due); err != nil {
		return nil, err
	}
	if v.book.restored != 0 {
		if err := v.confirmed(st, due.Period, heads); err != nil {
			return nil, err
		}
	}
	if d == nil {
		if err := v.reserve(st, &j.Plan, at); err != nil {
			return nil, err
		}
	}
	return v.give(ctx, st, j, keys)
}

// give counts, shares and seals a reserved period, and makes the note durable.
func (v *Vault) give(ctx context.Context, st *coalition.State, j coalition.Joint, keys [][]byte) ([]byte, error) {
	r, err := JointRound(j, v.codebook)
	if err != nil {
		return nil, err
	}
	counters, err := aggregation.Share(ctx, aggregation.Task{
		Codebook: v.codebook, Plan: j.Plan, Period: j.Period,
		Slots: v.book.slotted(j.Coalition, j.Period), Records: v.cases.records(ctx),
	}, v.cfg.Noise)
	if err != nil {
		return nil, err
	}
	shares, err := r.Contribute(v.Slug(), counters, keysOf(st, j, keys), nil)
	if err != nil {
		return nil, err
	}
	at := place{j.Coalition, j.Round.Plan, j.Period}
	blank := v.blank(st, at, v.book.at[at].charge)
	note, err := wire.Sign(schema.Contribution{
		Round: j.Round, Member: v.Slug(), Protection: blank.Protection, Charge: blank.Charge, Shares: shares,
	}, v.signer)
	if err != nil {
		return nil, err
	}
	return note, v.commit(entry{Kind: given, Coalition: at.Coalition, Plan: at.Plan, Period: at.Period, Parcel: note})
}

// keysOf reads the keepers' keys for a round, each signed by its keeper.
func keysOf(st *coalition.State, j coalition.Joint, raws [][]byte) (keys []joint.Key) {
	for _, note := range verified(st, raws) {
		k, ok := note.Body().(schema.KeeperKey)
		if !ok || k.Round != j.Round || !slices.Contains(j.Keepers, k.Keeper) {
			continue
		}
		if m := st.Roster().Member(k.Keeper); m != nil && note.SignedBy([]string{m.MemberKey}) == 1 {
			keys = append(keys, joint.Key{Keeper: k.Keeper, ID: note.ID(), Public: k.Key})
		}
	}
	return keys
}

// Attest signs what this member says as a keeper of a joint round: its key, or its list. It
// says each once: a later call returns the note of the first, whatever it is given.
func (v *Vault) Attest(ctx context.Context, st *coalition.State, body schema.InRound) ([]byte, error) {
	return alone(v, "attest", func() ([]byte, error) { return v.attest(ctx, st, body) })
}

func (v *Vault) attest(ctx context.Context, st *coalition.State, body schema.InRound) ([]byte, error) {
	var keeper schema.Slug
	switch b := body.(type) {
	case schema.KeeperKey:
		keeper = b.Keeper
	case schema.Held:
		keeper = b.Keeper
	}
	if keeper != v.Slug() {
		return nil, errors.New("want a key or a list of this keeper's")
	}
	if before, ok := v.book.attested[saying{roundOf(body.In()), body.Kind()}]; ok {
		return slices.Clone(before.note), nil
	}
	if _, err := v.keeps(st, body.In()); err != nil {
		return nil, err
	}
	note, err := wire.Sign(body, v.signer)
	if err := errors.Join(err, ctx.Err()); err != nil {
		return nil, err
	}
	return note, v.commitSaid(body, noteID(note), note)
}

// Agree adds this keeper's line to an agreement. That it does is durable before the line
// exists, and it does so for one agreement in a round, ever: two sums over two sets that
// differ in one member would show that member (ErrAgreed for any other). Whether the
// agreement is what the keepers' lists say is the caller's to judge.
func (v *Vault) Agree(ctx context.Context, st *coalition.State, raw []byte) ([]byte, error) {
	return alone(v, "agree", func() ([]byte, error) { return v.agree(ctx, st, raw) })
}

func (v *Vault) agree(ctx context.Context, st *coalition.State, raw []byte) ([]byte, error) {
	body, err := wire.Peek(raw)
	if err != nil {
		return nil, err
	}
	a, ok := body.(schema.Agreement)
	if !ok {
		return nil, fmt.Errorf("a %s is no agreement", body.Kind())
	}
	return v.agreeTo(ctx, st, a, func() ([]byte, error) { return wire.Cosign(raw, v.signer) })
}

// Propose is Agree for an agreement that nobody has signed yet.
func (v *Vault) Propose(ctx context.Context, st *coalition.State, a schema.Agreement) ([]byte, error) {
	return alone(v, "propose", func() ([]byte, error) {
		return v.agreeTo(ctx, st, a, func() ([]byte, error) { return wire.Sign(a, v.signer) })
	})
}

func (v *Vault) agreeTo(ctx context.Context, st *coalition.State, a schema.Agreement, sign func() ([]byte, error)) ([]byte, error) {
	j, err := v.keeps(st, a.Round)
	if err != nil {
		return nil, err
	}
	if err := j.Agreeable(a); err != nil {
		return nil, err
	}
	if j.Plan.SlotOf(a.Period).After(v.cfg.Now()) {
		return nil, fmt.Errorf("%w: keepers agree from its slot on", ErrTooEarly)
	}
	text, err := wire.Text(a)
	if err != nil {
		return nil, err
	}
	id := schema.HashOf([]byte(text))
	before, ok := v.book.attested[saying{roundOf(a.Round), a.Kind()}]
	if ok && before.id != id {
		return nil, fmt.Errorf("%w of %s", ErrAgreed, a.Period)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !ok {
		if err := v.commitSaid(a, id, nil); err != nil {
			return nil, err
		}
	}
	return sign()
}

// keeps finds a round that this member keeps. A folder that came back from a backup may
// have forgotten what it said in a round, so it abstains from those that had begun by then.
func (v *Vault) keeps(st *coalition.State, r schema.Round) (coalition.Joint, error) {
	j, ok := st.Round(r.Period)
	switch {
	case !ok || j.Round != r || !slices.Contains(j.Keepers, v.Slug()):
		return j, fmt.Errorf("%w: this member is no keeper of %s", ErrNotDue, r.Period)
	case !v.seated(st):
		return j, fmt.Errorf("%w: the roster has no active seat for this vault's key", ErrNotDue)
	case v.book.restored != 0 && !schema.KeysFrom(r.Period).After(time.Unix(v.book.restored, 0)):
		return j, fmt.Errorf("%w: %s", ErrAbstains, r.Period)
	}
	return j, nil
}

// Sum puts this keeper's sum of an agreement's contributions into its feed, once, and
// returns the parcel; of a void one, that it was. A later call returns the first parcel.
func (v *Vault) Sum(ctx context.Context, st *coalition.State, agreement []byte, scalars [][schema.ScalarSize]byte, heads [][]byte) ([]byte, error) {
	return alone(v, "sum", func() ([]byte, error) { return v.sum(ctx, st, agreement, scalars, heads) })
}

func (v *Vault) sum(ctx context.Context, st *coalition.State, raw []byte, scalars [][schema.ScalarSize]byte, heads [][]byte) ([]byte, error) {
	a, err := agreed(st, raw)
	if err != nil {
		return nil, err
	}
	at := roundOf(a.Round)
	if c := v.book.chains[st.ID()]; c != nil {
		if n, ok := c.sums[at]; ok {
			return v.feed.parcel(v.book.parcels[n])
		}
	}
	if _, err := v.keeps(st, a.Round); err != nil {
		return nil, err
	}
	if a.Void != (len(scalars) == 0) || !a.Void && !coalition.RestsOn(a, v.Slug()) {
		return nil, fmt.Errorf("%w: the agreement asks for no such sum of this keeper's", ErrNotDue)
	}
	if err := v.spoken(st, heads); err != nil {
		return nil, err
	}
	return v.say(ctx, st, func(l schema.Link) schema.Linked {
		return schema.Sum{Link: l, Plan: at.Plan, Period: at.Period, Agreement: noteID(raw), Scalars: scalars}
	}, raw)
}

// Ended tells the vault how a joint round ended: it contributes to it no more, and a
// contribution of this member's that it does not hold, because it came back from a backup or
// is a copy, is charged.
func (v *Vault) Ended(ctx context.Context, st *coalition.State, agreement []byte) error {
	_, err := alone(v, "end of a round", func() ([]byte, error) { return nil, v.ended(ctx, st, agreement) })
	return err
}

func (v *Vault) ended(ctx context.Context, st *coalition.State, raw []byte) error {
	a, err := agreed(st, raw)
	if err != nil {
		return err
	}
	at := roundOf(a.Round)
	if v.book.closed[at] || v.book.at[at].settledBy(a, v.Slug()) {
		return nil
	}
	e := entry{Kind: closed, Coalition: at.Coalition, Plan: at.Plan, Period: at.Period}
	if plan, ok := st.Plan(at.Plan); ok && coalition.Includes(a, v.Slug()) {
		e.Charge = plan.Charge(at.Period.Cadence())
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return v.commit(e)
}

// settledBy tells whether what this folder contributed is what an agreement sums, or stands
// charged although it was left out.
func (d *drawing) settledBy(a schema.Agreement, member schema.Slug) bool {
	if d == nil || d.state != isGiven {
		return false
	}
	return !coalition.Includes(a, member) || slices.Contains(a.Contributions, schema.Attributed{Who: member, ID: d.id})
}

// agreed verifies an agreement that is in force.
func agreed(st *coalition.State, raw []byte) (schema.Agreement, error) {
	note, err := wire.Verify(raw, st.Ring())
	if err != nil {
		return schema.Agreement{}, err
	}
	a, ok := note.Body().(schema.Agreement)
	if !ok {
		return a, fmt.Errorf("a %s is no agreement", note.Body().Kind())
	}
	j, ok := st.Round(a.Period)
	if !ok {
		return a, fmt.Errorf("%w: there is no joint round of %s", ErrNotDue, a.Period)
	}
	return a, j.Agreed(a, note.Slugs())
}

// saying is what a keeper says once in a round.
type saying struct {
	place
	kind schema.Kind
}

type statement struct {
	id   schema.Hash
	note []byte // nil for an agreement, whose lines are not only this keeper's
}

func roundOf(r schema.Round) place { return place{r.Coalition, r.Plan, r.Period} }

func (v *Vault) commitSaid(body schema.InRound, id schema.Hash, note []byte) error {
	r := body.In()
	return v.commit(entry{
		Kind: attested, Coalition: r.Coalition, Plan: r.Plan, Period: r.Period, Says: body.Kind(), ID: id, Parcel: note,
	})
}

// attest takes what this keeper said into the book.
func (b *book) attest(e entry) error {
	at := saying{e.place(), e.Says}
	if _, twice := b.attested[at]; twice {
		return fmt.Errorf("a keeper's %s of %s is there twice", e.Says, e.Period)
	}
	b.attested[at] = statement{e.ID, e.Parcel}
	return nil
}

// give takes the contribution to a joint round into the book.
func (b *book) give(e entry) error {
	d := b.at[e.place()]
	if d == nil || d.state != isReserved {
		return fmt.Errorf("period %s is contributed without being reserved, or twice", e.Period)
	}
	d.state, d.id, d.given = isGiven, noteID(e.Parcel), e.Parcel
	return nil
}

// close takes the end of a joint round into the book.
func (b *book) close(e entry) error {
	b.closed[e.place()] = true
	if e.Charge == 0 {
		return nil
	}
	b.charged(e.place(), e.Charge, 1)
	d := b.elsewhere(e.place(), e.Charge)
	d.slot.Cutoff = math.MaxUint64 // what was counted there is not known here
	return nil
}
