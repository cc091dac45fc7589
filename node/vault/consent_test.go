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

// That a coalition was joined is what its operator said, not what a log says.
func TestACoalitionIsJoinedByAgreeing(t *testing.T) {
	v := opened(t, made(t))
	g := gather(t, v, smallPlan("2026-Q1"), "amber-lark", "river-ibis")
	if v.Joined(g.st.ID()) {
		t.Fatal("joined by a log alone")
	}
	must(t, v.Consent(background, g.st, wire.PlanHash(smallPlan("2026-Q1"))))
	v = reopened(t, v)
	if !v.Joined(g.st.ID()) || v.Joined(schema.HashOf([]byte("another"))) {
		t.Error("want the one coalition that was joined")
	}
}

// The member key signs by itself what no journal has to know: nothing of a feed.
func TestTheMemberKeySignsByItselfForAdminsAndApplicants(t *testing.T) {
	v, g := shore(t)
	for _, body := range []schema.Body{schema.Release{}, schema.Intent{}, schema.Notice{}, schema.Capacity{}, schema.Void{}, schema.Declaration{}, schema.Check{}, schema.Head{}, nil} {
		if raw, err := v.Sign(background, body); err == nil || raw != nil {
			t.Errorf("%T was signed", body)
		}
	}
	act, err := v.Sign(background, g.st.Act(day("2026-01-07"), schema.Suspend{Member: "north-wind"}))
	must(t, err)
	if _, err := g.st.Apply(act); err != nil {
		t.Error(err)
	}
	check, err := v.Ask(background, g.st)
	must(t, err)
	if _, err := v.Cosign(background, check); err == nil {
		t.Error("a check got a line")
	}
}
