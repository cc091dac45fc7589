package view

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"tidemark/aggregation/planner"
	"tidemark/schema"
)

// PlanPage answers: what will this plan let a coalition of our size read, and what would
// another? It is looked at before a plan is signed. It knows typed sizes, nobody's cases.
type PlanPage struct {
	Title     string
	Says      []string
	People    string      // as typed
	Problem   string      // with what was typed
	Tables    []PlanNoise // of the plan in force, while no sizes are typed
	Prospects []NamedProspect
}

// PlanNoise is a table of a plan with how far its noise moves one member's number.
type PlanNoise struct{ Name, Every, Noise string }

// NamedProspect is the prospect of one plan.
type NamedProspect struct {
	ID, Heading string
	Differs     []string  // from the plan in force
	Prospect    *Prospect // nil: the same as the plan in force
}

// PlanPage is the page of the plan. The codebook is the node's, where there is no
// coalition yet.
func (r *Reader) PlanPage(cb *schema.Codebook) (PlanPage, error) {
	p := PlanPage{Title: r.L.Say("plan.title"), Says: []string{r.L.Say("plan.lead")}, People: r.Q.People}
	if r.Snapshot != nil {
		cb = r.Codebook
		plan, hash := r.planInForce()
		p.Says = append(p.Says, r.L.Say("plan.inforce", "plan", hash.Short(), "n", len(plan.Tables), "from", r.L.Period(plan.First)))
		if r.Q.People == "" {
			p.Tables = r.planNoises(&plan)
		}
	}
	if r.Q.People == "" {
		return p, nil
	}
	sizes, err := ReadSizes(r.Q.People)
	var wrong SizesError
	if errors.As(err, &wrong) {
		p.Problem = r.L.Say("setup.problem."+string(wrong), "members", MostSizes)
		return p, nil
	}
	if err != nil {
		return p, err
	}
	p.Prospects, err = r.prospects(cb, sizes)
	return p, err
}

// planNoises lists a plan's tables, whose noise no typed size changes.
func (r *Reader) planNoises(plan *schema.Plan) []PlanNoise {
	says, out := speaker{r.L}, []PlanNoise{}
	for _, t := range plan.Tables {
		row := PlanNoise{Name: says.name(t), Every: r.L.Say("every." + string(t.Cadence)), Noise: r.L.Say("evidence.noise.derived")}
		if t.Sigma2 > 0 {
			row.Noise = r.L.Say("setup.plan.within", "n", nearestWhole(1.96*math.Sqrt(float64(t.Sigma2))/schema.UnitsPerPerson))
		}
		out = append(out, row)
	}
	return out
}

// anyFrame is a frame for which it does not matter when it begins.
func anyFrame(cb *schema.Codebook) schema.Plan {
	return planner.Frame(cb, schema.Local, schema.Period{Year: 2000, Quarter: 1})
}

// prospects are that of the plan in force, if there is one, and that of the plan which
// the planner would choose.
func (r *Reader) prospects(cb *schema.Codebook, sizes []int) ([]NamedProspect, error) {
	frame := anyFrame(cb)
	var out []NamedProspect
	var inForce *schema.Plan
	if r.Snapshot != nil {
		plan, _ := r.planInForce()
		inForce = &plan
		seen, err := planner.Look(cb, plan, sizes)
		if err != nil {
			return nil, fmt.Errorf("plan in force: %w", err)
		}
		says := prospectOf(r.L, cb, seen)
		out = append(out, NamedProspect{ID: "in-force", Heading: r.L.Say("plan.heading.inforce"), Prospect: &says})
		frame.Mode, frame.Honest, frame.Colluders = plan.Mode, plan.Honest, plan.Colluders
		frame.Noise, frame.LateDays, frame.Slot, frame.Cap = plan.Noise, plan.LateDays, plan.Slot, plan.Cap
		frame.ChargeQuarter, frame.ChargeYear = plan.ChargeQuarter, plan.ChargeYear
	}
	chosen, err := planner.Choose(cb, sizes, frame)
	if err != nil {
		return nil, err
	}
	named := NamedProspect{ID: "chosen", Heading: r.L.Say("plan.heading.chosen")}
	if inForce != nil {
		if named.Differs = r.differs(inForce, &chosen); len(named.Differs) == 0 {
			named.Differs = []string{r.L.Say("plan.same")}
			if chosen.Bands == inForce.Bands {
				return append(out, named), nil
			}
		}
		if chosen.Bands != inForce.Bands {
			named.Differs = append(named.Differs, r.L.Say("plan.bands", "number", chosen.Bands.Number, "caution", chosen.Bands.Caution))
		}
	}
	seen, err := planner.Look(cb, chosen, sizes)
	if err != nil {
		return nil, err
	}
	says := prospectOf(r.L, cb, seen)
	named.Prospect = &says
	return append(out, named), nil
}

// differs says which tables the second plan has more and less than the first.
func (r *Reader) differs(from, to *schema.Plan) []string {
	name := func(t schema.PlanTable) string {
		return r.L.Table(t.Table) + " (" + r.L.Say("every."+string(t.Cadence)) + ")"
	}
	missing := func(in, of *schema.Plan) (names []string) {
		for _, t := range of.Tables {
			same := func(o schema.PlanTable) bool {
				return o.Table.String() == t.Table.String() && o.Cadence == t.Cadence && o.Measure == t.Measure
			}
			if !slices.ContainsFunc(in.Tables, same) {
				names = append(names, name(t))
			}
		}
		return names
	}
	var out []string
	if more := missing(from, to); len(more) > 0 {
		out = append(out, r.L.Say("plan.more", "tables", r.and(more)))
	}
	if less := missing(to, from); len(less) > 0 {
		out = append(out, r.L.Say("plan.less", "tables", r.and(less)))
	}
	return out
}
