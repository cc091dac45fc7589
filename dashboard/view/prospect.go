package view

import (
	"math"

	"tidemark/aggregation/planner"
	"tidemark/dashboard/words"
	"tidemark/schema"
)

// Prospect is what a plan would show a coalition of a typed size, and which questions it
// would answer. It is read before a plan is signed.
type Prospect struct {
	Size      string
	Says      []string
	Few       string // fewer members than may draw; empty: enough
	Tables    []ProspectTable
	Questions []ProspectAnswer
	Modes     *Modes // both modes side by side; nil: not compared
}

// ProspectTable is what to expect of one table.
type ProspectTable struct{ Name, Every, PlusMinus, From, Cells, Readable string }

// ProspectAnswer is a question with whether it can be answered, and when.
type ProspectAnswer struct {
	Question string
	Mark     Mark // yes, yearly, joint, not_yet, in its class
	Says     string
}

// leastToDraw may draw real cases.
const leastToDraw = schema.MinMembers

// prospectOf puts a prospect into words.
func prospectOf(l *words.Language, cb *schema.Codebook, p planner.Prospect) Prospect {
	says := speaker{l}
	out := Prospect{
		Size: l.Say("setup.plan.size", "n", p.Report.Members, "people", p.Report.Quarter),
		Says: append([]string{says.outlook(p.Report)}, says.advice(p.Report)...),
	}
	if p.Report.Members < leastToDraw {
		out.Few = l.Say("setup.plan.few", "n", p.Report.Members, "least", leastToDraw)
	}
	for _, e := range p.Report.Tables {
		out.Tables = append(out.Tables, says.table(e))
	}
	builtIn := cb.Name == schema.Incident().Name
	for _, a := range p.Answers {
		out.Questions = append(out.Questions, says.answer(a, builtIn))
	}
	return out
}

// speaker says what a plan promises.
type speaker struct{ *words.Language }

func (s speaker) table(e planner.Expectation) ProspectTable {
	return ProspectTable{
		Name: s.name(e.Table), Every: s.Say("every." + string(e.Table.Cadence)),
		PlusMinus: s.Say("setup.plan.within", "n", nearestWhole(e.PlusMinus)), From: s.Number(nearestWhole(e.SmallestRaw)),
		Cells:    s.Say("plan.cells", "some", int(math.Round(e.ShownCells)), "n", e.Cells),
		Readable: s.Say("setup.share", "n", outOf100(e.Readable)),
	}
}

// name is a table's, with how it counts where that is not people.
func (s speaker) name(t schema.PlanTable) string {
	name := s.Table(t.Table)
	if t.Measure.Kind == schema.People {
		return name
	}
	return s.Say("plan.measured", "table", name, "how", s.Say("plan.measure."+string(t.Measure.Kind), "n", t.Measure.Limit))
}

func (s speaker) outlook(report planner.Report) string {
	if report.Missed() {
		return s.Say("setup.outlook.missed", "least", report.Least)
	}
	quarter, year := outOf100(report.ReadableQuarter), outOf100(report.ReadableYear)
	switch {
	case report.Outlook == planner.Yes:
		return s.Say("setup.outlook.yes", "n", quarter)
	case report.Outlook == planner.Yearly && quarter == 0:
		return s.Say("setup.outlook.year", "n", year)
	case report.Outlook == planner.Yearly:
		return s.Say("setup.outlook.yearly", "n", year, "quarter", quarter)
	}
	return s.Say("setup.outlook.not_yet", "n", max(quarter, year), "people", report.Quarter)
}

func (s speaker) advice(report planner.Report) []string {
	var out []string
	for _, a := range report.Advice {
		out = append(out, s.Say("setup.advice."+map[planner.Advice]string{
			planner.TakeAYear: "year", planner.RollUp: "groups", planner.FewerTables: "fewer",
			planner.GoJoint: "joint", planner.MoreMembers: "members",
		}[a]))
	}
	if n, less := report.ShownHold(); less {
		out = append(out, s.Say("setup.plan.shown", "n", n))
	}
	if report.Stricter != (schema.Bands{}) {
		out = append(out, s.Say("plan.stricter", "number", report.Stricter.Number, "caution", report.Stricter.Caution))
	}
	return out
}

// answer says whether a question can be answered, and when.
func (s speaker) answer(a planner.Answer, builtIn bool) ProspectAnswer {
	out := ProspectAnswer{Question: s.Say("plan.question.table", "table", s.Table(a.Question.Table))}
	if builtIn {
		out.Question = s.Say("question." + a.Question.ID)
	}
	state := map[planner.Outlook]string{planner.Yes: "yes", planner.Yearly: "yearly", planner.Jointly: "joint", planner.NotYet: "not_yet"}[a.Outlook]
	if a.Outlook == planner.Yearly && !a.InPlan {
		state = "added"
	}
	out.Mark = Mark{state, s.Say("plan.answer." + state)}
	if a.OnlyFullest() {
		state = "fullest"
	}
	out.Says = s.Say("plan.answer."+state+".says", "n", outOf100(a.Readable), "table", s.Table(a.Question.Table))
	return out
}

func nearestWhole(x float64) int64 { return int64(x + 0.5) }

func outOf100(share float64) int64 { return nearestWhole(100 * share) }
