package dashboard_test

import (
	"net/http/httptest"
	"testing"

	"tidemark/dashboard"
	"tidemark/dashboard/internal/sample"
)

func TestMainPages(t *testing.T) {
	c := sample.New(t, sample.Config{Demo: true})
	d, err := dashboard.New(dashboard.Config{Coalition: c, Own: c, Governance: c, Admin: c, Briefs: c, Register: c, Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/trends", "/trends?what=threat_type.device_spyware"} {
		w := httptest.NewRecorder()
		d.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != 200 {
			t.Errorf("%s: %d %.300s", path, w.Code, w.Body)
		}
	}
}
