package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tidemark/aggregation/combine"
	"tidemark/node/gate"
	"tidemark/node/vault"
	"tidemark/schema"
	"tidemark/schema/bundle"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// AgreeTo agrees to a brief as its manifest has it; see vault.AgreeTo.
func (n *Node) AgreeTo(ctx context.Context, brief schema.Hash, annex bool) (vault.Made, error) {
	st, err := n.coalition()
	if err != nil {
		return vault.Made{}, err
	}
	return n.vault.AgreeTo(ctx, st, brief, annex)
}

// Hold says that this member holds a documented case; see vault.Hold.
func (n *Node) Hold(ctx context.Context, h schema.Holding) (vault.Made, error) {
	st, err := n.coalition()
	if err != nil {
		return vault.Made{}, err
	}
	return n.vault.Hold(ctx, st, h)
}

// Print says that this member printed a brief; see vault.Print.
func (n *Node) Print(ctx context.Context, p schema.Printing) ([]byte, error) {
	st, err := n.coalition()
	if err != nil {
		return nil, err
	}
	return n.vault.Print(ctx, st, p)
}

// Annex collects the notes that stand behind some periods, of members that let theirs go:
// the charter and the acts, which say whose keys count; each release with its witnessed
// intent; of joint periods the agreement and the keepers' sums; notices. It is what whoever
// is no member needs to work the numbers out again, and nothing else.
func (n *Node) Annex(p Pin, periods []schema.Period, members []schema.Slug) (bundle.Bundle, error) {
	return n.reads.annex(p, periods, members)
}

func (r *reader) annex(p Pin, periods []schema.Period, members []schema.Slug) (bundle.Bundle, error) {
	reading, err := r.at(p)
	if err != nil {
		return bundle.Bundle{}, err
	}
	codebook, err := reading.Codebook.Canonical()
	if err != nil {
		return bundle.Bundle{}, err
	}
	log := reading.State.Log()
	b := bundle.Bundle{Charter: log[0], Acts: log[1:], Codebook: codebook}
	for i, f := range r.feeds.Snapshot().Feeds {
		if i >= len(p.Places) || !slices.Contains(members, f.Member) {
			continue
		}
		for k, place := range f.Places[:f.Settled()] {
			numbers := place.Kind == schema.KindRelease || place.Kind == schema.KindSum
			pinned := uint64(k) < p.Places[i] && numbers && slices.Contains(periods, place.Period)
			if !pinned && place.Kind != schema.KindNotice { // that came later counts too
				continue
			}
			parcel, err := r.feeds.Parcel(f.Member, uint64(k+1))
			if err != nil {
				return b, fmt.Errorf("annex: %w", err)
			}
			b.Parcels = append(b.Parcels, parcel.Raw)
		}
	}
	return b, nil
}

// ErrAnnex: notes that do not stand where they claim to.
var ErrAnnex = errors.New("annex: a note that cannot be relied on")

// ReadAnnex is the coalition as an annex's notes tell it, for somebody who is no member and
// holds nothing else. Every note is verified as a member's gate verifies it, but for its
// place in a feed: feeds are not whole here.
func ReadAnnex(b bundle.Bundle) (Reading, error) {
	st, err := coalition.Found(b.Charter)
	for _, act := range b.Acts {
		if err != nil {
			break
		}
		st, err = st.Apply(act)
	}
	if err != nil {
		return Reading{}, fmt.Errorf("annex: acts: %w", err)
	}
	a := &annex{reader: newReader(nil), st: st, cb: schema.Incident(), sums: map[schema.Round][]keptSum{}}
	if b.Codebook != nil {
		if a.cb, err = schema.ParseCodebook(b.Codebook); err != nil {
			return Reading{}, fmt.Errorf("annex: codebook: %w", err)
		}
	}
	if a.cb.Hash() != st.Charter().Codebook {
		return Reading{}, fmt.Errorf("annex: codebook: not the charter's")
	}
	parcels, err := verifiedParcels(b.Parcels, st.Ring())
	if err != nil {
		return Reading{}, fmt.Errorf("annex: %w", err)
	}
	for i, notes := range parcels {
		if err := a.take(notes); err != nil {
			return Reading{}, fmt.Errorf("annex: parcel %d: %w", i+1, err)
		}
	}
	return a.reading()
}

// verifiedParcels verifies every line of every note, on all processors.
func verifiedParcels(raws [][]byte, ring wire.Ring) ([][]wire.Verified, error) {
	out := make([][]wire.Verified, len(raws))
	errs := each(len(raws), func(i int) (err error) {
		out[i], err = verifiedNotes(raws[i], ring)
		return err
	})
	for i, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("parcel %d: %w", i+1, err)
		}
	}
	return out, nil
}

