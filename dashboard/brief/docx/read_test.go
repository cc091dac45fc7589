package docx

import (
	"archive/zip"
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tidemark/dashboard/brief/doc"
)

func TestReadRefusesHalfFiles(t *testing.T) {
	file := write(t, sample(t), manifestBytes)
	for _, n := range []int{0, 1, 4, 100, len(file) / 2, len(file) - 30, len(file) - 1} {
		if _, err := Read(file[:n]); err == nil {
			t.Errorf("%d of %d bytes read as a whole", n, len(file))
		}
	}
	at := bytes.Index(file, []byte("very likely"))
	file[at] ^= 1
	if _, err := Read(file); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a flipped bit: %v", err)
	}
}

// deflated is a zip as others make it.
func deflated(t testing.TB, parts ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range parts {
		w, err := z.Create(p.name)
		if err == nil {
			_, err = w.Write(p.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// small is a package with the body of a document, and more parts.
func small(body string, refs []ref, more ...file) []file {
	return append([]file{
		{"_rels/.rels", packageRels()},
		{"word/document.xml", []byte(`<w:document ` + namespaces + `><w:body>` + body + `</w:body></w:document>`)},
		{"word/_rels/document.xml.rels", relationships(refs)},
	}, more...)
}

func run(s string) string { return `<w:r><w:t>` + s + `</w:t></w:r>` }

func inside(kind, target string) []ref { return []ref{{office + "/" + kind, target, false}} }

func TestReadRefusesHostileFiles(t *testing.T) {
	empty := small("", nil)
	replaced := func(name, data string) []file {
		fs := slices.Clone(empty)
		for i := range fs {
			if fs[i].name == name {
				fs[i].data = []byte(data)
			}
		}
		return fs
	}
	many := slices.Clone(empty)
	for i := range MaxParts {
		many = append(many, file{fmt.Sprintf("word/%d.xml", i), nil})
	}
	deep := strings.Repeat("<a>", MaxDepth) + strings.Repeat("</a>", MaxDepth)
	bomb := make([]byte, MaxXML+1)
	noise := make([]byte, 1<<20) // with which the file is large enough to inflate that far
	rand.NewChaCha8([32]byte{}).Read(noise)
	var pictures []file
	var refs []ref
	for i := range 2 {
		pictures = append(pictures, file{fmt.Sprintf("word/%d.png", i), bomb})
		refs = append(refs, inside("image", fmt.Sprintf("%d.png", i))...)
	}
	for want, fs := range map[string][]file{
		"more than 4000 parts":                         many,
		"document: a file that inflates too far":       replaced("word/document.xml", string(bomb)),
		"document: a part of more than 16777216 bytes": append(replaced("word/document.xml", string(bomb)), file{"noise", noise}),
		"image: a file that inflates too far":          small("", refs, pictures...),
		"name leaves the package":                      append(slices.Clone(empty), file{"word/../../x", nil}),
		"whose name leaves the package":                append(slices.Clone(empty), file{"/etc/x", nil}),
		"part whose name leaves the package":           append(slices.Clone(empty), file{`..\x`, nil}),
		"two parts of one name":                        append(slices.Clone(empty), file{"Word/Document.xml", nil}),
		"a target that leaves the package":             small("", inside("image", "../../x.png")),
		"a document type":                              replaced("word/document.xml", `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`),
		"document: markup that is malformed":           replaced("word/document.xml", `<a>&b;</a>`),
		"markup that is malformed":                     replaced("word/document.xml", `<a><b></a>`),
		"256 elements in elements":                     small(deep, nil),
		"relationships: a part that is not there":      nil,
		"0 documents in the package":                   replaced("_rels/.rels", `<Relationships/>`),
		"2 documents in the package":                   replaced("_rels/.rels", strings.Replace(string(packageRels()), packaging+"relationships/metadata/core-properties", office+"/officeDocument", 1)),
		"document: a part that is not there":           {{"_rels/.rels", packageRels()}},
		"image: a part that is not there":              small("", inside("image", "media/x.png")),
		"image: a picture from outside the file":       small("", []ref{{office + "/image", "https://example.org/x.png", true}}),
		"a part that is no text and no picture":        small("", inside("aFChunk", "x.html")),
		"a note that is cited and not there":           small(`<w:p><w:footnoteReference w:id="7"/></w:p>`, nil),
		"document: a note among its paragraphs":        small(`<w:footnote w:id="7"><w:p>`+run("x")+`</w:p></w:footnote>`, nil),
		"customXml: a manifest that is not base64":     small("", inside("customXml", "x.xml"), file{"word/x.xml", []byte(`<manifest xmlns="` + manifest + `">?</manifest>`)}),
		"footnotes: markup that is malformed":          small("", inside("footnotes", "n.xml"), file{"word/n.xml", []byte(`<a`)}),
		"customXml: two parts with a manifest":         small("", append(inside("customXml", "x.xml"), inside("customXml", "y.xml")...), file{"word/x.xml", []byte(`<manifest xmlns="` + manifest + `">YQ==</manifest>`)}, file{"word/y.xml", []byte(`<manifest xmlns="` + manifest + `">YQ==</manifest>`)}),
		"footnotes: two notes of one id":               small("", append(inside("footnotes", "n.xml"), inside("footnotes", "m.xml")...), notesPart("n"), notesPart("m")),
		"relationships: markup that is malformed":      append(slices.Clone(empty[:2]), file{"word/_rels/document.xml.rels", []byte("<")}),
	} {
		if _, err := Read(deflated(t, fs...)); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "read docx: ") {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := Read(make([]byte, MaxFile+1)); err == nil || !strings.Contains(err.Error(), "a file of more than") {
		t.Errorf("a large file: %v", err)
	}
}

func TestBudget(t *testing.T) {
	for size, want := range map[int]int64{0: MaxXML, 1000: MaxXML, 1 << 20: MaxRatio << 20, MaxFile: MaxTotal} {
		if have := budget(size); have != want {
			t.Errorf("%d bytes may become %d, want %d", size, have, want)
		}
	}
}

func notesPart(name string) file {
	return file{"word/" + name + ".xml", []byte(`<w:footnotes ` + namespaces + `><w:footnote w:id="1"/></w:footnotes>`)}
}

func TestReadTakesWhatIsShown(t *testing.T) {
	const text = `<w:p>`
	for _, tt := range []struct{ what, body, want string }{
		{"runs", text + run("a") + run("b ") + run(" c") + `</w:p>`, "ab c"},
		{"a deletion", text + run("a") + `<w:del><w:r><w:delText>b</w:delText></w:r></w:del><w:ins>` + run("c") + `</w:ins></w:p>`, "ac"},
		{"a move", text + run("a") + `<w:moveFrom>` + run("b") + `</w:moveFrom></w:p>`, "a"},
		{"a foreign element of that name", text + `<moveFrom>` + run("b") + `</moveFrom></w:p>`, "b"},
		{"hidden letters", text + `<w:r><w:rPr><w:vanish/></w:rPr><w:t>b</w:t></w:r>` + run("a") + `</w:p>`, "a"},
		{"letters that are not hidden", text + `<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>b</w:t></w:r></w:p>`, "b"},
		{"letters that were hidden", text + `<w:r><w:rPr><w:rPrChange><w:rPr><w:vanish/></w:rPr></w:rPrChange></w:rPr><w:t>b</w:t></w:r></w:p>`, "b"},
		{"a hidden mark", text + `<w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr>` + run("a") + `</w:p>`, "a"},
		{"a field's result", text + `<w:r><w:instrText>PAGE</w:instrText></w:r>` + run("7") + `</w:p>`, "7"},
		{"characters that are elements", text + `<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:noBreakHyphen/><w:sym w:char="0041"/></w:r></w:p>`, "a b\u2011A"},
		{"a frame in a paragraph", text + run("a") + `<w:txbxContent><w:p>` + run("b") + `</w:p></w:txbxContent>` + run("c") + `</w:p>`, "b|ac"},
		{"text that is in no paragraph", run("a"), ""},
	} {
		c, err := Read(deflated(t, small(tt.body, nil)...))
		if have := strings.Join(c.Paragraphs, "|"); err != nil || have != tt.want {
			t.Errorf("%s: %q, %v", tt.what, have, err)
		}
	}
}

func TestReadFollowsThePackage(t *testing.T) {
	// Office on the web calls its document document2.xml; a decoy stands where others
	// have theirs.
	fs := []file{
		{"_rels/.rels", relationships([]ref{{kind: "http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument", target: "/Word/document2.xml"}})},
		{"word/document2.xml", []byte(`<w:document ` + namespaces + `><w:p>` + run("true") + `</w:p></w:document>`)},
		{"word/document.xml", []byte(`<w:document ` + namespaces + `><w:p>` + run("decoy") + `</w:p></w:document>`)},
	}
	c, err := Read(deflated(t, fs...))
	if err != nil || len(c.Paragraphs) != 1 || c.Paragraphs[0] != "true" {
		t.Errorf("%q, %v", c.Paragraphs, err)
	}
}

func TestReadFindsEveryPicture(t *testing.T) {
	// Referred to as something else before, and below a part that has no words.
	refs := slices.Concat(inside("hyperlink", "a.png"), inside("image", "a.png"), inside("numbering", "numbering.xml"))
	fs := small("", refs, file{"word/a.png", []byte("a")}, file{"word/b.png", []byte("b")},
		file{"word/_rels/numbering.xml.rels", relationships(inside("image", "b.png"))})
	c, err := Read(deflated(t, fs...))
	if err != nil || len(c.Pictures) != 2 {
		t.Errorf("%d pictures, %v", len(c.Pictures), err)
	}
}

func FuzzRead(f *testing.F) {
	parts := small(`<w:p>`+run("a")+`</w:p>`, append(inside("footnotes", "n.xml"), inside("customXml", "x.xml")...), notesPart("n"), file{"word/x.xml", []byte(`<manifest xmlns="` + manifest + `">YQ==</manifest>`)})
	f.Add(deflated(f, parts...))
	stored, err := pack(parts)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(stored)
	f.Fuzz(func(t *testing.T, file []byte) {
		if _, err := Read(file); err != nil && !strings.HasPrefix(err.Error(), "read docx: ") {
			t.Error(err)
		}
	})
}

// FuzzReadMarkup skips the zip, which mutations seldom get through.
func FuzzReadMarkup(f *testing.F) {
	d := blocks(doc.Paragraph{Text: []doc.Inline{{Text: "a", Link: "https://example.org/", Note: 1}, {Text: "b", Note: 1}}})
	d.Notes = [][]doc.Inline{doc.Text("c")}
	parts := unzip(f, write(f, d, nil))
	f.Add(parts["word/document.xml"], parts["word/footnotes.xml"], parts["word/_rels/document.xml.rels"])
	f.Add([]byte(`<w:p><w:del></w:p>`), []byte(`<p></p></p>`), []byte(`<Relationship Target="//.."/>`))
	f.Fuzz(func(t *testing.T, document, notes, rels []byte) {
		parts := []file{{"_rels/.rels", packageRels()}, {"word/document.xml", document}, {"word/footnotes.xml", notes}, {"word/_rels/document.xml.rels", rels}}
		file, err := pack(parts)
		if err != nil {
			t.Skip()
		}
		if _, err := Read(file); err != nil && !strings.HasPrefix(err.Error(), "read docx: ") {
			t.Error(err)
		}
	})
}

// FuzzText: every text that is written reads back, whatever is in it.
func FuzzText(f *testing.F) {
	f.Add("a <b> & \"c\" ]]>", "https://example.org/?a=1&b", "ar")
	f.Add("\r\n\t \u2068\u202e\u0085", "mailto:a@example.org", "en")
	f.Fuzz(func(t *testing.T, text, link, lang string) {
		d := doc.Document{Title: text, Lang: lang, RTL: len(text)%2 > 0, Foot: text, Warning: text, Notes: [][]doc.Inline{{{Text: text, Apart: true}}}}
		d.Blocks = []doc.Block{
			doc.Paragraph{Text: []doc.Inline{{Text: text, Link: link, Note: 1, Apart: true}, {Text: text, Strong: true, Note: 1}}},
			doc.Table{Caption: text, Head: []string{text, text}, Rows: [][]string{{text}}},
			doc.Picture{Name: text, Alt: text, Caption: text, PNG: []byte("\x89PNG\r\n\x1a\n"), Width: 1, Height: 9000},
		}
		file, err := Write(d, []byte(text))
		if err != nil {
			t.Skip()
		}
		c, err := Read(file)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(c.Paragraphs, Words(d)) || string(c.Custom) != text {
			t.Errorf("reads back as %q, want %q", c.Paragraphs, Words(d))
		}
	})
}
