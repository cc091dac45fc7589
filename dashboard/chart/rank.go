package chart

import "slices"

// Bar is a number with its range on a scale that begins at zero.
type Bar struct {
	Kind     Kind
	At       float64
	Low, Top float64 // the 19-in-20 range, clipped at 0 for drawing
	Max      float64 // end of the scale
	RTL      bool    // the bar grows to the left
}

// Sizes of a bar in a page.
const (
	barWidth  = 300
	barHeight = 20
	barThick  = 12
)

// LayoutBar lays out one bar with its range, without words: they stand beside it.
func LayoutBar(b Bar) Scene {
	s := Scene{Form: FormBar, W: barWidth, H: barHeight, RTL: b.RTL, Patterns: []Pattern{{RoleGapHatch, 5, .9}, {RoleCaution, 5, .9}}}
	s.add(b.shapes(barPlace{width: barWidth, start: 1, end: barWidth - 1, middle: barHeight / 2})...)
	return s
}

// barPlace is where a bar may lie.
type barPlace struct{ width, start, end, middle float64 }

// shapes are the zero line, the bar and its range. What is too noisy has no bar: a hatch
// reaches to where the number might still be.
func (b Bar) shapes(p barPlace) []Shape {
	x := func(v float64) float64 {
		if !(b.Max > 0) {
			return p.start
		}
		return p.start + min(bounded(v)/b.Max, 1)*(p.end-p.start)
	}
	box := func(role Role, to, thick float64) Rect {
		return boxFrom(b.RTL, p.width, role, p.start, p.middle-thick/2, x(to)-p.start, thick)
	}
	at := func(v float64) float64 { return across(b.RTL, p.width, x(v)) }
	zero := Path{Role: RoleBase, Parts: [][]Point{{{at(0), p.middle - 9}, {at(0), p.middle + 9}}}}
	if b.Kind == Noisy {
		return []Shape{box(RoleGapHatch, b.Top, barThick-2), zero}
	}
	if b.Kind != Shown && b.Kind != Caution {
		return []Shape{zero}
	}
	shapes := []Shape{box(RoleBar, b.At, barThick)}
	if b.Kind == Caution {
		shapes = append(shapes, box(RoleCaution, b.At, barThick))
	}
	return append(shapes, zero, Path{Role: RoleWhisker, Parts: [][]Point{
		{{at(b.Low), p.middle}, {at(b.Top), p.middle}},
		{{at(b.Low), p.middle - 4}, {at(b.Low), p.middle + 4}},
		{{at(b.Top), p.middle - 4}, {at(b.Top), p.middle + 4}},
	}})
}

// Rank is a one-way table in order. All text is ready to be shown.
type Rank struct {
	Title, Desc string
	Bars        []RankBar
	Tie         string             // what a bracket means: "No clear order"
	Careful     string             // what a hatched bar means
	Rest        string             // what is not ranked, in words
	Number      func(int64) string // axis numbers in the page's language
	RTL         bool
}

// RankBar is one line.
type RankBar struct {
	Place, Label string
	Value, Range string
	Group        int // the same for lines in no clear order
	Bar          Bar // its Max and RTL are set by the layout
}

// Sizes of a ranking, in the units of its viewBox.
const (
	rankWidth  = 860
	rankTop    = 30
	rankRow    = 34
	rankPlace  = 22
	rankLabel  = 134
	rankBars   = 362
	rankValues = 688
	rankEnd    = 852
)

