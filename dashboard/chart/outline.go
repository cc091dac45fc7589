package chart

import "math"

// outline is filled contours: lines and curves between points of the canvas.
// Contours that turn the same way add up, one that turns against them cuts a hole.
type outline []segment

// segment is a move (n 0), a line (n 1), or a curve with n-1 control points.
type segment struct {
	n int
	p [3]Point
}

func (o *outline) move(p Point) { *o = append(*o, segment{0, [3]Point{p}}) }

func (o *outline) polygon(points []Point) {
	for i, p := range points {
		*o = append(*o, segment{min(i, 1), [3]Point{p}})
	}
}

// disc turns as the sides of stroke do, or against them as a hole.
func (o *outline) disc(c Point, r float64, hole bool) {
	const k = 0.5522847498
	turn := -1.0
	if hole {
		turn = 1
	}
	at := func(x, y float64) Point { return Point{c.X + r*x, c.Y + turn*r*y} }
	o.move(at(1, 0))
	*o = append(*o,
		segment{3, [3]Point{at(1, k), at(k, 1), at(0, 1)}},
		segment{3, [3]Point{at(-k, 1), at(-1, k), at(-1, 0)}},
		segment{3, [3]Point{at(-1, -k), at(-k, -1), at(0, -1)}},
		segment{3, [3]Point{at(k, -1), at(1, -k), at(1, 0)}})
}

// stroke adds a line of a width, with round joins and, if wanted, round ends.
func (o *outline) stroke(points []Point, width float64, round bool) {
	for i, p := range points {
		if inner := i > 0 && i < len(points)-1; inner || round {
			o.disc(p, width/2, false)
		}
		if i > 0 {
			o.side(points[i-1], p, width/2)
		}
	}
}

func (o *outline) side(a, b Point, half float64) {
	length := math.Hypot(b.X-a.X, b.Y-a.Y)
	if length == 0 {
		return
	}
	nx, ny := -(b.Y-a.Y)/length*half, (b.X-a.X)/length*half
	o.polygon([]Point{{a.X + nx, a.Y + ny}, {b.X + nx, b.Y + ny}, {b.X - nx, b.Y - ny}, {a.X - nx, a.Y - ny}})
}

// dashes cuts a line into pieces, without the spaces between them.
func dashes(points []Point, on, off float64) [][]Point {
	var pieces [][]Point
	piece, left, drawing := []Point{points[0]}, on, true
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		length := math.Hypot(b.X-a.X, b.Y-a.Y)
		for done := 0.0; done < length; {
			part := min(left, length-done)
			done, left = done+part, left-part
			at := Point{a.X + (b.X-a.X)*done/length, a.Y + (b.Y-a.Y)*done/length}
			piece = append(piece, at)
			if left > 0 {
				continue
			}
			if drawing {
				pieces = append(pieces, piece)
			}
			drawing = !drawing
			piece, left = []Point{at}, map[bool]float64{true: on, false: off}[drawing]
		}
	}
	if drawing && len(piece) > 1 {
		pieces = append(pieces, piece)
	}
	return pieces
}

// bounds is the box of all points, control points too.
func (o outline) bounds() (low, high Point) {
	low, high = Point{math.Inf(1), math.Inf(1)}, Point{math.Inf(-1), math.Inf(-1)}
	for _, s := range o {
		for _, p := range s.p[:max(1, s.n)] {
			low = Point{min(low.X, p.X), min(low.Y, p.Y)}
			high = Point{max(high.X, p.X), max(high.Y, p.Y)}
		}
	}
	return low, high
}
