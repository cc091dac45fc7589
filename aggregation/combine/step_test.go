package combine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tidemark/schema"
	"tidemark/schema/fiction"
)

// history makes a book of people by member and quarter, from the plan's first quarter on;
// below zero the member is absent. Without a source of noise counts are exact.
func (w *world) history(t testing.TB, people [][]int, noise *rand.Rand) *Book {
	t.Helper()
	var all []Released
	var periods []schema.Period
	for q := range people[0] {
		p := w.plan.First.Add(q)
		periods = append(periods, p)
		for m := range people {
			if n := people[m][q]; n >= 0 {
				all = append(all, w.released(t, slug(m), p, array{n / 2, n - n/2}, noise))
			}
		}
	}
	return w.book(t, w.owed(len(people), periods...), all...)
}

func stepsText(b *Book) string {
	var out []string
	for _, s := range b.Steps(schema.Quarterly) {
		out = append(out, fmt.Sprintf("%s %s %.2f of %.2f", s.Member, s.Period, s.Factor, s.Others))
	}
	return strings.Join(out, ", ")
}

// What is a step and what is not, on exact counts beside three members that stay.
func TestStepsByHand(t *testing.T) {
	steady := []int{400, 400, 400, 400, 400, 400, 400, 400}
	for _, c := range []struct {
		name   string
		people []int
		others []int
		want   string
	}{
		{"up", []int{100, 100, 100, 100, 230, 230, 230, 230}, steady, "member-000 2024-Q1 2.30 of 1.00"},
		{"down", []int{300, 300, 300, 300, 300, 120, 120, 120}, steady, "member-000 2024-Q2 0.40 of 1.00"},
		{"two quarters before the end", []int{100, 100, 100, 100, 100, 100, 230, 230}, steady, "member-000 2024-Q3 2.30 of 1.00"},
		{"the last quarter", []int{100, 100, 100, 100, 100, 100, 100, 230}, steady, ""},
		{"too small", []int{200, 200, 200, 200, 310, 310, 310, 310}, steady, ""},
		{"constant", []int{100, 100, 100, 100, 100, 100, 100, 100}, steady, ""},
		{"growth, twice as many each year", []int{100, 119, 141, 168, 200, 238, 283, 336}, steady, ""},
		{"seasons", []int{100, 300, 100, 300, 100, 300, 100, 300}, steady, ""},
		{"one busy quarter", []int{100, 100, 100, 100, 100, 400, 100, 100}, steady, ""},
		{"a busy quarter at the end", []int{100, 100, 100, 100, 100, 100, 110, 400}, steady, ""},
		{"everybody", []int{100, 100, 100, 100, 200, 200, 200, 200}, []int{400, 400, 400, 400, 800, 800, 800, 800}, ""},
		{"more than everybody", []int{100, 100, 100, 100, 300, 300, 300, 300}, []int{400, 400, 400, 400, 600, 600, 600, 600}, "member-000 2024-Q1 3.00 of 1.50"},
		{"starts", []int{-1, -1, -1, -1, 230, 230, 230, 230}, steady, ""},
		{"starts, and steps after two quarters", []int{-1, -1, 100, 100, 230, 230, 230, 230}, steady, "member-000 2024-Q1 2.30 of 1.00"},
		{"absent in between", []int{100, 100, -1, 100, -1, 230, 230, 230}, steady, "member-000 2024-Q2 2.30 of 1.00"},
	} {
		w := newWorld(t)
		if have := stepsText(w.history(t, [][]int{c.people, c.others, c.others, c.others}, nil)); have != c.want {
			t.Errorf("%s: have %q, want %q", c.name, have, c.want)
		}
	}
}

// z by the formula: the means of four quarters differ by 130; a mean's variance is a
// quarter of the mean variance of one period, its noise and Phi times its people.
func TestStepsAreClearByTheirNoise(t *testing.T) {
	w := newWorld(t)
	b := w.history(t, [][]int{{100, 100, 100, 100, 230, 230, 230, 230}}, nil)
	s, err := b.Series(w.query(t, "a*b"), w.plan.First, w.plan.First)
	if err != nil {
		t.Fatal(err)
	}
	noise := s.Points[0].Estimate.Variance
	steps := b.Steps(schema.Quarterly)
	if len(steps) != 1 || steps[0].Others != 1 {
		t.Fatalf("have %v", steps)
	}
	wantNear(t, "z", steps[0].Z, 130/math.Sqrt((noise+Phi*100)/4+(noise+Phi*230)/4), 1e-9)
	// The same step at a tenth of the size drowns in the noise.
	if have := stepsText(w.history(t, [][]int{{10, 10, 10, 10, 23, 23, 23, 23}}, nil)); have != "" {
		t.Errorf("small: have %s", have)
	}
}

