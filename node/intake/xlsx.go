package intake

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"tidemark/schema/mapping"
)

// maxParts bounds the files inside a workbook.
const maxParts = 2_000

// readXLSX reads one sheet, row by row. Numbers come as they are stored, so dates are
// spreadsheet days whatever their format shows.
func (t *taker) readXLSX(s *source) error {
	data, err := io.ReadAll(s)
	if err != nil {
		return err
	}
	if err := t.config.checkWorkbook(data); err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	var book *excelize.File
	err = tamed(func() (err error) {
		book, err = excelize.OpenReader(bytes.NewReader(data), excelize.Options{
			RawCellValue: true, UnzipSizeLimit: t.config.Unzipped,
			// The same, or parts would be written to a temporary folder, in clear.
			UnzipXMLSizeLimit: t.config.Unzipped,
		})
		return err
	})
	if err != nil {
		return errors.New("xlsx: not a workbook that can be opened; has it a password?")
	}
	defer book.Close()
	return t.readBook(book)
}

// tamed turns the library's panics into errors: it was not written for hostile files.
func tamed(call func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("xlsx: the workbook is broken")
		}
	}()
	return call()
}

func (t *taker) readBook(book *excelize.File) error {
	table := t.table()
	var rows *excelize.Rows
	err := tamed(func() error {
		if err := checkCalendar(book, table.source); err != nil {
			return err
		}
		t.report.OtherSheets = len(book.GetSheetList()) - 1
		name, err := sheetName(book, table.source.Sheet)
		if err != nil {
			return err
		}
		if rows, err = book.Rows(name); err != nil {
			return errors.New("xlsx: the sheet cannot be read")
		}
		return nil
	})
	if err != nil {
		return err
	}
	defer rows.Close()
	return t.readSheet(table, rows)
}

func (t *taker) readSheet(table *table, rows *excelize.Rows) error {
	for number := 1; ; number++ {
		cells, more, err := t.sheetRow(rows)
		if err != nil {
			return fmt.Errorf("xlsx: row %d: %w", number, err)
		}
		if !more {
			return table.end()
		}
		if err := table.row(number, cells); err != nil {
			return err
		}
		if number%1024 == 0 && t.ctx.Err() != nil {
			return context.Cause(t.ctx)
		}
	}
}

func (t *taker) sheetRow(rows *excelize.Rows) (cells []string, more bool, err error) {
	err = tamed(func() (err error) {
		if more = rows.Next(); more {
			cells, err = rows.Columns()
		}
		if err != nil || rows.Error() != nil {
			return errors.New("cannot be read")
		}
		return nil
	})
	size := 0
	for _, cell := range cells {
		size += len(cell)
	}
	if err == nil && size > t.config.Record {
		err = fmt.Errorf("more than %d bytes", t.config.Record)
	}
	return cells, more, err
}

// checkCalendar holds the workbook's first day against the mapping's formats.
func checkCalendar(book *excelize.File, s mapping.Source) error {
	props, err := book.GetWorkbookProps()
	if err != nil {
		return errors.New("xlsx: the workbook's properties cannot be read")
	}
	from1904 := props.Date1904 != nil && *props.Date1904
	if from1904 && s.Excel {
		return errors.New("xlsx: the workbook counts days from 1904: the date format is excel1904")
	}
	if !from1904 && s.Excel1904 {
		return errors.New("xlsx: the workbook counts days from 1900: the date format is excel")
	}
	return nil
}

// sheetName is the first sheet, or the one that the mapping names.
func sheetName(book *excelize.File, want string) (string, error) {
	sheets := book.GetSheetList()
	if len(sheets) == 0 {
		return "", errors.New("xlsx: no sheet")
	}
	if want == "" {
		return sheets[0], nil
	}
	for _, name := range sheets {
		if mapping.Fold(name) == mapping.Fold(want) {
			return name, nil
		}
	}
	return "", fmt.Errorf("xlsx: sheet %q is missing", want)
}

// checkWorkbook unpacks every part once, into nothing, before the library sees any:
// sizes in a zip's list may lie, and the library takes a part that breaks off for its end.
func (c Config) checkWorkbook(data []byte) error {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return errors.New("not a workbook (xls is another format: save it as xlsx)")
	}
	if len(z.File) > maxParts {
		return fmt.Errorf("%d parts, at most %d", len(z.File), maxParts)
	}
	left := c.Unzipped
	for _, part := range z.File {
		n, err := c.checkPart(part, left)
		if err != nil {
			return err
		}
		left -= n
	}
	return nil
}

func (c Config) checkPart(part *zip.File, left int64) (int64, error) {
	mode := part.Mode()
	if !mode.IsRegular() && !mode.IsDir() || !isLocal(part.Name) {
		return 0, errors.New("a part that is a link or leads out of the workbook")
	}
	size, packed := part.UncompressedSize64, part.CompressedSize64
	if size > uint64(left) {
		return 0, fmt.Errorf("unpacks to more than %d bytes", c.Unzipped)
	}
	if size > 1<<20 && size/uint64(c.Ratio) > packed {
		return 0, fmt.Errorf("a part unpacks to more than %d times its size", c.Ratio)
	}
	r, err := part.Open()
	if err != nil {
		return 0, errors.New("a part cannot be unpacked")
	}
	defer r.Close()
	// archive/zip itself stops at the stated size, and compares the checksum at the end.
	if isXML(part.Name) {
		err = c.walkXML(r, strings.Contains(strings.ToLower(part.Name), "worksheets/"))
	}
	if err != nil {
		return 0, err
	}
	if _, err := io.Copy(io.Discard, r); err != nil {
		return 0, errors.New("a part is damaged")
	}
	return int64(size), nil
}

func isLocal(name string) bool {
	name = strings.ReplaceAll(name, `\`, "/")
	return !strings.HasPrefix(name, "/") && !strings.HasPrefix(path.Clean(name), "..") && !strings.Contains(name, ":")
}

func isXML(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, ".xml") || strings.HasSuffix(name, ".rels")
}

// walkXML reads a part to its end: well formed, not too deep, no entities of its own, the
// rows of a sheet in order (the library passes over those that come late).
func (c Config) walkXML(r io.Reader, sheet bool) error {
	d, depth, row := xml.NewDecoder(r), 0, 0
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) && depth == 0 {
			return nil
		}
		if err != nil {
			return errors.New("a part breaks off or is not well-formed XML")
		}
		switch e := token.(type) {
		case xml.StartElement:
			if depth++; depth > c.Depth {
				return fmt.Errorf("a part is nested more than %d deep", c.Depth)
			}
			if sheet && e.Name.Local == "row" {
				if row, err = nextRow(e, row); err != nil {
					return err
				}
			}
		case xml.EndElement:
			depth--
		case xml.Directive:
			return errors.New("a part declares entities")
		}
	}
}

// nextRow is a row's number, which may be left out.
func nextRow(e xml.StartElement, last int) (int, error) {
	for _, a := range e.Attr {
		if a.Name.Local != "r" || a.Name.Space != "" {
			continue
		}
		n, err := strconv.Atoi(a.Value)
		if err != nil || n <= last || n > excelize.TotalRows {
			return 0, errors.New("the rows of a sheet are not in order")
		}
		return n, nil
	}
	return last + 1, nil
}
