package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidemark/dashboard/brief"
)

// A brief is the same bytes by command and from the pages, and its draft does not lie
// readable on the disk.
func TestABriefIsTheSameByCommandAndPages(t *testing.T) {
	d := small(t)
	flags := pagesFlags{Dashboard: "127.0.0.1:0"}
	_, pages, err := flags.dashboard(d.FirstDir(), d.First(), true)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	spec := "title: A secret title\ntemplate: donor\nlanguages: [en, ar]\ndate: 2026-11-28\nblocks:\n" +
		"  - {figure: trend~all~all~2025-Q1~2025-Q4, as: all}\n  - {text: {en: 'So: {all.says}', ar: '{all.says}'}}\n"
	if err := os.WriteFile(filepath.Join(dir, "spec.yaml"), []byte(spec), 0o600); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/briefs", strings.NewReader(url.Values{"sent": {spec}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	pages.ServeHTTP(w, r)
	if w.Code != http.StatusSeeOther {
		t.Fatalf("kept with %d", w.Code)
	}
	for _, format := range brief.Formats {
		out := filepath.Join(dir, "out."+format)
		inTheNode(t, d, "brief build "+filepath.Join(dir, "spec.yaml")+" --draft --language ar -o "+out)
		file, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, httptest.NewRequest(http.MethodGet, inArabic("/briefs/a-secret-title/file", format), nil))
		if w.Code != http.StatusOK || w.Body.String() != string(file) {
			t.Errorf("%s: %d bytes by the command, status %d and %d bytes from the page", format, len(file), w.Code, w.Body.Len())
		}
	}
	if page, err := os.ReadFile(filepath.Join(dir, "out.html")); err != nil || !strings.Contains(string(page), `class="warning"`) {
		t.Errorf("a brief of invented numbers does not say so: %v", err)
	}
	sealed, err := os.ReadFile(filepath.Join(d.FirstDir(), "briefs", "a-secret-title.age"))
	if err != nil || strings.Contains(string(sealed), "secret") {
		t.Errorf("the draft lies readable: %v", err)
	}
}

// inArabic is the address of a file in Arabic.
func inArabic(path, format string) string { return path + "?format=" + format + "&in=ar" }