// A withdrawn release is no evidence.
func TestStepsLeaveOutWithdrawnReleases(t *testing.T) {
	w := newWorld(t)
	people := []int{100, 100, 100, 100, 100, 100, 230, 230}
	var all []Released
	var periods []schema.Period
	for q, n := range people {
		periods = append(periods, w.plan.First.Add(q))
		all = append(all, w.released(t, slug(0), periods[q], array{n}, nil))
	}
	c := Config{Codebook: w.cb, Plans: map[schema.Hash]schema.Plan{w.hash: w.plan}, Owed: w.owed(1, periods...)}
	for _, withdrawn := range []map[schema.Hash]schema.NoticeReason{nil, {all[7].Release(): "mapping"}} {
		c.Withdrawn = withdrawn
		b, err := NewBook(c, all)
		if err != nil {
			t.Fatal(err)
		}
		if have := len(b.Steps(schema.Quarterly)); have != 1-len(withdrawn) {
			t.Errorf("%d withdrawn: %d steps", len(withdrawn), have)
		}
	}
}

// 100 members of 200 people, 20 quarters, with noise of sd 17 a quarter (8 %) and count
// variation; every fifth doubles once. All twenty are found in their quarter, and nobody
// else: over 1,600 constant windows a z of 5 with a factor of 1.6 has odds below 1 in a
// million; that one of twenty is missed, because two of its eight quarters come nearer
// than 1.3 (six sd of their difference), below 1 in 1,000.
func TestStepsInNoise(t *testing.T) {
	w, r := newWorld(t), rand.New(rand.NewPCG(3, 4))
	people, want := make([][]int, 100), []string{}
	for m := range people {
		at := 20
		if m%5 == 0 {
			at = 2 + m/5%16
			want = append(want, fmt.Sprint(slug(m), " ", w.plan.First.Add(at)))
		}
		for q := range 20 {
			x := 200.0
			if q >= at {
				x = 400
			}
			people[m] = append(people[m], int(x+math.Sqrt(Phi*x)*r.NormFloat64()))
		}
	}
	var have []string
	for _, s := range w.history(t, people, r).Steps(schema.Quarterly) {
		have = append(have, fmt.Sprint(s.Member, " ", s.Period))
	}
	slices.Sort(have)
	if !slices.Equal(have, want) {
		t.Errorf("have %v\nwant %v", have, want)
	}
}

// The invented organisations are rough: levels drift by 15 %, and three quarters in a
// hundred are up to two and a half times as busy. With these seeds at least nine of the
// twelve changes of method (by 2 to 3) are found, most in their very quarter, and at most
// three of the 48 others are suspected. Over 30 worlds it was 57 of 60 found, 55 in their
// quarter, and 12 of 300 others.
func TestStepsOfInventedOrganisations(t *testing.T) {
	const members, quarters = 12, 14
	w, r := newWorld(t), rand.New(rand.NewPCG(5, 6))
	changes, found, exact, others := 0, 0, 0, 0
	for seed := range uint64(6) {
		fw, err := fiction.New(fiction.Config{Seed: seed, Members: members, People: 3000, First: w.plan.First, Quarters: quarters})
		if err != nil {
			t.Fatal(err)
		}
		people := make([][]int, members)
		for i := range people {
			people[i] = invented(fw, i)
		}
		at := map[schema.Slug]schema.Period{}
		for _, s := range w.history(t, people, r).Steps(schema.Quarterly) {
			at[s.Member] = s.Period
		}
		for i, o := range fw.Organisations {
			p, stepped := at[slug(i)]
			switch {
			case o.Changes.IsZero() && stepped:
				others++
			case !o.Changes.IsZero():
				changes++
				if stepped {
					found++
				}
				if p == o.Changes {
					exact++
				}
			}
		}
	}
	if changes != 12 || found < 9 || exact < 8 || others > 3 {
		t.Errorf("%d changes, %d found, %d in their quarter; %d others suspected", changes, found, exact, others)
	}
}

// invented counts an organisation's people by quarter, -1 after it stopped.
func invented(w *fiction.World, organisation int) []int {
	known := map[string]bool{}
	out := make([]int, w.Config.Quarters)
	for c := range w.Cases(organisation) {
		p := schema.PeriodOf(c.Date, schema.Quarterly)
		if key := c.Person + " " + p.String(); !known[key] {
			known[key] = true
			for q := range out {
				if w.Config.First.Add(q) == p {
					out[q]++
				}
			}
		}
	}
	o := w.Organisations[organisation]
	for q := range out {
		if !o.Stops.IsZero() && !w.Config.First.Add(q).Before(o.Stops) {
			out[q] = -1
		}
	}
	return out
}
