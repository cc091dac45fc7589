package combine

import (
	"crypto/ed25519"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// a fixture is a coalition whose members release what the test says: exact units, as if
// the noise had been 0 everywhere, so that every sum can be checked by hand.
type fixture struct {
	t       *testing.T
	plan    schema.Plan
	signers map[schema.Slug]*wire.Signer
	ring    wire.Ring
	owed    []Owed
	all     []Contribution
}

func tableOf(t *testing.T, name string) schema.Table {
	t.Helper()
	table, err := schema.ParseTable(name)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func newFixture(t *testing.T, members []schema.Slug, tables ...string) *fixture {
	t.Helper()
	f := &fixture{t: t, signers: map[schema.Slug]*wire.Signer{}}
	f.plan = schema.Plan{
		Codebook: schema.Incident().Hash(), Mode: schema.Local, Noise: schema.GoogleNoise,
		First: schema.Period{Year: 2025, Quarter: 1}, Slot: schema.Slot{Days: 10},
		ChargeQuarter: 64_000_000, Cap: schema.DefaultCap, Bands: schema.DefaultBands,
	}
	for _, name := range tables {
		f.plan.Tables = append(f.plan.Tables, schema.PlanTable{
			Table: tableOf(t, name), Cadence: schema.Quarterly, Measure: schema.Measure{Kind: schema.People}, Sigma2: 360_000,
		})
	}
	if err := f.plan.Validate(schema.Incident()); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for i, m := range members {
		seed := make([]byte, ed25519.SeedSize)
		seed[0] = byte(i + 1)
		s, err := wire.NewSigner(m, ed25519.NewKeyFromSeed(seed))
		if err != nil {
			t.Fatal(err)
		}
		f.signers[m] = s
		keys = append(keys, s.VerifierKey())
	}
	var err error
	if f.ring, err = wire.NewRing(keys...); err != nil {
		t.Fatal(err)
	}
	return f
}

// release signs people per cell (in people, not units) for every table of the plan.
func (f *fixture) release(m schema.Slug, p schema.Period, people ...[]int64) schema.Release {
	r := schema.Release{
		Link: schema.Link{Coalition: schema.HashOf(nil), Member: m, Sequence: 2, Previous: schema.HashOf([]byte(m))},
		Plan: wire.PlanHash(f.plan), Period: p, Protection: schema.PerID, Charge: f.plan.ChargeQuarter,
	}
	for i, pt := range f.plan.Tables {
		s, err := schema.Incident().Shape(pt.Table)
		if err != nil {
			f.t.Fatal(err)
		}
		cells := make([]int64, s.Cells())
		for k, n := range people[i] {
			cells[k] = n * schema.UnitsPerPerson
		}
		r.Tables = append(r.Tables, schema.NoisyTable{Table: pt.Table, Measure: pt.Measure, Rows: s.Rows(), Cols: s.Cols(), Sigma2: pt.Sigma2, Cells: cells})
	}
	return r
}

func (f *fixture) contribute(r schema.Release) (Contribution, error) {
	f.t.Helper()
	raw, err := wire.Sign(r, f.signers[r.Member])
	if err != nil {
		f.t.Fatal(err)
	}
	v, err := wire.Verify(raw, f.ring)
	if err != nil {
		f.t.Fatal(err)
	}
	return NewContribution(v, schema.Incident(), f.plan)
}

func (f *fixture) add(r schema.Release) {
	f.t.Helper()
	c, err := f.contribute(r)
	if err != nil {
		f.t.Fatal(err)
	}
	f.all = append(f.all, c)
}

func (f *fixture) owes(p schema.Period, members ...schema.Slug) {
	f.owed = append(f.owed, Owed{Period: p, Plan: wire.PlanHash(f.plan), Members: members})
}

func (f *fixture) book() *Book {
	f.t.Helper()
	b, err := NewBook(Config{
		Codebook: schema.Incident(), Plans: map[schema.Hash]schema.Plan{wire.PlanHash(f.plan): f.plan}, Owed: f.owed,
	}, f.all)
	if err != nil {
		f.t.Fatal(err)
	}
	return b
}

var (
	q1 = schema.Period{Year: 2025, Quarter: 1}
	q2 = schema.Period{Year: 2025, Quarter: 2}
)

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-6*max(1, math.Abs(a)) }

func gender(code schema.Code) Query {
	axis := schema.Axis{Dimension: "gender"}
	return Query{Table: schema.Table{Axes: []schema.Axis{axis}}, Where: []Filter{{axis, code}}}
}

func TestMembersAddUpWithTheirVariances(t *testing.T) {
	f := newFixture(t, []schema.Slug{"heron", "ibis", "lark"}, "gender")
	f.owes(q1, "heron", "ibis", "lark")
	f.add(f.release("heron", q1, []int64{100, 20}))
	f.add(f.release("ibis", q1, []int64{50, -10})) // noise below zero is added up as it is
	b := f.book()
	g, err := b.Grid(tableOf(t, "gender"), schema.Measure{}, q1)
	if err != nil {
		t.Fatal(err)
	}
	if !near(g.Cells[0].Value, 150) || !near(g.Cells[1].Value, 10) {
		t.Errorf("cells: %v", g.Cells)
	}
	// One table alone: 360,000 units^2 are 100 people^2, for each of two members.
	if !near(g.Cells[0].Variance, 200) {
		t.Errorf("variance %v, want 200", g.Cells[0].Variance)
	}
	if got := fmt.Sprint(g.Coverage.Members(), g.Coverage.Missing()); got != "[heron ibis] [lark]" {
		t.Errorf("coverage: %s", got)
	}
}

// With two one-way tables the common total is told twice. By hand, for n1 = 6 cells of
// gender and n2 = 4 of known_elsewhere with the same sigma^2 v: the total has variance
// 1/(1/6v + 1/4v) = 2.4v instead of 6v.
func TestTablesOfAPlanInformEachOther(t *testing.T) {
	f := newFixture(t, []schema.Slug{"heron"}, "gender", "known_elsewhere")
	f.owes(q1, "heron")
	f.add(f.release("heron", q1, []int64{60, 20, 10, 5, 3, 2}, []int64{50, 30, 10, 14}))
	s, err := f.book().Series(Query{Table: tableOf(t, "gender")}, q1, q1)
	if err != nil {
		t.Fatal(err)
	}
	total := s.Points[0].Estimate
	if !near(total.Variance, 240) {
		t.Errorf("variance of the total %v, want 240", total.Variance)
	}
	// Precision-weighted: (100/6 + 104/4) / (1/6 + 1/4).
	if want := (100.0/6 + 104.0/4) / (1.0/6 + 1.0/4); !near(total.Value, want) {
		t.Errorf("total %v, want %v", total.Value, want)
	}
}

func TestAContributionIsExactlyItsPlans(t *testing.T) {
	f := newFixture(t, []schema.Slug{"heron"}, "gender", "known_elsewhere")
	for name, spoil := range map[string]func(*schema.Release){
		"less noise":      func(r *schema.Release) { r.Tables[0].Sigma2 = 300_000 },
		"another order":   func(r *schema.Release) { slices.Reverse(r.Tables) },
		"a table missing": func(r *schema.Release) { r.Tables = r.Tables[:1] },
		"another charge":  func(r *schema.Release) { r.Charge-- },
		"another measure": func(r *schema.Release) { r.Tables[0].Measure = schema.Measure{Kind: schema.Cases, Limit: 2} },
		"before the plan": func(r *schema.Release) { r.Period = q1.Add(-1) },
		"another plan":    func(r *schema.Release) { r.Plan = schema.HashOf([]byte("x")) },
		"a poisoned cell": func(r *schema.Release) { r.Tables[0].Cells[0] = 1 << 50 },
	} {
		r := f.release("heron", q1, nil, nil)
		spoil(&r)
		if _, err := f.contribute(r); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := f.contribute(f.release("heron", q1, nil, nil)); err != nil {
		t.Error(err)
	}
}

func TestABookRefusesTwoReleasesAndLeavesOutWhatNobodyOwed(t *testing.T) {
	f := newFixture(t, []schema.Slug{"heron", "ibis"}, "gender")
	f.owes(q1, "heron")
	f.add(f.release("heron", q1, []int64{1}))
	f.add(f.release("ibis", q1, []int64{1}))
	if out := f.book().LeftOut(); len(out) != 1 || out[0].Member() != "ibis" {
		t.Errorf("left out: %v", out)
	}
	f.add(f.release("heron", q1, []int64{2}))
	_, err := NewBook(Config{Codebook: schema.Incident(), Plans: map[schema.Hash]schema.Plan{wire.PlanHash(f.plan): f.plan}, Owed: f.owed}, f.all)
	if err == nil || !strings.Contains(err.Error(), "two releases") {
		t.Errorf("have %v", err)
	}
}

// A member who reports only one of two periods is in no change: its arrival is no trend.
func TestChangesCompareTheSameMembers(t *testing.T) {
	f := newFixture(t, []schema.Slug{"heron", "ibis"}, "gender")
	f.owes(q1, "heron", "ibis")
	f.owes(q2, "heron", "ibis")
	f.add(f.release("heron", q1, []int64{300}))
	f.add(f.release("heron", q2, []int64{310}))
	f.add(f.release("ibis", q2, []int64{900}))
	c, err := f.book().Change(gender("woman"), q1, q2)
	if err != nil {
		t.Fatal(err)
	}
	if !near(c.Difference.Value, 10) || len(c.Members) != 1 || c.Verdict != NoClearChange {
		t.Errorf("%+v", c)
	}
}

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		from, to int64
		want     Verdict
	}{
		{300, 600, VeryLikelyRising}, {600, 300, VeryLikelyFalling}, {300, 305, NoClearChange},
		// z = 55/sqrt(2*100 + 1.5*655) = 1.6: 94.5 %.
		{300, 355, ProbablyRising}, {355, 300, ProbablyFalling}, {5, 300, TooNoisyToSay},
	} {
		f := newFixture(t, []schema.Slug{"heron"}, "gender")
		f.owes(q1, "heron")
		f.owes(q2, "heron")
		f.add(f.release("heron", q1, []int64{c.from}))
		f.add(f.release("heron", q2, []int64{c.to}))
		got, err := f.book().Change(gender("woman"), q1, q2)
		if err != nil {
			t.Fatal(err)
		}
		if got.Verdict != c.want {
			t.Errorf("%d to %d: %s (z %.2f), want %s", c.from, c.to, got.Verdict, got.Z, c.want)
		}
	}
}

