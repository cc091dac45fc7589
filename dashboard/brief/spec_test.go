package brief_test

import (
	"bytes"
	"strings"
	"testing"

	"tidemark/dashboard/brief"
	"tidemark/dashboard/internal/sample"
)

// What is typed comes back as it was, in one form.
func TestSpecsReadBack(t *testing.T) {
	for _, s := range []string{statement, figure(doxing, "So.")} {
		spec, err := brief.ParseSpec([]byte(s))
		must(t, err)
		text, err := spec.YAML()
		must(t, err)
		again, err := brief.ParseSpec(text)
		must(t, err)
		twice, err := again.YAML()
		must(t, err)
		if !bytes.Equal(text, twice) {
			t.Errorf("read back as\n%s", twice)
		}
	}
	for _, l := range source(t, sample.Config{}).Languages {
		for _, template := range brief.Templates {
			spec, err := brief.Start(template, "A title", l)
			must(t, err)
			for _, b := range spec.Blocks {
				if strings.Contains(b.Text[l.Tag], "brief.start") {
					t.Errorf("%s in %s begins with %q", template, l.Tag, b.Text[l.Tag])
				}
			}
		}
	}
}

// Bad input is refused where it stands, and never with what stands there.
func TestSpecsThatAreRefused(t *testing.T) {
	head := "title: T\ntemplate: statement\nlanguages: [en]\n"
	text := func(s string) string {
		return head + "blocks:\n  - text: |\n      " + strings.ReplaceAll(s, "\n", "\n      ") + "\n"
	}
	for name, c := range map[string]struct{ spec, want string }{
		"nothing":               {"", "EOF"},
		"not YAML":              {"{", "yaml"},
		"an unknown key":        {head + "colour: red\n", "colour"},
		"two documents":         {head + "---\n" + head, "more than one"},
		"no title":              {strings.Replace(head, "T", `""`, 1), "title: none"},
		"no such template":      {strings.Replace(head, "statement", "poem", 1), "template"},
		"no language":           {strings.Replace(head, "[en]", "[]", 1), "languages"},
		"a language twice":      {strings.Replace(head, "[en]", "[en, en]", 1), "languages"},
		"a day":                 {head + "date: yesterday\n", "YYYY-MM-DD"},
		"two kinds":             {head + "blocks:\n  - {text: a, figure: " + doxing + "}\n", "want one of"},
		"an empty block":        {head + "blocks:\n  - {}\n", "want one of"},
		"a figure that is none": {head + "blocks:\n  - {figure: nonsense}\n", "no such kind"},
		"a list of changes":     {head + "blocks:\n  - {figure: 'heat~threat_type~2026-Q3~change'}\n", "list of changes"},
		"one name twice":        {head + "blocks:\n  - {figure: " + doxing + ", as: a}\n  - {figure: " + ranks + ", as: a}\n", "another figure"},
		"HTML":                  {text("<script>alert(1)</script>"), "HTMLBlock"},
		"HTML in a line":        {text("a <b onclick=x>b</b>"), "RawHTML"},
		"a picture":             {text("![x](https://example.org/x.png)"), "Image"},
		"a script's address":    {text("[x](javascript:alert(1))"), "link"},
		"a file's address":      {text("[x](file:///etc/passwd)"), "link"},
		"code":                  {text("`rm -rf`"), "CodeSpan"},
		"a quote in a quote":    {text("> > a"), "quote inside"},
		"turned around":         {text("a \u202e b"), "U+202E"},
		"hidden in an entity":   {text("a &#x202e; b"), "U+202E"},
		"two lines of a point":  {text("- a\n\n  b"), "one paragraph"},
		"too long":              {text(strings.Repeat("word ", 5000)), "at most 20000"},
		"10 MB":                 {head + "blocks:\n  - text: " + strings.Repeat("a", 10<<20), "at most"},
		"no slug":               {head + "without: ['A Name']\n", "without"},
		"a case without an end": {head + "blocks:\n  - {case: {scope: public, text: a}}\n", "expires"},
		"a case for all":        {head + "blocks:\n  - {case: {scope: anybody, expires: 2027-01-01, text: a}}\n", "scope"},
		"context of nobody":     {head + "blocks:\n  - {context: {date: 2026-01-01, text: a, source: ''}}\n", "source"},
		"a bomb of aliases":     {"title: &a [x, x]\ntemplate: [*a, *a]\n", "line 1"},
	} {
		_, err := brief.ParseSpec([]byte(c.spec))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A spec of figures that this coalition does not have is refused with the figure's name.
func TestFiguresThatAreNotThere(t *testing.T) {
	src := source(t, sample.Config{People: 20_000})
	for name, id := range map[string]string{
		"a code":         "trend~threat_type.dancing~all~2025-Q1~2026-Q3",
		"an axis":        "rank~weather~2026-Q3",
		"an open period": "rank~threat_type~2026-Q4",
		"before all":     "trend~threat_type.doxing~all~2019-Q1~2019-Q4",
		"not crossed":    "heat~channel_encryption*intake_channel~2026-Q3~level",
	} {
		spec, err := brief.ParseSpec([]byte(figure(id, "So.")))
		must(t, err)
		if _, err := brief.Gather(src, spec); err == nil || !strings.Contains(err.Error(), "figure one") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every codebook's words can stand in a brief, and what stands there has no marks.
func FuzzSpec(f *testing.F) {
	f.Add([]byte(statement))
	f.Add([]byte(figure(doxing, "**a** [b](https://c.d) > e\n- f")))
	f.Fuzz(func(t *testing.T, text []byte) {
		spec, err := brief.ParseSpec(text)
		if err != nil {
			return
		}
		again, err := spec.YAML()
		must(t, err)
		if _, err := brief.ParseSpec(again); err != nil {
			t.Fatalf("written, and refused: %v", err)
		}
	})
}
