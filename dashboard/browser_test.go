package dashboard_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidemark/aggregation/planner"
	"tidemark/dashboard"
	"tidemark/dashboard/guard"
	"tidemark/dashboard/internal/browser"
	"tidemark/dashboard/internal/sample"
	"tidemark/dashboard/words"
	"tidemark/schema"
)

// -update rewrites the README's screenshot.
var update = flag.Bool("update", false, "rewrite the README's screenshot")

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// every page, in the states that show the most of it.
var browserPaths = []string{
	"/", "/trends", "/trends?what=threat_type.device_spyware", "/trends?what=threat_type(group).exposure&and=region.m49_034",
	"/trends?what=threat_type.doxing&and=police_response(group).open",
	"/heat", "/heat?show=change", "/heat?table=region*threat_type(group)", "/ranking", "/ranking?table=region", "/online-offline", "/redress", "/gaps", "/gaps/declare",
	"/coverage", "/briefs", "/briefs/add?figure=trend~threat_type.doxing~all~2024-Q1~2026-Q3", "/briefs/one", "/verify", "/members", "/governance", "/governance/admit", "/governance/propose", "/plan", "/plan?people=300+400+500", "/explainer", "/budget", "/evidence", "/cases", "/cases/preview", "/method", "/no-such-page",
	"/fig/trend~threat_type.device_spyware~all~2023-Q4~2026-Q3", "/fig/trend~all~all~2023-Q4~2026-Q3",
	"/ranking?table=kind_of_attack", "/trends?what=kind_of_attack.code_0", "/cases?table=where_it_was",
}

// site is a guarded dashboard with a browser that has entered it.
type site struct {
	*browser.Browser
	base string
}

func enter(t *testing.T, c *sample.Coalition, demo bool) site {
	t.Helper()
	b := browser.Start(t)
	d, err := dashboard.New(dashboard.Config{Coalition: c, Own: c, Governance: c, Admin: c, Briefs: c, Register: c, Codebook: c.Codebook(), Demo: demo})
	if err != nil {
		t.Fatal(err)
	}
	g, err := guard.New(guard.Config{Node: "river-heron", Open: []string{"/static/"}, Page: d.GuardPage})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(g.Wrap(d))
	t.Cleanup(server.Close)
	b.Open(g.Link(server.URL))
	if status := b.Follow("button"); status != 200 {
		t.Fatalf("entered with %d", status)
	}
	return site{b, server.URL}
}

// at opens a page in a language.
func (s site) at(path, lang string) int {
	joint := "?"
	if strings.Contains(path, "?") {
		joint = "&"
	}
	return s.Open(s.base + path + joint + "lang=" + lang)
}

// samples are the coalitions that pages must be fit for: with a story, before anything
// is released, where everything is noise, with trouble, in no coalition.
var samples = map[string]sample.Config{
	"demo":     {Demo: true},
	"empty":    {Empty: true},
	"noise":    {People: 40},
	"trouble":  {Withdraw: true, Dispute: true, Alarm: true},
	"alone":    {Alone: true},
	"council":  {Members: 5, People: 1500, Quarters: 5, Council: true},
	"outsider": {Members: 5, People: 1500, Quarters: 5, Council: true, Outsider: true},
	"joint":    {Demo: true, Joint: 5},
	"stuck":    {Joint: 5, Stuck: true},
	"foreign":  {Codebook: hostile(), Plan: chosen},
	"reversed": {Title: "Red \u202esolobmys htiw eman gnol yrev A\u202c <script>alert(1)</script> & =cmd|'/c calc'!A0 " + strings.Repeat("long ", 60)},
}

// hostile is another codebook than the built-in one, whose definitions are what somebody
// might try: markup, formulas, text that runs backwards, ten thousand characters.
func hostile() *schema.Codebook {
	var b strings.Builder
	b.WriteString(`{"codebook":"other","version":"1","dimensions":[`)
	for i, name := range []string{"kind_of_attack", "where_it_was", "who_did_it"} {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":%q,"note":"<img src=x onerror=alert(1)>","codes":[`, name)
		for k, definition := range []string{"<script>alert(1)</script>", "=cmd|'/c calc'!A0", "\u202eesrever\u202c", strings.Repeat("long ", 2000), "{{.}} {n} %s", "javascript:alert(1)"} {
			if k > 0 {
				b.WriteByte(',')
			}
			text, _ := json.Marshal(definition)
			fmt.Fprintf(&b, `{"code":"code_%d","definition":%s}`, k, text)
		}
		b.WriteString("]}")
	}
	b.WriteString("]}")
	cb, err := schema.ParseCodebook([]byte(b.String()))
	if err != nil {
		panic(err)
	}
	return cb
}

