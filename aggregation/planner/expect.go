package planner

import (
	"fmt"
	"math"
	"slices"

	"tidemark/aggregation/internal/anova"
	"tidemark/schema"
)

// What is assumed of the world, where only sizes are known. Codes are taken to follow
// Zipf's law: the k-th most frequent has a share proportional to k^-1.5, measured 1.4 to
// 1.7 on real monitors. A person known in one quarter is often known in another, so a
// year has fewer people than four quarters.
const (
	ZipfExponent   = 1.5
	YearPerQuarter = 3.5
)

// maxPeople bounds what typed sizes sum to: a year of them still fits 32 bits.
const maxPeople = 500_000_000

// Expect says what a plan promises to a coalition of the typed sizes (people a quarter).
func Expect(cb *schema.Codebook, plan schema.Plan, sizes []int) (Report, error) {
	if err := plan.Validate(cb); err != nil {
		return Report{}, fmt.Errorf("expect: %w", err)
	}
	e, err := newEyes(cb, &plan, sizes)
	if err != nil {
		return Report{}, fmt.Errorf("expect: %w", err)
	}
	r := Report{Members: len(sizes), Least: plan.Honest + plan.Colluders, Quarter: e.people[schema.Quarterly], Year: e.people[schema.Yearly]}
	var looks []look
	for _, c := range schema.Cadences {
		of, err := e.looksAt(plan.Of(c, false))
		if err != nil {
			return Report{}, fmt.Errorf("expect: %w", err)
		}
		looks = append(looks, of...)
	}
	r.Tables = e.expectations(looks)
	r.ReadableQuarter, _ = readable(r.of(schema.Quarterly))
	r.ReadableYear, _ = readable(r.of(schema.Yearly))
	r.ShownCoverage = shownCoverage(r.Tables)
	r.Stricter = e.stricter(looks, r.ShownCoverage)
	return r, e.judge(&r)
}

// of lists the expectations that a cadence is judged by.
func (r *Report) of(c schema.Cadence) []Expectation {
	var one, all []Expectation
	for _, e := range r.Tables {
		if e.Table.Cadence != c || e.Table.Measure.Kind != schema.People {
			continue
		}
		all = append(all, e)
		if len(e.Table.Table.Axes) == 1 {
			one = append(one, e)
		}
	}
	if len(one) > 0 {
		return one
	}
	return all
}

// readable is the share of people in readable cells over tables, each as full as the
// others, and whether that is enough, outside the fullest cells too.
func readable(tables []Expectation) (share float64, enough bool) {
	if len(tables) == 0 {
		return 0, false
	}
	beyond := 0.0
	for _, e := range tables {
		share += e.Readable / float64(len(tables))
		beyond += e.Beyond / float64(len(tables))
	}
	return share, share >= half && beyond >= half
}

// eyes look at tables as a coalition of a size will.
type eyes struct {
	cb      *schema.Codebook
	bands   schema.Bands
	people  map[schema.Cadence]int
	noises  float64 // variances of one member's drawing that stand in the coalition's sum
	members int
	honest  int // in joint mode, where one member draws a share of the noise; else 0
	least   int // contributions without which nothing is opened
}

func newEyes(cb *schema.Codebook, plan *schema.Plan, sizes []int) (*eyes, error) {
	quarter := 0
	for _, s := range sizes {
		if s < 0 || s > maxPeople-quarter {
			return nil, fmt.Errorf("sizes: want people a quarter, per member")
		}
		quarter += s
	}
	if len(sizes) == 0 {
		return nil, fmt.Errorf("sizes: want one per member")
	}
	e := &eyes{
		cb: cb, bands: plan.Bands, members: len(sizes), noises: float64(len(sizes)),
		honest: plan.Honest, least: plan.Honest + plan.Colluders,
	}
	e.people = map[schema.Cadence]int{
		schema.Quarterly: quarter,
		schema.Yearly:    int(YearPerQuarter * float64(quarter)),
	}
	return e, nil
}

// look is a table with what neither sizes nor limits change: its shape, and one member's
// variance of each cell (units^2).
type look struct {
	table     schema.PlanTable
	shape     schema.Shape
	variances []float64
}

// missed tells that the coalition is too small for its plan's joint rounds to open.
func (e *eyes) missed() bool { return e.members < e.least }

// looksAt are the tables of one cadence.
func (e *eyes) looksAt(tables []schema.PlanTable) ([]look, error) {
	shapes, drawn := make([]schema.Shape, len(tables)), slices.Clone(tables)
	for i, t := range tables {
		var err error
		if shapes[i], err = e.cb.Shape(t.Table); err != nil {
			return nil, err
		}
		if e.honest > 0 {
			drawn[i].Sigma2 = (&schema.Plan{Mode: schema.Joint, Honest: e.honest}).ShareVariance(t)
		}
	}
	variances, err := cellVariances(drawn, shapes)
	if err != nil {
		return nil, err
	}
	out := make([]look, len(tables))
	for i, t := range tables {
		out[i] = look{t, shapes[i], variances[i]}
	}
	return out, nil
}

