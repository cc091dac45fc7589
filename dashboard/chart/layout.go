package chart

// Sizes of the large chart, in the units of its viewBox.
const (
	trendWidth  = 860
	plotHeight  = 302
	topMargin   = 26
	noteRow     = 18
	sizeText    = 13
	sizeSmall   = 12
	sizeLast    = 23
	sizeRange   = 12.5
	periodDrop  = 20 // from the zero line to the base line of the period labels
	groupDrop   = 37
	covRuleDrop = 46
	covDrop     = 64
	labelDrop   = 80
)

// LayoutTrend lays out the large chart: axis, bands, line, dots, the words of the
// notes, the periods, the row of coverage, and a place to point at for each mark.
func LayoutTrend(t Trend) Scene {
	t = t.cleaned()
	f := trendFrame(t)
	notes, rows := placeNotes(f, t.Notes)
	f.top, f.bottom = f.top+noteRow*float64(rows), f.bottom+noteRow*float64(rows)
	s := Scene{Form: FormTrend, Title: t.Title, Desc: t.Desc, W: trendWidth, H: trendHeight(t, f), RTL: t.RTL,
		Patterns: hatches(FormTrend)}
	s.add(background(s.W, s.H))
	s.add(axis(f, t)...)
	s.add(gaps(f, t.Marks)...)
	s.add(noteLines(f, notes)...)
	s.add(f.outer(t.Marks)...)
	s.add(f.bands(t.Marks, true)...)
	s.add(f.outerEdges(t.Marks)...)
	s.add(dots(f, t)...)
	s.add(lastLabel(f, t)...)
	s.add(periods(f, t.Marks)...)
	s.add(coverage(f, t)...)
	s.add(noteTexts(f, notes)...)
	s.Links = links(f, t)
	return s
}

func (s *Scene) add(shapes ...Shape) { s.Shapes = append(s.Shapes, shapes...) }

// background is larger than the scene, so that no seam shows what lies under it.
func background(w, h float64) Shape {
	return Rect{Role: RoleBackground, X: -2, Y: -2, W: w + 4, H: h + 4}
}

func hatches(form Form) []Pattern {
	if form == FormTrend {
		return []Pattern{{RoleGapHatch, 7, .9}, {RoleCaution, 5, .8}, {RoleDotCaution, 3, .9}}
	}
	return []Pattern{{RoleGapHatch, 6, .8}, {RoleCaution, 4, .7}}
}

// trendFrame makes room for the numbers of the axis and for the last label, whose
// numbers are never cut: a cut number is another number.
func trendFrame(t Trend) frame {
	f := frame{width: trendWidth, top: topMargin, bottom: topMargin + plotHeight,
		inset: 16, alone: 7, marks: len(t.Marks), max: NiceMax(max(Top(t), t.Max)), mirror: t.Mirror}
	widest := 0.0
	for _, n := range Ticks(f.max) {
		widest = max(widest, textWidth(clean(t.Number(n), 24), sizeText))
	}
	last := max(textWidth(t.Last[0], sizeLast), textWidth(t.Last[1], sizeRange))
	f.start = max(40, widest+12)
	f.end = trendWidth - max(30, last+18)
	return f
}

func trendHeight(t Trend, f frame) float64 {
	switch {
	case t.CoverageLabel != "":
		return f.bottom + labelDrop + 5
	case hasCoverage(t.Marks):
		return f.bottom + covDrop + 7
	}
	return f.bottom + groupDrop + 9
}

// axis has no numbers where there is nothing to measure.
func axis(f frame, t Trend) []Shape {
	if t.Max == 0 && len(runs(t.Marks, Mark.numeric)) == 0 {
		return []Shape{f.line(RoleBase, f.start, f.bottom, f.end)}
	}
	var shapes []Shape
	for i, n := range Ticks(f.max) {
		role := RoleGrid
		if i == 0 {
			role = RoleBase
		}
		y := f.y(float64(n))
		shapes = append(shapes, f.line(role, f.start, y, f.end),
			f.text(RoleTick, f.start-8, y+4.5, Right, clean(t.Number(n), 24)))
	}
	return shapes
}

// halfColumn is half the width of what marks a whole period.
func (f frame) halfColumn() float64 { return min(22, f.step()*.42) }

func gaps(f frame, marks []Mark) []Shape {
	var shapes []Shape
	for i, m := range marks {
		if m.Kind != Missing {
			continue
		}
		x, half := f.along(float64(i)), f.halfColumn()
		shapes = append(shapes, f.box(RoleGapFill, x-half, x+half, f.top, f.bottom),
			f.box(RoleGapHatch, x-half, x+half, f.top, f.bottom))
		shapes = append(shapes, Circle{RoleGapDot, f.x(i), f.bottom - 20, max(8, min(11, half))},
			Text{RoleGapMark, f.x(i), f.bottom - 15.4, Middle, "?"})
	}
	return shapes
}

func dots(f frame, t Trend) []Shape {
	var shapes []Shape
	r := min(4, max(2.2, f.step()*.14))
	newest := t.newest()
	for i, m := range t.Marks {
		at := Circle{RoleDot, f.x(i), f.y(m.Value), r}
		switch {
		case !m.solid():
			continue
		case m.Kind == Caution:
			ring, hatch := at, at
			ring.R, hatch.R, hatch.Role = r+1.5, r+1.5, RoleDotCaution
			shapes = append(shapes, ring, hatch)
		case i == newest:
			at.Role, at.R = RoleDotLast, r+1.5
			shapes = append(shapes, at)
		default:
			shapes = append(shapes, at)
		}
	}
	return shapes
}

// lastLabel is beside the newest mark if time ends there, else above its band.
func lastLabel(f frame, t Trend) []Shape {
	i := t.newest()
	if i < 0 || t.Last == [2]string{} {
		return nil
	}
	width := max(textWidth(t.Last[0], sizeLast), textWidth(t.Last[1], sizeRange))
	along, anchor, y := f.along(float64(i))+14, Left, f.y(t.Marks[i].Value)
	if i < len(t.Marks)-1 {
		along, anchor = min(max(f.along(float64(i)), width/2+4), trendWidth-width/2-4), Middle
		y = f.y(highest(t.Marks[max(0, i-1):i+2])) - 22
	}
	y = min(max(y, f.top+16), f.bottom-18)
	return []Shape{
		f.text(RoleLastValue, along, y-1, anchor, t.Last[0]),
		f.text(RoleLastRange, along, y+16, anchor, t.Last[1]),
	}
}

func highest(marks []Mark) float64 {
	top := 0.0
	for _, m := range marks {
		if m.numeric() {
			top = max(top, m.High95)
		}
	}
	return top
}
