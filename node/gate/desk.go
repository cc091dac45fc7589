package gate

import (
	"errors"
	"slices"
	"time"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// Desk is what is under way about one member: what its witnesses have to look at, and
// what they have said. Nothing of it stands in a feed.
type Desk struct {
	Intents []wire.Verified // of releases that the feed does not hold yet, by sequence
	Check   wire.Verified   // the member's last check; zero: none
	Heads   []wire.Verified // what witnesses have answered to it, one each, by slug
	// Joint are the member's notes of joint rounds, in an order in which each can be
	// accepted: of each round at most one of a kind, but two lists where it has signed two,
	// and one agreement for each keeper.
	Joint []wire.Verified
}

// Note finds the desk's note of one kind in a joint round.
func (d Desk) Note(r schema.Round, kind schema.Kind) (wire.Verified, bool) {
	for _, note := range d.Joint {
		if body := note.Body().(schema.InRound); body.In() == r && body.Kind() == kind {
			return note, true
		}
	}
	return wire.Verified{}, false
}

// Lists are the keeper's of a joint round: one, or two of which none counts.
func (d Desk) Lists(r schema.Round) (out []wire.Verified) {
	for _, note := range d.Joint {
		if l, ok := note.Body().(schema.Held); ok && l.Round == r {
			out = append(out, note)
		}
	}
	return out
}

// settles tells whether a member's note of a round is one too many: a second, or a third list
// (68). Of agreements that is asked by their lines.
func (d Desk) settles(note wire.Verified) bool {
	body := note.Body().(schema.InRound)
	lists := d.Lists(body.In())
	if body.Kind() == schema.KindHeld && len(lists) == 1 {
		return lists[0].ID() == note.ID()
	}
	_, known := d.Note(body.In(), body.Kind())
	return known
}

// Agreements are those of a joint round that lie here.
func (d Desk) Agreements(r schema.Round) (out []wire.Verified) {
	for _, note := range d.Joint {
		if a, ok := note.Body().(schema.Agreement); ok && a.Round == r {
			out = append(out, note)
		}
	}
	return out
}

// Intent finds the intent under way for a sequence; zero: none.
func (d Desk) Intent(sequence uint64) wire.Verified {
	for _, note := range d.Intents {
		if note.Body().(schema.Intent).Sequence == sequence {
			return note
		}
	}
	return wire.Verified{}
}

// CheckSkew is how far ahead of this clock a check may be: two honest clocks differ. A
// member whose clock is further ahead gets no answer, and draws nothing.
const CheckSkew = 10 * time.Minute

// slip decides on a lone note of the desk.
func (c check) slip() (Accepted, error) {
	note, err := c.verify(c.raw)
	if err != nil {
		return Accepted{}, err
	}
	a, err := asSlip(note)
	if err != nil {
		return Accepted{}, err
	}
	if list, ok := note.Body().(schema.Held); ok {
		a.beside = len(c.view.Desk(a.member).Lists(list.Round))
	}
	switch body := note.Body().(type) {
	case schema.Intent:
		err = c.intent(a, body)
	case schema.Check:
		err = c.asked(body, note)
	case schema.Head:
		err = c.answered(body, note)
	case schema.InRound:
		err = c.joint(a, body)
	}
	if err != nil {
		return Accepted{}, err
	}
	return a, nil
}

// asSlip sorts out whose desk a note lies on.
func asSlip(note wire.Verified) (Accepted, error) {
	a := Accepted{id: note.ID(), raw: note.Raw(), notes: []wire.Verified{note}}
	switch body := note.Body().(type) {
	case schema.Intent:
		a.kind, a.member, a.sequence = Pending, body.Member, body.Sequence
		a.place = Place{Plan: body.Plan, Period: body.Period, Intent: note.ID()}
	case schema.Check:
		a.kind, a.member = Asked, body.Member
	case schema.Head:
		a.kind, a.member = Answered, body.Member
	case schema.InRound:
		return a.asJoint(body)
	default:
		return Accepted{}, invalid("%s: travels in a parcel", note.Body().Kind())
	}
	return a, nil
}

// intent decides on an intent that wants witnesses' lines, or brings some (24 to 26).
func (c check) intent(a Accepted, i schema.Intent) error {
	note := a.notes[0]
	m, err := c.author(i.Coalition, i.Member, i.Sequence, note)
	if err != nil {
		return err
	}
	feed, desk := c.view.Feed(i.Member), c.view.Desk(i.Member)
	if err := c.free(m, feed, a); err != nil {
		return err
	}
	if err := c.contradictsDesk(desk, note, feed); err != nil {
		return err
	}
	plan, err := c.owedFrom(m, i.Plan, i.Period, (*schema.Plan).DrawOf)
	if err != nil {
		return err
	}
	if i.Charge != plan.Charge(i.Period.Cadence()) {
		return invalid("intent: charge differs from the plan's")
	}
	if err := c.lines(i, note); err != nil {
		return err
	}
	return news(desk.Intent(i.Sequence), note, len(desk.Intents))
}

// free checks that the feed has nothing at the intent's place, and nothing of its period.
func (c check) free(m *schema.Member, feed Feed, a Accepted) error {
	if stored, taken := feed.At(a.sequence); taken && stored.Intent == a.id || a.sequence <= m.Sequence {
		return ErrStale // released, or settled by the act that named the head
	}
	if err := c.contradicts(m, feed, a, a.notes[0]); err != nil {
		return err
	}
	head, _ := feed.Head()
	switch {
	case feed.disputed(m) != 0 && a.sequence >= feed.disputed(m):
		return ErrEquivocation
	case a.sequence <= head:
		return ErrStale // a hole: what stood there was released
	case a.sequence > head+schema.MaxPending:
		return &Gap{Member: a.member, Sequence: head + 1}
	}
	return nil
}

// contradictsDesk holds an intent against the others that are under way.
func (c check) contradictsDesk(desk Desk, note wire.Verified, feed Feed) error {
	for _, other := range desk.Intents {
		proof, err := c.prove(other, note)
		if errors.Is(err, errNoContradiction) {
			continue
		}
		if err != nil {
			return err
		}
		if feed.Alarm != 0 && !proof.fork {
			return ErrEquivocation // shown already
		}
		return &Equivocation{Proof: proof}
	}
	return nil
}

// lines checks that an intent asks the witnesses of its period, and that nobody but them
// and its member has signed it.
func (c check) lines(i schema.Intent, note wire.Verified) error {
	if i.Roster != c.state.RosterFor(i.Period) {
		return refuse(ErrUnknown, "intent: not the roster version of its period")
	}
	witnesses, _ := c.state.Witnesses(i.Member, i.Period)
	for _, slug := range note.Slugs() {
		if slug != i.Member && !slices.Contains(witnesses, slug) {
			return invalid("intent: a line by somebody who is no witness of it")
		}
	}
	return nil
}

// news tells whether an intent brings a line that is not here.
func news(stored, note wire.Verified, underWay int) error {
	if stored.Body() == nil {
		if underWay >= schema.MaxPending {
			return refuse(ErrGap, "intent: %d others are under way", underWay)
		}
		return nil
	}
	if stored.ID() != note.ID() {
		return nil // of the same bytes, for the roster that holds now
	}
	known := stored.Signers()
	for _, key := range note.Signers() {
		if !slices.Contains(known, key) {
			return nil
		}
	}
	return ErrStale
}

// asked decides on a check: of each member the latest one counts (27).
func (c check) asked(q schema.Check, note wire.Verified) error {
	if _, err := c.sits(q.Coalition, q.Member, note); err != nil {
		return err
	}
	if q.Asked.After(c.now.Add(CheckSkew)) {
		return refuse(ErrEarly, "check: its clock is ahead of this one")
	}
	if q.Asked.Before(c.now.Add(-schema.CheckAge)) {
		return refuse(ErrStale, "check: older than %d days", schema.CheckAge/(24*time.Hour))
	}
	if last, ok := c.view.Desk(q.Member).Check.Body().(schema.Check); ok && !q.Asked.After(last.Asked) {
		return ErrStale
	}
	return nil
}

// answered decides on a witness's answer: one from each, to the last check (28).
func (c check) answered(h schema.Head, note wire.Verified) error {
	if _, err := c.sits(h.Coalition, h.Witness, note); err != nil {
		return err
	}
	if c.state.Roster().Member(h.Member) == nil {
		return refuse(ErrUnknown, "head: its member has no seat")
	}
	desk := c.view.Desk(h.Member)
	if last, ok := desk.Check.Body().(schema.Check); !ok || last.Nonce != h.Nonce {
		return refuse(ErrUnknown, "head: answers a check that is not the last one here")
	}
	for _, other := range desk.Heads {
		if other.Body().(schema.Head).Witness == h.Witness {
			return ErrStale
		}
	}
	return nil
}

// sits finds an active seat whose present key has signed.
func (c check) sits(coalition schema.Hash, member schema.Slug, note wire.Verified) (*schema.Member, error) {
	m, err := c.author(coalition, member, presentKey, note)
	if errors.Is(err, ErrInvalid) && coalition == c.state.ID() && slices.Contains(note.Slugs(), member) {
		return nil, refuse(ErrStale, "%s: signed with a key that has been replaced", note.Body().Kind())
	}
	if err != nil {
		return nil, err
	}
	if m.Status != schema.Active {
		return nil, refuse(ErrSuspended, "%s", note.Body().Kind())
	}
	return m, nil
}

// presentKey is a sequence above every one that an act may name.
const presentKey = 1 << 62
