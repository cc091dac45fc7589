package view

import (
	"math"
	"slices"
	"strconv"

	"tidemark/aggregation/planner"
	"tidemark/schema"
)

// NoisePlan is a plan behind some periods, with the noise of its tables.
type NoisePlan struct {
	Hash    string
	Adopted string
	Note    Link
	Periods string
	Slot    string
	Members string // for how many members the sums are
	Joint   string // what is different in joint mode
	Rows    []NoiseRow
}

// NoiseRow is the noise of one table.
type NoiseRow struct {
	Table  string
	Cells  string
	Sigma  string // of one drawn cell, in people; a word where it is derived
	Member string // expected +/- of one member's cell, all tables taken together; none in joint mode
	All    string // of the coalition's sum
	Holds  bool   // the number asked about is read from it
}

// span of periods that one plan governs.
type governed struct {
	hash     schema.Hash
	from, to schema.Period
}

// noise lists the plans behind the periods asked about, newest first.
func (r *Reader) noise(a asked) ([]NoisePlan, error) {
	log, err := r.log()
	if err != nil {
		return nil, err
	}
	var out []NoisePlan
	for _, g := range slices.Backward(r.governed(a.periods)) {
		plan, _ := r.State.Plan(g.hash)
		members := max(1, len(r.Book.Coverage(g.to).Reporting))
		n := NoisePlan{
			Hash: g.hash.String(), Periods: r.L.Period(g.from), Members: r.L.Say("evidence.noise.all", "n", members),
			Slot: r.L.Say("evidence.slot."+string(g.to.Cadence()), "n", plan.Slot.Days, "hour", r.L.Digits(hourOf(plan.Slot))),
		}
		if plan.Mode == schema.Joint {
			n.Joint = r.L.Say("joint.ev.noise")
		}
		if g.from != g.to {
			n.Periods = r.L.Say("members.plan.span", "from", r.L.Period(g.from), "to", r.L.Period(g.to))
		}
		n.Adopted, n.Note = r.adopted(log, g.hash)
		if n.Rows, err = r.noiseRows(g.to.Cadence(), &plan, members, a.tables); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

func (r *Reader) governed(periods []schema.Period) []governed {
	var out []governed
	for _, p := range periods {
		_, hash, ok := r.Book.Plan(p)
		switch n := len(out); {
		case !ok:
		case n > 0 && out[n-1].hash == hash:
			out[n-1].to = p
		default:
			out = append(out, governed{hash, p, p})
		}
	}
	return out
}

// noiseRows take the noise after reconstruction from the planner. It asks for sizes; the
// noise does not depend on them.
func (r *Reader) noiseRows(c schema.Cadence, plan *schema.Plan, members int, asked []schema.Table) ([]NoiseRow, error) {
	report, err := planner.Expect(r.Codebook, *plan, make([]int, members))
	if err != nil {
		return nil, err
	}
	var out []NoiseRow
	for _, e := range report.Tables {
		if e.Table.Cadence != c {
			continue
		}
		row := NoiseRow{
			Table: r.L.Table(e.Table.Table), Cells: r.L.Number(int64(e.Cells)), Sigma: r.L.Say("evidence.noise.derived"),
			Member: r.L.Decimal(1.96 * e.MemberSD), All: r.L.Decimal(e.PlusMinus),
			Holds: slices.ContainsFunc(asked, func(t schema.Table) bool { return refines(e.Table.Table, t) }),
		}
		if plan.Mode == schema.Joint {
			e.Table.Sigma2, row.Member = plan.ShareVariance(e.Table), ""
		}
		if e.Table.Sigma2 > 0 {
			row.Sigma = r.L.Decimal(sdOf(e.Table))
		}
		out = append(out, row)
	}
	return out, nil
}

// sdOf is the standard deviation of a drawn cell, in people.
func sdOf(t schema.PlanTable) float64 {
	return math.Sqrt(float64(t.Sigma2)) / schema.UnitsPerPerson
}

// refines tells that a table of the plan holds what another asks: each of its axes, or
// the codes that it groups.
func refines(plan, want schema.Table) bool {
	for _, a := range want.Axes {
		if !slices.ContainsFunc(plan.Axes, func(b schema.Axis) bool {
			return b.Dimension == a.Dimension && (b.Rollup == a.Rollup || b.Rollup == "")
		}) {
			return false
		}
	}
	return len(want.Axes) > 0
}

func hourOf(s schema.Slot) string {
	hour := "0" + strconv.Itoa(s.Hour)
	return hour[len(hour)-2:] + ":00"
}
