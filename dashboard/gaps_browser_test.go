package dashboard_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidemark/aggregation/planner"
	"tidemark/dashboard/internal/browser"
	"tidemark/dashboard/internal/sample"
	"tidemark/dashboard/words"
	"tidemark/schema"
)

// asking is a coalition whose plan crosses needs with what became of them.
func asking(cfg sample.Config) sample.Config {
	cfg.Plan = func(_ *schema.Codebook, first schema.Period) (schema.Plan, error) { return planner.Full(first, 0, 0) }
	return cfg
}

// The page with its numbers fits a phone in every language, and the form with it.
func TestGapsFitAPhone(t *testing.T) {
	s := enter(t, sample.New(t, asking(sample.Config{Demo: true})), true)
	s.Viewport(390, 844, true)
	for _, lang := range words.Tags {
		for _, path := range []string{"/gaps?print=1", "/gaps", "/gaps/declare"} {
			if status := s.at(path, lang); status != 200 {
				t.Errorf("%s %s: %d", lang, path, status)
			}
			s.fits(t, lang+" "+path)
		}
	}
	if errs := s.PolicyErrors(); len(errs) > 0 {
		t.Errorf("policy: %v", errs)
	}
	for _, dark := range []bool{false, true} {
		s.Dark(dark)
		for _, path := range []string{"/gaps", "/gaps/declare"} {
			s.at(path, "en")
			for _, v := range s.Axe(t) {
				if v.Impact == "serious" || v.Impact == "critical" {
					t.Errorf("%s dark=%v: %s", path, dark, v)
				}
			}
		}
	}
}

// Without a script: the form is filled, the very note is read, ticked, and said.
func TestAMemberSaysWhatItOffers(t *testing.T) {
	c := sample.New(t, sample.Config{Members: 4, People: 800, Quarters: 5})
	s := enter(t, c, false)
	s.Scripts(false)
	s.at("/gaps", "en")
	if status := s.Follow("section.lead a.btn.primary"); status != 200 || !strings.Contains(s.URL(), "/gaps/declare") {
		t.Fatalf("the form: %d %s", status, s.URL())
	}
	s.Type("#languages", "qu, ")
	if status := s.Follow("form.declare button.primary"); status != 200 {
		t.Fatalf("the note: %d: %s", status, s.Text("main"))
	}
	note := browser.Eval[string](s.Browser, "document.querySelector('pre').textContent")
	for _, want := range []string{"tidemark/capacity/v1\n", "\nlanguage qu\n", "\nservice digital_security_advice open m49_419\n", "\ntraining digital_security_advice m49_419 2027-Q1 San Aldo\n"} {
		if !strings.Contains(note, want) {
			t.Errorf("the note lacks %q:\n%s", want, note)
		}
	}
	s.keep(t, "say")
	if len(c.Done) != 0 {
		t.Error("it was said before it was read")
	}
	s.Click("input[name=agreed]")
	if status := s.Follow("form.confirm button.primary"); status != 200 || !strings.HasSuffix(strings.Split(s.URL(), "?")[0], "/gaps") {
		t.Errorf("said with %d, at %s", status, s.URL())
	}
	if len(c.Done) != 1 || c.Done[0] != note {
		t.Errorf("another note was said: %q", c.Done)
	}
}

// keep leaves a picture, where a folder is named.
func (s site) keep(t *testing.T, name string) {
	t.Helper()
	if dir := os.Getenv("TIDEMARK_SHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".png"), s.Screenshot(true), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestGapsShots leaves pictures for whoever looks at the page.
func TestGapsShots(t *testing.T) {
	if os.Getenv("TIDEMARK_SHOTS") == "" {
		t.Skip("TIDEMARK_SHOTS names no folder")
	}
	for name, cfg := range map[string]sample.Config{"full": asking(sample.Config{Demo: true}), "small": {Demo: true}, "mute": {Empty: true, Mute: true}} {
		s := enter(t, sample.New(t, cfg), cfg.Demo)
		for _, look := range []struct {
			name, lang string
			wide       int
			dark       bool
		}{{"light", "en", 1280, false}, {"dark", "en", 1280, true}, {"phone", "en", 390, false}, {"ar", "ar", 1280, false}, {"ar-phone", "ar", 390, true}} {
			s.Dark(look.dark)
			s.Viewport(look.wide, 900, look.wide == 390)
			for file, path := range map[string]string{"gaps": "/gaps", "declare": "/gaps/declare"} {
				s.at(path, look.lang)
				s.keep(t, name+"-"+file+"-"+look.name)
			}
		}
	}
}
