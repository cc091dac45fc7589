package exact

import (
	"fmt"

	"tidemark/schema"
)

// table is a table being counted. The lookups take a code to its share of the cell
// number, so that a cell is one addition; a byte as index needs no bounds check.
type table struct {
	rowDim, colDim int
	row, col       [256]uint16 // col is zero for a one-way table
	cells          []int64     // units
	limit          int         // of the measure
	reached        []int       // the present person's cells, ascending, at most limit
	sums           int64       // the bits of all sums: below 0 once one has overflown
}

func newTable(cb *schema.Codebook, p schema.PlanTable) (*table, error) {
	s, err := cb.Shape(p.Table)
	if err != nil {
		return nil, err
	}
	if s.Cells() > schema.MaxCells || len(s.Levels) > 2 {
		return nil, fmt.Errorf("table %s: more than %d cells or two axes", p.Table, schema.MaxCells)
	}
	t := &table{cells: make([]int64, s.Cells()), limit: p.Measure.Limit}
	first := s.Levels[0]
	t.rowDim, t.colDim = first.Dim, first.Dim
	for code, k := range first.Of {
		t.row[code] = uint16(k * s.Cols())
	}
	if len(s.Levels) == 2 {
		t.colDim = s.Levels[1].Dim
		for code, k := range s.Levels[1].Of {
			t.col[code] = uint16(k)
		}
	}
	return t, nil
}

func (t *table) cell(codes []byte) int {
	return int(t.row[codes[t.rowDim]]) + int(t.col[codes[t.colDim]])
}

// add counts. A cell is never below 0, so a sum that overflows turns negative, which
// sums remembers until the end: the inner loop has no branch for what never happens.
func (t *table) add(cell int, units int64) {
	t.cells[cell] += units
	t.sums |= t.cells[cell]
}

// touch remembers a cell that the person reaches: of more than limit the first ones.
func (t *table) touch(cell int) {
	at := len(t.reached)
	for at > 0 && t.reached[at-1] > cell {
		at--
	}
	if at > 0 && t.reached[at-1] == cell || at == t.limit {
		return
	}
	if len(t.reached) < t.limit {
		t.reached = append(t.reached, 0)
	}
	copy(t.reached[at+1:], t.reached[at:])
	t.reached[at] = cell
}
