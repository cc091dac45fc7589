package docx

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tidemark/dashboard/brief/doc"
)

// writer writes the blocks of a checked document into its main part.
type writer struct {
	doc.Document
	citations
	main, notes part
	media       []file
	pictures    int
	ordered     int  // numbered lists so far
	boxed       bool // inside a box
}

// The styles of a paragraph, by its role.
var roles = map[doc.Role]string{doc.Body: "Normal", doc.Lead: "Lead", doc.Quote: "Quote", doc.Small: "Small"}

func newWriter(d doc.Document) *writer {
	w := &writer{Document: d}
	w.main.put(`<w:document ` + namespaces + ` xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><w:body>`)
	w.blocks(d.Blocks)
	w.blocks(w.rest(d))
	w.section()
	w.main.put(`</w:body></w:document>`)
	w.footnotes()
	return w
}

func (w *writer) blocks(blocks []doc.Block) {
	for _, b := range blocks {
		switch b := b.(type) {
		case doc.Heading:
			w.paragraph(headings[b.Level], b.Text)
		case doc.Paragraph:
			w.paragraph(roles[b.Role], b.Text)
		case doc.List:
			w.list(b)
		case doc.Table:
			w.table(b)
		case doc.Picture:
			w.picture(b)
		case doc.Box:
			w.box(b)
		}
	}
}

func (w *writer) box(b doc.Box) {
	w.boxed = true
	if b.Title != "" {
		w.paragraph("BoxTitle", doc.Text(b.Title))
	}
	w.blocks(b.Blocks)
	w.boxed = false
	w.gap() // two boxes in a row would become one
}

// gap parts two things that Word would join: boxes, tables.
func (w *writer) gap() { w.paragraph("Gap", nil) }

// list writes points. Every numbered list is a numbering of its own, so that it begins
// with 1.
func (w *writer) list(l doc.List) {
	numbering := bullets
	if l.Ordered {
		w.ordered++
		numbering = bullets + w.ordered
	}
	for _, item := range l.Items {
		w.open("ListParagraph", markup(fmt.Sprintf(`<w:numPr><w:ilvl w:val="0"/><w:numId w:val="%d"/></w:numPr>`, numbering)))
		w.runs(&w.main, item)
		w.main.put(`</w:p>`)
	}
}

func (w *writer) paragraph(style string, text []doc.Inline) {
	w.open(style, "")
	w.runs(&w.main, text)
	w.main.put(`</w:p>`)
}

// open begins a paragraph in the main part.
func (w *writer) open(style string, properties markup) {
	if w.boxed && slices.Contains(twins, style) {
		style = "Box" + style
	}
	w.begin(&w.main, style, properties)
}

func (w *writer) begin(p *part, style string, properties markup) {
	p.put(`<w:p><w:pPr><w:pStyle w:val="%s"/>`, style)
	p.put(`%s%s</w:pPr>`, properties, w.onlyRTL(`<w:bidi/>`))
}

func (w *writer) onlyRTL(m markup) markup {
	if w.RTL {
		return m
	}
	return ""
}

func (w *writer) runs(p *part, runs []doc.Inline) {
	for _, r := range runs {
		if r.Link != "" {
			to, _ := target(r.Link) // checked
			p.put(`<w:hyperlink r:id="%s" w:history="1">`, p.link(to))
		}
		w.run(p, r)
		if r.Link != "" {
			p.put(`</w:hyperlink>`)
		}
		if r.Note > 0 {
			w.citation(p, r.Note)
		}
	}
}

func (w *writer) run(p *part, r doc.Inline) {
	if r.Text == "" {
		return
	}
	p.put(`<w:r>%s`, w.properties(r))
	for i, line := range strings.Split(lines.Replace(shown(r, w.RTL)), "\n") {
		if i > 0 {
			p.put(`<w:br/>`)
		}
		for j, piece := range strings.Split(line, "\t") {
			if j > 0 {
				p.put(`<w:tab/>`)
			}
			p.put(`<w:t xml:space="preserve">%s</w:t>`, piece)
		}
	}
	p.put(`</w:r>`)
}

var lines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// properties says how a run looks, in the order that the schema wants.
func (w *writer) properties(r doc.Inline) markup {
	var s markup
	if r.Link != "" {
		s += `<w:rStyle w:val="Hyperlink"/>`
	}
	if r.Strong {
		s += `<w:b/><w:bCs/>`
	}
	if r.Emph {
		s += `<w:i/><w:iCs/>`
	}
	rtl := w.RTL
	if r.Apart && against(r.Text, rtl) {
		rtl = rightToLeft(r.Text) // Word goes by the run, others by the isolates
	}
	if rtl {
		s += `<w:rtl/>`
	}
	if s == "" {
		return ""
	}
	return `<w:rPr>` + s + `</w:rPr>`
}

// raised is how a note's number looks.
func (w *writer) raised() markup {
	return `<w:rPr><w:rStyle w:val="FootnoteReference"/>` + w.onlyRTL(`<w:rtl/>`) + `</w:rPr>`
}

// citation puts a note's number. Word has a note once: who cites it again refers to the
// first citation.
func (w *writer) citation(p *part, note int) {
	number, again := w.cite(note)
	style := w.raised()
	if !again {
		p.put(`<w:bookmarkStart w:id="%d" w:name="%s"/>`, number, bookmark(number))
		p.put(`<w:r>%s<w:footnoteReference w:id="%d"/></w:r>`, style, number)
		p.put(`<w:bookmarkEnd w:id="%d"/>`, number)
		return
	}
	field := func(kind string) { p.put(`<w:r>%s<w:fldChar w:fldCharType="%s"/></w:r>`, style, kind) }
	field("begin")
	p.put(`<w:r>%s<w:instrText xml:space="preserve"> NOTEREF %s \f \h </w:instrText></w:r>`, style, bookmark(number))
	field("separate")
	p.put(`<w:r>%s<w:t>%s</w:t></w:r>`, style, strconv.Itoa(number))
	field("end")
}

// footnotes writes the notes that were cited. The first two are lines, not notes.
func (w *writer) footnotes() {
	p := &w.notes
	p.put(`<w:footnotes ` + namespaces + `>`)
	for i, line := range []markup{"separator", "continuationSeparator"} {
		p.put(`<w:footnote w:type="%s" w:id="%d"><w:p><w:pPr>%s<w:spacing w:after="0" w:line="240" w:lineRule="auto"/></w:pPr><w:r><w:%s/></w:r></w:p></w:footnote>`, line, i-1, w.onlyRTL(`<w:bidi/>`), line)
	}
	for i, note := range w.order {
		p.put(`<w:footnote w:id="%d">`, i+1)
		w.begin(p, "FootnoteText", "")
		p.put(`<w:r>%s<w:footnoteRef/></w:r>`, w.raised())
		w.run(p, doc.Inline{Text: " "})
		w.runs(p, w.Notes[note-1])
		p.put(`</w:p></w:footnote>`)
	}
	p.put(`</w:footnotes>`)
}
