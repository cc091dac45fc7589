package gate

import (
	"errors"
	"slices"
	"time"

	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// asJoint sorts out on whose desk a note of a joint round lies: its author's; an agreement,
// which has several, on the one of the first list that it rests on.
func (a Accepted) asJoint(body schema.InRound) (Accepted, error) {
	a.kind = Joint
	a.place = Place{Kind: body.Kind(), Plan: body.In().Plan, Period: body.In().Period}
	switch b := body.(type) {
	case schema.KeeperKey:
		a.member = b.Keeper
	case schema.Contribution:
		a.member = b.Member
	case schema.Held:
		a.member = b.Keeper
	case schema.Agreement:
		a.member = b.Lists[0].Who
	default:
		return Accepted{}, invalid("%s: travels in a parcel", body.Kind())
	}
	return a, nil
}

// joint decides on a note of a joint round (60 to 68). Who keeps it and who has part in it
// follows from acts, of which this node may lack some: what differs from them is unknown
// here, not invalid.
func (c check) joint(a Accepted, body schema.InRound) error {
	j, err := c.round(body.In())
	if err != nil {
		return err
	}
	note := a.notes[0]
	if agreement, ok := body.(schema.Agreement); ok {
		return c.agreement(j, agreement, note)
	}
	if c.view.Desk(a.member).settles(note) || c.summed(j) {
		return ErrStale // the first one stays; what comes after the end is of no use
	}
	if _, err := c.sits(body.In().Coalition, a.member, note); err != nil {
		return err
	}
	switch b := body.(type) {
	case schema.KeeperKey:
		return c.keeper(j, b.Keeper, schema.KeysFrom(j.Period))
	case schema.Contribution:
		return c.contribution(j, b)
	case schema.Held:
		return c.held(j, b, note)
	}
	return nil
}

// round finds the joint round that a note is of (60).
func (c check) round(r schema.Round) (coalition.Joint, error) {
	if r.Coalition != c.state.ID() {
		return coalition.Joint{}, invalid("round: of another coalition")
	}
	j, ok := c.state.Round(r.Period)
	if !ok || j.Round != r {
		return coalition.Joint{}, refuse(ErrUnknown, "round of %s: none by this plan", r.Period)
	}
	if len(j.Plan.Of(r.Period.Cadence(), true)) == 0 {
		return coalition.Joint{}, invalid("round of %s: its plan draws nothing", r.Period)
	}
	return j, nil
}

// SumOf finds a keeper's sum of a round, by the place of its feed; false: nobody's is known.
// Once there is one, nobody may add to the round.
func SumOf(v interface{ Feed(schema.Slug) Feed }, j coalition.Joint) (keeper schema.Slug, sequence uint64, ok bool) {
	for _, k := range j.Keepers {
		if at := v.Feed(k).Claim(j.Round.Plan, j.Period); at != 0 {
			return k, at, true
		}
	}
	return "", 0, false
}

func (c check) summed(j coalition.Joint) bool {
	_, _, ok := SumOf(c.view, j)
	return ok
}

func (c check) after(moment time.Time, what string) error {
	if moment.After(c.now.Add(Skew)) {
		return refuse(ErrEarly, "%s: comes from %s on", what, moment.Format("2006-01-02 15:04"))
	}
	return nil
}

// keeper asks for a keeper of the round, from a moment on (61).
func (c check) keeper(j coalition.Joint, who schema.Slug, from time.Time) error {
	if !slices.Contains(j.Keepers, who) {
		return refuse(ErrUnknown, "round of %s: its author is no keeper of it", j.Period)
	}
	return c.after(from, "round of "+j.Period.String())
}

// contribution (62, 63). What is sealed has one size, so that nobody makes others keep more
// than the plan needs.
func (c check) contribution(j coalition.Joint, b schema.Contribution) error {
	if b.Charge != j.Plan.Charge(b.Period.Cadence()) {
		return invalid("contribution: charge differs from the plan's")
	}
	if !slices.Contains(j.Members, b.Member) {
		return refuse(ErrUnknown, "contribution: its member has no part in the round")
	}
	if err := c.after((b.Period.End() + 1).Time(), "contribution"); err != nil {
		return err
	}
	scalars, err := c.scalars(j)
	if err != nil {
		return err
	}
	if len(b.Shares[0].Sealed) != schema.SealingSize+(1+scalars)*schema.ScalarSize { // in wire they are as long as one another
		return invalid("contribution: its shares are not as long as the plan makes them")
	}
	return keepersShares(j, b)
}

// keepersShares wants shares for as many keepers as open them, in the keepers' order.
func keepersShares(j coalition.Joint, b schema.Contribution) error {
	before := -1
	for _, s := range b.Shares {
		at := slices.Index(j.Keepers, s.Keeper)
		if at <= before {
			return refuse(ErrUnknown, "contribution: a share for somebody who is no keeper, or out of order")
		}
		before = at
	}
	if len(b.Shares) < j.Threshold {
		return refuse(ErrUnknown, "contribution: for %d keepers, want %d", len(b.Shares), j.Threshold)
	}
	return nil
}

// held (64, 69).
func (c check) held(j coalition.Joint, b schema.Held, note wire.Verified) error {
	for _, s := range b.Contributions {
		if !slices.Contains(j.Members, s.Member) {
			return refuse(ErrUnknown, "list: of somebody who has no part in the round")
		}
	}
	if err := c.keeper(j, b.Keeper, j.Plan.SlotOf(b.Period)); err != nil {
		return err
	}
	return c.listedTwice(b, note)
}

// agreement decides on an agreement that wants keepers' lines, or brings some (65, 66).
func (c check) agreement(j coalition.Joint, b schema.Agreement, note wire.Verified) error {
	if err := agreeable(j, b, errors.Join(j.Agreeable(b), j.KeepersOnly(note.Slugs()))); err != nil {
		return err
	}
	if err := c.after(j.Plan.SlotOf(b.Period), "agreement"); err != nil {
		return err
	}
	if err := c.signedTwice(j, note); err != nil {
		return err
	}
	if c.summed(j) {
		return ErrStale
	}
	return c.newLines(j, note)
}

// agreeable sorts what was found of an agreement. How many contributions are summed says the
// plan, which is known here; the rest follows from acts, of which some may be missing.
func agreeable(j coalition.Joint, a schema.Agreement, found error) error {
	if a.Void != (len(a.Contributions) < j.Least()) {
		return invalid("agreement: %d contributions, at least %d are summed", len(a.Contributions), j.Least())
	}
	if found != nil {
		return refuse(ErrUnknown, "%w", found)
	}
	return nil
}

// newLines wants a line that this agreement does not have here; of one that is not here, a
// line by a keeper that has signed no other of the round: so there are never more of them
// than keepers, and a liar cannot flood.
func (c check) newLines(j coalition.Joint, note wire.Verified) error {
	var known []schema.Slug
	for _, k := range j.Keepers {
		for _, other := range c.view.Desk(k).Agreements(j.Round) {
			if other.ID() == note.ID() {
				return newTo(other.Slugs(), note)
			}
			known = append(known, other.Slugs()...)
		}
	}
	return newTo(known, note)
}

func newTo(known []schema.Slug, note wire.Verified) error {
	for _, slug := range note.Slugs() {
		if !slices.Contains(known, slug) {
			return nil
		}
	}
	return ErrStale
}

// asSum reads a parcel of an agreement and a keeper's sum of it.
func (a Accepted) asSum(sum schema.Sum) (Accepted, error) {
	agreement, ok := a.notes[0].Body().(schema.Agreement)
	switch {
	case !ok:
		return Accepted{}, invalid("parcel: a sum without its agreement")
	case sum.Agreement != a.notes[0].ID() || sum.In() != agreement.Round:
		return Accepted{}, invalid("sum: is of another agreement")
	case agreement.Void != (len(sum.Scalars) == 0):
		return Accepted{}, invalid("sum: scalars of a void round, or none of an open one")
	}
	a.stand(sum, a.notes[1].ID())
	a.place.Plan, a.place.Period, a.place.Intent = sum.Plan, sum.Period, sum.Agreement
	return a, nil
}

// sum decides on a keeper's sum in its feed (67).
func (c check) sum(a Accepted) error {
	agreement, sum := a.notes[0].Body().(schema.Agreement), a.notes[1].Body().(schema.Sum)
	m, err := c.author(sum.Coalition, sum.Member, sum.Sequence, a.notes[1])
	if err != nil {
		return err
	}
	if err := c.stands(m, a, a.notes[1]); err != nil {
		return err
	}
	j, err := c.round(sum.In())
	if err != nil {
		return err
	}
	if err := c.keeper(j, sum.Member, j.Plan.SlotOf(sum.Period)); err != nil {
		return err
	}
	if err := agreeable(j, agreement, j.Agreed(agreement, a.notes[0].Slugs())); err != nil {
		return err
	}
	if !coalition.RestsOn(agreement, sum.Member) {
		return invalid("sum: the agreement does not rest on its keeper's list")
	}
	want, err := c.scalars(j)
	if err != nil {
		return err
	}
	if len(sum.Scalars) != 0 && len(sum.Scalars) != want {
		return invalid("sum: %d scalars, want %d", len(sum.Scalars), want)
	}
	return c.signedTwice(j, a.notes[0])
}

// scalars is how many carry what the plan draws in the round.
func (c check) scalars(j coalition.Joint) (int, error) {
	cb := c.view.Codebook()
	if cb == nil || cb.Hash() != j.Plan.Codebook {
		return 0, refuse(ErrUnknown, "codebook: not there")
	}
	n, err := j.Plan.Scalars(cb, j.Period.Cadence())
	if err != nil {
		return 0, invalid("round: %w", err)
	}
	return n, nil
}

// Passes tells whether others would take a note of a joint round from its author: not from
// one that is no longer active, nor with a key that has been replaced (68).
func Passes(st *coalition.State, note wire.Verified) bool {
	if note.Body().Kind() == schema.KindAgreement {
		return true // it has several authors
	}
	a, err := asSlip(note)
	m := st.Roster().Member(a.member)
	return err == nil && m != nil && m.Status == schema.Active && note.SignedBy([]string{m.MemberKey}) == 1
}
