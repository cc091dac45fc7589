package dashboard_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"tidemark/dashboard"
	"tidemark/dashboard/internal/sample"
	"tidemark/dashboard/view"
)

func gapsSite(t *testing.T, register bool) (*sample.Coalition, *dashboard.Dashboard) {
	t.Helper()
	c := sample.New(t, sample.Config{Members: 3, People: 300, Quarters: 3})
	cfg := dashboard.Config{Coalition: c, Own: c, Governance: c, Admin: c, Briefs: c}
	if register {
		cfg.Register = c
	}
	d, err := dashboard.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c, d
}

func post(d *dashboard.Dashboard, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

func got(d *dashboard.Dashboard, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

var hiddenNote = regexp.MustCompile(`(?s)<input type="hidden" name="note" value="([^"]*)">`)

func TestWhatAFormOffers(t *testing.T) {
	_, d := gapsSite(t, true)
	w := post(d, "/gaps/check", url.Values{
		"languages": {"es، qu;pt-br"}, "need": {"legal_aid", "medical"}, "room.legal_aid": {"full"}, "room.medical": {""},
		"region.legal_aid": {"m49_419", "m49_021"}, "region.medical": {"m49_419"},
		"topic": {"", "documentation"}, "place": {"m49_005", "m49_419"}, "quarter": {"2026-Q4", "2027-Q1"}, "town": {"", " San   Aldo "},
		"title": {"", "A kit"}, "link": {"", "https://example.org/kit"},
	})
	note := strings.Split(w.Body.String(), "<pre")
	if w.Code != http.StatusOK || len(note) != 2 {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	want := "language es\nlanguage qu\nlanguage pt-br\nservice legal_aid full m49_419 m49_021\ntraining documentation m49_419 2027-Q1 San Aldo\nresource https://example.org/kit A kit\n"
	if !strings.Contains(note[1], want) || strings.Contains(note[1], "medical") {
		t.Errorf("%s", note[1])
	}
}

// What is refused changes nothing, and says why.
func TestOffersThatAreRefused(t *testing.T) {
	c, d := gapsSite(t, true)
	for name, one := range map[string]struct {
		path string
		form url.Values
		want int
	}{
		"a language in words":           {"/gaps/check", url.Values{"languages": {"Spanish"}}, http.StatusConflict},
		"a need that there is not":      {"/gaps/check", url.Values{"need": {"magic"}, "room.magic": {"open"}}, http.StatusConflict},
		"a training nowhere":            {"/gaps/check", url.Values{"topic": {"documentation"}, "place": {""}, "quarter": {"2026-Q4"}}, http.StatusBadRequest},
		"a training never":              {"/gaps/check", url.Values{"topic": {"documentation"}, "place": {"m49_419"}}, http.StatusBadRequest},
		"a link without a title":        {"/gaps/check", url.Values{"link": {"https://example.org/"}}, http.StatusConflict},
		"unread":                        {"/gaps/say", url.Values{"note": {"tidemark/capacity/v1\n"}}, http.StatusBadRequest},
		"no note":                       {"/gaps/say", url.Values{"agreed": {"yes"}}, http.StatusBadRequest},
		"another note in its place":     {"/gaps/say", url.Values{"agreed": {"yes"}, "note": {"tidemark/check/v1\n"}}, http.StatusBadRequest},
		"from a page that shows a pin":  {"/gaps/say?pin=0123456789abcdef-DA8PDw8PDw8MDw8PDw", url.Values{"agreed": {"yes"}}, http.StatusForbidden},
		"a language that would inject ": {"/gaps/check", url.Values{"languages": {"es\nservice"}}, http.StatusConflict},
	} {
		if w := post(d, one.path, one.form); w.Code != one.want || strings.Contains(w.Body.String(), hiddenNote.String()) {
			t.Errorf("%s: %d, want %d", name, w.Code, one.want)
		}
	}
	for _, path := range []string{"/gaps/check", "/gaps/say"} {
		if w := got(d, path); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/gaps/declare" {
			t.Errorf("GET %s: %d", path, w.Code)
		}
	}
	if len(c.Done) != 0 {
		t.Errorf("something was said: %q", c.Done)
	}
}

// Without a register, and of a pin, the page shows no way to say anything.
func TestGapsWithoutARegister(t *testing.T) {
	_, d := gapsSite(t, false)
	if w := got(d, "/gaps"); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "/gaps/declare") {
		t.Errorf("%d", w.Code)
	}
	for _, path := range []string{"/gaps/declare", "/gaps/check"} {
		if w := got(d, path); w.Code != http.StatusNotFound && w.Code != http.StatusSeeOther {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := post(d, "/gaps/check", url.Values{}); w.Code != http.StatusBadRequest {
		t.Errorf("%d", w.Code)
	}
	_, whole := gapsSite(t, true)
	if w := got(whole, "/gaps?pin=0123456789abcdef-DA8PDw8PDw8MDw8PDw"); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "/gaps/declare") {
		t.Errorf("pinned: %d", w.Code)
	}
}

func TestTheNoteOfACapacityCanBeRead(t *testing.T) {
	c, d := gapsSite(t, true)
	s, err := c.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	w := got(d, "/evidence/note/"+s.Declared[0].Note.String())
	if body := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(body, "What "+string(s.Declared[0].Member)+" offers") || !strings.Contains(body, "tidemark/capacity/v1") {
		t.Errorf("%d", w.Code)
	}
}

// The API says what the page rests on; of what no plan tells, nothing.
func TestAPICapacity(t *testing.T) {
	for name, cfg := range map[string]sample.Config{"asked": asking(sample.Config{Members: 5, People: 3000, Quarters: 6}), "not asked": {Members: 5, People: 1500, Quarters: 3}} {
		site := apiSiteOf(t, cfg, false)
		var a view.APICapacity
		w := site.ask(t, "/api/v1/capacity")
		readDocument(t).fits(t, "/api/v1/capacity", w)
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		if len(a.Members) != 5 || !a.Members[0].Declared || len(a.Members[0].Services) != 3 || a.Members[0].Services[0].State != "open" {
			t.Errorf("%s: %+v", name, a.Members)
		}
		if asked := name == "asked"; (a.Needs != nil) != asked || a.Regions != nil {
			t.Errorf("%s: needs %v, regions %v", name, a.Needs, a.Regions)
		}
		if a.Needs != nil && (a.Needs.Rows[0].Code != "digital_security_advice" || a.Needs.Rows[0].Members != 4 || a.Needs.Rows[0].Asked.Words == "") {
			t.Errorf("%s: %+v", name, a.Needs.Rows[0])
		}
	}
}
