package chart

import (
	"fmt"
	"strconv"
	"strings"
)

// Role says what a primitive is for; a writer decides how that looks. In a page
// it is the CSS class.
type Role string

// The roles, in about the order of painting.
const (
	RoleBackground Role = "bg"
	RoleGrid       Role = "grid"
	RoleBase       Role = "base"    // the zero line
	RoleGapFill    Role = "gapfill" // column of a Missing mark
	RoleGapHatch   Role = "gaphat"
	RoleGreyBand   Role = "grey"  // 95 % band of Noisy marks
	RoleOuter      Role = "outer" // the wider range around the bands
	RoleOuterEdge  Role = "outeredge"
	RoleBand95     Role = "b95"
	RoleBand50     Role = "b50"
	RoleCaution    Role = "cauhat" // hatch over the band of a Caution mark
	RoleNoteLine   Role = "noteline"
	RoleDotted     Role = "dotted" // line through Noisy marks
	RoleLine       Role = "line"
	RoleDot        Role = "dot"
	RoleDotCaution Role = "dotcau"
	RoleDotLast    Role = "dotlast" // the newest shown mark
	RoleGapDot     Role = "gapdot"  // disc behind the "?"
	RoleGapMark    Role = "gapmark"
	RoleLastValue  Role = "lastv"
	RoleLastRange  Role = "lastr"
	RoleTick       Role = "tick" // axis number
	RolePeriod     Role = "period"
	RoleGroup      Role = "group"
	RoleCovRule    Role = "covrule"
	RoleCovDot     Role = "covdot" // low coverage whose text has no room
	RoleCoverage   Role = "cov"
	RoleCovLow     Role = "covlow"
	RoleCovLabel   Role = "covlabel"
	RoleNote       Role = "note"
	RoleHit        Role = "hit"
	RoleHalo       Role = "halo"
	RoleTip        Role = "tipbox"
	RoleTipFirst   Role = "tip1"
	RoleTipSecond  Role = "tip2"
	RoleHeading    Role = "heading"   // files only
	RoleSource     Role = "source"    // files only
	RoleWatermark  Role = "watermark" // files only
)

// Form is the kind of chart; small ones have thinner lines.
type Form string

// The forms.
const (
	FormTrend Form = "trend"
	FormMini  Form = "mini"
	FormSpark Form = "spark"
)

// Scene is a laid out chart. Shapes are in the order of painting; Links lie over
// them, in time order, which is the order of the Tab key.
type Scene struct {
	ID              string // prefix of the ids in a page, unique in it; letters, digits and "-"
	Form            Form
	Title, Desc     string // without a Title a page hides the chart from screen readers
	Heading, Source string // drawn above and below the chart in a file, never in a page; a line break in Source is kept
	W, H            float64
	RTL             bool
	Patterns        []Pattern
	Shapes          []Shape
	Links           []Link
}

// Shape is one of Path, Rect, Circle, Text. Its String is one line of a golden file.
type Shape interface {
	String() string
	shape()
}

// Point is a place in the scene; y grows downwards.
type Point struct{ X, Y float64 }

// Path is one or more polylines, or polygons if Closed.
type Path struct {
	Role   Role
	Parts  [][]Point
	Closed bool
}

// Rect is a rectangle; R rounds its corners.
type Rect struct {
	Role       Role
	X, Y, W, H float64
	R          float64
}

// Circle is a disc or ring.
type Circle struct {
	Role    Role
	X, Y, R float64
}

// Text is one line whose baseline is at Y.
type Text struct {
	Role   Role
	X, Y   float64
	Anchor Anchor
	S      string
}

// Anchor says which end of a line of text is at its X, as seen on the screen and
// whatever the direction of the words.
type Anchor int

// The anchors.
const (
	Left Anchor = iota
	Middle
	Right
)

// Pattern is a hatch: the fill of every shape of the Role.
type Pattern struct {
	Role        Role
	Pitch       float64
	StrokeWidth float64
}

// Link is the place of a mark that can be pointed at, with its tooltip. Without an
// Href it can still be reached and read.
type Link struct {
	Href, Label string
	Hit         Rect
	Halo        Circle
	Tip         Tip
}

// Tip is a box with two lines; without text there is none.
type Tip struct {
	Box   Rect
	Lines []Text
}

func (Path) shape()   {}
func (Rect) shape()   {}
func (Circle) shape() {}
func (Text) shape()   {}

func (p Path) String() string {
	return fmt.Sprintf("path %s %s", p.Role, pathData(p))
}

func (r Rect) String() string {
	return fmt.Sprintf("rect %s %s %s %sx%s", r.Role, num(r.X), num(r.Y), num(r.W), num(r.H))
}

func (c Circle) String() string {
	return fmt.Sprintf("circle %s %s %s r%s", c.Role, num(c.X), num(c.Y), num(c.R))
}

func (t Text) String() string {
	anchor := [...]string{"left", "middle", "right"}[t.Anchor]
	return fmt.Sprintf("text %s %s %s %s %q", t.Role, anchor, num(t.X), num(t.Y), t.S)
}

// String is the scene as text, one line a primitive.
func (s Scene) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "scene %s %sx%s rtl=%t %q\n", s.Form, num(s.W), num(s.H), s.RTL, s.Title)
	for _, p := range s.Patterns {
		fmt.Fprintf(&b, "pattern %s %s\n", p.Role, num(p.Pitch))
	}
	for _, shape := range s.Shapes {
		b.WriteString(shape.String() + "\n")
	}
	for _, l := range s.Links {
		fmt.Fprintf(&b, "link %q %q\n  %s\n  %s\n", l.Href, l.Label, l.Hit, l.Halo)
		for _, line := range l.Tip.Lines {
			fmt.Fprintf(&b, "  %s\n", line)
		}
	}
	return b.String()
}

// num writes a coordinate to a tenth, which is finer than a screen shows.
func num(v float64) string {
	return string(appendNum(nil, v))
}

func appendNum(b []byte, v float64) []byte {
	tenths := int64(v*10 + 0.5)
	if v < 0 {
		tenths = int64(v*10 - 0.5)
	}
	if tenths%10 == 0 {
		return strconv.AppendInt(b, tenths/10, 10)
	}
	return strconv.AppendFloat(b, float64(tenths)/10, 'f', 1, 64)
}

func pathData(p Path) string {
	var b []byte
	for _, part := range p.Parts {
		for i, at := range part {
			b = append(b, "ML"[min(i, 1)])
			b = append(appendNum(b, at.X), ' ')
			b = appendNum(b, at.Y)
		}
		if p.Closed {
			b = append(b, 'Z')
		}
	}
	return string(b)
}
