package view

import (
	"fmt"
	"math"

	"tidemark/aggregation/planner"
	"tidemark/schema"
	"tidemark/schema/wire"
)

// assumedSizes are the coalitions, in people a quarter, for which the Method page says
// how often the ranges that are shown hold: a small one and a large one. They are typed,
// never read from anybody's cases.
var assumedSizes = [...]int{500, 4000}

// methodHolds says what "19 times in 20" is true of, and what it is not.
func (r *Reader) methodHolds(plan *schema.Plan) (MethodSection, error) {
	members := max(1, r.State.Roster().Active())
	s := r.section("holds", 3, "n", members)
	t := &MethodTable{Caption: r.L.Say("method.holds.caption", "n", members), Numbers: true, Head: []string{r.L.Say("pick.table"), r.L.Say("pick.every")}}
	var reports [len(assumedSizes)]planner.Report
	for i, people := range assumedSizes {
		var err error
		if reports[i], err = r.expect(plan, people, members); err != nil {
			return s, err
		}
		t.Head = append(t.Head, r.L.Say("method.holds.readable", "people", people), r.L.Say("method.holds.shown", "people", people))
	}
	for i, e := range reports[0].Tables {
		row := []string{r.L.Table(e.Table.Table), r.L.Say("every." + string(e.Table.Cadence))}
		for _, report := range reports {
			row = append(row, r.share(report.Tables[i].Readable), r.holds(report.Tables[i]))
		}
		t.Rows = append(t.Rows, row)
	}
	s.Table = t
	s.After = []string{r.L.Say("method.holds.assumed", "zipf", r.fixed(planner.ZipfExponent, 1))}
	return s, nil
}

func (r *Reader) expect(plan *schema.Plan, people, members int) (planner.Report, error) {
	sizes := make([]int, members)
	for i := range sizes {
		sizes[i] = people / members
		if i < people%members {
			sizes[i]++
		}
	}
	key := fmt.Sprintf("expect %s %d", wire.PlanHash(*plan), sizes)
	return once(r.Snapshot, key, func() (planner.Report, error) { return planner.Expect(r.Codebook, *plan, sizes) })
}

func (r *Reader) share(x float64) string {
	return r.L.Say("budget.percent", "part", int(math.Round(100*x)))
}

func (r *Reader) holds(e planner.Expectation) string {
	if e.ShownCoverage == 0 {
		return r.L.Say("method.holds.none")
	}
	return r.share(e.ShownCoverage)
}
