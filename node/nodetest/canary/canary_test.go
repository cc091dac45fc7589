package canary

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
)

// Canaries are what they have to be: 20 bytes, all different, changed by each escaping.
func TestTexts(t *testing.T) {
	seen := map[string]bool{}
	for i := range 8000 {
		text := Text(i)
		if len(text) != 20 || seen[text[:head]] {
			t.Fatalf("canary %d: %d bytes, or one like it before", i, len(text))
		}
		seen[text[:head]] = true
	}
}

// written is how programs write a text, by the libraries that they use, not by ours.
func written(text string) map[string][]string {
	w := map[string][]string{
		"raw": {text}, "lower": {strings.ToLower(text)}, "UPPER": {strings.ToUpper(text)},
		"hex": {hex.EncodeToString([]byte(text))}, "HEX": {fmt.Sprintf("%X", text)},
		"base32":   {},
		"URL":      {url.QueryEscape(text), url.PathEscape(text), executed(`<a href="/?q={{.}}">`, text)},
		"JSON":     {strconv.Quote(text), strconv.QuoteToASCII(text), executed(`<script>x={{.}},"{{.}}"</script>`, text)},
		"HTML":     {html.EscapeString(text), executed(`<p title="{{.}}">`, text), "<p title=\"" + strings.ReplaceAll(text, `"`, "&quot;")},
		"reversed": {mirrored(text)},
	}
	var line bytes.Buffer
	c := csv.NewWriter(&line)
	_ = c.Write([]string{"a", text})
	c.Flush()
	w["CSV"] = []string{line.String()}
	j, _ := json.Marshal(map[string]string{"a": text})
	w["JSON"] = append(w["JSON"], string(j))
	for n := range 5 {
		w["base32"] = append(w["base32"], base32.StdEncoding.EncodeToString([]byte("12345"[:n]+text+"more")))
	}
	for n := range 3 {
		before := []byte("123"[:n] + text + "more")
		w[fmt.Sprint("base64 at ", n)] = []string{base64.StdEncoding.EncodeToString(before)}
		w[fmt.Sprint("base64url at ", n)] = []string{base64.URLEncoding.EncodeToString(before)}
	}
	sum := sha256.Sum256([]byte(text))
	w["SHA-256"] = []string{string(sum[:])}
	w["SHA-256 in hex"] = []string{fmt.Sprintf("%x", sum), fmt.Sprintf("%X", sum[:10])}
	for _, u := range utf16.Encode([]rune(text)) {
		w["UTF-16LE"] = []string{strings.Join(append(w["UTF-16LE"], string([]byte{byte(u), byte(u >> 8)})), "")}
		w["UTF-16BE"] = []string{strings.Join(append(w["UTF-16BE"], string([]byte{byte(u >> 8), byte(u)})), "")}
	}
	return w
}

func executed(page, text string) string {
	var b strings.Builder
	if err := template.Must(template.New("").Parse(page)).Execute(&b, text); err != nil {
		panic(err)
	}
	return b.String()
}

func mirrored(s string) (back string) {
	for _, r := range s {
		back = string(r) + back
	}
	return back
}

// Each form is found where it is planted, in the middle of other bytes, and as itself.
func TestEveryFormIsFound(t *testing.T) {
	s := For(40)
	for i := range 40 {
		all := written(Text(i))
		if len(all) != len(forms) {
			t.Fatalf("%d ways of writing for %d forms", len(all), len(forms))
		}
		for _, f := range forms {
			if len(all[f.name]) == 0 {
				t.Errorf("%s: written in no way", f.name)
			}
			for k, text := range all[f.name] {
				hits := s.In([]byte("some bytes before " + text + " and some after"))
				if !slices.Contains(hits, Hit{i, f.name}) {
					t.Errorf("%s, way %d: not found; found %v", f.name, k, hits)
				}
			}
		}
	}
}

// What was cut off in the middle is found; what looks alike is not.
func TestPartsAndOthers(t *testing.T) {
	s := For(40)
	if hits := s.In([]byte(Text(7)[:head])); len(hits) == 0 {
		t.Error("the first half was not found")
	}
	if hits := s.In([]byte(Text(40) + Text(7)[:head-1] + Text(41))); len(hits) > 0 {
		t.Errorf("found %v", hits)
	}
	if hits := s.In(nil); len(hits) > 0 {
		t.Errorf("in nothing: %v", hits)
	}
	r, noise := rand.NewChaCha8([32]byte{1}), make([]byte, 16<<20)
	_, _ = r.Read(noise)
	if hits := s.In(noise); len(hits) > 0 {
		t.Errorf("in noise: %v", hits)
	}
}

func BenchmarkSearch(b *testing.B) {
	s, text := For(8000), make([]byte, 1<<20)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(text)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		s.In(text)
	}
}
