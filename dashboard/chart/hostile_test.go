package chart

import (
	"bytes"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// hostile are texts that must come out as text, or not at all.
var hostile = []string{
	`</text></svg><script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `&#60;script&#62;`, `]]><x>`, `<!--`, `{{.}}`,
	"\u202egnp.exe", "\u2066\u2067\u2068open", "\u2069\u2069", "a\x00b\x01\x1f\x7fc", "\xff\xfe\x80", "\ufffe\uffff", "line\nbreak\u2028x",
	strings.Repeat("long ", 2000), strings.Repeat("\u0301", 10_000), strings.Repeat("م", 10_000), "😀👩‍👩‍👧", "%s%n", `javascript:alert(1)`,
}

// addresses that must not become links.
var outside = []string{
	"javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "https://example.org/", "//example.org/", `/\example.org/`, "/\t/example.org",
	"/\n/example.org", " /x", "evidence", "", "\u00a0/x", "/" + strings.Repeat("x", 10_000), "/\xff",
}

func hostileTrend(s, href string) Trend {
	t := kinds()
	t.Title, t.Desc, t.CoverageLabel, t.Last = s, s, s, [2]string{s, s}
	t.Number = func(int64) string { return s }
	for i := range t.Marks {
		m := &t.Marks[i]
		m.Label, m.Group, m.Coverage, m.Say, m.Tip, m.Href = s, s, s, s, [2]string{s, s}, href
	}
	for i := range t.Notes {
		t.Notes[i].Text = s
	}
	return t
}

func TestHostileTextStaysText(t *testing.T) {
	allowed := map[string]bool{"svg": true, "title": true, "desc": true, "defs": true, "pattern": true, "g": true, "path": true, "rect": true,
		"circle": true, "text": true, "a": true}
	for _, s := range hostile {
		scene := LayoutTrend(hostileTrend(s, "/evidence"))
		scene.Heading, scene.Source, scene.ID = s, s, s
		for form, doc := range map[string]string{"page": string(scene.Page()), "file": string(scene.SVG(Light(), s)), "mini": string(LayoutMini(hostileTrend(s, "")).Page())} {
			if len(doc) > 150_000 {
				t.Errorf("%s: %.20q makes %d bytes", form, s, len(doc))
			}
			if !utf8.ValidString(doc) || strings.ContainsFunc(doc, forbidden) {
				t.Errorf("%s: %.20q: a control character or an override of direction got through", form, s)
			}
			for _, e := range wellFormed(t, doc) {
				if !allowed[e.Name.Local] {
					t.Errorf("%s: %.20q: element %s", form, s, e.Name.Local)
				}
				for _, a := range e.Attr {
					if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "style" {
						t.Errorf("%s: %.20q: attribute %s", form, s, a.Name.Local)
					}
				}
			}
		}
	}
}

func forbidden(r rune) bool {
	return unicode.IsControl(r) && r != '\n' || r >= 0x202a && r <= 0x202e || r == 0xfffe || r == 0xffff
}

func TestIsolatesAreClosed(t *testing.T) {
	for in, want := range map[string]string{
		"\u2066a": "\u2066a\u2069", "a\u2069b": "ab", "\u2067x\u2069y": "\u2067x\u2069y", "\u2068\u2066x\u2069": "\u2068\u2066x\u2069\u2069",
	} {
		if got := clean(in, 50); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestOnlyInnerAddressesAreLinks(t *testing.T) {
	for _, href := range outside {
		page := string(LayoutTrend(hostileTrend("x", href)).Page())
		if strings.Contains(page, "<a ") || strings.Contains(page, "href") {
			t.Errorf("%.40q became a link", href)
		}
		if !strings.Contains(page, `<g class="mark" role="img" tabindex="0" aria-label="x">`) {
			t.Errorf("%.40q: the mark can no longer be reached", href)
		}
	}
	for href, want := range map[string]string{"/a?b=1&c=%22": `href="/a?b=1&amp;c=%22"`, "#x": `href="#x"`, `/a"b`: `href="/a&#34;b"`} {
		if page := string(LayoutTrend(hostileTrend("x", href)).Page()); !strings.Contains(page, want) {
			t.Errorf("%q: no %s", href, want)
		}
	}
}

func TestLongTextIsCut(t *testing.T) {
	for _, c := range []struct {
		in   string
		room float64
		want string
	}{{"short", 100, "short"}, {"rather long words", 50, "rather…"}, {"", 0, ""}} {
		if got := fit(c.in, 12, c.room); got != c.want {
			t.Errorf("%q in %g: %q, want %q", c.in, c.room, got, c.want)
		}
	}
	if got := clean("ééééé", 4); got != "ééé…" {
		t.Errorf("clean cuts to %q", got)
	}
}

func TestFilesHaveNoLinks(t *testing.T) {
	s := LayoutTrend(kinds())
	s.Source = "Source: release 2026-Q4"
	doc := s.SVG(Dark(), "Demonstration data")
	for _, no := range []string{"<a", "href", "class=", "style=", "<script", "tabindex", "Quarter 1"} {
		if bytes.Contains(doc, []byte(no)) {
			t.Errorf("the file has %q", no)
		}
	}
	for _, yes := range []string{`>Demonstration data</text>`, `>Source: release 2026-Q4</text>`, `>76 to 96</text>`, "<title", `xmlns="http://www.w3.org/2000/svg"`} {
		if !bytes.Contains(doc, []byte(yes)) {
			t.Errorf("the file has no %q", yes)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range hostile {
		f.Add(s, "/x")
	}
	for _, href := range outside {
		f.Add("x", href)
	}
	f.Fuzz(func(t *testing.T, s, href string) {
		scene := LayoutTrend(hostileTrend(s, href))
		scene.ID, scene.Source = s, s
		for _, doc := range []string{string(scene.Page()), string(scene.SVG(Light(), s))} {
			for _, e := range wellFormed(t, doc) {
				for _, a := range e.Attr {
					if a.Name.Local == "href" && (a.Value[0] != '/' && a.Value[0] != '#' || strings.HasPrefix(a.Value, "//")) {
						t.Errorf("link to %q", a.Value)
					}
				}
			}
		}
	})
}
