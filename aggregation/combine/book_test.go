package combine

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"tidemark/schema"
)

func TestBookHoldsWhatWasOwed(t *testing.T) {
	w := newWorld(t)
	next := quarter.Add(1)
	late := w.released(t, slug(1), quarter, peak, nil)
	stranger := w.released(t, "loud-magpie", quarter, peak, nil)
	other := w.released(t, slug(2), quarter, peak, nil)
	other.plan = schema.Hash{7}
	own := w.released(t, slug(0), quarter, peak, nil)
	c := Config{
		Codebook: w.cb, Plans: map[schema.Hash]schema.Plan{w.hash: w.plan}, Owed: w.owed(3, next, quarter),
		Withdrawn: map[schema.Hash]schema.NoticeReason{late.Release(): schema.WrongMapping},
	}
	late.source.Protection = schema.PerCase
	b, err := NewBook(c, []Released{late, stranger, other, own})
	if err != nil {
		t.Fatal(err)
	}
	cover := b.Coverage(quarter)
	if got := fmt.Sprint(cover.Members(), cover.Missing(), " ", cover.Protection()); got != "[member-000 member-001] [member-002] case" {
		t.Errorf("have %s", got)
	}
	if cover.Reporting[1].Withdrawn != schema.WrongMapping || cover.Reporting[0].Withdrawn != "" {
		t.Error("the withdrawn release is not marked, or another is")
	}
	if out := b.LeftOut(); len(out) != 2 || out[0].Member() != "loud-magpie" || out[1].Member() != slug(2) {
		t.Errorf("left out: %d", len(out))
	}
	if got := fmt.Sprint(b.Periods(schema.Quarterly), b.Periods(schema.Yearly)); got != "[2024-Q1 2024-Q2] []" {
		t.Errorf("have %s", got)
	}
	if _, h, ok := b.Plan(quarter); !ok || h != w.hash {
		t.Error("the period's plan is not found")
	}
	if len(b.Coverage(quarter.Add(9)).Owing) != 0 {
		t.Error("somebody owes a period that is not there")
	}
	if _, err := NewBook(c, []Released{own, own}); err == nil {
		t.Error("two releases of one member: accepted")
	}
	if _, err := NewBook(Config{Codebook: w.cb, Owed: w.owed(1, quarter)}, nil); err == nil {
		t.Error("an unknown plan: accepted")
	}
	c.Owed = w.owed(1, quarter, quarter)
	if _, err := NewBook(c, nil); err == nil {
		t.Error("a period owed twice: accepted")
	}
}

// Without noise every query is the exact count.
func TestQueriesCountWithoutNoise(t *testing.T) {
	w := newWorld(t)
	b := w.book(t, w.owed(2, quarter), w.released(t, slug(0), quarter, peak, nil), w.released(t, slug(1), quarter, array{1, 2, 3}, nil))
	for _, c := range []struct {
		q    Query
		want float64
	}{
		{w.query(t, "a*b"), 562},
		{w.query(t, "a"), 562}, // not in the quarterly plan: told by a*b
		{w.query(t, "a*b", "a=a1"), 166},
		{w.query(t, "a*b", "a(g)=x"), 442},
		{w.query(t, "a*b", "a(g)=x", "b=b2"), 97},
		{w.query(t, "a*b", "a=a4", "b=b1"), 200},
		{w.query(t, "b*a", "a=a4", "b=b1"), 200},
		{w.query(t, "a*b", "a=a4", "a=a1"), 0},
		{w.query(t, "a(g)", "a(g)=y"), 120},
		{w.query(t, "b", "b=b3"), 59},
		{w.query(t, "a(g)*b", "b=b3", "a(g)=y"), 40},
		{Query{mustTable(t, "b"), schema.Measure{Kind: schema.Cases, Limit: 2}, nil}, 562},
	} {
		s, err := b.Series(c.q, quarter, quarter)
		if err != nil {
			t.Errorf("%v: %v", c.q, err)
			continue
		}
		wantNear(t, fmt.Sprint(c.q), s.Points[0].Estimate.Value, c.want, 1e-6)
		if s.Points[0].Estimate.Variance <= 0 != (c.want == 0) || s.Points[0].Absent {
			t.Errorf("%v: variance %g, absent %t", c.q, s.Points[0].Estimate.Variance, s.Points[0].Absent)
		}
	}
}

