package vault

import (
	"errors"
	"fmt"

	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// proofNotes are the two statements of a parcel that proves that a member said two things;
// ok is false for a parcel of a feed.
func proofNotes(raw []byte) (notes [][]byte, bodies []schema.Body, ok bool) {
	notes, err := wire.Unpack(raw)
	if err != nil || len(notes) != 2 {
		return nil, nil, false
	}
	for _, n := range notes {
		body, err := wire.Peek(n)
		if err != nil {
			return nil, nil, false
		}
		bodies = append(bodies, body)
	}
	_, release := bodies[1].(schema.Release)
	_, agreement := bodies[0].(schema.Agreement)
	return notes, bodies, !release && !agreement
}

// fork is the entry that charges what the two sides of a fork of the own feed drew; the
// zero entry where it is charged, or where the proof is an alarm: of two intents without a
// quorum each, only one release can have left its machine.
func (v *Vault) fork(st *coalition.State, raw []byte, notes [][]byte) (entry, error) {
	if v.book.forks[schema.HashOf(raw)] {
		return entry{}, nil
	}
	for _, n := range notes {
		verified, err := wire.Verify(n, st.Ring())
		if err != nil {
			return entry{}, fmt.Errorf("proof: %w", err)
		}
		holds, err := v.holds(st, verified)
		if !holds || err != nil {
			return entry{}, err
		}
	}
	return entry{Kind: forked, Parcel: raw}, nil
}

// holds tells whether an own statement of a proof stands by itself.
func (v *Vault) holds(st *coalition.State, n wire.Verified) (bool, error) {
	i, intent := n.Body().(schema.Intent)
	if !intent {
		linked, ok := n.Body().(schema.Linked)
		if !ok || linked.Place().Coalition != st.ID() || linked.Place().Member != v.Slug() {
			return false, errors.New("proof: against another member or coalition")
		}
		return true, nil
	}
	if i.Coalition != st.ID() || i.Member != v.Slug() {
		return false, errors.New("proof: against another member or coalition")
	}
	if plan, ok := st.Plan(i.Plan); !ok || i.Charge != plan.Charge(i.Period.Cadence()) {
		return false, errors.New("proof: its charge is not its plan's")
	}
	return st.Quorate(i, n.Signers()), nil
}

// fork charges what the statements of a proof say was drawn.
func (b *book) fork(raw []byte) error {
	_, bodies, ok := proofNotes(raw)
	if !ok {
		return errors.New("a fork without its two statements")
	}
	b.forks[schema.HashOf(raw)] = true
	drawn := map[place]schema.Hash{}
	for _, body := range bodies {
		i, ok := body.(schema.Intent)
		if !ok {
			continue
		}
		at, times := place{i.Coalition, i.Plan, i.Period}, 1
		if other, ok := drawn[at]; ok && other != i.Release || b.drewElse(at, i.Release) {
			times = 2
		}
		drawn[at] = i.Release
		b.charged(at, i.Charge, times)
	}
	return nil
}

// drewElse tells whether this folder drew, or took in, another release of a place.
func (b *book) drewElse(at place, release schema.Hash) bool {
	d := b.at[at]
	if d == nil || d.intent == nil {
		return false
	}
	body, err := wire.Peek(d.intent)
	i, ok := body.(schema.Intent)
	return err == nil && ok && i.Release != release
}
