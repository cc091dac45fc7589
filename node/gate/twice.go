package gate

import (
	"bytes"
	"slices"

	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// A keeper signs one agreement in a round, ever: two sums over sets that differ in one
// member would show that member. It makes one list: with two it could keep others from
// judging an agreement. Two of either with its line prove that it lied, and are an alarm:
// its feed goes on, the agreement that got its quorum counts, and its lists do not (69, 70, 79).

// signedTwice looks for a keeper with a line on this agreement and on another of the round
// that is known here.
func (c check) signedTwice(j coalition.Joint, note wire.Verified) error {
	var open []string // lines that would prove something new
	for _, key := range note.Signers() {
		if m := c.seatOf(key); m != nil && c.view.Feed(m.Slug).Alarm <= m.Sequence {
			open = append(open, key)
		}
	}
	if len(open) == 0 {
		return nil
	}
	for _, other := range c.others(j, note.ID()) {
		for _, key := range other.Signers() {
			if slices.Contains(open, key) {
				return c.showTwice(other, note, key)
			}
		}
	}
	return nil
}

// listedTwice holds a list against the one of its keeper that is here. Once the two are
// shown, or if the keeper has another alarm already, the second is kept beside the first.
func (c check) listedTwice(b schema.Held, note wire.Verified) error {
	m := c.state.Roster().Member(b.Keeper)
	for _, other := range c.view.Desk(b.Keeper).Lists(b.Round) {
		if c.view.Feed(m.Slug).Alarm <= m.Sequence && other.SignedBy([]string{m.MemberKey}) == 1 {
			return c.showTwice(other, note, m.MemberKey)
		}
	}
	return nil
}

// seatOf finds the seat whose present key this is; nil: none.
func (c check) seatOf(key string) *schema.Member {
	slug, err := wire.SlugOf(key)
	if m := c.state.Roster().Member(slug); err == nil && m != nil && m.MemberKey == key {
		return m
	}
	return nil
}

// others are the agreements of a round that lie on desks or stand beside a sum, but for one.
func (c check) others(j coalition.Joint, but schema.Hash) (all []wire.Verified) {
	for _, k := range j.Keepers {
		for _, other := range c.view.Desk(k).Agreements(j.Round) {
			if other.ID() != but {
				all = append(all, other)
			}
		}
		feed := c.view.Feed(k)
		at := feed.Claim(j.Round.Plan, j.Period)
		if place, ok := feed.At(at); !ok || place.Intent == but {
			continue
		}
		raw, err := c.view.Agreement(k, at)
		if err != nil {
			continue // the disk lost it
		}
		if other, err := c.verify(raw); err == nil {
			all = append(all, other)
		}
	}
	return all
}

// showTwice makes the proof: both notes with the keeper's line alone, so that it says
// whom it is about.
func (c check) showTwice(x, y wire.Verified, key string) error {
	if bytes.Compare(idOf(x), idOf(y)) > 0 {
		x, y = y, x
	}
	alone, err := c.verify(only(x.Raw(), key))
	if err != nil {
		return err
	}
	also, err := c.verify(only(y.Raw(), key))
	if err != nil {
		return err
	}
	proof, err := c.proveTwice(alone, also)
	if err != nil {
		return err
	}
	return &Equivocation{Proof: proof}
}

// only is a note with the line of one key.
func only(raw []byte, key string) []byte {
	slug, err := wire.SlugOf(key)
	end := bytes.Index(raw, []byte("\n\n")) + 2
	if err != nil || end < 2 {
		return nil // Verify has read it
	}
	out := bytes.Clone(raw[:end])
	for line := range bytes.Lines(raw[end:]) {
		if bytes.HasPrefix(line, []byte("— "+slug+" ")) {
			out = append(out, line...)
		}
	}
	return out
}

// signedOnce tells a note of which a keeper signs one in a round: an agreement or its list.
func signedOnce(note wire.Verified) (schema.Round, bool) {
	switch b := note.Body().(type) {
	case schema.Agreement:
		return b.Round, true
	case schema.Held:
		return b.Round, true
	}
	return schema.Round{}, false
}

// proveTwice packs two notes that one keeper has signed where it signs one, the smaller id
// first.
func (c check) proveTwice(x, y wire.Verified) (Accepted, error) {
	first, okx := signedOnce(x)
	second, oky := signedOnce(y)
	lines := x.Signers()
	same := okx && oky && first == second && x.Body().Kind() == y.Body().Kind() && slices.Equal(lines, y.Signers())
	if !same || len(lines) != 1 || x.ID() == y.ID() {
		return Accepted{}, errNoContradiction
	}
	raw, err := wire.Pack(x.Raw(), y.Raw())
	if err != nil {
		return Accepted{}, invalid("proof: %w", err)
	}
	a := Accepted{kind: Proof, id: schema.HashOf(raw), raw: raw, notes: []wire.Verified{x, y}}
	a.member = x.Slugs()[0]
	if m := c.state.Roster().Member(a.member); m != nil {
		a.sequence = m.Sequence + 1 // of no place: it holds until the key is replaced
	}
	return a, nil
}

// accusesKeeper checks that the present key of a seat has signed both.
func (c check) accusesKeeper(notes []wire.Verified) (*schema.Member, error) {
	if notes[0].Body().(schema.InRound).In().Coalition != c.state.ID() {
		return nil, invalid("proof: of another coalition")
	}
	m := c.seatOf(notes[0].Signers()[0])
	if m == nil {
		return nil, refuse(ErrStale, "proof: of a key that nobody has now")
	}
	return m, nil
}

// SignedTwice tells a proof that a keeper signed two agreements, or two lists, of one round:
// the one that showed it may be good all the same.
func (a Accepted) SignedTwice() bool {
	if a.kind != Proof {
		return false
	}
	_, ok := signedOnce(a.notes[0])
	return ok
}
