package planner

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tidemark/schema"
)

var first = schema.Period{Year: 2023, Quarter: 4}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: have %g, want %g", what, got, want)
	}
}

func wishes(cadence schema.Cadence, names ...string) []Wish {
	var out []Wish
	for _, n := range names {
		out = append(out, Wish{cadence, people, table(n), 1})
	}
	return out
}

// sizes shares people out by Zipf's law with exponent 1.
func sizes(members, total int) []int {
	out, sum := make([]int, members), 0.0
	for i := range out {
		sum += 1 / float64(i+1)
	}
	for i := range out {
		out[i] = int(float64(total) / float64(i+1) / sum)
	}
	return out
}

func cost(tables []schema.PlanTable) (c schema.Charge) {
	for _, t := range tables {
		c += t.Charge()
	}
	return c
}

// The figures of the design: equal tables, before the tables inform each other.
func TestFiguresOfTheDesign(t *testing.T) {
	oneWay := []string{"gender", "age_band", "region", "known_elsewhere", "link_evidence", "prior_training"}
	for _, c := range []struct {
		tables         int
		cadence        schema.Cadence
		charge         schema.Charge
		member, twelve float64
	}{
		{6, schema.Quarterly, 48_000_000, 11.2, 38.7},
		{4, schema.Quarterly, 48_000_000, 9.1, 31.6},
		{4, schema.Yearly, 64_000_000, 7.9, 27.4},
	} {
		tables, err := even(wishes(c.cadence, oneWay[:c.tables]...), c.charge)
		if err != nil {
			t.Fatal(err)
		}
		sd := math.Sqrt(float64(tables[0].Sigma2)) / schema.UnitsPerPerson
		near(t, "one member", sd, c.member, 0.05)
		near(t, "twelve members", sd*math.Sqrt(12), c.twelve, 0.05)
		plan := Frame(schema.Incident(), schema.Joint, first)
		plan.Honest, plan.Colluders, plan.Tables = 6, 1, tables
		r, err := Expect(schema.Incident(), plan, sizes(12, 4000))
		if err != nil {
			t.Fatal(err)
		}
		// Joint mode with the default half honest: 15.8, 12.9, 11.2. Reconstruction gains some.
		if joint := sd * math.Sqrt2; r.Tables[0].SD > joint || r.Tables[0].SD < 0.9*joint {
			t.Errorf("joint: have %g, want a little less than %g", r.Tables[0].SD, joint)
		}
	}
}

func names(p schema.Plan, c schema.Cadence) []string {
	var out []string
	for _, t := range p.Of(c, false) {
		out = append(out, t.Table.String())
	}
	return out
}

func TestChooseByItsSize(t *testing.T) {
	cb := schema.Incident()
	for _, c := range []struct {
		people            int
		quarterly, yearly int
		first             string
		outlook           Outlook
	}{
		{4000, 9, 4, "threat_type", Yes},
		{1000, 4, 3, "threat_type(group)", Yes},
		{500, 0, 9, "threat_type", Yearly},
		{40, 0, 1, "threat_type(group)", NotYet},
		{0, 0, 1, "threat_type(group)", NotYet},
	} {
		plan, err := Choose(cb, sizes(12, c.people), Frame(cb, schema.Local, first))
		if err != nil {
			t.Fatal(err)
		}
		r, err := Expect(cb, plan, sizes(12, c.people))
		if err != nil {
			t.Fatal(err)
		}
		q, y := names(plan, schema.Quarterly), names(plan, schema.Yearly)
		if len(q) != c.quarterly || len(y) != c.yearly || append(q, y...)[0] != c.first || r.Outlook != c.outlook {
			t.Errorf("%d people: %s, tables %v and %v", c.people, r.Outlook, q, y)
		}
		if again := plan.Validate(cb); again != nil {
			t.Error(again)
		}
		if r.Outlook == Yes && r.ReadableQuarter < half {
			t.Errorf("%d people: yes with %g readable", c.people, r.ReadableQuarter)
		}
	}
}

