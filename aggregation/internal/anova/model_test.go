package anova

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"tidemark/schema"
)

// testBook has a dimension with two roll-ups that cross, one with equal groups, one
// without and one with a single code.
var testBook = func() *schema.Codebook {
	cb, err := schema.ParseCodebook([]byte(`{"codebook":"test","version":"1","dimensions":[
	{"id":"a","codes":[{"code":"a1","definition":"."},{"code":"a2","definition":"."},{"code":"a3","definition":"."},{"code":"a4","definition":"."},{"code":"a5","definition":"."},{"code":"a6","definition":"."}],
	 "rollups":[{"id":"g","codes":[{"code":"x","of":["a1","a3","a4"]},{"code":"y","of":["a2","a6"]},{"code":"z","of":["a5"]}]},
	            {"id":"h","codes":[{"code":"p","of":["a1","a2"]},{"code":"q","of":["a3","a4"]},{"code":"r","of":["a5","a6"]}]}]},
	{"id":"b","codes":[{"code":"b1","definition":"."},{"code":"b2","definition":"."},{"code":"b3","definition":"."},{"code":"b4","definition":"."}],
	 "rollups":[{"id":"g","codes":[{"code":"x","of":["b1","b4"]},{"code":"y","of":["b2","b3"]}]}]},
	{"id":"c","codes":[{"code":"c1","definition":"."},{"code":"c2","definition":"."},{"code":"c3","definition":"."}]},
	{"id":"d","codes":[{"code":"d1","definition":"."}]}]}`))
	if err != nil {
		panic(err)
	}
	return cb
}()

// tables reads "a*b 0.5, c 1": names with precisions.
func tables(t testing.TB, cb *schema.Codebook, s string) []Table {
	t.Helper()
	var out []Table
	for _, part := range strings.Split(s, ", ") {
		var name string
		var precision float64
		if _, err := fmt.Sscan(part, &name, &precision); err != nil {
			t.Fatal(err)
		}
		table, err := schema.ParseTable(name)
		if err != nil {
			t.Fatal(err)
		}
		shape, err := cb.Shape(table)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, Table{shape, precision})
	}
	return out
}

var plans = map[string]string{
	"one table":            "a 2",
	"one-way":              "a 1, b 0.5, c 2",
	"two-way":              "a*b 1, b*c 0.25, a*c 3",
	"two-way and one-way":  "a*b 1, c 2, a 0.5, c*b 0.3",
	"derived":              "a*b 1, a 0, b*c 0.2, b 0, c 0, b*a 0",
	"roll-ups only":        "a(g)*b(g) 1, c*a(g) 0.5, b(g) 2",
	"fine and roll-up":     "a 1, a(g) 0.5, b 2",
	"mixed two-way":        "a*b(g) 1, a(g)*b 0.5, c*a 0.1, b 0.7, a(g)*c 2",
	"crossing roll-ups":    "a(g)*b 1, a(h)*c 0.5, a(h) 1",
	"three levels":         "a(g)*b 1, a(h)*c 0.5, a*b(g) 0.2, a(g) 0",
	"mixed derived":        "a*b 0.3, a(g)*b(g) 0, a(g) 1, b(g)*c 2, c 0",
	"far apart precisions": "a*b 0.000001, a(g)*b(g) 1, c*b 0.01",
	"single code":          "d 1, a*d 0.5, b 2, d*c 1",
}

func random(r *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = 100 * r.NormFloat64()
	}
	return x
}

func noisy(r *rand.Rand, ts []Table) [][]float64 {
	var cells [][]float64
	for _, t := range ts {
		cells = append(cells, random(r, t.Shape.Cells()))
	}
	return cells
}

func wantNear(t *testing.T, what string, got, want, scale float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-8*math.Max(scale, math.Abs(want))) {
		t.Errorf("%s: have %.12g, want %.12g", what, got, want)
	}
}

