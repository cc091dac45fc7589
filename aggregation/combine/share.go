package combine

import (
	"fmt"
	"math"

	"tidemark/schema"
)

// Share is the part that a query's cells have in the total of its table, with its 95 %
// range: of the people known to the members who reported, not of the world.
func (b *Book) Share(q Query, p schema.Period) (Ratio, error) {
	a, err := ask(b.cb, q)
	if err != nil {
		return Ratio{}, err
	}
	pg := b.pages[p]
	if pg == nil {
		return Ratio{}, fmt.Errorf("period %s: nobody owes a release", p)
	}
	part, err := pg.sheet.choose(a)
	if err != nil {
		return Ratio{}, err
	}
	whole, rest := *part, *part
	whole.cells, rest.cells = make([]bool, len(part.cells)), make([]bool, len(part.cells))
	for i, in := range part.cells {
		whole.cells[i], rest.cells[i] = true, !in
	}
	var e [3]Estimate
	for i, c := range []*choice{part, &whole, &rest} {
		r, err := pg.sheet.reading(c)
		if err != nil {
			return Ratio{}, err
		}
		if e[i], err = pg.sum(r); err != nil {
			return Ratio{}, err
		}
	}
	// The rest is whole minus part: its variance tells how the two go together.
	together := (e[0].Variance + e[1].Variance - e[2].Variance) / 2
	s := fieller(e[0], e[1], together)
	s.Value, s.Low, s.High = math.Min(s.Value, 1), math.Min(s.Low, 1), math.Min(s.High, 1)
	return s, nil
}

// fieller is a/b with Fieller's range (1954): the r for which a - r*b does not differ from
// zero. No r is below zero: there are no negative people.
func fieller(a, b Estimate, covariance float64) Ratio {
	out := Ratio{Open: true}
	if b.Value > 0 {
		out.Value = math.Max(a.Value, 0) / b.Value
	}
	const k = z95 * z95
	square := b.Value*b.Value - k*b.Variance
	if b.Value <= 0 || square <= 0 {
		return out
	}
	middle := a.Value*b.Value - k*covariance
	half := math.Sqrt(math.Max(0, middle*middle-square*(a.Value*a.Value-k*a.Variance)))
	out.Open = false
	out.Low = math.Max(0, (middle-half)/square)
	out.High = math.Max(0, (middle+half)/square)
	return out
}
