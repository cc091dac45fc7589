package view

import (
	"errors"
	"math"

	"tidemark/aggregation/account"
	"tidemark/aggregation/planner"
	"tidemark/schema"
	"tidemark/schema/coalition/plain"
	"tidemark/schema/wire"
)

// PlanTerms is what a plan would change: beside the plan that would be in force without
// it, in words and numbers, and what it lets a coalition of typed sizes read.
type PlanTerms struct {
	Hash     string
	Says     []string
	Binds    string
	Tables   []PlanDiff
	Note     string // what the numbers of Tables are
	Rest     []PlanDiff
	Ceilings string
	At       string // where other sizes are shown; empty: nowhere
	People   string // as typed
	Problem  string // with what was typed
	Refused  string // why no node would follow the plan; empty: nodes would
	Prospect *Prospect
}

// PlanDiff is a thing that differs between two plans.
type PlanDiff struct {
	Name, Every string
	Was, Is     string
}

// proposedTerms are those of a plan that an act of a date would adopt.
func (r *Reader) proposedTerms(date schema.Date, p schema.Plan, people string) (PlanTerms, error) {
	was, _, had := r.State.PlanFor(plain.FirstBound(date, p))
	t := r.termsOf(was, p, had) // from when it binds is one of the act's lines
	return t, r.look(&t, p, people)
}

// termOf is a plan's place among the terms, or -1.
func (r *Reader) termOf(plan schema.Hash) int {
	for i, t := range r.planTerms() {
		if t.hash == plan {
			return i
		}
	}
	return -1
}

// adoptedTerms are those of a plan that was adopted, beside the one before it.
func (r *Reader) adoptedTerms(plan schema.Hash, people string) (PlanTerms, error) {
	p, _ := r.State.Plan(plan)
	terms, i := r.planTerms(), r.termOf(plan)
	var was schema.Plan
	if i > 0 {
		was = terms[i-1].plan
	}
	t := r.termsOf(was, p, i > 0)
	if i >= 0 {
		t.Binds = r.L.Say("gov.plan.binds", "period", r.L.Period(terms[i].from), "days", schema.PlanNotice)
	}
	return t, r.look(&t, p, people)
}

func (r *Reader) termsOf(was, is schema.Plan, had bool) PlanTerms {
	t := PlanTerms{
		Hash: wire.PlanHash(is).String(), Tables: r.tableDiffs(was, is), Note: r.L.Say("gov.plan.tables.note"), Rest: r.planDiffs(was, is, had),
		Ceilings: r.L.Say("gov.ceilings", "charge", r.spends(schema.MaxCap), "tables", schema.MaxTables, "cells", schema.MaxCells),
	}
	if joint(was, is) {
		t.Note = r.L.Say("plan.noise.sums", "n", r.State.Roster().Active())
	}
	switch {
	case !had:
		t.Says = []string{r.L.Say("gov.plan.first")}
	case len(t.Tables)+len(t.Rest) == 0:
		t.Says = []string{r.L.Say("gov.plan.same")}
	case is.ChargeQuarter > was.ChargeQuarter || is.ChargeYear > was.ChargeYear || is.Cap > was.Cap:
		t.Says = []string{r.L.Say("gov.plan.less")}
	}
	if had && was.Mode != is.Mode {
		t.Says = append(t.Says, r.L.Say("plan.turns."+string(is.Mode)))
	}
	return t
}

// tableDiffs are the tables that come or whose noise changes, then those that go.
func (r *Reader) tableDiffs(was, is schema.Plan) []PlanDiff {
	says, none, sums := speaker{r.L}, r.L.Say("gov.plan.none"), joint(was, is)
	var out []PlanDiff
	add := func(t schema.PlanTable, was, is string) {
		out = append(out, PlanDiff{Name: says.name(t), Every: r.L.Say("every." + string(t.Cadence)), Was: was, Is: is})
	}
	for _, t := range is.Tables {
		switch old, had := sameTable(was, t); {
		case !had:
			add(t, none, r.noiseOf(is, t, sums))
		case old.Sigma2 != t.Sigma2 || was.Mode != is.Mode || was.Honest != is.Honest:
			add(t, r.noiseOf(was, old, sums), r.noiseOf(is, t, sums))
		}
	}
	for _, t := range was.Tables {
		if _, stays := sameTable(is, t); !stays {
			add(t, r.noiseOf(was, t, sums), none)
		}
	}
	return out
}

