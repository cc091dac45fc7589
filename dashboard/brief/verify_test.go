package brief_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"io"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tidemark/dashboard/brief"
	"tidemark/dashboard/internal/sample"
	"tidemark/schema/wire"
)

// What was written verifies, in every format and language, and says by how many.
func TestWhatWasWrittenVerifies(t *testing.T) {
	src := source(t, sample.Config{People: 20_000})
	g := gathered(t, src, statement)
	if g.Members != 12 {
		t.Fatalf("%d members", g.Members)
	}
	for _, n := range []int{12, 5} {
		b := agreed(t, g, n)
		for _, tag := range g.Languages {
			for _, format := range brief.Formats {
				file, err := b.Write(format, src.Languages.Of(tag))
				must(t, err)
				again, err := b.Write(format, src.Languages.Of(tag))
				must(t, err)
				if !bytes.Equal(file, again) {
					t.Errorf("%s in %s: two times, two files", format, tag)
				}
				r := brief.Verify(file, src.Languages.Of("en"), src.Languages)
				if !r.OK() || r.Format != format || r.Language != tag || r.Attested != n || len(r.Says) != 3 {
					t.Errorf("%s in %s: %d of 12, %v, %v", format, tag, r.Attested, r.Says, r.Problems)
				}
			}
		}
	}
}

// editor changes a text once, or says that it found nothing to change.
type editor struct {
	name string
	do   func(*rand.Rand, string) (string, bool)
}

var editors = []editor{
	{"a digit", func(r *rand.Rand, s string) (string, bool) { return one(r, s, regexp.MustCompile(`[0-9]`), nextDigit) }},
	{"a word of direction", func(r *rand.Rand, s string) (string, bool) {
		return one(r, s, regexp.MustCompile(`\b(more|fewer|Most|all|none)\b`), func(w string) string { return "hardly " + w })
	}},
	{"a letter", func(r *rand.Rand, s string) (string, bool) {
		return one(r, s, regexp.MustCompile(`[a-z]`), func(c string) string { return string('a' + (c[0]-'a'+1)%26) })
	}},
	{"two lines swapped", swapLines},
	{"a line taken out", func(r *rand.Rand, s string) (string, bool) {
		lines := strings.Split(s, "\n")
		i := r.IntN(len(lines))
		return strings.Join(slices.Delete(lines, i, i+1), "\n"), lines[min(i, len(lines)-1)] != ""
	}},
}

func nextDigit(d string) string { return string('0' + (d[0]-'0'+1)%10) }

func one(r *rand.Rand, s string, what *regexp.Regexp, to func(string) string) (string, bool) {
	places := what.FindAllStringIndex(s, -1)
	if len(places) == 0 {
		return s, false
	}
	at := places[r.IntN(len(places))]
	return s[:at[0]] + to(s[at[0]:at[1]]) + s[at[1]:], true
}

func swapLines(r *rand.Rand, s string) (string, bool) {
	lines := strings.Split(s, "\n")
	if len(lines) < 2 {
		return s, false
	}
	i, k := r.IntN(len(lines)), r.IntN(len(lines))
	lines[i], lines[k] = lines[k], lines[i]
	out := strings.Join(lines, "\n")
	return out, out != s
}

// 200 random edits of a file that everybody has agreed to: all are found, and named.
func TestRandomEditsAreFound(t *testing.T) {
	src := source(t, sample.Config{People: 20_000})
	b := agreed(t, gathered(t, src, statement), 12)
	files := map[string][]byte{}
	for _, format := range brief.Formats {
		file, err := b.Write(format, src.Languages.Of("en"))
		must(t, err)
		files[format] = file
	}
	r := rand.New(rand.NewPCG(7, 7))
	found, edits := map[string]int{}, 200
	if testing.Short() {
		edits = 40
	}
	for n := 0; n < edits; {
		format := brief.Formats[r.IntN(len(brief.Formats))]
		e := editors[r.IntN(len(editors))]
		edited, ok := edit(t, r, format, files[format], e)
		if !ok {
			continue
		}
		n++
		report := brief.Verify(edited, src.Languages.Of("en"), src.Languages)
		if report.OK() {
			t.Errorf("edit %d of %s, %s: not found", n, format, e.name)
			continue
		}
		for _, p := range report.Problems {
			found[p.Key]++
			if strings.Contains(p.Says, "brief.wrong") || p.Says == "" {
				t.Errorf("%s of %s: %q says nothing to a reader", e.name, format, p.Key)
			}
		}
	}
	t.Logf("%d edits, as they were named: %v", edits, found)
}

