package docx

import (
	"strconv"
	"strings"
	"unicode"

	"tidemark/dashboard/brief/doc"
)

// Words is what Read finds in the Paragraphs of a file that Write made of d.
func Words(d doc.Document) []string {
	w := teller{rtl: d.RTL}
	w.blocks(d.Blocks)
	w.blocks(w.rest(d))
	for _, note := range w.order {
		w.runs(d.Notes[note-1])
	}
	return w.paragraphs
}

type teller struct {
	citations
	rtl        bool
	paragraphs []string
}

func (w *teller) say(s string) {
	if s = tidy(s); s != "" {
		w.paragraphs = append(w.paragraphs, s)
	}
}

// tidy makes one space of every white space: programs break and indent as they like.
func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }

func (w *teller) runs(runs []doc.Inline) {
	var b strings.Builder
	for _, r := range runs {
		b.WriteString(shown(r, w.rtl))
		if r.Note == 0 {
			continue
		}
		if number, again := w.cite(r.Note); again {
			b.WriteString(strconv.Itoa(number))
		}
	}
	w.say(b.String())
}

func (w *teller) blocks(blocks []doc.Block) {
	for _, b := range blocks {
		switch b := b.(type) {
		case doc.Heading:
			w.runs(b.Text)
		case doc.Paragraph:
			w.runs(b.Text)
		case doc.List:
			for _, item := range b.Items {
				w.runs(item)
			}
		case doc.Table:
			w.table(b)
		case doc.Picture:
			w.say(b.Caption)
		case doc.Box:
			w.say(b.Title)
			w.blocks(b.Blocks)
		}
	}
}

func (w *teller) table(t doc.Table) {
	w.say(t.Caption)
	for _, row := range append([][]string{t.Head}, t.Rows...) {
		for _, cell := range row {
			w.say(cell)
		}
	}
}

// Around a name whose direction is its own.
const (
	isolate    = "\u2068" // first strong isolate
	endIsolate = "\u2069" // pop directional isolate
)

// shown is a run as it stands in the file. Isolates are put only where a name runs
// against its page: old programs may draw them as empty squares.
func shown(r doc.Inline, rtl bool) string {
	if r.Apart && against(r.Text, rtl) {
		return isolate + r.Text + endIsolate
	}
	return r.Text
}

// against reports a letter that is written in the other direction.
func against(s string, rtl bool) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) && leftward(r) != rtl })
}

// leftward reports a letter of a script that is written from right to left.
func leftward(r rune) bool {
	return unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam)
}

// rightToLeft is a name's own direction: that of its first letter.
func rightToLeft(s string) bool {
	at := strings.IndexFunc(s, unicode.IsLetter)
	if at < 0 {
		return false
	}
	for _, r := range s[at:] {
		return leftward(r)
	}
	return false
}
