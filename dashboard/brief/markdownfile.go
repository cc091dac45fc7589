package brief

import (
	"fmt"
	"strings"

	"tidemark/dashboard/brief/doc"
)

// The comment of a Markdown file that carries the envelope.
const (
	commentStart = "<!-- tidemark-brief\n"
	commentEnd   = "-->\n"
)

// markdown is the document as CommonMark with tables and footnotes as GitHub reads them. A
// picture is said by its words; it lies beside the text in the data package.
func markdown(d doc.Document, carried []byte) []byte {
	w := &markdownWriter{}
	if d.Warning != "" {
		w.paragraph("**" + escMarkdown(d.Warning) + "**")
	}
	w.blocks(d.Blocks, "")
	for i, n := range d.Notes {
		w.b.WriteString(fmt.Sprintf("[^%d]: %s\n", i+1, w.runs(n)))
	}
	w.b.WriteString("\n" + escMarkdown(d.Foot) + "\n\n")
	w.b.WriteString(commentStart + armour(carried) + commentEnd)
	return []byte(w.b.String())
}

type markdownWriter struct{ b strings.Builder }

func (w *markdownWriter) paragraph(s string) { w.b.WriteString(s + "\n\n") }

func (w *markdownWriter) blocks(all []doc.Block, before string) {
	for _, b := range all {
		switch b := b.(type) {
		case doc.Heading:
			w.paragraph(before + strings.Repeat("#", b.Level) + " " + w.runs(b.Text))
		case doc.Paragraph:
			quote := before
			if b.Role == doc.Quote {
				quote += "> "
			}
			w.paragraph(quote + w.runs(b.Text))
		case doc.List:
			w.list(b, before)
		case doc.Table:
			w.table(b, before)
		case doc.Picture:
			w.paragraph(before + "**" + escMarkdown(b.Caption) + "**")
			w.paragraph(before + "*" + escMarkdown(b.Alt) + "*")
		case doc.Box:
			w.paragraph(before + "> **" + escMarkdown(b.Title) + "**")
			w.blocks(b.Blocks, before+"> ")
		}
	}
}

func (w *markdownWriter) list(l doc.List, before string) {
	for i, item := range l.Items {
		mark := "- "
		if l.Ordered {
			mark = fmt.Sprintf("%d. ", i+1)
		}
		w.b.WriteString(before + mark + w.runs(item) + "\n")
	}
	w.b.WriteString("\n")
}

func (w *markdownWriter) table(t doc.Table, before string) {
	w.paragraph(before + "**" + escMarkdown(t.Caption) + "**")
	w.row(t.Head, before)
	rule := make([]string, len(t.Head))
	for i := range rule {
		rule[i] = "---"
		if t.Numeric[i] {
			rule[i] = "---:"
		}
	}
	w.b.WriteString(before + "| " + strings.Join(rule, " | ") + " |\n")
	for _, r := range t.Rows {
		w.row(r, before)
	}
	w.b.WriteString("\n")
}

func (w *markdownWriter) row(cells []string, before string) {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = escMarkdown(c)
	}
	w.b.WriteString(before + "| " + strings.Join(out, " | ") + " |\n")
}

func (w *markdownWriter) runs(runs []doc.Inline) string {
	var b strings.Builder
	for _, r := range runs {
		s := escMarkdown(r.Text)
		for _, wrap := range []struct {
			on   bool
			mark string
		}{{r.Emph, "*"}, {r.Strong, "**"}} {
			if wrap.on {
				s = wrap.mark + s + wrap.mark
			}
		}
		if r.Link != "" {
			s = "[" + s + "](<" + r.Link + ">)"
		}
		if r.Note > 0 {
			s += fmt.Sprintf("[^%d]", r.Note)
		}
		b.WriteString(s)
	}
	return b.String()
}

// markdownMarks keep words from being read as marks.
var markdownMarks = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "#", `\#`, "|", `\|`, "~", `\~`, "!", `\!`, "&", `\&`)

func escMarkdown(s string) string { return markdownMarks.Replace(s) }
