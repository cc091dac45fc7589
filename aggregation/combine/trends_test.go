package combine

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tidemark/schema"
)

// twoYears is a book of members over eight quarters; the second year is busier by extra
// people in cell a1, b1.
func (w *world) twoYears(t testing.TB, members, extra int, noise *rand.Rand) (*Book, schema.Period) {
	t.Helper()
	var periods []schema.Period
	var all []Released
	for i := range 8 {
		p := quarter.Add(i)
		periods = append(periods, p)
		x := peak
		if i >= 4 {
			x[0] += extra
		}
		for m := range members {
			all = append(all, w.released(t, slug(m), p, x, noise))
		}
	}
	return w.book(t, w.owed(members, periods...), all...), quarter.Add(7)
}

// Three members, 100 more people in one cell in each of the last four quarters: 1,200.
func TestTrendsByHand(t *testing.T) {
	w := newWorld(t)
	b, last := w.twoYears(t, 3, 100, nil)
	trends, err := b.Trends(last)
	if err != nil {
		t.Fatal(err)
	}
	first := trends[0]
	if !first.Listed || first.Verdict != VeryLikelyRising || first.Last != last || first.First != quarter || len(first.Members) != 3 {
		t.Errorf("first of the list: %+v", first)
	}
	for _, c := range trends {
		one, err := b.Trend(c.Query, last)
		if err != nil {
			t.Fatal(err)
		}
		wantNear(t, c.Query.Table.String()+" difference", c.Difference.Value, one.Difference.Value, 1e-6)
		wantNear(t, c.Query.Table.String()+" variance", c.Difference.Variance, one.Difference.Variance, 1e-6)
		if c.From.Value > 1 { // a quotient of rounding errors says nothing
			wantNear(t, c.Query.Table.String()+" ratio", c.Ratio.Value, one.Ratio.Value, 1e-6)
		}
		if strings.HasPrefix(string(c.Verdict), "probably") {
			t.Errorf("a list says %s", c.Verdict)
		}
	}
	i := slices.IndexFunc(trends, func(c Trend) bool { return slices.Equal(c.Cells, []schema.Code{"a1", "b1"}) })
	wantNear(t, "1,200 more", trends[i].Difference.Value, 1200, 1e-6)
	wantNear(t, "from 3*4*120", trends[i].From.Value, 1440, 1e-6)
}

func TestTrendsAndChangesWithoutMembers(t *testing.T) {
	w := newWorld(t)
	b, last := w.twoYears(t, 4, 100, nil)
	trends, err := b.Trends(last, slug(1), slug(3))
	if err != nil {
		t.Fatal(err)
	}
	if want := []schema.Slug{slug(0), slug(2)}; !slices.Equal(trends[0].Members, want) {
		t.Errorf("compared over %v, want %v", trends[0].Members, want)
	}
	q := w.query(t, "a*b", "a=a1", "b=b1")
	c, err := b.ChangeWithout(q, last.Add(-4), last, slug(1))
	if err != nil || len(c.Members) != 3 {
		t.Fatalf("%v, %v", c.Members, err)
	}
	wantNear(t, "three of four", c.Difference.Value, 300, 1e-6)
	if c, err = b.ChangeWithout(q, last.Add(-4), last, slugs(4)...); err != nil || c.Verdict != TooNoisyToSay || len(c.Members) != 0 {
		t.Errorf("nobody left: %+v, %v", c.Verdict, err)
	}
	if _, err := b.ChangeWithout(q, last, last.Add(-4)); err == nil {
		t.Error("periods out of order: accepted")
	}
}

// Only members that reported all eight quarters are compared.
func TestTrendsMatchMembers(t *testing.T) {
	w := newWorld(t)
	var periods []schema.Period
	var all []Released
	for i := range 8 {
		periods = append(periods, quarter.Add(i))
		for m := range 3 {
			if m == 2 && i == 5 {
				continue
			}
			all = append(all, w.released(t, slug(m), quarter.Add(i), peak, nil))
		}
	}
	trends, err := w.book(t, w.owed(3, periods...), all...).Trends(quarter.Add(7))
	if err != nil || !slices.Equal(trends[0].Members, slugs(2)) {
		t.Errorf("%v, %v", trends[0].Members, err)
	}
	for _, c := range trends {
		if c.Listed || c.Difference.Value != 0 {
			t.Errorf("the same people twice: %+v", c)
		}
	}
}

func TestTrendsNeedTwoYears(t *testing.T) {
	w := newWorld(t)
	b, last := w.twoYears(t, 3, 0, nil)
	for _, p := range []schema.Period{last.Add(-1), last.Add(1), {Year: 2024}} {
		if _, err := b.Trends(p); err == nil {
			t.Errorf("trends of %s: accepted", p)
		}
	}
}

// Where nothing changes, about one list in ten holds anything: 200 worlds, seeded; the
// bound of 40 is more than 4 standard deviations above the 20 expected at most.
func TestTrendsHoldFalseDiscoveries(t *testing.T) {
	w, r := newWorld(t), rand.New(rand.NewPCG(11, 12))
	wrong := 0
	for range 200 {
		b, last := w.twoYears(t, 3, 0, r)
		trends, err := b.Trends(last)
		if err != nil {
			t.Fatal(err)
		}
		if trends[0].Listed {
			wrong++
		}
	}
	if wrong > 40 {
		t.Errorf("%d of 200 lists over unchanged worlds name a change", wrong)
	}
}
