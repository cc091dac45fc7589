package joint

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// SPEC.md shows the first transcript as it goes, numbers its rules one by one, names for
// each what proves it, and names nothing that is not there; a transcript names rules that are.
func TestSpec(t *testing.T) {
	raw, err := os.ReadFile("SPEC.md")
	must(t, err)
	spec := shown(t, string(raw))
	rules := regexp.MustCompile(`(?m)^\*\*J(\d+)\.\*\*.*$`).FindAllStringSubmatch(spec, -1)
	if len(rules) < 14 {
		t.Fatalf("%d rules", len(rules))
	}
	names := regexp.MustCompile("`((?:Test|Fuzz)\\w+|[a-z]+)`")
	for i, r := range rules {
		if r[1] != fmt.Sprint(i) {
			t.Errorf("rule J%s where J%d was due", r[1], i)
		}
		if !names.MatchString(r[0]) {
			t.Errorf("J%d names no test", i)
		}
	}
	tests := sources(t, "*_test.go")
	for _, n := range names.FindAllStringSubmatch(spec, -1) {
		if strings.HasPrefix(n[1], "Test") || strings.HasPrefix(n[1], "Fuzz") {
			if !strings.Contains(tests, "func "+n[1]+"(") {
				t.Errorf("no test %s", n[1])
			}
		} else if _, err := os.Stat("testdata/transcripts/" + n[1] + ".txt"); err != nil && n[1] != "vectors" {
			t.Errorf("no transcript %s", n[1])
		}
	}
	for _, j := range regexp.MustCompile(`\bJ\d+\b`).FindAllString(sources(t, "testdata/transcripts/*.txt")+sources(t, "*.go")+sources(t, "testdata/vectors.txt"), -1) {
		if !strings.Contains(spec, "**"+j+".**") {
			t.Errorf("no rule %s", j)
		}
	}
	transcripts, err := filepath.Glob("testdata/transcripts/*.txt")
	must(t, err)
	for _, file := range transcripts {
		if name := strings.TrimSuffix(filepath.Base(file), ".txt"); !strings.Contains(spec, "`"+name+"`") {
			t.Errorf("transcript %s proves nothing", name)
		}
	}
}

// shown holds the example of SPEC.md to the transcript, or writes it.
func shown(t *testing.T, spec string) string {
	t.Helper()
	const begin, end = "<!-- plain: written by the tests -->\n", "<!-- end of plain -->\n"
	before, rest, ok := strings.Cut(spec, begin)
	have, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("SPEC.md has no place for the example")
	}
	script, err := os.ReadFile("testdata/transcripts/plain.txt")
	must(t, err)
	want := "\n```\n" + string(script) + "```\n\n"
	if *update {
		spec = before + begin + want + end + after
		must(t, os.WriteFile("SPEC.md", []byte(spec), 0o644))
	} else if have != want {
		t.Error("the example of SPEC.md is not the transcript: run with -update")
	}
	return spec
}

func sources(t *testing.T, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	must(t, err)
	var all strings.Builder
	for _, f := range files {
		b, err := os.ReadFile(f)
		must(t, err)
		all.Write(b)
	}
	return all.String()
}
