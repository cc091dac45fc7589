package exact

import (
	"bytes"

	"tidemark/schema"
)

// cases keeps the first codes, in code order, of one person's cases.
// Equal codes are interchangeable, so their order does not matter.
type cases struct {
	width int    // dimensions
	codes []byte // places of width bytes
	order []int  // places in code order
	n     int    // how many cases there were, kept or not
}

// most is how many cases any measure can need: people shares 60 units among 60 at most,
// cases counts up to its limit.
func newCases(width, most int) *cases {
	return &cases{width: width, codes: make([]byte, width*most), order: make([]int, 0, most)}
}

func (c *cases) clear() { c.order, c.n = c.order[:0], 0 }

// at is the i-th case in code order.
func (c *cases) at(i int) []byte { return c.place(c.order[i]) }

func (c *cases) place(p int) []byte { return c.codes[p*c.width : (p+1)*c.width] }

func (c *cases) insert(codes []byte) {
	c.n++
	last := len(c.order)
	place := last
	if last == cap(c.order) {
		last--
		place = c.order[last]
		if bytes.Compare(codes, c.place(place)) >= 0 {
			return
		}
	} else {
		c.order = append(c.order, 0)
	}
	i := last
	for i > 0 && bytes.Compare(c.at(i-1), codes) > 0 {
		c.order[i] = c.order[i-1]
		i--
	}
	c.order[i] = place
	copy(c.place(place), codes)
}

// share is the units of the i-th case in code order under the measure people: 60 split
// evenly, the remainder one by one from the front. Beyond 60 cases all is remainder:
// the first 60 carry one each, the others none.
func (c *cases) share(i int) int64 {
	units := int64(schema.UnitsPerPerson / c.n)
	if i < schema.UnitsPerPerson%c.n {
		units++
	}
	return units
}
