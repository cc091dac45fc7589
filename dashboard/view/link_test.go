package view_test

import (
	"strings"
	"testing"

	"tidemark/aggregation/planner"
	"tidemark/dashboard/internal/sample"
	"tidemark/dashboard/view"
	"tidemark/schema"
)

// The question that defenders ask first: doxing comes with intimidation in person.
func TestLinkTellsWhichHarmComesWithWhichAct(t *testing.T) {
	p, err := demo(t, view.Query{}).Link()
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, h := range p.Harms {
		order = append(order, h.Label)
		if h.Label != "Intimidation in person" {
			continue
		}
		first := h.Pairs[0]
		if !strings.HasPrefix(first.Says, "Of 100 people with “Private data exposed”, about 3") || !strings.Contains(first.Says, " people, of about 1,5") || first.Verdict.Class != "up" {
			t.Errorf("%+v", first)
		}
		if first.Href != "/trends?what=threat_type.doxing&and=offline_consequence(group).intimidation&every=year" {
			t.Error(first.Href)
		}
	}
	if got := strings.Join(order, ", "); got != "Violence against the person, Displacement, Legal measures or detention, Intimidation in person, Psychological, social or income harm" {
		t.Errorf("the gravest first: %s", got)
	}
	for _, a := range p.Acts {
		if len(a.Harms) == 0 || len(a.Harms)+len(a.Noisy) != 6 || len(a.Rest) != 2 {
			t.Errorf("%s: %d harms, %d too noisy, %d others", a.Label, len(a.Harms), len(a.Noisy), len(a.Rest))
		}
		for _, l := range a.Harms {
			if l.Value.Range == "" || !strings.Contains(l.Note, " in 100 (") {
				t.Errorf("%s: %+v", a.Label, l)
			}
		}
		for _, l := range a.Noisy {
			if l.Note != "" || l.Bar != "" || l.Value.Class == "number" {
				t.Errorf("%s, too noisy: %+v", a.Label, l)
			}
		}
	}
	if len(p.Acts)+len(p.Hidden) != 17 {
		t.Errorf("%d acts, %d hidden", len(p.Acts), len(p.Hidden))
	}
}

// It never says that one causes the other, says whom a cell counts, and names the tables
// that the plan lacks.
func TestLinkSaysNoMoreThanItKnows(t *testing.T) {
	p, err := demo(t, view.Query{}).Link()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(p.Lead, "“Comes with” is not “causes”") || len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "most serious consequence only") {
		t.Errorf("%q %q", p.Lead, p.Notes)
	}
	for _, h := range p.Harms {
		for _, pair := range h.Pairs {
			if strings.Contains(pair.Says, "cause") || strings.Contains(pair.Says, "led to") {
				t.Error(pair.Says)
			}
		}
	}
	if p.Strength != nil || p.Links != nil || len(p.Lacking) != 2 || !strings.Contains(p.Lacking[0].Says, "“Most serious consequence × Strength of evidence for that link”") {
		t.Errorf("%+v", p.Lacking)
	}
}

func TestLinkShowsTheStrengthOfEvidence(t *testing.T) {
	full := func(_ *schema.Codebook, first schema.Period) (schema.Plan, error) { return planner.Full(first, 0, 0) }
	p, err := reader(t, sample.Config{Quarters: 7, Plan: full}, view.Query{}).Link()
	if err != nil {
		t.Fatal(err)
	}
	if p.Strength == nil || len(p.Strength.Table.Rows) != 8 || p.Links == nil || len(p.Links.Lines) == 0 || len(p.Lacking) != 0 {
		t.Errorf("strength %v, links %v, lacking %v", p.Strength, p.Links, p.Lacking)
	}
}

func TestLinkInNoise(t *testing.T) {
	p, err := reader(t, sample.Config{People: 40, Quarters: 7}, view.Query{}).Link()
	if err != nil || len(p.Harms) != 0 || !strings.Contains(p.None, "too noisy") {
		t.Errorf("%+v, %q, %v", p.Harms, p.None, err)
	}
}
