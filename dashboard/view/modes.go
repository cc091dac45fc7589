package view

import (
	"math"

	"tidemark/aggregation/account"
	"tidemark/aggregation/planner"
	"tidemark/dashboard/words"
	"tidemark/schema"
)

// Modes are a plan's two modes side by side: local first, then joint.
type Modes struct {
	Says      []string
	Heads     [2]string
	Terms     []ModeTerm // what tells them apart; none where joint mode cannot be
	Tables    []ModeTable
	Questions []ModeQuestion // that the modes answer differently
	Same      string         // where there is none
}

// ModeTerm is a matter in which the modes differ.
type ModeTerm struct {
	Name string
	Says [2]string
}

// ModeTable is what to expect of one table.
type ModeTable struct {
	Name, Every   string
	Off, Readable [2]string
}

// ModeQuestion is a question with whether each mode answers it.
type ModeQuestion struct {
	Question string
	Marks    [2]Mark
}

// comparedOf is a plan's prospect in its own mode, with both beside it.
func comparedOf(l *words.Language, cb *schema.Codebook, m planner.Modes) Prospect {
	p := prospectOf(l, cb, m.Own())
	modes := modesOf(l, cb, m)
	p.Modes = &modes
	return p
}

func modesOf(l *words.Language, cb *schema.Codebook, m planner.Modes) Modes {
	says := speaker{l}
	members := m.Local.Report.Members
	out := Modes{Heads: [2]string{l.Say("plan.modes.local"), l.Say("plan.modes.joint")}}
	switch m.Obstacle {
	case planner.TooFew:
		out.Says = []string{l.Say("plan.modes.few", "n", members, "least", max(m.Trust.Least, schema.MinKeepers))}
	case planner.Unfit:
		out.Says = []string{l.Say("plan.modes.unfit", "cells", schema.MaxJointCells)}
	default:
		out.Says = []string{l.Say("plan.modes.lead"), l.Say("plan.modes.off", "part", int(math.Round(100*m.Noise())))}
	}
	if len(m.Joint.Report.Tables) == 0 {
		return out
	}
	own := 0
	if m.Mode == schema.Joint {
		own = 1
	}
	out.Heads[own] += " (" + l.Say("plan.modes.this") + ")"
	out.Terms = says.modeTerms(m.Trust, members)
	for i, e := range m.Local.Report.Tables {
		local, joint := says.table(e), says.table(m.Joint.Report.Tables[i])
		out.Tables = append(out.Tables, ModeTable{local.Name, local.Every, [2]string{local.PlusMinus, joint.PlusMinus}, [2]string{local.Readable, joint.Readable}})
	}
	builtIn := cb.Name == schema.Incident().Name
	for i, a := range m.Local.Answers {
		local, joint := says.here(a, builtIn), says.here(m.Joint.Answers[i], builtIn)
		if local.Mark != joint.Mark {
			out.Questions = append(out.Questions, ModeQuestion{local.Question, [2]Mark{local.Mark, joint.Mark}})
		}
	}
	if len(out.Questions) == 0 {
		out.Same = l.Say("plan.modes.same")
	}
	return out
}

// here is the answer in the plan's own mode.
func (s speaker) here(a planner.Answer, builtIn bool) ProspectAnswer {
	a.Outlook = a.Here()
	return s.answer(a, builtIn)
}

// modeTerms are what tells the modes apart, for somebody who is no statistician.
func (s speaker) modeTerms(t planner.Trust, members int) []ModeTerm {
	guess := func(c schema.Charge) string { return s.Number(int64(math.Round(account.BestGuess(c)))) }
	limit := t.Alone / schema.Charge(t.Honest)
	term := func(key, local, joint string) ModeTerm {
		return ModeTerm{s.Say("plan.mode." + key), [2]string{local, joint}}
	}
	return []ModeTerm{
		term("seen", s.Say("plan.mode.seen.local"), s.Say("plan.mode.seen.joint")),
		term("noise", s.Say("plan.mode.noise.local", "times", members), s.Say("plan.mode.noise.joint", "times", s.Decimal(float64(members)/float64(t.Honest)))),
		term("one", s.Say("plan.mode.one.local"), s.Say("plan.mode.one.joint")),
		term("few", s.Say("plan.mode.few.local"), s.Say("plan.mode.few.joint", "least", t.Least)),
		term("rests", s.Say("plan.mode.rests.local"), s.Say("plan.mode.rests.joint", "colluders", t.Colluders, "keepers", t.Keepers, "lying", t.Lying)),
		term("worst", s.Say("plan.mode.worst.local", "guess", guess(limit)), s.Say("plan.mode.worst.joint", "open", t.Open, "guess", guess(t.Alone), "limit", guess(limit))),
		term("pair", s.Say("plan.mode.pair.says", "guess", guess(2*limit)), s.Say("plan.mode.pair.says", "guess", guess(t.Pair))),
	}
}
