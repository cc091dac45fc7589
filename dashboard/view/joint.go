package view

import (
	"slices"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// Opened is a joint release with its evidence.
type Opened struct {
	combine.Opening
	Agreement []byte        // the note, with its signature lines
	Signers   []schema.Slug // keepers whose lines it has
	Needed    int           // how many lines it needs, and how many sums open it
	Keepers   []schema.Slug // of the round
	Sums      []schema.Slug // keepers whose sums are here
	Liars     []schema.Slug // whose sums do not fit the others
}

// RoundState is how a joint round stands whose period's slot has come.
type RoundState struct {
	Period schema.Period
	Plan   schema.Hash
	State  string // one of the round states
	Have   int    // contributions that the keepers hold
	Least  int    // and the fewest that may be opened
}

// The states of a joint round.
const (
	RoundUnderWay      = "under way"
	RoundOpen          = "open"
	RoundVoid          = "void"
	RoundContradiction = "contradiction" // keepers have signed two agreements
	RoundNone          = "none"          // too few members, or keepers: there is no round
)

// stuck is how the joint round of a period stands that has no sum.
func (s *Snapshot) stuck(p schema.Period) (RoundState, bool) {
	plan, hash, ok := s.Book.Plan(p)
	if !ok || plan.Mode != schema.Joint || len(s.Book.Coverage(p).Reporting) > 0 {
		return RoundState{}, false
	}
	for _, round := range s.Rounds {
		if round.Period == p && round.State != RoundOpen {
			return round, true
		}
	}
	round := RoundState{Period: p, Plan: hash, State: RoundUnderWay, Least: plan.Honest + plan.Colluders}
	if _, ok := s.State.Round(p); !ok {
		round.State = RoundNone
	}
	return round, true
}

// stuckRounds tells of those among some periods, newest first.
func (r *Reader) stuckRounds(periods []schema.Period) []Warning {
	var out []Warning
	for _, p := range slices.Backward(periods) {
		if round, stuck := r.stuck(p); stuck {
			key := "joint.round." + stuckStates[round.State]
			out = append(out, Warning{Text: r.L.Say(key, "period", r.L.Period(p), "have", round.Have, "least", round.Least)})
		}
	}
	return out
}

// jointLead says that a period is one sum; empty for others.
func (r *Reader) jointLead(c combine.Coverage) string {
	if !c.Joint || len(c.Reporting) == 0 {
		return ""
	}
	return r.L.Say("joint.lead", "n", len(c.Reporting))
}

// jointMark adds to who reported that it is one sum.
func (r *Reader) jointMark(c combine.Coverage) string {
	if !c.Joint || len(c.Reporting) == 0 {
		return r.Coverage(c)
	}
	return r.Coverage(c) + " · " + r.L.Say("joint.remark")
}

// whichJoint says which periods of a series are joint; empty if none is.
func (r *Reader) whichJoint(points []combine.Point) string {
	var joint []schema.Period
	last := false
	for _, p := range points {
		if last = p.Coverage.Joint && len(p.Coverage.Reporting) > 0; last {
			joint = append(joint, p.Period)
		}
	}
	switch n := len(joint); {
	case n == 0:
		return ""
	case n == len(points):
		return r.L.Say("joint.all")
	case last && joint[0] == points[len(points)-n].Period:
		return r.L.Say("joint.from", "period", r.L.Period(joint[0]))
	}
	return r.L.Say("joint.some", "periods", r.and(r.periodNames(joint)))
}

func (r *Reader) periodNames(periods []schema.Period) []string {
	names := make([]string, len(periods))
	for i, p := range periods {
		names[i] = r.L.Period(p)
	}
	return names
}

// besideLocal says which range local mode would have had for the newest number.
func (r *Reader) besideLocal(p combine.Point) string {
	switch {
	case p.InLocal.Variance <= p.Estimate.Variance:
		return ""
	case p.InLocal.Band(p.Bands) == combine.TooNoisy:
		return r.L.Say("joint.beside.noisy", "period", r.L.Period(p.Period))
	}
	return r.L.Say("joint.beside", "period", r.L.Period(p.Period), "range", r.Value(p.InLocal, p.Bands).Range)
}

// jointSays is what a reader of a trend must know of its joint periods.
func (r *Reader) jointSays(t trend) []string {
	var says []string
	for _, s := range []string{r.whichJoint(t.series.Points), r.besideLocal(newestOf(t.series))} {
		if s != "" {
			says = append(says, s)
		}
	}
	return says
}

// onlyIn says who is in only one of two sums that are compared.
func (r *Reader) onlyIn(c combine.Change, since, to schema.Period) string {
	pairs := []any{"since", r.L.Period(since), "to", r.L.Period(to)}
	joined, left := r.and(slugs(c.Joined)), r.and(slugs(c.Left))
	switch {
	case joined != "" && left != "":
		return r.L.Say("joint.changed", append(pairs, "joined", joined, "left", left)...)
	case joined != "":
		return r.L.Say("joint.joined", append(pairs, "members", joined)...)
	case left != "":
		return r.L.Say("joint.left", append(pairs, "members", left)...)
	}
	return ""
}

// listNote says of a list of changes since the period before what is compared in it.
func (r *Reader) listNote(key string, c combine.Change) string {
	if !c.Joint {
		return r.L.Say(key, "n", len(c.Members))
	}
	return r.L.Say("joint.list")
}

// yearNote is the same of a list over a year, with what must be said before it.
func (r *Reader) yearNote(c combine.Change, jumped []schema.Slug) (warn, note string) {
	says := func(key string, members []schema.Slug) string {
		if len(members) == 0 {
			return ""
		}
		return r.L.Say(key, "members", r.and(slugs(members)))
	}
	if !c.Joint {
		return "", spaced(r.L.Say("overview.year.note", "n", len(c.Members)), says("overview.year.without", jumped))
	}
	warn = spaced(says("joint.year.joined", c.Joined), says("joint.year.left", c.Left))
	return warn, spaced(r.L.Say("joint.list.year"), says("joint.without", jumped))
}

// spaced joins sentences; some may be empty.
func spaced(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}

// anyJoint tells whether a joint period lies between two, both included.
func (s *Snapshot) anyJoint(from, to schema.Period) bool {
	return slices.ContainsFunc(s.Book.Periods(to.Cadence()), func(p schema.Period) bool {
		return !p.Before(from) && !to.Before(p) && s.Book.Coverage(p).Joint
	})
}

// years are the trends of the last four quarters against the four before, with the members
// whose way of counting seems to have changed. These are left out, where they can be: not
// out of a joint sum.
func (r *Reader) years(last schema.Period) (trends []combine.Trend, jumped []schema.Slug, err error) {
	from := last.Add(1 - 2*schema.QuarterYears)
	jumped = r.changedMethod(from, last)
	without := jumped
	if r.anyJoint(from, last) {
		without = nil
	}
	trends, err = once(r.Snapshot, "trends "+last.String(), func() ([]combine.Trend, error) { return r.Book.Trends(last, without...) })
	return trends, jumped, err
}

// jointNow is the first period of the plan in force, if that is a joint one.
func (r *Reader) jointNow() (schema.Period, bool) {
	plan, _ := r.planInForce()
	return plan.First, plan.Mode == schema.Joint
}
