package words

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tidemark/schema"
)

func loaded(t *testing.T) Languages {
	t.Helper()
	ls, err := Load(schema.Incident())
	if err != nil {
		t.Fatal(err)
	}
	return ls
}

// forms are the plural forms that each language tells apart.
var forms = map[string][]string{
	"en": {"one", "other"}, "es": {"one", "other"}, "fr": {"one", "other"},
	"ar": {"zero", "one", "two", "few", "many", "other"},
}

// base is a key without its plural form; English tells which keys have any.
func base(english *Language, key string) string {
	i := strings.LastIndex(key, ".")
	if i < 0 || !slices.Contains(forms["ar"], key[i+1:]) {
		return key
	}
	_, one := english.texts[key[:i]+".one"]
	_, other := english.texts[key[:i]+".other"]
	if one && other {
		return key[:i]
	}
	return key
}

var place = regexp.MustCompile(`\{[a-z]+\}`)

// places are the named values of a text.
func places(text string) string {
	found := place.FindAllString(text, -1)
	slices.Sort(found)
	return fmt.Sprint(slices.Compact(found))
}

// Every language says everything that English says, with the same values.
func TestCataloguesAreWhole(t *testing.T) {
	ls := loaded(t)
	english := map[string]string{}
	for key, text := range ls[0].texts {
		if b := base(ls[0], key); b == key || strings.HasSuffix(key, ".other") { // "one" may leave the number out
			english[b] = places(text)
		}
	}
	if len(english) < 200 {
		t.Fatalf("%d texts in English", len(english))
	}
	for _, l := range ls[1:] {
		have := map[string]bool{}
		for key, text := range l.texts {
			b := base(ls[0], key)
			have[b] = true
			want, known := english[b]
			// The form for one or two may leave the number out: "one member".
			rare := strings.HasSuffix(key, ".one") || strings.HasSuffix(key, ".two") || strings.HasSuffix(key, ".zero")
			if !known || places(text) != want && !(rare && places(text+"{n}") == want) {
				t.Errorf("%s %s: places %s, English has %s", l.Tag, key, places(text), want)
			}
		}
		for _, b := range slices.Sorted(maps.Keys(english)) {
			if !have[b] {
				t.Errorf("%s lacks %s", l.Tag, b)
			}
		}
	}
}

// Every plural form that a language has is there, or the one form for all.
func TestPluralFormsAreWhole(t *testing.T) {
	ls := loaded(t)
	for _, l := range ls {
		for key := range l.texts {
			b := base(ls[0], key)
			if b == key {
				continue
			}
			for _, form := range forms[l.Tag] {
				if _, ok := l.texts[b+"."+form]; !ok {
					t.Errorf("%s %s: no form %s", l.Tag, b, form)
				}
			}
		}
	}
}

// A catalogue's file holds each key once, and no markup: texts are escaped where shown.
func TestCataloguesAreText(t *testing.T) {
	for _, tag := range Tags {
		for _, topic := range topics {
			raw, err := os.ReadFile("catalogue/" + topic + "." + tag + ".json")
			if err != nil {
				t.Fatal(err)
			}
			d := json.NewDecoder(strings.NewReader(string(raw)))
			seen := map[string]bool{}
			for d.More() {
				token, err := d.Token()
				if err != nil {
					t.Fatal(err)
				}
				key, ok := token.(string)
				if !ok {
					continue
				}
				if seen[key] {
					t.Errorf("%s.%s: key %s stands twice", topic, tag, key)
				}
				seen[key] = true
				if value, err := d.Token(); err != nil || strings.ContainsAny(fmt.Sprint(value), "<>&") {
					t.Errorf("%s.%s %s: markup, or no text: %v", topic, tag, key, err)
				}
			}
		}
	}
}

