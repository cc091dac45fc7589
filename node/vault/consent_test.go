package vault

import (
	"errors"
	"testing"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// A plan that the admins adopt later is not drawn by before this member has agreed.
func TestALaterPlanNeedsConsent(t *testing.T) {
	v, g := shore(t)
	next := smallPlan("2026-Q2")
	next.LateDays = 10
	h := wire.PlanHash(next)
	g.act(schema.AdoptPlan{Plan: next})
	releasedIn(t, v, g, "2026-Q1") // by the founding plan, which joining has agreed to
	if _, err := g.step(v, g.due("2026-Q2")); !errors.Is(err, ErrConsent) {
		t.Fatalf("have %v", err)
	}
	if l := v.Ledger(); l.Total() != 48_000_000 {
		t.Errorf("a refusal has cost %d", l.Total())
	}
	if err := v.Consent(background, g.st, schema.HashOf([]byte("no plan"))); !errors.Is(err, ErrNotDue) {
		t.Errorf("to nobody's plan: %v", err)
	}
	must(t, v.Consent(background, g.st, h))
	must(t, v.Consent(background, g.st, h))
	v = reopened(t, v)
	if all := v.Consents(); len(all) != 1 || !all[h] {
		t.Errorf("agreed to %v", all)
	}
	releasedIn(t, v, g, "2026-Q2")
}