// Exactness: estimates and variances are those of dense least squares on the full array.
func TestModelIsLeastSquares(t *testing.T) {
	for name, plan := range plans {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			ts := tables(t, testBook, plan)
			m, err := New(ts)
			if err != nil {
				t.Fatal(err)
			}
			d := newDense(testBook, ts)
			cells := noisy(r, ts)
			got, err := m.Reconstruct(cells)
			if err != nil {
				t.Fatal(err)
			}
			for k, want := range d.reconstruct(cells) {
				for i := range want {
					wantNear(t, fmt.Sprintf("table %d cell %d", k, i), got[k][i], want[i], 100)
				}
				compareVariances(t, m, d, r, k, cells, got[k])
			}
		})
	}
}

func compareVariances(t *testing.T, m *Model, d *dense, r *rand.Rand, k int, cells [][]float64, reconstructed []float64) {
	t.Helper()
	variances, err := m.CellVariances(k)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range variances {
		one := make([]float64, len(variances))
		one[i] = 1
		wantNear(t, fmt.Sprintf("variance of table %d cell %d", k, i), v, d.variance(d.tables[k], one), 0)
	}
	weights := random(r, len(variances))
	f, err := m.Pull(k, weights)
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "variance of a functional", f.Variance, d.variance(d.tables[k], weights), 0)
	wantNear(t, "a functional", f.Apply(cells), dot(weights, reconstructed), 1e4)
	noise := 0.0
	for i, w := range f.Weights {
		if w != nil {
			noise += dot(w, w) / m.tables[i].precision
		}
	}
	wantNear(t, "variance from the weights", noise, f.Variance, 0)
}

// Tables without noise come back as they are: the estimate is unbiased.
func TestModelKeepsConsistentTables(t *testing.T) {
	for name, plan := range plans {
		t.Run(name, func(t *testing.T) {
			ts := tables(t, testBook, plan)
			m, err := New(ts)
			if err != nil {
				t.Fatal(err)
			}
			d := newDense(testBook, ts)
			array := random(rand.New(rand.NewPCG(3, 4)), d.cells())
			var exact, drawn [][]float64
			for _, table := range ts {
				exact = append(exact, d.tabulate(table, array))
				drawn = append(drawn, exact[len(exact)-1])
				if table.Precision == 0 {
					drawn[len(drawn)-1] = nil
				}
			}
			got, err := m.Reconstruct(drawn)
			if err != nil {
				t.Fatal(err)
			}
			for k := range exact {
				for i := range exact[k] {
					wantNear(t, fmt.Sprintf("table %d cell %d", k, i), got[k][i], exact[k][i], 1000)
				}
			}
		})
	}
}

// The formulas of the design, written out for one level per dimension.
func TestClosedForm(t *testing.T) {
	m, err := New(tables(t, testBook, "a*b 2, b*c 0.5, b 1, a 0"))
	if err != nil {
		t.Fatal(err)
	}
	const a, b, c = 6, 4, 3
	tauTotal := 1 / (2.0/(a*b) + 0.5/(b*c) + 1.0/b)
	tauA, tauB := 1/(2.0/b), 1/(2.0/a+0.5/c+1)
	variances, err := m.CellVariances(0)
	if err != nil {
		t.Fatal(err)
	}
	p := func(n float64) float64 { return (n - 1) / n }
	want := tauTotal/(a*a*b*b) + tauA*p(a)/(b*b) + tauB*p(b)/(a*a) + 1/2.0*p(a)*p(b)
	wantNear(t, "a cell of a*b", variances[7], want, 0)
	if variances, err = m.CellVariances(3); err != nil {
		t.Fatal(err)
	}
	wantNear(t, "a cell of a", variances[0], tauTotal/(a*a)+tauA*p(a), 0)
}

