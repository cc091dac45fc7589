package node

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"tidemark/aggregation/combine"
	"tidemark/aggregation/joint"
	"tidemark/node/vault"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// Opened is a joint round that this node has opened itself, from the keepers' sums in their
// feeds.
type Opened struct {
	combine.Opening
	Agreement []byte        // the note, with its lines
	Signers   []schema.Slug // keepers whose lines it has
	Needed    int           // of them; and of sums
	Keepers   []schema.Slug // of the round
	Sums      []schema.Slug // keepers whose sums are here
	Liars     []schema.Slug // whose sums are not those of the others
}

// RoundState is how far a joint round has come whose slot has passed.
type RoundState string

// The states.
const (
	RoundUnderWay      RoundState = "under way"
	RoundOpen          RoundState = "open"
	RoundVoid          RoundState = "void"
	RoundContradiction RoundState = "contradiction"
)

// Round is a joint round as this node knows it.
type Round struct {
	Period schema.Period
	Plan   schema.Hash
	State  RoundState
	Have   int // contributions that were summed, or too few to be
	Least  int // of them are needed
}

// keptSum is a keeper's sum with the agreement that it is of, both verified.
type keptSum struct {
	agreement wire.Verified
	sum       schema.Sum
}

// takeSum keeps a keeper's sum, if the parcel is one.
func (r *reader) takeSum(raw schema.Hash, notes []wire.Verified) bool {
	sum, ok := notes[len(notes)-1].Body().(schema.Sum)
	if !ok || len(notes) != 2 {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sums[raw] = keptSum{notes[0], sum}
	return true
}

// rounds reads the scope's joint rounds whose slot has passed by a moment: how each stands,
// and those that are open.
func (r *reader) rounds(s scope, cb *schema.Codebook, now time.Time) (open []Opened, all []Round, err error) {
	sums, err := r.sumsOf(s)
	if err != nil {
		return nil, nil, err
	}
	for _, j := range s.state.Rounds(now) {
		if j.Plan.SlotOf(j.Period).After(now) {
			continue
		}
		o, state, err := openRound(j, cb, sums[j.Round])
		if err != nil {
			return nil, nil, fmt.Errorf("round %s: %w", j.Period, err)
		}
		if state == RoundOpen {
			open = append(open, o)
		}
		all = append(all, Round{Period: j.Period, Plan: j.Round.Plan, State: state, Have: len(o.Members), Least: j.Least()})
	}
	return open, all, nil
}

// together are open rounds as a book reads them.
func (r *reader) together(st *coalition.State, cb *schema.Codebook, open []Opened) (out []combine.Released, err error) {
	for _, o := range open {
		plan, err := r.expected(st, cb, o.Plan)
		if err != nil {
			return nil, err
		}
		released, err := plan.Joint(o.Opening)
		if err != nil {
			return nil, fmt.Errorf("joint round %s: %w", o.Period, err)
		}
		out = append(out, released)
	}
	return out, nil
}

// sumsOf are the keepers' sums in the scope's places, by round.
func (r *reader) sumsOf(s scope) (map[schema.Round][]keptSum, error) {
	places := s.places(schema.KindSum, false)
	if err := r.load(s, r.unknown(places)); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	of := map[schema.Round][]keptSum{}
	for _, w := range places {
		if one, ok := r.sums[w.raw]; ok {
			of[one.sum.In()] = append(of[one.sum.In()], one)
		}
	}
	return of, nil
}

// openRound opens a round from the sums that are known of it.
func openRound(j coalition.Joint, cb *schema.Codebook, sums []keptSum) (o Opened, state RoundState, err error) {
	if len(sums) == 0 {
		return o, RoundUnderWay, nil
	}
	agreement := sums[0].agreement
	a := agreement.Body().(schema.Agreement)
	o = Opened{
		Opening:   combine.Opening{ID: agreement.ID(), Plan: j.Round.Plan, Period: j.Period, Protection: a.Protection},
		Agreement: agreement.Raw(), Signers: agreement.Slugs(), Needed: j.Threshold, Keepers: j.Keepers,
	}
	for _, m := range a.Contributions {
		o.Members = append(o.Members, m.Who)
	}
	scalars := map[schema.Slug][][schema.ScalarSize]byte{}
	for _, s := range sums {
		if s.agreement.ID() != o.ID {
			return o, RoundContradiction, nil // so many keepers have lied that two sums were agreed on
		}
		scalars[s.sum.Member] = s.sum.Scalars
		o.Sums = append(o.Sums, s.sum.Member)
	}
	slices.Sort(o.Sums)
	if a.Void {
		return o, RoundVoid, nil
	}
	state, err = o.open(j, cb, a, scalars)
	return o, state, err
}

// open puts the result together.
func (o *Opened) open(j coalition.Joint, cb *schema.Codebook, a schema.Agreement, scalars map[schema.Slug][][schema.ScalarSize]byte) (RoundState, error) {
	r, err := vault.JointRound(j, cb)
	if err != nil {
		return "", err
	}
	result, err := r.Interpolate(a, scalars)
	o.Liars, o.Checked = result.Liars, result.Checked
	switch {
	case errors.Is(err, joint.ErrFew):
		return RoundUnderWay, nil
	case err != nil:
		return RoundContradiction, nil
	}
	for _, t := range j.Plan.Of(j.Period.Cadence(), true) {
		shape, err := cb.Shape(t.Table)
		if err != nil {
			return "", err
		}
		o.Cells = append(o.Cells, result.Counters[:shape.Cells()])
		result.Counters = result.Counters[shape.Cells():]
	}
	return RoundOpen, nil
}

// RoundNow is a joint round that has begun and is not over.
type RoundNow struct {
	Period schema.Period `json:"period"`
	Slot   time.Time     `json:"slot"`
	Given  bool          `json:"contributed"` // by this member
	Have   int           `json:"contributions"`
	Least  int           `json:"at_least"`
	Lists  int           `json:"lists"` // of keepers
	Keeper bool          `json:"keeper"`
}

// RoundsNow are the joint rounds under way, for the operator's own screen.
func (n *Node) RoundsNow() (out []RoundNow) {
	st := n.State()
	if st == nil {
		return nil
	}
	for _, j := range n.openRounds(st, n.cfg.Now()) {
		_, given := n.said(j.Round, schema.KindContribution)
		out = append(out, RoundNow{
			Period: j.Period, Slot: j.Plan.SlotOf(j.Period), Given: given, Have: len(n.contributions(j)), Least: j.Least(),
			Lists: len(n.notesOf(j.Round, schema.KindHeld, j.Keepers)), Keeper: slices.Contains(j.Keepers, n.Slug()),
		})
	}
	return out
}
