package view_test

import (
	"strings"
	"testing"

	"tidemark/aggregation/combine"
	"tidemark/dashboard/view"
	"tidemark/schema"
)

func TestRedressInShort(t *testing.T) {
	p, err := demo(t, view.Query{}).Redress()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range p.Short {
		for _, l := range s.Lines {
			if l.Bar == "" || !strings.Contains(l.Value.Full(), " to ") && !strings.Contains(l.Value.Full(), "fewer than") {
				t.Errorf("%s: %+v", s.Name, l)
			}
			got = append(got, s.Name+": "+l.Label)
		}
	}
	want := `Platforms: No redress
Platforms: Redress, or a part of it
Time until a platform acted: More than 60 days, or never
Time until a platform acted: Within 3 days
Police or courts: Refused, hostile, or no remedy
Police or courts: Some result`
	if strings.Join(got, "\n") != want {
		t.Errorf("in short:\n%s", strings.Join(got, "\n"))
	}
}

// Times keep their own order, each with its chart, and the fiction's story shows.
func TestRedressTellsHowLongPlatformsTake(t *testing.T) {
	p, err := demo(t, view.Query{}).Redress()
	if err != nil {
		t.Fatal(err)
	}
	var times view.Answer
	for _, a := range p.Answers {
		if a.Timed {
			times = a
		}
	}
	var got []string
	for _, l := range times.Lines {
		got = append(got, l.Label)
		if l.Spark == "" || l.Verdict.Text == "" || (l.Verdict.Class == "noisy") != (l.Change == "") {
			t.Errorf("%+v", l)
		}
	}
	if s := strings.Join(got, ", "); s != "Less than a day, 1 to 3 days, 4 to 14 days, 15 to 60 days, More than 60 days, Never" {
		t.Errorf("order: %s", s)
	}
	if slow := times.Lines[4]; slow.Verdict.Text != "Very likely rising" || !strings.Contains(slow.Change, " more (") {
		t.Errorf("%+v", slow)
	}
	if times.Since != "against Q3 2025" || len(times.Rest) != 1 {
		t.Errorf("%q, %+v", times.Since, times.Rest)
	}
}

// The page adds up codes of a table as if their noise were independent. The exact
// variance of such a sum is never larger: the range can only be too wide.
func TestSumsOfCodesAreNeverTooSure(t *testing.T) {
	r := demo(t, view.Query{})
	fine, err := r.Grid(table(t, "threat_type"), schema.Period{Year: 2026, Quarter: 3})
	if err != nil {
		t.Fatal(err)
	}
	coarse, err := r.Grid(table(t, "threat_type(group)"), fine.Period)
	if err != nil {
		t.Fatal(err)
	}
	sums := make([]combine.Estimate, len(coarse.Cells))
	level := coarse.Shape.Levels[0]
	for code, group := range level.Of {
		sums[group] = sums[group].Plus(fine.Cells[code])
	}
	for i, exact := range coarse.Cells {
		if d := sums[i].Value - exact.Value; d > 1e-6 || d < -1e-6 || sums[i].Variance < exact.Variance*(1-1e-9) {
			t.Errorf("%s: %+v, added up %+v", level.Codes[i], exact, sums[i])
		}
	}
}
