package combine

import (
	"fmt"

	"tidemark/schema"
)

// Trend compares the four quarters up to last with the four before.
func (b *Book) Trend(q Query, last schema.Period) (Trend, error) {
	from, to, err := b.years(last)
	if err != nil {
		return Trend{}, err
	}
	c, err := b.compare(q, from, to)
	if err != nil {
		return Trend{}, fmt.Errorf("trend: %w", err)
	}
	return trendOf(c, from[0], last), nil
}

// ratio is a/b for independent estimates.
func ratio(a, b Estimate) Ratio { return fieller(a, b, 0) }
