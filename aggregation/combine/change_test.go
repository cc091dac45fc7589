package combine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"tidemark/schema"
)

// Two members stay, one leaves, one comes: only the two who stay are compared.
func TestChangeComparesThoseWhoStay(t *testing.T) {
	w := newWorld(t)
	next := quarter.Add(1)
	b := w.book(t, w.owed(4, quarter, next),
		w.released(t, slug(0), quarter, array{100}, nil), w.released(t, slug(1), quarter, array{60}, nil), w.released(t, slug(2), quarter, array{500}, nil),
		w.released(t, slug(0), next, array{150}, nil), w.released(t, slug(1), next, array{90}, nil), w.released(t, slug(3), next, array{70}, nil))
	c, err := b.Change(w.query(t, "a", "a=a1"), quarter, next)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(c.Members) != "[member-000 member-001]" {
		t.Errorf("members %v", c.Members)
	}
	wantNear(t, "from", c.From.Value, 160, 1e-6)
	wantNear(t, "to", c.To.Value, 240, 1e-6)
	wantNear(t, "difference", c.Difference.Value, 80, 1e-6)
	wantNear(t, "noise", c.Difference.Variance, c.From.Variance+c.To.Variance, 1e-9)
	wantNear(t, "z", c.Z, 80/math.Sqrt(c.From.Variance+c.To.Variance+1.5*400), 1e-9)
	wantNear(t, "without, low", c.Without.Low, 30, 1e-6)
	wantNear(t, "without, high", c.Without.High, 50, 1e-6)
	if c.Without.LowWithout != slug(0) || !c.Without.Survives || c.Verdict != VeryLikelyRising {
		t.Errorf("without %s, survives %t, %s", c.Without.LowWithout, c.Without.Survives, c.Verdict)
	}
}

func TestChangeRests(t *testing.T) {
	w := newWorld(t)
	next := quarter.Add(1)
	b := w.book(t, w.owed(2, quarter, next), w.released(t, slug(0), quarter, peak, nil), w.released(t, slug(1), next, peak, nil))
	q := w.query(t, "a", "a=a1")
	c, err := b.Change(q, quarter, next)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Members) != 0 || c.Verdict != TooNoisyToSay || c.Without.Survives {
		t.Errorf("nobody stayed: %+v", c)
	}
	for name, p := range map[string][2]schema.Period{
		"backwards":    {next, quarter},
		"same":         {quarter, quarter},
		"two cadences": {quarter, {Year: 2025}},
		"not owed":     {quarter, quarter.Add(2)},
	} {
		if _, err := b.Change(q, p[0], p[1]); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := b.Changes(quarter); err == nil {
		t.Error("changes of a first period: accepted")
	}
}

func TestVerdictsByZAndBand(t *testing.T) {
	clear, noisy := Estimate{300, 100}, Estimate{5, 100}
	for _, c := range []struct {
		z              float64
		from, to       Estimate
		listed, chosen bool
		want           Verdict
	}{
		{1.97, clear, clear, false, true, VeryLikelyRising},
		{1.97, clear, clear, true, false, VeryLikelyRising},
		{1.97, clear, clear, false, false, NoClearChange},
		{-1.97, clear, clear, true, false, VeryLikelyFalling},
		{1.95, clear, clear, true, false, NoClearChange},
		{1.95, clear, clear, false, true, ProbablyRising},
		{1.29, clear, clear, false, true, ProbablyRising},
		{-1.29, clear, clear, false, true, ProbablyFalling},
		{1.27, clear, clear, false, true, NoClearChange},
		{9, noisy, clear, true, true, TooNoisyToSay},
		{-9, clear, noisy, true, true, TooNoisyToSay},
	} {
		x := Change{From: c.from, To: c.to, Z: c.z, Rising: normal(c.z), Listed: c.listed, Members: slugs(3)}
		if got := x.verdict(schema.DefaultBands, schema.DefaultBands, c.chosen); got != c.want {
			t.Errorf("%+v: have %s", c, got)
		}
	}
}

