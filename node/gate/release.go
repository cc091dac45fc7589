package gate

import (
	"slices"
	"time"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// asRelease reads a parcel of an intent and its release.
func (a Accepted) asRelease(release schema.Release) (Accepted, error) {
	intent, ok := a.notes[0].Body().(schema.Intent)
	if !ok {
		return Accepted{}, invalid("parcel: a release without its intent")
	}
	if err := Announced(intent, release, a.notes[1].Raw()); err != nil {
		return Accepted{}, err
	}
	a.stand(release, a.notes[1].ID())
	a.place.Plan, a.place.Period, a.place.Intent = release.Plan, release.Period, a.notes[0].ID()
	return a, nil
}

func (c check) release(a Accepted) error {
	intent, release := a.notes[0].Body().(schema.Intent), a.notes[1].Body().(schema.Release)
	m, err := c.signed(intent, release, a.notes)
	if err != nil {
		return err
	}
	if err := c.stands(m, a, a.notes[0]); err != nil {
		return err
	}
	plan, err := c.owed(m, release.Plan, release.Period)
	if err != nil {
		return err
	}
	if err := c.asPlanned(plan, release); err != nil {
		return err
	}
	return c.witnessed(intent, a.notes[0])
}

// Announced holds a release against the intent that came with it (10).
func Announced(i schema.Intent, r schema.Release, raw []byte) error {
	switch {
	case i.Release != schema.HashOf(raw):
		return invalid("intent: is of other bytes")
	case i.Coalition != r.Coalition || i.Member != r.Member || i.Sequence != r.Sequence:
		return invalid("intent: is of another place")
	case i.Plan != r.Plan || i.Period != r.Period:
		return invalid("intent: is of another plan or period")
	case i.Charge != r.Charge:
		return invalid("intent: charge differs from the release's")
	}
	return nil
}

// signed checks who signed: the member both, and on the intent members as witnesses.
func (c check) signed(i schema.Intent, r schema.Release, notes []wire.Verified) (*schema.Member, error) {
	if _, err := c.author(i.Coalition, i.Member, i.Sequence, notes[0]); err != nil {
		return nil, err
	}
	if err := c.seated(notes[0]); err != nil {
		return nil, err
	}
	return c.author(r.Coalition, r.Member, r.Sequence, notes[1])
}

// seated checks that every line is by a member, whatever its key was then (8).
func (c check) seated(intent wire.Verified) error {
	for _, slug := range intent.Slugs() {
		if c.state.Roster().Member(slug) == nil {
			return invalid("intent: a line by somebody who has no seat")
		}
	}
	return nil
}

// owed finds the plan of a period that the member owes by now (14, 15, 18).
func (c check) owed(m *schema.Member, hash schema.Hash, period schema.Period) (schema.Plan, error) {
	return c.owedFrom(m, hash, period, (*schema.Plan).SlotOf)
}

// owedFrom is owed for what may be said from another moment of the plan on.
func (c check) owedFrom(m *schema.Member, hash schema.Hash, period schema.Period, moment func(*schema.Plan, schema.Period) time.Time) (schema.Plan, error) {
	plan, ok := c.state.Plan(hash)
	if !ok {
		return plan, refuse(ErrUnknown, "plan: nobody adopted it")
	}
	slot := plan.SlotOf(period)
	if from := moment(&plan, period); from.After(c.now.Add(Skew)) {
		return plan, refuse(ErrEarly, "period %s: comes at %s", period, from.Format("2006-01-02 15:04"))
	}
	if _, inForce, ok := c.state.PlanFor(period); !ok || inForce != hash {
		return plan, refuse(ErrUnknown, "plan: not the one in force for %s", period)
	}
	if plan.Mode != schema.Local {
		return plan, invalid("period %s: its plan is a joint one", period)
	}
	if !slices.Contains(plan.Due(c.first(m, period), slot), period) {
		return plan, invalid("period %s: the member does not owe it", period)
	}
	if m.Status != schema.Active && !slot.Before(c.since(m.Slug).Time()) {
		return plan, refuse(ErrSuspended, "period %s", period)
	}
	return plan, nil
}

// first is the first quarter that a seat ever owed. One that was removed and admitted
// again owes from a later one, and what it released before stays acceptable.
func (c check) first(m *schema.Member, period schema.Period) schema.Period {
	if m.First.Start() <= period.Start() {
		return m.First
	}
	for _, note := range c.state.Log()[1:] {
		if admit, ok := changeOf(note).(schema.Admit); ok && admit.Slug == m.Slug {
			return admit.First
		}
	}
	return m.First
}

// changeOf reads an act of the log.
func changeOf(note []byte) schema.Change {
	body, err := wire.Peek(note)
	if err != nil {
		return nil
	}
	act, _ := body.(schema.Act)
	return act.Change
}

// since is the day on which a member's seat was last suspended or removed. What it owed
// before stays acceptable: who joins later has to get the same feed as everybody.
func (c check) since(member schema.Slug) schema.Date {
	log := c.state.Log()
	for i := len(log) - 1; i > 0; i-- {
		body, err := wire.Peek(log[i])
		act, ok := body.(schema.Act)
		if err != nil || !ok {
			continue
		}
		switch change := act.Change.(type) {
		case schema.Suspend:
			ok = change.Member == member
		case schema.Remove:
			ok = change.Member == member
		default:
			ok = false
		}
		if ok {
			return act.Date
		}
	}
	return 0
}

// asPlanned holds the release's charge and tables against the plan's (16).
func (c check) asPlanned(plan schema.Plan, r schema.Release) error {
	cb := c.view.Codebook()
	if cb == nil || cb.Hash() != plan.Codebook {
		return refuse(ErrUnknown, "codebook: not there")
	}
	want := plan.Of(r.Period.Cadence(), true)
	switch {
	case r.Charge != plan.Charge(r.Period.Cadence()):
		return invalid("release: charge differs from the plan's")
	case !r.Protection.Valid():
		return invalid("release: protection")
	case len(r.Tables) != len(want):
		return invalid("release: %d tables, the plan draws %d", len(r.Tables), len(want))
	}
	for i, t := range r.Tables {
		if err := drawn(cb, want[i], t); err != nil {
			return err
		}
	}
	return nil
}

func drawn(cb *schema.Codebook, want schema.PlanTable, t schema.NoisyTable) error {
	shape, err := cb.Shape(want.Table)
	if err != nil {
		return invalid("release: %w", err)
	}
	switch {
	case t.Table.String() != want.Table.String() || t.Measure != want.Measure:
		return invalid("release: table %s %s: not the plan's next", want.Measure, want.Table)
	case t.Sigma2 != want.Sigma2:
		return invalid("release: table %s: sigma2 differs from the plan's", want.Table)
	case t.Rows != shape.Rows() || t.Cols != shape.Cols() || len(t.Cells) != shape.Cells():
		return invalid("release: table %s: want %dx%d cells", want.Table, shape.Rows(), shape.Cols())
	}
	for _, cell := range t.Cells {
		if cell > MaxCell || cell < -MaxCell {
			return invalid("release: table %s: a cell beyond every count", want.Table)
		}
	}
	return nil
}

// witnessed asks for the roster version of the period and the quorum of its witnesses (8, 9).
func (c check) witnessed(i schema.Intent, note wire.Verified) error {
	if i.Roster != c.state.RosterFor(i.Period) {
		return refuse(ErrUnknown, "intent: not the roster version of its period")
	}
	if lines, quorum := c.state.Lines(i, note.Signers()); lines < quorum {
		return invalid("intent: %d witnesses, want %d", lines, quorum)
	}
	return nil
}
