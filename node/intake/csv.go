package intake

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readCSV reads strictly: a quote out of place ends the reading, because everything
// behind it may have shifted.
func (t *taker) readCSV(text io.Reader) error {
	table, guard := t.table(), t.config.guarded(text)
	r := csv.NewReader(guard)
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = table.source.Delimiter, -1, true
	for number, line := 0, 0; ; guard.next() {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return table.end()
		}
		if err != nil {
			return t.csvError(number, err)
		}
		// The reader passes over empty lines, which a spreadsheet counts as rows.
		start, _ := r.FieldPos(0)
		for ; line+1 < start; line++ {
			number++
			if table.at != nil {
				if err := table.row(number, nil); err != nil {
					return err
				}
			}
		}
		number++
		if err := table.row(number, cells); err != nil {
			return err
		}
		last, _ := r.FieldPos(len(cells) - 1)
		line = last + strings.Count(cells[len(cells)-1], "\n")
	}
}

func (t *taker) csvError(row int, err error) error {
	var p *csv.ParseError
	if !errors.As(err, &p) {
		return t.config.plainError("csv", row, err)
	}
	switch {
	case errors.Is(p.Err, csv.ErrQuote):
		return fmt.Errorf("csv: after row %d, line %d: a quote that does not close before the delimiter", row, p.Line)
	case errors.Is(p.Err, csv.ErrBareQuote):
		return fmt.Errorf("csv: after row %d, line %d: a quote inside a cell that does not begin with one", row, p.Line)
	}
	return t.config.plainError("csv", row, p.Err)
}
