package schema

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestIncidentCodebookIsWholeAndPartitioned(t *testing.T) {
	cb := Incident()
	codes := 0
	for i := range cb.Dimensions {
		d := &cb.Dimensions[i]
		codes += len(d.Codes)
		for _, r := range d.Rollups {
			l, err := cb.Level(Axis{d.ID, r.ID})
			if err != nil {
				t.Fatal(err)
			}
			reached := map[int]bool{}
			for _, of := range l.Of {
				reached[of] = true
			}
			if len(l.Of) != len(d.Codes) || len(reached) != len(l.Codes) {
				t.Errorf("%s(%s): %d codes reach %d of %d groups", d.ID, r.ID, len(l.Of), len(reached), len(l.Codes))
			}
		}
	}
	if len(cb.Dimensions) != 28 || codes != 308 {
		t.Errorf("have %d dimensions and %d codes, want 28 and 308", len(cb.Dimensions), codes)
	}
}

func TestCodebookSurvivesItsCanonicalForm(t *testing.T) {
	text, err := Incident().Canonical()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseCodebook(text)
	if err != nil {
		t.Fatal(err)
	}
	if again.Hash() != Incident().Hash() {
		t.Error("the canonical form of the canonical form has another hash")
	}
}

func TestCodebookRefuses(t *testing.T) {
	ok := `{"codebook":"c","version":"1","dimensions":[{"id":"d","codes":[{"code":"a","definition":"A"},{"code":"b","definition":"B"}],"rollups":[{"id":"g","codes":[{"code":"x","of":["a","b"]}]}]}]}`
	if _, err := ParseCodebook([]byte(ok)); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"unknown key":          {`"version"`, `"versions"`},
		"code twice":           {`"code":"b"`, `"code":"a"`},
		"capital":              {`"code":"a"`, `"code":"A"`},
		"roll-up not a cover":  {`["a","b"]`, `["a"]`},
		"roll-up twice":        {`["a","b"]`, `["a","b","a"]`},
		"roll-up foreign code": {`["a","b"]`, `["a","c"]`},
		"no codes":             {`[{"code":"a","definition":"A"},{"code":"b","definition":"B"}]`, `[]`},
		"trailing value":       {`]}]}]}`, `]}]}]} {}`},
	} {
		if _, err := ParseCodebook([]byte(strings.Replace(ok, change[0], change[1], 1))); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestLabelsAreCompleteInEveryLanguage(t *testing.T) {
	for _, language := range Languages {
		l, err := IncidentLabels(language)
		if err != nil {
			t.Error(err)
			continue
		}
		for id, d := range l.Dimensions {
			seen := map[string]Code{}
			for code, w := range d.Codes {
				if other, twice := seen[w.Label]; twice {
					t.Errorf("%s %s: %s and %s have one label", language, id, code, other)
				}
				seen[w.Label] = code
			}
		}
	}
}

func TestPeriods(t *testing.T) {
	for _, c := range []struct{ period, start, end, next string }{
		{"2026-Q1", "2026-01-01", "2026-03-31", "2026-Q2"},
		{"2026-Q4", "2026-10-01", "2026-12-31", "2027-Q1"},
		{"2024", "2024-01-01", "2024-12-31", "2025"},
		{"2024-Q1", "2024-01-01", "2024-03-31", "2024-Q2"},
	} {
		p, err := ParsePeriod(c.period)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(p, p.Start(), p.End(), p.Add(1)); got != fmt.Sprint(c.period, " ", c.start, " ", c.end, " ", c.next) {
			t.Errorf("%s: have %s", c.period, got)
		}
	}
	for _, bad := range []string{"", "2026-Q0", "2026-Q5", "26-Q1", "2026-q1", "2026-Q1 ", "1969"} {
		if _, err := ParsePeriod(bad); err == nil {
			t.Errorf("%q: accepted", bad)
		}
	}
}

func TestPeriodsPartitionTheDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Date(rapid.Int32Range(0, 40_000).Draw(t, "day"))
		for _, c := range Cadences {
			p := PeriodOf(d, c)
			if d < p.Start() || d > p.End() || p.Add(1).Start() != p.End()+1 || p.Add(1).Add(-1) != p {
				t.Fatalf("%s: not in %s, or %s does not follow", d, p, p.Add(1))
			}
			if parsed, err := ParsePeriod(p.String()); err != nil || parsed != p {
				t.Fatalf("%s: reads back as %s", p, parsed)
			}
		}
		if again, err := ParseDate(d.String()); err != nil || again != d {
			t.Fatalf("%s: reads back as %s", d, again)
		}
	})
}