// edit changes a file once; of a packed one a part that shows something.
func edit(t *testing.T, r *rand.Rand, format string, file []byte, e editor) ([]byte, bool) {
	t.Helper()
	if format == "html" || format == "md" {
		out, ok := e.do(r, string(file))
		return []byte(out), ok
	}
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	must(t, err)
	parts := []string{"word/document.xml", "word/footnotes.xml"}
	if format == "zip" {
		parts = []string{"figure-1.csv", "figure-2.csv", "brief.json", "brief.md", "codes.csv", "datapackage.json", "figure-1.svg", "figure-1-hxl.csv"}
	}
	part, changed := parts[r.IntN(len(parts))], false
	return repacked(t, z, func(name string, data []byte) []byte {
		if name != part {
			return data
		}
		out, ok := editWords(r, format, string(data), e)
		changed = ok
		return []byte(out)
	}), changed
}

var wordsOfXML = regexp.MustCompile(`<w:t[^>]*>[^<]+</w:t>`)

// editWords changes what a part shows; of a document's XML the words, not the marks.
func editWords(r *rand.Rand, format, s string, e editor) (string, bool) {
	if format != "docx" {
		return e.do(r, s)
	}
	runs := wordsOfXML.FindAllStringIndex(s, -1)
	if len(runs) == 0 || e.name == "two lines swapped" || e.name == "a line taken out" {
		return s, false
	}
	at := runs[r.IntN(len(runs))]
	run := s[at[0]:at[1]]
	from := strings.Index(run, ">") + 1
	inside, ok := e.do(r, strings.TrimSuffix(run[from:], "</w:t>"))
	return s[:at[0]] + run[:from] + inside + "</w:t>" + s[at[1]:], ok && !strings.ContainsAny(run, "&")
}

func repacked(t *testing.T, z *zip.Reader, change func(string, []byte) []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		in, err := f.Open()
		must(t, err)
		data, err := io.ReadAll(in)
		must(t, err)
		to, err := w.Create(f.Name)
		must(t, err)
		_, err = to.Write(change(f.Name, data))
		must(t, err)
	}
	must(t, w.Close())
	return out.Bytes()
}

// What stands on every page, above and below, is looked at too.
func TestAWarningThatWasTakenOff(t *testing.T) {
	src := source(t, sample.Config{People: 20_000, Demo: true})
	en := src.Languages.Of("en")
	file, err := agreed(t, gathered(t, src, statement), 12).Write("docx", en)
	must(t, err)
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	must(t, err)
	mark := []byte(en.Say("fig.watermark"))
	if r := brief.Verify(repacked(t, z, func(_ string, data []byte) []byte { return data }), en, src.Languages); !r.OK() {
		t.Fatalf("packed again: %v", r.Problems)
	}
	bare := repacked(t, z, func(name string, data []byte) []byte {
		if strings.HasPrefix(name, "word/header") {
			return bytes.ReplaceAll(data, mark, []byte("Real data"))
		}
		return data
	})
	if r := brief.Verify(bare, en, src.Languages); len(r.Problems) != 1 || r.Problems[0].Key != "gone" {
		t.Errorf("the warning is gone: %v", r.Problems)
	}
}

// A brief in a language that the program has no words for is said to be so.
func TestALanguageWithoutWords(t *testing.T) {
	src := source(t, sample.Config{People: 20_000})
	g := gathered(t, src, figure(doxing, "So."))
	g.Figures[0].Change.Difference.Value += 5000
	g.Languages, g.Title = []string{"xx"}, brief.Text{"xx": "T"}
	g.Words = map[string]brief.Lexicon{"xx": g.Words["en"]}
	for i := range g.Blocks {
		if g.Blocks[i].Text != nil {
			g.Blocks[i].Text = brief.Text{"xx": "So."}
		}
	}
	b := agreed(t, g, 12)
	carried, err := b.Envelope("xx")
	must(t, err)
	lines := "<!doctype html>\n<pre id=\"tidemark-brief\" hidden>\n" + base64.StdEncoding.EncodeToString(carried) + "\n</pre>\n"
	if r := brief.Verify([]byte(lines), src.Languages.Of("en"), src.Languages); len(r.Problems) != 1 || r.Problems[0].Key != "language" {
		t.Errorf("%v", r.Problems)
	}
}

