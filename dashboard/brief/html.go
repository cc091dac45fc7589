package brief

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	stdhtml "html"
	"strconv"
	"strings"

	"tidemark/dashboard/brief/doc"
)

//go:embed brief.css
var style string

// armourID is the element that carries the envelope.
const armourID = "tidemark-brief"

// html is the document in one file: nothing is fetched, nothing runs. Each block stands on
// a line of its own, so that two files can be compared line by line.
func html(d doc.Document, carried []byte) []byte {
	w := &htmlWriter{notes: len(d.Notes)}
	w.start(d)
	w.blocks(d.Blocks)
	w.footnotes(d)
	w.line(`<footer><p>` + esc(d.Foot) + `</p></footer>`)
	w.line(`</main>`)
	w.line(`<pre id="` + armourID + `" hidden>`)
	w.b.WriteString(armour(carried))
	w.line(`</pre>`)
	w.line(`</body></html>`)
	return []byte(w.b.String())
}

type htmlWriter struct {
	b     strings.Builder
	notes int
}

func esc(s string) string { return stdhtml.EscapeString(s) }

func (w *htmlWriter) line(s string) { w.b.WriteString(s + "\n") }

func (w *htmlWriter) start(d doc.Document) {
	dir := "ltr"
	if d.RTL {
		dir = "rtl"
	}
	sum := sha256.Sum256([]byte(style))
	policy := "default-src 'none'; img-src data:; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	w.line(`<!DOCTYPE html>`)
	w.line(`<html lang="` + esc(d.Lang) + `" dir="` + dir + `">`)
	w.line(`<head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="` + policy + `">`)
	w.line(`<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">`)
	w.line(`<title>` + esc(d.Title) + `</title>`)
	w.line(`<style>` + style + `</style></head>`)
	w.line(`<body>`)
	if d.Warning != "" {
		w.line(`<p class="warning">` + esc(d.Warning) + `</p>`)
	}
	w.line(`<main>`)
}

func (w *htmlWriter) blocks(all []doc.Block) {
	for _, b := range all {
		switch b := b.(type) {
		case doc.Heading:
			h := "h" + strconv.Itoa(b.Level)
			w.line("<" + h + ">" + w.runs(b.Text) + "</" + h + ">")
		case doc.Paragraph:
			w.paragraph(b)
		case doc.List:
			w.list(b)
		case doc.Table:
			w.table(b)
		case doc.Picture:
			w.picture(b)
		case doc.Box:
			w.line(`<section class="box">`)
			w.line(`<h3>` + esc(b.Title) + `</h3>`)
			w.blocks(b.Blocks)
			w.line(`</section>`)
		}
	}
}

func (w *htmlWriter) paragraph(p doc.Paragraph) {
	switch p.Role {
	case doc.Quote:
		w.line("<blockquote><p>" + w.runs(p.Text) + "</p></blockquote>")
	case doc.Body:
		w.line("<p>" + w.runs(p.Text) + "</p>")
	default:
		w.line(`<p class="` + string(p.Role) + `">` + w.runs(p.Text) + "</p>")
	}
}

func (w *htmlWriter) list(l doc.List) {
	tag := "ul"
	if l.Ordered {
		tag = "ol"
	}
	w.line("<" + tag + ">")
	for _, item := range l.Items {
		w.line("<li>" + w.runs(item) + "</li>")
	}
	w.line("</" + tag + ">")
}

func (w *htmlWriter) table(t doc.Table) {
	class := ""
	if len(t.Head) > wide {
		class = ` class="wide"`
	}
	w.line(`<div class="scroll"><table` + class + `>`)
	w.line("<caption>" + esc(t.Caption) + "</caption>")
	w.row(`<thead><tr>`, t.Head, t.Numeric, `th scope="col"`, `</tr></thead>`)
	w.line("<tbody>")
	for _, r := range t.Rows {
		w.row(`<tr>`, r, t.Numeric, "td", "</tr>")
	}
	w.line("</tbody></table></div>")
}

// wide is how many columns a page of paper has room for at its usual size.
const wide = 5

// row writes cells; the first of a line in the body is its head.
func (w *htmlWriter) row(before string, cells []string, numeric []bool, element, after string) {
	w.b.WriteString(before)
	for i, c := range cells {
		as := element
		if i == 0 && element == "td" {
			as = `th scope="row"`
		}
		name, _, _ := strings.Cut(as, " ")
		class := ""
		if numeric[i] {
			class = ` class="n"`
		}
		w.b.WriteString("<" + as + class + ">" + esc(c) + "</" + name + ">")
	}
	w.line(after)
}

func (w *htmlWriter) picture(p doc.Picture) {
	w.line(`<figure><img alt="` + esc(p.Alt) + `" width="` + strconv.Itoa(p.Width) + `" height="` + strconv.Itoa(p.Height) +
		`" src="data:image/svg+xml;base64,` + base64.StdEncoding.EncodeToString(p.SVG) + `">`)
	w.line(`<figcaption>` + esc(p.Caption) + `</figcaption></figure>`)
}

func (w *htmlWriter) footnotes(d doc.Document) {
	if len(d.Notes) == 0 {
		return
	}
	w.line(`<section class="notes"><h2>` + esc(d.Contents) + `</h2>`)
	w.line("<ol>")
	for i, n := range d.Notes {
		w.line(`<li id="note-` + strconv.Itoa(i+1) + `">` + w.runs(n) + `</li>`)
	}
	w.line("</ol></section>")
}

func (w *htmlWriter) runs(runs []doc.Inline) string {
	var b strings.Builder
	for _, r := range runs {
		s := esc(r.Text)
		for _, wrap := range []struct {
			on  bool
			tag string
		}{{r.Apart, "bdi"}, {r.Emph, "em"}, {r.Strong, "strong"}} {
			if wrap.on {
				s = "<" + wrap.tag + ">" + s + "</" + wrap.tag + ">"
			}
		}
		if r.Link != "" {
			s = `<a href="` + esc(r.Link) + `" rel="noreferrer noopener">` + s + "</a>"
		}
		if r.Note > 0 {
			n := strconv.Itoa(r.Note)
			s += `<sup><a href="#note-` + n + `">` + n + `</a></sup>`
		}
		b.WriteString(s)
	}
	return b.String()
}
