package dashboard_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"tidemark/dashboard"
	"tidemark/dashboard/internal/sample"
	"tidemark/dashboard/view"
)

// ordinary is the sample that the tests of the API and of the figures share.
var ordinary struct {
	once sync.Once
	site apiSite
}

type apiSite struct {
	sample *sample.Coalition
	pages  *dashboard.Dashboard
}

func apiOf(t testing.TB) apiSite {
	t.Helper()
	ordinary.once.Do(func() {
		ordinary.site = apiSiteOf(t, sample.Config{Members: 5, People: 1500, Quarters: 9, Withdraw: true, Dispute: true, Alarm: true}, false)
	})
	return ordinary.site
}

func apiSiteOf(t testing.TB, cfg sample.Config, demo bool) apiSite {
	t.Helper()
	cfg.Demo = demo
	c := sample.New(t, cfg)
	d, err := dashboard.New(dashboard.Config{Coalition: c, Own: c, Governance: c, Admin: c, Briefs: c, Register: c, Codebook: cfg.Codebook, Demo: demo})
	if err != nil {
		t.Fatal(err)
	}
	return apiSite{c, d}
}

func (s apiSite) ask(t testing.TB, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	s.pages.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func (s apiSite) snapshot(t testing.TB) *view.Snapshot {
	t.Helper()
	now, err := s.sample.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return now
}

// fits holds an answer against the document.
func (d *document) fits(t testing.TB, operation string, w *httptest.ResponseRecorder) {
	t.Helper()
	r, ok := d.Paths[operation]["get"].Responses[strconv.Itoa(w.Code)]
	kind, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
	content, known := r.Content[kind]
	if !ok || !known {
		t.Errorf("%s: %d as %s is not in the document", operation, w.Code, kind)
		return
	}
	if kind != "application/json" {
		return
	}
	var value any
	if err := json.Unmarshal(w.Body.Bytes(), &value); err != nil {
		t.Errorf("%s: %v", operation, err)
		return
	}
	if err := d.check(content.Schema, value); err != nil {
		t.Errorf("%s %d: %v", operation, w.Code, err)
	}
}

// Every answer of the sample fits the document: whole, empty, alone, and refused.
func TestAnswersFitTheDocument(t *testing.T) {
	d := readDocument(t)
	sites := map[string]apiSite{
		"ordinary": apiOf(t),
		"empty":    apiSiteOf(t, sample.Config{Members: 3, People: 100, Quarters: 2, Empty: true}, true),
		"alone":    apiSiteOf(t, sample.Config{Members: 3, People: 100, Quarters: 2, Alone: true}, false),
	}
	release := ""
	for _, r := range apiOf(t).releases(t) {
		release = r.Release.String()
	}
	for name, site := range sites {
		pin := url.QueryEscape("0123456789abcdef-DA8PDw8PDw8MDw8PDw")
		for path, operation := range map[string]string{
			"/api/v1/status": "", "/api/v1/plan": "", "/api/v1/plan?period=2026-Q3": "/api/v1/plan", "/api/v1/plan?period=1999": "/api/v1/plan",
			"/api/v1/codebook": "", "/api/v1/coverage": "", "/api/v1/releases": "", "/api/v1/budget": "", "/api/v1/acts": "", "/api/v1/members": "", "/api/v1/capacity": "",
			"/healthz": "", "/metrics": "", "/api/v1/openapi.json": "",
			"/api/v1/coverage?pin=" + pin: "/api/v1/coverage", "/api/v1/coverage?pin=other": "/api/v1/coverage",
			"/api/v1/releases/" + release:                 "/api/v1/releases/{id}",
			"/api/v1/releases/" + strings.Repeat("0", 64): "/api/v1/releases/{id}",
			"/api/v1/releases/none":                       "/api/v1/releases/{id}",
			"/api/v1/trends?table=threat_type":            "/api/v1/trends",
			"/api/v1/trends?table=all&every=year":         "/api/v1/trends",
			"/api/v1/trends?table=gender&format=csv":      "/api/v1/trends",
			"/api/v1/trends?table=gender&format=zip":      "/api/v1/trends",
			"/api/v1/trends?table=gender*region":          "/api/v1/trends",
			"/api/v1/trends?table=weather":                "/api/v1/trends",
			"/api/v1/trends":                              "/api/v1/trends",
			"/api/v1/changes?period=2026-Q3":              "/api/v1/changes",
			"/api/v1/changes?period=2025":                 "/api/v1/changes",
			"/api/v1/changes?period=2026-Q3&span=year":    "/api/v1/changes",
			"/api/v1/changes?period=2025&span=year":       "/api/v1/changes",
			"/api/v1/changes?period=1999-Q1":              "/api/v1/changes",
			"/api/v1/changes":                             "/api/v1/changes",
		} {
			if operation == "" {
				operation = path
			}
			w := site.ask(t, path)
			if w.Code == http.StatusInternalServerError {
				t.Errorf("%s: %s: %s", name, path, w.Body)
			}
			d.fits(t, operation, w)
		}
	}
}

// The command line prints view.Tidy and view.Changes; the API and the figures give the
// same bytes.
func TestTheSameQuestionTheSameBytes(t *testing.T) {
	site := apiOf(t)
	s := site.snapshot(t)
	for path, typed := range map[string]view.Typed{
		"table=threat_type": {Table: "threat_type"},
		"table=threat_type&where=threat_type(group)%3Dexposure":     {Table: "threat_type", Where: []string{"threat_type(group)=exposure"}},
		"table=gender&where=gender%3Dwoman&from=2025-Q1&to=2026-Q1": {Table: "gender", Where: []string{"gender=woman"}, From: "2025-Q1", To: "2026-Q1"},
		"table=gender&every=year":                                   {Table: "gender", Every: "year"},
		"table=all":                                                 {Table: "all"},
	} {
		q, err := typed.Question()
		if err != nil {
			t.Fatal(err)
		}
		answer, err := s.Tidy(q)
		if err != nil {
			t.Fatal(err)
		}
		text, err := view.JSON(answer)
		if err != nil {
			t.Fatal(err)
		}
		if w := site.ask(t, "/api/v1/trends?"+path); w.Body.String() != string(text) {
			t.Errorf("%s: %d, not what the command line prints with --json", path, w.Code)
		}
		var csv bytes.Buffer
		if err := answer.CSV(&csv); err != nil {
			t.Fatal(err)
		}
		if w := site.ask(t, "/api/v1/trends?format=csv&"+path); w.Body.String() != csv.String() {
			t.Errorf("%s: %d, not what the command line prints with --format csv", path, w.Code)
		}
	}
	all := site.ask(t, "/api/v1/trends?table=threat_type&where=threat_type=doxing&format=csv").Body.String()
	if figure := site.ask(t, "/fig/trend~threat_type.doxing~all~2024-Q3~2026-Q3.csv").Body.String(); figure != all || strings.Count(all, "\r\n") != 10 {
		t.Errorf("the figure's CSV is another one than the API's:\n%s\n%s", figure, all)
	}
	changes, err := s.ChangesOver(sample.Last, view.SpanYear)
	if err != nil {
		t.Fatal(err)
	}
	text, err := view.JSON(changes)
	if err != nil {
		t.Fatal(err)
	}
	if w := site.ask(t, "/api/v1/changes?period=2026-Q3&span=year"); w.Body.String() != string(text) || len(changes.Rows) == 0 {
		t.Error("changes: not what the command line prints")
	}
}

// Refusals are JSON, say what is wrong, and never what was asked.
func TestRefusalsQuoteNothing(t *testing.T) {
	site := apiOf(t)
	const typed = "zqzq"
	for path, want := range map[string]string{
		"/api/v1/trends?table=threat_type&zqzq=1":                   "unknown keys",
		"/api/v1/trends?table=zqzq":                                 "no such axis",
		"/api/v1/trends?table=zqzq!":                                "want dimension",
		"/api/v1/trends?table=threat_type&where=zqzq":               "want axis=code",
		"/api/v1/trends?table=threat_type&where=threat_type%3Dzqzq": "no such axis or code",
		"/api/v1/trends?table=threat_type&where=zqzq%3Dzqzq":        "no such axis or code",
		"/api/v1/trends?table=threat_type&from=zqzq":                "want a quarter",
		"/api/v1/trends?table=threat_type&format=zqzq":              "want json or csv or zip",
		"/api/v1/trends?table=threat_type&every=zqzq":               "want quarter or year",
		"/api/v1/trends?table=threat_type&lang=Zqzq":                "want a language",
		"/api/v1/trends?table=threat_type&table=zqzq":               "too often",
		"/api/v1/changes?period=2026-Q3&span=zqzq":                  "want period or year",
		"/api/v1/coverage?pin=zqzq!":                                "want a pin",
		"/api/v1/coverage?pin=zqzq":                                 "not here",
		"/api/v1/releases/zqzq":                                     "64 lower-case hex",
		"/api/v1/status?zqzq=1":                                     "takes no keys",
		"/api/v1/status?%zz":                                        "not well formed",
		"/api/v1/zqzq":                                              "no such address",
	} {
		w := site.ask(t, path)
		var said struct{ Error string }
		if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil || w.Code < 400 || w.Code >= 500 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		if !strings.Contains(said.Error, want) || strings.Contains(strings.ToLower(said.Error), typed) {
			t.Errorf("%s: %q, want %q and nothing of the request", path, said.Error, want)
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		w := httptest.NewRecorder()
		site.pages.ServeHTTP(w, httptest.NewRequest(method, "/api/v1/status", nil))
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") == "" || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: %d %s", method, w.Code, w.Body)
		}
	}
}

