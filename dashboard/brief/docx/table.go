package docx

import (
	"strings"
	"unicode/utf8"

	"tidemark/dashboard/brief/doc"
)

// Lengths are in twentieths of a point, as in the file.
const (
	pageWidth, pageHeight = 11906, 16838 // A4
	margin                = 1247
	textWidth             = pageWidth - 2*margin
	textHeight            = pageHeight - 2*margin - 1500 // beside a caption and a note
	// From the page's edge to the text of a box and to the numbers of a list, and from there
	// to the list's text: a box whose text begins in two places falls apart.
	inset = 340
)

func columns(t doc.Table) int {
	n := len(t.Head)
	for _, row := range t.Rows {
		n = max(n, len(row))
	}
	return n
}

func (w *writer) table(t doc.Table) {
	if t.Caption != "" {
		w.paragraph("Caption", doc.Text(t.Caption))
	}
	inBox := w.boxed
	w.boxed = false // a table in a box has its own lines
	w.grid(t)
	w.boxed = inBox
	w.gap()
}

func (w *writer) grid(t doc.Table) {
	widths := w.widths(t)
	p := &w.main
	p.put(`<w:tbl><w:tblPr><w:tblStyle w:val="Figures"/>%s<w:tblW w:w="%d" w:type="dxa"/>`, w.onlyRTL(`<w:bidiVisual/>`), sum(widths))
	p.put(`<w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/></w:tblPr><w:tblGrid>`)
	for _, width := range widths {
		p.put(`<w:gridCol w:w="%d"/>`, width)
	}
	p.put(`</w:tblGrid>`)
	if len(t.Head) > 0 {
		w.row(t.Head, t.Numeric, widths, `<w:tblHeader/>`)
	}
	for _, row := range t.Rows {
		w.row(row, t.Numeric, widths, "")
	}
	p.put(`</w:tbl>`)
}

func (w *writer) row(cells []string, numeric []bool, widths []int, head markup) {
	w.main.put(`<w:tr><w:trPr><w:cantSplit/>%s</w:trPr>`, head)
	for i, width := range widths {
		w.main.put(`<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/></w:tcPr>`, width)
		style := "TableText"
		if i < len(numeric) && numeric[i] {
			style = "TableNumber"
		}
		var text []doc.Inline
		if i < len(cells) {
			text = doc.Text(cells[i])
		}
		w.paragraph(style, text)
		w.main.put(`</w:tc>`)
	}
	w.main.put(`</w:tr>`)
}

// widths shares the page among columns by what they hold: LibreOffice takes the widths
// that it is given, and does not look at the text. A long text gets less than its due,
// since it can be broken; a long word gets its due.
func (w *writer) widths(t doc.Table) []int {
	need := make([]int, columns(t))
	for _, row := range append([][]string{t.Head}, t.Rows...) {
		for i, cell := range row {
			need[i] = max(need[i], min(utf8.RuneCountInString(cell), 32), longestWord(cell))
		}
	}
	total := sum(need) + 4*len(need)
	for i := range need {
		need[i] = textWidth * (need[i] + 4) / total
	}
	return need
}

func longestWord(s string) (n int) {
	for _, word := range strings.Fields(s) {
		n = max(n, utf8.RuneCountInString(word))
	}
	return n
}

func sum(ns []int) (total int) {
	for _, n := range ns {
		total += n
	}
	return total
}