// chosen is what the planner proposes for a coalition of the samples' size.
func chosen(cb *schema.Codebook, first schema.Period) (schema.Plan, error) {
	return planner.Choose(cb, []int{900, 800, 700, 600, 500, 400, 300, 300, 200, 200, 200, 200}, planner.Frame(cb, schema.Local, first))
}

// Every page in every language, and in every state in two: it fits a phone, asks nobody else for anything,
// breaks no rule of its own content policy, and holds no style attribute and no script.
func TestPagesInABrowser(t *testing.T) {
	for name, cfg := range samples {
		t.Run(name, func(t *testing.T) {
			c := sample.New(t, cfg)
			if err := c.Keep("one", oneBrief); err != nil {
				t.Fatal(err)
			}
			s := enter(t, c, cfg.Demo)
			s.Scripts(true)
			s.Viewport(390, 844, true)
			languages := []string{"en", "ar"} // the two that differ in more than words
			if name == "demo" || name == "empty" {
				languages = words.Tags
			}
			for _, lang := range languages {
				for _, path := range browserPaths {
					if status := s.at(path, lang); status >= 500 {
						t.Errorf("%s %s: %d", lang, path, status)
					}
					s.fits(t, lang+" "+path)
				}
			}
			for _, asked := range s.Requests() {
				if !strings.HasPrefix(asked, s.base) && asked != "about:blank" {
					t.Errorf("asked for %s", asked)
				}
			}
			if errs := s.PolicyErrors(); len(errs) > 0 {
				t.Errorf("policy: %v", errs)
			}
		})
	}
}

// fits looks at the page as it stands.
func (s site) fits(t *testing.T, what string) {
	t.Helper()
	if width := browser.Eval[int](s.Browser, "document.documentElement.scrollWidth"); width > 390 {
		t.Errorf("%s: %d wide on a phone of 390; %s", what, width, browser.Eval[string](s.Browser, widest))
	}
	if n := browser.Eval[int](s.Browser, "document.querySelectorAll('[style],script').length"); n > 0 {
		t.Errorf("%s: %d style attributes or scripts", what, n)
	}
	if n := browser.Eval[int](s.Browser, "document.querySelectorAll('h1').length"); n != 1 {
		t.Errorf("%s: %d h1", what, n)
	}
}

// widest names what reaches beyond the window.
const widest = `[...document.querySelectorAll("main *, header *, footer *")].filter(e => e.getBoundingClientRect().right > 391 && !e.closest(".scroll, nav")).map(e => e.tagName + "." + e.className).slice(0, 5).join(" ")`

// No rule of axe-core is broken seriously, light and dark, left to right and right to
// left, before anything is there and with trouble.
func TestPagesAreAccessible(t *testing.T) {
	for _, name := range []string{"demo", "empty", "noise", "trouble", "joint", "stuck"} {
		t.Run(name, func(t *testing.T) {
			cfg := samples[name]
			s := enter(t, sample.New(t, cfg), cfg.Demo)
			for _, look := range []struct {
				lang string
				dark bool
				wide int
			}{{"en", false, 1280}, {"ar", true, 1280}, {"es", false, 390}} {
				s.Dark(look.dark)
				s.Viewport(look.wide, 900, look.wide == 390)
				for _, path := range browserPaths {
					s.at(path, look.lang)
					for _, v := range s.Axe(t) {
						if v.Impact == "serious" || v.Impact == "critical" {
							t.Errorf("%s %s dark=%v: %s", look.lang, path, look.dark, v)
						}
					}
				}
				if name != "demo" {
					break
				}
			}
		})
	}
}

