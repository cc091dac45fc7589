package dashboard_test

import (
	"net/http/httptest"
	"testing"

	"tidemark/aggregation/planner"
	"tidemark/dashboard"
	"tidemark/dashboard/internal/sample"
	"tidemark/schema"
)

// every page, at an ordinary state.
var benchPaths = []string{
	"/", "/trends", "/trends?what=threat_type.device_spyware", "/heat", "/heat?show=change", "/ranking", "/online-offline", "/redress",
	"/coverage", "/members", "/budget", "/evidence", "/cases", "/method", "/api/v1/trends?table=threat_type", "/api/v1/changes?period=2026-Q3",
}

// BenchmarkPages reads what a page costs once the releases are in memory, and what the
// first look at a fresh snapshot costs.
func BenchmarkPages(b *testing.B) {
	for _, size := range []struct {
		name string
		cfg  sample.Config
	}{
		{"12x12", sample.Config{}},
		{"200x40", sample.Config{Members: 200, Quarters: 40, People: 20_000, Plan: func(_ *schema.Codebook, first schema.Period) (schema.Plan, error) {
			return planner.Full(first, 0, 0)
		}}},
	} {
		b.Run(size.name, func(b *testing.B) {
			if testing.Short() && size.cfg.Members > 0 {
				b.Skip("builds 10,000 releases")
			}
			c := sample.New(b, size.cfg)
			for _, path := range benchPaths {
				b.Run("first"+path, func(b *testing.B) {
					for b.Loop() {
						b.StopTimer()
						d := serve(b, c.Fresh())
						b.StartTimer()
						get(b, d, path)
					}
				})
				b.Run("again"+path, func(b *testing.B) {
					d := serve(b, c)
					get(b, d, path)
					for b.Loop() {
						get(b, d, path)
					}
				})
			}
		})
	}
}

func serve(t testing.TB, c *sample.Coalition) *dashboard.Dashboard {
	t.Helper()
	d, err := dashboard.New(dashboard.Config{Coalition: c, Own: c, Governance: c, Admin: c, Briefs: c, Register: c})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func get(t testing.TB, d *dashboard.Dashboard, path string) string {
	t.Helper()
	w := httptest.NewRecorder()
	d.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	if w.Code != 200 {
		t.Fatalf("%s: %d %.300s", path, w.Code, w.Body)
	}
	return w.Body.String()
}
