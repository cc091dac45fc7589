package demo

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"tidemark/aggregation/combine"
	"tidemark/aggregation/noise"
	"tidemark/aggregation/planner"
)

// TestMain makes the test binary the child that draws noise, as the real one is.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "noise-child" {
		noise.Quiet()
		if noise.Serve(os.Stdin, os.Stdout) != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// The whole demonstration. What is checked of drawn numbers holds with a margin of at
// least 5 standard deviations: odds of a false failure below 1 in a million.
func TestTheDemonstrationTellsItsStory(t *testing.T) {
	if testing.Short() {
		t.Skip("twelve members take seconds")
	}
	var expected planner.Report
	steps, planned := 0, 0
	d, err := Run(t.Context(), Config{
		Dir: t.TempDir(), Members: 12, People: 4000, Now: time.Now(),
		Steps: func(n int) { planned = n }, Step: func(string) { steps++ },
		Expected: func(r planner.Report) { expected = r },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	s, err := d.Summary()
	if err != nil {
		t.Fatal(err)
	}
	if r, err := d.First().Read(); err != nil || len(r.Declared) != 9 {
		t.Errorf("%d members have said what they offer: %v", len(r.Declared), err)
	}
	if steps == 0 || steps > planned {
		t.Errorf("%d steps of %d", steps, planned)
	}
	if s.Members != 12 || s.Cases < 50_000 || s.People < 30_000 || s.Notes < 300 || s.Silent == "" {
		t.Errorf("summary: %+v", s)
	}
	if s.Readable < 0.5 || expected.ReadableQuarter < 0.5 {
		t.Errorf("%.2f of the people stand in readable cells, %.2f were expected; want half", s.Readable, expected.ReadableQuarter)
	}
	// About 800 cells: a standard error below 0.9 %, and slips of the clerk's hands.
	if s.Covered < 0.88 {
		t.Errorf("%.3f of the ranges hold the exact number", s.Covered)
	}
	if len(s.Trends) != 3 || s.Trends[0].Verdict != combine.VeryLikelyRising {
		t.Errorf("story: %+v", s.Trends)
	}
	var shown bytes.Buffer
	s.Print(&shown)
	if !strings.Contains(shown.String(), "very likely rising") || !strings.Contains(shown.String(), "not reported") {
		t.Errorf("shown:\n%s", &shown)
	}
}