func (e *eyes) expectations(looks []look) []Expectation {
	out := make([]Expectation, len(looks))
	for i, l := range looks {
		out[i] = e.expectation(l.table, l.shape, l.variances)
	}
	return out
}

// see works out the expectation of every table; all are of one cadence.
func (e *eyes) see(tables []schema.PlanTable) ([]Expectation, error) {
	looks, err := e.looksAt(tables)
	return e.expectations(looks), err
}

// cellVariances are one member's, by table: after reconstruction for people, the noise
// itself for other measures (units^2).
func cellVariances(tables []schema.PlanTable, shapes []schema.Shape) ([][]float64, error) {
	var joined []anova.Table
	for i, t := range tables {
		if t.Measure.Kind == schema.People {
			joined = append(joined, anova.Table{Shape: shapes[i], Precision: precision(t)})
		}
	}
	var m *anova.Model
	if len(joined) > 0 {
		var err error
		if m, err = anova.New(joined); err != nil {
			return nil, err
		}
	}
	out, place := make([][]float64, len(tables)), 0
	for i, t := range tables {
		if t.Measure.Kind != schema.People {
			out[i] = flat(shapes[i].Cells(), float64(t.Sigma2))
			continue
		}
		var err error
		if out[i], err = m.CellVariances(place); err != nil {
			return nil, err
		}
		place++
	}
	return out, nil
}

func precision(t schema.PlanTable) float64 {
	if t.Sigma2 == 0 {
		return 0
	}
	return 1 / float64(t.Sigma2)
}

func flat(cells int, variance float64) []float64 {
	v := make([]float64, cells)
	for i := range v {
		v[i] = variance
	}
	return v
}

// expectation judges a table by one member's cell variances (units^2).
func (e *eyes) expectation(t schema.PlanTable, s schema.Shape, variances []float64) Expectation {
	return e.expectationOf(t, profile(s), variances)
}

// expectationOf judges cells with the given shares of the cadence's people.
func (e *eyes) expectationOf(t schema.PlanTable, shares, variances []float64) Expectation {
	x := Expectation{Table: t, Cells: len(shares), Cost: t.Charge()}
	for _, v := range variances {
		x.MemberSD += v / float64(len(variances))
	}
	x.MemberSD = math.Sqrt(x.MemberSD) / schema.UnitsPerPerson
	x.SD = x.MemberSD * math.Sqrt(e.noises)
	x.PlusMinus = 1.96 * x.SD
	x.SmallestRaw = x.SD * 1000 / float64(e.bands.Caution)
	if e.missed() {
		return x // never opened: nothing is read
	}
	var v view
	for i, share := range shares {
		sd := math.Sqrt(variances[i]*e.noises) / schema.UnitsPerPerson
		v.add(share, share*float64(e.people[t.Cadence]), sd, e.bands)
	}
	v.into(&x)
	return x
}

// view adds up what is seen of a table's cells.
type view struct {
	caution, firm  float64 // shares of people in cells of the first two bands, of the first
	most, mostSeen float64 // the fullest cell, and its part of caution
	shown, covered float64 // expected numbers of cells
}

func (v *view) add(share, people, sd float64, b schema.Bands) {
	least := sd * 1000 / float64(b.Caution)
	seen := 0.0
	if people >= least {
		seen = share
		if people >= sd*1000/float64(b.Number) {
			v.firm += share
		}
	}
	v.caution += seen
	if share > v.most {
		v.most, v.mostSeen = share, seen
	}
	// The estimate is shown when it reaches least; the range holds the truth when the
	// noise stays within 1.96 sd.
	from := (least - people) / sd
	v.shown += normal(-from)
	v.covered += math.Max(0, normal(1.96)-normal(math.Max(-1.96, from)))
}

func (v *view) into(x *Expectation) {
	x.Readable, x.Firm = v.caution, v.firm
	if v.most < 1 {
		x.Beyond = (v.caution - v.mostSeen) / (1 - v.most)
	} else {
		x.Beyond = v.caution
	}
	if v.shown > 1e-9 {
		x.ShownCoverage, x.ShownCells = v.covered/v.shown, v.shown
	}
}

// normal is the standard normal distribution function.
func normal(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// profile is the expected share of each cell: Zipf's law along every axis, the axes
// independent.
func profile(s schema.Shape) []float64 {
	cells := []float64{1}
	for _, l := range s.Levels {
		var next []float64
		for _, c := range cells {
			for _, z := range zipf(len(l.Codes)) {
				next = append(next, c*z)
			}
		}
		cells = next
	}
	return cells
}

func zipf(n int) []float64 {
	shares, sum := make([]float64, n), 0.0
	for k := range shares {
		shares[k] = math.Pow(float64(k+1), -ZipfExponent)
		sum += shares[k]
	}
	for k := range shares {
		shares[k] /= sum
	}
	return shares
}
