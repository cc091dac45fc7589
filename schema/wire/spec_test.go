package wire

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const specFile = "../SPEC.md"

var (
	block = regexp.MustCompile("(?ms)^```(ring|vector:([a-z0-9-]+))\n.*?^```$")
	rule  = regexp.MustCompile(`(?m)^- \*\*(W[0-9]+)\*\* .*\n(  Vectors: .*\n)?`)
)

// The specification's examples are vectors, and each of its W rules lists those that
// test it: all of them, and at least one.
func TestSpecificationIsCurrent(t *testing.T) {
	file, err := os.ReadFile(specFile)
	must(t, err)
	byName, byRule := map[string]vector{}, map[string][]string{}
	for _, v := range vectors() {
		byName[v.name] = v
		byRule[v.rule] = append(byRule[v.rule], "`"+v.name+"`")
	}
	spec := block.ReplaceAllStringFunc(string(file), func(b string) string {
		m := block.FindStringSubmatch(b)
		content := string(byName[m[2]].raw)
		if m[1] == "ring" {
			content = ringKeys()[2] + "\n"
		} else if content == "" {
			t.Errorf("no vector %s", m[2])
		}
		return fmt.Sprintf("```%s\n%s```", m[1], content)
	})
	spec = rule.ReplaceAllStringFunc(spec, func(r string) string {
		line, _, _ := strings.Cut(r, "\n")
		name := rule.FindStringSubmatch(r)[1]
		names := byRule[name]
		if len(names) == 0 {
			t.Errorf("%s has no vector", name)
		}
		delete(byRule, name)
		slices.Sort(names)
		return fmt.Sprintf("%s\n  Vectors: %s.\n", line, strings.Join(names, ", "))
	})
	for name, vectors := range byRule {
		t.Errorf("no rule %s for %v", name, vectors)
	}
	if *update {
		must(t, os.WriteFile(specFile, []byte(spec), 0o644))
	} else if spec != string(file) {
		t.Error("SPEC.md is not what the code does: run with -update and read the difference")
	}
}
