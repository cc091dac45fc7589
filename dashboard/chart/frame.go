package chart

// frame is the plot's place in the scene and the only way from a mark to a
// coordinate. Start is where time begins when it runs from left to right; a
// mirrored frame turns every x around.
type frame struct {
	width                   float64 // of the whole scene
	start, end, top, bottom float64
	inset                   float64 // of the first and the last mark from the plot's ends
	alone                   float64 // half the width of the band of a mark without neighbours
	marks                   int
	max                     float64
	mirror                  bool
}

func (f frame) flip(x float64) float64 {
	if f.mirror {
		return f.width - x
	}
	return x
}

// step is the distance of two marks.
func (f frame) step() float64 {
	return (f.end - f.start - 2*f.inset) / float64(max(1, f.marks-1))
}

// along is where mark i is before mirroring; halves are between two marks.
func (f frame) along(i float64) float64 {
	if f.marks == 1 {
		return (f.start + f.end) / 2
	}
	return f.start + f.inset + i*f.step()
}

func (f frame) x(i int) float64 { return f.flip(f.along(float64(i))) }

func (f frame) y(v float64) float64 {
	return f.bottom - min(v/f.max, 1)*(f.bottom-f.top)
}

// box is the rectangle between two places along time.
func (f frame) box(role Role, from, to, top, bottom float64) Rect {
	from, to = max(from, f.start), min(to, f.end)
	return Rect{Role: role, X: min(f.flip(from), f.flip(to)), Y: top, W: to - from, H: bottom - top}
}

// text anchors a line by its begin, middle or end in the direction of time.
func (f frame) text(role Role, along, y float64, anchor Anchor, s string) Text {
	if f.mirror {
		anchor = Right - anchor
	}
	return Text{Role: role, X: f.flip(along), Y: y, Anchor: anchor, S: s}
}

func (f frame) line(role Role, from, y, to float64) Path {
	return Path{Role: role, Parts: [][]Point{{{f.flip(from), y}, {f.flip(to), y}}}}
}
