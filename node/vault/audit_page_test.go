package vault

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// report prints the results as the tables of AUDIT.md. A full audit that is told the
// page's place by TIDEMARK_AUDIT_PAGE writes them into it, between the marks of that name.
func report(t *testing.T, name string, results []result, took time.Duration) {
	t.Helper()
	text := tableOf(results)
	t.Log("\n" + text)
	path := os.Getenv("TIDEMARK_AUDIT_PAGE")
	if path == "" || !fullAudit() || t.Failed() {
		return
	}
	text = fmt.Sprintf("%s, %s on %s, in %s: `make audit`\n\n%s", time.Now().UTC().Format(time.DateOnly), runtime.Version(), machine(), took.Round(time.Second), text)
	page, err := os.ReadFile(path)
	must(t, err)
	begin, end := "<!-- "+name+": written by make audit -->\n", "<!-- end of "+name+" -->"
	before, rest, ok := strings.Cut(string(page), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for %s", path, name)
	}
	must(t, os.WriteFile(path, []byte(before+begin+"\n"+text+"\n"+end+after), 0o644))
}

func tableOf(results []result) string {
	var b strings.Builder
	b.WriteString("| audit | noise | persons | claimed mu | runs | mu at least | |\n|---|---|--:|--:|--:|--:|---|\n")
	for _, r := range results {
		fmt.Fprintf(&b, "| %s | %s | %d | %.3f | %d | %.3f | %s |\n", r.what, r.engine.name, r.group, r.claim, r.runs, r.bound, r.verdict)
	}
	return b.String()
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
