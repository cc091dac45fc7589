package dashboard

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidemark/dashboard/internal/browser"
)

// The setup's pages fit a desktop, a tablet and a phone, break no rule of axe-core and make
// no error. TIDEMARK_SHOTS names a folder for pictures of them.
func TestSetupInABrowser(t *testing.T) {
	dir := os.Getenv("TIDEMARK_SHOTS")
	b := browser.Start(t)
	defer func() {
		for _, e := range b.Errors() {
			t.Error(e)
		}
	}()
	for name, prepare := range setupScenes() {
		o := setUp(t)
		path := prepare(o)
		server := httptest.NewServer(o)
		t.Cleanup(server.Close) // not before: the browser asks for a page's icon in its own time
		for _, look := range []struct {
			name  string
			width int
			dark  bool
		}{{"1280", 1280, false}, {"820", 820, true}, {"390", 390, false}} {
			b.Viewport(look.width, 800, look.width < 400)
			b.Dark(look.dark)
			b.Open(server.URL + path)
			if width := browser.Eval[int](b, "document.documentElement.scrollWidth"); width > look.width {
				t.Errorf("%s: %d wide on a screen of %d", name, width, look.width)
			}
			if os.Getenv("TIDEMARK_AXE") != "" {
				for _, v := range b.Axe(t) {
					t.Errorf("%s at %s: %s", name, look.name, v)
				}
			}
			if dir == "" {
				continue
			}
			if err := os.WriteFile(filepath.Join(dir, "setup-"+name+"-"+look.name+".png"), b.Screenshot(true), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// setupScenes lead to each page, in the states that look different.
func setupScenes() map[string]func(*operator) string {
	rows := "a,1,2026-01-02,dox,Honduras\nb,2,,dox\nc,3,2026-02-03,threats by phone\nd,4,2026-02-03,\ne,5,soon,dox\n"
	check := func(o *operator) string {
		o.made()
		o.upload("/setup/check", file{"source", "", ownMapping}, file{"mapping", "m.yaml", strings.Replace(ownYAML, "dimensions:\n", "dimensions:\n  region: {column: where, default: unknown, unmapped: unknown, values: {m49_419: [Honduras]}}\n", 1)}, file{"export", "e.csv", rows})
		return "/setup/cases"
	}
	plan := func(sizes string) func(*operator) string {
		return func(o *operator) string {
			o.made()
			o.post("/setup/plan", "people", sizes, "first", "2025-Q1", "name", "river-ford-3")
			return "/setup/found"
		}
	}
	return map[string]func(*operator) string{
		"who":      func(*operator) string { return "/setup/who" },
		"who-ar":   func(*operator) string { return "/setup/who?lang=ar" },
		"who-made": func(o *operator) string { o.made(); return "/setup/who" },
		"passphrase": func(o *operator) string {
			o.post("/setup/who", "title", "Casa Segura", "slug", "calm-tern-1")
			return "/setup/passphrase"
		},
		"short":      func(o *operator) string { return o.post("/setup/passphrase", "passphrase", "x", "again", "x") },
		"coalition":  func(o *operator) string { o.made(); return "/setup/coalition" },
		"found":      func(o *operator) string { o.made(); return "/setup/found" },
		"plan":       plan("1000\n700\n500"),
		"plan-small": plan("40\n25"),
		"plan-large": plan("400 400 400 400 400 400 400 400 400 400 400 400"),
		"founded":    func(o *operator) string { plan("1000\n700\n500")(o); o.post("/setup/found"); return "/setup/coalition" },
		"join":       func(o *operator) string { o.made(); return "/setup/join" },
		"cases":      func(o *operator) string { o.made(); return "/setup/cases" },
		"check":      check,
		"fault": func(o *operator) string {
			o.made()
			return strings.TrimSuffix(o.upload("/setup/check", file{"source", "", ownMapping}, file{"mapping", "m.yaml", "name,who\nx,y\n"}, file{"export", "e.csv", rows}), "#check")
		},
		"taken": func(o *operator) string { check(o); o.post("/setup/take"); return "/setup/cases" },
		"done":  func(o *operator) string { plan("1000\n700\n500")(o); o.post("/setup/found"); return "/setup/done" },
	}
}
