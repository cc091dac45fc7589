package view

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// Query is the state of a page, as its address holds it. The zero Query is every page's
// ordinary state.
type Query struct {
	Lang   string         // "es"; empty: the reader's own
	What   combine.Filter // the code that is looked at; zero: all people
	And    combine.Filter // a second axis; zero: everybody
	Table  schema.Table   // of a heat map, a ranking, a board
	From   schema.Period
	To     schema.Period
	Period schema.Period
	Every  schema.Cadence // quarter or year; empty: the finest that can tell
	Show   string         // "level" or "change"
	Time   string         // "rtl": time runs to the left
	Pin    string         // the releases that the page is about; empty: all that are here
	Figure string         // on the evidence page: the figure asked about
	People string         // on the page of the plan: sizes, as they are typed
	Format string         // of a brief's file: docx
	In     string         // the language of a brief's file
	// Print opens everything that is folded.
	Print bool
}

// Shows of a heat map.
const (
	ShowLevel  = "level"
	ShowChange = "change"
)

// field is one key of an address.
type field struct {
	key  string
	get  func(*Query) string
	read func(*Query, string) error
}

var fields = []field{
	{"what", func(q *Query) string { return FilterText(q.What) }, func(q *Query, s string) error { return readFilter(&q.What, s) }},
	{"and", func(q *Query) string { return FilterText(q.And) }, func(q *Query, s string) error { return readFilter(&q.And, s) }},
	{"table", func(q *Query) string { return tableText(q.Table) }, readTable},
	{"from", func(q *Query) string { return periodText(q.From) }, func(q *Query, s string) error { return readPeriod(&q.From, s) }},
	{"to", func(q *Query) string { return periodText(q.To) }, func(q *Query, s string) error { return readPeriod(&q.To, s) }},
	{"period", func(q *Query) string { return periodText(q.Period) }, func(q *Query, s string) error { return readPeriod(&q.Period, s) }},
	{"every", func(q *Query) string { return string(q.Every) }, readEvery},
	{"show", func(q *Query) string { return q.Show }, func(q *Query, s string) error { return readOneOf(&q.Show, s, ShowLevel, ShowChange) }},
	{"time", func(q *Query) string { return q.Time }, func(q *Query, s string) error { return readOneOf(&q.Time, s, "rtl", "ltr") }},
	{"pin", func(q *Query) string { return q.Pin }, readPin},
	{"figure", func(q *Query) string { return q.Figure }, readFigure},
	{"people", func(q *Query) string { return q.People }, readPeople},
	{"format", func(q *Query) string { return q.Format }, func(q *Query, s string) error { return readOneOf(&q.Format, s, "html", "pdf", "docx", "md", "zip") }},
	{"in", func(q *Query) string { return q.In }, func(q *Query, s string) error { return readLangInto(&q.In, s) }},
	{"print", func(q *Query) string { return yes(q.Print) }, readPrint},
	{"lang", func(q *Query) string { return q.Lang }, readLang},
}

// ParseQuery reads an address's query, strictly: an unknown key, a key that stands twice
// and a value that is none are refused. Empty values are as if they were not there, as
// forms send them.
func ParseQuery(values url.Values) (Query, error) {
	var q Query
	left := len(values)
	for _, f := range fields {
		given, ok := values[f.key]
		if !ok {
			continue
		}
		left--
		if len(given) != 1 {
			return Query{}, fmt.Errorf("query %s: stands %d times", f.key, len(given))
		}
		if given[0] == "" {
			continue
		}
		if err := f.read(&q, given[0]); err != nil {
			return Query{}, fmt.Errorf("query %s: %w", f.key, err)
		}
	}
	if left > 0 {
		return Query{}, fmt.Errorf("query: %d unknown keys", left)
	}
	return q, nil
}

// Encode writes the address's query; ParseQuery of it is the same Query again.
func (q Query) Encode() string {
	var b strings.Builder
	for _, f := range fields {
		s := f.get(&q)
		if s == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(f.key + "=" + strings.NewReplacer("%28", "(", "%29", ")", "%2A", "*").Replace(url.QueryEscape(s)))
	}
	return b.String()
}

// At is an address: the page with the query.
func (q Query) At(path string) string {
	if s := q.Encode(); s != "" {
		return path + "?" + s
	}
	return path
}

// Link is the address of another page, with what every link hands on.
func (q Query) Link(path string) string { return q.kept().At(path) }

// kept is what every link of a page hands on: language, pin and the direction of time.
func (q Query) kept() Query { return Query{Lang: q.Lang, Pin: q.Pin, Time: q.Time} }

// FilterText is "threat_type.doxing".
func FilterText(f combine.Filter) string {
	if f == (combine.Filter{}) {
		return ""
	}
	return f.Axis.String() + "." + string(f.Code)
}

// ParseFilter reads "threat_type.doxing"; whether the codebook has it is asked later.
func ParseFilter(s string) (combine.Filter, error) {
	axis, code, ok := strings.Cut(s, ".")
	if !ok || code == "" || len(code) > 48 {
		return combine.Filter{}, fmt.Errorf("want axis.code")
	}
	a, err := schema.ParseAxis(axis)
	if err != nil {
		return combine.Filter{}, err
	}
	return combine.Filter{Axis: a, Code: schema.Code(code)}, nil
}

func readFilter(into *combine.Filter, s string) (err error) {
	*into, err = ParseFilter(s)
	return err
}

func tableText(t schema.Table) string {
	if len(t.Axes) == 0 {
		return ""
	}
	return t.String()
}

func readTable(q *Query, s string) (err error) {
	q.Table, err = schema.ParseTable(s)
	return err
}

func periodText(p schema.Period) string {
	if p.IsZero() {
		return ""
	}
	return p.String()
}

func readPeriod(into *schema.Period, s string) (err error) {
	*into, err = schema.ParsePeriod(s)
	return err
}

func readEvery(q *Query, s string) error {
	if !slices.Contains(schema.Cadences, schema.Cadence(s)) {
		return fmt.Errorf("want quarter or year")
	}
	q.Every = schema.Cadence(s)
	return nil
}

func readOneOf(into *string, s string, choices ...string) error {
	if !slices.Contains(choices, s) {
		return fmt.Errorf("want %s", strings.Join(choices, " or "))
	}
	*into = s
	return nil
}

// longest bounds what an address may hand on unread.
const longest = 2000

func readPin(q *Query, s string) error {
	if len(s) > longest || strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != "" {
		return fmt.Errorf("want a pin")
	}
	q.Pin = s
	return nil
}

// readPeople takes what is typed: the page says what is wrong with it.
func readPeople(q *Query, s string) error {
	if utf8.RuneCountInString(s) > longestSizes || !utf8.ValidString(s) {
		return fmt.Errorf("want numbers")
	}
	q.People = s
	return nil
}

// longestSizes holds the most members, with the largest sizes.
const longestSizes = 2000

func readFigure(q *Query, s string) error {
	if _, err := ParseFigureID(s); err != nil {
		return err
	}
	q.Figure = s
	return nil
}

func readLang(q *Query, s string) error { return readLangInto(&q.Lang, s) }

func readLangInto(into *string, s string) error {
	if len(s) < 2 || len(s) > 8 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz-") != "" {
		return fmt.Errorf("want a language like es")
	}
	*into = s
	return nil
}

func yes(b bool) string {
	if b {
		return "1"
	}
	return ""
}

func readPrint(q *Query, s string) error {
	if s != "1" {
		return fmt.Errorf("want 1")
	}
	q.Print = true
	return nil
}
