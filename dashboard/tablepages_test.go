package dashboard_test

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"tidemark/dashboard"
	"tidemark/dashboard/internal/sample"
)

var tablePaths = []string{
	"/heat", "/heat?show=change", "/heat?table=threat_type", "/heat?table=region&show=change", "/heat?table=threat_type*gender&period=2024",
	"/ranking", "/ranking?table=threat_type(group)", "/ranking?table=region&period=2025", "/ranking?table=threat_type*gender",
	"/online-offline", "/online-offline?period=2024", "/redress", "/gaps",
}

var (
	tableIDs  = regexp.MustCompile(` id="([^"]*)"`)
	tableBans = regexp.MustCompile(`(?i)confidence interval|\bsigma\b|\bepsilon\b|probably|\bincidents?\b`)
)

// The pages of whole tables can be drawn in every language and state, hold to the
// policy, and say nothing that they must not.
func TestTablePages(t *testing.T) {
	for name, cfg := range map[string]sample.Config{"demo": {Demo: true}, "noise": {People: 40}, "young": {Quarters: 3}, "empty": {Empty: true}, "trouble": {Withdraw: true, Dispute: true, Alarm: true}} {
		c := sample.New(t, cfg)
		d, err := dashboard.New(dashboard.Config{Coalition: c, Own: c, Governance: c, Admin: c, Briefs: c, Register: c, Demo: cfg.Demo})
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range tablePaths {
			period := strings.Contains(path, "period=")
			if period && (name == "young" || name == "empty") {
				continue
			}
			for _, lang := range []string{"en", "ar"} {
				page := tablePage(t, d, path, lang)
				checkTablePage(t, name+" "+lang+" "+path, page)
			}
		}
	}
}

func tablePage(t *testing.T, d *dashboard.Dashboard, path, lang string) string {
	t.Helper()
	joint := "?"
	if strings.Contains(path, "?") {
		joint = "&"
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, httptest.NewRequest("GET", path+joint+"lang="+lang, nil))
	if w.Code != 200 {
		t.Fatalf("%s: %d", path, w.Code)
	}
	return w.Body.String()
}

func checkTablePage(t *testing.T, name, page string) {
	t.Helper()
	for _, bad := range []string{" style=", "<script", "<no value>", "NaN", "ZgotmplZ"} {
		if strings.Contains(page, bad) {
			t.Errorf("%s: holds %q", name, bad)
		}
	}
	if word := tableBans.FindString(page); word != "" {
		t.Errorf("%s: says %q", name, word)
	}
	if n := strings.Count(page, "<h1"); n != 1 {
		t.Errorf("%s: %d first headings", name, n)
	}
	seen := map[string]bool{}
	for _, id := range tableIDs.FindAllStringSubmatch(page, -1) {
		if seen[id[1]] {
			t.Errorf("%s: id %s stands twice", name, id[1])
		}
		seen[id[1]] = true
	}
}

func TestTablePagesRefuse(t *testing.T) {
	c := sample.New(t, sample.Config{Quarters: 2, People: 200})
	d, err := dashboard.New(dashboard.Config{Coalition: c, Own: c, Governance: c, Admin: c, Briefs: c, Register: c})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/heat?table=colour", "/heat?period=2031", "/ranking?table=colour", "/ranking?period=1999-Q1", "/heat?show=both", "/redress?colour=red"} {
		w := httptest.NewRecorder()
		d.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != 400 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}