// Nothing for programs tells of the own cases: the sample's node has 9,000 of 5,200 people.
func TestNoCasesForPrograms(t *testing.T) {
	site := apiOf(t)
	for path := range dashboard.APIKeys() {
		if strings.Contains(path, "codebook") || strings.Contains(path, "openapi") {
			continue
		}
		body := site.ask(t, path).Body.String()
		for _, leak := range []string{"9000", "5200", `"cases"`, `"persons"`, "_cases"} {
			if strings.Contains(body, leak) {
				t.Errorf("%s holds %s", path, leak)
			}
		}
	}
}

func TestContentAddresses(t *testing.T) {
	site := apiOf(t)
	s := site.snapshot(t)
	sum := func(text string) string { h := sha256.Sum256([]byte(text)); return hex.EncodeToString(h[:]) }
	if body := site.ask(t, "/api/v1/codebook").Body.String(); sum(body) != s.Codebook.Hash().String() {
		t.Error("the codebook's answer does not hash to its id")
	}
	var plan view.APIPlan
	if err := json.Unmarshal(site.ask(t, "/api/v1/plan").Body.Bytes(), &plan); err != nil {
		t.Fatal(err)
	}
	if sum(plan.Text) != plan.Plan.String() {
		t.Error("the plan's text does not hash to its id")
	}
	releases := site.releases(t)
	asked, quorum := s.State.Witnesses(releases[0].Member, releases[0].Period)
	if want := slices.Sorted(slices.Values(asked[:quorum])); !slices.Equal(releases[0].Witnesses, want) {
		t.Errorf("witnesses %v of %v, want the first %d", releases[0].Witnesses, asked, quorum)
	}
	n, err := site.sample.Note(releases[0].Release)
	if err != nil {
		t.Fatal(err)
	}
	w := site.ask(t, "/api/v1/releases/"+n.ID.String())
	text, _, _ := strings.Cut(w.Body.String(), "\n\n")
	if w.Body.String() != n.Text || sum(text+"\n") != n.ID.String() || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		t.Error("the release is not the note, byte for byte")
	}
	intent := n.Other
	if w := site.ask(t, "/api/v1/releases/"+intent.String()); w.Code != http.StatusNotFound {
		t.Errorf("an intent is given out as a release: %d", w.Code)
	}
}

