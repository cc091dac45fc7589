package dashboard_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidemark/aggregation/planner"
	"tidemark/dashboard/internal/sample"
	"tidemark/schema"
)

// The pages that set both modes beside each other, and those of a coalition in joint mode,
// fit a phone in the languages that differ most. TIDEMARK_SHOTS names a folder for pictures.
func TestBothModesInABrowser(t *testing.T) {
	dir := os.Getenv("TIDEMARK_SHOTS")
	for name, plan := range map[string]func(*schema.Codebook, schema.Period) (schema.Plan, error){
		"local": nil,
		"joint": func(_ *schema.Codebook, first schema.Period) (schema.Plan, error) { return planner.Full(first, 6, 2) },
	} {
		s := enter(t, sample.New(t, sample.Config{Plan: plan}), false)
		for _, look := range []struct {
			lang string
			wide int
			dark bool
		}{{"en", 1280, false}, {"en", 390, true}, {"ar", 390, false}, {"ar", 1280, true}} {
			s.Dark(look.dark)
			s.Viewport(look.wide, 900, look.wide == 390)
			for _, path := range []string{"/plan", "/plan?people=" + strings.Repeat("75+", 12), "/plan?people=300+200", "/budget", "/method", "/explainer"} {
				if status := s.at(path, look.lang); status != 200 {
					t.Errorf("%s %s: %d", look.lang, path, status)
				}
				if look.wide == 390 {
					s.fits(t, fmt.Sprint(name, " ", look.lang, " ", path))
				}
				if dir == "" {
					continue
				}
				file := fmt.Sprintf("%s-%s-%d-%s.png", name, look.lang, look.wide, url.PathEscape(path[1:min(len(path), 20)]))
				if err := os.WriteFile(filepath.Join(dir, file), s.Screenshot(true), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}
