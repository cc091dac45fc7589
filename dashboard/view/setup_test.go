package view

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tidemark/aggregation/planner"
	"tidemark/dashboard/words"
	"tidemark/schema"
	"tidemark/schema/mapping"
)

func setupReader(t *testing.T) SetupReader {
	t.Helper()
	languages, err := words.Load(schema.Incident())
	if err != nil {
		t.Fatal(err)
	}
	return SetupReader{L: languages.Of("en"), Codebook: schema.Incident()}
}

// The page and the command line promise the same, word for word.
func TestThePlanIsPromisedAsByTheCommand(t *testing.T) {
	r, cb := setupReader(t), schema.Incident()
	said := map[planner.Outlook]bool{}
	for _, sizes := range [][]int{{5}, {40, 25}, {100, 80, 60}, {333, 333, 334}, {1000, 700, 500}, slices.Repeat([]int{30}, 12), slices.Repeat([]int{3000}, 12)} {
		plan, err := planner.Choose(cb, sizes, planner.Frame(cb, schema.Local, schema.Period{Year: 2026, Quarter: 1}))
		if err != nil {
			t.Fatal(err)
		}
		report, err := planner.Expect(cb, plan, sizes)
		if err != nil {
			t.Fatal(err)
		}
		said[report.Outlook] = true
		have := r.Plan(planner.Modes{Mode: schema.Local, Local: planner.Prospect{Report: report}, Obstacle: planner.TooFew})
		// The command line does not group its digits.
		if got, want := strings.ReplaceAll(strings.Join(have.Says, "\n"), ",", ""), strings.ReplaceAll(strings.Join(report.Words(), "\n"), ",", ""); got != want {
			t.Errorf("%v: the page says\n%s\nthe command\n%s", sizes, got, want)
		}
		if len(have.Tables) != len(report.Tables) || (have.Few != "") != (len(sizes) < 3) {
			t.Errorf("%v: %d tables, few: %q", sizes, len(have.Tables), have.Few)
		}
	}
	if !said[planner.Yes] || !said[planner.NotYet] {
		t.Errorf("the sizes of this test lead to %v only", said)
	}
}

// Each advice and outlook of the planner has words.
func TestEveryOutlookHasWords(t *testing.T) {
	r := setupReader(t)
	for _, o := range []planner.Outlook{planner.Yes, planner.Yearly, planner.NotYet} {
		for _, readable := range []float64{0, 0.3} {
			report := planner.Report{
				Members: 4, Quarter: 120, Outlook: o, ReadableQuarter: readable, ReadableYear: 0.6,
				Advice: []planner.Advice{planner.TakeAYear, planner.RollUp, planner.FewerTables, planner.GoJoint, planner.MoreMembers},
			}
			if have, want := r.Plan(planner.Modes{Mode: schema.Local, Local: planner.Prospect{Report: report}, Obstacle: planner.TooFew}).Says, report.Words(); !slices.Equal(have, want) {
				t.Errorf("%s: have %q, want %q", o, have, want)
			}
		}
	}
}

func TestACheckOnTheScreen(t *testing.T) {
	r := setupReader(t)
	m, err := mapping.Parse([]byte(`name: small
format: csv
person: {none: true}
case: {id: id}
date: {column: day, formats: [iso]}
dimensions:
  threat_type: {column: what, default: unknown, unmapped: other, values: {doxing: [dox]}}
absent: {gender: not_recorded, attribution_confidence: not_assessed, online_offline_link: not_assessed, link_evidence: not_assessed, platform_response_time: not_applicable_unknown, defender_gender: not_recorded}
`), schema.Incident())
	if err != nil {
		t.Fatal(err)
	}
	run, check := m.Begin(), SetupCheck{Protects: m.Protection()}
	for i := range 25 {
		row := mapping.Row{Number: i + 2, Cells: []string{fmt.Sprint("c", i), "2026-02-03", fmt.Sprintf("text\u202e %02d %s", i, strings.Repeat("long ", 20))}}
		if i >= 5 && i < 10 {
			row.Cells[2] = "dox"
		}
		if i >= 10 {
			row.Cells[1] = "soon"
		}
		check.Rows++
		if _, refusal := run.Map(row); refusal != nil {
			check.Refused++
			check.Refusals = append(check.Refusals, *refusal)
		} else {
			check.Mapped++
		}
	}
	check.Coverage = run.Coverage()
	have := r.Check(check)
	if have.Says != "25 rows were read: 10 can be taken in, 15 refused." || !have.Weak || !have.Fits {
		t.Errorf("have %q, weak %v, fits %v", have.Says, have.Weak, have.Fits)
	}
	if len(have.Rows.Rows) != 10 || have.More != "And 5 more rows." || have.Rows.Rows[0] != (SetupRefused{"12", "Date", "not in any of the mapping's formats"}) {
		t.Errorf("rows: %v %q", have.Rows.Rows, have.More)
	}
	c := have.Coverage[0]
	if c.Name != "What was done (main act)" || c.Mapped != "5" || c.Empty != "0" || c.Unlisted != "5" || c.Done != 5 || c.All != 10 || c.More != "and 2 more" {
		t.Errorf("coverage: %+v", c)
	}
	if len(c.Texts) != 3 || c.Texts[0].Text != `text\u202e 00 long long long long l…` {
		t.Errorf("texts: %+v", c.Texts)
	}
}

func TestWhatAnImportSays(t *testing.T) {
	have := setupReader(t).Taken(SetupTaken{Added: 1, Unchanged: 1200, Future: 2})
	want := []string{"1 case was added.", "1,200 cases were here already, unchanged.", "2 cases were refused, because their dates have not come yet."}
	if !slices.Equal(have, want) {
		t.Errorf("have %q, want %q", have, want)
	}
}

func TestTheQuartersToBeginWith(t *testing.T) {
	running := schema.Period{Year: 2026, Quarter: 4}
	all := setupReader(t).FirstQuarters(running, schema.Period{})
	if all[0].Value != "2027-Q1" || all[1] != (Option{"2026-Q4", "Q4 2026, the running quarter", true}) || all[len(all)-1].Value != "2021-Q4" {
		t.Errorf("have %+v", all)
	}
}