// What is no brief, half of one, or a bomb, is said to be so, and nothing happens.
func TestWhatIsNoBrief(t *testing.T) {
	src := source(t, sample.Config{})
	b := agreed(t, gathered(t, src, statement), 12)
	en := src.Languages.Of("en")
	var bomb bytes.Buffer
	w := zip.NewWriter(&bomb)
	for range 8 {
		to, err := w.Create("brief.json")
		must(t, err)
		_, err = to.Write(make([]byte, 33<<20))
		must(t, err)
	}
	must(t, w.Close())
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"nothing":    {nil, "none"},
		"a page":     {[]byte("<!doctype html><p>hello"), "none"},
		"a zip bomb": {bomb.Bytes(), "large"},
		"a PDF":      {[]byte("%PDF-1.7\n"), "none"},
		"too large":  {make([]byte, brief.MaxFile+1), "large"},
	} {
		if r := brief.Verify(c.file, en, src.Languages); len(r.Problems) != 1 || r.Problems[0].Key != c.want {
			t.Errorf("%s: %+v", name, r.Problems)
		}
	}
	for _, format := range brief.Formats {
		file, err := b.Write(format, en)
		must(t, err)
		for _, size := range []int{1, 100, len(file) / 2, len(file) - 1} {
			if r := brief.Verify(file[:size], en, src.Languages); r.OK() {
				t.Errorf("%d bytes of %s pass", size, format)
			}
		}
	}
}

func FuzzVerify(f *testing.F) {
	src := source(f, sample.Config{Members: 3, Quarters: 5})
	b := agreed(f, gathered(f, src, strings.Replace(statement, "2024-Q1", "2025-Q3", 1)), 3)
	for _, format := range brief.Formats {
		file, err := b.Write(format, src.Languages.Of("en"))
		must(f, err)
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		brief.Verify(file, src.Languages.Of("en"), src.Languages)
	})
}

// printed is what a browser writes: a PDF with a plain trailer.
const printed = "%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\nxref\n0 2\n0000000000 65535 f \n0000000009 00000 n \ntrailer\n<</Size 2/Root 1 0 R>>\nstartxref\n43\n%%EOF\n"

// A printed brief is its signer's: a changed byte, before or after what was added, is found.
func TestAPrintedBrief(t *testing.T) {
	src := source(t, sample.Config{People: 20_000})
	en := src.Languages.Of("en")
	b := agreed(t, gathered(t, src, statement), 12)
	what, err := b.Printing([]byte(printed))
	must(t, err)
	note, err := wire.Sign(what, coSigner(t, 3))
	must(t, err)
	file, err := b.PDF("en", brief.Printed{File: []byte(printed), Note: note})
	must(t, err)
	if r := brief.Verify(file, en, src.Languages); !r.OK() || r.Format != "pdf" || r.Attested != 12 {
		t.Fatalf("%v", r.Problems)
	}
	r := rand.New(rand.NewPCG(3, 3))
	for range 200 {
		edited := bytes.Clone(file)
		edited[r.IntN(len(edited))] ^= 1 << r.IntN(7)
		if brief.Verify(edited, en, src.Languages).OK() {
			t.Error("a changed byte is not found")
		}
	}
	stranger, err := wire.Sign(what, coSigner(t, 99))
	must(t, err)
	for name, note := range map[string][]byte{"nobody": nil, "somebody who did not agree": stranger} {
		file, err := b.PDF("en", brief.Printed{File: []byte(printed), Note: note})
		must(t, err)
		if brief.Verify(file, en, src.Languages).OK() {
			t.Errorf("printed by %s: passes", name)
		}
	}
}

// Numbers that do not fit one another are found, although the whole was written anew.
func TestSumsMustFit(t *testing.T) {
	src := source(t, sample.Config{People: 20_000})
	en := src.Languages.Of("en")
	for name, change := range map[string]func(*brief.Figure){
		"a larger difference":   func(f *brief.Figure) { f.Change.Difference.Value += 5000 },
		"a smaller deviation":   func(f *brief.Figure) { f.Change.Difference.SD /= 2 },
		"another newest number": func(f *brief.Figure) { f.Points[len(f.Points)-1].Number.Value += 9000 },
	} {
		g := gathered(t, src, figure(doxing, "So."))
		file, err := agreed(t, g, 12).Write("html", en)
		must(t, err)
		if r := brief.Verify(file, en, src.Languages); !r.OK() {
			t.Fatalf("as it was: %v", r.Problems)
		}
		change(&g.Figures[0])
		file, err = agreed(t, g, 12).Write("html", en)
		must(t, err)
		if r := brief.Verify(file, en, src.Languages); len(r.Problems) != 1 || r.Problems[0].Key != "sums" {
			t.Errorf("%s: %v", name, r.Problems)
		}
	}
}
