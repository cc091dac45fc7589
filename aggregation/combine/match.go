package combine

import (
	"slices"

	"tidemark/schema"
)

// match is whose numbers a comparison adds up on its two sides (4.1, 6.4). In local mode
// each member is a part of it; with a joint sum on either side the whole is one part.
type match struct {
	joint        bool
	members      []schema.Slug // on both sides
	joined, left []schema.Slug // counted in more, or in fewer, of the later periods
	counted      map[schema.Slug]bool
}

// match matches the members of two sums of periods. A period that has nobody matches
// nobody: what is left would be compared with less.
func (b *Book) match(from, to []schema.Period, without ...schema.Slug) (match, error) {
	all := slices.Concat(from, to)
	sums := map[schema.Slug]bool{}
	joint := false
	for _, p := range all {
		pg := b.pages[p]
		if pg == nil || !pg.coverage.Joint {
			continue
		}
		joint = true
		for _, m := range pg.coverage.Members() {
			sums[m] = true
		}
	}
	switch {
	case !joint:
		return match{members: b.present(all, without...)}, nil
	case len(without) > 0:
		return match{}, ErrJoint
	}
	m := match{joint: true, counted: sums}
	m.hold(b.times(from, sums), b.times(to, sums), b.order(all))
	return m, nil
}

// present lists the members that reported every one of the periods.
func (b *Book) present(periods []schema.Period, without ...schema.Slug) []schema.Slug {
	var out []schema.Slug
	for i, p := range periods {
		pg := b.pages[p]
		if pg == nil {
			return nil
		}
		if i == 0 {
			out = pg.coverage.Members()
		}
		out = slices.DeleteFunc(out, func(m schema.Slug) bool {
			_, reported := pg.seats[m]
			return !reported || slices.Contains(without, m)
		})
	}
	return out
}

// times is in how many of the periods each member counts; nobody does where one has nobody.
func (b *Book) times(periods []schema.Period, sums map[schema.Slug]bool) map[schema.Slug]int {
	out := map[schema.Slug]int{}
	for _, p := range periods {
		anybody := false
		if pg := b.pages[p]; pg != nil {
			for _, m := range pg.coverage.Members() {
				if sums[m] {
					out[m]++
					anybody = true
				}
			}
		}
		if !anybody {
			return nil
		}
	}
	return out
}

// order is every member that reported, in the order of those who owed.
func (b *Book) order(periods []schema.Period) []schema.Slug {
	var out []schema.Slug
	for _, p := range periods {
		if pg := b.pages[p]; pg != nil {
			for _, m := range pg.coverage.Members() {
				if !slices.Contains(out, m) {
					out = append(out, m)
				}
			}
		}
	}
	return out
}

// hold says who is on both sides, and who more on one of them.
func (m *match) hold(before, after map[schema.Slug]int, order []schema.Slug) {
	if len(before) == 0 || len(after) == 0 {
		m.counted = nil
		return
	}
	for _, who := range order {
		x, y := before[who], after[who]
		if x > 0 && y > 0 {
			m.members = append(m.members, who)
		}
		switch {
		case x < y:
			m.joined = append(m.joined, who)
		case x > y:
			m.left = append(m.left, who)
		}
	}
}

// change begins a comparison of a query.
func (m *match) change(q Query) Change {
	return Change{Query: q, Members: m.members, Joint: m.joint, Joined: m.joined, Left: m.left}
}

// count is how many parts there are.
func (m *match) count() int {
	switch {
	case !m.joint:
		return len(m.members)
	case len(m.counted) == 0:
		return 0
	}
	return 1
}

// of are the releases of a local page that count.
func (m *match) of(pg *page) []int {
	var out []int
	if !m.joint {
		for _, who := range m.members {
			out = append(out, pg.seats[who])
		}
		return out
	}
	for i, s := range pg.coverage.Reporting {
		if m.counted[s.Member] {
			out = append(out, i)
		}
	}
	return out
}

// read is each part's estimate, summed over periods.
func (b *Book) read(q Query, periods []schema.Period, m match) ([]Estimate, error) {
	out := make([]Estimate, m.count())
	for _, p := range periods {
		pg, r, err := b.reading(q, p)
		if err != nil {
			return nil, err
		}
		if len(out) > 0 && pg.coverage.Joint {
			e, err := pg.sum(r)
			if err != nil {
				return nil, err
			}
			out[0] = out[0].Plus(e)
			continue
		}
		for i, k := range m.of(pg) {
			at := min(i, len(out)-1)
			out[at] = out[at].Plus(r.of(pg.released[k]))
		}
	}
	return out, nil
}

// part is what a comparison counts as one: tables in people, and how many members' noise
// is in them.
type part struct {
	tables [][]float64
	noises float64
}

func (p *part) at(table, cell int, variance float64) Estimate {
	return Estimate{p.tables[table][cell], p.noises * variance}
}

// parts are a page's tables as a match counts them.
func (m *match) parts(pg *page) ([]part, error) {
	if m.count() == 0 {
		return nil, nil
	}
	if pg.coverage.Joint {
		told, err := pg.told()
		return []part{{told, pg.noises()}}, err
	}
	each, err := pg.each()
	if err != nil {
		return nil, err
	}
	var out []part
	for _, k := range m.of(pg) {
		out = append(out, part{each[k], 1})
	}
	if m.joint {
		return []part{added(out)}, nil
	}
	return out, nil
}

// added is several parts as one.
func added(parts []part) part {
	var sum part
	for _, p := range parts {
		sum.noises += p.noises
		for t, cells := range p.tables {
			if len(sum.tables) == t {
				sum.tables = append(sum.tables, make([]float64, len(cells)))
			}
			for i, x := range cells {
				sum.tables[t][i] += x
			}
		}
	}
	return sum
}
