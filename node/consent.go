package node

import (
	"context"

	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// Consent lets this member release by a plan that was adopted after it joined.
func (n *Node) Consent(ctx context.Context, plan schema.Hash) error {
	st, err := n.coalition()
	if err != nil {
		return err
	}
	return n.vault.Consent(ctx, st, plan)
}

// Consents are the adopted plans that this member releases by.
func (n *Node) Consents() map[schema.Hash]bool {
	all := n.vault.Consents()
	if st := n.State(); st != nil {
		all[wire.PlanHash(st.Charter().Plan)] = true
	}
	return all
}

// Unagreed are the plans in force or to come that this member has not agreed to.
func (n *Node) Unagreed() []schema.Hash {
	st := n.State()
	if st == nil {
		return nil
	}
	agreed := n.Consents()
	var open []schema.Hash
	for _, h := range st.Plans() {
		if !agreed[h] && inForceFrom(st, h, n.today()) {
			open = append(open, h)
		}
	}
	return open
}

// inForceFrom tells whether a plan governs the running quarter or year, or a later one.
func inForceFrom(st *coalition.State, plan schema.Hash, today schema.Date) bool {
	const years = 3 // an adopted plan begins, or is replaced before it does, well within
	for _, c := range schema.Cadences {
		p := schema.PeriodOf(today, c)
		for end := p.Year + years; p.Year < end; p = p.Add(1) {
			if _, h, ok := st.PlanFor(p); ok && h == plan {
				return true
			}
		}
	}
	return false
}

// agreeToAll is what joining means: the plans that there are.
func (n *Node) agreeToAll(ctx context.Context, st *coalition.State) error {
	for _, h := range st.Plans() {
		if err := n.vault.Consent(ctx, st, h); err != nil {
			return err
		}
	}
	return nil
}