func TestSay(t *testing.T) {
	ls := loaded(t)
	en, ar := ls.Of("en"), ls.Of("ar")
	for _, c := range []struct{ have, want string }{
		{en.Say("value.about", "n", 1234), "about 1,234"},
		{en.Say("coverage.of", "n", 1, "some", 1), "1 of 1 member"},
		{en.Say("coverage.of", "n", 12, "some", 11), "11 of 12 members"},
		{en.Say("no.such.key"), "no.such.key"},
		{en.Period(schema.Period{Year: 2026, Quarter: 3}), "Q3 2026"},
		{en.Period(schema.Period{Year: 2026}), "2026"},
		{en.Moment(time.Date(2026, 10, 10, 6, 0, 0, 0, time.UTC)), "10 October 2026, 06:00 UTC"},
		{ar.Number(1234), "١٬٢٣٤"},
		{ar.Year(schema.Period{Year: 2026}), "٢٠٢٦"},
		{ar.Digits("a1b"), "a١b"},
		{ls.Of("fr").Number(1234), "1\u00a0234"},
		{ls.Match("de, fr;q=0.8").Tag, "fr"},
		{ls.Match("nonsense;;").Tag, "en"},
		{ar.Dir() + en.Dir(), "rtlltr"},
	} {
		if c.have != c.want {
			t.Errorf("have %q, want %q", c.have, c.want)
		}
	}
	day := ar.Date(schema.NewDate(2027, 1, 10))
	if said := ar.Say("moment", "date", day, "time", "x"); !strings.Contains(said, rightToLeft+day+release) || strings.HasPrefix(day, leftToRight) {
		t.Errorf("a date in Arabic text is turned around: %q", said)
	}
	if said := ls.Of("fr").Date(schema.NewDate(2027, 1, 1)); said != "1er janvier 2027" {
		t.Errorf("the first of a month in French: %q", said)
	}
	if said := ls.Of("es").Fixed(0.5064, 3); said != "0,506" {
		t.Errorf("a decimal in Spanish: %q", said)
	}
	if said := ar.Say("remark.missing", "member", "quiet-heron"); !strings.Contains(said, leftToRight+"quiet-heron"+release) {
		t.Errorf("a name in Arabic text is not isolated: %q", said)
	}
	names := ar.Say("list.and", "some", ar.Say("cover.list", "some", "quiet-heron", "one", "warm-lark"), "one", "long-swift")
	if said := ar.Say("remark.missing", "member", names); !strings.HasPrefix(names, rightToLeft+leftToRight+"quiet-heron") || !strings.Contains(said, rightToLeft+names+release) {
		t.Errorf("a list of names in Arabic text reads from left to right: %q", said)
	}
}

// Another codebook names its codes by their ids.
func TestAnotherCodebook(t *testing.T) {
	cb, err := schema.ParseCodebook([]byte(`{"codebook":"other","version":"1","dimensions":[{"id":"kind_of","codes":[{"code":"a_b","definition":"what it is"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	ls, err := Load(cb)
	if err != nil {
		t.Fatal(err)
	}
	a := schema.Axis{Dimension: "kind_of"}
	if l := ls[3].Code(a, "a_b"); l.Label != "a b" || l.Definition != "what it is" || ls[3].Axis(a) != "kind of" {
		t.Errorf("have %+v", l)
	}
}

// Every key that a template or a page model names is in the English catalogue.
func TestEveryKeyIsThere(t *testing.T) {
	en := loaded(t)[0]
	used := regexp.MustCompile(`(?:\{\{-?\s*t |\(t |L\.Say\(|l\.Say\()"([a-z0-9_.-]+)"[\s)},]`)
	for _, pattern := range []string{"../*.go", "../view/*.go", "../web/templates/*.html"} {
		files, err := os.ReadDir(strings.TrimSuffix(pattern, pattern[strings.LastIndex(pattern, "/"):]))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			dir, suffix, _ := strings.Cut(pattern, "*")
			if !strings.HasSuffix(f.Name(), suffix) || strings.HasSuffix(f.Name(), "_test.go") {
				continue
			}
			text, err := os.ReadFile(dir + f.Name())
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range used.FindAllStringSubmatch(string(text), -1) {
				key := m[1]
				if !says(en, key) {
					t.Errorf("%s: no text %s", f.Name(), key)
				}
			}
		}
	}
}

// says tells that a key is there, with its plural forms, or as the beginning of others.
func says(l *Language, key string) bool {
	for have := range l.texts {
		if have == key || have == key+".other" || strings.HasSuffix(key, ".") && strings.HasPrefix(have, key) {
			return true
		}
	}
	return false
}
