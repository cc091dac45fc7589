package planner

import "tidemark/schema"

// Prospect is what a plan promises to a coalition of a size, and which of the readers'
// questions it answers: what an admin reads before signing it.
type Prospect struct {
	Report  Report
	Answers []Answer
}

// Look works out a plan's prospect for typed sizes (people a quarter).
func Look(cb *schema.Codebook, plan schema.Plan, sizes []int) (Prospect, error) {
	report, err := Expect(cb, plan, sizes)
	if err != nil {
		return Prospect{}, err
	}
	p := Prospect{Report: report}
	for _, q := range Questions(cb) {
		a, err := Ask(cb, plan, sizes, q)
		if err != nil {
			return Prospect{}, err
		}
		p.Answers = append(p.Answers, a)
	}
	return p, nil
}