func TestSlugs(t *testing.T) {
	for _, ok := range []string{"quiet-heron", "a1", "x-2-y"} {
		if _, err := ParseSlug(ok); err != nil {
			t.Errorf("%q: %v", ok, err)
		}
	}
	for _, bad := range []string{"", "a", "Quiet", "-a", "a-", "a--b", "a_b", "a b", "ä1", strings.Repeat("a", 33)} {
		if _, err := ParseSlug(bad); err == nil {
			t.Errorf("%q: accepted", bad)
		}
	}
}

func TestRecordsDoNotShow(t *testing.T) {
	r := Record{Case: Key{0xca, 0x5e}, Codes: []byte{7}}
	shown, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{fmt.Sprintf("%v", r), fmt.Sprintf("%+v", r), fmt.Sprintf("%#v", r), fmt.Sprint(&r), string(shown)} {
		if !strings.Contains(s, "[record]") || strings.Contains(s, "ca") || strings.Contains(s, "7") {
			t.Errorf("shows %s", s)
		}
	}
}

// testPlan is the smallest plan that is valid for the built-in codebook.
func testPlan() Plan {
	return Plan{
		Codebook: Incident().Hash(), Mode: Local, Noise: GoogleNoise,
		First: Period{2023, 4}, LateDays: DefaultLate, Slot: Slot{10, 6},
		ChargeQuarter: 48_000_000, ChargeYear: 64_000_000, Cap: DefaultCap, Bands: DefaultBands,
		Tables: []PlanTable{
			{Table: table("gender"), Cadence: Quarterly, Measure: Measure{Kind: People}, Sigma2: 450_000},
			{Table: table("threat_type*gender"), Cadence: Yearly, Measure: Measure{Kind: People}, Sigma2: 450_000},
		},
	}
}

