package chart

import (
	"fmt"
	"html/template"
	"image/color"
	"math"
)

// SVG is the scene as a file of its own: colours and sizes are attributes, there
// is no link, no tooltip and no script. A watermark such as "Demonstration data"
// is drawn large and pale over all; empty: none.
func (s Scene) SVG(p Palette, watermark string) []byte {
	page := s.sheet(watermark)
	w := fileWriter{writer: writer{id: s.safeID(), rtl: s.RTL}, palette: p, form: s.Form}
	w.open(page)
	w.hatches(s.Patterns)
	w.shape(page.background())
	for _, shape := range s.Shapes {
		if r, ok := shape.(Rect); !ok || r.Role != RoleBackground {
			w.shape(shape)
		}
	}
	for _, t := range page.texts {
		w.shape(t)
	}
	w.watermark(page.mark)
	w.raw("</svg>\n")
	return []byte(w.b.String())
}

// fileWriter writes attributes where writer writes classes.
type fileWriter struct {
	writer
	palette Palette
	form    Form
}

func (w *fileWriter) open(page sheet) {
	w.raw(`<svg xmlns="http://www.w3.org/2000/svg" width="`, num(page.W), `" height="`, num(page.height),
		`" viewBox="0 `, num(page.top), " ", num(page.W), " ", num(page.height), `" direction="`, direction(w.rtl),
		`" font-family="'Noto Sans','Noto Sans Arabic',system-ui,sans-serif" role="img"`)
	if page.Title == "" {
		w.raw(">")
		return
	}
	w.raw(` aria-labelledby="`, w.id, `-t"><title id="`, w.id, `-t">`, template.HTMLEscapeString(page.Title), `</title>`)
	if page.Desc != "" {
		w.raw(`<desc>`, template.HTMLEscapeString(page.Desc), `</desc>`)
	}
}

func (w *fileWriter) hatches(patterns []Pattern) {
	w.raw("<defs>")
	for _, p := range patterns {
		w.raw(`<pattern id="`, w.id, "-", string(p.Role), `" width="`, num(p.Pitch), `" height="`, num(p.Pitch),
			`" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="`, p.data(), `"`)
		w.paint("stroke", w.palette.look(p.Role, w.form).fill)
		w.coord("stroke-width", p.StrokeWidth)
		w.raw(`/></pattern>`)
	}
	w.raw("</defs>\n")
}

// data is the one line of a tile, in its middle, where no edge cuts it.
func (p Pattern) data() string {
	middle := num(p.Pitch / 2)
	return "M" + middle + " 0V" + num(p.Pitch)
}

func (w *fileWriter) paint(name string, c color.NRGBA) {
	if c.A == 0 {
		return
	}
	fmt.Fprintf(&w.b, ` %s="#%02x%02x%02x"`, name, c.R, c.G, c.B)
	if c.A < 0xff {
		fmt.Fprintf(&w.b, ` %s-opacity="%.2f"`, name, float64(c.A)/0xff)
	}
}

// style writes how a role looks.
func (w *fileWriter) style(role Role) {
	l := w.palette.look(role, w.form)
	switch {
	case hatched(role):
		w.raw(` fill="url(#`, w.id, "-", string(role), `)"`)
	case l.fill.A == 0:
		w.raw(` fill="none"`)
	default:
		w.paint("fill", l.fill)
	}
	if l.width > 0 {
		w.paint("stroke", l.stroke)
		w.coord("stroke-width", l.width)
	}
	if l.dash[1] > 0 {
		w.raw(` stroke-dasharray="`, num(l.dash[0]), " ", num(l.dash[1]), `"`)
	}
	if l.round {
		w.raw(` stroke-linecap="round" stroke-linejoin="round"`)
	}
	if l.size > 0 {
		w.coord("font-size", l.size)
	}
	if l.bold {
		w.raw(` font-weight="700"`)
	}
}

func (w *fileWriter) shape(shape Shape) {
	switch v := shape.(type) {
	case Path:
		w.raw(`<path d="`, pathData(v), `"`)
		w.style(v.Role)
		w.raw("/>\n")
	case Rect:
		w.raw(`<rect x="`, num(v.X), `" y="`, num(v.Y), `" width="`, num(v.W), `" height="`, num(v.H), `"`)
		w.style(v.Role)
		w.raw("/>\n")
	case Circle:
		w.raw(`<circle cx="`, num(v.X), `" cy="`, num(v.Y), `" r="`, num(v.R), `"`)
		w.style(v.Role)
		w.raw("/>\n")
	case Text:
		w.raw(`<text x="`, num(v.X), `" y="`, num(v.Y), `" text-anchor="`, textAnchor(v.Anchor, w.rtl), `"`)
		w.style(v.Role)
		w.raw(">", template.HTMLEscapeString(v.S), "</text>\n")
	}
}

func (w *fileWriter) watermark(m watermark) {
	if m.text == "" {
		return
	}
	at := num(m.x) + " " + num(m.y)
	w.raw(`<text x="`, num(m.x), `" y="`, num(m.y+m.baseline), `" text-anchor="middle" transform="rotate(`,
		num(m.degrees), " ", at, `)"`)
	w.style(RoleWatermark)
	w.coord("font-size", math.Round(m.size))
	w.raw(">", template.HTMLEscapeString(m.text), "</text>\n")
}
