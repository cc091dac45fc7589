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

// falseDiscoveries is the share of false ones that a list of changes may hold.
const falseDiscoveries = 0.10

// How sure a verdict is.
const (
	veryLikely = 0.975
	probably   = 0.90
)

// Change compares two periods for a query that the reader chose beforehand.
func (b *Book) Change(q Query, from, to schema.Period) (Change, error) {
	if from.Cadence() != to.Cadence() || !from.Before(to) {
		return Change{}, fmt.Errorf("change: want two periods of one cadence, in order")
	}
	return b.compare(q, []schema.Period{from}, []schema.Period{to})
}

// compare takes two sums of periods, over members present in all of them.
func (b *Book) compare(q Query, from, to []schema.Period) (Change, error) {
	members := b.present(slices.Concat(from, to))
	before, err := b.perMember(q, from, members)
	if err != nil {
		return Change{}, err
	}
	after, err := b.perMember(q, to, members)
	if err != nil {
		return Change{}, err
	}
	c := Change{Query: q, Members: members}
	c.fill(before, after)
	c.Verdict = c.verdict(b.pages[from[0]].sheet.bands, b.pages[to[0]].sheet.bands, true)
	return c, nil
}

// present lists the members that reported every one of the periods.
func (b *Book) present(periods []schema.Period) []schema.Slug {
	var out []schema.Slug
	for i, p := range periods {
		members := b.Coverage(p).Members()
		if i == 0 {
			out = members
			continue
		}
		out = slices.DeleteFunc(out, func(m schema.Slug) bool { return !slices.Contains(members, m) })
	}
	return out
}

// perMember is each member's estimate, summed over periods.
func (b *Book) perMember(q Query, periods []schema.Period, members []schema.Slug) ([]Estimate, error) {
	out := make([]Estimate, len(members))
	for _, p := range periods {
		pg, r, err := b.reading(q, p)
		if err != nil {
			return nil, err
		}
		for i, m := range members {
			out[i] = out[i].Plus(r.of(pg.of(m)))
		}
	}
	return out, nil
}

// of is a reporting member's contribution.
func (pg *page) of(m schema.Slug) *Contribution {
	i := slices.IndexFunc(pg.members, func(c *Contribution) bool { return c.source.Member == m })
	return pg.members[i]
}

// fill computes everything but list and verdict from the members' estimates.
func (c *Change) fill(before, after []Estimate) {
	for i := range before {
		c.From, c.To = c.From.Plus(before[i]), c.To.Plus(after[i])
	}
	c.Difference = c.To.minus(c.From)
	if v := c.variance(); v > 0 {
		c.Z = c.Difference.Value / math.Sqrt(v)
	}
	c.Rising = normal(c.Z)
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
	case sure && c.Rising >= veryLikely:
		return VeryLikelyRising
	case sure && c.Rising <= 1-veryLikely:
		return VeryLikelyFalling
	case chosen && c.Rising >= probably:
		return ProbablyRising
	case chosen && c.Rising <= 1-probably:
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
	members := b.present([]schema.Period{p.Add(-1), p})
	was, err := before.memberTables(members)
	if err != nil {
		return nil, fmt.Errorf("changes of %s: %w", p, err)
	}
	is, err := now.memberTables(members)
	if err != nil {
		return nil, fmt.Errorf("changes of %s: %w", p, err)
	}
	var out []Change
	for t, table := range now.sheet.tables {
		s := before.sheet.find(table.Table, table.Measure)
		if s < 0 {
			continue
		}
		for cell := range is[t] {
			c := Change{Members: members, Cells: now.sheet.shapes[t].CodesAt(cell)}
			c.Query = Query{table.Table, table.Measure, filtersAt(now.sheet.shapes[t], cell)}
			c.fill(was[s][cell], is[t][cell])
			c.Verdict = c.verdict(before.sheet.bands, now.sheet.bands, false)
			out = append(out, c)
		}
	}
	list(out, before.sheet.bands, now.sheet.bands)
	return out, nil
}

// memberTables reconstructs each member's tables: by table, cell and member.
func (pg *page) memberTables(members []schema.Slug) ([][][]Estimate, error) {
	if pg.sheet.broken != nil {
		return nil, fmt.Errorf("the period's plan cannot be read: %w", pg.sheet.broken)
	}
	out := make([][][]Estimate, len(pg.sheet.tables))
	for t := range out {
		out[t] = make([][]Estimate, pg.sheet.shapes[t].Cells())
		for cell := range out[t] {
			out[t][cell] = make([]Estimate, len(members))
		}
	}
	for i, m := range members {
		tables, err := pg.sheet.reconstruct(pg.of(m).units)
		if err != nil {
			return nil, err
		}
		for t, cells := range tables {
			variances, err := pg.sheet.variances(t)
			if err != nil {
				return nil, err
			}
			for cell, x := range cells {
				out[t][cell][i] = Estimate{x, variances[cell]}
			}
		}
	}
	return out, nil
}

// list runs Benjamini and Hochberg's procedure over the changes that can be spoken of,
// and sorts: listed first, then by how clear they are.
func list(changes []Change, from, to schema.Bands) {
	var family []*Change
	for i := range changes {
		if changes[i].Verdict != TooNoisyToSay {
			family = append(family, &changes[i])
		}
	}
	slices.SortStableFunc(family, func(a, b *Change) int { return cmp.Compare(math.Abs(b.Z), math.Abs(a.Z)) })
	last := -1
	for i, c := range family {
		if 2*normal(-math.Abs(c.Z)) <= falseDiscoveries*float64(i+1)/float64(len(family)) {
			last = i
		}
	}
	for _, c := range family[:last+1] {
		c.Listed = true
		c.Verdict = c.verdict(from, to, false)
	}
	slices.SortStableFunc(changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(math.Abs(b.Z), math.Abs(a.Z)))
	})
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
