package bundle

import (
	"archive/zip"
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
)

// Each B rule of the specification names tests that there are, and its example lists
// the entries of a bundle as they come.
func TestSpecificationIsCurrent(t *testing.T) {
	spec, err := os.ReadFile("../SPEC.md")
	if err != nil {
		t.Fatal(err)
	}
	var code []byte
	for _, file := range []string{"bundle_test.go", "seal_test.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code = append(code, text...)
	}
	rules := regexp.MustCompile("(?m)^- \\*\\*B[0-9]+\\*\\* .*\n  Tests: (.*)\\.\n").FindAllStringSubmatch(string(spec), -1)
	if want := bytes.Count(spec, []byte("- **B")); len(rules) != want || want == 0 {
		t.Errorf("%d of %d rules name tests", len(rules), want)
	}
	for _, r := range rules {
		for _, name := range strings.Split(r[1], ", ") {
			if !bytes.Contains(code, []byte("func "+strings.Trim(name, "`")+"(")) {
				t.Errorf("no test %s", name)
			}
		}
	}
	if !bytes.Contains(spec, []byte("```bundle\n"+listing(t)+"```\n")) {
		t.Errorf("the example should be:\n%s", listing(t))
	}
}

func listing(t *testing.T) string {
	raw := zipped(t, sample())
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	var names strings.Builder
	for _, f := range z.File {
		names.WriteString(f.Name + "\n")
	}
	return names.String()
}