// The example of RECONSTRUCTION.md.
func TestExample(t *testing.T) {
	m, err := New(tables(t, testBook, "b(g) 0.04, c 0.04"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.Reconstruct([][]float64{{130, 90}, {70, 60, 68}})
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range [][]float64{{125.6, 85.6}, {74.4, 64.4, 72.4}} {
		variances, err := m.CellVariances(k)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			wantNear(t, "estimate", got[k][i], want[i], 0)
			wantNear(t, "variance", variances[i], 20, 0)
		}
	}
}

func TestGradientIsTheSlope(t *testing.T) {
	for name, plan := range plans {
		t.Run(name, func(t *testing.T) {
			ts := tables(t, testBook, plan)
			importance := make([]float64, len(ts))
			for i := range importance {
				importance[i] = float64(i + 1)
			}
			objective := func(ts []Table) (float64, []float64) {
				m, err := New(ts)
				if err != nil {
					t.Fatal(err)
				}
				o, g, err := m.Gradient(importance)
				if err != nil {
					t.Fatal(err)
				}
				return o, g
			}
			_, falls := objective(ts)
			for i := range ts {
				// A derived table's slope is one-sided: the step is small, and so is the error.
				step, below := 1e-4*ts[i].Precision, 1e-4*ts[i].Precision
				if step == 0 {
					step = 1e-7
				}
				up, down := append([]Table(nil), ts...), append([]Table(nil), ts...)
				up[i].Precision += step
				down[i].Precision -= below
				high, _ := objective(up)
				low, _ := objective(down)
				slope := (low - high) / (step + below)
				if math.Abs(slope-falls[i]) > 1e-5*(math.Abs(slope)+low) {
					t.Errorf("table %d: slope %g, gradient %g", i, slope, falls[i])
				}
			}
		})
	}
}

func TestModelRefuses(t *testing.T) {
	for name, plan := range map[string]string{
		"nothing drawn":              "a 0",
		"derived, not told":          "a 1, b 0",
		"derived finer than drawn":   "a(g)*b 1, a 0",
		"derived crosses apart ones": "a*b 1, b*c 1, a*c 0",
		"derived, other roll-up":     "a(g) 1, a(h) 0",
		"negative":                   "a -1",
		"not a number":               "a NaN",
	} {
		if _, err := New(tables(t, testBook, plan)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	m, err := New(tables(t, testBook, "a 1, b 1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Reconstruct([][]float64{make([]float64, 6)}); err == nil {
		t.Error("a table less: accepted")
	}
	if _, err := m.Reconstruct([][]float64{make([]float64, 6), make([]float64, 5)}); err == nil {
		t.Error("a cell too many: accepted")
	}
	if _, err := m.Pull(0, make([]float64, 5)); err == nil {
		t.Error("a weight less: accepted")
	}
}

func TestSpare(t *testing.T) {
	m, err := New(tables(t, testBook, "a*b 1, a(g) 1, b 0, c 1, a*b(g) 1"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{false, true, true, false, true} {
		if m.Spare(i) != want {
			t.Errorf("table %d: have %t", i, !want)
		}
	}
}

// mixedYear is what a yearly plan can look like: 8 two-way tables, 4 dimensions at two
// levels.
const mixedYear = "threat_type*offline_consequence(group) 1, threat_type(group)*region 1, threat_type*gender 0.5, " +
	"suspected_actor(group)*police_response(group) 1, suspected_actor*threat_type(group) 0.2, support_need*support_outcome(group) 1, " +
	"platform_brand*platform_response(group) 1, offline_consequence 1"

func BenchmarkReconstructClosedForm(b *testing.B) {
	benchmarkReconstruct(b, "threat_type*gender 1, region*threat_type 1, support_need*support_outcome 1, known_elsewhere 1")
}

func BenchmarkReconstructMixedLevels(b *testing.B) { benchmarkReconstruct(b, mixedYear) }

func benchmarkReconstruct(b *testing.B, plan string) {
	ts := tables(b, schema.Incident(), plan)
	m, err := New(ts)
	if err != nil {
		b.Fatal(err)
	}
	cells := noisy(rand.New(rand.NewPCG(5, 6)), ts)
	for b.Loop() {
		if _, err := m.Reconstruct(cells); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVariancesMixedLevels(b *testing.B) {
	ts := tables(b, schema.Incident(), mixedYear)
	for b.Loop() {
		m, err := New(ts)
		if err != nil {
			b.Fatal(err)
		}
		for i := range ts {
			if _, err := m.CellVariances(i); err != nil {
				b.Fatal(err)
			}
		}
	}
}
