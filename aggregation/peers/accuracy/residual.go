package main

import (
	"math"
	"math/rand/v2"

	"tidemark/schema"
)

// residual is ResidualPlanner's optimum, from the formulas of the paper [Xiao, He, Zhang,
// Kifer, NeurIPS 2023, arXiv 2305.08175]. A component A is a set of axes that some table
// holds. With p_A the product of (n-1)/n over A, it is measured with variance
//
//	s_A = sqrt(p_A/v_A) * (sum of sqrt(p_B v_B)) / mu^2,   v_A = sum over W >= A of cells_W p_A / prod n_j^2, j in W\A
//
// and a cell of table W has the variance  sum over A <= W of s_A p_A / prod n_j^2, j in W\A.
type residual struct {
	p          *problem
	components map[mask]*component
	axes       []schema.Axis
	sizes      []int
}

// mask is a set of axes.
type mask uint32

type component struct {
	p, v, s float64
	cells   int
}

func newResidual(p *problem, b budget) *residual {
	r := &residual{p: p, components: map[mask]*component{}}
	for _, shape := range p.shapes {
		whole := r.maskOf(shape)
		for a := range r.within(whole) {
			if r.components[a] == nil {
				r.components[a] = &component{p: r.centred(a), cells: r.size(a)}
			}
			r.components[a].v += float64(shape.Cells()) * r.centred(a) / math.Pow(float64(r.size(whole&^a)), 2)
		}
	}
	sum := 0.0
	for _, c := range r.components {
		sum += math.Sqrt(c.p * c.v)
	}
	for _, c := range r.components {
		c.s = math.Sqrt(c.p/c.v) * sum * quarters / (b.mu * b.mu)
	}
	return r
}

// maskOf numbers a table's axes.
func (r *residual) maskOf(s schema.Shape) (m mask) {
	for _, l := range s.Levels {
		i := 0
		for i < len(r.axes) && r.axes[i] != l.Axis {
			i++
		}
		if i == len(r.axes) {
			r.axes, r.sizes = append(r.axes, l.Axis), append(r.sizes, len(l.Codes))
		}
		m |= 1 << i
	}
	return m
}

// within yields every subset of a set, the empty one and itself too.
func (r *residual) within(whole mask) func(func(mask) bool) {
	return func(yield func(mask) bool) {
		for a := whole; ; a = (a - 1) & whole {
			if !yield(a) || a == 0 {
				return
			}
		}
	}
}

func (r *residual) over(a mask, each func(n int)) {
	for i, n := range r.sizes {
		if a>>i&1 == 1 {
			each(n)
		}
	}
}

// centred is p_A, size the number of cells over A.
func (r *residual) centred(a mask) float64 {
	p := 1.0
	r.over(a, func(n int) { p *= float64(n-1) / float64(n) })
	return p
}

func (r *residual) size(a mask) int {
	size := 1
	r.over(a, func(n int) { size *= n })
	return size
}

func (r *residual) name() string { return "ResidualPlanner, the optimum" }

func (r *residual) variances() [][]float64 {
	out := r.p.blank()
	for t, shape := range r.p.shapes {
		whole, variance := r.maskOf(shape), 0.0
		for a := range r.within(whole) {
			c := r.components[a]
			variance += c.s * c.p / math.Pow(float64(r.size(whole&^a)), 2)
		}
		for i := range out[t] {
			out[t][i] = variance
		}
	}
	return out
}

// cost is mu^2 of one quarter: the sum of p_A/s_A.
func (r *residual) cost() (sum float64) {
	for _, c := range r.components {
		sum += c.p / c.s
	}
	return sum
}

// draw measures every component once for each member and puts the tables together.
func (r *residual) draw(members int, random *rand.Rand) ([][]float64, error) {
	noises := map[mask][]float64{}
	for a := mask(0); a < 1<<len(r.axes); a++ { // in order: what is drawn must not depend on a map's
		if c := r.components[a]; c != nil {
			cells := make([]float64, c.cells)
			for i := range cells {
				for range members {
					cells[i] += math.Sqrt(c.s) * random.NormFloat64()
				}
			}
			noises[a] = r.centre(a, cells)
		}
	}
	out := r.p.blank()
	for t, shape := range r.p.shapes {
		whole := r.maskOf(shape)
		for a := range r.within(whole) {
			spread := float64(r.size(whole &^ a))
			for i := range out[t] {
				out[t][i] += noises[a][r.cellOf(shape, i, a)] / spread
			}
		}
	}
	return out, nil
}

// centre takes the mean along each axis of a away from its cells. Axes stand in the
// order of their numbers, the last changes fastest.
func (r *residual) centre(a mask, cells []float64) []float64 {
	stride := len(cells)
	r.over(a, func(n int) {
		stride /= n
		for first := range cells {
			if first/stride%n != 0 {
				continue
			}
			mean := 0.0
			for k := range n {
				mean += cells[first+k*stride] / float64(n)
			}
			for k := range n {
				cells[first+k*stride] -= mean
			}
		}
	})
	return cells
}

// cellOf is the cell of component a that a table's cell belongs to.
func (r *residual) cellOf(s schema.Shape, cell int, a mask) int {
	codes := s.CodesAt(cell)
	at := 0
	for i, axis := range r.axes {
		if a>>i&1 == 0 {
			continue
		}
		for k, l := range s.Levels {
			if l.Axis == axis {
				for c, code := range l.Codes {
					if code == codes[k] {
						at = at*r.sizes[i] + c
					}
				}
			}
		}
	}
	return at
}
