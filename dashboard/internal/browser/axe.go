package browser

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// Violation is one rule of axe-core that the page breaks.
type Violation struct {
	ID     string
	Impact string // minor, moderate, serious, critical
	Help   string
	Nodes  []string // selectors of the elements
}

func (v Violation) String() string {
	return fmt.Sprintf("%s (%s): %s: %s", v.ID, v.Impact, v.Help, strings.Join(v.Nodes, ", "))
}

// Axe checks the page's accessibility, or skips the test if TIDEMARK_AXE names no
// axe.min.js.
func (b *Browser) Axe(t testing.TB) []Violation {
	t.Helper()
	path := os.Getenv("TIDEMARK_AXE")
	if path == "" {
		t.Skip("TIDEMARK_AXE does not name axe-core's axe.min.js")
	}
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("read axe-core: %v", err)
	}
	Eval[int](b, string(source)+"\n;1")
	return Eval[[]Violation](b, `axe.run().then(r => r.violations.map(v => ({
		ID: v.id, Impact: v.impact, Help: v.help, Nodes: v.nodes.map(n => n.target.join(" "))})))`)
}
