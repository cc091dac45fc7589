package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"tidemark/schema/mapping"
)

// Config limits what a file may cost.
type Config struct {
	Size     int64 // bytes of a CSV or JSON file
	Zipped   int64 // bytes of an XLSX file
	Unzipped int64 // bytes of all its parts together
	Ratio    int64 // unzipped to zipped bytes of any part over a mebibyte
	Rows     int   // rows below the header
	Columns  int   // of a CSV or XLSX row
	Record   int   // bytes of one row, about
	Cell     int   // bytes of one mapped cell
	Depth    int   // nesting of JSON, and of the XML inside XLSX
}

// Defaults are the limits of Read.
func Defaults() Config {
	return Config{
		Size: 512 << 20, Zipped: 25 << 20, Unzipped: 200 << 20, Ratio: 200,
		Rows: 2_000_000, Columns: 4_000, Record: 2 << 20, Cell: 64 << 10, Depth: 32,
	}
}

func (c Config) validate() error {
	if c.Size < 1 || c.Zipped < 1 || c.Unzipped < c.Zipped || c.Ratio < 2 {
		return errors.New("config: size, zipped, unzipped, ratio: want positive limits, unzipped not below zipped")
	}
	if c.Rows < 1 || c.Columns < 1 || c.Columns > maxColumns || c.Record < 1 || c.Cell < 1 || c.Cell > c.Record || c.Depth < 1 {
		return errors.New("config: rows, columns, record, cell, depth: want positive limits, a cell not above a record")
	}
	return nil
}

// maxColumns is what a spreadsheet can have.
const maxColumns = 16_384

// Read reads the export at path with the default limits. See Config.Read.
func Read(ctx context.Context, m *mapping.Mapping, path string, fn func(mapping.Case) error) (Report, error) {
	return Defaults().Read(ctx, m, path, fn)
}

// Read reads the export at path and calls fn for each mapped case, in the file's order,
// while it still reads. The caller must stage what fn gets, and take it only when Read
// returns no error: a file may turn out bad at its last byte, or have changed while it
// was read. Refused rows are no error; they stand in the report.
//
// An error of fn ends the reading and is returned, wrapped. The report of a failed
// reading covers what was seen until then.
func (c Config) Read(ctx context.Context, m *mapping.Mapping, path string, fn func(mapping.Case) error) (Report, error) {
	return c.read(ctx, m, func(limit int64) (*source, error) { return openSource(path, limit) }, fn)
}

// ReadBytes reads an export that is in memory and shall not rest in a file. It is Read in
// everything else.
func ReadBytes(ctx context.Context, m *mapping.Mapping, export []byte, fn func(mapping.Case) error) (Report, error) {
	return Defaults().read(ctx, m, func(limit int64) (*source, error) { return memorySource(export, limit) }, fn)
}

func (c Config) read(ctx context.Context, m *mapping.Mapping, open func(limit int64) (*source, error), fn func(mapping.Case) error) (Report, error) {
	if err := c.validate(); err != nil {
		return Report{}, fmt.Errorf("intake: %w", err)
	}
	limit := c.Size
	if m.Source().Format == mapping.XLSX {
		limit = c.Zipped
	}
	s, err := open(limit)
	if err != nil {
		return Report{}, fmt.Errorf("intake: %w", err)
	}
	defer s.close()
	t := newTaker(ctx, c, m, fn)
	err = t.read(s)
	// A file that changed explains every error, the caller's own aside.
	if changed := s.checkUnchanged(); changed != nil && !t.stopped {
		err = changed
	}
	if err != nil {
		err = fmt.Errorf("intake: %w", err)
	}
	return t.finish(s), err
}

// Cases is Read as a sequence. An error comes last, with no case; the report is written
// when the sequence ends. Who stops early gets neither.
func Cases(ctx context.Context, m *mapping.Mapping, path string, report *Report) iter.Seq2[mapping.Case, error] {
	return sequence(report, func(fn func(mapping.Case) error) (Report, error) { return Read(ctx, m, path, fn) })
}

// CasesOf is ReadBytes as a sequence.
func CasesOf(ctx context.Context, m *mapping.Mapping, export []byte, report *Report) iter.Seq2[mapping.Case, error] {
	return sequence(report, func(fn func(mapping.Case) error) (Report, error) { return ReadBytes(ctx, m, export, fn) })
}

func sequence(report *Report, read func(func(mapping.Case) error) (Report, error)) iter.Seq2[mapping.Case, error] {
	return func(yield func(mapping.Case, error) bool) {
		stopped := errors.New("stopped")
		r, err := read(func(c mapping.Case) error {
			if !yield(c, nil) {
				return stopped
			}
			return nil
		})
		if errors.Is(err, stopped) {
			return
		}
		if *report = r; err != nil {
			yield(mapping.Case{}, err)
		}
	}
}

// read takes the whole file, to its last byte.
func (t *taker) read(s *source) error {
	format := t.m.Source().Format
	if format == mapping.XLSX {
		return t.readXLSX(s)
	}
	text, err := decoded(s, t.m.Source().Encoding)
	if err != nil {
		return err
	}
	switch format {
	case mapping.CSV:
		err = t.readCSV(text)
	default:
		err = t.readJSON(text, format)
	}
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, s)
	return err
}
