package intake

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// decoders of mapping.Encodings, utf-8 aside.
var decoders = map[string]encoding.Encoding{
	"utf-16":       unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM),
	"utf-16le":     unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
	"utf-16be":     unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	"iso-8859-1":   charmap.ISO8859_1,
	"iso-8859-15":  charmap.ISO8859_15,
	"windows-1250": charmap.Windows1250,
	"windows-1251": charmap.Windows1251,
	"windows-1252": charmap.Windows1252,
	"windows-1254": charmap.Windows1254,
	"windows-1256": charmap.Windows1256,
}

// decoded turns the file's bytes into UTF-8 without a byte order mark, and fails at the
// first byte that is not text in the encoding.
func decoded(r io.Reader, name string) (io.Reader, error) {
	if name != "utf-8" {
		e, ok := decoders[name]
		if !ok {
			return nil, fmt.Errorf("encoding %s: not known", name)
		}
		return transform.NewReader(r, e.NewDecoder()), nil
	}
	b := bufio.NewReaderSize(r, 64<<10)
	start, _ := b.Peek(3)
	if bytes.HasPrefix(start, []byte("\xff\xfe")) || bytes.HasPrefix(start, []byte("\xfe\xff")) {
		return nil, errors.New("starts like utf-16: say so as the mapping's encoding")
	}
	if bytes.HasPrefix(start, []byte("PK\x03")) {
		return nil, errors.New("starts like a zip or a workbook, the mapping says text")
	}
	if bytes.Equal(start, []byte("\xef\xbb\xbf")) {
		_, _ = b.Discard(len(start))
	}
	return transform.NewReader(b, encoding.UTF8Validator), nil
}

// recordGuard ends the reading of a record that has no end: an open quote, a string of
// a gigabyte. It counts the bytes that were read since the last record, read-ahead
// included, so its limit is a rough one.
type recordGuard struct {
	r     io.Reader
	since int
	limit int
}

var errRecord = errors.New("record too long")

func (g *recordGuard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	if g.since += n; g.since > g.limit {
		return 0, errRecord
	}
	return n, err
}

func (g *recordGuard) next() { g.since = 0 }

// guarded leaves room for what the parsers read ahead.
func (c Config) guarded(r io.Reader) *recordGuard {
	return &recordGuard{r: r, limit: 4*c.Record + 128<<10}
}

// plainError says where reading failed and why, without the parser's words: they
// quote what they met.
func (c Config) plainError(format string, row int, err error) error {
	switch {
	case errors.Is(err, errRecord):
		return fmt.Errorf("%s: after row %d: a row of more than %d bytes; a quote or a bracket that is never closed?", format, row, c.Record)
	case errors.Is(err, encoding.ErrInvalidUTF8):
		return fmt.Errorf("%s: soon after row %d: not utf-8; say the file's encoding in the mapping", format, row)
	case errors.Is(err, unicode.ErrMissingBOM):
		return fmt.Errorf("%s: no byte order mark: say utf-16le or utf-16be in the mapping", format)
	case errors.Is(err, errDepth):
		return fmt.Errorf("%s: after row %d: nested more than %d deep", format, row, c.Depth)
	}
	return fmt.Errorf("%s: after row %d: not well formed", format, row)
}