// verifiedNotes are those of a parcel.
func verifiedNotes(parcel []byte, ring wire.Ring) ([]wire.Verified, error) {
	notes, err := wire.Unpack(parcel)
	if err != nil {
		return nil, err
	}
	all := make([]wire.Verified, len(notes))
	for i, note := range notes {
		if all[i], err = wire.Verify(note, ring); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// annex is what has been taken of one.
type annex struct {
	*reader
	st       *coalition.State
	cb       *schema.Codebook
	now      time.Time // the newest slot of which it holds something
	released []combine.Released
	notices  []schema.Notice
	sums     map[schema.Round][]keptSum
}

func (a *annex) take(all []wire.Verified) error {
	switch body := all[len(all)-1].Body().(type) {
	case schema.Release:
		return a.release(all, body)
	case schema.Sum:
		return a.sum(all, body)
	case schema.Notice:
		a.notices = append(a.notices, body)
		return nil
	}
	return fmt.Errorf("%w: neither a release, a sum nor a notice", ErrAnnex)
}

// release wants the intent of these very bytes, with the lines of a quorum of its witnesses.
func (a *annex) release(notes []wire.Verified, r schema.Release) error {
	if len(notes) != 2 {
		return fmt.Errorf("%w: a release without its intent", ErrAnnex)
	}
	i, ok := notes[0].Body().(schema.Intent)
	if !ok || i.Coalition != a.st.ID() {
		return fmt.Errorf("%w: an intent of another coalition, or none", ErrAnnex)
	}
	if err := gate.Announced(i, r, notes[1].Raw()); err != nil {
		return fmt.Errorf("%w: %w", ErrAnnex, err)
	}
	if !a.st.Quorate(i, notes[0].Signers()) {
		return fmt.Errorf("%w: a release without its witnesses", ErrAnnex)
	}
	plan, err := a.expected(a.st, a.cb, r.Plan)
	if err != nil {
		return err
	}
	one, err := plan.Release(notes[1])
	if err != nil {
		return err
	}
	a.released = append(a.released, one)
	return a.came(r.Plan, r.Period)
}

// sum wants an agreement that the round's keepers have signed.
func (a *annex) sum(notes []wire.Verified, s schema.Sum) error {
	if len(notes) != 2 {
		return fmt.Errorf("%w: a sum without its agreement", ErrAnnex)
	}
	agreement, ok := notes[0].Body().(schema.Agreement)
	j, joint := a.st.Round(s.Period)
	if !ok || !joint || s.Agreement != notes[0].ID() || s.In() != j.Round {
		return fmt.Errorf("%w: a sum of another round", ErrAnnex)
	}
	if err := j.Agreed(agreement, notes[0].Slugs()); err != nil {
		return fmt.Errorf("%w: %w", ErrAnnex, err)
	}
	a.sums[s.In()] = append(a.sums[s.In()], keptSum{notes[0], s})
	return a.came(s.Plan, s.Period)
}

// came moves the moment to a period's slot.
func (a *annex) came(hash schema.Hash, p schema.Period) error {
	plan, ok := a.st.Plan(hash)
	if !ok {
		return fmt.Errorf("%w: a plan that nobody adopted", ErrAnnex)
	}
	if slot := plan.SlotOf(p); slot.After(a.now) {
		a.now = slot
	}
	return nil
}

// reading puts everything together, as a member's node does.
func (a *annex) reading() (Reading, error) {
	out := Reading{State: a.st, Codebook: a.cb, Now: a.now, Pinned: true, Owed: owed(a.st, a.now), Withdrawn: a.withdrawn()}
	for _, j := range a.st.Rounds(a.now) {
		o, state, err := openRound(j, a.cb, a.sums[j.Round])
		if err != nil {
			return out, fmt.Errorf("annex: round %s: %w", j.Period, err)
		}
		if state == RoundOpen {
			out.Opened = append(out.Opened, o)
		}
	}
	together, err := a.together(a.st, a.cb, out.Opened)
	if err != nil {
		return out, fmt.Errorf("annex: %w", err)
	}
	out.Book, err = bookOf(a.st, out, append(a.released, together...))
	return out, err
}

// withdrawn are the releases that their own members speak of.
func (a *annex) withdrawn() map[schema.Hash]schema.NoticeReason {
	out := map[schema.Hash]schema.NoticeReason{}
	for _, n := range a.notices {
		if slices.ContainsFunc(a.released, func(r combine.Released) bool { return r.Release() == n.Release && r.Member() == n.Member }) {
			out[n.Release] = n.Reason
		}
	}
	return out
}
