package combine

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"tidemark/schema"
)

// Phi is how much more than a Poisson count the number of people in a cell varies from
// period to period by chance: it enters every judgement of a change.
const Phi = 1.5

// FalseDiscoveries is the share of false ones that a list of changes may hold.
const FalseDiscoveries = 0.10

// How sure a verdict is.
const (
	VeryLikely = 0.975
	Probably   = 0.90
)

// Change compares two periods for a query that the reader chose beforehand.
func (b *Book) Change(q Query, from, to schema.Period) (Change, error) {
	return b.ChangeWithout(q, from, to)
}

// ChangeWithout is Change without some members, say those whose way of counting changed. It
// fails with ErrJoint where a joint sum is compared: nobody can be taken out of it.
func (b *Book) ChangeWithout(q Query, from, to schema.Period, without ...schema.Slug) (Change, error) {
	if from.Cadence() != to.Cadence() || !from.Before(to) {
		return Change{}, fmt.Errorf("change: want two periods of one cadence, in order")
	}
	return b.compare(q, []schema.Period{from}, []schema.Period{to}, without...)
}

// compare takes two sums of periods.
func (b *Book) compare(q Query, from, to []schema.Period, without ...schema.Slug) (Change, error) {
	m, err := b.match(from, to, without...)
	if err != nil {
		return Change{}, err
	}
	before, err := b.read(q, from, m)
	if err != nil {
		return Change{}, err
	}
	after, err := b.read(q, to, m)
	if err != nil {
		return Change{}, err
	}
	c := m.change(q)
	c.fill(before, after)
	c.Verdict = c.verdict(b.pages[from[0]].sheet.bands, b.pages[to[0]].sheet.bands, true)
	c.trim(before, after)
	return c, nil
}

// trim sets the difference over the middle members.
func (c *Change) trim(before, after []Estimate) {
	if c.Joint {
		return
	}
	differences := make([]Estimate, len(c.Members))
	for i := range c.Members {
		differences[i] = after[i].minus(before[i])
	}
	if t, ok := trimmed(c.Members, differences); ok {
		c.Trimmed = &t
	}
}

// fill computes everything but list and verdict from the estimates of the parts of a match.
func (c *Change) fill(before, after []Estimate) {
	for i := range before {
		c.From, c.To = c.From.Plus(before[i]), c.To.Plus(after[i])
	}
	c.Difference = c.To.minus(c.From)
	c.weigh()
	if !c.Joint {
		c.leaveOut(before, after)
	}
}

// weigh sets how clear the difference is.
func (c *Change) weigh() {
	c.Z = 0
	if v := c.variance(); v > 0 {
		c.Z = c.Difference.Value / math.Sqrt(v)
	}
	c.Rising = normal(c.Z)
}

// Judged is the change with how clear it is, and its verdict as of a series that was chosen
// beforehand, worked out again from From, To, Difference and the number of Members: what
// anybody can do who has these.
func (c Change) Judged(from, to schema.Bands) Change {
	c.weigh()
	c.Verdict = c.verdict(from, to, true)
	return c
}

// leaveOut takes each member out once.
func (c *Change) leaveOut(before, after []Estimate) {
	c.Without = Without{Survives: len(before) > 1}
	for i := range before {
		d := c.Difference.Value - (after[i].Value - before[i].Value)
		if i == 0 || d < c.Without.Low {
			c.Without.Low, c.Without.LowWithout = d, c.Members[i]
		}
		if i == 0 || d > c.Without.High {
			c.Without.High, c.Without.HighWithout = d, c.Members[i]
		}
		c.Without.Survives = c.Without.Survives && d*c.Difference.Value > 0
	}
}

// variance of the difference: noise, and the variation of counts in the world.
func (c *Change) variance() float64 {
	return c.Difference.Variance + Phi*(math.Max(c.From.Value, 0)+math.Max(c.To.Value, 0))
}

