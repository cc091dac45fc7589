package words

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"tidemark/schema"
)

//go:embed catalogue/*.json
var catalogues embed.FS

// Tags are the languages of the pages; the first one stands in for the others.
var Tags = []string{"en", "es", "fr", "ar"}

// topics are the catalogues of each language: catalogue/{topic}.{language}.json.
var topics = []string{"pages", "tables", "node", "figures", "setup", "plan", "governance", "joint", "gaps", "brief"}

// catalogue is what a file holds: key to text.
type catalogue map[string]string

// about is what is said of the languages themselves.
var about = map[string]struct {
	name   string
	review schema.Review
}{
	"en": {"English", schema.MachineDrafted},
	"es": {"Español", schema.MachineDrafted},
	"fr": {"Français", schema.MachineDrafted},
	"ar": {"العربية", schema.MachineDrafted},
}

// Language is the pages' words in one language. It does not change and is safe for
// concurrent use.
type Language struct {
	Tag    string // "ar"
	Name   string // what its speakers call it
	RTL    bool
	Review schema.Review

	tag     language.Tag
	texts   catalogue
	labels  *schema.Labels // nil: the codebook has none in this language
	english *Language      // nil for English
	book    *schema.Codebook
	zero    rune // the digit 0

	printers sync.Pool // of *message.Printer: making one costs more than printing
}

// Languages are all of them, for one codebook.
type Languages []*Language

// Load reads the catalogues. Labels are the built-in codebook's; another codebook names
// its codes by their ids and definitions.
func Load(cb *schema.Codebook) (Languages, error) {
	var all Languages
	for _, tag := range Tags {
		l, err := load(tag, cb)
		if err != nil {
			return nil, fmt.Errorf("words %s: %w", tag, err)
		}
		if len(all) > 0 {
			l.english = all[0]
		}
		all = append(all, l)
	}
	return all, nil
}

func load(tag string, cb *schema.Codebook) (*Language, error) {
	l := &Language{
		Tag: tag, Name: about[tag].name, Review: about[tag].review, texts: catalogue{}, book: cb, zero: '0', tag: language.Make(tag),
	}
	for _, topic := range topics {
		if err := l.read(topic); err != nil {
			return nil, err
		}
	}
	if tag == "ar" {
		l.RTL, l.zero, l.tag = true, '٠', language.Make("ar-u-nu-arab") // ar-EG alone prints Latin digits
	}
	if cb.Hash() == schema.Incident().Hash() {
		labels, err := schema.IncidentLabels(tag)
		if err != nil {
			return nil, err
		}
		l.labels = labels
	}
	return l, nil
}

// read adds a topic's texts. A key stands in one topic only.
func (l *Language) read(topic string) error {
	text, err := catalogues.ReadFile("catalogue/" + topic + "." + l.Tag + ".json")
	if err != nil {
		return err
	}
	var c catalogue
	if err := json.Unmarshal(text, &c); err != nil {
		return fmt.Errorf("%s: %w", topic, err)
	}
	for key, text := range c {
		if _, twice := l.texts[key]; twice {
			return fmt.Errorf("%s: key %s stands in two topics", topic, key)
		}
		l.texts[key] = text
	}
	return nil
}

// Of finds a language by its tag, or nil.
func (ls Languages) Of(tag string) *Language {
	for _, l := range ls {
		if l.Tag == tag {
			return l
		}
	}
	return nil
}

// Match chooses by what a browser asks for (an Accept-Language header).
func (ls Languages) Match(accept string) *Language {
	tags := make([]language.Tag, len(ls))
	for i, l := range ls {
		tags[i] = language.Make(l.Tag)
	}
	_, i := language.MatchStrings(language.NewMatcher(tags), accept)
	return ls[i]
}

// Dir is the text direction as HTML names it.
func (l *Language) Dir() string {
	if l.RTL {
		return "rtl"
	}
	return "ltr"
}

// Say fills a text's places with the named values: pairs of name and value. Integers are
// written as the language writes them.
func (l *Language) Say(key string, pairs ...any) string {
	text, ok := l.find(key, pairs)
	if !ok {
		if l.english != nil {
			return l.english.Say(key, pairs...)
		}
		return key
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%v}", pairs[i]), l.value(pairs[i+1]))
	}
	return text
}

// Has tells whether the language itself has a text.
func (l *Language) Has(key string) bool {
	_, ok := l.find(key, nil)
	return ok
}

func (l *Language) find(key string, pairs []any) (string, bool) {
	if text, ok := l.texts[key]; ok {
		return text, true
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == "n" {
			if text, ok := l.texts[key+"."+l.form(pairs[i+1])]; ok {
				return text, true
			}
		}
	}
	text, ok := l.texts[key+".other"]
	return text, ok
}

// form is the plural form that a count takes.
func (l *Language) form(n any) string {
	count := 0
	switch n := n.(type) {
	case int:
		count = n
	case int64:
		count = int(n)
	}
	names := map[plural.Form]string{plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many"}
	if name, ok := names[plural.Cardinal.MatchPlural(l.tag, count, 0, 0, 0, 0)]; ok {
		return name
	}
	return "other"
}

// Isolates keep a value from turning right-to-left text around it. Which one is decided
// here, by the value's first letter: what the standard's own choice (first strong) does
// with values that hold isolated values themselves is to read them left to right.
const (
	leftToRight = "\u2066"
	rightToLeft = "\u2067"
	release     = "\u2069"
)

func (l *Language) value(v any) string {
	switch v := v.(type) {
	case int:
		return l.Number(int64(v))
	case int64:
		return l.Number(v)
	case fmt.Stringer:
		return l.isolated(v.String())
	}
	return l.isolated(fmt.Sprint(v))
}

// isolated leaves alone what has no letters: digits and signs stand as the text around
// them does. A list of isolated names reads as its own language does, whatever they are.
func (l *Language) isolated(s string) string {
	if !l.RTL {
		return s
	}
	inside := 0
	for _, r := range s {
		switch {
		case strings.ContainsRune(leftToRight+rightToLeft, r):
			inside++
		case strings.ContainsRune(release, r):
			inside--
		case inside > 0:
		case unicode.In(r, unicode.Arabic, unicode.Hebrew) && unicode.IsLetter(r):
			return rightToLeft + s + release
		case unicode.IsLetter(r):
			return leftToRight + s + release
		}
	}
	if strings.Contains(s, release) {
		return rightToLeft + s + release
	}
	return s
}

// Number writes a count with the language's digits and groups.
func (l *Language) Number(n int64) string { return l.print(number.Decimal(n)) }

func (l *Language) print(n number.Formatter) string {
	p, ok := l.printers.Get().(*message.Printer)
	if !ok {
		p = message.NewPrinter(l.tag)
	}
	defer l.printers.Put(p)
	return p.Sprint(n)
}

// Digits writes a text's digits as the language does, ungrouped: years, quarters.
func (l *Language) Digits(s string) string {
	if l.zero == '0' {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return l.zero + r - '0'
		}
		return r
	}, s)
}

// Decimal writes a number with one digit after the point.
func (l *Language) Decimal(x float64) string {
	return l.Fixed(x, 1)
}

// Fixed writes a number with so many digits after the point.
func (l *Language) Fixed(x float64, digits int) string {
	return l.print(number.Decimal(x, number.Scale(digits)))
}
