package chart

import "sort"

// placedNote is a note with its words in a row above the plot; row 0 is the lowest.
// Places are along time, before mirroring.
type placedNote struct {
	at, from, to float64
	row          int
	text         string
}

// placeNotes gives each note a row in which its words touch no others, and if it
// can be had one where no line of a higher row crosses them. Words begin at their
// line and run with time, or end at the edge of the scene.
func placeNotes(f frame, notes []Note) (placed []placedNote, rows int) {
	notes = append([]Note(nil), notes...)
	sort.SliceStable(notes, func(i, j int) bool { return notes[i].At > notes[j].At })
	for _, n := range notes {
		p := placedNote{at: f.along(float64(n.At)), text: fit(n.Text, sizeSmall, trendWidth-f.start)}
		width := textWidth(p.text, sizeSmall)
		p.from = min(p.at-3, f.width-8-width)
		p.to = p.from + width
		for p.collides(placed) {
			p.row++
		}
		placed = append(placed, p)
		if p.text != "" {
			rows = max(rows, p.row+1)
		}
	}
	return placed, rows
}

// collides looks at the notes placed before, which are later in time.
func (p placedNote) collides(placed []placedNote) bool {
	for _, q := range placed {
		apart := p.to+8 < q.from || q.to+8 < p.from
		if p.row == q.row && !apart {
			return true
		}
		if q.row > p.row && q.at >= p.from-4 && q.at <= p.to+4 {
			return true
		}
	}
	return false
}

// baseline is where the words of a row stand.
func (f frame) noteBaseline(row int) float64 {
	return f.top - 11 - float64(row)*noteRow
}

// noteLines begin under their words and make way for the words of lower rows.
func noteLines(f frame, notes []placedNote) []Shape {
	path := Path{Role: RoleNoteLine}
	for _, n := range notes {
		x, y := f.flip(n.at), f.noteBaseline(n.row)+4
		if n.text == "" {
			y = f.top
		}
		for row := n.row - 1; row >= 0; row-- {
			if !covered(notes, row, n.at) {
				continue
			}
			if upper := f.noteBaseline(row) - 11; upper > y {
				path.Parts = append(path.Parts, []Point{{x, y}, {x, upper}})
			}
			y = f.noteBaseline(row) + 4
		}
		path.Parts = append(path.Parts, []Point{{x, y}, {x, f.bottom}})
	}
	return drawn(path)
}

func covered(notes []placedNote, row int, at float64) bool {
	for _, n := range notes {
		if n.row == row && n.text != "" && at >= n.from-3 && at <= n.to+3 {
			return true
		}
	}
	return false
}

func noteTexts(f frame, notes []placedNote) []Shape {
	var shapes []Shape
	for i := len(notes) - 1; i >= 0; i-- {
		if n := notes[i]; n.text != "" {
			shapes = append(shapes, f.text(RoleNote, n.from, f.noteBaseline(n.row), Left, n.text))
		}
	}
	return shapes
}
