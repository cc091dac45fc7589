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

// vouch is an intent of another member that this one has countersigned. It never does so
// for another release of the same place or period.
type vouch struct {
	member   schema.Slug
	sequence uint64
	at       place
	bytes    schema.Hash   // of the release
	ids      []schema.Hash // of the intents, one for each roster version it was asked under
}

// vouches are all of them.
type vouches []*vouch

// of finds what was countersigned for the place or the period of an intent.
func (vs vouches) of(i schema.Intent) *vouch {
	at := place{i.Coalition, i.Plan, i.Period}
	for _, w := range vs {
		if w.member == i.Member && (w.at == at || w.at.Coalition == at.Coalition && w.sequence == i.Sequence) {
			return w
		}
	}
	return nil
}

// is tells whether an intent announces exactly what was countersigned.
func (w *vouch) is(i schema.Intent) bool {
	return w.at == place{i.Coalition, i.Plan, i.Period} && w.sequence == i.Sequence && w.bytes == i.Release
}

// vouch takes a countersigned intent into the book.
func (b *book) vouch(e entry) error {
	i := schema.Intent{Coalition: e.Coalition, Member: e.Slug, Sequence: e.Sequence, Plan: e.Plan, Period: e.Period, Release: e.Bytes}
	w := b.vouches.of(i)
	if w == nil {
		w = &vouch{member: e.Slug, sequence: e.Sequence, at: e.place(), bytes: e.Bytes}
		b.vouches = append(b.vouches, w)
	}
	if !w.is(i) {
		return fmt.Errorf("two releases of one place were countersigned")
	}
	w.ids = append(w.ids, e.ID)
	return nil
}

// Countersign adds this member's line to another's intent, as its witness. That it did is
// durable before the line exists, and it does so for one release of a place and of a
// period only, ever: ErrCountersigned for any other. A folder that came back from a
// backup may have forgotten what it did, so it abstains (ErrAbstains) from the periods
// that could be drawn by then. It may be asked again for the same line.
func (v *Vault) Countersign(ctx context.Context, st *coalition.State, raw []byte) ([]byte, error) {
	return alone(v, "countersign", func() ([]byte, error) { return v.countersign(ctx, st, raw) })
}

func (v *Vault) countersign(ctx context.Context, st *coalition.State, raw []byte) ([]byte, error) {
	note, err := wire.Verify(raw, st.Ring())
	if err != nil {
		return nil, err
	}
	i, ok := note.Body().(schema.Intent)
	if !ok {
		return nil, fmt.Errorf("a %s is no intent", note.Body().Kind())
	}
	if err := v.witnesses(st, i, note); err != nil {
		return nil, err
	}
	if slices.Contains(note.Signers(), v.signer.VerifierKey()) {
		return note.Raw(), nil
	}
	w := v.book.vouches.of(i)
	if w != nil && !w.is(i) {
		return nil, fmt.Errorf("%w of %s", ErrCountersigned, i.Member)
	}
	if w == nil || !slices.Contains(w.ids, note.ID()) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		err := v.commit(entry{
			Kind: countersigned, Coalition: i.Coalition, Slug: i.Member, Sequence: i.Sequence,
			Plan: i.Plan, Period: i.Period, Bytes: i.Release, ID: note.ID(),
		})
		if err != nil {
			return nil, err
		}
	}
	return wire.Cosign(raw, v.signer)
}

// witnesses checks that an intent is one for this member to countersign, by what the
// coalition and the clock say.
func (v *Vault) witnesses(st *coalition.State, i schema.Intent, note wire.Verified) error {
	author := st.Roster().Member(i.Member)
	plan, adopted := st.Plan(i.Plan)
	_, inForce, ok := st.PlanFor(i.Period)
	asked, _ := st.Witnesses(i.Member, i.Period)
	switch {
	case i.Coalition != st.ID() || author == nil || note.SignedBy([]string{author.MemberKey}) == 0:
		return fmt.Errorf("the intent is not signed by its member's key")
	case !v.seated(st):
		return fmt.Errorf("%w: the roster has no active seat for this vault's key", ErrNotDue)
	case !adopted || !ok || inForce != i.Plan || i.Charge != plan.Charge(i.Period.Cadence()):
		return fmt.Errorf("%w: not by the plan in force", ErrNotDue)
	case i.Roster != st.RosterFor(i.Period) || !slices.Contains(asked, v.Slug()):
		return fmt.Errorf("%w: this member is no witness of it", ErrNotDue)
	}
	draw := plan.DrawOf(i.Period)
	if draw.After(v.cfg.Now().Add(time.Minute)) {
		return fmt.Errorf("%w: it may be drawn from %s on", ErrTooEarly, draw.UTC().Format("2006-01-02 15:04 UTC"))
	}
	if at := v.book.restored; at != 0 && !draw.After(time.Unix(at, 0)) {
		return fmt.Errorf("%w: %s", ErrAbstains, i.Period)
	}
	return nil
}

func (v *Vault) seated(st *coalition.State) bool {
	m := st.Roster().Member(v.Slug())
	return m != nil && m.Status == schema.Active && m.MemberKey == v.signer.VerifierKey()
}

// Answer is what this member, as a witness, knows of the feed of one who asks: the last
// place that the caller holds of it, and the intents for later ones that it countersigned.
// A folder that came back from a backup abstains while the periods of that time are the
// only ones to ask about.
func (v *Vault) Answer(ctx context.Context, st *coalition.State, check []byte, sequence uint64, last schema.Hash) ([]byte, error) {
	return alone(v, "answer", func() ([]byte, error) { return v.answer(st, check, sequence, last) })
}

func (v *Vault) answer(st *coalition.State, check []byte, sequence uint64, last schema.Hash) ([]byte, error) {
	note, err := wire.Verify(check, st.Ring())
	if err != nil {
		return nil, err
	}
	q, ok := note.Body().(schema.Check)
	if !ok || q.Coalition != st.ID() || q.Member == v.Slug() || !v.seated(st) {
		return nil, errors.New("not a check for this member")
	}
	if v.forgot(st, q.Member) {
		return nil, ErrAbstains
	}
	h := schema.Head{Coalition: q.Coalition, Member: q.Member, Witness: v.Slug(), Nonce: q.Nonce, Sequence: sequence, Last: last}
	for _, w := range v.book.vouches {
		if w.member == q.Member && w.at.Coalition == st.ID() && w.sequence > sequence {
			h.Intents = append(h.Intents, w.ids...)
		}
	}
	return wire.Sign(h, v.signer)
}

// forgot tells whether every period that a member may draw was open when this folder came
// back from a backup.
func (v *Vault) forgot(st *coalition.State, member schema.Slug) bool {
	if v.book.restored == 0 {
		return false
	}
	at := time.Unix(v.book.restored, 0)
	return !slices.ContainsFunc(st.Drawable(member, v.cfg.Now()), func(d coalition.Due) bool { return d.Draw.After(at) })
}
