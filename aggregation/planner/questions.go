package planner

import (
	"fmt"
	"slices"

	"tidemark/schema"
)

// incidentQuestions are those that defenders asked first, with the table that answers.
var incidentQuestions = []struct{ id, text, table, axis, code string }{
	{"which-harm-follows-doxing", "Which harm follows doxing?", "threat_type*offline_consequence(group)", "threat_type", "doxing"},
	{"which-harm-follows-which-act", "Which harm follows which act?", "threat_type*offline_consequence(group)", "", ""},
	{"what-happens-where", "Which acts are reported from which region?", "region*threat_type(group)", "", ""},
	{"who-is-attacked-how", "Which acts hit women, men and organisations?", "threat_type*gender", "", ""},
	{"is-it-rising", "Which acts are rising?", "threat_type", "", ""},
	{"what-did-police-do", "What did police and courts do?", "police_response(group)", "", ""},
	{"what-did-police-do-by-actor", "What did police do when the state was suspected?", "suspected_actor(group)*police_response(group)", "suspected_actor(group)", "state"},
	{"what-did-platforms-do", "What did platforms do?", "platform_response(group)", "", ""},
	{"how-long-do-platforms-take", "How long do platforms take to answer?", "platform_response_time", "", ""},
	{"which-platform-answers", "Which platform answers, and which does not?", "platform_brand*platform_response(group)", "", ""},
	{"where-is-help-short", "Which help is asked for and not given?", "support_need*support_outcome(group)", "", ""},
	{"who-is-targeted-in-her-place", "Which acts hit her family, her work and her community?", "target_relation(group)*threat_type(group)", "", ""},
	{"how-strong-is-the-evidence", "How strong is the evidence that an online act led to the harm?", "offline_consequence(group)*link_evidence", "", ""},
	{"how-much-overlaps", "How many of the cases does another member know?", "known_elsewhere", "", ""},
}

// Questions is the catalogue for a codebook: the built-in one's, or for any other one
// question for every dimension and for every pair of the first few.
func Questions(cb *schema.Codebook) []Question {
	var out []Question
	if cb.Name != schema.Incident().Name {
		quarterly, yearly := generic(cb)
		for _, t := range append(quarterly, yearly...) {
			out = append(out, Question{ID: t.String(), Text: fmt.Sprintf("What does the table %s show?", t), Table: t})
		}
		return out
	}
	for _, q := range incidentQuestions {
		question := Question{ID: q.id, Text: q.text, Table: table(q.table)}
		if q.axis != "" {
			question.Where = []Given{{table(q.axis).Axes[0], schema.Code(q.code)}}
		}
		if inUse(cb, question.Table) && !slices.ContainsFunc(question.Where, func(g Given) bool { return !g.inUse(cb) }) {
			out = append(out, question)
		}
	}
	return out
}

// inUse tells that a code is one of its axis, and not retired.
func (g Given) inUse(cb *schema.Codebook) bool {
	l, err := cb.Level(g.Axis)
	if err != nil || !slices.Contains(l.Codes, g.Code) {
		return false
	}
	d := &cb.Dimensions[l.Dim]
	i := d.Index(g.Code)
	return g.Axis.Rollup != "" || i >= 0 && !d.Codes[i].Retired
}

// Ask says whether a plan answers a question for a coalition of the typed sizes. A table
// that the plan lacks is judged as one more yearly table, then in joint mode.
func Ask(cb *schema.Codebook, plan schema.Plan, sizes []int, q Question) (Answer, error) {
	if err := plan.Validate(cb); err != nil {
		return Answer{}, fmt.Errorf("ask: %w", err)
	}
	e, err := newEyes(cb, &plan, sizes)
	if err != nil {
		return Answer{}, fmt.Errorf("ask: %w", err)
	}
	a := Answer{Question: q, Outlook: NotYet}
	for _, c := range schema.Cadences {
		found, err := e.inPlan(&a, plan.Of(c, false))
		if err != nil {
			return Answer{}, fmt.Errorf("ask: %w", err)
		}
		if found && a.Outlook != NotYet {
			return a, nil
		}
	}
	return a, e.beyondPlan(&a, &plan)
}

