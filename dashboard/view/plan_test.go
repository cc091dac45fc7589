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
		p, err := open(t, s, lang, view.Query{}).Explainer()
		if err != nil {
			t.Fatal(err)
		}
		all := p.Title + p.Lead + p.Small
		for _, part := range p.Parts {
			all += part.Title + strings.Join(part.Says, " ")
		}
		if !strings.Contains(all, guess) || strings.Contains(all, "explainer.") {
			t.Errorf("%s: %s", lang, all)
		}
		if len(p.Longer.Rows) != 3 || len(p.Longer.Rows[0]) != 3 {
			t.Errorf("%s: years %+v", lang, p.Longer)
		}
	}
}
