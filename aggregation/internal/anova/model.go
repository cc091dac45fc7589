package anova

import (
	"fmt"
	"slices"
	"sync"

	"tidemark/schema"
)

// Table is one table of a plan: where its cells are, and how precisely they are drawn.
type Table struct {
	Shape     schema.Shape
	Precision float64 // 1/sigma^2 of a cell; 0: not drawn, derived from the others
}

// Model joins tables of one array. It does not change and is safe for concurrent use.
type Model struct {
	axes   []axis
	pairs  []pair
	tables []table
	length int    // of an effects vector
	tau    []taus // per component: its variance, or where levels mix near it
	mixed  bool   // some dimension stands in the tables at more than one level

	spread []spread // per table, made when first asked for
}

// axis is a dimension at the coarsest classes that every level in use is made of.
type axis struct {
	dim    int
	size   int     // classes
	levels [][]int // the distinct levels in use: class -> code
	group  []int   // the roll-up, where these are the classes and one roll-up of them
	offset int     // of its component in an effects vector
}

// pair is two axes that some table crosses.
type pair struct {
	a, b   int
	offset int
}

// table is a Table in the model's own coordinates.
type table struct {
	views     []view
	pair      int   // index into Model.pairs, -1 if one-way
	cellOf    []int // class of the pair -> cell
	precision float64
	cells     int
}

// view is a level of an axis as one table sees it.
type view struct {
	axis  int
	of    []int     // class -> code
	codes int       // how many codes
	share []float64 // code -> its part of the axis's classes
}

// spread is a table's cell variances.
type spread struct {
	once sync.Once
	cell []float64
	err  error
}

// New joins tables. Every derived one must be told by a drawn one: the same dimensions
// or more, each at the same codes or finer.
func New(tables []Table) (*Model, error) {
	m := &Model{spread: make([]spread, len(tables))}
	for i, t := range tables {
		if !(t.Precision >= 0) || len(t.Shape.Levels) < 1 || len(t.Shape.Levels) > 2 {
			return nil, fmt.Errorf("model: table %d: want one or two axes and a precision", i+1)
		}
		for _, l := range t.Shape.Levels {
			m.addLevel(l)
		}
	}
	for i := range m.axes {
		m.mixed = m.mixed || len(m.axes[i].levels) > 1
	}
	m.layout(tables)
	if err := m.checkDerived(tables); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	m.tau = m.componentVariances()
	return m, nil
}

// addLevel notes a level; while levels are collected they map the dimension's codes.
func (m *Model) addLevel(l schema.Level) {
	a := m.axisOf(l.Dim)
	if a < 0 {
		a = len(m.axes)
		m.axes = append(m.axes, axis{dim: l.Dim})
	}
	for _, known := range m.axes[a].levels {
		if slices.Equal(known, l.Of) {
			return
		}
	}
	m.axes[a].levels = append(m.axes[a].levels, l.Of)
}

func (m *Model) axisOf(dim int) int {
	for i := range m.axes {
		if m.axes[i].dim == dim {
			return i
		}
	}
	return -1
}

// layout turns levels into maps of classes and gives every component its place.
func (m *Model) layout(tables []Table) {
	m.length = 1
	classes := make([][]int, len(m.axes)) // code of the dimension -> class
	for i := range m.axes {
		a := &m.axes[i]
		classes[i], a.size = refine(a.levels)
		for k, of := range a.levels {
			a.levels[k] = onClasses(of, classes[i], a.size)
		}
		a.group = a.rollup()
		a.offset = m.length
		m.length += a.size
	}
	for _, t := range tables {
		n := table{precision: t.Precision, pair: -1, cells: t.Shape.Cells()}
		for _, l := range t.Shape.Levels {
			a := m.axisOf(l.Dim)
			of := onClasses(l.Of, classes[a], m.axes[a].size)
			n.views = append(n.views, view{axis: a, of: of, codes: len(l.Codes), share: shares(of, len(l.Codes))})
		}
		if len(n.views) == 2 {
			n.pair = m.pairOf(n.views[0].axis, n.views[1].axis)
			n.cellOf = m.classCells(&n)
		}
		m.tables = append(m.tables, n)
	}
}

// pairOf finds or adds the component of two axes. Its array runs over the smaller axis
// index first; tables that name them the other way round are read transposed.
func (m *Model) pairOf(a, b int) int {
	if a > b {
		a, b = b, a
	}
	for i, p := range m.pairs {
		if p.a == a && p.b == b {
			return i
		}
	}
	m.pairs = append(m.pairs, pair{a, b, m.length})
	m.length += m.axes[a].size * m.axes[b].size
	return len(m.pairs) - 1
}

// refine joins codes that no level in use tells apart.
func refine(levels [][]int) (class []int, size int) {
	seen := map[string]int{}
	for code := range levels[0] {
		var key []byte
		for _, of := range levels {
			key = append(key, byte(of[code])) // codes of a dimension fit a byte
		}
		c, ok := seen[string(key)]
		if !ok {
			c = len(seen)
			seen[string(key)] = c
		}
		class = append(class, c)
	}
	return class, len(seen)
}

// onClasses rewrites a map of a dimension's codes as one of their classes.
func onClasses(of, class []int, size int) []int {
	out := make([]int, size)
	for code, c := range class {
		out[c] = of[code]
	}
	return out
}

func shares(of []int, codes int) []float64 {
	s := make([]float64, codes)
	for _, c := range of {
		s[c] += 1 / float64(len(of))
	}
	return s
}

func (m *Model) checkDerived(tables []Table) error {
	drawn := 0
	for i := range m.tables {
		if m.tables[i].precision > 0 {
			drawn++
		} else if m.teller(i) < 0 {
			return fmt.Errorf("table %s: derived, but no drawn table tells it", tables[i].Shape.Table)
		}
	}
	if drawn == 0 {
		return fmt.Errorf("no table is drawn")
	}
	return nil
}

// teller finds a drawn table, other than t, that tells table t: -1 if there is none.
func (m *Model) teller(t int) int {
	for i := range m.tables {
		if i != t && m.tables[i].precision > 0 && m.tables[i].tells(&m.tables[t]) {
			return i
		}
	}
	return -1
}

// Spare tells that another drawn table tells table t, so that t could be left undrawn.
func (m *Model) Spare(t int) bool { return m.teller(t) >= 0 }

func (t *table) tells(other *table) bool {
	for _, v := range other.views {
		ok := false
		for _, w := range t.views {
			ok = ok || w.axis == v.axis && finer(w.of, v.of)
		}
		if !ok {
			return false
		}
	}
	return true
}

// finer tells that classes with one code under fine have one under coarse.
func finer(fine, coarse []int) bool {
	code := map[int]int{}
	for class, f := range fine {
		if c, ok := code[f]; ok && c != coarse[class] {
			return false
		}
		code[f] = coarse[class]
	}
	return true
}

// rollup is the coarser of an axis's two levels, nil if they are not classes and one
// roll-up of them.
func (a *axis) rollup() []int {
	if len(a.levels) != 2 {
		return nil
	}
	for k := range a.levels {
		if slices.Max(a.levels[k])+1 == a.size {
			return a.levels[1-k]
		}
	}
	return nil
}
