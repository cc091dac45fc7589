package brief

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"tidemark/dashboard/brief/docx"
	"tidemark/dashboard/view"
)

// What a file is not.
var (
	// ErrNoBrief: a file of no format that carries a brief, or one that carries none.
	ErrNoBrief = errors.New("brief: the file carries no brief")
	// ErrTooLarge: a file, or what is packed into it, beyond every brief.
	ErrTooLarge = errors.New("brief: the file is too large to be a brief, or unpacks to too much")
)

// Limits of a file that is opened.
const (
	MaxFile    = 64 << 20
	maxEntries = 400
	maxEntry   = 32 << 20
	maxTotal   = 128 << 20
)

// opened is a file taken apart.
type opened struct {
	format  string
	carried []byte        // the envelope
	text    string        // html, md: all of it
	entries []view.Packed // zip
	docx    docx.Content
	printed Printed // pdf
}

// open finds out what a file is, and what it carries.
func open(file []byte) (opened, error) {
	switch {
	case len(file) > MaxFile:
		return opened{}, ErrTooLarge
	case bytes.HasPrefix(file, []byte("PK\x03\x04")):
		return openZip(file)
	case bytes.HasPrefix(file, []byte("%PDF-")):
		return openPDF(file)
	case bytes.HasPrefix(bytes.ToLower(file[:min(len(file), 15)]), []byte("<!doctype html>")):
		return openText("html", string(file), `<pre id="`+armourID+`" hidden>`+"\n", "</pre>\n")
	}
	return openText("md", string(file), commentStart, commentEnd)
}

// openText cuts the envelope out of a text that has exactly one.
func openText(format, text, start, end string) (o opened, err error) {
	o = opened{format: format, text: text}
	_, rest, ok := strings.Cut(text, start)
	inside, _, ends := strings.Cut(rest, end)
	if !ok || !ends || strings.Contains(rest, start) {
		return o, ErrNoBrief
	}
	o.carried, err = disarm(inside)
	return o, err
}

func openZip(file []byte) (o opened, err error) {
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return o, fmt.Errorf("%w: it is half a file, or damaged", ErrNoBrief)
	}
	for _, f := range z.File {
		if f.Name == "[Content_Types].xml" {
			return openDocx(file)
		}
	}
	o = opened{format: "zip"}
	if o.entries, err = unzipped(z); err != nil {
		return o, err
	}
	for _, e := range o.entries {
		if e.Name == packageEnvelope {
			o.carried = e.Text
			return o, nil
		}
	}
	return o, ErrNoBrief
}

func openDocx(file []byte) (o opened, err error) {
	o = opened{format: "docx"}
	if o.docx, err = docx.Read(file); err != nil {
		return o, fmt.Errorf("%w: %w", ErrNoBrief, err)
	}
	if o.carried = o.docx.Custom; len(o.carried) == 0 {
		return o, ErrNoBrief
	}
	return o, nil
}

// unzipped unpacks into memory, never onto a disk, and no more than a brief has.
func unzipped(z *zip.Reader) (out []view.Packed, err error) {
	if len(z.File) > maxEntries {
		return nil, ErrTooLarge
	}
	total := 0
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("%w: a part of it cannot be read", ErrNoBrief)
		}
		data, err := io.ReadAll(io.LimitReader(r, maxEntry+1))
		_ = r.Close()
		if err != nil {
			return nil, fmt.Errorf("%w: a part of it is damaged", ErrNoBrief)
		}
		if total += len(data); len(data) > maxEntry || total > maxTotal {
			return nil, ErrTooLarge
		}
		out = append(out, view.Packed{Name: f.Name, Text: data})
	}
	return out, nil
}
