package view

import (
	"tidemark/schema"
	"tidemark/schema/wire"
)

// planTerm is a plan over the quarters that it governs.
type planTerm struct {
	hash     schema.Hash
	plan     schema.Plan
	from, to schema.Period
}

// ahead is how many quarters are looked at for plans that are to come.
const ahead = 3 * schema.QuarterYears

// planTerms walks the quarters and notes where another plan begins, oldest first.
func (s *Snapshot) planTerms() []planTerm {
	var out []planTerm
	p := s.State.Charter().Plan.First
	end := latest(p, schema.PeriodOf(schema.DateOf(s.Now), schema.Quarterly)).Add(ahead)
	for ; p.Before(end); p = p.Add(1) {
		plan, hash, ok := s.State.PlanFor(p)
		if !ok {
			continue
		}
		if n := len(out); n > 0 && out[n-1].hash == hash && out[n-1].to.Add(1) == p {
			out[n-1].to = p
			continue
		}
		out = append(out, planTerm{hash, plan, p, p})
	}
	return out
}

// planInForce is the plan of the quarter that runs, else the newest there is.
func (s *Snapshot) planInForce() (schema.Plan, schema.Hash) {
	if plan, hash, ok := s.State.PlanFor(schema.PeriodOf(schema.DateOf(s.Now), schema.Quarterly)); ok {
		return plan, hash
	}
	if terms := s.planTerms(); len(terms) > 0 {
		last := terms[len(terms)-1]
		return last.plan, last.hash
	}
	plan := s.State.Charter().Plan
	return plan, wire.PlanHash(plan)
}

func (r *Reader) planRows(log []logged) []PlanRow {
	var out []PlanRow
	today := schema.DateOf(r.Now)
	terms := r.planTerms()
	for i, t := range terms {
		row := PlanRow{
			Hash: t.hash.Short(), State: r.planState(t, today),
			Periods: r.L.Say("members.plan.from", "from", r.L.Period(t.from)),
			Holds:   r.planHolds(&t.plan),
		}
		if i < len(terms)-1 {
			row.Periods = r.L.Say("members.plan.span", "from", r.L.Period(t.from), "to", r.L.Period(t.to))
		}
		row.Adopted, row.Note = r.adopted(log, t.hash)
		out = append([]PlanRow{row}, out...)
	}
	return out
}

func (r *Reader) planState(t planTerm, today schema.Date) Mark {
	switch {
	case today < t.from.Start():
		return Mark{"coming", r.L.Say("members.plan.coming")}
	case today > t.to.End():
		return Mark{"past", r.L.Say("members.plan.past")}
	}
	return Mark{"active", r.L.Say("members.plan.now")}
}

func (r *Reader) planHolds(p *schema.Plan) string {
	quarter, year := len(p.Of(schema.Quarterly, false)), len(p.Of(schema.Yearly, false))
	switch {
	case year == 0:
		return r.L.Say("members.plan.quarterly", "n", quarter)
	case quarter == 0:
		return r.L.Say("members.plan.yearly", "n", year)
	}
	return r.L.Say("members.plan.both", "quarter", quarter, "year", year)
}

// adopted is the day on which a plan was adopted, and the note that did it.
func (r *Reader) adopted(log []logged, plan schema.Hash) (string, Link) {
	i, day := adoption(log, plan)
	switch {
	case i < 0:
		return "", Link{}
	case i == 0:
		return r.L.Date(day), Link{r.noteAt(log[i].id), r.L.Say("members.act.open.charter")}
	}
	return r.L.Date(day), Link{r.noteAt(log[i].id), r.L.Say("members.act.open", "number", i)}
}

// adoption is the place in the log that last adopted a plan, and its day; -1: none did.
func adoption(log []logged, plan schema.Hash) (int, schema.Date) {
	for i := len(log) - 1; i >= 0; i-- {
		switch b := log[i].body.(type) {
		case schema.Charter:
			if wire.PlanHash(b.Plan) == plan {
				return i, b.Date
			}
		case schema.Act:
			if a, ok := b.Change.(schema.AdoptPlan); ok && wire.PlanHash(a.Plan) == plan {
				return i, b.Date
			}
		}
	}
	return -1, 0
}
