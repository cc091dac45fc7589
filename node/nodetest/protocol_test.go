package nodetest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Every rule of PROTOCOL.md is numbered in order and names tests that are there.
func TestTheProtocolNamesItsTests(t *testing.T) {
	text, err := os.ReadFile("../PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../*/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	own, err := filepath.Glob("../*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, own...)
	var code strings.Builder
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(b)
	}
	rules := 0
	for _, line := range strings.Split(string(text), "\n") {
		m := regexp.MustCompile(`^ ?([0-9]+)\. `).FindStringSubmatch(line)
		if m == nil {
			continue
		}
		rules++
		if n, _ := strconv.Atoi(m[1]); n != rules {
			t.Errorf("rule %s stands at place %d", m[1], rules)
		}
		tests := regexp.MustCompile("`(Test[A-Za-z0-9]+)`").FindAllStringSubmatch(line, -1)
		if len(tests) == 0 && rules != 2 { // what does not travel has no test
			t.Errorf("rule %d names no test", rules)
		}
		for _, name := range tests {
			if !strings.Contains(code.String(), "func "+name[1]+"(t *testing.T)") {
				t.Errorf("rule %d: no %s", rules, name[1])
			}
		}
	}
	if rules < 40 {
		t.Errorf("%d rules", rules)
	}
}