// inPlan judges the question's table where tables tell it.
func (e *eyes) inPlan(a *Answer, tables []schema.PlanTable) (bool, error) {
	want, err := e.cb.Shape(a.Question.Table)
	if err != nil {
		return false, err
	}
	for _, t := range tables {
		if t.Measure.Kind != schema.People {
			continue
		}
		if s, err := e.cb.Shape(t.Table); err != nil || !tells(s, want) {
			continue
		}
		// Asked for as a derived table, it is judged after reconstruction.
		derived := schema.PlanTable{Table: a.Question.Table, Cadence: t.Cadence, Measure: people}
		seen, err := e.see(append(tables[:len(tables):len(tables)], derived))
		if err != nil {
			return false, err
		}
		a.InPlan, a.Cadence, a.Expected = true, t.Cadence, seen[len(seen)-1]
		return true, e.settle(a)
	}
	return false, nil
}

// beyondPlan tries the table as one more yearly table, and the coalition's sum alone.
func (e *eyes) beyondPlan(a *Answer, plan *schema.Plan) error {
	if !a.InPlan {
		wishes := []Wish{{schema.Yearly, people, a.Question.Table, 1}}
		for _, t := range plan.Of(schema.Yearly, false) {
			wishes = append(wishes, Wish{schema.Yearly, t.Measure, t.Table, 1})
		}
		charge := plan.ChargeYear
		if charge == 0 {
			charge = plan.ChargeQuarter
		}
		tables, err := even(wishes, charge)
		if err != nil {
			return err
		}
		seen, err := e.see(tables)
		if err != nil {
			return err
		}
		a.Cadence, a.Expected = schema.Yearly, seen[0]
		if err := e.settle(a); err != nil || a.Outlook != NotYet {
			return err
		}
	}
	joint, ok := e.jointly()
	if !ok {
		return nil
	}
	sum := *a
	if err := joint.settle(&sum); err != nil {
		return err
	}
	if sum.Outlook != NotYet {
		a.Outlook = Jointly
	}
	return nil
}

// settle sets the outlook from the expected deviation and the part of the table that is
// asked about: a code that the question fixes counts as one of average size.
func (e *eyes) settle(a *Answer) error {
	s, err := e.cb.Shape(a.Question.Table)
	if err != nil {
		return err
	}
	people, rest := float64(e.people[a.Cadence]), schema.Shape{}
	for _, l := range s.Levels {
		if a.Question.fixes(l.Axis) {
			people /= float64(len(l.Codes))
		} else {
			rest.Levels = append(rest.Levels, l)
		}
	}
	part := *e
	part.people = map[schema.Cadence]int{a.Cadence: int(people)}
	shares := profile(rest)
	sd := a.Expected.MemberSD * schema.UnitsPerPerson
	x := part.expectationOf(schema.PlanTable{Cadence: a.Cadence}, shares, flat(len(shares), sd*sd))
	a.Readable = x.Readable
	a.Outlook = NotYet
	if x.Enough() {
		a.Outlook = map[schema.Cadence]Outlook{schema.Quarterly: Yes, schema.Yearly: Yearly}[a.Cadence]
	}
	return nil
}

func (q *Question) fixes(a schema.Axis) bool {
	for _, g := range q.Where {
		if g.Axis == a {
			return true
		}
	}
	return false
}

// tells that every axis of want is one of s, or a roll-up of one.
func tells(s, want schema.Shape) bool {
	for _, w := range want.Levels {
		ok := false
		for _, l := range s.Levels {
			ok = ok || l.Dim == w.Dim && (l.Axis == w.Axis || l.Axis.Rollup == "")
		}
		if !ok {
			return false
		}
	}
	return true
}

// Here is the outlook in the plan's own mode.
func (a Answer) Here() Outlook {
	if a.Outlook == Jointly {
		return NotYet
	}
	return a.Outlook
}

// OnlyFullest tells an answer of "not yet" where most people can be read, but hardly any
// outside the fullest cell.
func (a Answer) OnlyFullest() bool { return a.Outlook == NotYet && a.Readable >= half }

// Words says the answer in a sentence.
func (a Answer) Words() string {
	share := fmt.Sprintf("about %.0f in 100 of the people asked about stand in cells that can be read", 100*a.Readable)
	switch {
	case a.Outlook == Yes:
		return "Yes, every quarter: " + share + "."
	case a.Outlook == Yearly && a.InPlan:
		return "Yearly: " + share + "."
	case a.Outlook == Yearly:
		return fmt.Sprintf("Not in this plan. As one more yearly table (%s): %s.", a.Question.Table, share)
	case a.Outlook == Jointly:
		return "Not yet in local mode: " + share + ". In joint mode, where only the coalition's sum is known, it could be read."
	}
	if a.OnlyFullest() {
		share += ", nearly all of them in the fullest"
	}
	return "Not yet: " + share + "."
}
