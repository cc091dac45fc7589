package aggregation

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"tidemark/schema"
)

func mustPeriod(s string) schema.Period {
	p, err := schema.ParsePeriod(s)
	if err != nil {
		panic(err)
	}
	return p
}

func mustDate(s string) schema.Date {
	d, err := schema.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestCountedIn(t *testing.T) {
	quarters := []Slotted{
		{mustPeriod("2025-Q3"), 100, true},
		{mustPeriod("2025-Q4"), 200, false},
		{mustPeriod("2026-Q1"), 300, false},
	}
	years := []Slotted{{mustPeriod("2024"), 150, true}, {mustPeriod("2025"), 250, false}}
	for _, c := range []struct {
		name    string
		date    string
		seq     uint64
		counted string
		late    int
		slots   []Slotted
		want    string
	}{
		{"in its own quarter", "2025-08-10", 50, "", 180, quarters, "2025-Q3"},
		{"on the first day", "2025-07-01", 50, "", 180, quarters, "2025-Q3"},
		{"on the last day", "2025-09-30", 50, "", 180, quarters, "2025-Q3"},
		{"at the cutoff", "2025-08-10", 100, "", 180, quarters, "2025-Q3"},
		{"after the cutoff: in the next as a late case", "2025-08-10", 101, "", 180, quarters, "2025-Q4"},
		{"after two cutoffs: in the one after", "2025-08-10", 201, "", 180, quarters, "2026-Q1"},
		{"after all cutoffs: not yet", "2025-12-10", 301, "", 180, quarters, ""},
		{"before the first quarter: no late cases there, late in the next", "2025-06-30", 50, "", 180, quarters, "2025-Q4"},
		{"the first day of the late window", "2025-07-05", 201, "", 180, quarters, "2026-Q1"},
		{"a day before it", "2025-07-04", 201, "", 180, quarters, ""},
		{"older than any window", "2024-12-31", 50, "", 180, quarters, ""},
		{"no late window at all", "2025-08-10", 101, "", 0, quarters, ""},
		{"no late window, own quarter", "2025-10-10", 101, "", 0, quarters, "2025-Q4"},
		{"in the future", "2026-04-01", 50, "", 180, quarters, ""},
		{"taken in early for a later quarter", "2026-01-02", 50, "", 180, quarters, "2026-Q1"},
		{"counted before: there and nowhere else", "2025-12-10", 50, "2025-Q3", 180, quarters, "2025-Q3"},
		{"counted before all slots that are known", "2025-12-10", 50, "2024-Q1", 180, quarters, "2024-Q1"},
		{"counted, and dated in the future by its edit", "2026-05-01", 999, "2025-Q4", 180, quarters, "2025-Q4"},
		{"a year", "2024-12-31", 150, "", 180, years, "2024"},
		{"a year, late", "2024-12-31", 151, "", 180, years, "2025"},
		{"a year, too late", "2024-07-04", 151, "", 180, years, ""},
		{"no slots", "2025-08-10", 1, "", 180, nil, ""},
	} {
		var counted schema.Period
		if c.counted != "" {
			counted = mustPeriod(c.counted)
		}
		got, ok := CountedIn(mustDate(c.date), c.seq, counted, c.late, c.slots)
		if want := c.want != ""; ok != want || ok && got != mustPeriod(c.want) {
			t.Errorf("%s: have %s %v, want %q", c.name, got, ok, c.want)
		}
	}
}

// A slot that is reserved later never moves a record that was counted before, and the
// prepared rule says what the clauses say.
func TestCountedInIsSettledByTheFirstSlot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		late := rapid.IntRange(0, schema.MaxLateDays).Draw(t, "late")
		p := schema.Period{Year: 2025, Quarter: rapid.IntRange(1, 4).Draw(t, "quarter")}
		var slots []Slotted
		cutoff := uint64(0)
		for i := range rapid.IntRange(1, 6).Draw(t, "slots") {
			cutoff += uint64(rapid.IntRange(0, 3).Draw(t, "taken in"))
			slots = append(slots, Slotted{p, cutoff, i == 0 && rapid.Bool().Draw(t, "no late")})
			p = p.Add(rapid.IntRange(1, 2).Draw(t, "gap"))
		}
		date := schema.NewDate(2024, 6, 1) + schema.Date(rapid.IntRange(0, 1200).Draw(t, "day"))
		seq := uint64(rapid.IntRange(0, 12).Draw(t, "seq"))
		settled := ""
		for n := range len(slots) + 1 {
			var want string
			for _, s := range slots[:n] {
				from := s.Period.Start() - schema.Date(late)
				if s.NoLate {
					from = s.Period.Start()
				}
				if want == "" && date <= s.Period.End() && date >= from && seq <= s.Cutoff {
					want = s.Period.String()
				}
			}
			got := ""
			if in, ok := CountedIn(date, seq, schema.Period{}, late, slots[:n]); ok {
				got = in.String()
			}
			if got != want || settled != "" && got != settled {
				t.Fatalf("with %d slots: have %q, want %q, before %q", n, got, want, settled)
			}
			settled = got
		}
	})
}

func ExampleCountedIn() {
	slots := []Slotted{
		{Period: mustPeriod("2026-Q1"), Cutoff: 40, NoLate: true},
		{Period: mustPeriod("2026-Q2"), Cutoff: 90},
	}
	// A case of February that came in after the first quarter had been drawn.
	fmt.Println(CountedIn(mustDate("2026-02-14"), 57, schema.Period{}, 180, slots))
	// Output: 2026-Q2 true
}
