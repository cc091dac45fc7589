package press

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"tidemark/dashboard/brief"
)

// ErrNoBrowser: nothing on this machine prints pages.
var ErrNoBrowser = errors.New("pdf: no Chromium, Chrome or Edge was found on this machine; write the brief as html and print it from any browser, or as docx")

// Write writes a brief in a format and a language; empty is its first one. PDF is printed
// from the HTML.
func (p *Press) Write(ctx context.Context, g *brief.Gathered, b *brief.Brief, format, language string) ([]byte, error) {
	if language == "" {
		language = b.Manifest.Languages[0]
	}
	l := g.Source.Languages.Of(language)
	if l == nil {
		return nil, fmt.Errorf("brief: language %.8q: there are no words in it", language)
	}
	if format != "pdf" {
		return b.Write(format, l)
	}
	html, err := b.Write("html", l)
	if err != nil {
		return nil, err
	}
	file, err := printed(ctx, html)
	if err != nil {
		return nil, err
	}
	return p.signed(ctx, b, l.Tag, file)
}

// signed puts behind a printed file what it carries, with this member's line if the member
// has agreed to the brief.
func (p *Press) signed(ctx context.Context, b *brief.Brief, language string, file []byte) ([]byte, error) {
	printing, err := b.Printing(file)
	if err != nil {
		return nil, err
	}
	out := brief.Printed{File: file}
	if len(b.Keys) == 0 {
		return b.PDF(language, out)
	}
	made, err := p.Node.AgreeTo(ctx, printing.Brief, false) // only for its key: it signs the same each time
	if err != nil {
		return nil, err
	}
	if slices.Contains(b.Keys, made.Key) {
		if out.Note, err = p.Node.Print(ctx, printing); err != nil {
			return nil, err
		}
	}
	return b.PDF(language, out)
}

// printing is how long a browser may take.
const printing = time.Minute

// printed lets a browser of this machine print a page that fetches nothing and runs
// nothing, in a folder of its own that is gone afterwards.
func printed(ctx context.Context, html []byte) ([]byte, error) {
	browser := printer()
	if browser == "" {
		return nil, ErrNoBrowser
	}
	dir, err := os.MkdirTemp("", "tidemark-print-")
	if err != nil {
		return nil, fmt.Errorf("pdf: %w", err)
	}
	defer os.RemoveAll(dir)
	page, out := filepath.Join(dir, "brief.html"), filepath.Join(dir, "brief.pdf")
	if err := os.WriteFile(page, html, 0o600); err != nil {
		return nil, fmt.Errorf("pdf: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, printing)
	defer cancel()
	args := []string{
		"--headless", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-background-networking", "--disable-sync",
		"--disable-dev-shm-usage", "--user-data-dir=" + filepath.Join(dir, "profile"),
		"--no-pdf-header-footer", "--print-to-pdf=" + out, "file://" + filepath.ToSlash(page),
	}
	if os.Geteuid() == 0 {
		args = append([]string{"--no-sandbox"}, args...) // Chromium refuses to run as root with one
	}
	if err := exec.CommandContext(ctx, browser, args...).Run(); err != nil {
		return nil, fmt.Errorf("pdf: the browser did not print: %w", err)
	}
	file, err := os.ReadFile(out)
	if err != nil {
		return nil, fmt.Errorf("pdf: the browser wrote nothing: %w", err)
	}
	return file, nil
}

// printer finds a browser that prints without a screen.
func printer() string {
	names := []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge"}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	var places []string
	switch runtime.GOOS {
	case "darwin":
		places = []string{
			"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium",
			"/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
		}
	case "windows":
		for _, base := range []string{os.Getenv("ProgramFiles"), os.Getenv("ProgramFiles(x86)"), os.Getenv("LocalAppData")} {
			places = append(places, filepath.Join(base, "Google", "Chrome", "Application", "chrome.exe"),
				filepath.Join(base, "Microsoft", "Edge", "Application", "msedge.exe"))
		}
	}
	for _, path := range places {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return ""
}
