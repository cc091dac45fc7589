package chart

import "strings"

const (
	sizeHeading = 15
	sizeSource  = 11
	sourceRow   = 15
	sourceRows  = 6
	sheetEdge   = 8
)

// sheet is a scene as it stands in a file: with its heading above, its source
// below and its watermark over it. Without these it has the scene's very size.
type sheet struct {
	Scene
	top, height float64 // of the viewBox
	texts       []Text
	mark        watermark
}

// watermark is one large line through the middle, rising.
type watermark struct {
	text     string
	x, y     float64
	size     float64
	degrees  float64
	baseline float64 // from the middle down to the base line
}

func (s Scene) sheet(mark string) sheet {
	page := sheet{Scene: s, height: s.H}
	page.Title, page.Desc = clean(s.Title, 300), clean(s.Desc, 3000)
	x, anchor := float64(sheetEdge), Left
	if s.RTL {
		x, anchor = s.W-sheetEdge, Right
	}
	if heading := fit(clean(s.Heading, 200), sizeHeading*1.06, s.W-2*sheetEdge); heading != "" {
		page.top = -30
		page.texts = append(page.texts, Text{RoleHeading, x, -8, anchor, heading})
	}
	source := wrapped(s.Source, sizeSource, s.W-2*sheetEdge)
	for i, line := range source {
		page.texts = append(page.texts, Text{RoleSource, x, s.H + 6 + sourceRow*float64(i+1), anchor, line})
	}
	if page.height -= page.top; len(source) > 0 {
		page.height += 14 + sourceRow*float64(len(source))
	}
	page.mark = page.watermark(clean(mark, 60))
	return page
}

func (p sheet) watermark(text string) watermark {
	if text == "" {
		return watermark{}
	}
	size := min(p.W*.8/textWidth(text, 1.08), p.H*.3)
	return watermark{text: text, x: p.W / 2, y: p.top + p.height/2, size: size, degrees: -14, baseline: size * .35}
}

// wrapped breaks text at its line breaks and between words; what is over the last
// row is cut.
func wrapped(text string, size, room float64) []string {
	var rows []string
	for _, paragraph := range strings.Split(text, "\n") {
		row := ""
		for _, word := range strings.Fields(clean(paragraph, 1200)) {
			if row != "" && textWidth(row+" "+word, size) > room {
				rows = append(rows, row)
				row = ""
			}
			row = strings.TrimSpace(row + " " + word)
		}
		if row != "" {
			rows = append(rows, row)
		}
	}
	if len(rows) > sourceRows {
		rows = rows[:sourceRows]
		rows[sourceRows-1] += ellipsis
	}
	for i, row := range rows {
		rows[i] = closeIsolates(fit(row, size, room))
	}
	return rows
}

// background covers the whole sheet.
func (p sheet) background() Rect {
	return Rect{Role: RoleBackground, X: 0, Y: p.top, W: p.W, H: p.height}
}
