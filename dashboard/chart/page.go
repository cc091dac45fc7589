package chart

import (
	_ "embed"
	"html/template"
	"strings"
)

// CSS is the style of the classes that Page writes. Its colours are the custom
// properties of the page, so dark mode and print come from there.
//
//go:embed chart.css
var CSS string

// Page is the scene as SVG inside a page. It has no style attribute and no script:
// tooltips show by CSS, on hover and on focus.
func (s Scene) Page() template.HTML {
	w := writer{id: s.safeID(), rtl: s.RTL}
	w.open(s)
	w.defs(s.Patterns)
	w.raw(`<g aria-hidden="true">`)
	for _, shape := range s.Shapes {
		w.shape(shape)
	}
	w.raw(`</g>`)
	if len(s.Links) > 0 {
		w.raw(`<g>`)
		for _, l := range s.Links {
			w.link(l)
		}
		w.raw(`</g>`)
	}
	w.raw("</svg>")
	return template.HTML(w.b.String())
}

// safeID keeps what may stand in an id and in a url(#...) without escaping.
func (s Scene) safeID() string {
	id := strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, s.ID)
	if id == "" {
		return "chart"
	}
	return id
}

// writer builds SVG with classes. It escapes all text and all addresses.
type writer struct {
	b   strings.Builder
	id  string
	rtl bool
}

func (w *writer) raw(parts ...string) {
	for _, p := range parts {
		w.b.WriteString(p)
	}
}

func (w *writer) attr(name, value string) {
	w.raw(" ", name, `="`, template.HTMLEscapeString(value), `"`)
}

func (w *writer) coord(name string, v float64) { w.raw(" ", name, `="`, num(v), `"`) }

// open writes the root. The direction is written there, or else that of the page
// would turn the anchors of all text around.
func (w *writer) open(s Scene) {
	w.raw(`<svg class="chart `, string(s.Form), `" viewBox="0 0 `, num(s.W), " ", num(s.H), `"`)
	w.raw(` direction="`, direction(s.RTL), `"`)
	title, desc := clean(s.Title, 300), clean(s.Desc, 3000)
	if title == "" {
		w.raw(` aria-hidden="true" focusable="false">`)
		return
	}
	role, by := "img", w.id+"-t"
	if len(s.Links) > 0 {
		role = "group"
	}
	if desc != "" {
		by += " " + w.id + "-d"
	}
	w.raw(` role="`, role, `" aria-labelledby="`, by, `">`)
	w.raw(`<title id="`, w.id, `-t">`, template.HTMLEscapeString(title), `</title>`)
	if desc != "" {
		w.raw(`<desc id="`, w.id, `-d">`, template.HTMLEscapeString(desc), `</desc>`)
	}
}

func direction(rtl bool) string {
	if rtl {
		return "rtl"
	}
	return "ltr"
}

func (w *writer) defs(patterns []Pattern) {
	w.raw("<defs>")
	for _, p := range patterns {
		w.raw(`<pattern id="`, w.id, "-", string(p.Role), `" width="`, num(p.Pitch), `" height="`, num(p.Pitch),
			`" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="`, string(p.Role), `-l" d="`, p.data(),
			`" stroke-width="`, num(p.StrokeWidth), `"/></pattern>`)
	}
	w.raw("</defs>")
}

// class opens an element. A hatch is an attribute, because only here the id of its
// pattern is known.
func (w *writer) class(element string, role Role) {
	w.raw("<", element, ` class="`, string(role), `"`)
	if hatched(role) {
		w.raw(` fill="url(#`, w.id, "-", string(role), `)"`)
	}
}

func hatched(role Role) bool {
	return role == RoleGapHatch || role == RoleCaution || role == RoleDotCaution
}

func (w *writer) shape(shape Shape) {
	switch v := shape.(type) {
	case Path:
		w.class("path", v.Role)
		w.raw(` d="`, pathData(v), `"/>`)
	case Rect:
		w.rect(v)
	case Circle:
		w.class("circle", v.Role)
		w.coord("cx", v.X)
		w.coord("cy", v.Y)
		w.coord("r", v.R)
		w.raw("/>")
	case Text:
		w.text(v)
	}
}

func (w *writer) rect(r Rect) {
	w.class("rect", r.Role)
	w.coord("x", r.X)
	w.coord("y", r.Y)
	w.coord("width", r.W)
	w.coord("height", r.H)
	if r.R > 0 {
		w.coord("rx", r.R)
	}
	w.raw("/>")
}

func (w *writer) text(t Text) {
	w.class("text", t.Role)
	w.coord("x", t.X)
	w.coord("y", t.Y)
	if anchor := textAnchor(t.Anchor, w.rtl); anchor != "start" {
		w.raw(` text-anchor="`, anchor, `"`)
	}
	w.raw(">", template.HTMLEscapeString(t.S), "</text>")
}

// textAnchor turns an end on the screen into SVG's, which follows the direction.
func textAnchor(a Anchor, rtl bool) string {
	switch {
	case a == Middle:
		return "middle"
	case (a == Right) != rtl:
		return "end"
	}
	return "start"
}

// link writes the place of a mark. Without an address it still can have the focus.
func (w *writer) link(l Link) {
	element := "a"
	if href := safeHref(l.Href); href != "" {
		w.raw(`<a class="mark"`)
		w.attr("href", href)
	} else {
		element = "g"
		w.raw(`<g class="mark" role="img" tabindex="0"`)
	}
	w.attr("aria-label", l.Label)
	w.raw(">")
	w.rect(l.Hit)
	w.shape(l.Halo)
	if len(l.Tip.Lines) > 0 {
		w.raw(`<g class="tip" aria-hidden="true">`)
		w.rect(l.Tip.Box)
		for _, line := range l.Tip.Lines {
			w.text(line)
		}
		w.raw("</g>")
	}
	w.raw("</", element, ">")
}
