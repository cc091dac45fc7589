package chart

// run is a stretch of neighbouring marks, both ends included.
type run struct{ from, to int }

// runs are the longest stretches of marks that fit.
func runs(marks []Mark, fits func(Mark) bool) []run {
	var all []run
	for i, m := range marks {
		switch {
		case !fits(m):
		case len(all) > 0 && all[len(all)-1].to == i-1:
			all[len(all)-1].to = i
		default:
			all = append(all, run{i, i})
		}
	}
	return all
}

// greyRuns are the stretches of Noisy marks, reaching to the estimates beside them.
func greyRuns(marks []Mark) []run {
	all := runs(marks, func(m Mark) bool { return m.Kind == Noisy })
	for i, r := range all {
		if r.from > 0 && marks[r.from-1].solid() {
			all[i].from--
		}
		if r.to < len(marks)-1 && marks[r.to+1].solid() {
			all[i].to++
		}
	}
	return all
}

type edges func(Mark) (low, high float64)

func edges95(m Mark) (low, high float64) { return m.Low95, m.High95 }
func edges50(m Mark) (low, high float64) { return m.Low50, m.High50 }

// ribbon is the outline of a band over a run; a single mark gets a narrow column.
func (f frame) ribbon(marks []Mark, r run, band edges) []Point {
	if r.from == r.to {
		low, high := band(marks[r.from])
		return f.column(r.from, f.y(low), f.y(high))
	}
	outline := make([]Point, 0, 2*(r.to-r.from+1))
	for i := r.from; i <= r.to; i++ {
		_, high := band(marks[i])
		outline = append(outline, Point{f.x(i), f.y(high)})
	}
	for i := r.to; i >= r.from; i-- {
		low, _ := band(marks[i])
		outline = append(outline, Point{f.x(i), f.y(low)})
	}
	return outline
}

func (f frame) column(i int, low, high float64) []Point {
	left, right := f.x(i)-f.alone, f.x(i)+f.alone
	return []Point{{left, high}, {right, high}, {right, low}, {left, low}}
}

func (f frame) band(role Role, marks []Mark, all []run, band edges) Path {
	p := Path{Role: role, Closed: true}
	for _, r := range all {
		p.Parts = append(p.Parts, f.ribbon(marks, r, band))
	}
	return p
}

// through is the line of values; a mark without neighbours gets a short dash.
func (f frame) through(role Role, marks []Mark, all []run) Path {
	p := Path{Role: role}
	for _, r := range all {
		var part []Point
		for i := r.from; i <= r.to; i++ {
			part = append(part, Point{f.x(i), f.y(marks[i].Value)})
		}
		if len(part) == 1 {
			at := part[0]
			part = []Point{{at.X - f.alone, at.Y}, {at.X + f.alone, at.Y}}
		}
		p.Parts = append(p.Parts, part)
	}
	return p
}

// bands are the ribbons and lines of a chart, grey ones below.
func (f frame) bands(marks []Mark, with50 bool) []Shape {
	grey, solid := greyRuns(marks), runs(marks, Mark.solid)
	shapes := drawn(f.band(RoleGreyBand, marks, grey, edges95), f.band(RoleBand95, marks, solid, edges95))
	if with50 {
		shapes = append(shapes, drawn(f.band(RoleBand50, marks, solid, edges50))...)
	}
	return append(shapes, drawn(
		f.cautions(marks),
		f.through(RoleDotted, marks, grey),
		f.through(RoleLine, marks, solid))...)
}

// cautions hatch the pale band half the way to the neighbours of a Caution mark.
func (f frame) cautions(marks []Mark) Path {
	p := Path{Role: RoleCaution, Closed: true}
	for i, m := range marks {
		if m.Kind == Caution {
			p.Parts = append(p.Parts, f.around(marks, i))
		}
	}
	return p
}

func (f frame) around(marks []Mark, i int) []Point {
	upper, lower := []Point{{f.x(i), f.y(marks[i].High95)}}, []Point{{f.x(i), f.y(marks[i].Low95)}}
	if i > 0 && marks[i-1].solid() {
		upper = append([]Point{f.between(i-1, marks[i-1].High95, marks[i].High95)}, upper...)
		lower = append([]Point{f.between(i-1, marks[i-1].Low95, marks[i].Low95)}, lower...)
	}
	if i < len(marks)-1 && marks[i+1].solid() {
		upper = append(upper, f.between(i, marks[i].High95, marks[i+1].High95))
		lower = append(lower, f.between(i, marks[i].Low95, marks[i+1].Low95))
	}
	if len(upper) == 1 {
		return f.column(i, lower[0].Y, upper[0].Y)
	}
	for j := len(lower) - 1; j >= 0; j-- {
		upper = append(upper, lower[j])
	}
	return upper
}

// between is the place half the way from mark i to the next.
func (f frame) between(i int, a, b float64) Point {
	return Point{f.flip(f.along(float64(i) + .5)), f.y((a + b) / 2)}
}

// drawn leaves out paths without parts.
func drawn(paths ...Path) []Shape {
	var shapes []Shape
	for _, p := range paths {
		if len(p.Parts) > 0 {
			shapes = append(shapes, p)
		}
	}
	return shapes
}