// LayoutRank lays out bars in order with their places, and brackets around those in no
// clear order.
func LayoutRank(r Rank) Scene {
	s := Scene{Form: FormRank, Title: r.Title, Desc: r.Desc, W: rankWidth, RTL: r.RTL,
		Patterns: []Pattern{{RoleGapHatch, 5, .9}, {RoleCaution, 5, .9}}}
	top := 0.0
	for _, b := range r.Bars {
		top = max(top, bounded(b.Bar.Top), bounded(b.Bar.At))
	}
	top = NiceMax(top)
	bottom := rankTop + rankRow*float64(len(r.Bars))
	notes := r.notes(bottom + 22)
	s.H = bottom + 14 + sourceRow*float64(len(notes))
	s.add(background(s.W, s.H))
	s.add(r.axis(top, bottom)...)
	for i, b := range r.Bars {
		b.Bar.Max, b.Bar.RTL = top, r.RTL
		s.add(r.line(b, rankTop+rankRow*(float64(i)+.5))...)
	}
	s.add(r.brackets()...)
	s.add(notes...)
	return s
}

func (r Rank) axis(top, bottom float64) []Shape {
	if len(r.Bars) == 0 {
		return nil
	}
	var shapes []Shape
	for _, n := range Ticks(top) {
		x := rankBars + float64(n)/top*(rankValues-rankBars-16)
		at := across(r.RTL, rankWidth, x)
		shapes = append(shapes, Path{Role: RoleGrid, Parts: [][]Point{{{at, rankTop - 4}, {at, bottom}}}},
			Text{RoleNote, at, rankTop - 12, Middle, clean(r.Number(n), 24)})
	}
	return shapes
}

func (r Rank) line(b RankBar, middle float64) []Shape {
	shapes := b.Bar.shapes(barPlace{width: rankWidth, start: rankBars, end: rankValues - 16, middle: middle})
	for i, line := range lines(b.Place, sizeSmall, rankLabel-rankPlace-8, 1) {
		shapes = append(shapes, textFrom(r.RTL, rankWidth, RoleNote, rankPlace, middle+4+float64(i), Left, line))
	}
	label := lines(b.Label, sizeRow, rankBars-rankLabel-14, rowRows)
	for i, line := range label {
		y := middle + 4 + 15*(float64(i)-float64(len(label)-1)/2)
		shapes = append(shapes, textFrom(r.RTL, rankWidth, RoleRow, rankLabel, y, Left, line))
	}
	y := middle + 4
	if b.Range != "" {
		y = middle - 2
		shapes = append(shapes, textFrom(r.RTL, rankWidth, RoleBarRange, rankValues, middle+12, Left, fit(b.Range, sizeSmall, rankEnd-rankValues)))
	}
	return append(shapes, textFrom(r.RTL, rankWidth, RoleBarValue, rankValues, y, Left, fit(b.Value, sizeText, rankEnd-rankValues)))
}

// brackets stand before the lines of a group.
func (r Rank) brackets() []Shape {
	path := Path{Role: RoleBracket}
	for from := 0; from < len(r.Bars); {
		to := from
		for to+1 < len(r.Bars) && r.Bars[to+1].Group == r.Bars[from].Group {
			to++
		}
		if to > from {
			near, far := across(r.RTL, rankWidth, 8), across(r.RTL, rankWidth, 14)
			top, bottom := rankTop+rankRow*float64(from)+5, rankTop+rankRow*float64(to+1)-5
			path.Parts = append(path.Parts, []Point{{far, top}, {near, top}, {near, bottom}, {far, bottom}})
		}
		from = to + 1
	}
	return drawn(path)
}

// notes say what a bracket means and what is not ranked.
func (r Rank) notes(y float64) []Shape {
	var rows []string
	if len(r.brackets()) > 0 && r.Tie != "" {
		rows = append(rows, "[  "+clean(r.Tie, 120))
	}
	if slices.ContainsFunc(r.Bars, func(b RankBar) bool { return b.Bar.Kind == Caution }) && r.Careful != "" {
		rows = append(rows, clean(r.Careful, 120))
	}
	rows = append(rows, wrapped(r.Rest, sizeSource, rankWidth-2*sheetEdge)...)
	var shapes []Shape
	for i, row := range rows {
		shapes = append(shapes, textFrom(r.RTL, rankWidth, RoleSource, sheetEdge, y+sourceRow*float64(i), Left, row))
	}
	return shapes
}