// sameTable finds a table that counts the same as often, with whatever noise.
func sameTable(in schema.Plan, t schema.PlanTable) (schema.PlanTable, bool) {
	for _, o := range in.Tables {
		if o.Table.String() == t.Table.String() && o.Cadence == t.Cadence && o.Measure == t.Measure {
			return o, true
		}
	}
	return schema.PlanTable{}, false
}

// joint tells that one of the plans is in joint mode, where only sums are seen: plans are
// then compared by the sum of all who are members now.
func joint(was, is schema.Plan) bool { return was.Mode == schema.Joint || is.Mode == schema.Joint }

// noiseOf says how far the noise moves one member's number, or the sum of all, 19 times in
// 20.
func (r *Reader) noiseOf(p schema.Plan, t schema.PlanTable, sums bool) string {
	variance := float64(t.Sigma2)
	if p.Mode == schema.Joint {
		variance = float64(p.ShareVariance(t))
	}
	if sums {
		variance *= float64(r.State.Roster().Active())
	}
	if t.Sigma2 == 0 {
		return r.L.Say("evidence.noise.derived")
	}
	return r.L.Say("setup.plan.within", "n", nearestWhole(1.96*math.Sqrt(variance)/schema.UnitsPerPerson))
}

// planDiffs are what else differs; all of it where there is no plan to compare with.
func (r *Reader) planDiffs(was, is schema.Plan, had bool) []PlanDiff {
	var out []PlanDiff
	for _, d := range []struct {
		key  string
		says func(schema.Plan) string
	}{
		{"quarter", func(p schema.Plan) string { return r.spends(p.ChargeQuarter) }},
		{"year", func(p schema.Plan) string { return r.spends(p.ChargeYear) }},
		{"cap", func(p schema.Plan) string { return r.spends(p.Cap) }},
		{"mode", r.modeOf},
		{"noise", func(p schema.Plan) string { return r.L.Say("gov.noise." + string(p.Noise)) }},
		{"late", func(p schema.Plan) string { return r.L.Number(int64(p.LateDays)) }},
		{"slot", func(p schema.Plan) string {
			return r.L.Say("gov.slot", "n", p.Slot.Days, "hour", r.L.Digits(hourOf(p.Slot)))
		}},
		{"bands", func(p schema.Plan) string {
			return r.L.Say("gov.bands", "number", p.Bands.Number, "caution", p.Bands.Caution)
		}},
		{"codebook", func(p schema.Plan) string { return p.Codebook.Short() }},
	} {
		now, before := d.says(is), r.L.Say("gov.plan.none")
		if had {
			before = d.says(was)
		}
		if now != before {
			out = append(out, PlanDiff{Name: r.L.Say("gov.plan." + d.key), Was: before, Is: now})
		}
	}
	return out
}

func (r *Reader) modeOf(p schema.Plan) string {
	if p.Mode == schema.Joint {
		return r.L.Say("gov.mode.joint", "honest", p.Honest, "colluders", p.Colluders)
	}
	return r.L.Say("gov.mode.local")
}

// spends says what a charge allows at best, and the number of its signed text.
func (r *Reader) spends(c schema.Charge) string {
	return r.L.Say("gov.spends", "guess", r.L.Decimal(account.BestGuess(c)), "nano", int64(c))
}

// look fills in what the plan lets a coalition of typed sizes read.
func (r *Reader) look(t *PlanTerms, p schema.Plan, people string) error {
	t.People = people
	if err := p.Validate(r.Codebook); err != nil {
		t.Refused = r.L.Say("gov.plan.refused")
		return nil
	}
	if people == "" {
		return nil
	}
	sizes, err := ReadSizes(people)
	var wrong SizesError
	if errors.As(err, &wrong) {
		t.Problem = r.L.Say("setup.problem."+string(wrong), "members", MostSizes)
		return nil
	}
	if err != nil {
		return err
	}
	seen, err := planner.Compare(r.Codebook, p, sizes)
	if err != nil {
		return err
	}
	says := comparedOf(r.L, r.Codebook, seen)
	t.Prospect = &says
	return nil
}
