package gate

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// MaxSize of anything that comes in, in bytes.
const MaxSize = wire.MaxParcel

// Skew is how far ahead of this node's clock a slot may be: two honest clocks differ.
const Skew = time.Minute

// MaxCell bounds a released cell's size, in units: above every count and noise that a
// plan can lead to, and so low that no sum over members overflows.
const MaxCell = 1 << 48

// Check decides on an act, a parcel, a proof or a note of the desk as it came in. It
// changes nothing.
func Check(v View, raw []byte, now time.Time) (Accepted, error) {
	c := check{view: v, state: v.State(), raw: raw, now: now}
	switch {
	case len(raw) > MaxSize:
		return Accepted{}, invalid("%d bytes, at most %d", len(raw), MaxSize)
	case c.state == nil:
		return Accepted{}, refuse(ErrUnknown, "no coalition")
	case v.Has(schema.HashOf(raw)):
		return Accepted{}, ErrStale
	case bytes.HasPrefix(raw, []byte("tidemark/act/")):
		return c.act()
	case !bytes.HasPrefix(raw, []byte("tidemark/parcel/")):
		return c.slip()
	}
	return c.parcel()
}

// check is one decision: what came in, and the state that it is held against.
type check struct {
	view  View
	state *coalition.State
	raw   []byte
	now   time.Time
}

// act is rule 5. It leaves the rules of governance to coalition; only the clock and the codebook are
// asked here. An act whose last day has passed is not refused: whoever completed it asked
// that (SPEC C5), and a member that was away must get it too.
func (c check) act() (Accepted, error) {
	body, err := wire.Peek(c.raw)
	if err != nil {
		return Accepted{}, invalid("act: %w", err)
	}
	act, ok := body.(schema.Act)
	if !ok {
		return Accepted{}, invalid("act: is a note of another kind")
	}
	if act.Date > schema.DateOf(c.now)+1 {
		return Accepted{}, refuse(ErrEarly, "act: dated after tomorrow")
	}
	next, err := c.state.Apply(c.raw)
	switch {
	case errors.Is(err, coalition.ErrOld):
		return Accepted{}, ErrStale
	case errors.Is(err, coalition.ErrGap):
		return Accepted{}, &Gap{Sequence: c.state.Roster().Version + 1}
	case err != nil:
		return c.proposal(err)
	}
	if cb := c.view.Codebook(); cb != nil {
		if err := next.CheckPlans(cb); err != nil {
			return Accepted{}, invalid("act: %w", err)
		}
	}
	log := next.Log()
	return Accepted{kind: Act, sequence: act.Version, id: noteID(log[len(log)-1]), raw: bytes.Clone(c.raw), state: next}, nil
}

// noteID is the id of a note whose form has been checked: the hash of its text.
func noteID(raw []byte) schema.Hash {
	end := bytes.Index(raw, []byte("\n\n"))
	return schema.HashOf(raw[:end+1])
}

// parcel decides on what stands in a feed, and on proofs.
func (c check) parcel() (Accepted, error) {
	a, err := c.open()
	if err != nil {
		return Accepted{}, err
	}
	switch {
	case a.kind == Proof:
		err = c.proof(a)
	case a.place.Kind == schema.KindRelease:
		err = c.release(a)
	case a.place.Kind == schema.KindSum:
		err = c.sum(a)
	default:
		err = c.statement(a)
	}
	if err != nil {
		return Accepted{}, err
	}
	return a, nil
}

// Reread opens what was accepted before, for a store that starts again: form and
// signatures once more, not order and time.
func Reread(state *coalition.State, raw []byte) (Accepted, error) {
	c := check{state: state, raw: raw}
	if bytes.HasPrefix(raw, []byte("tidemark/parcel/")) {
		return c.open()
	}
	note, err := c.verify(raw)
	if err != nil {
		return Accepted{}, err
	}
	return asSlip(note)
}

// open sorts out what a parcel is, after every signature in it has been verified (1, 6).
func (c check) open() (Accepted, error) {
	packed, err := wire.Unpack(c.raw)
	if err != nil {
		return Accepted{}, invalid("%w", err)
	}
	if len(packed) > 2 {
		return Accepted{}, invalid("parcel: %d notes, at most 2", len(packed))
	}
	notes := make([]wire.Verified, len(packed))
	for i, n := range packed {
		if notes[i], err = c.verify(n); err != nil {
			return Accepted{}, err
		}
	}
	a := Accepted{kind: Parcel, raw: bytes.Clone(c.raw), notes: notes}
	if len(notes) == 1 {
		return a.asStatement()
	}
	if release, ok := notes[1].Body().(schema.Release); ok {
		return a.asRelease(release)
	}
	if sum, ok := notes[1].Body().(schema.Sum); ok && notes[0].Body().Kind() == schema.KindAgreement {
		return a.asSum(sum)
	}
	return c.asProof(a)
}

func (c check) verify(note []byte) (wire.Verified, error) {
	v, err := wire.Verify(note, c.state.Ring())
	if errors.Is(err, wire.ErrUnknownSigner) {
		return v, refuse(ErrUnknown, "%w", err)
	}
	if err != nil {
		return v, invalid("%w", err)
	}
	return v, nil
}

func invalid(format string, args ...any) error { return refuse(ErrInvalid, format, args...) }

// refuse says why: the sentinel that a caller branches on, then the reason.
func refuse(why error, format string, args ...any) error {
	return fmt.Errorf("gate: %w: %w", why, fmt.Errorf(format, args...))
}
