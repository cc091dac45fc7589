package fiction

import (
	"fmt"
	"strings"
	"testing"

	"tidemark/schema"
)

func demo(t testing.TB) *World {
	t.Helper()
	w, err := New(Config{Seed: 1, Members: 12, People: 4000, First: schema.Period{Year: 2023, Quarter: 4}, Quarters: 12})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// people counts distinct people a quarter who answer to pick.
func people(w *World, pick func(Case) bool) map[schema.Period]int {
	seen := map[string]bool{}
	n := map[schema.Period]int{}
	for i := range w.Organisations {
		for c := range w.Cases(i) {
			q := schema.PeriodOf(c.Date, schema.Quarterly)
			if key := c.Person + q.String(); pick(c) && !seen[key] {
				seen[key] = true
				n[q]++
			}
		}
	}
	return n
}

func TestTheSameConfigGivesTheSameCases(t *testing.T) {
	first, again := &strings.Builder{}, &strings.Builder{}
	for _, b := range []*strings.Builder{first, again} {
		for c := range demo(t).Cases(7) {
			fmt.Fprint(b, c.ID, c.Person, c.Date, c.Codes, c.Text)
		}
	}
	if first.String() != again.String() || first.Len() == 0 {
		t.Error("two worlds of one seed differ")
	}
}

func TestShapes(t *testing.T) {
	w := demo(t)
	n := people(w, func(Case) bool { return true })
	for q, have := range n {
		if have < 2800 || have > 6500 {
			t.Errorf("%s: %d people, want about 4,000", q, have)
		}
	}
	cases := map[string]int{}
	for c := range w.Cases(0) {
		cases[c.Person]++
	}
	once, most := 0, 0
	for _, k := range cases {
		if k == 1 {
			once++
		}
		most = max(most, k)
	}
	if share := float64(once) / float64(len(cases)); share < 0.62 || share > 0.75 || most < 8 {
		t.Errorf("%.2f of the people have one case, the most have %d", share, most)
	}
}

func TestTheStoryIsThere(t *testing.T) {
	w := demo(t)
	spyware := people(w, func(c Case) bool { return w.is(&c, "threat_type", "device_spyware") })
	before, after := schema.Period{Year: 2025, Quarter: 2}, schema.Period{Year: 2026, Quarter: 3}
	if spyware[after] < 2*spyware[before] {
		t.Errorf("spyware: %d, then %d", spyware[before], spyware[after])
	}
	slow := people(w, func(c Case) bool {
		return w.is(&c, "platform_response_time", "over_60_days") || w.is(&c, "platform_response_time", "never")
	})
	if slow[after] < 2*slow[before] {
		t.Errorf("slow answers: %d, then %d", slow[before], slow[after])
	}
	silent := people(w, func(c Case) bool { return strings.HasPrefix(c.Person, "P-08-") })
	if silent[before] == 0 || silent[after] != 0 {
		t.Errorf("the silent member: %d, then %d", silent[before], silent[after])
	}
}

func TestConfigRefuses(t *testing.T) {
	good := Config{Members: 3, People: 10, First: schema.Period{Year: 2025, Quarter: 1}, Quarters: 2}
	for name, spoil := range map[string]func(*Config){
		"no members": func(c *Config) { c.Members = 0 }, "no people": func(c *Config) { c.People = 0 },
		"a year": func(c *Config) { c.First.Quarter = 0 }, "no quarters": func(c *Config) { c.Quarters = 0 },
	} {
		c := good
		spoil(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func BenchmarkCases(b *testing.B) {
	w := demo(b)
	n := 0
	for b.Loop() {
		for range w.Cases(0) {
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "cases/s")
}
