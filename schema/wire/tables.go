package wire

import (
	"fmt"
	"strconv"
	"strings"

	"tidemark/schema"
)

// tableBlocks are a release's tables: a line each that names it, then a line for each
// code of the first axis (W21).
func tableBlocks(p *page, ts *[]schema.NoisyTable) {
	if p.reading {
		*ts = nil
	}
	for i := 0; p.err == nil && (i < len(*ts) || p.reading && p.rest != ""); i++ {
		if p.reading {
			*ts = append(*ts, schema.NoisyTable{})
		}
		p.require(i < schema.MaxTables, "table: more than %d", schema.MaxTables)
		tableBlock(p, &(*ts)[i])
	}
	p.require(len(*ts) > 0, "table: want at least one")
}

func tableBlock(p *page, t *schema.NoisyTable) {
	h := tableHeader{t.Table, t.Measure, t.Rows, t.Cols, t.Sigma2}
	field(p, "table", &h, form[tableHeader]{tableHeader.String, parseTableHeader})
	if p.err != nil {
		return
	}
	// Counted from the header, before any row takes memory (W22).
	p.cells += h.rows * h.cols
	p.require(p.cells <= schema.MaxCells, "table: passes %d cells", schema.MaxCells)
	if !p.reading {
		p.require(len(t.Cells) == h.rows*h.cols, "table: %d cells, want %d", len(t.Cells), h.rows*h.cols)
		writeRows(p, t)
		return
	}
	if p.err == nil {
		*t = schema.NoisyTable{Table: h.table, Measure: h.measure, Rows: h.rows, Cols: h.cols, Sigma2: h.sigma2}
		t.Cells = make([]int64, 0, h.rows*h.cols)
		readRows(p, t)
	}
}

func writeRows(p *page, t *schema.NoisyTable) {
	for row := 0; row < t.Rows && p.err == nil; row++ {
		var line []byte
		for _, n := range t.Cells[row*t.Cols : (row+1)*t.Cols] {
			p.require(n >= -maxInteger && n <= maxInteger, "cells: want integers within 2^53")
			line = append(strconv.AppendInt(line, n, 10), ' ')
		}
		p.put(string(line[:len(line)-1]))
	}
}

func readRows(p *page, t *schema.NoisyTable) {
	for range t.Rows {
		line := p.take()
		if p.err != nil {
			return
		}
		if have := strings.Count(line, " ") + 1; have != t.Cols {
			p.fail("cells: have %d, want %d and one blank between them", have, t.Cols)
			return
		}
		for cell := range strings.SplitSeq(line, " ") {
			n, ok := parseInteger(cell)
			p.require(ok, "cells: want canonical integers within 2^53")
			t.Cells = append(t.Cells, n)
		}
	}
}

// tableHeader is "threat_type*gender people 18x6 sigma2 450000".
type tableHeader struct {
	table      schema.Table
	measure    schema.Measure
	rows, cols int
	sigma2     int64
}

func (h tableHeader) String() string {
	return fmt.Sprintf("%s %s %dx%d sigma2 %d", h.table, h.measure, h.rows, h.cols, h.sigma2)
}

func parseTableHeader(s string) (h tableHeader, err error) {
	w := strings.Split(s, " ")
	if len(w) != 5 {
		return h, fmt.Errorf("want name, measure, RxC and sigma2 N")
	}
	if h.table, err = tableForm.read(w[0]); err != nil {
		return h, err
	}
	if h.measure, err = measureForm.read(w[1]); err != nil {
		return h, err
	}
	rows, cols, _ := strings.Cut(w[2], "x")
	r, ok1 := parseInteger(rows)
	c, ok2 := parseInteger(cols)
	if !ok1 || !ok2 || min(r, c) < 1 || max(r, c) > schema.MaxCells || len(h.table.Axes) == 1 && c != 1 {
		return h, fmt.Errorf("size: want RxC of 1 to %d, one column for one axis", schema.MaxCells)
	}
	sigma2, ok := parseInteger(w[4])
	if !ok || sigma2 < 1 {
		return h, fmt.Errorf("sigma2: want 1 or more")
	}
	h.rows, h.cols, h.sigma2 = int(r), int(c), sigma2
	return h, nil
}
