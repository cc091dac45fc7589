package view

import (
	"errors"
	"fmt"
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
	Noise     string      // what the numbers of Tables are
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
			p.Noise, p.Tables = r.planNoises(&plan)
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

// planNoises lists a plan's tables, whose noise no typed size changes: in one member's
// numbers, in joint mode in those of the sum of all who are members now.
func (r *Reader) planNoises(plan *schema.Plan) (head string, out []PlanNoise) {
	says, members := speaker{r.L}, r.State.Roster().Active()
	head = r.L.Say("plan.noise")
	if plan.Mode == schema.Joint {
		head = r.L.Say("plan.noise.joint", "n", members)
	}
	for _, t := range plan.Tables {
		out = append(out, PlanNoise{says.name(t), r.L.Say("every." + string(t.Cadence)), r.noiseOf(*plan, t, plan.Mode == schema.Joint)})
	}
	return head, out
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
		seen, err := planner.Compare(cb, plan, sizes)
		if err != nil {
			return nil, fmt.Errorf("plan in force: %w", err)
		}
		says := comparedOf(r.L, cb, seen)
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
	named.Prospect, err = r.chosen(cb, chosen, sizes, inForce == nil)
	return append(out, named), err
}

// chosen is the prospect of the planner's plan, in both modes where no plan in force is
// compared.
func (r *Reader) chosen(cb *schema.Codebook, plan schema.Plan, sizes []int, both bool) (*Prospect, error) {
	if both {
		seen, err := planner.Compare(cb, plan, sizes)
		if err != nil {
			return nil, err
		}
		says := comparedOf(r.L, cb, seen)
		return &says, nil
	}
	seen, err := planner.Look(cb, plan, sizes)
	if err != nil {
		return nil, err
	}
	says := prospectOf(r.L, cb, seen)
	return &says, nil
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