// normal is the standard normal distribution function.
func normal(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// verdict puts a change into words. "Probably" is for a series chosen beforehand; on a
// list, very likely needs its place on it.
func (c *Change) verdict(from, to schema.Bands, chosen bool) Verdict {
	sure := chosen || c.Listed
	switch {
	case len(c.Members) == 0 || c.From.Band(from) == TooNoisy || c.To.Band(to) == TooNoisy:
		return TooNoisyToSay
	case sure && c.Rising >= VeryLikely:
		return VeryLikelyRising
	case sure && c.Rising <= 1-VeryLikely:
		return VeryLikelyFalling
	case chosen && c.Rising >= Probably:
		return ProbablyRising
	case chosen && c.Rising <= 1-Probably:
		return ProbablyFalling
	}
	return NoClearChange
}

// Changes compares every cell of every table of a period's plan with the period before,
// clearest first. Tables that the plan before did not have are left out. "Probably" is
// not said here; false discoveries are held to 1 in 10 among the cells that are clear
// enough to speak of.
func (b *Book) Changes(p schema.Period) ([]Change, error) {
	before, now := b.pages[p.Add(-1)], b.pages[p]
	if before == nil || now == nil {
		return nil, fmt.Errorf("changes of %s: nobody owes a release for it or for the period before", p)
	}
	m, err := b.match([]schema.Period{p.Add(-1)}, []schema.Period{p})
	if err != nil {
		return nil, fmt.Errorf("changes of %s: %w", p, err)
	}
	c := comparison{before: before, now: now, match: m}
	out, err := c.changes()
	if err != nil {
		return nil, fmt.Errorf("changes of %s: %w", p, err)
	}
	list(out, before.sheet.bands, now.sheet.bands)
	return out, nil
}

// comparison is two pages cell by cell.
type comparison struct {
	before, now *page
	match       match
	was, is     []part
}

func (c *comparison) changes() (out []Change, err error) {
	if c.was, err = c.match.parts(c.before); err != nil {
		return nil, err
	}
	if c.is, err = c.match.parts(c.now); err != nil {
		return nil, err
	}
	for t, table := range c.now.sheet.tables {
		s := c.before.sheet.find(table.Table, table.Measure)
		if s < 0 {
			continue
		}
		changes, err := c.ofTable(s, t)
		if err != nil {
			return nil, err
		}
		out = append(out, changes...)
	}
	return out, nil
}

// ofTable compares the cells of a table that stands at s before and at t now.
func (c *comparison) ofTable(s, t int) ([]Change, error) {
	vs, err := c.before.sheet.variances(s)
	if err != nil {
		return nil, err
	}
	vt, err := c.now.sheet.variances(t)
	if err != nil {
		return nil, err
	}
	table, shape := c.now.sheet.tables[t], c.now.sheet.shapes[t]
	from, to := make([]Estimate, len(c.was)), make([]Estimate, len(c.is))
	out := make([]Change, len(vt))
	for cell := range out {
		for i := range from {
			from[i], to[i] = c.was[i].at(s, cell, vs[cell]), c.is[i].at(t, cell, vt[cell])
		}
		out[cell] = c.match.change(Query{table.Table, table.Measure, filtersAt(shape, cell)})
		one := &out[cell]
		one.Cells = shape.CodesAt(cell)
		one.fill(from, to)
		one.Verdict = one.verdict(c.before.sheet.bands, c.now.sheet.bands, false)
	}
	return out, nil
}

// List runs Benjamini and Hochberg's procedure over the changes that can be spoken of and
// marks those that a list may hold. It returns the marked ones, clearest first.
func List(changes []Change) []*Change {
	var family []*Change
	for i := range changes {
		if changes[i].Verdict != TooNoisyToSay {
			family = append(family, &changes[i])
		}
	}
	slices.SortStableFunc(family, func(a, b *Change) int { return cmp.Compare(math.Abs(b.Z), math.Abs(a.Z)) })
	last := -1
	for i, c := range family {
		if 2*normal(-math.Abs(c.Z)) <= FalseDiscoveries*float64(i+1)/float64(len(family)) {
			last = i
		}
	}
	for i, c := range family {
		c.Listed = i <= last
	}
	return family[:last+1]
}

// list marks and judges the changes of a list, and sorts: listed first, then by how clear
// they are.
func list(changes []Change, from, to schema.Bands) {
	for _, c := range List(changes) {
		c.Verdict = c.verdict(from, to, false)
	}
	share(changes)
	slices.SortStableFunc(changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(math.Abs(b.Z), math.Abs(a.Z)))
	})
}

// share marks the clear changes of a table of people that has some in either direction.
func share(changes []Change) {
	ways := map[string][2]bool{}
	for i := range changes {
		if c := &changes[i]; c.direction() != 0 {
			has := ways[c.Query.Table.String()]
			has[(c.direction()+1)/2] = true
			ways[c.Query.Table.String()] = has
		}
	}
	for i := range changes {
		c := &changes[i]
		c.Shared = c.direction() != 0 && ways[c.Query.Table.String()] == [2]bool{true, true}
	}
}

// direction is that of a clear change in a table of people, else 0. A list says nothing
// that is only probable.
func (c *Change) direction() int {
	if c.Query.Measure.Kind != schema.People {
		return 0
	}
	return c.Verdict.Direction()
}

func rank(c Change) int {
	switch {
	case c.Listed:
		return 0
	case c.Verdict != TooNoisyToSay:
		return 1
	}
	return 2
}
