package gate

import (
	"bytes"
	"errors"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// claim is what a statement lays claim to: a place, and for intents and voids a period.
type claim struct {
	coalition schema.Hash
	member    schema.Slug
	sequence  uint64
	plan      schema.Hash
	period    schema.Period // zero: none
	intent    schema.Hash   // of an intent itself, or the one that a void voids
	release   schema.Hash   // the bytes that an intent is of
	void      bool
}

// claimed reads a statement; a release is none, for a proof never shows one.
func claimed(note wire.Verified) (claim, bool) {
	switch b := note.Body().(type) {
	case schema.Intent:
		return claim{b.Coalition, b.Member, b.Sequence, b.Plan, b.Period, note.ID(), b.Release, false}, true
	case schema.Void:
		return claim{b.Coalition, b.Member, b.Sequence, b.Plan, b.Period, b.Intent, schema.Hash{}, true}, true
	case schema.Sum:
		return claim{coalition: b.Coalition, member: b.Member, sequence: b.Sequence, plan: b.Plan, period: b.Period}, true
	case schema.Declaration, schema.Notice, schema.Capacity:
		l := b.(schema.Linked).Place()
		return claim{coalition: l.Coalition, member: l.Member, sequence: l.Sequence}, true
	}
	return claim{}, false
}

// against tells whether one member may not have made both claims, and from which
// sequence on its feed is in dispute (19, 22). An intent and the void of it stand
// together: that is what a void is for. So do two intents of the same bytes, of which one
// asks the witnesses of a newer roster.
func (x claim) against(y claim) (sequence uint64, contradiction bool) {
	if x.coalition != y.coalition || x.member != y.member {
		return 0, false
	}
	samePlace := x.sequence == y.sequence
	samePeriod := !x.period.IsZero() && x.plan == y.plan && x.period == y.period
	sameBytes := !x.void && !y.void && !x.release.IsZero() && x.release == y.release && x.plan == y.plan && x.period == y.period
	if samePlace && (sameBytes || x.void != y.void && x.intent == y.intent) {
		return 0, false
	}
	return max(x.sequence, y.sequence), samePlace || samePeriod
}

// contradicts looks for a stored statement that the new one contradicts: at the same
// place, or for the same period.
func (c check) contradicts(m *schema.Member, feed Feed, a Accepted, statement wire.Verified) error {
	if a.sequence <= m.Sequence {
		return nil // settled by the act that named the head
	}
	at := []uint64{a.sequence}
	if other := feed.Claim(a.place.Plan, a.place.Period); other != 0 && other != a.sequence && !a.place.Period.IsZero() {
		at = append(at, other)
	}
	for _, sequence := range at {
		stored, ok := feed.At(sequence)
		if !ok || sequence <= m.Sequence {
			continue
		}
		if err := c.shows(m, feed, stored, sequence, a, statement); err != nil {
			return err
		}
	}
	return nil
}

// shows makes the proof out of the stored statement and the new one.
func (c check) shows(m *schema.Member, feed Feed, stored Place, sequence uint64, a Accepted, statement wire.Verified) error {
	raw, err := c.view.Statement(a.member, sequence)
	if err != nil {
		return &Gap{Member: a.member, Sequence: sequence} // the disk lost it: a hole now
	}
	before, err := wire.Verify(raw, c.state.Ring())
	if err != nil {
		return &Gap{Member: a.member, Sequence: sequence}
	}
	proof, err := c.prove(before, statement)
	if errors.Is(err, errNoContradiction) {
		return ErrStale // a release and its void: the one that came first stands
	}
	if err != nil {
		return err
	}
	if shown(feed, m, proof) {
		return ErrEquivocation
	}
	parted := proof.fork && sequence == a.sequence && stored.Previous != a.place.Previous
	return &Equivocation{Proof: proof, Before: parted}
}

// shown tells whether a proof says no more than those that are stored.
func shown(feed Feed, m *schema.Member, proof Accepted) bool {
	if !proof.fork {
		return feed.Alarm > m.Sequence
	}
	disputed := feed.disputed(m)
	return disputed != 0 && disputed <= proof.sequence
}

var errNoContradiction = errors.New("no contradiction")

// prove packs two statements, the smaller id first (20).
func (c check) prove(x, y wire.Verified) (Accepted, error) {
	if bytes.Compare(idOf(x), idOf(y)) > 0 {
		x, y = y, x
	}
	if _, ok := signedOnce(x); ok {
		return c.proveTwice(x, y)
	}
	cx, okx := claimed(x)
	cy, oky := claimed(y)
	sequence, contradiction := cx.against(cy)
	if !okx || !oky || !contradiction || x.ID() == y.ID() {
		return Accepted{}, errNoContradiction
	}
	raw, err := wire.Pack(x.Raw(), y.Raw())
	if err != nil {
		return Accepted{}, invalid("proof: %w", err)
	}
	return Accepted{
		kind: Proof, member: cx.member, sequence: sequence, id: schema.HashOf(raw), raw: raw,
		notes: []wire.Verified{x, y}, fork: c.holds(x) && c.holds(y),
	}, nil
}

// holds tells whether a statement stands by itself: an intent does with its quorum only.
func (c check) holds(v wire.Verified) bool {
	i, ok := v.Body().(schema.Intent)
	return !ok || c.state.Quorate(i, v.Signers())
}

func idOf(v wire.Verified) []byte {
	id := v.ID()
	return id[:]
}

// asProof reads a parcel of two statements that contradict each other.
func (c check) asProof(a Accepted) (Accepted, error) {
	proof, err := c.prove(a.notes[0], a.notes[1])
	if err != nil {
		return Accepted{}, invalid("proof: %w", err)
	}
	if !bytes.Equal(proof.raw, a.raw) {
		return Accepted{}, invalid("proof: want the smaller id first")
	}
	return proof, nil
}

// proof decides on what somebody else has found.
func (c check) proof(a Accepted) error {
	m, err := c.accuses(a.notes)
	if err != nil {
		return err
	}
	if a.sequence <= m.Sequence {
		return ErrStale // settled by the act that named the head
	}
	if shown(c.view.Feed(a.member), m, a) {
		return ErrStale
	}
	return nil
}

// accuses checks that the member itself signed both statements.
func (c check) accuses(notes []wire.Verified) (m *schema.Member, err error) {
	if _, ok := signedOnce(notes[0]); ok {
		return c.accusesKeeper(notes)
	}
	for _, n := range notes {
		claim, _ := claimed(n)
		if m, err = c.author(claim.coalition, claim.member, claim.sequence, n); err != nil {
			return nil, err
		}
		if _, ok := n.Body().(schema.Intent); ok {
			if err := c.seated(n); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}