func TestQueriesRefused(t *testing.T) {
	w := newWorld(t)
	b := w.book(t, w.owed(1, quarter), w.released(t, slug(0), quarter, peak, nil))
	for name, q := range map[string]Query{
		"unknown dimension":     w.query(t, "mood"),
		"unknown code":          w.query(t, "a*b", "a=a9"),
		"finer than the table":  w.query(t, "a(g)*b", "a=a1"),
		"not of the table":      w.query(t, "b", "a=a1"),
		"no table tells it":     w.query(t, "c"),
		"no such measure":       {mustTable(t, "b"), schema.Measure{Kind: schema.Cases, Limit: 3}, nil},
		"sum of people reached": {mustTable(t, "b"), schema.Measure{Kind: schema.Reached, Limit: 2}, nil},
	} {
		if err := b.Can(q, quarter); err == nil {
			t.Errorf("%s: can", name)
		}
		if _, err := b.Series(q, quarter, quarter); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	one := w.query(t, "b", "b=b1")
	one.Measure = schema.Measure{Kind: schema.Reached, Limit: 2}
	if err := b.Can(one, quarter); err != nil {
		t.Errorf("a cell of people reached: %v", err)
	}
	if _, err := b.Series(w.query(t, "b"), quarter.Add(1), quarter); err == nil {
		t.Error("periods out of order: accepted")
	}
	if _, err := b.Series(w.query(t, "b"), schema.Period{Year: 2024}, quarter); err == nil {
		t.Error("two cadences: accepted")
	}
	for _, s := range []string{"a", "a=", "=a1", "a(g=x", "a*b=x"} {
		if _, err := ParseFilter(s); err == nil {
			t.Errorf("%q: accepted", s)
		}
	}
}

// Sum then reconstruct, or reconstruct each member and then sum: the same, cell by cell,
// and the same as asking for every cell.
func TestReconstructionIsLinear(t *testing.T) {
	w := newWorld(t)
	r := rand.New(rand.NewPCG(1, 2))
	var all []Released
	for i := range 5 {
		all = append(all, w.released(t, slug(i), quarter, peak, r))
	}
	together := w.book(t, w.owed(5, quarter), all...)
	for _, table := range []string{"a*b", "a(g)", "b", "a", "a(g)*b"} {
		grid, err := together.Grid(mustTable(t, table), schema.Measure{}, quarter)
		if err != nil {
			t.Fatal(err)
		}
		sum := make([]Estimate, len(grid.Cells))
		for i := range all {
			alone, err := w.book(t, w.owed(5, quarter), all[i]).Grid(grid.Shape.Table, schema.Measure{}, quarter)
			if err != nil {
				t.Fatal(err)
			}
			for k, e := range alone.Cells {
				sum[k] = sum[k].Plus(e)
			}
		}
		for i, e := range grid.Cells {
			s, err := together.Series(Query{Table: grid.Shape.Table, Where: filtersAt(grid.Shape, i)}, quarter, quarter)
			if err != nil {
				t.Fatal(err)
			}
			for what, other := range map[string]Estimate{"summed": sum[i], "asked": s.Points[0].Estimate} {
				wantNear(t, fmt.Sprintf("%s cell %d, %s", table, i, what), other.Value, e.Value, 1e-8)
				wantNear(t, fmt.Sprintf("%s cell %d, variance %s", table, i, what), other.Variance, e.Variance, 1e-8)
			}
		}
	}
}

// Unbiased, with the stated variance, and 95 in 100 intervals hold the truth: cells,
// sums over cells, derived tables, another measure. n = 1,000 quarters each at 5, 30 and
// 100 members, noise rounded to whole units. Every figure may be 5 standard errors off:
// over 108 figures a false failure has odds below 1 in 10,000 (the seed is fixed).
func TestCoverageOfIntervals(t *testing.T) {
	if testing.Short() {
		t.Skip("seconds of draws")
	}
	w := newWorld(t)
	queries := []Query{
		w.query(t, "a*b"), w.query(t, "a*b", "a=a1"), w.query(t, "a*b", "a(g)=x"), w.query(t, "a*b", "a=a2", "b=b2"),
		w.query(t, "a*b", "a(g)=x", "b=b1"), w.query(t, "a(g)", "a(g)=x"), w.query(t, "b", "b=b3"), w.query(t, "a", "a=a3"),
		{mustTable(t, "b"), schema.Measure{Kind: schema.Cases, Limit: 2}, []Filter{{schema.Axis{Dimension: "b"}, "b1"}}},
	}
	for _, members := range []int{5, 30, 100} {
		r := rand.New(rand.NewPCG(3, uint64(members)))
		tallies := make([]tally, len(queries))
		exact := w.quarterOf(t, members, nil)
		for range 1000 {
			b := w.quarterOf(t, members, r)
			for i, q := range queries {
				tallies[i].add(pointOf(t, b, q), pointOf(t, exact, q).Value)
			}
		}
		for i, q := range queries {
			tallies[i].judge(t, fmt.Sprintf("%d members, %v", members, q))
		}
	}
}

// quarterOf is a quarter in which one member knows everybody.
func (w *world) quarterOf(t *testing.T, members int, noise *rand.Rand) *Book {
	t.Helper()
	all := []Released{w.released(t, slug(0), quarter, peak, noise)}
	for i := 1; i < members; i++ {
		all = append(all, w.released(t, slug(i), quarter, array{}, noise))
	}
	return w.book(t, w.owed(members, quarter), all...)
}

// cellsOf are a table's cells in the quarter.
func cellsOf(t *testing.T, b *Book, pt schema.PlanTable) []Estimate {
	t.Helper()
	g, err := b.Grid(pt.Table, pt.Measure, quarter)
	if err != nil {
		t.Fatal(err)
	}
	return g.Cells
}

func pointOf(t *testing.T, b *Book, q Query) Estimate {
	t.Helper()
	s, err := b.Series(q, quarter, quarter)
	if err != nil {
		t.Fatal(err)
	}
	return s.Points[0].Estimate
}

// tally counts how estimates fared, in standard deviations.
type tally struct {
	n, sum, squares float64
	held95, held50  float64
}

func (y *tally) add(e Estimate, truth float64) {
	z := (e.Value - truth) / e.SD()
	y.n, y.sum, y.squares = y.n+1, y.sum+z, y.squares+z*z
	if low, high := e.Interval95(); low <= truth && truth <= high {
		y.held95++
	}
	if low, high := e.Interval50(); low <= truth && truth <= high {
		y.held50++
	}
}

func (y *tally) judge(t *testing.T, what string) {
	t.Helper()
	wantNear(t, what+": bias", y.sum/y.n, 0, 5/math.Sqrt(y.n))
	wantNear(t, what+": variance", y.squares/y.n, 1, 5*math.Sqrt(2/y.n))
	wantNear(t, what+": 95 % range", y.held95/y.n, 0.95, 5*math.Sqrt(0.95*0.05/y.n))
	wantNear(t, what+": 50 % range", y.held50/y.n, 0.5, 5*math.Sqrt(0.25/y.n))
}

// A series runs on over a change of plan; where nobody reported, or the plan cannot
// tell, a point is absent.
func TestSeriesOverPlans(t *testing.T) {
	w := newWorld(t)
	first := w.released(t, slug(0), quarter, peak, nil)
	plans := map[schema.Hash]schema.Plan{w.hash: w.plan}
	owed := w.owed(2, quarter, quarter.Add(1))
	w.adopt(t, "a people", "c people")
	plans[w.hash] = w.plan
	owed = append(owed, w.owed(2, quarter.Add(2))...)
	third := w.released(t, slug(0), quarter.Add(2), array{7}, nil)
	b, err := NewBook(Config{Codebook: w.cb, Plans: plans, Owed: owed}, []Released{first, third})
	if err != nil {
		t.Fatal(err)
	}
	s, err := b.Series(w.query(t, "a"), quarter, quarter.Add(7))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Points) != 3 || s.Points[0].Absent || !s.Points[1].Absent || s.Points[2].Absent || s.Points[0].Plan == s.Points[2].Plan {
		t.Fatalf("have %+v", s.Points)
	}
	wantNear(t, "under the first plan", s.Points[0].Estimate.Value, 556, 1e-6)
	wantNear(t, "under the second", s.Points[2].Estimate.Value, 7, 1e-6)
	if s, err = b.Series(w.query(t, "b"), quarter, quarter.Add(2)); err != nil || !s.Points[2].Absent {
		t.Errorf("the second plan cannot tell b: %v", err)
	}
	if got := s.Points[1].Coverage; len(got.Owing) != 2 || len(got.Reporting) != 0 {
		t.Errorf("have %+v", got)
	}
}