func table(s string) Table {
	t, err := ParseTable(s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestPlanValidates(t *testing.T) {
	p := testPlan()
	if err := p.Validate(Incident()); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Plan){
		"another codebook":      func(p *Plan) { p.Codebook = Hash{1} },
		"mode":                  func(p *Plan) { p.Mode = "open" },
		"noise":                 func(p *Plan) { p.Noise = "none" },
		"honest in local mode":  func(p *Plan) { p.Honest = 5 },
		"first a year":          func(p *Plan) { p.First = Period{Year: 2023} },
		"late":                  func(p *Plan) { p.LateDays = -1 },
		"slot before the end":   func(p *Plan) { p.Slot.Days = 0 },
		"hour":                  func(p *Plan) { p.Slot.Hour = 24 },
		"bands":                 func(p *Plan) { p.Bands = Bands{400, 300} },
		"cap above the ceiling": func(p *Plan) { p.Cap = MaxCap + 1 },
		"charge above the cap":  func(p *Plan) { p.ChargeQuarter = 50_000_000 },
		"negative charge":       func(p *Plan) { p.ChargeYear = -1 },
		"no tables":             func(p *Plan) { p.Tables = nil },
		"table twice":           func(p *Plan) { p.Tables = append(p.Tables, p.Tables[0]) },
		"unknown dimension":     func(p *Plan) { p.Tables[0].Table = table("mood") },
		"unknown roll-up":       func(p *Plan) { p.Tables[0].Table = table("gender(group)") },
		"too little noise":      func(p *Plan) { p.Tables[0].Sigma2 = MinSigma2 - 1 },
		"noise over the charge": func(p *Plan) { p.Tables[0].Sigma2 = 70_000 },
		"noise too large":       func(p *Plan) { p.Tables[0].Sigma2 = MaxSigma2 + 1 },
		"measure":               func(p *Plan) { p.Tables[0].Measure = Measure{"rows", 0} },
		"measure limit":         func(p *Plan) { p.Tables[0].Measure = Measure{Cases, 1 << 40} },
		"derived cases":         func(p *Plan) { p.Tables[0] = PlanTable{table("gender"), Quarterly, Measure{Cases, 2}, 0} },
		"cadence":               func(p *Plan) { p.Tables[0].Cadence = "month" },
		"no cap":                func(p *Plan) { p.Cap = 0 },
		"no charge for tables":  func(p *Plan) { p.ChargeQuarter = 0 },
		"charges that overflow": func(p *Plan) { p.ChargeQuarter, p.ChargeYear = math.MaxInt64/4+1, math.MaxInt64 },
		"lowest charge":         func(p *Plan) { p.ChargeQuarter = math.MinInt64 },
		"a bound that squares past 64 bits": func(p *Plan) {
			p.Tables[0] = PlanTable{table("gender"), Quarterly, Measure{Reached, math.MaxInt}, MaxSigma2}
		},
	} {
		p := testPlan()
		spoil(&p)
		if err := p.Validate(Incident()); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestPlanRefusesMoreThan20000Cells(t *testing.T) {
	p := testPlan()
	wide := `{"codebook":"c","version":"1","dimensions":[{"id":"a","codes":[` + manyCodes(250) + `]},{"id":"b","codes":[` + manyCodes(100) + `]}]}`
	cb, err := ParseCodebook([]byte(wide))
	if err != nil {
		t.Fatal(err)
	}
	p.Codebook, p.Tables = cb.Hash(), []PlanTable{{table("a*b"), Quarterly, Measure{Kind: People}, MaxSigma2}}
	if err := p.Validate(cb); err == nil || !strings.Contains(err.Error(), "25000 cells") {
		t.Errorf("have %v", err)
	}
}

// In joint mode shares of exact noise add up, each member's is worth drawing, and what is
// drawn fits into one contribution.
func TestJointPlanValidates(t *testing.T) {
	cb, err := ParseCodebook([]byte(`{"codebook":"c","version":"1","dimensions":[{"id":"a","codes":[` + manyCodes(50) + `]},{"id":"b","codes":[` + manyCodes(50) + `]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	plan := func(spoil func(*Plan)) *Plan {
		p := testPlan()
		p.Codebook, p.Mode, p.Noise, p.Honest, p.Colluders, p.Cap, p.ChargeQuarter, p.ChargeYear = cb.Hash(), Joint, ExactNoise, 1000, 1, MaxCap, 200_000_000, 0
		p.Tables = []PlanTable{{table("a*b"), Quarterly, Measure{Kind: People}, 56_000}, {table("b"), Quarterly, Measure{Kind: People}, 0}}
		spoil(&p)
		return &p
	}
	if err := plan(func(*Plan) {}).Validate(cb); err != nil {
		t.Error(err)
	}
	for want, spoil := range map[string]func(*Plan){
		"wants exact":         func(p *Plan) { p.Noise = GoogleNoise },
		"2 to 1000 honest":    func(p *Plan) { p.Honest = 1 },
		"1 to 1000 colluders": func(p *Plan) { p.Colluders = 0 },
		"at least 56 for":     func(p *Plan) { p.Tables[0].Sigma2 = 55_999 },
		"at least 225 for":    func(p *Plan) { p.Tables[0].Measure = Measure{Cases, 2} },
		"2550 cells are":      func(p *Plan) { p.Tables[1].Sigma2 = 56_000 },
	} {
		if err := plan(spoil).Validate(cb); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// Of the honest members' shares together there is at least the noise of the plan.
func TestSharesOfVarianceAreEnough(t *testing.T) {
	for _, c := range []struct{ sigma2, share int64 }{{450_000, 75_000}, {450_001, 75_001}, {3_600, 600}} {
		p := Plan{Mode: Joint, Honest: 6}
		if have := p.ShareVariance(PlanTable{Sigma2: c.sigma2}); have != c.share {
			t.Errorf("%d shared by six: %d, want %d", c.sigma2, have, c.share)
		}
	}
}

// A retired code keeps its place in a table; a table of nothing but retired ones would
// cost its charge and say nothing.
func TestPlanRefusesRetiredTables(t *testing.T) {
	text := `{"codebook":"c","version":"1","dimensions":[
	{"id":"gone","codes":[{"code":"a","definition":"A","retired":true},{"code":"b","definition":"B","retired":true}]},
	{"id":"d","codes":[{"code":"a","definition":"A","retired":true},{"code":"b","definition":"B"}]}]}`
	cb, err := ParseCodebook([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	p := testPlan()
	p.Codebook = cb.Hash()
	for name, want := range map[string]string{"d": "", "gone": "every code is retired", "d*gone": "every code is retired"} {
		p.Tables = []PlanTable{{table(name), Quarterly, Measure{Kind: People}, MaxSigma2}}
		err := p.Validate(cb)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: have %v, want %q", name, err, want)
		}
	}
}

func manyCodes(n int) string {
	codes := make([]string, n)
	for i := range codes {
		codes[i] = fmt.Sprintf(`{"code":"c%d","definition":"c"}`, i)
	}
	return strings.Join(codes, ",")
}

func TestChargesOfTables(t *testing.T) {
	people := PlanTable{Measure: Measure{Kind: People}, Sigma2: 450_000}
	if got := people.Charge(); got != 8_000_800 {
		t.Errorf("people: %d", got) // 3600/450000 = 0.008, plus one part in 10,000
	}
	largest := PlanTable{Measure: Measure{Cases, MaxMeasure}, Sigma2: MinSigma2}
	if got := largest.Charge(); got != 10_001_000_000_000 {
		t.Errorf("cases:100: %d", got)
	}
	if got := (PlanTable{Measure: Measure{Reached, 3}, Sigma2: 450_000}).Charge(); got != 24_002_400 {
		t.Errorf("reached:3: %d", got)
	}
}

func TestDuePeriodsInOrder(t *testing.T) {
	p := testPlan()
	now := time.Date(2025, 1, 12, 0, 0, 0, 0, time.UTC)
	if got := fmt.Sprint(p.Due(p.First, now)); got != "[2023-Q4 2024-Q1 2024-Q2 2024-Q3 2024-Q4 2024]" {
		t.Errorf("have %s", got)
	}
	if got := fmt.Sprint(p.Due(Period{2024, 2}, now)); got != "[2024-Q2 2024-Q3 2024-Q4]" {
		t.Errorf("a later member: have %s", got)
	}
	slot := p.SlotOf(Period{2024, 4})
	if slot != time.Date(2025, 1, 10, 6, 0, 0, 0, time.UTC) {
		t.Errorf("slot: %s", slot)
	}
	if got := p.Due(p.First, slot.Add(-time.Second)); slices.Contains(got, Period{2024, 4}) {
		t.Error("due before its slot")
	}
}

func TestCellsNumberRowByRow(t *testing.T) {
	s, err := Incident().Shape(table("threat_type(group)*gender"))
	if err != nil {
		t.Fatal(err)
	}
	if s.Rows() != 8 || s.Cols() != 6 || s.Cells() != 48 {
		t.Fatalf("%dx%d, %d cells", s.Rows(), s.Cols(), s.Cells())
	}
	codes := make([]byte, len(Incident().Dimensions))
	codes[Incident().Dimension("threat_type")] = byte(Incident().Dimensions[0].Index("doxing"))
	codes[Incident().Dimension("gender")] = 1
	if got := s.CodesAt(s.Cell(codes)); got[0] != "exposure" || got[1] != "man" {
		t.Errorf("have %v", got)
	}
}