// A plan is proposed for any codebook: with many dimensions, one, or a single code.
func TestChooseForAnyCodebook(t *testing.T) {
	cb, _ := thirteen(t)
	plan, err := Choose(cb, sizes(12, 4000), Frame(cb, schema.Local, first))
	if err != nil {
		t.Fatal(err)
	}
	if q := names(plan, schema.Quarterly); len(q) != 7 {
		t.Errorf("have %v", q)
	}
	for name, text := range map[string]string{
		"one dimension": `{"codebook":"c","version":"1","dimensions":[{"id":"d","codes":[{"code":"a","definition":"."},{"code":"b","definition":"."}]}]}`,
		"one code":      `{"codebook":"c","version":"1","dimensions":[{"id":"d","codes":[{"code":"a","definition":"."}]}]}`,
	} {
		cb, err := schema.ParseCodebook([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{0, 40, 4000} {
			if _, err := Choose(cb, sizes(12, n), Frame(cb, schema.Local, first)); err != nil {
				t.Errorf("%s, %d people: %v", name, n, err)
			}
		}
	}
	if _, err := Choose(cb, nil, Frame(cb, schema.Local, first)); err == nil {
		t.Error("no sizes: accepted")
	}
	if _, err := Choose(cb, []int{-1}, Frame(cb, schema.Local, first)); err == nil {
		t.Error("a negative size: accepted")
	}
}

// The starting plans are what the planner would say today, written out.
func TestStartingPlans(t *testing.T) {
	small, err := SmallLocal(first)
	if err != nil {
		t.Fatal(err)
	}
	chosen, err := Choose(schema.Incident(), sizes(12, 4000), Frame(schema.Incident(), schema.Local, first))
	if err != nil {
		t.Fatal(err)
	}
	sameTables(t, small.Tables, chosen.Tables)
	large, err := Full(first, 15, 5)
	if err != nil {
		t.Fatal(err)
	}
	var solved []schema.PlanTable
	for _, c := range schema.Cadences {
		var ns []string
		ns = append(ns, names(large, c)...)
		tables, err := Solve(schema.Incident(), wishes(c, ns...), large.Charge(c))
		if err != nil {
			t.Fatal(err)
		}
		solved = append(solved, tables...)
	}
	sameTables(t, large.Tables, solved)
	if _, err := Full(first, 0, 0); err != nil {
		t.Error(err)
	}
}

func sameTables(t *testing.T, have, want []schema.PlanTable) {
	t.Helper()
	if len(have) != len(want) {
		t.Fatalf("%d tables, want %d", len(have), len(want))
	}
	for i := range have {
		if have[i].Table.String() != want[i].Table.String() || math.Abs(float64(have[i].Sigma2)/float64(want[i].Sigma2)-1) > 0.01 {
			t.Errorf("have %s %d, want %s %d", have[i].Table, have[i].Sigma2, want[i].Table, want[i].Sigma2)
		}
	}
}

func TestExpectAdvises(t *testing.T) {
	plan, err := SmallLocal(first)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		members, people int
		outlook         Outlook
		advice          string
	}{
		{12, 4000, Yes, "[]"},
		{12, 500, NotYet, "[year fewer]"},
		{12, 900, Yearly, "[year fewer joint]"},
		{12, 30, NotYet, "[members]"},
	} {
		r, err := Expect(schema.Incident(), plan, sizes(c.members, c.people))
		if err != nil {
			t.Fatal(err)
		}
		if r.Outlook != c.outlook || fmt.Sprint(r.Advice) != c.advice {
			t.Errorf("%d people: %s %v", c.people, r.Outlook, r.Advice)
		}
		if words := r.Words(); len(words) < 1+len(r.Advice) || !strings.HasPrefix(strings.ToLower(words[0]), string(c.outlook)) {
			t.Errorf("%d people: %q", c.people, words)
		}
	}
}

// One table, computed by hand: 4 codes, Zipf shares .599 .212 .115 .075 of 1,000 people
// in one member; sd 20: shown from 60, firm from 120.
func TestExpectationByHand(t *testing.T) {
	plan := Frame(schema.Incident(), schema.Local, first)
	plan.Bands = schema.Bands{Number: 166, Caution: 333}
	plan.Tables = []schema.PlanTable{{Table: table("known_elsewhere"), Cadence: schema.Quarterly, Measure: people, Sigma2: 1200 * 1200}}
	r, err := Expect(schema.Incident(), plan, []int{1000})
	if err != nil {
		t.Fatal(err)
	}
	e := r.Tables[0]
	near(t, "sd", e.SD, 20, 1e-9)
	near(t, "plus or minus", e.PlusMinus, 39.2, 1e-9)
	near(t, "smallest", e.SmallestRaw, 60.06, 0.01)
	near(t, "readable", e.Readable, 1, 1e-9)
	near(t, "firm", e.Firm, 0.599+0.212, 0.001)
	near(t, "beyond", e.Beyond, 1, 1e-9)
	if e.ShownCoverage < 0.95 || e.ShownCoverage > 0.97 {
		t.Errorf("coverage of shown cells: %g", e.ShownCoverage)
	}
}

// ShownCoverage is checked against draws: n = 200,000 tables; its standard error is
// below 0.001, so a difference of 0.005 by chance has odds below 1 in 10^6.
func TestShownCoverageAgainstDraws(t *testing.T) {
	if testing.Short() {
		t.Skip("a second of draws")
	}
	plan, err := SmallLocal(first)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Expect(schema.Incident(), plan, sizes(12, 500))
	if err != nil {
		t.Fatal(err)
	}
	e := r.Tables[0]
	random := rand.New(rand.NewPCG(9, 10))
	shown, covered := 0, 0
	for range 200_000 {
		for _, share := range zipf(e.Cells) {
			truth := share * float64(r.Quarter)
			x := truth + e.SD*random.NormFloat64()
			if e.SD/math.Max(x, e.SD) <= float64(plan.Bands.Caution)/1000 {
				shown++
				if math.Abs(x-truth) <= 1.96*e.SD {
					covered++
				}
			}
		}
	}
	near(t, "coverage of shown cells", e.ShownCoverage, float64(covered)/float64(shown), 0.005)
}

func TestQuestions(t *testing.T) {
	cb := schema.Incident()
	small, err := SmallLocal(first)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(id string, people int) Outlook {
		t.Helper()
		qs := Questions(cb)
		i := slices.IndexFunc(qs, func(q Question) bool { return q.ID == id })
		if i < 0 {
			t.Fatalf("no question %s", id)
		}
		a, err := Ask(cb, small, sizes(12, people), qs[i])
		if err != nil {
			t.Fatal(err)
		}
		if a.Words() == "" {
			t.Error("no words")
		}
		return a.Outlook
	}
	for _, c := range []struct {
		id     string
		people int
		want   Outlook
	}{
		{"is-it-rising", 4000, Yes},
		{"which-harm-follows-doxing", 4000, Yearly},
		{"which-platform-answers", 4000, Yearly}, // not in the plan, as one more table
		{"which-harm-follows-which-act", 500, Jointly},
		{"which-harm-follows-doxing", 100, NotYet},
		{"is-it-rising", 20, NotYet},
	} {
		if got := ask(c.id, c.people); got != c.want {
			t.Errorf("%s with %d people: %s, want %s", c.id, c.people, got, c.want)
		}
	}
	for _, q := range Questions(cb) {
		for _, g := range q.Where {
			l, err := cb.Level(g.Axis)
			if err != nil || !slices.Contains(l.Codes, g.Code) {
				t.Errorf("%s: no code %s", q.ID, g.Code)
			}
		}
	}
	other, _ := thirteen(t)
	if qs := Questions(other); len(qs) != 7+6 {
		t.Errorf("another codebook: %d questions", len(qs))
	}
}

func BenchmarkChoose(b *testing.B) {
	cb := schema.Incident()
	for b.Loop() {
		if _, err := Choose(cb, sizes(12, 4000), Frame(cb, schema.Local, first)); err != nil {
			b.Fatal(err)
		}
	}
}
