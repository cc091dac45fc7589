package chart

import "slices"

// edgesOuter are the wider range's, or the pale band's own where a mark has none.
func edgesOuter(m Mark) (low, high float64) {
	if !m.outer() {
		return m.Low95, m.High95
	}
	return m.LowOuter, m.HighOuter
}

// outlines are the wider ranges as upper and lower edges, in the order of time. They reach
// to the marks beside them: what became narrow begins where it was wide.
func (f frame) outlines(marks []Mark) (uppers, lowers [][]Point) {
	for _, r := range runs(marks, Mark.outer) {
		if r.from > 0 && marks[r.from-1].numeric() {
			r.from--
		}
		if r.to < len(marks)-1 && marks[r.to+1].numeric() {
			r.to++
		}
		var upper, lower []Point
		for i := r.from; i <= r.to; i++ {
			low, high := edgesOuter(marks[i])
			upper, lower = append(upper, Point{f.x(i), f.y(high)}), append(lower, Point{f.x(i), f.y(low)})
		}
		if len(upper) == 1 {
			box := f.column(r.from, lower[0].Y, upper[0].Y)
			upper, lower = box[:2], []Point{box[3], box[2]}
		}
		uppers, lowers = append(uppers, upper), append(lowers, lower)
	}
	return uppers, lowers
}

// outer is the pale ground of the wider ranges.
func (f frame) outer(marks []Mark) []Shape {
	p := Path{Role: RoleOuter, Closed: true}
	uppers, lowers := f.outlines(marks)
	for i, upper := range uppers {
		outline := slices.Clone(lowers[i])
		slices.Reverse(outline)
		p.Parts = append(p.Parts, slices.Concat(upper, outline))
	}
	return drawn(p)
}

// outerEdges are its dashed edges.
func (f frame) outerEdges(marks []Mark) []Shape {
	uppers, lowers := f.outlines(marks)
	return drawn(Path{Role: RoleOuterEdge, Parts: append(uppers, lowers...)})
}
