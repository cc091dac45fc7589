package chart

import (
	"image/color"
	"math"
	"strconv"
	"strings"
)

// The roles of tables that are drawn for a file: cells whose colour says how many, bars
// with their range.
const (
	RoleCellPlain Role = "heat0"    // a cell without a colour of the scale: a total, no clear change
	RoleCellUp    Role = "cellup"   // a change that is clear
	RoleCellDown  Role = "celldown" // likewise
	RoleCellEdge  Role = "celledge" // around a cell that nobody filled
	RoleHead      Role = "head"     // words of a column
	RoleRow       Role = "row"      // words of a row
	RoleBar       Role = "barfill"
	RoleWhisker   Role = "whisker" // the 19-in-20 range of a bar
	RoleBracket   Role = "bracket" // around bars in no clear order
	RoleBarValue  Role = "barv"
	RoleBarRange  Role = "barr"

	roleCell   = "heat"  // heat1 to heat7
	roleNumber = "cellv" // cellv0 to cellv7: the number upon that cell
	roleRange  = "cellr" // cellr0 to cellr7: its range
)

// The forms of tables.
const (
	FormHeat Form = "heat"
	FormRank Form = "rank"
	FormBar  Form = "onebar"
)

// HeatSteps is how many colours the scale has.
const HeatSteps = 7

// heatShares is how far each step goes from the paper to the colour of the line.
var heatShares = [HeatSteps + 1]float64{0, .07, .17, .3, .44, .64, .82, .97}

func stepRole(name string, step int) Role {
	return Role(name + strconv.Itoa(min(max(step, 0), HeatSteps)))
}

// stepOf reads the step of a role that has one.
func stepOf(role Role, name string) (int, bool) {
	digit, ok := strings.CutPrefix(string(role), name)
	if !ok || len(digit) != 1 || digit[0] < '0' || digit[0] > '0'+HeatSteps {
		return 0, false
	}
	return int(digit[0] - '0'), true
}

const (
	sizeCell      = 14
	sizeCellRange = 10.5
	sizeHead      = 10.5
	sizeRow       = 12.5
)

// tableLook is how a role of a table is painted in a file.
func (p Palette) tableLook(role Role) (look, bool) {
	if step, ok := stepOf(role, roleCell); ok {
		return look{fill: p.heat(step)}, true
	}
	if step, ok := stepOf(role, roleNumber); ok {
		return look{fill: p.upon(p.heat(step)), size: sizeCell, bold: true}, true
	}
	if step, ok := stepOf(role, roleRange); ok {
		return look{fill: p.upon(p.heat(step)), size: sizeCellRange}, true
	}
	switch role {
	case RoleCellUp:
		return look{fill: mix(p.Card, p.Low, .2)}, true
	case RoleCellDown:
		return look{fill: mix(p.Card, teal, .2)}, true
	case RoleCellEdge:
		return look{stroke: p.BaseRule, width: 1, dash: [2]float64{3, 3}}, true
	case RoleBar:
		return look{fill: p.Band50}, true
	case RoleWhisker:
		return look{stroke: p.Line, width: 1.8}, true
	case RoleBracket:
		return look{stroke: p.Mut, width: 1.4}, true
	case RoleHead:
		return look{fill: p.Mut, size: sizeHead, bold: true}, true
	case RoleRow:
		return look{fill: p.Ink, size: sizeRow}, true
	case RoleBarValue:
		return look{fill: p.Ink, size: sizeText, bold: true}, true
	case RoleBarRange:
		return look{fill: p.Mut, size: sizeSmall}, true
	}
	return look{}, false
}

// teal is the hue of what falls, on light and on dark paper.
var teal = rgb(0x1a8f7c)

func (p Palette) heat(step int) color.NRGBA { return mix(p.Card, p.Line, heatShares[step]) }

// upon is what can be read best on a colour: the ink or the paper.
func (p Palette) upon(fill color.NRGBA) color.NRGBA {
	if contrast(p.Card, fill) > contrast(p.Ink, fill) {
		return p.Card
	}
	return p.Ink
}

func mix(from, to color.NRGBA, share float64) color.NRGBA {
	part := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + share*(float64(b)-float64(a)))) }
	return color.NRGBA{part(from.R, to.R), part(from.G, to.G), part(from.B, to.B), 0xff}
}

// contrast is WCAG 2's: 1 to 21.
func contrast(a, b color.NRGBA) float64 {
	light, dark := luminance(a), luminance(b)
	if light < dark {
		light, dark = dark, light
	}
	return (light + .05) / (dark + .05)
}

func luminance(c color.NRGBA) float64 {
	linear := func(v uint8) float64 {
		if s := float64(v) / 0xff; s > .04045 {
			return math.Pow((s+.055)/1.055, 2.4)
		} else {
			return s / 12.92
		}
	}
	return .2126*linear(c.R) + .7152*linear(c.G) + .0722*linear(c.B)
}

// across turns a place from the begin of the words into one on the screen.
func across(rtl bool, width, x float64) float64 {
	if rtl {
		return width - x
	}
	return x
}

// boxFrom is a rectangle whose near edge is x from the begin of the words.
func boxFrom(rtl bool, width float64, role Role, x, y, w, h float64) Rect {
	if rtl {
		x = width - x - w
	}
	return Rect{Role: role, X: x, Y: y, W: w, H: h}
}

// textFrom anchors a line by its begin, middle or end in the direction of the words, and
// makes it harmless.
func textFrom(rtl bool, width float64, role Role, x, y float64, anchor Anchor, s string) Text {
	if rtl {
		anchor = Right - anchor
	}
	return Text{Role: role, X: across(rtl, width, x), Y: y, Anchor: anchor, S: clean(s, 200)}
}

// lines are the rows that a label takes, at most so many.
func lines(s string, size, room float64, most int) []string {
	rows := wrapped(s, size, room)
	if len(rows) <= most {
		return rows
	}
	last := fit(rows[most-1]+" "+rows[most], size, room)
	return append(rows[:most-1:most-1], last)
}

func rectPath(role Role, r Rect) Path {
	return Path{role, [][]Point{{{r.X, r.Y}, {r.X + r.W, r.Y}, {r.X + r.W, r.Y + r.H}, {r.X, r.Y + r.H}, {r.X, r.Y}}}, false}
}
