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

// joint decides on a note of a joint round (60 to 64).
func (c check) joint(a Accepted, body schema.InRound) error {
	j, err := c.round(body.In())
	if err != nil {
		return err
	}
	note := a.notes[0]
	if agreement, ok := body.(schema.Agreement); ok {
		return c.agreement(j, agreement, note)
	}
	if _, err := c.sits(body.In().Coalition, a.member, note); err != nil {
		return err
	}
	if _, known := c.view.Desk(a.member).Note(body.In(), body.Kind()); known || c.summed(j) {
		return ErrStale // the first one stays; what comes after the end is of no use
	}
	switch b := body.(type) {
	case schema.KeeperKey:
		return c.keeper(j, b.Keeper, schema.KeysFrom(j.Period))
	case schema.Contribution:
		return c.contribution(j, b)
	case schema.Held:
		return c.held(j, b)
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
	return j, nil
}

// summed tells whether a keeper's sum of the round is known, after which nobody may add to
// it.
func (c check) summed(j coalition.Joint) bool {
	for _, k := range j.Keepers {
		if feed := c.view.Feed(k); feed.Claim(j.Round.Plan, j.Period) != 0 {
			return true
		}
	}
	return false
}

func (c check) after(moment time.Time, what string) error {
	if moment.After(c.now.Add(Skew)) {
		return refuse(ErrEarly, "%s: comes from %s on", what, moment.Format("2006-01-02 15:04"))
	}
	return nil
}

func (c check) keeper(j coalition.Joint, who schema.Slug, from time.Time) error {
	if !slices.Contains(j.Keepers, who) {
		return invalid("round of %s: its author is no keeper of it", j.Period)
	}
	return c.after(from, "round of "+j.Period.String())
}

// contribution (62).
func (c check) contribution(j coalition.Joint, b schema.Contribution) error {
	switch {
	case !slices.Contains(j.Members, b.Member):
		return invalid("contribution: its member has no part in the round")
	case b.Charge != j.Plan.Charge(b.Period.Cadence()):
		return invalid("contribution: charge differs from the plan's")
	case len(b.Shares) < j.Threshold:
		return invalid("contribution: for %d keepers, want %d", len(b.Shares), j.Threshold)
	}
	for _, s := range b.Shares {
		if !slices.Contains(j.Keepers, s.Keeper) {
			return invalid("contribution: a share for somebody who is no keeper")
		}
	}
	return c.after((b.Period.End() + 1).Time(), "contribution")
}

// held (63).
func (c check) held(j coalition.Joint, b schema.Held) error {
	for _, s := range b.Contributions {
		if !slices.Contains(j.Members, s.Member) {
			return invalid("list: of somebody who has no part in the round")
		}
	}
	return c.keeper(j, b.Keeper, j.Plan.SlotOf(b.Period))
}

// agreement decides on an agreement that wants keepers' lines, or brings some (64).
func (c check) agreement(j coalition.Joint, b schema.Agreement, note wire.Verified) error {
	if err := errors.Join(j.Agreeable(b), j.KeepersOnly(note.Signers())); err != nil {
		return invalid("%w", err)
	}
	if err := c.after(j.Plan.SlotOf(b.Period), "agreement"); err != nil {
		return err
	}
	if c.summed(j) {
		return ErrStale
	}
	return c.newLines(j, note)
}

// newLines wants a line that is not here, by a keeper that has not signed another agreement
// of the round: so there are never more of them than keepers, and a liar cannot flood.
func (c check) newLines(j coalition.Joint, note wire.Verified) error {
	var known []string
	for _, k := range j.Keepers {
		for _, other := range c.view.Desk(k).Agreements(j.Round) {
			known = append(known, other.Signers()...)
		}
	}
	for _, key := range note.Signers() {
		if !slices.Contains(known, key) {
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

// sum decides on a keeper's sum in its feed (65).
func (c check) sum(a Accepted) error {
	agreement, sum := a.notes[0].Body().(schema.Agreement), a.notes[1].Body().(schema.Sum)
	m, err := c.author(sum.Coalition, sum.Member, sum.Sequence, a.notes[1])
	if err != nil {
		return err
	}
	if a.sequence == 1 {
		return invalid("feed: its first note is no declaration")
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
	if err := j.Agreed(agreement, a.notes[0].Signers()); err != nil {
		return invalid("%w", err)
	}
	if !agreement.Void && !coalition.RestsOn(agreement, sum.Member) {
		return invalid("sum: the agreement does not rest on its keeper's list")
	}
	return c.scalars(j, sum)
}

func (c check) scalars(j coalition.Joint, sum schema.Sum) error {
	cb := c.view.Codebook()
	if cb == nil || cb.Hash() != j.Plan.Codebook {
		return refuse(ErrUnknown, "codebook: not there")
	}
	want, err := j.Plan.Scalars(cb, sum.Period.Cadence())
	if err != nil {
		return invalid("sum: %w", err)
	}
	if len(sum.Scalars) != 0 && len(sum.Scalars) != want {
		return invalid("sum: %d scalars, want %d", len(sum.Scalars), want)
	}
	return nil
}
