package vault

import (
	"context"
	"fmt"
	"maps"

	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// Consent lets this member release by a plan that the coalition has adopted. Whoever joins
// agrees to the plans that there are; one that admins adopt later binds nobody's cases
// before its own operator has agreed. It cannot be taken back, but a member may leave.
func (v *Vault) Consent(ctx context.Context, st *coalition.State, plan schema.Hash) error {
	if err := v.begin(); err != nil {
		return fmt.Errorf("consent: %w", err)
	}
	defer v.end()
	if _, ok := st.Plan(plan); !ok {
		return fmt.Errorf("consent: %w: nobody adopted this plan", ErrNotDue)
	}
	if v.consents(st, plan) || ctx.Err() != nil {
		return ctx.Err()
	}
	if err := v.commit(entry{Kind: consented, Coalition: st.ID(), Plan: plan}); err != nil {
		return fmt.Errorf("consent: %w", err)
	}
	return nil
}

// consents tells whether this member releases by a plan: the founding one, or one that it
// has agreed to.
func (v *Vault) consents(st *coalition.State, plan schema.Hash) bool {
	return plan == wire.PlanHash(st.Charter().Plan) || v.book.consents[plan]
}

// Consents are the plans, besides the founding one, that this member has agreed to.
func (v *Vault) Consents() map[schema.Hash]bool {
	v.live.RLock()
	defer v.live.RUnlock()
	return maps.Clone(v.book.consents)
}