// A plan whose derived table nothing tells passes the plan's own checks.
func TestAPlanThatCannotBeReadSpoilsOnlyItsPeriods(t *testing.T) {
	w := newWorld(t)
	good := w.released(t, slug(0), quarter, peak, nil)
	plans, owed := map[schema.Hash]schema.Plan{w.hash: w.plan}, w.owed(1, quarter)
	w.adopt(t, "a people", "b people derived")
	plans[w.hash], owed = w.plan, append(owed, w.owed(1, quarter.Add(1))...)
	bad := w.released(t, slug(0), quarter.Add(1), peak, nil)
	b, err := NewBook(Config{Codebook: w.cb, Plans: plans, Owed: owed}, []Released{good, bad})
	if err != nil {
		t.Fatal(err)
	}
	s, err := b.Series(w.query(t, "a"), quarter, quarter.Add(1))
	if err != nil || s.Points[0].Absent || !s.Points[1].Absent {
		t.Errorf("have %+v, %v", s.Points, err)
	}
	if _, err := b.Grid(mustTable(t, "a"), schema.Measure{}, quarter.Add(1)); err == nil {
		t.Error("a grid of a plan that cannot be read")
	}
	if _, err := b.Changes(quarter.Add(1)); err == nil {
		t.Error("changes of a plan that cannot be read")
	}
}

