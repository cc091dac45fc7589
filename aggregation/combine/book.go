package combine

import (
	"cmp"
	"fmt"
	"slices"

	"tidemark/schema"
)

// Book is what a coalition's members released, ready to be asked. It does not change and
// is safe for concurrent use.
type Book struct {
	cb      *schema.Codebook
	plans   map[schema.Hash]schema.Plan
	pages   map[schema.Period]*page
	leftOut []Released
}

// page is one owed period.
type page struct {
	owed     Owed
	sheet    *sheet
	coverage Coverage
	released []*Released // in the order of coverage.Reporting; of a joint period the one sum
	seats    map[schema.Slug]int
	memo
}

// place is what comes out once: of a member, or in joint mode of nobody alone.
type place struct {
	member schema.Slug
	plan   schema.Hash
	period schema.Period
}

// NewBook holds releases against what was owed. Two of one member, or two joint sums, for
// one plan and period are refused; those that nobody owed are left out (LeftOut).
func NewBook(c Config, releases []Released) (*Book, error) {
	b := &Book{cb: c.Codebook, plans: c.Plans, pages: map[schema.Period]*page{}}
	byPlace := map[place]*Released{}
	for i := range releases {
		n := &releases[i]
		at := place{n.source.Member, n.plan, n.period}
		if byPlace[at] != nil {
			return nil, fmt.Errorf("book: %s has two releases for %s under plan %s", cmp.Or(at.member, "the coalition"), at.period, at.plan.Short())
		}
		byPlace[at] = n
	}
	sheets := map[place]*sheet{}
	for _, o := range c.Owed {
		if err := b.addPage(o, byPlace, sheets, c.Withdrawn); err != nil {
			return nil, fmt.Errorf("book: period %s: %w", o.Period, err)
		}
	}
	for i := range releases {
		if n := &releases[i]; byPlace[place{n.source.Member, n.plan, n.period}] != nil {
			b.leftOut = append(b.leftOut, *n)
		}
	}
	return b, nil
}

// addPage takes what the period's members released out of byPlace.
func (b *Book) addPage(o Owed, byPlace map[place]*Released, sheets map[place]*sheet, withdrawn map[schema.Hash]schema.NoticeReason) error {
	plan, ok := b.plans[o.Plan]
	if !ok || b.pages[o.Period] != nil {
		return fmt.Errorf("want one entry, and a known plan")
	}
	// A sheet serves all periods of one plan and cadence.
	same := place{plan: o.Plan, period: schema.Period{Quarter: min(o.Period.Quarter, 1)}}
	if sheets[same] == nil {
		sheets[same] = sheetOf(b.cb, &plan, o.Period.Cadence())
	}
	p := &page{owed: o, sheet: sheets[same], coverage: Coverage{Owing: o.Members}, seats: map[schema.Slug]int{}}
	if plan.Mode == schema.Joint {
		p.takeSum(byPlace)
	} else {
		p.takeEach(byPlace, withdrawn)
	}
	p.memo = newMemo(p)
	b.pages[o.Period] = p
	return nil
}

func (pg *page) takeEach(byPlace map[place]*Released, withdrawn map[schema.Hash]schema.NoticeReason) {
	for _, m := range pg.owed.Members {
		at := place{m, pg.owed.Plan, pg.owed.Period}
		if c := byPlace[at]; c != nil {
			source := c.source
			source.Withdrawn = withdrawn[source.Release]
			pg.coverage.Reporting = append(pg.coverage.Reporting, source)
			pg.seats[m] = len(pg.released)
			pg.released = append(pg.released, c)
			delete(byPlace, at)
		}
	}
}

// Part is the book of some periods alone (nil: all of them), as if some members had never
// had a part in it: their releases are not added up and nothing is owed by them. A joint
// sum with one of them in it is gone, for nobody can be taken out of it.
func (b *Book) Part(periods []schema.Period, without ...schema.Slug) (*Book, error) {
	c := Config{Codebook: b.cb, Plans: b.plans, Withdrawn: map[schema.Hash]schema.NoticeReason{}}
	out := func(m schema.Slug) bool { return slices.Contains(without, m) }
	var releases []Released
	for _, period := range slices.Concat(b.Periods(schema.Quarterly), b.Periods(schema.Yearly)) {
		if periods != nil && !slices.Contains(periods, period) {
			continue
		}
		pg := b.pages[period]
		owed := pg.owed
		owed.Members = slices.DeleteFunc(slices.Clone(owed.Members), out)
		c.Owed = append(c.Owed, owed)
		for _, r := range pg.released {
			if !out(r.source.Member) && !slices.ContainsFunc(r.members, out) {
				releases = append(releases, *r)
			}
		}
		for _, s := range pg.coverage.Reporting {
			if s.Withdrawn != "" {
				c.Withdrawn[s.Release] = s.Withdrawn
			}
		}
	}
	part, err := NewBook(c, releases)
	if err != nil {
		return nil, fmt.Errorf("part of a book: %w", err)
	}
	return part, nil
}

// LeftOut lists releases that count nowhere: their member did not owe the period, or
// owed it under another plan, or nobody owed the period of a joint sum.
func (b *Book) LeftOut() []Released { return slices.Clone(b.leftOut) }

// Periods lists the owed periods of a cadence, in order.
func (b *Book) Periods(c schema.Cadence) []schema.Period {
	var out []schema.Period
	for p := range b.pages {
		if p.Cadence() == c {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(p, q schema.Period) int {
		if p.Before(q) {
			return -1
		}
		return 1
	})
	return out
}

// Plan is the plan under which a period is owed.
func (b *Book) Plan(p schema.Period) (schema.Plan, schema.Hash, bool) {
	if b.pages[p] == nil {
		return schema.Plan{}, schema.Hash{}, false
	}
	h := b.pages[p].owed.Plan
	return b.plans[h], h, true
}

// Coverage is who reported a period, of those who owed it.
func (b *Book) Coverage(p schema.Period) Coverage {
	if b.pages[p] == nil {
		return Coverage{}
	}
	return b.pages[p].coverage
}

// Members are those who reported.
func (c Coverage) Members() []schema.Slug {
	var out []schema.Slug
	for _, s := range c.Reporting {
		out = append(out, s.Member)
	}
	return out
}

// Missing are those who owed and did not report.
func (c Coverage) Missing() []schema.Slug {
	reported := c.Members()
	var out []schema.Slug
	for _, m := range c.Owing {
		if !slices.Contains(reported, m) {
			out = append(out, m)
		}
	}
	return out
}

// Protection is the weakest of the sources.
func (c Coverage) Protection() schema.Protection {
	var p schema.Protection
	for _, s := range c.Reporting {
		p = p.Weaker(s.Protection)
	}
	return p
}
