package chart

// Heat is a table whose cells show by their colour how many: one period, or one code a
// row and one period a column. All text is ready to be shown.
type Heat struct {
	Title, Desc string
	Corner      string // what the rows are
	Cols        []string
	Rows        []HeatRow
	Key         []HeatKey // what the colours mean, palest first
	RTL         bool      // the words, and with them the columns, run from right to left
}

// HeatRow is a line of cells.
type HeatRow struct {
	Label string
	Cells []HeatCell
}

// HeatCell is a cell: a step of the scale, or what stands in its place.
type HeatCell struct {
	Kind  Kind
	Step  int  // 1 to HeatSteps; 0: a number without a colour
	Turn  Turn // of a change that is clear
	Text  string
	Range string
}

// Turn is where a clear change goes.
type Turn int

// The turns.
const (
	NoTurn Turn = iota
	Up
	Down
)

// HeatKey is a colour with its words.
type HeatKey struct {
	Cell HeatCell
	Text string
}

// Sizes of a heat map, in the units of its viewBox.
const (
	heatLabel   = 196
	heatLeast   = 84
	heatMost    = 120
	heatWidth   = 940
	heatRow     = 38
	heatLine    = 14
	heatKeyBox  = 30
	heatKeyLine = 24
	heatEdge    = 12
	headRows    = 4
	headFit     = sizeHead * .93 // most heads are two or three long words: a cut one says little
	rowRows     = 2
)

// heatFrame is where the cells of a heat map stand.
type heatFrame struct {
	width, cell, top float64
	rtl              bool
}

// LayoutHeat lays out a whole table: heads, cells with number and range, and the key.
func LayoutHeat(h Heat) Scene {
	f := heatFrame{rtl: h.RTL, cell: min(heatMost, max(heatLeast, (heatWidth-heatLabel-2*heatEdge)/float64(max(1, len(h.Cols)))))}
	f.top = f.under(h.Cols)
	f.width = max(560, 2*heatEdge+heatLabel+f.cell*float64(len(h.Cols)))
	s := Scene{Form: FormHeat, Title: h.Title, Desc: h.Desc, W: f.width, RTL: h.RTL,
		Patterns: []Pattern{{RoleGapHatch, 4.5, .9}, {RoleCaution, 6, .7}}}
	key, height := f.key(h.Key, f.top+heatRow*float64(len(h.Rows))+16)
	s.H = height
	s.add(background(s.W, s.H))
	s.add(f.heads(h)...)
	for i, row := range h.Rows {
		s.add(f.row(row, f.top+heatRow*float64(i))...)
	}
	s.add(key...)
	return s
}

// under is where the rows begin: the longest head says how much room the heads take.
func (f heatFrame) under(heads []string) float64 {
	most := 1
	for _, head := range heads {
		most = max(most, len(lines(head, headFit, f.cell-8, headRows)))
	}
	return heatLine*float64(most) + 14
}

func (f heatFrame) heads(h Heat) []Shape {
	var shapes []Shape
	for i, line := range lines(h.Corner, sizeHead, heatLabel-8, headRows) {
		shapes = append(shapes, f.text(RoleHead, heatEdge, heatLine*float64(i+1)+2, Left, line))
	}
	for c, label := range h.Cols {
		for i, line := range lines(label, headFit, f.cell-8, headRows) {
			shapes = append(shapes, f.text(RoleHead, f.middle(c), heatLine*float64(i+1)+2, Middle, line))
		}
	}
	return shapes
}

func (f heatFrame) row(row HeatRow, y float64) []Shape {
	label := lines(row.Label, sizeRow, heatLabel-14, rowRows)
	var shapes []Shape
	for i, line := range label {
		at := y + heatRow/2 + 4 + 15*(float64(i)-float64(len(label)-1)/2)
		shapes = append(shapes, f.text(RoleRow, heatEdge, at, Left, line))
	}
	for c, cell := range row.Cells {
		box := boxFrom(f.rtl, f.width, stepRole(roleCell, cell.Step), heatEdge+heatLabel+f.cell*float64(c), y, f.cell-2, heatRow-2)
		shapes = append(shapes, cellShapes(cell, box)...)
		shapes = append(shapes, f.words(cell, f.middle(c), y)...)
	}
	return shapes
}

// middle is the place of a column's words, from the begin of the row.
func (f heatFrame) middle(c int) float64 {
	return heatEdge + heatLabel + f.cell*(float64(c)+.5) - 1
}

func (f heatFrame) text(role Role, x, y float64, anchor Anchor, s string) Text {
	return textFrom(f.rtl, f.width, role, x, y, anchor, s)
}

// cellShapes fills a cell: a colour for a number, a hatch for too noisy, an empty frame
// for what is not there.
func cellShapes(cell HeatCell, box Rect) []Shape {
	at := func(role Role) Rect { box.Role = role; return box }
	switch {
	case cell.Kind == Noisy:
		return []Shape{at(RoleGapFill), at(RoleGapHatch)}
	case cell.Kind == Missing || cell.Kind == Untold:
		return []Shape{rectPath(RoleCellEdge, box)}
	case cell.Turn == Up:
		return []Shape{at(RoleCellUp)}
	case cell.Turn == Down:
		return []Shape{at(RoleCellDown)}
	case cell.Kind == Caution:
		return []Shape{at(stepRole(roleCell, cell.Step)), at(RoleCaution)}
	}
	return []Shape{at(stepRole(roleCell, cell.Step))}
}

// words are the number with its range below it, or alone in the middle.
func (f heatFrame) words(cell HeatCell, x, y float64) []Shape {
	number, small := stepRole(roleNumber, cell.Step), stepRole(roleRange, cell.Step)
	room := f.cell - 6
	if cell.Kind == Noisy || cell.Kind == Missing || cell.Kind == Untold {
		var shapes []Shape
		rows := lines(cell.Text, sizeCellRange, room, 2)
		for i, line := range rows {
			at := y + heatRow/2 + 2.5 + 12*(float64(i)-float64(len(rows)-1)/2)
			shapes = append(shapes, f.text(stepRole(roleRange, 0), x, at, Middle, line))
		}
		return shapes
	}
	if cell.Range == "" {
		return []Shape{f.text(number, x, y+heatRow/2+4, Middle, cell.Text)}
	}
	return []Shape{f.text(number, x, y+16, Middle, cell.Text), f.text(small, x, y+29, Middle, cell.Range)}
}

// key is the scale with its words, in rows; it ends at the height of the scene.
func (f heatFrame) key(key []HeatKey, y float64) (shapes []Shape, height float64) {
	x := float64(heatEdge)
	for _, k := range key {
		words := fit(clean(k.Text, 120), sizeHead, f.width-2*heatEdge-heatKeyBox)
		need := heatKeyBox + textWidth(words, sizeHead) + 18
		if x > heatEdge && x+need > f.width-heatEdge {
			x, y = heatEdge, y+heatKeyLine
		}
		shapes = append(shapes, cellShapes(k.Cell, boxFrom(f.rtl, f.width, stepRole(roleCell, k.Cell.Step), x, y, heatKeyBox-8, 14))...)
		if k.Cell.Kind == Shown && k.Cell.Text != "" {
			shapes = append(shapes, f.text(stepRole(roleRange, 0), x+(heatKeyBox-8)/2, y+11, Middle, k.Cell.Text))
		}
		shapes = append(shapes, f.text(RoleSource, x+heatKeyBox, y+11, Left, words))
		x += need
	}
	if len(key) > 0 {
		y += heatKeyLine
	}
	return shapes, y + 4
}
