package combine

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// inJoint is the same world under its plan in joint mode.
func (w *world) inJoint(t testing.TB, honest, colluders int) *world {
	t.Helper()
	j := *w
	j.plan.Mode, j.plan.Noise, j.plan.Honest, j.plan.Colluders = schema.Joint, schema.ExactNoise, honest, colluders
	if err := j.plan.Validate(j.cb); err != nil {
		t.Fatal(err)
	}
	j.hash = wire.PlanHash(j.plan)
	return &j
}

// opening is the sum of members' arrays, each with its share of the noise.
func (w *world) opening(t testing.TB, p schema.Period, members []schema.Slug, each []array, noise *rand.Rand) Opening {
	t.Helper()
	o := Opening{ID: schema.HashOf([]byte(fmt.Sprint(p, members))), Plan: w.hash, Period: p, Members: members, Protection: schema.PerID}
	for _, pt := range w.plan.Of(p.Cadence(), true) {
		var sum []int64
		for _, x := range each {
			for i, n := range w.tabulate(t, x, pt.Table) {
				if len(sum) == i {
					sum = append(sum, 0)
				}
				sum[i] += n
			}
		}
		for range members {
			for i := range sum {
				if noise != nil {
					sum[i] += int64(math.Round(noise.NormFloat64() * math.Sqrt(float64(w.plan.ShareVariance(pt)))))
				}
			}
		}
		o.Cells = append(o.Cells, sum)
	}
	return o
}

