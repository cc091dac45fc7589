package view_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"math"
	"strconv"
	"strings"
	"sync"
	"testing"

	"tidemark/dashboard/internal/sample"
	"tidemark/dashboard/view"
	"tidemark/dashboard/words"
	"tidemark/schema"
)

// ordinary is the sample that tests share: it does not change, and takes seconds to make.
var ordinary struct {
	once     sync.Once
	snapshot *view.Snapshot
}

func snapshot(t testing.TB) *view.Snapshot {
	t.Helper()
	ordinary.once.Do(func() { ordinary.snapshot = sampled(t, sample.Config{}) })
	return ordinary.snapshot
}

func sampled(t testing.TB, c sample.Config) *view.Snapshot {
	t.Helper()
	s, err := sample.New(t, c).Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func english(t testing.TB) *words.Language {
	t.Helper()
	all, err := words.Load(schema.Incident())
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

func ask(t testing.TB, s *view.Snapshot, typed view.Typed) (view.Tidy, error) {
	t.Helper()
	q, err := typed.Question()
	if err != nil {
		t.Fatal(err)
	}
	return s.Tidy(q)
}

func asCSV(t testing.TB, a view.Tidy) string {
	t.Helper()
	var b bytes.Buffer
	if err := a.CSV(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestQuestions(t *testing.T) {
	s := snapshot(t)
	for _, c := range []struct {
		name  string
		typed view.Typed
		first string // period and codes of the first row
		rows  int
		err   error
	}{
		{"a table of one quarter", view.Typed{Table: "threat_type", From: "2026-Q3"}, "2026-Q3 account_compromise", 18, nil},
		{"one code over all quarters", view.Typed{Table: "threat_type", Where: []string{"threat_type=doxing"}}, "2023-Q4 doxing", 12, nil},
		{"a group of codes keeps its codes", view.Typed{Table: "threat_type", Where: []string{"threat_type(group)=exposure"}, From: "2026-Q3"}, "2026-Q3 doxing", 3, nil},
		{"a roll-up that the plan has only finer", view.Typed{Table: "threat_type(group)", From: "2026-Q3"}, "2026-Q3 access_attack", 8, nil},
		{"two filters", view.Typed{Table: "region*threat_type(group)", Where: []string{"region=m49_419", "threat_type(group)=exposure"}}, "2024 m49_419 exposure", 2, nil},
		{"axes the other way round", view.Typed{Table: "threat_type(group)*region", Where: []string{"region=m49_419", "threat_type(group)=exposure"}}, "2024 exposure m49_419", 2, nil},
		{"a year of what is told each quarter", view.Typed{Table: "threat_type", Every: "year", From: "2025"}, "2025 account_compromise", 18, nil},
		{"everybody", view.Typed{Table: "all"}, "2023-Q4", 12, nil},
		{"everybody, by the year", view.Typed{Table: "all", Every: "year"}, "2024", 2, nil},
		{"quarters of a year", view.Typed{Table: "all", From: "2025", To: "2025"}, "2025-Q1", 4, nil},
		{"another codebook's dimension", view.Typed{Table: "weather"}, "", 0, view.ErrUnknown},
		{"another codebook's code", view.Typed{Table: "gender", Where: []string{"gender=robot"}}, "", 0, view.ErrUnknown},
		{"a filter on what the table does not have", view.Typed{Table: "threat_type", Where: []string{"gender=woman"}}, "", 0, view.ErrUntold},
		{"a table that no plan has", view.Typed{Table: "gender*region"}, "", 0, view.ErrUntold},
		{"a table finer than the plan's", view.Typed{Table: "region*threat_type"}, "", 0, view.ErrUntold},
		{"everybody has no codes", view.Typed{Table: "all", Where: []string{"gender=woman"}}, "", 0, view.ErrUntold},
		{"before anything", view.Typed{Table: "gender", To: "1999"}, "", 0, view.ErrPeriod},
		{"backwards", view.Typed{Table: "gender", From: "2026-Q1", To: "2025-Q1"}, "", 0, view.ErrPeriod},
	} {
		a, err := ask(t, s, c.typed)
		if !errors.Is(err, c.err) || err == nil && c.err != nil {
			t.Errorf("%s: %v, want %v", c.name, err, c.err)
		}
		if len(a.Rows) != c.rows {
			t.Errorf("%s: %d rows, want %d", c.name, len(a.Rows), c.rows)
		}
		if err != nil || len(a.Rows) == 0 {
			continue
		}
		first := a.Rows[0].Period.String()
		for _, code := range a.Rows[0].Codes {
			first += " " + string(code)
		}
		if first != c.first {
			t.Errorf("%s: begins with %q, want %q", c.name, first, c.first)
		}
	}
}

func TestTypedRefuses(t *testing.T) {
	for _, typed := range []view.Typed{
		{Table: ""}, {Table: "a*b*c"}, {Table: "gender", Where: []string{"gender"}}, {Table: "gender", From: "summer"}, {Table: "gender", Every: "week"},
	} {
		if _, err := typed.Question(); err == nil {
			t.Errorf("%+v: accepted", typed)
		}
	}
}

// What the pages draw and what the files hold are the same numbers.
func TestAFigureIsItsQuestion(t *testing.T) {
	s := snapshot(t)
	r := s.In(english(t), view.Query{})
	for id, typed := range map[string]view.Typed{
		"trend~threat_type.doxing~all~2023-Q4~2026-Q3":               {Table: "threat_type", Where: []string{"threat_type=doxing"}},
		"trend~threat_type(group).exposure~all~2024~2025":            {Table: "threat_type(group)", Where: []string{"threat_type(group)=exposure"}, Every: "year", From: "2024", To: "2025"},
		"trend~threat_type(group).exposure~region.m49_419~2024~2025": {Table: "threat_type(group)*region", Where: []string{"threat_type(group)=exposure", "region=m49_419"}},
		"trend~all~all~2023-Q4~2026-Q3":                              {Table: "all"},
		"heat~region*threat_type(group)~2025~level":                  {Table: "region*threat_type(group)", From: "2025", To: "2025"},
		"rank~threat_type~2026-Q3":                                   {Table: "threat_type", From: "2026-Q3", To: "2026-Q3"},
	} {
		f, err := view.ParseFigureID(id)
		if err != nil {
			t.Fatal(err)
		}
		figure, err := r.Resolve(f)
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		answer, err := ask(t, s, typed)
		if err != nil {
			t.Fatal(err)
		}
		if asCSV(t, figure.Tidy) != asCSV(t, answer) {
			t.Errorf("%s: the figure's numbers are not those of the question", id)
		}
		if f.Kind != view.TrendFigure {
			continue
		}
		q, err := r.Book.Series(view.AsQuery(s, f), f.From, f.To)
		if err != nil {
			t.Fatal(err)
		}
		if len(q.Points) != len(answer.Rows) {
			t.Fatalf("%s: %d points drawn, %d rows", id, len(q.Points), len(answer.Rows))
		}
		for i, p := range q.Points {
			if math.Abs(p.Estimate.Value-answer.Rows[i].Estimate) > 0.051 || math.Abs(p.Estimate.SD()-answer.Rows[i].SD) > 0.051 {
				t.Errorf("%s %s: drawn %v, in the file %v", id, p.Period, p.Estimate, answer.Rows[i])
			}
		}
	}
}

func TestUnknownFigures(t *testing.T) {
	s := snapshot(t)
	r := s.In(english(t), view.Query{})
	for id, want := range map[string]error{
		"trend~weather.rain~all~2023-Q4~2026-Q3":            view.ErrUnknown,
		"trend~gender.woman~region.m49_419~2023-Q4~2026-Q3": view.ErrUntold,
		"trend~gender.woman~gender.man~2023-Q4~2026-Q3":     view.ErrUntold,
		"trend~gender.woman~all~2026-Q3~2023-Q4":            view.ErrPeriod,
		"trend~gender.woman~all~2024~2026-Q3":               view.ErrPeriod,
		"trend~gender.woman~all~1999-Q1~1999-Q4":            view.ErrPeriod,
		"rank~weather~2026-Q3":                              view.ErrUnknown,
		"heat~gender*region~2025~level":                     view.ErrUntold,
		"rank~gender~2031-Q1":                               view.ErrPeriod,
	} {
		f, err := view.ParseFigureID(id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Resolve(f); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", id, err, want)
		}
	}
}

func TestCSV(t *testing.T) {
	s := snapshot(t)
	a, err := ask(t, s, view.Typed{Table: "region*threat_type(group)", From: "2025"})
	if err != nil {
		t.Fatal(err)
	}
	text := asCSV(t, a)
	const head = "period,table,region,threat_type(group),estimate,lower,upper,sd,band,members_reporting,members_total,plan,mode,sd_local\r\n"
	if !strings.HasPrefix(text, head) {
		t.Errorf("head: %q", text[:len(head)])
	}
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	negative, whole := 0, 0
	for _, line := range lines[1:] {
		var n [4]float64
		for i := range n {
			if n[i], err = strconv.ParseFloat(line[4+i], 64); err != nil {
				t.Fatalf("column %s: %v", lines[0][4+i], err)
			}
		}
		if n[0] < 0 {
			negative++
		}
		if line[8] == "1" {
			whole++
		}
		if math.Abs(n[0]-n[1]-1.96*n[3]) > 0.25 || math.Abs(n[2]-n[0]-1.96*n[3]) > 0.25 {
			t.Errorf("%v: the range is not 1.96 sd around the estimate", line)
		}
	}
	if negative == 0 {
		t.Error("no estimate is negative: they were clipped, or the sample has too little noise to tell")
	}
	if whole == 0 {
		t.Error("no number can be read")
	}
}

func TestWhoDidNotReportIsNoRow(t *testing.T) {
	s := sampled(t, sample.Config{Empty: true})
	a, err := ask(t, s, view.Typed{Table: "threat_type"})
	if err != nil || len(a.Rows) != 0 {
		t.Errorf("%d rows, %v; want none: not reported is not zero", len(a.Rows), err)
	}
}

func TestCSVText(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "doxing": "doxing", "=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@sum": "'@sum", "\tx": "'\tx", "\rx": "'\rx", "a=b": "a=b",
	} {
		if have := view.CSVText(in); have != want {
			t.Errorf("%q: %q, want %q", in, have, want)
		}
	}
}

func BenchmarkTidy(b *testing.B) {
	s := snapshot(b)
	for b.Loop() {
		if _, err := ask(b, s, view.Typed{Table: "threat_type"}); err != nil {
			b.Fatal(err)
		}
	}
}