// In a list "probably" is never said, and a lone weak change among many cells is not on it.
func TestListsHoldOnlyClearChanges(t *testing.T) {
	f := newFixture(t, []schema.Slug{"heron"}, "threat_type")
	f.owes(q1, "heron")
	f.owes(q2, "heron")
	f.add(f.release("heron", q1, []int64{300, 300, 300, 300, 300}))
	f.add(f.release("heron", q2, []int64{900, 355, 300, 300, 300}))
	changes, err := f.book().Changes(q2)
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, c := range changes {
		if c.Listed {
			listed = append(listed, fmt.Sprint(c.Cells, c.Verdict))
		}
		if c.Verdict == ProbablyRising || c.Verdict == ProbablyFalling {
			t.Errorf("%v: %s in a list", c.Cells, c.Verdict)
		}
	}
	if fmt.Sprint(listed) != "[[account_compromise]very likely rising]" {
		t.Errorf("listed: %v", listed)
	}
}

func TestLeavingOneMemberOut(t *testing.T) {
	f := newFixture(t, []schema.Slug{"heron", "ibis", "lark"}, "gender")
	f.owes(q1, "heron", "ibis", "lark")
	for m, n := range map[schema.Slug]int64{"heron": 100, "ibis": 900, "lark": 50} {
		f.add(f.release(m, q1, []int64{n}))
	}
	out, err := f.book().LeaveOneOut(gender("woman"), q1)
	if err != nil {
		t.Fatal(err)
	}
	if !near(out.All.Value, 1050) || !near(out.Low.Value, 150) || out.LowWithout != "ibis" || !near(out.High.Value, 1000) || out.HighWithout != "lark" {
		t.Errorf("%+v", out)
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct {
		value, sd float64
		want      string
		band      Band
	}{
		{88, 4, "about 88 (80 to 96)", Number},
		{600, 36, "about 600 (520 to 680)", Number},
		{100, 30, "about 100 (40 to 160)", Caution},
		{50, 30, "fewer than 100", TooNoisy},
		{10, 30, "not distinguishable from zero (fewer than 60)", TooNoisy},
		{-40, 30, "not distinguishable from zero (fewer than 50)", TooNoisy},
		{5000, 0.5, "about 5000 (4999 to 5001)", Number},
	} {
		e := Estimate{c.value, c.sd * c.sd}
		if got := e.Words(schema.DefaultBands); got != c.want || e.Band(schema.DefaultBands) != c.band {
			t.Errorf("%v +- %v: %q, band %d; want %q, %d", c.value, c.sd, got, e.Band(schema.DefaultBands), c.want, c.band)
		}
	}
}

// A roll-up that the plan does not release is summed from the table that refines it, with
// the variance that the sum really has.
func TestRollupsAreSummedFromWhatRefinesThem(t *testing.T) {
	f := newFixture(t, []schema.Slug{"heron"}, "threat_type")
	f.owes(q1, "heron")
	f.add(f.release("heron", q1, []int64{10, 20, 30, 40, 500}))
	axis := schema.Axis{Dimension: "threat_type", Rollup: "group"}
	s, err := f.book().Series(Query{Table: schema.Table{Axes: []schema.Axis{axis}}, Where: []Filter{{axis, "access_attack"}}}, q1, q1)
	if err != nil {
		t.Fatal(err)
	}
	if e := s.Points[0].Estimate; !near(e.Value, 100) || !near(e.Variance, 400) {
		t.Errorf("%+v, want 100 with variance 400", e)
	}
	if err := f.book().Can(Query{Table: tableOf(t, "region")}, q1); err == nil {
		t.Error("a table that nothing tells can be told")
	}
}
