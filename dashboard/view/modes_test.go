package view_test

import (
	"slices"
	"strings"
	"testing"

	"tidemark/aggregation/account"
	"tidemark/aggregation/planner"
	"tidemark/dashboard/internal/sample"
	"tidemark/dashboard/view"
	"tidemark/schema"
	"tidemark/schema/wire"
)

// jointPlan is the starting plan for joint mode, with the defaults for twelve members.
func jointPlan(_ *schema.Codebook, first schema.Period) (schema.Plan, error) {
	return planner.Full(first, 6, 2)
}

// The page sets both modes of the plan in force beside each other: who sees what, what
// joint mode cannot do, what it rests on, and what each lets a coalition read.
func TestThePlanPageComparesBothModes(t *testing.T) {
	p, err := reader(t, sample.Config{}, view.Query{People: strings.Repeat("75 ", 12)}).PlanPage(nil)
	if err != nil {
		t.Fatal(err)
	}
	m := p.Prospects[0].Prospect.Modes
	if m == nil || m.Heads != [2]string{"Local mode (this plan)", "Joint mode"} || p.Prospects[1].Prospect != nil && p.Prospects[1].Prospect.Modes != nil {
		t.Fatalf("%+v", p.Prospects)
	}
	all := strings.Join(m.Says, " ")
	for _, term := range m.Terms {
		all += " " + term.Name + ": " + term.Says[0] + " | " + term.Says[1]
	}
	for _, want := range []string{
		"off by 41 % as much in joint mode", "Each member's noisy table is seen by all members. | Nobody sees one member's table, not even the coalition.",
		"stand all of them: 12. |", "as much as 2.0 noises", "No member can be left out, and what one adds is neither seen nor bounded",
		"With fewer than 8 contributions the period is missed", "at most 2 tell what they know, and of 7 keepers at most 2 lie",
		"at most 60 times in 100 over 12 months. | Or 5 of the keepers: a guess about one person could be right 73 times", "up to 64 times in 100. | A guess about her: up to 69",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("want %q in %s", want, all)
		}
	}
	// ± 22 of one member, a little less reconstructed, times the root of twelve; 1/sqrt(6) of that.
	if off := m.Tables[0].Off; !strings.HasPrefix(m.Tables[0].Name, "What was done") || off != [2]string{"± 75", "± 30"} {
		t.Errorf("%+v", m.Tables[0])
	}
	if len(m.Questions) == 0 || m.Questions[0].Marks[0] == m.Questions[0].Marks[1] {
		t.Errorf("questions %+v", m.Questions)
	}
}

// Where joint mode cannot be, that is all that is said of it.
func TestThePlanPageSaysWhereJointModeCannotBe(t *testing.T) {
	p, err := reader(t, sample.Config{}, view.Query{People: "500 400"}).PlanPage(nil)
	if err != nil {
		t.Fatal(err)
	}
	m := p.Prospects[0].Prospect.Modes
	if len(m.Terms) != 0 || !slices.Equal(m.Says, []string{"Joint mode is not possible with 2 members: it wants 3."}) {
		t.Errorf("%+v", m)
	}
	p, err = reader(t, sample.Config{Plan: jointPlan}, view.Query{People: "500 400 300 500 200"}).PlanPage(nil)
	if err != nil {
		t.Fatal(err)
	}
	says := p.Prospects[0].Prospect.Says
	if !strings.Contains(says[0], "only if 8 members contribute; fewer, and the period is missed") {
		t.Errorf("%q", says)
	}
}

