package page

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSectionsAreReplacedAndOthersKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "BENCH.md")
	for _, step := range []struct{ section, text string }{{"speed", "fast"}, {"accuracy", "near"}, {"speed", "faster"}} {
		if err := Replace(file, step.section, step.text); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	have := string(text)
	if !strings.Contains(have, "<!-- accuracy -->\n\nnear\n\n<!-- /accuracy -->") || !strings.Contains(have, "<!-- speed -->\n\nfaster\n\n<!-- /speed -->") {
		t.Errorf("have\n%s", have)
	}
	if err := Replace(file, "looks", "nice"); err == nil {
		t.Error("a section that there is not")
	}
}
