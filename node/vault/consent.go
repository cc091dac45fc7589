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
// The founding plan binds without it; that it was agreed to is kept as the act of joining.
func (v *Vault) Consent(ctx context.Context, st *coalition.State, plan schema.Hash) error {
	if err := v.begin(); err != nil {
		return fmt.Errorf("consent: %w", err)
	}
	defer v.end()
	if _, ok := st.Plan(plan); !ok {
		return fmt.Errorf("consent: %w: nobody adopted this plan", ErrNotDue)
	}
	if v.book.consents[plan] && v.book.joined[st.ID()] || ctx.Err() != nil {
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

// Joined tells whether this member has joined a coalition: agreed to a plan of it, or
// spoken in it. A coalition that others only say it is in has neither.
func (v *Vault) Joined(coalition schema.Hash) bool {
	v.live.RLock()
	defer v.live.RUnlock()
	return v.book.joined[coalition] || v.book.chains[coalition] != nil
}

// Consents are the plans that this member has agreed to.
func (v *Vault) Consents() map[schema.Hash]bool {
	v.live.RLock()
	defer v.live.RUnlock()
	return maps.Clone(v.book.consents)
}
