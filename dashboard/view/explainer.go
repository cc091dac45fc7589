package view

import (
	"fmt"

	"tidemark/aggregation/account"
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
}{{"leaves", 3}, {"stays", 3}, {"promise", 3}, {"not", 5}, {"board", 4}}

// Explainer is the page for a board, of the plan in force, or of the defaults before
// there is a coalition.
func (r *Reader) Explainer() (ExplainerPage, error) {
	limit := schema.Charge(schema.DefaultCap)
	if r.Snapshot != nil {
		plan, _ := r.planInForce()
		limit = plan.Cap
	}
	p := ExplainerPage{
		Title: r.L.Say("explainer.title"), Lead: r.L.Say("explainer.lead"), Longer: r.longer(limit),
		Small: r.L.Say("explainer.small", "mu", r.fixed(account.Mu(limit), 3), "epsilon", r.fixed(account.Epsilon(limit, account.StatementDelta), 2)),
	}
	for _, part := range explainerParts {
		one := ExplainerPart{Title: r.L.Say("explainer." + part.id)}
		for i := 1; i <= part.sentences; i++ {
			one.Says = append(one.Says, r.L.Say(fmt.Sprintf("explainer.%s.%d", part.id, i), "guess", r.guess(limit)))
		}
		p.Parts = append(p.Parts, one)
	}
	return p, nil
}
