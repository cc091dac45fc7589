package anova

import (
	"fmt"
)

// Reconstruct returns the least-squares estimate of every table, derived ones too, from
// the cells of the drawn ones; what stands at a derived table's place is not read.
func (m *Model) Reconstruct(cells [][]float64) ([][]float64, error) {
	if len(cells) != len(m.tables) {
		return nil, fmt.Errorf("reconstruction: have %d tables, want %d", len(cells), len(m.tables))
	}
	r := make([]float64, m.length)
	for i := range m.tables {
		t := &m.tables[i]
		if t.precision == 0 {
			continue
		}
		if len(cells[i]) != t.cells {
			return nil, fmt.Errorf("reconstruction: table %d has %d cells, want %d", i+1, len(cells[i]), t.cells)
		}
		m.contract(t, t.precision, cells[i], r)
	}
	m.center(r)
	effects, err := m.solve(r)
	if err != nil {
		return nil, err
	}
	out := make([][]float64, len(m.tables))
	for i := range m.tables {
		out[i] = m.expand(&m.tables[i], effects)
	}
	return out, nil
}

// Functional is a number read off a reconstructed table, as weights of the noisy cells:
// the estimate is the sum over tables and cells of Weights times cell.
type Functional struct {
	Weights  [][]float64 // per table; nil for a derived one
	Variance float64     // of the estimate
}

// Apply computes the estimate from the cells of the drawn tables.
func (f *Functional) Apply(cells [][]float64) float64 {
	sum := 0.0
	for i, w := range f.Weights {
		if w != nil {
			sum += dot(w, cells[i])
		}
	}
	return sum
}

// Pull brings a weighted sum of table t's reconstructed cells back to the noisy cells,
// with its exact variance.
func (m *Model) Pull(t int, weights []float64) (*Functional, error) {
	l, z, err := m.dual(t, weights)
	if err != nil {
		return nil, err
	}
	f := &Functional{Weights: make([][]float64, len(m.tables)), Variance: dot(l, z)}
	for i := range m.tables {
		if b := &m.tables[i]; b.precision > 0 {
			f.Weights[i] = m.expand(b, z)
			for k := range f.Weights[i] {
				f.Weights[i][k] *= b.precision
			}
		}
	}
	return f, nil
}

// dual is a functional of table t in effects, and what solves it.
func (m *Model) dual(t int, weights []float64) (l, z []float64, err error) {
	if len(weights) != m.tables[t].cells {
		return nil, nil, fmt.Errorf("reconstruction: %d weights for %d cells", len(weights), m.tables[t].cells)
	}
	l = make([]float64, m.length)
	m.contract(&m.tables[t], 1, weights, l)
	m.center(l)
	z, err = m.solve(l)
	return l, z, err
}

// CellVariances is the exact variance of every reconstructed cell of table t. Do not
// change the slice.
func (m *Model) CellVariances(t int) ([]float64, error) {
	s := &m.spread[t]
	s.once.Do(func() {
		s.cell = make([]float64, m.tables[t].cells)
		s.err = m.eachOrbit(t, func(cells []int, l, z []float64) {
			v := dot(l, z)
			for _, c := range cells {
				s.cell[c] = v
			}
		})
	})
	return s.cell, s.err
}

// Gradient is the importance-weighted sum of the tables' mean cell variances, and how
// fast it falls as each table's precision grows, a derived one's from nothing.
func (m *Model) Gradient(importance []float64) (objective float64, falls []float64, err error) {
	falls = make([]float64, len(m.tables))
	for t := range m.tables {
		if importance[t] == 0 {
			continue
		}
		err := m.eachOrbit(t, func(cells []int, l, z []float64) {
			weight := importance[t] * float64(len(cells)) / float64(m.tables[t].cells)
			objective += weight * dot(l, z)
			for i := range m.tables {
				seen := m.expand(&m.tables[i], z)
				falls[i] += weight * dot(seen, seen)
			}
		})
		if err != nil {
			return 0, nil, err
		}
	}
	return objective, falls, nil
}

// eachOrbit solves one cell for each class of cells that have the same variance by
// symmetry: exchanging two codes that stand alike in every level changes nothing.
func (m *Model) eachOrbit(t int, visit func(cells []int, l, z []float64)) error {
	tab := &m.tables[t]
	for _, cells := range m.orbits(tab) {
		one := make([]float64, tab.cells)
		one[cells[0]] = 1
		l, z, err := m.dual(t, one)
		if err != nil {
			return err
		}
		visit(cells, l, z)
	}
	return nil
}

// orbits lists a table's cells by symmetry, in the order of their first cell.
func (m *Model) orbits(t *table) [][]int {
	first := m.kinds(&t.views[0])
	second := []int{0}
	if t.pair >= 0 {
		second = m.kinds(&t.views[1])
	}
	place := map[[2]int]int{}
	var out [][]int
	for cell := range t.cells {
		key := [2]int{first[cell/len(second)], second[cell%len(second)]}
		at, ok := place[key]
		if !ok {
			at = len(out)
			place[key] = at
			out = append(out, nil)
		}
		out[at] = append(out[at], cell)
	}
	return out
}

// kinds numbers a view's codes so that codes of one number are exchangeable: all where
// the dimension has one level; where it stands at its classes and at one roll-up, those
// of equally large groups; else none.
func (m *Model) kinds(v *view) []int {
	a := &m.axes[v.axis]
	kind := make([]int, v.codes)
	if len(a.levels) == 1 {
		return kind
	}
	for class, code := range v.of {
		if a.group == nil {
			kind[code] = code
			continue
		}
		kind[code] = 0
		for _, other := range a.group {
			if other == a.group[class] {
				kind[code]++
			}
		}
	}
	return kind
}
