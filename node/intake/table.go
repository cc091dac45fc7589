package intake

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"tidemark/schema/mapping"
)

// table takes the rows of a CSV or XLSX file: finds the header, the columns, the end.
type table struct {
	*taker
	source  mapping.Source
	columns []string
	at      []int // per column of the mapping: its place in the file's rows
	width   int   // of the header
	begun   bool  // past the first row below the header
	ended   bool  // below a blank row that ends the table
	cells   []string
}

func (t *taker) table() *table {
	columns := t.m.Columns()
	return &table{taker: t, source: t.m.Source(), columns: columns, cells: make([]string, len(columns))}
}

// row takes one row as it stands in the file; number counts from 1.
func (t *table) row(number int, cells []string) error {
	if len(cells) > t.config.Columns {
		return fmt.Errorf("row %d: more than %d columns", number, t.config.Columns)
	}
	if t.at == nil {
		if number < t.source.Header {
			return nil
		}
		return t.header(cells)
	}
	full := len(cells)
	if cells = withoutTail(cells); len(cells) == 0 {
		t.report.Blank++
		t.ended = t.ended || t.source.BlankRowEnds && t.begun
		return nil
	}
	if !t.begun {
		t.begun = true
		if isHXL(cells) {
			t.report.HXL = true
			return nil
		}
	}
	// A workbook never stores the blank cells at the end.
	if full < t.width && !t.ended && t.source.Format == mapping.CSV {
		t.report.Short++
	}
	return t.data(number, cells)
}

func (t *table) data(number int, cells []string) error {
	if t.ended {
		return t.refuseRow(number, "table", "stands below a blank row, outside the table")
	}
	if len(cells) > t.width {
		return t.refuseRow(number, "table", "more cells than the header: a stray delimiter or quote?")
	}
	blank := true
	for i, at := range t.at {
		t.cells[i] = ""
		if at < len(cells) {
			t.cells[i] = cells[at]
		}
		blank = blank && strings.TrimSpace(t.cells[i]) == ""
	}
	if blank {
		t.report.Blank++
		return nil
	}
	return t.take(mapping.Row{Number: number, Cells: t.cells})
}

// header finds every column of the mapping. It never shows the file's own names: a
// file without a header has cases there.
func (t *table) header(cells []string) error {
	t.width = len(cells)
	exact, folded := map[string][]int{}, map[string][]int{}
	for i, name := range cells {
		exact[strings.TrimSpace(name)] = append(exact[strings.TrimSpace(name)], i)
		folded[mapping.Fold(name)] = append(folded[mapping.Fold(name)], i)
	}
	for _, column := range t.columns {
		places := exact[column]
		if len(places) == 0 {
			places = folded[mapping.Fold(column)]
		}
		switch {
		case len(places) == 0 && t.width == 1 && t.source.Format == mapping.CSV:
			return fmt.Errorf("row %d: column %q is missing, and the header has one column only: another delimiter?", t.source.Header, column)
		case len(places) == 0:
			return fmt.Errorf("row %d: column %q is missing", t.source.Header, column)
		case len(places) > 1:
			return fmt.Errorf("row %d: column %q is there %d times", t.source.Header, column, len(places))
		}
		t.at = append(t.at, places[0])
	}
	return nil
}

// end tells a file that has no header.
func (t *table) end() error {
	if t.at == nil {
		return errors.New("no row of column names")
	}
	return nil
}

// withoutTail drops the blank cells at the end.
func withoutTail(cells []string) []string {
	n := len(cells)
	for n > 0 && (cells[n-1] == "" || strings.TrimSpace(cells[n-1]) == "") {
		n--
	}
	return cells[:n]
}

// isHXL tells a row of HXL hashtags: every cell that is not blank is one.
func isHXL(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool {
		c = strings.TrimSpace(c)
		return c != "" && !isHashtag(c)
	})
}

// isHashtag tells "#adm1 +name", and not the "#N/A" of a spreadsheet.
func isHashtag(s string) bool {
	if len(s) < 2 || s[0] != '#' || !unicode.IsLetter(rune(s[1])) {
		return false
	}
	return strings.IndexFunc(s[1:], func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_+- ", r)
	}) < 0
}
