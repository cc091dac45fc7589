package view

import (
	"tidemark/aggregation/account"
	"tidemark/aggregation/planner"
	"tidemark/schema"
)

// AloneBar is the second bar: what the best guess comes to if every other member of the
// coalition told what they know. In local mode that changes nothing; in joint mode their
// noise, which hides what this node adds to the sum, can then be taken away.
type AloneBar struct {
	Gauge Gauge
	Says  []string
}

// joined are a ledger's charges as joint mode makes them count.
type joined struct {
	plan        *schema.Plan // the joint one that the bar is about; nil: none in these 12 months
	most        int          // the greatest H of them
	alone, pair *account.Ledger
	local       bool // some charges of the 12 months are of local mode
	elsewhere   bool // or of another coalition, whose plans are not known here
}

// joinedBy reads a ledger by the plans of its charges: against all other members a charge of
// joint mode counts H times; for someone known to two members four times, in local mode twice.
func (r *Reader) joinedBy(l *account.Ledger, today schema.Date) joined {
	j := joined{
		alone: l.Times(func(e account.Entry) int { return max(1, r.chargedBy(e).Honest) }),
		pair: l.Times(func(e account.Entry) int {
			if r.chargedBy(e).Mode == schema.Joint {
				return 4
			}
			return 2
		}),
	}
	if r.Snapshot == nil {
		return j
	}
	if plan, _ := r.planInForce(); plan.Mode == schema.Joint {
		j.plan, j.most = &plan, plan.Honest
	}
	for _, e := range l.Entries() {
		if e.Period.End() > today || yearAfter(e.Period.End()) <= today {
			continue
		}
		plan := r.chargedBy(e)
		if j.most = max(j.most, plan.Honest); plan.Mode == schema.Joint && j.plan == nil {
			j.plan = &plan
		}
		j.elsewhere = j.elsewhere || e.Coalition != r.State.ID()
		j.local = j.local || plan.Mode == schema.Local
	}
	return j
}

// chargedBy is the plan of a charge; the zero plan where it is another coalition's.
func (r *Reader) chargedBy(e account.Entry) schema.Plan {
	if r.Snapshot == nil || e.Coalition != r.State.ID() {
		return schema.Plan{}
	}
	plan, _ := r.State.Plan(e.Plan)
	return plan
}

// aloneBar is nil where no plan of the 12 months is a joint one.
func (r *Reader) aloneBar(b books) *AloneBar {
	j := r.joinedBy(b.ledger, b.today)
	if j.plan == nil {
		return nil
	}
	t := r.trust(j.plan)
	worst := b.cap * schema.Charge(max(1, j.most))
	spent := j.alone.Spent(b.today)
	out := &AloneBar{Gauge: r.gaugeOf(spent, worst)}
	out.Says = []string{
		r.L.Say("budget.others.says", "open", t.Open, "guess", r.guess(spent), "less", r.guess(b.spent)),
		r.L.Say("budget.others.holds", "first", r.guess(b.spent), "colluders", t.Colluders, "lying", t.Lying, "open", t.Open),
		r.L.Say("budget.others.cap", "cap", r.guess(b.cap), "worst", r.guess(worst)),
	}
	if j.local {
		out.Says = append(out.Says, r.L.Say("budget.others.local"))
	}
	if j.elsewhere {
		out.Says = append(out.Says, r.L.Say("budget.others.elsewhere"))
	}
	return out
}

// trust is what a joint plan rests on in this coalition, with the keepers of the running
// quarter.
func (r *Reader) trust(plan *schema.Plan) planner.Trust {
	keepers := min(r.State.Roster().Active(), schema.MaxKeepers)
	if round, ok := r.State.Round(schema.PeriodOf(schema.DateOf(r.Now), schema.Quarterly)); ok {
		keepers = len(round.Keepers)
	}
	return planner.TrustIn(plan, keepers)
}

// gaugeOf shows what was spent beside a limit.
func (r *Reader) gaugeOf(spent, limit schema.Charge) Gauge {
	guess := account.BestGuess(spent)
	strength := account.StrengthOf(spent)
	g := Gauge{
		Guess: r.guess(spent), Word: Mark{string(strength), r.L.Say("budget.strength." + string(strength))},
		Needle: r.across(gaugePlace(guess)), Limit: r.across(gaugePlace(account.BestGuess(limit))),
	}
	g.Label = r.L.Say("budget.gauge.label", "guess", g.Guess, "cap", r.guess(limit), "word", g.Word.Text)
	low := 50.0
	for _, z := range []struct {
		to   float64
		name account.Strength
	}{{55, account.Strong}, {60, account.Good}, {66, account.Moderate}, {100, account.Above}} {
		g.Zones = append(g.Zones, r.zone(gaugePlace(low), gaugePlace(z.to), string(z.name), r.L.Say("budget.strength."+string(z.name))))
		low = z.to
	}
	g.Ends = [2]Tick{
		{r.across(0), r.L.Say("budget.gauge.coin", "n", 50)},
		{r.across(100), r.L.Say("budget.gauge.sure", "n", 100)},
	}
	return g
}

// longer works out what the cap of 12 months means over years, for someone who is known to
// several members, and in joint mode if all others colluded: charges add.
func (r *Reader) longer(plan *schema.Plan) LongerTable {
	t := LongerTable{Head: []string{r.L.Say("budget.longer.after"), r.L.Say("budget.longer.single"), r.L.Say("budget.longer.pair")}}
	counts := []int{1, 2}
	if plan.Mode == schema.Joint {
		t.Head = append(t.Head, r.L.Say("budget.longer.alone"))
		counts = []int{1, 4, plan.Honest}
	}
	for _, years := range []int{1, 3, 5} {
		row := []string{r.L.Say("budget.longer.years", "n", years)}
		for _, often := range counts {
			row = append(row, r.L.Say("budget.in100", "guess", r.guess(plan.Cap*schema.Charge(years*often))))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// APIBudgetJoint are the same 12 months under other assumptions than the best guess.
type APIBudgetJoint struct {
	Alone float64 `json:"best_guess_in_100_if_others_collude"` // in local mode the same as best_guess_in_100
	Pair  float64 `json:"best_guess_in_100_known_to_two"`      // about someone known to two members
}

func (r *Reader) apiBudgetJoint(b books) APIBudgetJoint {
	j := r.joinedBy(b.ledger, b.today)
	guess := func(l *account.Ledger) float64 { return tenth(account.BestGuess(l.Spent(b.today))) }
	return APIBudgetJoint{guess(j.alone), guess(j.pair)}
}
