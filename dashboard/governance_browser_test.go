package dashboard_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"tidemark/dashboard/internal/browser"
	"tidemark/dashboard/internal/sample"
)

// Every proposal, the plan that waits for consent, and the page between a form and its
// act: they fit a phone, break no rule of axe-core, and the way to a signature is walked
// in a browser. TIDEMARK_SHOTS names a folder for pictures.
func TestGovernanceInABrowser(t *testing.T) {
	c := sample.New(t, sample.Config{Members: 5, People: 1500, Quarters: 5, Council: true})
	s := enter(t, c, false)
	g, err := c.Governing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	paths := map[string]string{
		"governance": "/governance", "admit": "/governance/admit", "propose": "/governance/propose",
		"consent": "/governance/plan/" + g.Unagreed[0].String() + "?people=300+400+500",
	}
	for _, p := range g.Proposals {
		paths["proposal-"+p.Act.Change.Verb()] = "/governance/proposal/" + p.ID.String()
	}
	for _, look := range []struct {
		name, lang string
		wide       int
		dark       bool
	}{{"light", "en", 1280, false}, {"dark", "en", 1280, true}, {"phone", "fr", 390, false}, {"ar", "ar", 390, false}, {"ar-wide", "ar", 1280, false}, {"es", "es", 390, true}} {
		s.Dark(look.dark)
		s.Viewport(look.wide, 900, look.wide == 390)
		for name, path := range paths {
			s.at(path, look.lang)
			s.lookedAt(t, look.name+"-"+name, look.wide)
		}
		s.at("/governance/propose", look.lang)
		s.Follow("form:has([value=rotate-key]) button")
		s.lookedAt(t, look.name+"-confirm", look.wide)
	}
}

// lookedAt checks the page as it stands, and keeps a picture of it.
func (s site) lookedAt(t *testing.T, name string, wide int) {
	t.Helper()
	if width := browser.Eval[int](s.Browser, "document.documentElement.scrollWidth"); width > wide {
		t.Errorf("%s: %d wide on a screen of %d; %s", name, width, wide, browser.Eval[string](s.Browser, widest))
	}
	if os.Getenv("TIDEMARK_AXE") != "" {
		for _, v := range s.Axe(t) {
			t.Errorf("%s: %s", name, v)
		}
	}
	if dir := os.Getenv("TIDEMARK_SHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("gov-%s.png", name)), s.Screenshot(true), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// Nobody signs by one click: the browser does not send the form before it is ticked.
func TestASignatureTakesATick(t *testing.T) {
	c := sample.New(t, sample.Config{Members: 5, People: 500, Quarters: 5, Council: true})
	s := enter(t, c, false)
	g, err := c.Governing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.at("/governance/proposal/"+g.Proposals[3].ID.String(), "en")
	browser.Eval[bool](s.Browser, `(document.querySelector("form.confirm button").click(), true)`)
	if len(c.Done) > 0 || browser.Eval[bool](s.Browser, `document.querySelector("form.confirm").checkValidity()`) {
		t.Errorf("signed by one click: %v", c.Done)
	}
	browser.Eval[bool](s.Browser, `(document.querySelector(".tick input").click(), true)`)
	if status := s.Follow("form.confirm button"); status != 200 || len(c.Done) != 1 || c.Done[0] != "sign suspend" {
		t.Errorf("%d, done %v", status, c.Done)
	}
}
