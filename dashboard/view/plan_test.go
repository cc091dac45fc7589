package view_test

import (
	"strings"
	"testing"

	"tidemark/aggregation/planner"
	"tidemark/dashboard/internal/sample"
	"tidemark/dashboard/view"
	"tidemark/schema"
)

// Before a plan is signed its page says what can be read at which size, answers every
// question of the catalogue, and what the planner would do instead.
func TestThePlanPageAnswersBeforeAnybodySigns(t *testing.T) {
	seen := map[string]bool{}
	for people, wants := range map[string][]string{
		"400 300 200, 500; 300 400 300 500 200 300 300 300": {"Yes: every quarter", "The same tables as the plan in force."},
		"١٥ ٢٠": {"Not yet", "With 2 members nobody draws real cases yet"},
	} {
		r := reader(t, sample.Config{}, view.Query{People: people})
		p, err := r.PlanPage(nil)
		if err != nil || p.Problem != "" || len(p.Prospects) != 2 {
			t.Fatalf("%s: %+v, %v", people, p, err)
		}
		says := strings.Join(p.Prospects[0].Prospect.Says, " ") + p.Prospects[0].Prospect.Few + strings.Join(p.Prospects[1].Differs, " ")
		for _, want := range wants {
			if !strings.Contains(says, want) {
				t.Errorf("%s: want %q in %s", people, want, says)
			}
		}
		for _, named := range p.Prospects {
			if named.Prospect == nil {
				continue
			}
			if len(named.Prospect.Questions) != len(planner.Questions(schema.Incident())) {
				t.Errorf("%s: %d questions", named.ID, len(named.Prospect.Questions))
			}
			for _, q := range named.Prospect.Questions {
				seen[q.Mark.Class] = true
				if strings.Contains(q.Question+q.Says, "question.") || strings.Contains(q.Mark.Text, "plan.answer") {
					t.Errorf("a question without words: %+v", q)
				}
			}
		}
	}
	for _, state := range []string{"yes", "yearly", "added", "not_yet"} {
		if !seen[state] {
			t.Errorf("no question is answered %q: %v", state, seen)
		}
	}
}

// What the planner would propose beside a joint plan is a joint plan.
func TestThePlannerKeepsTheMode(t *testing.T) {
	joint := func(_ *schema.Codebook, first schema.Period) (schema.Plan, error) { return planner.Full(first, 10, 2) }
	p, err := reader(t, sample.Config{Plan: joint}, view.Query{People: strings.Repeat("30 ", 20)}).PlanPage(nil)
	if err != nil || len(p.Prospects) != 2 {
		t.Fatalf("%+v, %v", p, err)
	}
	// 600 people are too few for twenty members' noises, and enough for two.
	if says := p.Prospects[1].Prospect.Says[0]; !strings.Contains(says, "Yes: every quarter") {
		t.Errorf("the plan that is proposed: %s", says)
	}
}

// Until sizes are typed the page shows what no size changes: each table's noise.
func TestThePlanPageShowsNoiseBeforeSizes(t *testing.T) {
	p, err := reader(t, sample.Config{}, view.Query{}).PlanPage(nil)
	if err != nil || len(p.Prospects) > 0 || len(p.Tables) == 0 {
		t.Fatalf("%+v, %v", p, err)
	}
	plan, err := planner.SmallLocal(sample.Last)
	if err != nil || len(p.Tables) != len(plan.Tables) {
		t.Fatalf("%d tables, want the plan's %d, %v", len(p.Tables), len(plan.Tables), err)
	}
	// 1.96 times the root of 459,520, in sixtieths of a person.
	if want := (view.PlanNoise{Name: "What was done (main act)", Every: "Every quarter", Noise: "± 22"}); p.Tables[0] != want {
		t.Errorf("%+v, want %+v", p.Tables[0], want)
	}
}

// BenchmarkPlanPage is what a look at the page costs: two plans, every question.
func BenchmarkPlanPage(b *testing.B) {
	r := reader(b, sample.Config{}, view.Query{People: "400 300 200 500 300 400 300 400 500 200 300 40"})
	for b.Loop() {
		if _, err := r.PlanPage(nil); err != nil {
			b.Fatal(err)
		}
	}
}

func TestThePlanPageSaysWhatIsWrongWithSizes(t *testing.T) {
	for _, people := range []string{"many", "0", "-5", "1,000", "99999999999", strings.Repeat("5 ", 201)} {
		p, err := reader(t, sample.Config{}, view.Query{People: people}).PlanPage(nil)
		if err != nil || p.Problem == "" || strings.Contains(p.Problem, "setup.problem") || len(p.Prospects) > 0 {
			t.Errorf("%.20s: %q, %d prospects, %v", people, p.Problem, len(p.Prospects), err)
		}
	}
}

// In every language the questions and the sheet for a board have words of their own.
func TestTheSheetForABoard(t *testing.T) {
	c := sample.New(t, sample.Config{})
	s, err := c.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	for lang, guess := range map[string]string{"en": "at most 60 times in 100", "es": "60 veces de 100", "fr": "60 fois sur 100", "ar": "٦٠ مرة من ١٠٠"} {
		p, err := open(t, s, lang, view.Query{}).Explainer(nil, view.Standing{Protects: schema.PerCase})
		if err != nil {
			t.Fatal(err)
		}
		all := p.Title + p.Lead + p.Small
		for _, part := range p.Parts {
			all += part.Title + strings.Join(part.Says, " ")
		}
		if lang == "en" {
			for _, want := range []string{"counts people by “What was done (main act)”", "Where 20 people were counted, 9 or 31 may stand.", "Each case, not each person"} {
				if !strings.Contains(all, want) {
					t.Errorf("want %q in %s", want, all)
				}
			}
		}
		if !strings.Contains(all, guess) || strings.Contains(all, "explainer.") {
			t.Errorf("%s: %s", lang, all)
		}
		if len(p.Longer.Rows) != 3 || len(p.Longer.Rows[0]) != 3 {
			t.Errorf("%s: years %+v", lang, p.Longer)
		}
	}
}

// Before there is a coalition the sheet is of a plan for the node's codebook, and says
// nothing of a source that was not read.
func TestTheSheetForABoardAlone(t *testing.T) {
	c := sample.New(t, sample.Config{})
	s, err := c.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	r := &view.Reader{L: open(t, s, "en", view.Query{}).L}
	p, err := r.Explainer(schema.Incident(), view.Standing{})
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, part := range p.Parts {
		all += strings.Join(part.Says, " ")
	}
	if !strings.Contains(all, "counts people by “What was done (main act)”") || !strings.Contains(all, "60 times in 100") || strings.Contains(all, "Who counts as one") {
		t.Error(all)
	}
}
