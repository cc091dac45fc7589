package audittest

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Full tells an audit for the page, which takes minutes: TIDEMARK_AUDIT=full.
func Full() bool { return os.Getenv("TIDEMARK_AUDIT") == "full" }

// Runs says how many runs an audit has: few with -short, more without, and enough for the
// page in a full one.
func Runs(short, normal, full int) int {
	switch {
	case Full():
		return full
	case testing.Short():
		return short
	}
	return normal
}

// Report prints a table of AUDIT.md. A full audit that is told the page's place by
// TIDEMARK_AUDIT_PAGE writes it there, between the marks of that name.
func Report(t *testing.T, name, table string, took time.Duration) {
	t.Helper()
	t.Log("\n" + table)
	path := os.Getenv("TIDEMARK_AUDIT_PAGE")
	if path == "" || !Full() || t.Failed() {
		return
	}
	table = fmt.Sprintf("%s, %s on %s, in %s: `make audit`\n\n%s", time.Now().UTC().Format(time.DateOnly), runtime.Version(), machine(), took.Round(time.Second), table)
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- "+name+": written by make audit -->\n", "<!-- end of "+name+" -->"
	before, rest, ok := strings.Cut(string(page), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for %s", path, name)
	}
	if err := os.WriteFile(path, []byte(before+begin+"\n"+table+"\n"+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// machine names what the audit ran on.
func machine() string {
	model := "an unnamed processor"
	if f, err := os.Open("/proc/cpuinfo"); err == nil {
		defer f.Close()
		for s := bufio.NewScanner(f); s.Scan(); {
			if key, value, ok := strings.Cut(s.Text(), ":"); ok && strings.TrimSpace(key) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s/%s, %d cores of %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), model)
}