// The second bar at the default budget, 73 in 100 where six are counted on; years, and
// someone known to two members.
func TestTheSecondBarOfAJointPlan(t *testing.T) {
	c := sample.New(t, sample.Config{Plan: jointPlan})
	r := reads(t, c, "en", view.Query{})
	p, err := r.Budget(standing(t, c))
	if err != nil {
		t.Fatal(err)
	}
	if p.Gauge.Guess != "60" || p.Alone == nil || p.Alone.Gauge.Guess != "73" || p.Alone.Gauge.Word.Class != string(account.Above) || p.Alone.Gauge.Limit != p.Alone.Gauge.Needle {
		t.Fatalf("gauge %+v, second %+v", p.Gauge, p.Alone)
	}
	says := strings.Join(p.Alone.Says, " ")
	for _, want := range []string{"or 5 keepers did", "right 73 times in 100 at best, not 60", "at most 2 tell what they know; of the keepers, at most 2 lie; and fewer than 5"} {
		if !strings.Contains(says, want) {
			t.Errorf("want %q in %s", want, says)
		}
	}
	if strings.Contains(says, "local mode") || strings.Contains(says, "another coalition") {
		t.Errorf("nothing is mixed: %s", says)
	}
	want := [][]string{{"1 year", "60 in 100", "69 in 100", "73 in 100"}, {"3 years", "67 in 100", "81 in 100", "86 in 100"}, {"5 years", "71 in 100", "87 in 100", "92 in 100"}}
	if !slices.EqualFunc(p.Longer.Rows, want, slices.Equal) {
		t.Errorf("longer %v, want %v", p.Longer.Rows, want)
	}
	if a := r.APIBudget(standing(t, c)); a.BestGuess != 60 || a.Alone != 73.2 || a.Pair != 69.4 {
		t.Errorf("API %+v", a)
	}
	e, err := r.Explainer(nil, view.Standing{})
	if err != nil {
		t.Fatal(err)
	}
	sheet := strings.Join(append(e.Parts[0].Says, e.Parts[2].Says...), " ")
	for _, want := range []string{"sealed for several members, the keepers", "could be right 73 times in 100; about someone whom two members know, it could be 69 times"} {
		if !strings.Contains(sheet, want) {
			t.Errorf("want %q in %s", want, sheet)
		}
	}
	if strings.Contains(sheet, "They see them beside their own") {
		t.Errorf("the sheet says that members see each other's tables: %s", sheet)
	}
}

// A year of both modes adds by the plan of each charge; another coalition's count once,
// and that is said.
func TestTheSecondBarOfAMixedYear(t *testing.T) {
	c := sample.New(t, sample.Config{Plan: jointPlan, Empty: true})
	s, err := c.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	joint := wire.PlanHash(s.State.Charter().Plan)
	ledger := &account.Ledger{}
	for i, e := range []account.Entry{
		{Coalition: s.State.ID(), Plan: joint, Period: schema.Period{Year: 2026, Quarter: 3}, Charge: 10_000_000},
		{Coalition: schema.Hash{9}, Plan: schema.Hash{9}, Period: schema.Period{Year: 2026, Quarter: 2}, Charge: 30_000_000},
		{Coalition: s.State.ID(), Plan: joint, Period: schema.Period{Year: 2024, Quarter: 2}, Charge: 200_000_000},
	} {
		if err := ledger.Found(e, 1+i%2); err != nil {
			t.Fatal(err)
		}
	}
	r := reads(t, c, "en", view.Query{})
	own := view.Standing{Ledger: ledger}
	a := r.APIBudget(own)
	tenths := func(c schema.Charge) float64 { return float64(int(10*account.BestGuess(c)+0.5)) / 10 }
	if a.Alone != tenths(6*10_000_000+2*30_000_000) || a.Pair != tenths(4*10_000_000+2*2*30_000_000) {
		t.Errorf("alone %.1f, pair %.1f", a.Alone, a.Pair)
	}
	p, err := r.Budget(own)
	if err != nil {
		t.Fatal(err)
	}
	if says := strings.Join(p.Alone.Says, " "); !strings.Contains(says, "Releases in another coalition count here as in local mode") {
		t.Error(says)
	}
}

// In local mode there is no second bar, and all others together know no more.
func TestNoSecondBarInLocalMode(t *testing.T) {
	c := sample.New(t, sample.Config{})
	r := reads(t, c, "en", view.Query{})
	p, err := r.Budget(standing(t, c))
	if err != nil {
		t.Fatal(err)
	}
	if a := r.APIBudget(standing(t, c)); p.Alone != nil || a.Alone != a.BestGuess || a.Pair != 64 {
		t.Errorf("%+v, %+v", p.Alone, a)
	}
}

// A joint plan's noise is told of the sum: no number of one member is seen.
func TestNoiseOfAJointPlanIsTheSums(t *testing.T) {
	p, err := reader(t, sample.Config{Plan: jointPlan}, view.Query{}).PlanPage(nil)
	if err != nil {
		t.Fatal(err)
	}
	// 1.96 times the root of 12 shares of ceil(450,300/6), in sixtieths of a person.
	if p.Noise != "Noise on the sum if all 12 contribute, 19 times in 20" || p.Tables[0].Noise != "± 31" {
		t.Errorf("%s: %+v", p.Noise, p.Tables[0])
	}
}