func TestYearsAreTheirOwn(t *testing.T) {
	w := newWorld(t)
	year := schema.Period{Year: 2024}
	b := w.book(t, w.owed(1, quarter, year), w.released(t, slug(0), quarter, peak, nil), w.released(t, slug(0), year, array{9}, nil))
	s, err := b.Series(w.query(t, "a"), year, year)
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "the year", s.Points[0].Estimate.Value, 9, 1e-6)
	if err := b.Can(w.query(t, "b"), year); err == nil {
		t.Error("b is not a yearly table")
	}
}

func TestLeaveOneOut(t *testing.T) {
	w := newWorld(t)
	b := w.book(t, w.owed(3, quarter), w.released(t, slug(0), quarter, array{10}, nil), w.released(t, slug(1), quarter, array{50}, nil), w.released(t, slug(2), quarter, array{3}, nil))
	l, err := b.LeaveOneOut(w.query(t, "a", "a=a1"), quarter)
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "all", l.All.Value, 63, 1e-6)
	wantNear(t, "low", l.Low.Value, 13, 1e-6)
	wantNear(t, "high", l.High.Value, 60, 1e-6)
	wantNear(t, "variance", l.Low.Variance, l.All.Variance*2/3, 1e-6)
	if l.LowWithout != slug(1) || l.HighWithout != slug(2) {
		t.Errorf("without %s and %s", l.LowWithout, l.HighWithout)
	}
}

func TestSumsAreChecked(t *testing.T) {
	w := newWorld(t)
	s, err := newSheet(w.cb, w.plan.Bands, w.plan.Of(schema.Quarterly, false))
	if err != nil {
		t.Fatal(err)
	}
	c := w.released(t, slug(0), quarter, peak, nil)
	d := w.released(t, slug(1), quarter, peak, nil)
	c.units[0][0], d.units[0][0] = math.MaxInt64, 1
	if _, err := s.addUnits([]*Released{&c, &d}); err == nil {
		t.Error("above the largest: accepted")
	}
	c.units[0][0], d.units[0][0] = math.MinInt64, -1
	if _, err := s.addUnits([]*Released{&c, &d}); err == nil {
		t.Error("below the least: accepted")
	}
}

// Many pages ask one book at the same time, each the first of its question.
func TestBooksAreAskedFromManyGoroutines(t *testing.T) {
	w := newWorld(t)
	periods := []schema.Period{quarter, quarter.Add(1)}
	var all []Released
	for _, p := range periods {
		for m := range 4 {
			all = append(all, w.released(t, slug(m), p, peak, nil))
		}
	}
	b := w.book(t, w.owed(4, periods...), all...)
	q := w.query(t, "a", "a=a1")
	var asking sync.WaitGroup
	for range 8 {
		asking.Go(func() {
			series, err := b.Series(q, periods[0], periods[1])
			grid, gridErr := b.Grid(q.Table, schema.Measure{}, quarter)
			changes, changesErr := b.Changes(periods[1])
			left, leftErr := b.LeaveOneOut(q, quarter)
			share, shareErr := b.Share(q, quarter)
			if err := errors.Join(err, gridErr, changesErr, leftErr, shareErr); err != nil {
				t.Error(err)
				return
			}
			wantNear(t, "series", series.Points[1].Estimate.Value, 640, 1e-6)
			wantNear(t, "cell", grid.Cells[0].Value, 640, 1e-6)
			wantNear(t, "change", changes[0].Difference.Value, 0, 1e-6)
			wantNear(t, "three of four", left.Low.Value, 480, 1e-6)
			wantNear(t, "share", share.Value, 160.0/556, 1e-9)
			if steps := b.Steps(schema.Quarterly); len(steps) != 0 {
				t.Errorf("steps %v", steps)
			}
		})
	}
	asking.Wait()
}
