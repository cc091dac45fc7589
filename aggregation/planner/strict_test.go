package planner

import (
	"math"
	"slices"
	"strings"
	"testing"

	"tidemark/schema"
)

// A plan made for many people shows a few of them too often by luck: it is told which
// limit would mend that, and at that limit it is mended.
func TestAStricterCautionBandWhereRangesHoldTooSeldom(t *testing.T) {
	cb := schema.Incident()
	plan, err := SmallLocal(schema.Period{Year: 2026, Quarter: 1})
	if err != nil {
		t.Fatal(err)
	}
	plenty, err := Expect(cb, plan, slices.Repeat([]int{400}, 12))
	if err != nil || plenty.Stricter != (schema.Bands{}) || plenty.ShownCoverage < LeastCoverage || plenty.ShownCoverage > 0.951 {
		t.Fatalf("4,800 people: coverage %.3f, caution %d, %v", plenty.ShownCoverage, plenty.Stricter.Caution, err)
	}
	few := slices.Repeat([]int{40}, 12)
	lax, err := Expect(cb, plan, few)
	if err != nil || lax.ShownCoverage >= LeastCoverage || lax.Stricter == (schema.Bands{}) || lax.Stricter.Caution >= plan.Bands.Caution {
		t.Fatalf("480 people: coverage %.3f, caution %d, %v", lax.ShownCoverage, lax.Stricter.Caution, err)
	}
	if says := strings.Join(lax.Words(), " "); !strings.Contains(says, "stricter limit") {
		t.Errorf("it does not say so: %s", says)
	}
	plan.Bands = lax.Stricter
	strict, err := Expect(cb, plan, few)
	if err != nil || strict.Stricter != (schema.Bands{}) && strict.Stricter != plan.Bands {
		t.Errorf("at its limit: coverage %.3f, caution %d, %v", strict.ShownCoverage, strict.Stricter.Caution, err)
	}
	t.Logf("480 people: %.3f at 333, %.3f at %d", lax.ShownCoverage, strict.ShownCoverage, lax.Stricter.Caution)
}

// What is chosen holds its ranges, whatever the size.
func TestChosenPlansHoldTheirRanges(t *testing.T) {
	cb := schema.Incident()
	for _, members := range []int{1, 3, 12, 40} {
		for _, people := range []int{5, 20, 50, 120, 400, 2000} {
			sizes := slices.Repeat([]int{people}, members)
			plan, err := Choose(cb, sizes, Frame(cb, schema.Local, schema.Period{Year: 2026, Quarter: 1}))
			if err != nil {
				t.Fatal(err)
			}
			r, err := Expect(cb, plan, sizes)
			if err != nil {
				t.Fatal(err)
			}
			atLeast := plan.Bands.Caution-cautionStep <= plan.Bands.Number // nothing stricter is left
			if r.ShownCoverage > 0 && r.ShownCoverage < LeastCoverage && !atLeast {
				t.Errorf("%d members of %d: coverage %.3f at %d", members, people, r.ShownCoverage, plan.Bands.Caution)
			}
		}
	}
}

// A later version of the codebook may have retired what a question is about: then nobody
// asks it, and no table of it is proposed.
func TestNothingIsAskedOfRetiredCodes(t *testing.T) {
	cb := *schema.Incident()
	cb.Dimensions = slices.Clone(cb.Dimensions)
	act := &cb.Dimensions[cb.Dimension("threat_type")]
	act.Codes = slices.Clone(act.Codes)
	act.Codes[act.Index("doxing")].Retired = true
	region := &cb.Dimensions[cb.Dimension("region")]
	region.Codes = slices.Clone(region.Codes)
	for i := range region.Codes {
		region.Codes[i].Retired = true
	}
	asked := map[string]bool{}
	for _, q := range Questions(&cb) {
		asked[q.ID] = true
	}
	if asked["which-harm-follows-doxing"] || asked["what-happens-where"] || !asked["which-harm-follows-which-act"] {
		t.Errorf("asked: %v", asked)
	}
	for _, w := range Wishes(&cb) {
		if strings.Contains(w.Table.String(), "region") {
			t.Errorf("wished for: %s", w.Table)
		}
	}
}

func TestNoPlanWithoutABudget(t *testing.T) {
	cb := schema.Incident()
	for name, spoil := range map[string]func(*schema.Plan){
		"no charges":  func(p *schema.Plan) { p.ChargeQuarter, p.ChargeYear = 0, 0 },
		"negative":    func(p *schema.Plan) { p.ChargeQuarter, p.ChargeYear = -1, -1 },
		"no cap":      func(p *schema.Plan) { p.Cap = 0 },
		"overflowing": func(p *schema.Plan) { p.ChargeQuarter, p.ChargeYear = math.MaxInt64, math.MaxInt64 },
	} {
		base := Frame(cb, schema.Local, schema.Period{Year: 2026, Quarter: 1})
		spoil(&base)
		if plan, err := Choose(cb, []int{400, 400, 400}, base); err == nil {
			t.Errorf("%s: chose %d tables", name, len(plan.Tables))
		}
	}
	// Only a year is a budget too.
	base := Frame(cb, schema.Local, schema.Period{Year: 2026, Quarter: 1})
	base.ChargeQuarter = 0
	if plan, err := Choose(cb, []int{400, 400, 400}, base); err != nil || len(plan.Of(schema.Yearly, true)) == 0 {
		t.Errorf("a year alone: %v", err)
	}
}
