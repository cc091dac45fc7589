package brief

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"tidemark/aggregation/combine"
	"tidemark/dashboard/words"
	"tidemark/schema"
)

// Finding is something that a reader of the brief could be misled by.
type Finding struct {
	Refuse bool   // the brief does not go out with it
	Block  int    // from 1; 0: the whole
	Tag    string // of the language it is about; empty: all
	Key    string // what it is, for programs
	Says   string // to the writer, in the writer's language
}

// Check holds a brief against what it may say. Its sentences are in the language of who
// writes.
func (g *Gathered) Check(l *words.Language) []Finding {
	c := &checker{g: g, l: l, languages: g.Source.Languages, today: g.Source.Today}
	if len(g.Figures) == 0 {
		c.find(true, "nothing")
	}
	for _, tag := range g.Languages {
		if g.Title[tag] == "" || g.To != nil && g.To[tag] == "" {
			c.findIn(tag, true, "language", "language", c.languages.Of(tag).Name)
		}
	}
	for i, p := range g.Blocks {
		c.block = i + 1
		c.part(p)
	}
	return c.out
}

// Refused tells whether a brief may not go out.
func Refused(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Refuse })
}

type checker struct {
	g         *Gathered
	l         *words.Language
	languages words.Languages
	today     schema.Date
	block     int
	out       []Finding
}

func (c *checker) find(refuse bool, key string, pairs ...any) {
	c.findIn("", refuse, key, pairs...)
}

func (c *checker) findIn(tag string, refuse bool, key string, pairs ...any) {
	f := Finding{Refuse: refuse, Block: c.block, Tag: tag, Key: key, Says: c.l.Say("brief.check."+key, pairs...)}
	if !slices.Contains(c.out, f) {
		c.out = append(c.out, f)
	}
}

func (c *checker) part(p Part) {
	for _, tag := range c.g.Languages {
		if !p.has(tag) {
			c.findIn(tag, true, "language", "language", c.languages.Of(tag).Name)
		}
	}
	switch {
	case p.Figure != "":
		c.figure(c.g.figure(p.Figure))
	case p.Case != nil:
		c.documented(p.Case)
	case p.Text != nil:
		for _, tag := range c.g.Languages {
			c.text(tag, p.Text[tag])
		}
	}
}

// figure refuses what a figure may not be (formats.md, "Bundle and brief").
func (c *checker) figure(f *Figure) {
	name := c.g.in(c.l).name(f)
	if n := f.reporting(); n < leastMembers {
		c.find(true, "few", "figure", name, "n", n, "least", leastMembers)
	}
	if f.worst() {
		c.find(true, "noisy", "figure", name)
	}
	if f.withdrawn() {
		c.find(true, "withdrawn", "figure", name)
	}
	if c.g.Old[f.Name] {
		c.find(false, "old", "figure", name)
	}
	if f.Leads {
		c.find(false, "leads", "figure", name)
	}
}

// leastMembers stand behind every figure of a brief.
const leastMembers = 3

// worst tells that the newest number, or every number of a table, is too noisy to be one.
func (f *Figure) worst() bool {
	if f.Table == nil {
		n := f.newest()
		return n.Number == nil || n.Number.band(n.Bands) == combine.TooNoisy
	}
	return !slices.ContainsFunc(f.Table.Cells, func(n Number) bool { return n.band(f.Table.Bands) != combine.TooNoisy })
}

func (f *Figure) withdrawn() bool {
	return f.Table != nil && f.Table.Withdrawn || slices.ContainsFunc(f.Points, func(p Point) bool { return p.Withdrawn })
}

func (c *checker) documented(k *Case) {
	if until, err := schema.ParseDate(k.Expires); err != nil || until < c.today {
		c.find(true, "expired")
	}
	if _, err := k.holder(); err != nil {
		c.find(true, "unheld")
	}
}