func (w *world) opened(t testing.TB, o Opening) Released {
	t.Helper()
	r, err := Expect(w.cb, w.plan).Joint(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sum is an opening's release, without noise.
func (w *world) sum(t testing.TB, p schema.Period, members []schema.Slug, each ...array) Released {
	t.Helper()
	return w.opened(t, w.opening(t, p, members, each, nil))
}

// bookOf holds periods of several worlds, which differ in their plans.
func bookOf(t testing.TB, owed []Owed, released []Released, worlds ...*world) *Book {
	t.Helper()
	c := Config{Codebook: worlds[0].cb, Plans: map[schema.Hash]schema.Plan{}, Owed: owed}
	for _, w := range worlds {
		c.Plans[w.hash] = w.plan
	}
	b, err := NewBook(c, released)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestJointOpeningIsThePlans(t *testing.T) {
	local := newWorld(t)
	w := local.inJoint(t, 2, 1)
	good := func() Opening { return w.opening(t, quarter, slugs(3), []array{peak}, nil) }
	r := w.opened(t, good())
	if r.Member() != "" || r.Period() != quarter || r.Plan() != w.hash || r.Release() != good().ID {
		t.Errorf("have %q %s %s %s", r.Member(), r.Period(), r.Plan().Short(), r.Release().Short())
	}
	for name, spoil := range map[string]func(*Opening){
		"another plan":        func(o *Opening) { o.Plan = local.hash },
		"before the plan":     func(o *Opening) { o.Period = schema.Period{Year: 2022, Quarter: 4} },
		"a year's name":       func(o *Opening) { o.Period = schema.Period{Year: 2024} },
		"too few members":     func(o *Opening) { o.Members = o.Members[1:] },
		"a member twice":      func(o *Opening) { o.Members = []schema.Slug{slug(0), slug(0), slug(1)} },
		"members not sorted":  func(o *Opening) { o.Members = []schema.Slug{slug(1), slug(0), slug(2)} },
		"a table less":        func(o *Opening) { o.Cells = o.Cells[1:] },
		"a table more":        func(o *Opening) { o.Cells = append(o.Cells, o.Cells[0]) },
		"another order":       func(o *Opening) { o.Cells[0], o.Cells[1] = o.Cells[1], o.Cells[0] },
		"a cell out of bound": func(o *Opening) { o.Cells[0][0] = maxUnits + 1 },
	} {
		o := good()
		spoil(&o)
		if _, err := Expect(w.cb, w.plan).Joint(o); err == nil {
			t.Errorf("%s: accepted", name)
		} else if strings.Contains(err.Error(), "7200") {
			t.Errorf("%s: the error shows a cell", name)
		}
	}
	o := good()
	o.Plan = local.hash
	if _, err := Expect(local.cb, local.plan).Joint(o); err == nil {
		t.Error("an opening under a local plan: accepted")
	}
	v := w.sign(t, slug(0), w.release(t, slug(0), quarter, peak, nil))
	if _, err := Expect(w.cb, w.plan).Release(v); err == nil {
		t.Error("a release under a joint plan: accepted")
	}
}

func TestBookHoldsOneSumOfAPeriod(t *testing.T) {
	w := newWorld(t).inJoint(t, 2, 1)
	who := []schema.Slug{slug(0), slug(2), "gone-owl"}
	sorted := []schema.Slug{"gone-owl", slug(0), slug(2)}
	o := w.opening(t, quarter, sorted, []array{peak}, nil)
	o.Protection = schema.PerCase
	unowed := w.sum(t, quarter.Add(5), sorted, peak)
	b := bookOf(t, w.owed(4, quarter, quarter.Add(1)), []Released{w.opened(t, o), unowed}, w)
	c := b.Coverage(quarter)
	if !c.Joint || fmt.Sprint(c.Members()) != fmt.Sprint(who) || c.Protection() != schema.PerCase {
		t.Errorf("have %t %v %s", c.Joint, c.Members(), c.Protection())
	}
	// Who was removed since owed it; its number is in the sum for good.
	if got := fmt.Sprint(c.Owing, c.Missing()); got != "[member-000 member-001 member-002 member-003 gone-owl] [member-001 member-003]" {
		t.Errorf("owing and missing %s", got)
	}
	for _, s := range c.Reporting {
		if !s.Joint || s.Release != o.ID {
			t.Errorf("%s: joint %t, release %s", s.Member, s.Joint, s.Release.Short())
		}
	}
	if left := b.LeftOut(); len(left) != 1 || left[0].Period() != quarter.Add(5) {
		t.Errorf("left out: %d", len(left))
	}
	void := b.Coverage(quarter.Add(1))
	if !void.Joint || len(void.Reporting) != 0 || len(void.Missing()) != 4 {
		t.Errorf("a period without a sum: %+v", void)
	}
	s, err := b.Series(w.query(t, "a*b"), quarter, quarter.Add(1))
	if err != nil || s.Points[0].Absent || !s.Points[1].Absent {
		t.Errorf("a period without a sum is not absent, or one with it is: %v", err)
	}
	again := w.opening(t, quarter, slugs(3), []array{peak}, nil)
	if _, err := NewBook(Config{}, []Released{w.opened(t, o), w.opened(t, again)}); err == nil {
		t.Error("two sums of one period: accepted")
	}
}

// What is read is the plaintext sum and the noise of the shares, to the unit: in other
// measures cell by cell; of people, what a release with the same cells would be read as.
func TestJointIsThePlaintextAndItsNoise(t *testing.T) {
	local, r := newWorld(t), rand.New(rand.NewPCG(8, 9))
	w := local.inJoint(t, 3, 1)
	who := slugs(5)
	each := []array{peak, {1, 2, 3}, {}, {0, 0, 7}, {40}}
	plain, noisy := w.opening(t, quarter, who, each, nil), w.opening(t, quarter, who, each, r)
	b := bookOf(t, w.owed(5, quarter), []Released{w.opened(t, noisy)}, w)

	one := local.release(t, slug(0), quarter, array{}, nil)
	for i := range one.Tables {
		one.Tables[i].Cells = noisy.Cells[i]
	}
	c := Released{source: Source{Member: slug(0)}, period: quarter, plan: local.hash}
	if err := c.take(&one, Expect(local.cb, local.plan)); err != nil {
		t.Fatal(err)
	}
	alike := local.book(t, local.owed(1, quarter), c)

	for i, pt := range w.plan.Of(schema.Quarterly, true) {
		have, want := cellsOf(t, b, pt), cellsOf(t, alike, pt)
		for k, e := range have {
			what := fmt.Sprintf("%s %s cell %d", pt.Table, pt.Measure, k)
			wantNear(t, what, e.Value, want[k].Value, 1e-8)
			if pt.Measure.Kind != schema.People {
				noise := noisy.Cells[i][k] - plain.Cells[i][k]
				wantNear(t, what+", to the unit", e.Value*60, float64(plain.Cells[i][k]+noise), 1e-6)
				wantNear(t, what+", variance", e.Variance*3600, 5*math.Ceil(1_000_000/3.0), 1e-3)
			}
		}
	}
}

// The variance is known without data, in either mode: joint mode has 1 in H of it.
func TestJointAndLocalVariance(t *testing.T) {
	local := newWorld(t)
	w := local.inJoint(t, 3, 1)
	b := bookOf(t, w.owed(5, quarter), []Released{w.sum(t, quarter, slugs(5), peak)}, w)
	var all []Released
	for _, m := range slugs(5) {
		all = append(all, local.released(t, m, quarter, array{}, nil))
	}
	beside := local.book(t, local.owed(5, quarter), all...)
	for _, q := range []Query{w.query(t, "a*b", "a=a1", "b=b1"), w.query(t, "a(g)", "a(g)=y"), w.query(t, "b", "b=b2"), w.query(t, "a(g)*b", "a(g)=y", "b=b3")} {
		have, err := b.Series(q, quarter, quarter)
		if err != nil {
			t.Fatal(err)
		}
		p := have.Points[0]
		wantNear(t, fmt.Sprint(q, " in local"), p.InLocal.Variance, pointOf(t, beside, q).Variance, 1e-9)
		wantNear(t, fmt.Sprint(q, " joint"), p.InLocal.Variance/p.Estimate.Variance, 3, 1e-9)
		if p.InLocal.Value != p.Estimate.Value {
			t.Error("the two ranges are about different numbers")
		}
		if g, err := b.Grid(q.Table, Query{}.Measure, quarter); err != nil || len(g.InLocal) != len(g.Cells) || math.Abs(pointIn(g, q)-p.InLocal.Variance) > 1e-8 {
			t.Errorf("%s: the table says otherwise: %v", q.Table, err)
		}
		if s, err := beside.Series(q, quarter, quarter); err != nil || s.Points[0].InLocal != (Estimate{}) {
			t.Errorf("a local period is set beside itself: %v", err)
		}
	}
}

// pointIn is the variance in local mode of a query's cell.
func pointIn(g Grid, q Query) float64 {
	for i, e := range g.InLocal {
		if fmt.Sprint(filtersAt(g.Shape, i)) == fmt.Sprint(q.Where) {
			return e.Variance
		}
	}
	return 0
}

// 95 in 100 ranges of joint sums hold the truth, over all cells of all tables, half of the
// members assumed honest. n = 1,000 quarters (short: 100) of 23 cells at each size, noise
// rounded to whole units. At 0.95 exactly, and counting only 12 of the 23 cells as
// independent, 1 in 100 is 5 standard errors (short: 3 in 100 are), and so is what the
// variance may be off: over four sizes a false failure has odds below 1 in 100,000 (the
// seed is fixed).
func TestCoverageOfJointIntervals(t *testing.T) {
	quarters, tolerance := 1000, 0.01
	if testing.Short() {
		quarters, tolerance = 100, 0.03
	}
	for _, n := range []int{5, 12, 30, 100} {
		w := newWorld(t).inJoint(t, (n+1)/2, max(1, n/6))
		r := rand.New(rand.NewPCG(10, uint64(n)))
		truth := bookOf(t, w.owed(n, quarter), []Released{w.sum(t, quarter, slugs(n), peak)}, w)
		var y tally
		for range quarters {
			b := bookOf(t, w.owed(n, quarter), []Released{w.opened(t, w.opening(t, quarter, slugs(n), []array{peak}, r))}, w)
			for _, pt := range w.plan.Of(schema.Quarterly, false) {
				have, want := cellsOf(t, b, pt), cellsOf(t, truth, pt)
				for i, e := range have {
					y.add(e, want[i].Value)
				}
			}
		}
		wantNear(t, fmt.Sprintf("%d members", n), y.held95/y.n, 0.95, tolerance)
		wantNear(t, fmt.Sprintf("%d members, variance", n), y.squares/y.n, 1, 6.5*tolerance)
	}
}

// Joint against joint: whole sums, and who is in only one of them.
func TestChangeOfTwoSums(t *testing.T) {
	w, next := newWorld(t).inJoint(t, 2, 1), quarter.Add(1)
	b := bookOf(t, w.owed(4, quarter, next), []Released{
		w.sum(t, quarter, []schema.Slug{slug(0), slug(1), slug(2)}, array{400}, array{60}, array{500}),
		w.sum(t, next, []schema.Slug{slug(0), slug(1), slug(3)}, array{550}, array{90}, array{700}),
	}, w)
	q := w.query(t, "a", "a=a1")
	c, err := b.Change(q, quarter, next)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(c.Members, c.Joined, c.Left); got != "[member-000 member-001] [member-003] [member-002]" || !c.Joint {
		t.Errorf("have %s, joint %t", got, c.Joint)
	}
	wantNear(t, "from", c.From.Value, 960, 1e-6)
	wantNear(t, "to", c.To.Value, 1340, 1e-6)
	wantNear(t, "noise", c.From.Variance, pointOf(t, b, q).Variance, 1e-9)
	if c.Verdict != VeryLikelyRising || c.Without != (Without{}) || c.Trimmed != nil {
		t.Errorf("%s, without %+v, trimmed %v", c.Verdict, c.Without, c.Trimmed)
	}
	list, err := b.Changes(next)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, l := range list {
		if l.Query.Table.String() == "a*b" && fmt.Sprint(l.Cells) == "[a1 b1]" {
			found = true
			wantNear(t, "listed from", l.From.Value, 960, 1e-6)
			wantNear(t, "listed to", l.To.Value, 1340, 1e-6)
			if fmt.Sprint(l.Joined, l.Left) != "[member-003] [member-002]" || !l.Joint {
				t.Errorf("on the list: %v %v", l.Joined, l.Left)
			}
		}
	}
	if !found {
		t.Error("the list has not the cell")
	}
}

// Local against joint: of the local side those count who are in the sum.
func TestChangeFromLocalToJoint(t *testing.T) {
	local, next := newWorld(t), quarter.Add(1)
	w := local.inJoint(t, 2, 1)
	owed := append(local.owed(4, quarter), w.owed(4, next)...)
	b := bookOf(t, owed, []Released{
		local.released(t, slug(0), quarter, array{300}, nil), local.released(t, slug(1), quarter, array{60}, nil), local.released(t, slug(3), quarter, array{5000}, nil),
		w.sum(t, next, []schema.Slug{slug(0), slug(1), slug(2)}, array{350}, array{90}, array{40}),
	}, local, w)
	q := w.query(t, "a", "a=a1")
	c, err := b.Change(q, quarter, next)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(c.Members, c.Joined, c.Left); got != "[member-000 member-001] [member-002] []" {
		t.Errorf("have %s", got)
	}
	wantNear(t, "from", c.From.Value, 360, 1e-6)
	wantNear(t, "to", c.To.Value, 480, 1e-6)
	s, err := b.Series(q, quarter, next)
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "noise of two of three", c.From.Variance, s.Points[0].Estimate.Variance*2/3, 1e-9)
	wantNear(t, "noise of the sum", c.To.Variance, s.Points[1].Estimate.Variance, 1e-9)
	list, err := b.Changes(next)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range list {
		if l.Query.Table.String() == "a*b" && fmt.Sprint(l.Cells) == "[a1 b1]" {
			wantNear(t, "listed from", l.From.Value, 360, 1e-6)
			wantNear(t, "listed noise", l.From.Variance/2, b.one(t, l.Query), 1e-9)
		}
	}
}

// one is the variance of one member in the first quarter.
func (b *Book) one(t *testing.T, q Query) float64 { return pointOf(t, b, q).Variance / 3 }

// A trend over both modes adds up quarter by quarter whom the sums have; a quarter without
// a sum leaves nothing to compare.
func TestTrendOverBothModes(t *testing.T) {
	local := newWorld(t)
	w := local.inJoint(t, 2, 1)
	var owed []Owed
	var all []Released
	for i := range 8 {
		p := quarter.Add(i)
		if i < 5 {
			owed = append(owed, local.owed(4, p)...)
			for m := range 4 {
				all = append(all, local.released(t, slug(m), p, array{100 * (m + 1)}, nil))
			}
			continue
		}
		owed = append(owed, w.owed(4, p)...)
		who := slugs(3)
		if i == 7 {
			who = []schema.Slug{slug(0), slug(1), slug(3)}
		}
		all = append(all, w.sum(t, p, who, array{900}))
	}
	q, last := w.query(t, "a*b", "a=a1", "b=b1"), quarter.Add(7)
	trend, err := bookOf(t, owed, all, local, w).Trend(q, last)
	if err != nil {
		t.Fatal(err)
	}
	// Every member is in some sum: the local quarters count all four.
	wantNear(t, "four local quarters", trend.From.Value, 4*1000, 1e-5)
	wantNear(t, "one local and three sums", trend.To.Value, 1000+3*900, 1e-5)
	if got := fmt.Sprint(trend.Members, trend.Joined, trend.Left); got != "[member-000 member-001 member-002 member-003] [] [member-002 member-003]" {
		t.Errorf("have %s", got)
	}
	list, err := bookOf(t, owed, all, local, w).Trends(last)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range list {
		if fmt.Sprint(l.Query) == fmt.Sprint(q) {
			wantNear(t, "listed", l.To.Value, 3700, 1e-5)
			wantNear(t, "listed noise", l.To.Variance, trend.To.Variance, 1e-9)
		}
	}
	void, err := bookOf(t, owed, all[:len(all)-1], local, w).Trend(q, last)
	if err != nil {
		t.Fatal(err)
	}
	if len(void.Members) != 0 || void.Verdict != TooNoisyToSay || void.From.Value != 0 {
		t.Errorf("a quarter without a sum: %+v", void)
	}
}

func TestNothingOfMembersInJointMode(t *testing.T) {
	local := newWorld(t)
	w := local.inJoint(t, 2, 1)
	var owed []Owed
	var all []Released
	for i := range 9 {
		p := quarter.Add(i)
		if i < 8 {
			owed = append(owed, local.owed(3, p)...)
			for m := range 3 {
				all = append(all, local.released(t, slug(m), p, array{100 + 400*(m*i/8)}, nil))
			}
			continue
		}
		owed = append(owed, w.owed(3, p)...)
		all = append(all, w.sum(t, p, slugs(3), array{900}))
	}
	b, q, last := bookOf(t, owed, all, local, w), w.query(t, "a"), quarter.Add(8)
	if _, err := b.LeaveOneOut(q, last); !errors.Is(err, ErrJoint) {
		t.Errorf("leave one out: %v", err)
	}
	if _, _, err := b.Trimmed(q, last); !errors.Is(err, ErrJoint) {
		t.Errorf("trimmed: %v", err)
	}
	if _, err := b.ChangeWithout(q, last.Add(-1), last, slug(0)); !errors.Is(err, ErrJoint) {
		t.Errorf("change without: %v", err)
	}
	if _, err := b.Trends(last, slug(0)); !errors.Is(err, ErrJoint) {
		t.Errorf("trends without: %v", err)
	}
	// Steps look at the local periods as if there were no others.
	alone := bookOf(t, owed[:8], all[:len(all)-1], local)
	if have, want := fmt.Sprint(b.Steps(schema.Quarterly)), fmt.Sprint(alone.Steps(schema.Quarterly)); have != want || want == "[]" {
		t.Errorf("steps %s, want %s", have, want)
	}
}
