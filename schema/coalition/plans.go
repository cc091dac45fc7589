package coalition

import (
	"fmt"
	"slices"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// term says which plan governs the periods that start on a day or after it, until the
// next term's day. Days rise. So every period has one plan or none, for both cadences.
type term struct {
	from schema.Date
	plan schema.Hash // zero: none
}

// found starts with the charter's plan, which may reach into the past: everybody agreed
// on it before anyone drew (C2).
func (s *State) found(p schema.Plan) error { return s.begin(p, p.First.Start()) }

// adopt puts a plan in the place of all that is or would come to be in force from the
// day on which it may start (C15).
func (s *State) adopt(p schema.Plan, date schema.Date) error {
	return s.begin(p, max(date+schema.PlanNotice, p.First.Start()))
}

func (s *State) begin(p schema.Plan, from schema.Date) error {
	if p.Codebook != s.charter.Codebook {
		return fmt.Errorf("plan: is for another codebook")
	}
	h := wire.PlanHash(p)
	if len(s.terms) > 0 && s.terms[len(s.terms)-1].plan == h {
		return fmt.Errorf("plan: is in force or about to be")
	}
	if _, again := s.plans[h]; !again {
		s.plans[h], s.adopted = p, append(slices.Clip(s.adopted), h)
	}
	s.enterTerm(term{from, h})
	return nil
}

// retire ends the last plan: after the same notice, or before it starts (C16).
func (s *State) retire(h schema.Hash, date schema.Date) error {
	last := s.terms[len(s.terms)-1]
	if last.plan != h || h.IsZero() {
		return fmt.Errorf("plan: is not the one in force")
	}
	s.enterTerm(term{from: max(date+schema.PlanNotice, last.from)})
	return nil
}

func (s *State) enterTerm(t term) {
	kept := slices.IndexFunc(s.terms, func(old term) bool { return old.from >= t.from })
	if kept < 0 {
		kept = len(s.terms)
	}
	s.terms = append(slices.Clone(s.terms[:kept]), t)
}

// Plan finds any plan ever adopted.
func (s *State) Plan(h schema.Hash) (schema.Plan, bool) {
	p, ok := s.plans[h]
	return p, ok
}

// Plans are the hashes of all plans ever adopted, in order.
func (s *State) Plans() []schema.Hash { return slices.Clone(s.adopted) }

// PlanFor is the plan that governs a period: the one in force on its first day. An act
// changes nothing for periods that have started, or start within 7 days.
func (s *State) PlanFor(p schema.Period) (schema.Plan, schema.Hash, bool) {
	i := s.termOf(p)
	if i < 0 || s.terms[i].plan.IsZero() {
		return schema.Plan{}, schema.Hash{}, false
	}
	h := s.terms[i].plan
	return s.plans[h], h, true
}

// termOf is the index of a period's term, or -1.
func (s *State) termOf(p schema.Period) int {
	i := len(s.terms) - 1
	for i >= 0 && s.terms[i].from > p.Start() {
		i--
	}
	return i
}

// CheckPlans holds every plan ever adopted against the coalition's codebook and the
// ceilings. A node that gets an error must not draw: no number of admins may pass them.
func (s *State) CheckPlans(cb *schema.Codebook) error {
	for _, h := range s.adopted {
		p := s.plans[h]
		if err := p.Validate(cb); err != nil {
			return fmt.Errorf("plan %s: %w", h.Short(), err)
		}
	}
	return nil
}
