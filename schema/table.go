package schema

import (
	"fmt"
	"regexp"
	"strings"
)

// Axis is a dimension at its codes, or at one of its roll-ups:
// "threat_type", "threat_type(group)".
type Axis struct {
	Dimension string
	Rollup    string // empty: the dimension's own codes
}

var axisForm = regexp.MustCompile(`^([a-z0-9_]{1,48})(?:\(([a-z0-9_]{1,48})\))?$`)

// ParseAxis reads "threat_type" or "threat_type(group)"; whether the codebook has it is
// asked of Codebook.Level.
func ParseAxis(s string) (Axis, error) {
	m := axisForm.FindStringSubmatch(s)
	if m == nil {
		return Axis{}, fmt.Errorf("axis: want dimension or dimension(rollup)")
	}
	return Axis{m[1], m[2]}, nil
}

func (a Axis) String() string {
	if a.Rollup == "" {
		return a.Dimension
	}
	return a.Dimension + "(" + a.Rollup + ")"
}

// Level is an axis looked up in a codebook.
type Level struct {
	Axis  Axis
	Dim   int    // the dimension's place in the codebook and in Record.Codes
	Codes []Code // the axis's codes, in order
	Of    []int  // code index of the dimension -> index into Codes
}

// Level looks an axis up.
func (c *Codebook) Level(a Axis) (Level, error) {
	i := c.Dimension(a.Dimension)
	if i < 0 {
		return Level{}, fmt.Errorf("axis %s: the codebook has no such dimension", a)
	}
	d := &c.Dimensions[i]
	l := Level{Axis: a, Dim: i, Of: make([]int, len(d.Codes))}
	if a.Rollup == "" {
		for k, code := range d.Codes {
			l.Codes, l.Of[k] = append(l.Codes, code.Code), k
		}
		return l, nil
	}
	r := d.Rollup(a.Rollup)
	if r == nil {
		return Level{}, fmt.Errorf("axis %s: the dimension has no such roll-up", a)
	}
	for k, g := range r.Codes {
		l.Codes = append(l.Codes, g.Code)
		for _, code := range g.Of {
			l.Of[d.Index(code)] = k
		}
	}
	return l, nil
}

// Table is a one-way or two-way marginal: "gender", "threat_type*gender".
type Table struct {
	Axes []Axis // one or two, of different dimensions
}

// ParseTable reads "gender" or "threat_type*gender".
func ParseTable(s string) (Table, error) {
	var t Table
	for _, part := range strings.Split(s, "*") {
		a, err := ParseAxis(part)
		if err != nil {
			return Table{}, fmt.Errorf("table: %w", err)
		}
		t.Axes = append(t.Axes, a)
	}
	if len(t.Axes) > 2 {
		return Table{}, fmt.Errorf("table: have %d axes, want one or two", len(t.Axes))
	}
	if len(t.Axes) == 2 && t.Axes[0].Dimension == t.Axes[1].Dimension {
		return Table{}, fmt.Errorf("table: want two different dimensions")
	}
	return t, nil
}

func (t Table) String() string {
	names := make([]string, len(t.Axes))
	for i, a := range t.Axes {
		names[i] = a.String()
	}
	return strings.Join(names, "*")
}

// MarshalText writes the name.
func (t Table) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads the name.
func (t *Table) UnmarshalText(b []byte) (err error) {
	*t, err = ParseTable(string(b))
	return err
}

// Shape is a table looked up in a codebook. Cells are numbered row by row:
// the last axis runs fastest.
type Shape struct {
	Table  Table
	Levels []Level
}

// Shape looks a table up.
func (c *Codebook) Shape(t Table) (Shape, error) {
	s := Shape{Table: t}
	for _, a := range t.Axes {
		l, err := c.Level(a)
		if err != nil {
			return Shape{}, fmt.Errorf("table %s: %w", t, err)
		}
		s.Levels = append(s.Levels, l)
	}
	if len(s.Levels) == 0 {
		return Shape{}, fmt.Errorf("table: no axis")
	}
	return s, nil
}

// Rows and Cols give the page form: one row per code of the first axis.
func (s Shape) Rows() int { return len(s.Levels[0].Codes) }

// Cols is 1 for a one-way table.
func (s Shape) Cols() int {
	if len(s.Levels) == 1 {
		return 1
	}
	return len(s.Levels[1].Codes)
}

// Cells is the number of cells.
func (s Shape) Cells() int { return s.Rows() * s.Cols() }

// Cell is the cell of a record's codes; the codes must be of the shape's codebook.
func (s Shape) Cell(codes []byte) int {
	cell := 0
	for _, l := range s.Levels {
		cell = cell*len(l.Codes) + l.Of[codes[l.Dim]]
	}
	return cell
}

// CodesAt names the codes of a cell, one per axis.
func (s Shape) CodesAt(cell int) []Code {
	codes := make([]Code, len(s.Levels))
	for i := len(s.Levels) - 1; i >= 0; i-- {
		n := len(s.Levels[i].Codes)
		codes[i] = s.Levels[i].Codes[cell%n]
		cell /= n
	}
	return codes
}
