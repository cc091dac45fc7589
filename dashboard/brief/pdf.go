package brief

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// A PDF is what a browser printed of the HTML, and behind it, as an incremental update (ISO
// 32000-1, 7.5.6), one stream with what the file carries. What was printed is signed by the
// co-signer who printed it: nobody can print the same bytes again to compare.

// Printed is what was printed, and who says so.
type Printed struct {
	File []byte // as the browser wrote it
	Note []byte // the printing, signed by a key that has agreed to the brief; nil of a draft
}

// Printing is what the note says.
func (b *Brief) Printing(file []byte) (schema.Printing, error) {
	id, err := b.Manifest.ID()
	return schema.Printing{Brief: id, File: schema.HashOf(file)}, err
}

var (
	pdfStart   = regexp.MustCompile(`startxref\s+([0-9]+)\s+%%EOF\s*$`)
	pdfSize    = regexp.MustCompile(`/Size\s+([0-9]+)`)
	pdfRoot    = regexp.MustCompile(`/Root\s+([0-9]+)\s+([0-9]+)\s+R`)
	pdfCarried = []byte("<</Type/EmbeddedFile/Subtype/text#2Fplain/Tidemark true/Length ")
)

// PDF puts what the file carries behind what was printed.
func (b *Brief) PDF(language string, p Printed) ([]byte, error) {
	carried, err := b.Envelope(language)
	if err != nil {
		return nil, err
	}
	at := pdfStart.FindSubmatch(p.File)
	tail := p.File[max(0, len(p.File)-4096):]
	size, root := lastMatch(pdfSize, tail), lastMatch(pdfRoot, tail)
	if at == nil || size == nil || root == nil {
		return nil, fmt.Errorf("brief: pdf: the browser wrote one without a plain trailer")
	}
	number, err := strconv.Atoi(string(size[1]))
	if err != nil {
		return nil, fmt.Errorf("brief: pdf: size: %w", err)
	}
	out := bytes.NewBuffer(bytes.Clone(p.File))
	if !bytes.HasSuffix(p.File, []byte("\n")) {
		out.WriteByte('\n')
	}
	object := out.Len()
	text := armour(carried) + "\n" + string(p.Note)
	fmt.Fprintf(out, "%d 0 obj\n%s%d>>\nstream\n%s\nendstream\nendobj\n", number, pdfCarried, len(text), text)
	xref := out.Len()
	fmt.Fprintf(out, "xref\n%d 1\n%010d 00000 n \ntrailer\n<</Size %d/Root %s %s R/Prev %s>>\nstartxref\n%d\n%%%%EOF\n",
		number, object, number+1, root[1], root[2], at[1], xref)
	return out.Bytes(), nil
}

// lastMatch is the last match in a text.
func lastMatch(form *regexp.Regexp, text []byte) [][]byte {
	all := form.FindAllSubmatch(text, -1)
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1]
}

// openPDF takes a PDF apart that PDF has made: nothing may stand before the object that
// was not printed, and nothing after it but what PDF writes.
func openPDF(file []byte) (o opened, err error) {
	o.format = "pdf"
	at := bytes.LastIndex(file, pdfCarried)
	if at < 0 {
		return o, ErrNoBrief
	}
	head := bytes.LastIndexByte(file[:max(0, at-1)], '\n')
	inside, _, ok := bytes.Cut(file[at:], []byte("\nendstream\nendobj\n"))
	_, text, starts := bytes.Cut(inside, []byte("\nstream\n"))
	carried, note, parts := bytes.Cut(text, []byte("\n\n"))
	if !ok || !starts || !parts || head < 0 {
		return o, ErrNoBrief
	}
	if o.carried, err = disarm(string(carried)); err != nil {
		return o, err
	}
	o.printed = Printed{File: file[:head+1], Note: note}
	return o, nil
}

// printed checks that the file is what PDF makes of what was printed, and that somebody who
// agreed to the brief has printed it.
func (v *verifier) printed(o opened, file []byte) {
	b := v.r.brief
	whole := false
	for _, p := range []Printed{o.printed, {bytes.TrimSuffix(o.printed.File, []byte("\n")), o.printed.Note}} {
		again, err := b.PDF(v.r.Language, p)
		if err == nil && bytes.Equal(again, file) && v.printedBy(p) {
			whole = true
		}
	}
	switch {
	case len(o.printed.Note) == 0:
		v.problem("printed.draft")
	case !whole:
		v.problem("printed")
	default:
		v.say("printed")
	}
}

func (v *verifier) printedBy(p Printed) bool {
	want, err := v.r.brief.Printing(p.File)
	if err != nil {
		return false
	}
	ring, err := wire.NewRing(v.r.brief.Keys...)
	if err != nil {
		return false
	}
	note, err := wire.Verify(p.Note, ring)
	return err == nil && note.Body() == want
}
