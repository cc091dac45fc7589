package anova

// A component splits into parts where an axis stands in the tables at its classes and at
// one roll-up: what lies between the groups and what lies within them. Both are told
// apart by different tables. Where every dimension has one level there is one part, and
// multiplying by tau solves the normal equations; else it comes near enough for few
// steps of conjugate gradients.
type part int

const (
	within  part = iota // within the groups; the whole component of an axis without groups
	between             // between the groups
	parts
)

// taus is the variance of each part of a component, 0 where no table tells it: by the
// part along the first axis, then along the second.
type taus [parts][parts]float64

// componentVariances is tau for every component: 1 over the sum, over the tables that
// hold its axes, of precision / the number of cells summed away.
func (m *Model) componentVariances() []taus {
	tau := make([]taus, 1+len(m.axes)+len(m.pairs))
	for i := range m.tables {
		m.addPrecisions(&m.tables[i], tau)
	}
	for c := range tau {
		for i := range tau[c] {
			for k, p := range tau[c][i] {
				if p > 0 {
					tau[c][i][k] = 1 / p
				}
			}
		}
	}
	return tau
}

func (m *Model) addPrecisions(t *table, into []taus) {
	in := [2][parts]float64{{within: 1}, {within: 1}}
	away := [2]float64{1, 1}
	for k := range t.views {
		in[k], away[k] = m.scales(&t.views[k])
	}
	// A pair's array runs over the smaller axis first.
	a, b := 0, 1
	if t.pair >= 0 && t.views[0].axis != m.pairs[t.pair].a {
		a, b = 1, 0
	}
	into[0][within][within] += t.precision * away[0] * away[1]
	for p := range parts {
		into[1+t.views[0].axis][p][within] += t.precision * in[0][p] * away[1]
		if t.pair < 0 {
			continue
		}
		into[1+t.views[1].axis][p][within] += t.precision * in[1][p] * away[0]
		for q := range parts {
			into[1+len(m.axes)+t.pair][p][q] += t.precision * in[a][p] * in[b][q]
		}
	}
}

// scales is what summing an axis to a view's codes leaves of a direction of each part,
// in the mean, and of the total spread over them: 1, 1 and 1/n at the classes.
func (m *Model) scales(v *view) (centred [parts]float64, total float64) {
	a := &m.axes[v.axis]
	for _, s := range v.share {
		total += s * s
	}
	left, n := float64(a.size)*(1-total), float64(a.size)
	switch {
	case a.size == 1:
	case a.group == nil:
		centred[within] = left / (n - 1)
	case v.codes == a.size:
		centred = [parts]float64{within: 1, between: 1}
	case v.codes > 1:
		centred[between] = left / float64(v.codes-1)
	}
	return centred, total
}

// scaled multiplies each part of each component by its tau.
func (m *Model) scaled(r []float64) []float64 {
	z := append([]float64(nil), r...)
	z[0] *= m.tau[0][within][within]
	for i := range m.axes {
		a := &m.axes[i]
		scaleParts(m.effect(i, z), lines{a.group, 1}, lines{nil, a.size}, m.tau[1+i])
	}
	for i, p := range m.pairs {
		a, b := &m.axes[p.a], &m.axes[p.b]
		scaleParts(m.crossed(i, z), lines{a.group, b.size}, lines{b.group, 1}, m.tau[1+len(m.axes)+i])
	}
	return z
}

// lines walks an array along one axis, whose neighbours are step apart; group is nil
// where the axis has one part.
type lines struct {
	group []int
	step  int
}

func scaleParts(e []float64, first, second lines, tau taus) {
	rows := [parts][]float64{within: e}
	if first.group != nil {
		rows[within], rows[between] = first.split(e)
	}
	sum := make([]float64, len(e))
	for p, row := range rows {
		if row == nil {
			continue
		}
		both := [parts][]float64{within: row}
		if second.group != nil {
			both[within], both[between] = second.split(row)
		}
		for q, x := range both {
			for i := range x {
				sum[i] += tau[p][q] * x[i]
			}
		}
	}
	copy(e, sum)
}

// split takes an array apart into group means along an axis and what is left.
func (l lines) split(e []float64) (rest, means []float64) {
	rest, means = make([]float64, len(e)), make([]float64, len(e))
	length := len(l.group) * l.step
	codes := 1
	for _, g := range l.group {
		codes = max(codes, g+1)
	}
	sum, size := make([]float64, codes), make([]float64, codes)
	for _, g := range l.group {
		size[g]++
	}
	for block := 0; block < len(e); block += length {
		for start := block; start < block+l.step; start++ {
			clear(sum)
			for k, g := range l.group {
				sum[g] += e[start+k*l.step]
			}
			for k, g := range l.group {
				at := start + k*l.step
				means[at] = sum[g] / size[g]
				rest[at] = e[at] - means[at]
			}
		}
	}
	return rest, means
}
