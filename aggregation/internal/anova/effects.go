package anova

// An effects vector holds every component of the array, one after the other: the grand
// total, one centred array per axis, one doubly centred array per pair. A table of axes
// a and b is then, cell by cell,
//
//	total*share_a*share_b + effect_a*share_b + effect_b*share_a + effect_ab
//
// with effects summed to the table's codes. expand computes that, contract its adjoint.

// expand writes the cells that an effects vector gives table t.
func (m *Model) expand(t *table, u []float64) []float64 {
	a := &t.views[0]
	one := a.sum(m.effect(a.axis, u))
	for g := range one {
		one[g] += u[0] * a.share[g]
	}
	if t.pair < 0 {
		return one
	}
	b := &t.views[1]
	cells := make([]float64, t.cells)
	two := b.sum(m.effect(b.axis, u))
	for g := range one {
		row := cells[g*b.codes : (g+1)*b.codes]
		for h := range row {
			row[h] = one[g]*b.share[h] + two[h]*a.share[g]
		}
	}
	for class, x := range m.crossed(t.pair, u) {
		cells[t.cellOf[class]] += x
	}
	return cells
}

// contract adds weight times the adjoint of expand. The result is centred only after
// center.
func (m *Model) contract(t *table, weight float64, cells, into []float64) {
	a := &t.views[0]
	margin, other := cells, []float64(nil)
	if t.pair >= 0 {
		margin, other = m.margins(t, cells)
	}
	a.scatter(weight, margin, m.effect(a.axis, into))
	for g, y := range margin {
		into[0] += weight * y * a.share[g]
	}
	if t.pair < 0 {
		return
	}
	t.views[1].scatter(weight, other, m.effect(t.views[1].axis, into))
	both := m.crossed(t.pair, into)
	for class, cell := range t.cellOf {
		both[class] += weight * cells[cell]
	}
}

// margins sums a two-way table along each axis, weighted by the other axis's shares.
func (m *Model) margins(t *table, cells []float64) (first, second []float64) {
	a, b := &t.views[0], &t.views[1]
	first, second = make([]float64, a.codes), make([]float64, b.codes)
	for g := range first {
		for h, y := range cells[g*b.codes : (g+1)*b.codes] {
			first[g] += y * b.share[h]
			second[h] += y * a.share[g]
		}
	}
	return first, second
}

// classCells is the cell of each class of a two-way table, in the order of its pair.
func (m *Model) classCells(t *table) []int {
	p := m.pairs[t.pair]
	a, b := &t.views[0], &t.views[1]
	var cells []int
	for i := range m.axes[p.a].size {
		for k := range m.axes[p.b].size {
			if a.axis == p.a {
				cells = append(cells, a.of[i]*b.codes+b.of[k])
			} else {
				cells = append(cells, a.of[k]*b.codes+b.of[i])
			}
		}
	}
	return cells
}

// crossed is a pair's part of an effects vector.
func (m *Model) crossed(pair int, u []float64) []float64 {
	p := m.pairs[pair]
	return u[p.offset : p.offset+m.axes[p.a].size*m.axes[p.b].size]
}

// effect is an axis's part of an effects vector.
func (m *Model) effect(a int, u []float64) []float64 {
	return u[m.axes[a].offset : m.axes[a].offset+m.axes[a].size]
}

func (v *view) sum(classes []float64) []float64 {
	codes := make([]float64, v.codes)
	for i, x := range classes {
		codes[v.of[i]] += x
	}
	return codes
}

func (v *view) scatter(weight float64, codes, into []float64) {
	for i := range into {
		into[i] += weight * codes[v.of[i]]
	}
}

// center takes the lower components out of every component, in place.
func (m *Model) center(u []float64) {
	for a := range m.axes {
		subtractMean(m.effect(a, u))
	}
	for i, p := range m.pairs {
		rows, cols := m.axes[p.a].size, m.axes[p.b].size
		e := m.crossed(i, u)
		column := make([]float64, cols)
		for i := range rows {
			subtractMean(e[i*cols : (i+1)*cols])
			for k := range cols {
				column[k] += e[i*cols+k] / float64(rows)
			}
		}
		for start := 0; start < len(e); start += cols {
			for k, mean := range column {
				e[start+k] -= mean
			}
		}
	}
}

func subtractMean(x []float64) {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	for i := range x {
		x[i] -= sum / float64(len(x))
	}
}
