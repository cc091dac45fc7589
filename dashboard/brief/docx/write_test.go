package docx

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/xml"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tidemark/dashboard/brief/doc"
)

func TestAFileReadsBackAsItsDocument(t *testing.T) {
	for name, d := range map[string]doc.Document{"en": sample(t), "ar": arabic(t), "empty": {Lang: "fr"}} {
		c, err := Read(write(t, d, manifestBytes))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		sameWords(t, name, c.Paragraphs, Words(d))
		if !bytes.Equal(c.Custom, manifestBytes) {
			t.Errorf("%s: custom bytes changed", name)
		}
		want := []string{d.Foot, "1 / 1", d.Warning}
		if want = slices.DeleteFunc(want, func(s string) bool { return s == "" }); !slices.Equal(sorted(c.Margins), sorted(want)) {
			t.Errorf("%s: margins %q, want %q", name, c.Margins, want)
		}
	}
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }

func sameWords(t *testing.T, name string, have, want []string) {
	t.Helper()
	for i := range max(len(have), len(want)) {
		if i >= len(have) || i >= len(want) || have[i] != want[i] {
			t.Errorf("%s: %d paragraphs, want %d; the first that differs:\n%q\n%q", name, len(have), len(want), have[min(i, len(have)):], want[min(i, len(want)):])
			return
		}
	}
}

func TestWordsInOrder(t *testing.T) {
	d := doc.Document{
		Lang: "ar", RTL: true, Contents: "Sources",
		Notes: [][]doc.Inline{doc.Text("never cited"), doc.Text("cited second"), doc.Text("cited first")},
		Blocks: []doc.Block{
			doc.Paragraph{Text: []doc.Inline{{Text: "a  b\n", Note: 3}, {Text: "c", Note: 2}, {Text: "d", Note: 3}}},
			doc.Table{Caption: "caption", Head: []string{"h1", ""}, Rows: [][]string{{"x"}, {"y", "z", "w"}}},
			doc.Picture{Caption: "below", PNG: picture(t).PNG, Width: 1, Height: 1, Name: "n", Alt: "alt"},
			doc.Box{Title: "title", Blocks: []doc.Block{doc.List{Items: [][]doc.Inline{doc.Text("point")}}}},
			doc.Paragraph{Text: []doc.Inline{{Text: "ا "}, {Text: "Name (7)", Apart: true}, {Text: "اسم", Apart: true}}},
		},
	}
	want := []string{
		"a b c" + "d1", "caption", "h1", "x", "y", "z", "w", "below", "title", "point",
		"ا \u2068Name (7)\u2069اسم", "Sources", "never cited", "cited first", "cited second",
	}
	sameWords(t, "words", Words(d), want)
	c, err := Read(write(t, d, nil))
	if err != nil {
		t.Fatal(err)
	}
	sameWords(t, "read", c.Paragraphs, want)
	if c.Custom != nil {
		t.Error("custom bytes out of nothing")
	}
}

func TestPicturesAreKnownByTheirBytes(t *testing.T) {
	d := sample(t)
	c, err := Read(write(t, d, nil))
	if err != nil {
		t.Fatal(err)
	}
	p := picture(t)
	if len(c.Pictures) != 2 || !c.Pictures[sha256.Sum256(p.PNG)] || !c.Pictures[sha256.Sum256(p.SVG)] {
		t.Errorf("%d pictures, want the png and the svg", len(c.Pictures))
	}
}

func TestAnEditIsSeen(t *testing.T) {
	d := sample(t)
	p := unzip(t, write(t, d, nil))
	p["word/document.xml"] = bytes.Replace(p["word/document.xml"], []byte("about 88"), []byte("about 98"), 1)
	c, err := Read(rezip(t, p))
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(c.Paragraphs, Words(d)) {
		t.Error("another number reads the same")
	}
}

func TestTheSameDocumentGivesTheSameBytes(t *testing.T) {
	one, two := write(t, sample(t), manifestBytes), write(t, sample(t), manifestBytes)
	if !bytes.Equal(one, two) {
		t.Error("two files of one document differ")
	}
	z, err := zip.NewReader(bytes.NewReader(one), int64(len(one)))
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range z.File {
		if f.ModifiedDate != 0 || f.ModifiedTime != 0 || f.Method != zip.Store || len(f.Extra) > 0 {
			t.Errorf("%s: has a time, or depends on a compressor", f.Name)
		}
		if i == 0 && f.Name != "[Content_Types].xml" {
			t.Error("the content types are not first")
		}
	}
}