// text looks at each sentence on its own.
func (c *checker) text(tag, s string) {
	said := c.g.in(c.languages.Of(tag))
	for _, f := range fieldsIn(s) {
		_, noisy, err := said.field(f)
		switch {
		case err != nil:
			c.findIn(tag, true, "field", "field", "{"+f.Figure+"."+f.Key+"}")
		case noisy:
			c.findIn(tag, true, "field.noisy", "field", "{"+f.Figure+"."+f.Key+"}")
		}
	}
	for _, sentence := range sentences(s) {
		c.sentence(tag, sentence)
	}
}

// sentence compares what it claims with the figures whose fields stand in it.
func (c *checker) sentence(tag, s string) {
	l := c.languages.Of(tag)
	fields := fieldsIn(s)
	bare := fieldForm.ReplaceAllString(s, " ")
	rises, falls := has(l, bare, "brief.stems.rise"), has(l, bare, "brief.stems.fall")
	if len(fields) == 0 {
		if rises || falls || numbers.MatchString(years.ReplaceAllString(digits(bare), " ")) {
			c.findIn(tag, false, "claim", "text", shortened(s))
		}
		return
	}
	for _, f := range c.figuresOf(fields) {
		if f.Table == nil && (rises || falls) {
			c.direction(tag, s, f, rises, falls)
		}
		if persons := has(l, bare, "brief.stems.person"); persons && f.Measure == string(schema.People) && f.shared() {
			c.findIn(tag, false, "shares", "text", shortened(s))
		}
		if f.quarterly() && has(l, bare, "brief.stems.year") {
			c.findIn(tag, false, "year", "text", shortened(s))
		}
	}
}

// direction refuses a rise where the numbers know of none.
func (c *checker) direction(tag, s string, f *Figure, rises, falls bool) {
	way := f.verdict().Direction()
	if rises != falls && (rises && way <= 0 || falls && way >= 0) {
		verdict := c.g.in(c.l).v.Verdict(f.verdict()).Text
		c.findIn(tag, true, "direction", "text", shortened(s), "figure", c.g.in(c.l).name(f), "verdict", verdict)
	}
}

func (c *checker) figuresOf(fields []Field) (out []*Figure) {
	for _, f := range fields {
		if figure := c.g.figure(f.Figure); figure != nil && !slices.Contains(out, figure) {
			out = append(out, figure)
		}
	}
	return out
}

// shared tells that people are shared among codes in it, so that a number is not of whole
// persons.
func (f *Figure) shared() bool {
	id := f.id()
	return f.Table != nil || id.What != (combine.Filter{}) || id.And != (combine.Filter{})
}

func (f *Figure) quarterly() bool { return lastOf(f.id()).Cadence() == schema.Quarterly }

var (
	sentenceEnd = regexp.MustCompile(`[.!?؟](\s|$)|\n`)
	numbers     = regexp.MustCompile(`[0-9]`)
	years       = regexp.MustCompile(`\b(19|20)[0-9]{2}\b|(?m)^\s*[0-9]+[.)]\s`)
)

func sentences(s string) (out []string) {
	at := 0
	for _, m := range sentenceEnd.FindAllStringIndex(s, -1) {
		out = append(out, s[at:m[1]])
		at = m[1]
	}
	return slices.DeleteFunc(append(out, s[at:]), func(s string) bool { return strings.TrimSpace(s) == "" })
}

// digits writes Arabic digits as 0 to 9.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '٠' && r <= '٩' {
			return '0' + r - '٠'
		}
		return r
	}, s)
}

// has tells whether a word of the text begins with one of the language's stems; in a
// language that writes articles and conjunctions onto words, whether it holds one.
func has(l *words.Language, s, key string) bool {
	stems := strings.Fields(l.Say(key))
	for _, word := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
		for _, stem := range stems {
			if strings.HasPrefix(word, stem) || l.RTL && strings.Contains(word, stem) {
				return true
			}
		}
	}
	return false
}

// shortened is a text's beginning, for a finding.
func shortened(s string) string {
	r := []rune(strings.TrimSpace(s))
	if len(r) <= 90 {
		return string(r)
	}
	return string(r[:89]) + "…"
}
