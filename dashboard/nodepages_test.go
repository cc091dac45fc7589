package dashboard_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"tidemark/dashboard"
	"tidemark/dashboard/internal/sample"
	"tidemark/dashboard/view"
	"tidemark/dashboard/words"
	"tidemark/schema"
)

// opened is a dashboard over a sample.
func opened(t *testing.T, c *sample.Coalition, demo bool) *dashboard.Dashboard {
	t.Helper()
	d, err := dashboard.New(dashboard.Config{Coalition: c, Own: c, Governance: c, Admin: c, Briefs: c, Register: c, Demo: demo})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func fetch(d *dashboard.Dashboard, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

// unsaid is a text's key where its text should stand.
var unsaid = regexp.MustCompile(`\b(cover|gov|wait|members|budget|evidence|notepage|cases|preview|method)\.[a-z]+(\.[a-z0-9_-]+)*\b`)

// Every page in every state and language has its words, one heading and no style of its own.
func TestNodePagesInEveryState(t *testing.T) {
	states := map[string]sample.Config{
		"told": {Demo: true}, "trouble": {Withdraw: true, Dispute: true, Alarm: true, Members: 5, People: 1000},
		"empty": {Empty: true, Members: 3}, "alone": {Alone: true, Members: 3, People: 300},
		"council": {Council: true, Members: 5, People: 500, Quarters: 5},
	}
	paths := []string{"/coverage", "/members", "/governance", "/governance/admit", "/governance/propose", "/budget", "/evidence", "/evidence?figure=rank~threat_type~2026-Q3", "/cases", "/cases/preview", "/cases?table=threat_type*gender", "/method"}
	for name, cfg := range states {
		d := opened(t, sample.New(t, cfg), cfg.Demo)
		for _, lang := range words.Tags {
			for _, path := range paths {
				mark := "?"
				if strings.Contains(path, "?") {
					mark = "&"
				}
				w := fetch(d, path+mark+"lang="+lang)
				page := w.Body.String()
				switch {
				case w.Code != 200 && !(name == "empty" && strings.Contains(path, "rank~") && w.Code < 500):
					t.Errorf("%s %s %s: %d", name, lang, path, w.Code)
				case unsaid.MatchString(page):
					t.Errorf("%s %s %s: says %s", name, lang, path, unsaid.FindString(page))
				case strings.Count(page, "<h1") != 1 || strings.Contains(page, " style="):
					t.Errorf("%s %s %s: %d h1, style: %v", name, lang, path, strings.Count(page, "<h1"), strings.Contains(page, " style="))
				}
			}
		}
	}
}

// The own board leads to nothing that could be handed on.
func TestOwnCasesHaveNoFigureAndNoDownload(t *testing.T) {
	d := opened(t, sample.New(t, sample.Config{Members: 4, People: 2000, Quarters: 8}), false)
	for _, path := range []string{"/cases", "/cases?table=threat_type*gender", "/cases/preview"} {
		page := fetch(d, path).Body.String()
		for _, never := range []string{"/fig/", "/api/", "download>", "figure=", ".csv"} {
			if strings.Contains(page, never) {
				t.Errorf("%s holds %q", path, never)
			}
		}
	}
	if page := fetch(d, "/cases").Body.String(); !strings.Contains(page, "Own cases, exact, on this machine only") {
		t.Error("the own board does not say that it is")
	}
}

// split is a member whose vault another process holds.
type split struct{ *sample.Coalition }

func (s split) Standing(ctx context.Context) (view.Standing, error) {
	standing, err := s.Coalition.Standing(ctx)
	standing.Apart, standing.Cases, standing.Persons = true, 0, 0
	return standing, err
}

func (split) Board(context.Context, schema.Table, schema.Period) (view.Board, error) {
	return view.Board{}, errors.New("nobody asks")
}

func TestTheOwnCasesOfAVaultApart(t *testing.T) {
	c := sample.New(t, sample.Config{Members: 4, People: 800, Quarters: 4})
	d, err := dashboard.New(dashboard.Config{Coalition: c, Own: split{c}, Governance: c, Admin: c, Briefs: c, Register: c})
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range words.Tags {
		w := fetch(d, "/cases?lang="+lang)
		if page := w.Body.String(); w.Code != 200 || !strings.Contains(page, "tidemark cases board") || strings.Contains(page, "error.apart") {
			t.Errorf("%s: %d", lang, w.Code)
		}
	}
	if w := fetch(d, "/budget"); w.Code != 200 {
		t.Errorf("budget: %d", w.Code)
	}
}

func TestNoteIsHandedOutByteForByte(t *testing.T) {
	c := sample.New(t, sample.Config{Members: 4, People: 800, Quarters: 4, Demo: true})
	s, err := c.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	d := opened(t, c, true)
	id := s.Book.Coverage(sample.Last).Reporting[0].Release
	n, err := c.Note(id)
	if err != nil {
		t.Fatal(err)
	}
	raw := fetch(d, "/evidence/note/"+id.String()+"/raw")
	if raw.Body.String() != n.Text || raw.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%s, %d bytes of %d", raw.Header().Get("Content-Type"), raw.Body.Len(), len(n.Text))
	}
	want := `attachment; filename="tidemark-release-river-heron-demonstration-` + id.Short() + `.txt"`
	if got := raw.Header().Get("Content-Disposition"); got != want {
		t.Errorf("disposition %s, want %s", got, want)
	}
	page := fetch(d, "/evidence/note/"+id.String())
	if page.Code != 200 || !strings.Contains(page.Body.String(), id.String()) {
		t.Errorf("its page: %d", page.Code)
	}
}

func TestNotesThatAreNotHere(t *testing.T) {
	d := opened(t, sample.New(t, sample.Config{Members: 3, People: 300, Quarters: 4}), false)
	for path, want := range map[string]int{
		"/evidence/note/nonsense":                                        404,
		"/evidence/note/" + schema.Hash{7}.String():                      404,
		"/evidence/note/" + schema.Hash{7}.String() + "/raw":             404,
		"/evidence/note/" + schema.Hash{7}.String() + "/raw?x=1":         400,
		"/evidence?figure=trend~threat_type.nothing~all~2025-Q4~2026-Q3": 400,
		"/evidence?period=1999":                                          400,
		"/cases?table=nothing":                                           400,
		"/budget?x=1":                                                    400,
	} {
		if w := fetch(d, path); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}