func unzip(t testing.TB, file []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if parts[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return parts
}

func rezip(t testing.TB, parts map[string][]byte) []byte {
	t.Helper()
	var fs []file
	for name, data := range parts {
		fs = append(fs, file{name, data})
	}
	slices.SortFunc(fs, func(a, b file) int { return strings.Compare(a.name, b.name) })
	data, err := pack(fs)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// every value of an attribute in some markup
func values(data []byte, attribute string) (vs []string) {
	for _, m := range regexp.MustCompile(` `+attribute+`="([^"]*)"`).FindAllSubmatch(data, -1) {
		vs = append(vs, string(m[1]))
	}
	return vs
}

func TestPartsFitTogether(t *testing.T) {
	for name, d := range map[string]doc.Document{"en": sample(t), "ar": arabic(t)} {
		parts := unzip(t, write(t, d, manifestBytes))
		styles := values(parts["word/styles.xml"], "w:styleId")
		for part, data := range parts {
			wellFormed(t, part, data)
			folder, base := path.Split(part)
			rels := parts[folder+"_rels/"+base+".rels"]
			for _, id := range slices.Concat(values(data, "r:id"), values(data, "r:embed")) {
				if !slices.Contains(values(rels, "Id"), id) {
					t.Errorf("%s: %s: refers to %s, which is nothing", name, part, id)
				}
			}
			for _, kind := range []string{"pStyle", "rStyle", "tblStyle", "basedOn", "next"} {
				for _, m := range regexp.MustCompile(`<w:`+kind+` w:val="([^"]*)"`).FindAllSubmatch(data, -1) {
					if !slices.Contains(styles, string(m[1])) {
						t.Errorf("%s: %s: no style %s", name, part, m[1])
					}
				}
			}
		}
		for part := range contentType {
			if parts[part] == nil {
				t.Errorf("%s: no %s", name, part)
			}
		}
	}
}

func wellFormed(t *testing.T, name string, data []byte) {
	t.Helper()
	if strings.HasSuffix(name, ".png") {
		return
	}
	for x := xml.NewDecoder(bytes.NewReader(data)); ; {
		if _, err := x.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

func TestWhatAFileHas(t *testing.T) {
	en, ar := unzip(t, write(t, sample(t), manifestBytes)), unzip(t, write(t, arabic(t), manifestBytes))
	for _, tt := range []struct {
		what, part string
		markup     []string
	}{
		{"headings", "word/document.xml", []string{`w:val="Title"`, `w:val="Heading1"`, `w:val="Heading2"`, `w:val="BoxHeading3"`}},
		{"roles", "word/document.xml", []string{`w:val="Lead"`, `w:val="Quote"`, `w:val="Small"`, `w:val="BoxNormal"`}},
		{"lists", "word/document.xml", []string{`<w:numId w:val="1"/>`, `<w:numId w:val="2"/>`, `<w:numId w:val="3"/>`}},
		{"lists that begin anew", "word/numbering.xml", []string{`<w:num w:numId="3">`, `<w:startOverride w:val="1"/>`}},
		{"a head on every page", "word/document.xml", []string{`<w:cantSplit/><w:tblHeader/>`}},
		{"numbers at the end", "word/styles.xml", []string{`w:styleId="TableNumber"`, `<w:jc w:val="right"/>`}},
		{"a picture twice, and its words", "word/document.xml", []string{`descr="A line that rises from 20 to &#34;88&#34;"`, `<asvg:svgBlip `, `cx="5976620" cy="2390648"`}},
		{"footnotes", "word/document.xml", []string{`<w:footnoteReference w:id="1"/>`, `<w:footnoteReference w:id="2"/>`, `NOTEREF _Note1 \f \h`}},
		{"links", "word/_rels/footnotes.xml.rels", []string{`Target="https://example.org/method?a=1&amp;b=2" TargetMode="External"`}},
		{"escaped text", "word/document.xml", []string{`&lt;before&gt; I sent it &amp; told my mother.</w:t><w:br/>`}},
		{"a name in its own direction", "word/document.xml", []string{"<w:r><w:rPr><w:rtl/></w:rPr><w:t xml:space=\"preserve\">\u2068جمعية 7"}},
		{"a warning", "word/header1.xml", []string{`Demonstration data`}},
		{"a foot", "word/footer1.xml", []string{`manifest 3f9a`, ` PAGE `, ` NUMPAGES `}},
		{"a language", "word/styles.xml", []string{`<w:lang w:val="en"/>`}},
		{"properties", "docProps/core.xml", []string{`<dc:title>What changed online</dc:title><dc:language>en</dc:language></cp:coreProperties>`}},
	} {
		holds(t, "en: "+tt.what, en[tt.part], tt.markup)
	}
	holds(t, "ar: right to left", ar["word/document.xml"], []string{`<w:bidi/></w:sectPr>`, `<w:bidiVisual/>`, `<w:bidi/></w:pPr><w:r><w:rPr><w:rtl/>`, "<w:r><w:t xml:space=\"preserve\">\u2068Digital"})
	holds(t, "ar: language", ar["word/styles.xml"], []string{`<w:lang w:bidi="ar"/>`})
	if bytes.Contains(en["word/document.xml"], []byte("bidi")) {
		t.Error("en: has something from right to left")
	}
}

func holds(t *testing.T, what string, data []byte, markup []string) {
	t.Helper()
	for _, m := range markup {
		if !bytes.Contains(data, []byte(m)) {
			t.Errorf("%s: no %s", what, m)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	const secret = "name of a person"
	bad := doc.Text(secret + "\x01")
	link := func(to string) []doc.Block {
		return []doc.Block{doc.Paragraph{Text: []doc.Inline{{Text: secret, Link: to}}}}
	}
	pic := func(change func(*doc.Picture)) []doc.Block {
		p := picture(t)
		change(&p)
		return []doc.Block{p}
	}
	for _, tt := range []struct {
		d    doc.Document
		want string
	}{
		{doc.Document{Lang: "e n"}, "lang: want a language tag"},
		{doc.Document{Lang: "en", Title: secret + "\ufffe"}, "title: a character that xml forbids"},
		{doc.Document{Lang: "en", Foot: secret + "\xff"}, "foot: text that is not utf-8"},
		{doc.Document{Lang: "en", Notes: [][]doc.Inline{bad}}, "note 1: a character"},
		{doc.Document{Lang: "en", Notes: [][]doc.Inline{{{Text: secret, Note: 1}}}}, "note 1: cites note 1 of 0"},
		{blocks(doc.Heading{Level: 5}), "block 1 (heading): level 5, want 1 to 4"},
		{blocks(doc.Heading{Level: 1}, doc.Paragraph{Text: bad}), "block 2 (paragraph): a character"},
		{blocks(doc.Paragraph{Role: "x"}), "block 1 (paragraph): a role"},
		{blocks(doc.Paragraph{Text: []doc.Inline{{Text: secret, Note: 1}}}), "block 1 (paragraph): cites note 1 of 0"},
		{blocks(doc.List{Items: [][]doc.Inline{nil, bad}}), "block 1 (list): point 2: a character"},
		{blocks(doc.Table{}), "block 1 (table): 0 columns"},
		{blocks(doc.Table{Head: make([]string, 64)}), "block 1 (table): 64 columns"},
		{blocks(doc.Table{Caption: bad[0].Text, Head: []string{""}}), "block 1 (table): caption: a character"},
		{blocks(doc.Table{Head: []string{""}, Rows: [][]string{{""}, {bad[0].Text}}}), "block 1 (table): row 2: a character"},
		{blocks(doc.Box{Title: bad[0].Text}), "block 1 (box): a character"},
		{blocks(doc.Box{Blocks: []doc.Block{doc.Paragraph{Text: bad}}}), "block 1 (box): block 1 (paragraph): a character"},
		{blocks(doc.Box{Blocks: []doc.Block{doc.Box{}}}), "block 1 (box): block 1 (box): a box in a box"},
		{blocks(nil), "block 1 (unknown)"},
		{blocks(link("javascript:alert(1)")...), "block 1 (paragraph): a link that is neither"},
		{blocks(link("https:/path")...), "a link that is neither"},
		{blocks(link("file:///etc/passwd")...), "a link that is neither"},
		{blocks(link("https://a b/")...), "a link that is malformed"},
		{blocks(link("mailto:a b")...), "characters that are not escaped"},
		{blocks(pic(func(p *doc.Picture) { p.PNG = p.SVG })...), "block 1 (picture): no png"},
		{blocks(pic(func(p *doc.Picture) { p.Width = 0 })...), "block 1 (picture): 0 by 320 pixels"},
		{blocks(pic(func(p *doc.Picture) { p.Alt = bad[0].Text })...), "block 1 (picture): a character"},
	} {
		_, err := Write(tt.d, nil)
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "write docx: ") {
			t.Errorf("got %v, want %s", err, tt.want)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("%v: says the text", err)
		}
	}
}

func blocks(bs ...doc.Block) doc.Document { return doc.Document{Lang: "en", Blocks: bs} }

func TestWriteRefusesWhatReadWould(t *testing.T) {
	if _, err := Write(blocks(), make([]byte, MaxXML)); err == nil {
		t.Error("custom bytes beyond what is read")
	}
	if _, err := pack(make([]file, MaxParts+1)); err == nil {
		t.Error("more parts than are read")
	}
	if _, err := pack([]file{{"a.png", make([]byte, MaxFile)}}); err == nil {
		t.Error("a file larger than is read")
	}
}

func TestLinksAreEscaped(t *testing.T) {
	for from, want := range map[string]string{
		"https://example.org/a b?c=\"": "https://example.org/a%20b?c=\"",
		"http://example.org/é":         "http://example.org/%C3%A9",
		"mailto:a@example.org":         "mailto:a@example.org",
	} {
		have, err := target(from)
		if strings.Contains(want, `"`) {
			if err == nil {
				t.Errorf("%s: a quote in a link", from)
			}
		} else if err != nil || have != want {
			t.Errorf("%s: %s, %v", from, have, err)
		}
	}
}
