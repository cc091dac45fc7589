package coalition

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const specFile = "../SPEC.md"

var (
	rule   = regexp.MustCompile(`(?m)^- \*\*C([0-9]+)\*\* .*\n(  Transcripts: .*\n|  Tests: .*\n)?`)
	ranges = regexp.MustCompile(`C([0-9]+)(?: to C([0-9]+))?`)
)

// Rules that no transcript shows well, with the tests that do.
var otherTests = map[int]string{22: "`TestCheckPlansHoldsEveryPlanAgainstTheCeilings`"}

// A transcript's first line names the rules that it shows, and each C rule of the
// specification lists its transcripts.
func TestSpecificationIsCurrent(t *testing.T) {
	shown := shownBy(t)
	file, err := os.ReadFile(specFile)
	if err != nil {
		t.Fatal(err)
	}
	spec := rule.ReplaceAllStringFunc(string(file), func(r string) string {
		line, _, _ := strings.Cut(r, "\n")
		n, _ := strconv.Atoi(rule.FindStringSubmatch(r)[1])
		list := fmt.Sprintf("%s\n  Transcripts: %s.\n", line, strings.Join(shown[n], ", "))
		if other := otherTests[n]; other != "" {
			list = fmt.Sprintf("%s\n  Tests: %s.\n", line, other)
		} else if len(shown[n]) == 0 {
			t.Errorf("no transcript shows C%d", n)
		}
		delete(shown, n)
		return list
	})
	for n := range shown {
		t.Errorf("no rule C%d", n)
	}
	if *update {
		if err := os.WriteFile(specFile, []byte(spec), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if spec != string(file) {
		t.Error("SPEC.md does not list the transcripts: run with -update")
	}
}

func shownBy(t *testing.T) map[int][]string {
	shown := map[int][]string{}
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut(string(text), ":")
		for _, m := range ranges.FindAllStringSubmatch(head, -1) {
			from, _ := strconv.Atoi(m[1])
			to, err := strconv.Atoi(m[2])
			if err != nil {
				to = from
			}
			for n := from; n <= to; n++ {
				shown[n] = append(shown[n], "`"+strings.TrimSuffix(filepath.Base(f), ".txt")+"`")
			}
		}
	}
	return shown
}
