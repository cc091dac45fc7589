package combine

import (
	"fmt"
	"math"

	"tidemark/schema"
)

// Trend compares the four quarters up to last with the four before.
func (b *Book) Trend(q Query, last schema.Period) (Trend, error) {
	if last.Cadence() != schema.Quarterly {
		return Trend{}, fmt.Errorf("trend: want a quarter")
	}
	var from, to []schema.Period
	for i := range schema.QuarterYears {
		to = append(to, last.Add(i-schema.QuarterYears+1))
		from = append(from, last.Add(i-2*schema.QuarterYears+1))
	}
	c, err := b.compare(q, from, to)
	if err != nil {
		return Trend{}, fmt.Errorf("trend: %w", err)
	}
	t := Trend{Change: c, First: from[0], Last: last}
	world := func(e Estimate) float64 { return e.Variance + Phi*math.Max(e.Value, 0) }
	t.Ratio = ratio(Estimate{c.To.Value, world(c.To)}, Estimate{c.From.Value, world(c.From)})
	return t, nil
}

// ratio is a/b for independent estimates, with Fieller's range (1954): the r for which
// a - r*b does not differ from zero. No r is below zero: there are no negative people.
func ratio(a, b Estimate) Ratio {
	out := Ratio{Open: true}
	if b.Value > 0 {
		out.Value = math.Max(a.Value, 0) / b.Value
	}
	const k = z95 * z95
	square := b.Value*b.Value - k*b.Variance
	if b.Value <= 0 || square <= 0 {
		return out
	}
	half := math.Sqrt(math.Max(0, a.Value*a.Value*b.Value*b.Value-square*(a.Value*a.Value-k*a.Variance)))
	out.Open = false
	out.Low = math.Max(0, (a.Value*b.Value-half)/square)
	out.High = math.Max(0, (a.Value*b.Value+half)/square)
	return out
}
