package anova

import (
	"math"

	"tidemark/schema"
)

// dense is the reference: generalised least squares on the full array by elimination,
// with the design matrix written out. It shares no code with the model.
type dense struct {
	tables  []Table
	dims    []int // the codebook's dimensions in use
	sizes   []int
	inverse [][]float64 // a generalised inverse of X'WX over the full array's cells
}

func newDense(cb *schema.Codebook, tables []Table) *dense {
	d := &dense{tables: tables}
	for i := range cb.Dimensions {
		for _, t := range tables {
			if uses(t, i) {
				d.dims, d.sizes = append(d.dims, i), append(d.sizes, len(cb.Dimensions[i].Codes))
				break
			}
		}
	}
	n := d.cells()
	normal := make([][]float64, n)
	for i := range normal {
		normal[i] = make([]float64, n)
		for k := range n {
			for _, t := range tables {
				if d.cellOf(t, i) == d.cellOf(t, k) {
					normal[i][k] += t.Precision
				}
			}
		}
	}
	d.inverse = generalisedInverse(normal)
	return d
}

func uses(t Table, dim int) bool {
	for _, l := range t.Shape.Levels {
		if l.Dim == dim {
			return true
		}
	}
	return false
}

func (d *dense) cells() int {
	n := 1
	for _, s := range d.sizes {
		n *= s
	}
	return n
}

// cellOf is the cell of a table that the full array's cell i is counted in.
func (d *dense) cellOf(t Table, i int) int {
	codes := make([]byte, 256)
	for k := len(d.dims) - 1; k >= 0; k-- {
		codes[d.dims[k]] = byte(i % d.sizes[k])
		i /= d.sizes[k]
	}
	return t.Shape.Cell(codes)
}

// tabulate sums the full array into a table.
func (d *dense) tabulate(t Table, array []float64) []float64 {
	out := make([]float64, t.Shape.Cells())
	for i, x := range array {
		out[d.cellOf(t, i)] += x
	}
	return out
}

// reconstruct is X (X'WX)^- X'W y.
func (d *dense) reconstruct(cells [][]float64) [][]float64 {
	right := make([]float64, d.cells())
	for k, t := range d.tables {
		for i := range right {
			if t.Precision > 0 {
				right[i] += t.Precision * cells[k][d.cellOf(t, i)]
			}
		}
	}
	array := times(d.inverse, right)
	var out [][]float64
	for _, t := range d.tables {
		out = append(out, d.tabulate(t, array))
	}
	return out
}

// variance of a weighted sum of a table's cells.
func (d *dense) variance(t Table, weights []float64) float64 {
	l := make([]float64, d.cells())
	for i := range l {
		l[i] = weights[d.cellOf(t, i)]
	}
	return dot(l, times(d.inverse, l))
}

func times(a [][]float64, x []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = dot(a[i], x)
	}
	return out
}

// generalisedInverse inverts a positive semidefinite matrix on a largest set of rows and
// columns that can be inverted, and is zero elsewhere. Gauss-Jordan on the largest pivot.
func generalisedInverse(a [][]float64) [][]float64 {
	n := len(a)
	work, inv := make([][]float64, n), make([][]float64, n)
	scale := 0.0
	for i := range a {
		work[i], inv[i] = append([]float64(nil), a[i]...), make([]float64, n)
		inv[i][i] = 1
		scale = math.Max(scale, a[i][i])
	}
	used := make([]bool, n)
	for {
		p := -1
		for i := range n {
			if !used[i] && (p < 0 || work[i][i] > work[p][p]) {
				p = i
			}
		}
		if p < 0 || work[p][p] < 1e-10*scale {
			break
		}
		used[p] = true
		pivot := work[p][p]
		for k := range n {
			work[p][k] /= pivot
			inv[p][k] /= pivot
		}
		for i := range n {
			if f := work[i][p]; i != p && f != 0 {
				for k := range n {
					work[i][k] -= f * work[p][k]
					inv[i][k] -= f * inv[p][k]
				}
			}
		}
	}
	for i := range n {
		for k := range n {
			if !used[i] || !used[k] {
				inv[i][k] = 0
			}
		}
	}
	return inv
}
