package view

import (
	"slices"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// judge says what became of a trend over the year, and what the same people may have to
// do with it.
func (r *Reader) judge(t trend, siblings []trend) []string {
	if t.change == nil {
		return []string{r.L.Say("judge.nothing")}
	}
	says := []string{r.changed(t.since, t.to, *t.change)}
	if others := r.shared(t, siblings); others != "" {
		says = append(says, others, r.reached(t))
	}
	return says
}

// carries says how far a trend carries: without one member, without those at either end,
// without those whose way of counting changed.
func (r *Reader) carries(t trend) []string {
	if t.change == nil {
		return nil
	}
	var says []string
	for _, more := range []string{r.robust(*t.change), r.middle(t), r.withoutSteps(t)} {
		if more != "" {
			says = append(says, more)
		}
	}
	return says
}

// withoutSteps says what is left of a change without the members whose way of counting
// seems to have changed meanwhile.
func (r *Reader) withoutSteps(t trend) string {
	var jumped []schema.Slug
	for _, m := range r.changedMethod(t.since, t.to) {
		if slices.Contains(t.change.Members, m) {
			jumped = append(jumped, m)
		}
	}
	if len(jumped) == 0 || t.change.Verdict == combine.TooNoisyToSay {
		return ""
	}
	if t.change.Joint {
		return r.L.Say("joint.without", "members", r.and(slugs(jumped)))
	}
	c, err := r.Book.ChangeWithout(t.change.Query, t.since, t.to, jumped...)
	if err != nil || len(c.Members) == 0 {
		return ""
	}
	return r.L.Say("judge.method", "members", r.and(slugs(jumped)), "change", r.Difference(c.Difference), "verdict", r.Verdict(c.Verdict).Text)
}

// changed says a change between two periods in one sentence, or two.
func (r *Reader) changed(since, to schema.Period, c combine.Change) string {
	pairs := []any{"since", r.L.Period(since), "to", r.L.Period(to), "n", len(c.Members), "change", r.Difference(c.Difference)}
	say := func(key string) string {
		if c.Joint {
			key = "joint." + key
		}
		return r.L.Say(key, pairs...)
	}
	switch c.Verdict {
	case combine.VeryLikelyRising, combine.VeryLikelyFalling:
		return say("judge.clear")
	case combine.ProbablyRising, combine.ProbablyFalling:
		return say("judge.probably")
	case combine.NoClearChange:
		return say("judge.flat")
	}
	return r.L.Say("judge.noisy")
}

// robust says whether a clear change survives the absence of any one member.
func (r *Reader) robust(c combine.Change) string {
	if c.Verdict == combine.NoClearChange || c.Verdict == combine.TooNoisyToSay {
		return ""
	}
	if c.Joint {
		return r.L.Say("joint.unknown")
	}
	if c.Without.Survives {
		return r.L.Say("judge.survives")
	}
	weakest := c.Without.LowWithout
	if c.Difference.Value < 0 {
		weakest = c.Without.HighWithout
	}
	return r.L.Say("judge.rests", "member", weakest)
}

// facts are the newest number, the one a year before, and who reported.
func (r *Reader) facts(t trend) []Fact {
	newest := newestOf(t.series)
	facts := []Fact{{r.L.Say("fact.latest." + string(t.to.Cadence())), r.PointValue(newest), r.L.Period(newest.Period)}}
	if !t.since.IsZero() {
		for _, p := range t.series.Points {
			if p.Period == t.since {
				facts = append(facts, Fact{r.before(t), r.PointValue(p), r.L.Period(t.since)})
			}
		}
	}
	who := Fact{Name: r.L.Say("fact.who"), Value: Value{Class: "plain", Text: r.Coverage(newest.Coverage)}, Note: r.absent(newest.Coverage)}
	return append(facts, who)
}

// before names what a trend is compared with.
func (r *Reader) before(t trend) string {
	if t.since.Quarter == t.to.Quarter {
		return r.L.Say("fact.before")
	}
	return r.L.Say("fact.before.period")
}

// absent names who owed and did not report, as far as there is room.
func (r *Reader) absent(c combine.Coverage) string {
	missing := c.Missing()
	switch len(missing) {
	case 0:
		return r.L.Say("coverage.whole")
	case 1:
		return r.L.Say("coverage.without", "member", missing[0])
	}
	return r.L.Say("coverage.without_many", "n", len(missing))
}
