package view

import (
	"fmt"
	"math"
	"slices"

	"tidemark/aggregation/account"
	"tidemark/aggregation/planner"
	"tidemark/schema"
)

// ExplainerPage is what an organisation promises, on one printed page, for its board.
type ExplainerPage struct {
	Title, Lead string
	Parts       []ExplainerPart
	Longer      LongerTable
	Small       string // for a reviewer
}

// ExplainerPart is a matter in a few sentences.
type ExplainerPart struct {
	Title string
	Says  []string
}

// explainerParts are the matters, with the number of their sentences.
var explainerParts = []struct {
	id        string
	sentences int
}{{"leaves", 1}, {"stays", 3}, {"promise", 3}, {"not", 5}, {"board", 4}}

// Explainer is the page for a board, of the plan in force. Before there is a coalition it
// is of what the planner would propose to a middling one with the node's codebook.
func (r *Reader) Explainer(cb *schema.Codebook, s Standing) (ExplainerPage, error) {
	plan, err := r.explained(cb)
	if err != nil {
		return ExplainerPage{}, err
	}
	limit := plan.Cap
	p := ExplainerPage{
		Title: r.L.Say("explainer.title"), Lead: r.L.Say("explainer.lead"), Longer: r.longer(&plan),
		Small: r.L.Say("explainer.small", "mu", r.fixed(account.Mu(limit), 3), "epsilon", r.fixed(account.Epsilon(limit, account.StatementDelta), 2)) + " " + r.L.Say("explainer.more", "method", r.L.Say("nav.method")),
	}
	for _, part := range explainerParts {
		one := ExplainerPart{Title: r.L.Say("explainer." + part.id)}
		for i := 1; i <= part.sentences; i++ {
			one.Says = append(one.Says, r.L.Say(fmt.Sprintf("explainer.%s.%d", part.id, i), "guess", r.guess(limit)))
		}
		p.Parts = append(p.Parts, r.ofThisPlan(part.id, one, &plan, s))
	}
	return p, nil
}

// ofThisPlan adds to a part what is true of the plan and of the own cases.
func (r *Reader) ofThisPlan(id string, part ExplainerPart, plan *schema.Plan, s Standing) ExplainerPart {
	joint := plan.Mode == schema.Joint
	switch id {
	case "leaves":
		if joint {
			part.Says = []string{r.L.Say("explainer.leaves.joint", "open", r.trust(plan).Open)}
		}
		part.Says = append(r.leaves(plan), part.Says...)
	case "promise":
		if joint {
			t := r.trust(plan)
			part.Says = append(part.Says, r.L.Say("explainer.promise.joint", "alone", r.guess(t.Alone), "pair", r.guess(t.Pair)))
		}
		if s.Protects.Valid() {
			part.Says = append(part.Says, r.L.Say("explainer.counts", "says", r.protectionSays(s.Protects)))
		}
	}
	return part
}

func (r *Reader) explained(cb *schema.Codebook) (schema.Plan, error) {
	if r.Snapshot != nil {
		plan, _ := r.planInForce()
		return plan, nil
	}
	return planner.Choose(cb, slices.Repeat([]int{400}, 10), anyFrame(cb))
}

// leaves says how often tables leave, which, and what noise does to a number of the first.
func (r *Reader) leaves(plan *schema.Plan) []string {
	often := "both"
	switch {
	case len(plan.Of(schema.Yearly, false)) == 0:
		often = "quarterly"
	case len(plan.Of(schema.Quarterly, false)) == 0:
		often = "yearly"
	}
	first := plan.Tables[0]
	for _, t := range plan.Tables {
		if t.Sigma2 > 0 { // drawn, not worked out from others
			first = t
			break
		}
	}
	variance, noised := float64(first.Sigma2), "explainer.leaves.noise"
	if plan.Mode == schema.Joint {
		variance, noised = float64(plan.ShareVariance(first))*float64(r.State.Roster().Active()), "explainer.leaves.noise.joint"
	}
	noise := int(math.Round(math.Sqrt(variance) / schema.UnitsPerPerson))
	count := 20
	for count < noise {
		count *= 2
	}
	return []string{
		r.L.Say("explainer.leaves."+often, "table", r.L.Table(first.Table)),
		r.L.Say(noised, "count", count, "less", count-noise, "more", count+noise),
	}
}
