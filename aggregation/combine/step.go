package combine

import (
	"cmp"
	"math"
	"slices"

	"tidemark/schema"
)

// Step is a member's counts going up or down at once, as they do when its way of counting
// changes. It is a reading aid: it explains, and changes no number.
type Step struct {
	Member schema.Slug
	Period schema.Period // the first one counted the new way
	Factor float64       // the mean after it over the mean before it
	Others float64       // the same for the other members together; 1 where there are none
	Z      float64       // of the difference, noise and count variation included
}

// What makes a step.
const (
	StepSide     = 4   // so many periods before and after are looked at: a year's seasons
	stepLeast    = 2   // and so many of the member's are needed on either side
	StepFactor   = 1.6 // between the two means, or 1 in 1.6
	stepAtOnce   = 1.5 // between the two periods before and the two after: growth takes longer
	stepApart    = 1.3 // between the nearest of one side and of the other
	stepRelative = 1.4 // against the other members
	stepZ        = 5   // above all chance, over every member and period
)

// Steps finds members whose total of people steps up or down, at most one each, the
// clearest, in the order of their periods. Withdrawn releases are not looked at,
// nor are joint periods, in which nothing is known of a member.
func (b *Book) Steps(c schema.Cadence) []Step {
	h := b.history(c)
	best := map[schema.Slug]Step{}
	for k := stepLeast; k+stepLeast <= len(h.periods); k++ {
		w := h.window(k)
		for _, m := range h.members {
			if s, ok := w.step(m); ok && math.Abs(s.Z) > math.Abs(best[m].Z) {
				best[m] = s
			}
		}
	}
	var out []Step
	for _, m := range h.members {
		if s, ok := best[m]; ok {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(x, y Step) int {
		if x.Period != y.Period {
			if x.Period.Before(y.Period) {
				return -1
			}
			return 1
		}
		return cmp.Compare(x.Member, y.Member)
	})
	return out
}

// history is every member's total of people by period.
type history struct {
	periods []schema.Period
	members []schema.Slug
	sizes   []map[schema.Slug]Estimate // by period; the variance includes Phi
}

func (b *Book) history(c schema.Cadence) *history {
	h := &history{}
	seen := map[schema.Slug]bool{}
	for _, p := range b.Periods(c) {
		if b.pages[p].coverage.Joint {
			continue
		}
		h.periods = append(h.periods, p)
		pg, at := b.pages[p], map[schema.Slug]Estimate{}
		for i, e := range pg.sizes() {
			source := pg.coverage.Reporting[i]
			if source.Withdrawn != "" {
				continue
			}
			at[source.Member] = Estimate{e.Value, e.Variance + Phi*math.Max(e.Value, 0)}
			if !seen[source.Member] {
				seen[source.Member] = true
				h.members = append(h.members, source.Member)
			}
		}
		h.sizes = append(h.sizes, at)
	}
	return h
}

// memberSizes reads each member's total off its tables of people.
func (pg *page) memberSizes() []Estimate {
	if pg.coverage.Joint {
		return nil
	}
	t := slices.IndexFunc(pg.sheet.tables, func(t schema.PlanTable) bool { return t.Measure.Kind == schema.People })
	if t < 0 {
		return nil
	}
	a, err := ask(pg.sheet.cb, Query{Table: pg.sheet.tables[t].Table})
	if err != nil {
		return nil
	}
	r, err := pg.sheet.readingOf(a)
	if err != nil {
		return nil
	}
	out := make([]Estimate, len(pg.released))
	for i, c := range pg.released {
		out[i] = r.of(c)
	}
	return out
}

// window is the periods around one, with what those members who reported all of them
// counted together: the others that one member is held against.
type window struct {
	history  *history
	at       int // index of the first period after
	low, end int
	group    map[schema.Slug]bool
	together []float64 // by period of the window
}

func (h *history) window(k int) *window {
	w := &window{history: h, at: k, low: max(0, k-StepSide), end: min(len(h.periods), k+StepSide), group: map[schema.Slug]bool{}}
	w.together = make([]float64, w.end-w.low)
	for m := range h.sizes[k] {
		w.group[m] = true
		for i := w.low; i < w.end && w.group[m]; i++ {
			_, w.group[m] = h.sizes[i][m]
		}
	}
	for i := range w.together {
		for _, m := range h.members { // in order: sums of floats depend on it
			if w.group[m] {
				w.together[i] += h.sizes[w.low+i][m].Value
			}
		}
	}
	return w
}

// side is what one member and the others counted on one side of a window.
type side struct {
	own    []Estimate
	others float64 // their sum over the periods that the member reported
}

func (w *window) side(m schema.Slug, from, to int) side {
	var s side
	for i := from; i < to; i++ {
		e, reported := w.history.sizes[i][m]
		if !reported {
			continue
		}
		s.own = append(s.own, e)
		s.others += w.together[i-w.low]
		if w.group[m] {
			s.others -= e.Value
		}
	}
	return s
}

// mean of some of the periods.
func mean(of []Estimate) Estimate {
	var sum Estimate
	for _, e := range of {
		sum = sum.Plus(e)
	}
	n := float64(len(of))
	return Estimate{sum.Value / n, sum.Variance / (n * n)}
}

// factor is a quotient that nearly nothing cannot blow up: each side counts for at least
// its sd.
func factor(after, before Estimate) float64 {
	return math.Max(after.Value, after.SD()) / math.Max(before.Value, before.SD())
}

// step judges one member at the window's middle.
func (w *window) step(m schema.Slug) (Step, bool) {
	if _, starts := w.history.sizes[w.at][m]; !starts {
		return Step{}, false
	}
	before, after := w.side(m, w.low, w.at), w.side(m, w.at, w.end)
	if len(before.own) < stepLeast || len(after.own) < stepLeast {
		return Step{}, false
	}
	x, y := mean(before.own), mean(after.own)
	s := Step{Member: m, Period: w.history.periods[w.at], Factor: factor(y, x), Others: 1}
	if before.others > 0 && after.others > 0 {
		s.Others = after.others / float64(len(after.own)) / (before.others / float64(len(before.own)))
	}
	d := y.minus(x)
	s.Z = d.Value / d.SD()
	near := factor(mean(after.own[:stepLeast]), mean(before.own[len(before.own)-stepLeast:]))
	return s, s.clear(near) && apart(before.own, after.own)
}

// clear holds a step against the limits, in its own direction.
func (s *Step) clear(near float64) bool {
	f, relative := s.Factor, s.Factor/s.Others
	if s.Z < 0 {
		f, relative, near = 1/f, 1/relative, 1/near
	}
	return math.Abs(s.Z) > stepZ && f >= StepFactor && relative >= stepRelative && near >= stepAtOnce
}

// apart tells that every period of one side is well above every one of the other: a busy
// quarter is no step.
func apart(before, after []Estimate) bool {
	value := func(a, b Estimate) int { return cmp.Compare(a.Value, b.Value) }
	if slices.MinFunc(after, value).Value > stepApart*slices.MaxFunc(before, value).Value {
		return true
	}
	return stepApart*slices.MaxFunc(after, value).Value < slices.MinFunc(before, value).Value
}