func TestWhatTheCoalitionIs(t *testing.T) {
	site := apiOf(t)
	var members []view.APIMember
	var coverage []view.APICoverage
	var releases []view.APIRelease
	var acts []view.APIAct
	for path, into := range map[string]any{"members": &members, "coverage": &coverage, "releases": &releases, "acts": &acts} {
		if err := json.Unmarshal(site.ask(t, "/api/v1/"+path).Body.Bytes(), into); err != nil {
			t.Fatal(err)
		}
	}
	reporting, withdrawn := 0, 0
	for _, c := range coverage {
		reporting += len(c.Reporting)
		withdrawn += len(c.Withdrawn)
		if len(c.Reporting)+len(c.Missing) != len(c.Owing) {
			t.Errorf("%s: %d owe, %d reported, %d did not", c.Period, len(c.Owing), len(c.Reporting), len(c.Missing))
		}
	}
	if len(members) != 5 || len(acts) != 6 || len(releases) != reporting || withdrawn != 1 {
		t.Errorf("%d members, %d acts, %d releases of %d, %d withdrawn", len(members), len(acts), len(releases), reporting, withdrawn)
	}
	disputed, alarmed := 0, 0
	for _, m := range members {
		if m.Disputed {
			disputed++
		}
		if m.Alarmed {
			alarmed++
		}
	}
	if disputed != 1 || alarmed != 1 {
		t.Errorf("%d members are disputed and %d alarmed, want 1 and 1", disputed, alarmed)
	}
}

func TestMetrics(t *testing.T) {
	body := apiOf(t).ask(t, "/metrics").Body.String()
	for _, want := range []string{
		`tidemark_members{status="active"} 5`, `tidemark_build_info{`, "tidemark_releases_owed ", "tidemark_releases_held ",
		"tidemark_last_slot_timestamp_seconds ", "tidemark_members_disputed 1", "tidemark_members_alarmed 1", "tidemark_notes_missing 0",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, line := range strings.Split(body, "\n") {
		if line != "" && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "tidemark_") {
			t.Errorf("%s: not of the coalition", line)
		}
	}
	alone := apiSiteOf(t, sample.Config{Members: 3, People: 100, Quarters: 2, Alone: true}, false).ask(t, "/metrics")
	if alone.Code != http.StatusOK || strings.Contains(alone.Body.String(), "tidemark_members") {
		t.Errorf("without a coalition: %d %s", alone.Code, alone.Body)
	}
}

func TestAPinIsKept(t *testing.T) {
	site := apiOf(t)
	now := site.ask(t, "/api/v1/trends?table=gender").Body.String()
	then := site.ask(t, "/api/v1/trends?table=gender&pin="+site.snapshot(t).Pin).Body.String()
	if now != then || !strings.Contains(now, `"pin": "`+site.snapshot(t).Pin) {
		t.Error("the pin's answer is another one, or does not name its pin")
	}
}

func (s apiSite) releases(t *testing.T) []view.APIRelease {
	t.Helper()
	all, err := s.snapshot(t).APIReleases(s.sample.Note)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
