package main

import (
	"context"
	"fmt"
	"html"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// browse opens a link in the user's browser, if the machine has a screen. The link is a
// secret for two minutes, and a command line is not secret on a shared machine: so the
// browser is given a file of this user's that leads there.
func browse(ctx context.Context, dir, link string) error {
	opener := browserCommand()
	if opener == nil {
		return fmt.Errorf("browser: this machine has no screen")
	}
	path := filepath.Join(dir, "open.html")
	page := `<!doctype html><meta charset="utf-8"><title>Tidemark</title><meta http-equiv="refresh" content="0;url=` + html.EscapeString(link) + `"><a href="` + html.EscapeString(link) + `">Tidemark</a>`
	if err := os.WriteFile(path, []byte(page), 0o600); err != nil {
		return fmt.Errorf("browser: %w", err)
	}
	address := (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
	cmd := exec.CommandContext(ctx, opener[0], append(opener[1:], address)...)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("browser: %w", err)
	}
	go func() { _ = cmd.Wait() }()
	return nil
}

// browserCommand is how this system opens an address; nil where nobody would see it.
func browserCommand() []string {
	switch runtime.GOOS {
	case "darwin":
		return []string{"open"}
	case "windows":
		return []string{"rundll32", "url.dll,FileProtocolHandler"}
	}
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return nil
	}
	if _, err := exec.LookPath("xdg-open"); err != nil {
		return nil
	}
	return []string{"xdg-open"}
}
