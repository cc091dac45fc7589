package view_test

import (
	"fmt"
	"iter"
	"strings"
	"testing"

	"tidemark/aggregation/combine"
	"tidemark/dashboard/internal/sample"
	"tidemark/dashboard/view"
	"tidemark/schema"
	"tidemark/schema/fiction"
)

// samePeople are 60 people of a member in each of eight quarters. Each has one case of
// spyware in every quarter, and one of harassment, from the second year on two: nothing
// happens less, and no person less has anything.
func samePeople(cb *schema.Codebook) func(int) iter.Seq[fiction.Case] {
	act := cb.Dimension("threat_type")
	of := func(c schema.Code) []byte {
		codes := make([]byte, len(cb.Dimensions))
		for i, one := range cb.Dimensions[act].Codes {
			if one.Code == c {
				codes[act] = byte(i)
			}
		}
		return codes
	}
	spyware, harassment := of("device_spyware"), of("harassment_hate")
	return func(member int) iter.Seq[fiction.Case] {
		return func(yield func(fiction.Case) bool) {
			for q := range 8 {
				acts := [][]byte{spyware, harassment}
				if q >= 4 {
					acts = append(acts, harassment)
				}
				for p := range 60 {
					for _, codes := range acts {
						one := fiction.Case{Person: fmt.Sprint(member, " ", p), Date: sample.Last.Add(q - 7).Start(), Codes: codes}
						if !yield(one) {
							return
						}
					}
				}
			}
		}
	}
}

// headcounts is a plan with a table of people, and one that counts everybody in full in
// each of the first three cells reached.
func headcounts(reached bool) func(*schema.Codebook, schema.Period) (schema.Plan, error) {
	return func(cb *schema.Codebook, first schema.Period) (schema.Plan, error) {
		acts := schema.Table{Axes: []schema.Axis{{Dimension: "threat_type"}}}
		p := schema.Plan{
			Codebook: cb.Hash(), Mode: schema.Local, Noise: schema.GoogleNoise, First: first,
			LateDays: schema.DefaultLate, Slot: schema.Slot{Days: 10, Hour: 6},
			ChargeQuarter: 64_000_000, Cap: schema.DefaultCap, Bands: schema.DefaultBands,
			Tables: []schema.PlanTable{{Table: acts, Cadence: schema.Quarterly, Measure: schema.Measure{Kind: schema.People}, Sigma2: 120_000}},
		}
		if reached {
			p.Tables = append(p.Tables, schema.PlanTable{Table: acts, Cadence: schema.Quarterly, Measure: schema.Measure{Kind: schema.Reached, Limit: 3}, Sigma2: 400_000})
		}
		return p, p.Validate(cb)
	}
}

// Constant spyware, doubled harassment of the same people: in a table of people spyware
// falls, as each person is shared among more. The page must not leave it at that.
func TestTheSamePeopleMetMoreOfAnother(t *testing.T) {
	for _, reached := range []bool{true, false} {
		cfg := sample.Config{Quarters: 8, Cases: samePeople(schema.Incident()), Plan: headcounts(reached)}
		p, err := reader(t, cfg, view.Query{What: code(t, "threat_type.device_spyware")}).Trends()
		if err != nil {
			t.Fatal(err)
		}
		if p.Verdict.Text != "Very likely falling" {
			t.Fatalf("spyware is %q: a table of people must show the fall that this is about", p.Verdict.Text)
		}
		says := strings.Join(p.Says, " ")
		for _, want := range []string{
			"Changed the other way: Harassment or hate",
			"shared among what happened to her",
			"their share in the others falls, though nothing there stopped",
		} {
			if !strings.Contains(says, want) {
				t.Errorf("want %q in %s", want, says)
			}
		}
		counted := "Counted in full in everything that they met: "
		if !reached {
			if !strings.Contains(says, "the plan has none for this") || strings.Contains(says, counted) {
				t.Errorf("without a headcount: %s", says)
			}
			continue
		}
		_, after, _ := strings.Cut(says, counted)
		if !strings.Contains(strings.ToLower(after), "no clear change") {
			t.Errorf("the headcount does not say that nothing changed: %s", says)
		}
	}
}

// The lists say it too, for pages, commands and programs.
func TestListsSayWhereTheSamePeopleMayBe(t *testing.T) {
	r := reader(t, sample.Config{Quarters: 8, Cases: samePeople(schema.Incident()), Plan: headcounts(true)}, view.Query{})
	p, err := r.Overview()
	if err != nil || !strings.Contains(p.Year.Shared, "opposite directions") {
		t.Errorf("overview: %q, %v", p.Year.Shared, err)
	}
	c, err := r.ChangesOver(sample.Last, view.SpanYear)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range c.Rows {
		people := row.Measure == string(schema.People)
		if clear := row.Verdict == combine.VeryLikelyFalling || row.Verdict == combine.VeryLikelyRising; people && row.Shared != clear || !people && row.Shared {
			t.Errorf("%s %v by %s: %s, shared %v", row.Table, row.Codes, row.Measure, row.Verdict, row.Shared)
		}
	}
}

// Beside the plain sum stands what is left without the members at either end.
func TestTheMiddleStandsBesideTheSum(t *testing.T) {
	p, err := reader(t, sample.Config{}, view.Query{What: code(t, "threat_type.device_spyware")}).Trends()
	if err != nil {
		t.Fatal(err)
	}
	says := strings.Join(p.Carries, " ")
	for _, want := range []string{"Without the 2 members that fell most and the 2 that rose most, the other 7: about ", "the other 7 now know about "} {
		if !strings.Contains(says, want) {
			t.Errorf("want %q in %s", want, says)
		}
	}
}

// Tables of other measures are read by naming the measure, and say so in every format.
func TestOtherMeasuresAreReadByName(t *testing.T) {
	s, err := sample.New(t, sample.Config{Quarters: 8, Cases: samePeople(schema.Incident()), Plan: headcounts(true)}).Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	number := func(table string) float64 {
		q, err := view.Typed{Table: table, Where: []string{"threat_type=device_spyware"}, From: "2026-Q3"}.Question()
		if err != nil {
			t.Fatal(err)
		}
		a, err := s.Tidy(q)
		if err != nil || len(a.Rows) != 1 || a.Table != table {
			t.Fatalf("%s: %+v, %v", table, a, err)
		}
		return a.Rows[0].Estimate
	}
	// 12 members know 60 people each: a third of each for spyware, or each in full. The
	// noise is about 20 and 37 people.
	if people, reached := number("threat_type"), number("reached:3 threat_type"); people > 360 || reached < 550 {
		t.Errorf("shared %.0f, in full %.0f", people, reached)
	}
	for _, bad := range []string{"reached threat_type", "reached:0 threat_type", "reached:03 threat_type", "people:1 threat_type", "money:2 threat_type"} {
		if _, err := (view.Typed{Table: bad}).Question(); err == nil {
			t.Errorf("%s: accepted", bad)
		}
	}
	if q, err := (view.Typed{Table: "cases:2 threat_type"}).Question(); err != nil {
		t.Error(err)
	} else if _, err := s.Tidy(q); err == nil {
		t.Error("the plan has no table of cases")
	}
}