// By keyboard alone: past the navigation into the page, to a mark of the chart, whose tip
// shows, and from there to the evidence.
func TestTheKeyboardReachesTheEvidence(t *testing.T) {
	s := enter(t, sample.New(t, samples["demo"]), true)
	s.at("/trends?what=threat_type.device_spyware", "en")
	s.Press("Tab")
	if !strings.Contains(s.Focused(), "#content") {
		t.Fatalf("the first stop is %s", s.Focused())
	}
	s.Press("Enter")
	var stops []string
	for range 60 {
		s.Press("Tab")
		at := s.Focused()
		stops = append(stops, at)
		if strings.HasPrefix(at, "<a ") && strings.Contains(at, `class="mark"`) {
			if shown := browser.Eval[string](s.Browser, "getComputedStyle(document.activeElement.querySelector('.tip') || document.querySelector('.mark:focus ~ .tip, .mark:focus .tip')).visibility"); shown != "visible" {
				t.Errorf("the tip of the mark in focus is %s", shown)
			}
			if status := s.PressToFollow("Enter"); status != 200 || !strings.Contains(s.URL(), "/evidence") {
				t.Errorf("went to %s, %d", s.URL(), status)
			}
			return
		}
	}
	t.Errorf("no mark of the chart within %d stops: %s", len(stops), strings.Join(stops[len(stops)-3:], "\n"))
}

// On a wide screen a table is laid out as one, on whichever page it stands.
func TestTablesAreLaidOutAsTables(t *testing.T) {
	s := enter(t, sample.New(t, samples["demo"]), false)
	s.Viewport(1280, 900, false)
	for _, path := range browserPaths {
		s.at(path, "en")
		if others := browser.Eval[string](s.Browser, "[...document.querySelectorAll('table')].filter(t => getComputedStyle(t).display != 'table').map(t => t.className).join(' ')"); others != "" {
			t.Errorf("%s: %s", path, others)
		}
	}
}

// The sheet for a board is one sheet in every language.
func TestTheSheetForABoardIsOnePage(t *testing.T) {
	s := enter(t, sample.New(t, samples["demo"]), false)
	for _, lang := range words.Tags {
		s.at("/explainer", lang)
		if pages := strings.Count(string(s.PDF()), "/Type /Page\n"); pages != 1 {
			t.Errorf("%s: %d pages", lang, pages)
		}
	}
	s.at("/trends", "en")
	if pages := strings.Count(string(s.PDF()), "/Type /Page\n"); pages < 2 {
		t.Errorf("the trends' page counts as %d: nothing is counted", pages)
	}
}

// On paper the navigation is gone and the number table is there; a PDF comes out.
func TestPrint(t *testing.T) {
	s := enter(t, sample.New(t, samples["demo"]), true)
	s.at("/trends?what=threat_type.device_spyware", "en")
	s.Print(true)
	if shown := browser.Eval[string](s.Browser, "getComputedStyle(document.querySelector('nav.main')).display"); shown != "none" {
		t.Errorf("the navigation is printed: %s", shown)
	}
	if pdf := s.PDF(); len(pdf) < 10_000 || string(pdf[:4]) != "%PDF" {
		t.Errorf("%d bytes of PDF", len(pdf))
	}
}

// What a demonstration shows says so, in every form.
func TestDemonstrationSaysSo(t *testing.T) {
	s := enter(t, sample.New(t, samples["demo"]), true)
	for _, path := range browserPaths {
		s.at(path, "en")
		if !strings.Contains(s.Text("body"), "Demonstration data") {
			t.Errorf("%s does not say that it is invented", path)
		}
	}
}

// The screenshot in the README is what the pages look like.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("TIDEMARK_SHOTS")
	if dir == "" && !*update {
		t.Skip("TIDEMARK_SHOTS names no folder")
	}
	s := enter(t, sample.New(t, samples["demo"]), true)
	if *update {
		s.Viewport(1280, 1000, false)
		s.at("/trends?what=threat_type.device_spyware", "en")
		if err := os.WriteFile("screenshot.png", s.Screenshot(false), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if dir == "" {
		return
	}
	for _, look := range []struct {
		name string
		lang string
		wide int
		dark bool
	}{{"light", "en", 1280, false}, {"dark", "en", 1280, true}, {"tablet", "en", 820, false}, {"phone", "en", 390, false}, {"phone-dark", "en", 390, true}, {"ar", "ar", 1280, false}, {"ar-phone", "ar", 390, false}, {"fr", "fr", 1280, false}, {"es", "es", 1280, false}} {
		s.Dark(look.dark)
		s.Viewport(look.wide, 900, look.wide == 390)
		for _, path := range browserPaths {
			s.at(path, look.lang)
			name := fmt.Sprintf("%s-%s.png", look.name, strings.Trim(url.PathEscape(strings.NewReplacer("/", "_", "?", "_").Replace(path)), "_"))
			if err := os.WriteFile(filepath.Join(dir, name), s.Screenshot(true), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
