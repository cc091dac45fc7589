package rows

import (
	"slices"

	"tidemark/schema"
)

// Counts are the right counts of every way in which a contender may count, cell by cell.
// Nothing protects them: they are of invented cases.
type Counts struct {
	People int64     // in all
	Units  [][]int64 // the measure people: 60 units each, shared among her cases
	Cases  [][]int64 // rows
	Reach  [][]int64 // people who touch the cell
	First  [][]int64 // people whose first row stands in the cell
	Whole  [][]int64 // people all of whose rows stand in the cell
}

// Count counts n rows into tables, in the plainest way, as section 1 of PRIVACY.md says.
func Count(tables []string, n int) (*Counts, error) {
	shapes, err := Shapes(tables)
	if err != nil {
		return nil, err
	}
	records, err := Records(n)
	if err != nil {
		return nil, err
	}
	c := &Counts{}
	for _, way := range []*[][]int64{&c.Units, &c.Cases, &c.Reach, &c.First, &c.Whole} {
		*way = Blank(shapes)
	}
	var own [][]byte
	var person uint64
	for r := range records {
		if PersonOf(r) != person {
			c.add(shapes, own)
			own, person = own[:0], PersonOf(r)
		}
		own = append(own, slices.Clone(r.Codes))
	}
	c.add(shapes, own)
	return c, nil
}

// Blank are the tables with nothing in them.
func Blank(shapes []schema.Shape) [][]int64 {
	tables := make([][]int64, len(shapes))
	for i, s := range shapes {
		tables[i] = make([]int64, s.Cells())
	}
	return tables
}

// add counts one person, who has these codes, a row each.
func (c *Counts) add(shapes []schema.Shape, own [][]byte) {
	if len(own) == 0 {
		return
	}
	c.People++
	for i, s := range shapes {
		c.First[i][s.Cell(own[0])]++
	}
	slices.SortFunc(own, slices.Compare)
	for i, s := range shapes {
		touched := map[int]int{}
		for k, codes := range own {
			cell := s.Cell(codes)
			touched[cell]++
			c.Cases[i][cell]++
			c.Units[i][cell] += units(k, len(own))
		}
		for cell, rows := range touched {
			c.Reach[i][cell]++
			if rows == len(own) {
				c.Whole[i][cell]++
			}
		}
	}
}

// units is what the k-th of a person's cases in code order carries.
func units(k, cases int) int64 {
	each, rest := schema.UnitsPerPerson/cases, schema.UnitsPerPerson%cases
	if k < rest {
		return int64(each) + 1
	}
	return int64(each)
}
