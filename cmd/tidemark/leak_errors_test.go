package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// badExports are files with canaries where they do harm, by name; text gives the next one.
var badExports = []struct {
	name  string
	write func(text func() string) string
}{
	{"a quote inside a cell", func(c func() string) string { return leakHead() + c() + `,` + c() + `,x"` + c() + "\n" }},
	{"a quote that never closes", func(c func() string) string { return leakHead() + `"` + quotes(c()) + ",\n" + quotes(c()) }},
	{"a header of names", func(c func() string) string { return line(c(), c(), c()) + line(c(), c(), c()) }},
	{"a column twice", func(c func() string) string {
		return "no,no,person,day,what,gender,place,note,remark\n" + line(c(), c(), c())
	}},
	{"a name for a day", func(c func() string) string { return leakHead() + leakLine(c, c(), "Doxing", "Woman") }},
	{"no day", func(c func() string) string { return leakHead() + leakLine(c, "", "Doxing", "Woman") }},
	{"a day in the future", func(c func() string) string { return leakHead() + leakLine(c, "2031-01-01", "Doxing", "Woman") }},
	{"a name for a kind", func(c func() string) string { return leakHead() + leakLine(c, "2026-05-05", c(), "Woman") }},
	{"a name for a gender", func(c func() string) string { return leakHead() + leakLine(c, "2026-05-05", "Doxing", c()) }},
	{"an id of a page", func(c func() string) string {
		return leakHead() + line(strings.Repeat(c(), 20), c(), c(), c(), c(), c(), c(), c(), "2026-05-05", "Doxing", "Woman")
	}},
	{"no person", func(c func() string) string {
		return leakHead() + line(c(), "", c(), c(), c(), c(), c(), c(), "2026-05-05", "Doxing", "Woman")
	}},
	{"a huge cell", func(c func() string) string {
		return leakHead() + line(c(), c(), c(), c(), strings.Repeat(c(), 4000), c(), c(), c(), "2026-05-05", "Doxing", "Woman")
	}},
	{"not UTF-8", func(c func() string) string { return leakHead() + line(c(), c()+"\xff\xfe", c()) }},
	{"a zero byte", func(c func() string) string { return leakHead() + line(c(), c()+"\x00", c()) }},
	{"too few cells", func(c func() string) string { return leakHead() + line(c(), c()) }},
	{"nothing but a name", func(c func() string) string { return c() }},
}

func leakHead() string { return strings.Join(leakColumns, ",") + "\n" }

func leakLine(c func() string, day, what, gender string) string {
	return line(c(), c(), c(), c(), c(), c(), c(), c(), day, what, gender)
}

func line(cells ...string) string {
	for i, cell := range cells {
		cells[i] = `"` + quotes(cell) + `"`
	}
	return strings.Join(cells, ",") + "\n"
}

func quotes(s string) string { return strings.ReplaceAll(s, `"`, `""`) }

// otherErrors are commands that go wrong over a file that says what it should not.
var otherErrors = [][]string{
	{"cases", "import", "--mapping", "json.yaml", "bad"},
	{"cases", "import", "--mapping", "xlsx.yaml", "bad"},
	{"cases", "import", "--mapping", "m.yaml", "exports-that-are-not-there.csv"},
	{"bundle", "import", "bad"},
	{"coalition", "admit", "bad", "-o", "invitation", "--words", "one two"},
	{"coalition", "join", "bad", "--words", "one two"},
	{"release", "verify", "bad"},
	{"plan", "check", "bad"},
}

// provoke makes at least so many commands fail or refuse rows.
func (w *leakWorld) provoke(t *testing.T, least int) {
	t.Helper()
	for name, format := range map[string]string{"json.yaml": "json", "xlsx.yaml": "xlsx"} {
		text := strings.Replace(leakMapping, "format: csv", "format: "+format, 1)
		must(t, os.WriteFile(w.file("exports", name), []byte(text), 0o600))
	}
	failed := 0
	for failed < least {
		before := failed
		for _, bad := range badExports {
			must(t, os.WriteFile(w.file("exports", "bad"), []byte(bad.write(w.text)), 0o600))
			failed += w.fails(t, bad.name, "cases", "import", "--mapping", "m.yaml", "bad")
		}
		for _, args := range otherErrors {
			text, err := json.Marshal([]any{map[string]string{"no": w.text(), "person": w.text(), w.text(): "x", "day": w.text()}, w.text()})
			must(t, err)
			must(t, os.WriteFile(w.file("exports", "bad"), text, 0o600))
			failed += w.fails(t, strings.Join(args[:2], " "), args...)
		}
		if failed == before {
			t.Fatalf("%d errors, and no more to come", failed)
		}
	}
	t.Logf("%d errors provoked", failed)
}

func (w *leakWorld) fails(t *testing.T, what string, args ...string) int {
	t.Helper()
	status, out := w.run(t, args...)
	if status == exitDone && !strings.Contains(out, "refused: dated in the future") && !strings.Contains(out, "  refused ") {
		t.Errorf("%s: nothing went wrong: %s", what, out)
		return 0
	}
	return 1
}
