package demo

import (
	"html"
	"iter"
	"math/rand/v2"
	"strings"
	"unicode"

	"tidemark/schema"
	"tidemark/schema/fiction"
)

// row is an invented case as a case system shows it: words instead of codes.
type row struct {
	number  string
	person  string
	alias   string // with birth year and town: what a system without ids knows of her
	year    string
	town    string
	date    schema.Date
	text    string
	answers []string // one per dimension of the codebook
}

// clerk types an organisation's cases in, with the slips that real exports hold.
type clerk struct {
	codebook *schema.Codebook
	labels   *schema.Labels
	random   *rand.Rand
}

// unknownSpellings are how people write that they do not know; mappings list them all.
var unknownSpellings = []string{"Unknown", "n/a", "?"}

func newClerk(seed uint64, o *fiction.Organisation) (*clerk, error) {
	labels, err := schema.IncidentLabels(o.Language)
	if err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(seed, uint64(len(o.Slug))<<32|uint64(o.People)))
	return &clerk{codebook: schema.Incident(), labels: labels, random: r}, nil
}

// rows types every case.
func (c *clerk) rows(cases iter.Seq[fiction.Case]) iter.Seq[row] {
	return func(yield func(row) bool) {
		for fictional := range cases {
			if !yield(c.row(fictional)) {
				return
			}
		}
	}
}

var towns = []string{"Port Amber", "Alder", "San Rocío", "Kelm", "Nouvelle-Rive"}

func (c *clerk) row(f fiction.Case) row {
	name, _, _ := strings.Cut(f.Text, " ")
	sum := 0
	for _, b := range []byte(f.Person) {
		sum = sum*31 + int(b)
	}
	r := row{
		number: f.ID, person: f.Person, date: f.Date, text: f.Text,
		alias: name, year: []string{"1979", "1985", "1990", "1994", "1998", "2001"}[abs(sum)%6], town: towns[abs(sum)%len(towns)],
		answers: make([]string, len(f.Codes)),
	}
	for i, code := range f.Codes {
		r.answers[i] = c.answer(i, int(code), f.Blank[i])
	}
	return r
}

func abs(n int) int { return max(n, -n) }

func (c *clerk) answer(dimension, code int, blank bool) string {
	d := &c.codebook.Dimensions[dimension]
	id := d.Codes[code].Code
	if blank {
		return ""
	}
	if id == schema.UnknownCode && c.random.Float64() < 0.5 {
		return unknownSpellings[c.random.IntN(len(unknownSpellings))]
	}
	return c.slip(c.labels.Code(schema.Axis{Dimension: d.ID}, id).Label)
}

// slip changes a word as hurried hands do: trailing blanks, capitals, entities, and in
// two of a thousand a letter too many, which no mapping knows.
func (c *clerk) slip(word string) string {
	switch u := c.random.Float64(); {
	case u < 0.010:
		return word + "  "
	case u < 0.020:
		return strings.Map(unicode.ToUpper, word)
	case u < 0.060:
		return html.EscapeString(word)
	case u < 0.062:
		return word + "x"
	}
	return word
}