// Where the world stands still, a list names anything in at most 1 of 10 quarters: with
// no true change every discovery is false. n = 400 quarters; at exactly 0.10 the odds of
// more than 0.175 are below 1 in 10^5 (the seed is fixed). And a change that is there
// is on the list, first.
func TestChangesHoldFalseDiscoveries(t *testing.T) {
	w := newWorld(t)
	r := rand.New(rand.NewPCG(5, 6))
	n := 400
	if testing.Short() {
		n = 40
	}
	next, falsely := quarter.Add(1), 0
	still := array{400, 300, 200, 300, 200, 250, 150, 300, 400, 200, 300, 350}
	vary := func() array {
		out := still
		for i, x := range still {
			out[i] = int(math.Round(float64(x) + math.Sqrt(Phi*float64(x))*r.NormFloat64()))
		}
		return out
	}
	for range n {
		b := w.book(t, w.owed(2, quarter, next),
			w.released(t, slug(0), quarter, vary(), r), w.released(t, slug(1), quarter, array{}, r),
			w.released(t, slug(0), next, vary(), r), w.released(t, slug(1), next, array{}, r))
		changes, err := b.Changes(next)
		if err != nil {
			t.Fatal(err)
		}
		if changes[0].Listed {
			falsely++
		}
	}
	if limit := 0.10 + 5*math.Sqrt(0.09/float64(n)); float64(falsely) > limit*float64(n) {
		t.Errorf("lists in %d of %d quarters in which nothing changed", falsely, n)
	}
	moved := still
	moved[7] += 400
	b := w.book(t, w.owed(2, quarter, next), w.released(t, slug(0), quarter, still, r), w.released(t, slug(0), next, moved, r))
	changes, err := b.Changes(next)
	if err != nil {
		t.Fatal(err)
	}
	if want := rows*cols + 2 + 3 + 3 + 3; len(changes) != want {
		t.Errorf("%d changes, want %d", len(changes), want)
	}
	found := false
	for i, c := range changes {
		if i > 0 && c.Listed && !changes[i-1].Listed {
			t.Error("the list is not first")
		}
		if fmt.Sprint(c.Cells) == "[a3 b2]" {
			found = c.Listed && c.Verdict == VeryLikelyRising
		}
		if c.Verdict == ProbablyRising || c.Verdict == ProbablyFalling {
			t.Error("probably, on a list")
		}
	}
	if !found {
		t.Error("400 people more are not on the list")
	}
}

// The list and the chosen series agree on the numbers.
func TestChangesAreChanges(t *testing.T) {
	w := newWorld(t)
	r := rand.New(rand.NewPCG(7, 8))
	next := quarter.Add(1)
	var all []Released
	for i := range 4 {
		all = append(all, w.released(t, slug(i), quarter, peak, r), w.released(t, slug(i), next, peak, r))
	}
	b := w.book(t, w.owed(4, quarter, next), all...)
	changes, err := b.Changes(next)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		chosen, err := b.Change(c.Query, quarter, next)
		if err != nil {
			t.Fatal(err)
		}
		wantNear(t, fmt.Sprint(c.Query, " z"), c.Z, chosen.Z, 1e-8)
		wantNear(t, fmt.Sprint(c.Query, " variance"), c.To.Variance, chosen.To.Variance, 1e-8)
		wantNear(t, fmt.Sprint(c.Query, " without"), c.Without.Low, chosen.Without.Low, 1e-6)
	}
}

func TestTrend(t *testing.T) {
	w := newWorld(t)
	var owed []schema.Period
	var all []Released
	for i := range 8 {
		p := quarter.Add(i)
		owed = append(owed, p)
		all = append(all, w.released(t, slug(0), p, array{100 + 10*i}, nil))
		if i != 3 {
			all = append(all, w.released(t, slug(1), p, array{1000}, nil))
		}
	}
	b := w.book(t, w.owed(2, owed...), all...)
	tr, err := b.Trend(w.query(t, "a", "a=a1"), quarter.Add(7))
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "before", tr.From.Value, 460, 1e-6)
	wantNear(t, "after", tr.To.Value, 620, 1e-6)
	wantNear(t, "ratio", tr.Ratio.Value, 620.0/460, 1e-9)
	if fmt.Sprint(tr.Members, tr.First, tr.Last, tr.Ratio.Open) != "[member-000] 2024-Q1 2025-Q4 false" || tr.Ratio.Low >= tr.Ratio.Value || tr.Ratio.High <= tr.Ratio.Value {
		t.Errorf("have %+v", tr)
	}
	one, err := b.Change(w.query(t, "a", "a=a1"), quarter, quarter.Add(1))
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "noise of eight quarters", tr.Difference.Variance, 4*one.Difference.Variance/2, 1e-6)
	if _, err := b.Trend(w.query(t, "a"), quarter.Add(6)); err == nil {
		t.Error("seven quarters: accepted")
	}
	if _, err := b.Trend(w.query(t, "a"), schema.Period{Year: 2025}); err == nil {
		t.Error("years: accepted")
	}
}

// Fieller's range holds the true quotient 95 times in 100. n = 20,000 draws, standard
// error 0.0015; 5 of them by chance have odds below 1 in 10^6. Open ranges hold it.
func TestRatioCoverage(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for _, c := range []struct{ a, b, sdA, sdB float64 }{{300, 200, 20, 20}, {100, 100, 25, 20}, {50, 400, 30, 30}} {
		const n = 20_000
		covered := 0
		for range n {
			q := ratio(Estimate{c.a + c.sdA*r.NormFloat64(), c.sdA * c.sdA}, Estimate{c.b + c.sdB*r.NormFloat64(), c.sdB * c.sdB})
			if q.Open || q.Low <= c.a/c.b && c.a/c.b <= q.High {
				covered++
			}
		}
		wantNear(t, fmt.Sprint("coverage ", c), float64(covered)/n, 0.95, 0.0077)
	}
	if q := ratio(Estimate{50, 100}, Estimate{5, 100}); !q.Open {
		t.Error("a divisor that may be zero has a closed range")
	}
	if q := ratio(Estimate{50, 100}, Estimate{-5, 100}); !q.Open || q.Value != 0 {
		t.Error("a negative divisor has a quotient")
	}
}
