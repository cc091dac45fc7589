package anova

import (
	"errors"
	"math"
)

// errNotSolved means that conjugate gradients did not settle: tables of extremely
// different noise at different levels of one dimension.
var errNotSolved = errors.New("reconstruction: the tables' levels do not settle")

// solve finds z with N z = r for a centred r, N being the normal equations of all drawn
// tables. Where every dimension stands at one level, N is 1/tau on each component.
func (m *Model) solve(r []float64) ([]float64, error) {
	if m.mixed {
		return m.conjugateGradients(r)
	}
	return m.scaled(r), nil
}

// normal applies N: to the drawn tables and back.
func (m *Model) normal(u []float64) []float64 {
	out := make([]float64, m.length)
	for i := range m.tables {
		if t := &m.tables[i]; t.precision > 0 {
			m.contract(t, t.precision, m.expand(t, u), out)
		}
	}
	m.center(out)
	return out
}

// Conjugate gradients stop at this part of the right side's norm. The equations fall into
// few distinct eigenvalues: tens of steps are usual.
const (
	settled  = 1e-12
	maxSteps = 2000
)

func (m *Model) conjugateGradients(b []float64) ([]float64, error) {
	x, r := make([]float64, m.length), append([]float64(nil), b...)
	z := m.scaled(r)
	p := append([]float64(nil), z...)
	rz := dot(r, z)
	goal := rz * settled * settled
	for step := 0; !(rz <= goal); step++ {
		if step == maxSteps || math.IsNaN(rz) {
			return nil, errNotSolved
		}
		q := m.normal(p)
		alpha := rz / dot(p, q)
		for i := range x {
			x[i] += alpha * p[i]
			r[i] -= alpha * q[i]
		}
		z = m.scaled(r)
		next := dot(r, z)
		for i := range p {
			p[i] = z[i] + next/rz*p[i]
		}
		rz = next
	}
	return x, nil
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}
