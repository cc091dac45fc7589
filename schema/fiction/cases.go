package fiction

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"

	"tidemark/schema"
)

// Case is an invented row of a case system.
type Case struct {
	ID     string
	Person string
	Date   schema.Date
	Codes  []byte // one per dimension of the built-in codebook
	Blank  []bool // per dimension: the field was left empty rather than "unknown"
	Text   string // free text with invented names, numbers and addresses
}

// Cases yields an organisation's cases in the order in which people came. Quarters after
// it stopped are empty.
func (w *World) Cases(organisation int) iter.Seq[Case] {
	return func(yield func(Case) bool) {
		o := &w.Organisations[organisation]
		last := w.Config.First.Add(w.Config.Quarters - 1).End()
		if !o.Stops.IsZero() {
			last = o.Stops.Start() - 1
		}
		number := 0
		for q := range w.Config.Quarters {
			r := w.random(organisation, q+1)
			for range w.newcomers(o, q) {
				p := w.person(r, o, organisation, &number)
				if !w.casesOf(r, o, p, w.Config.First.Add(q), last, yield) {
					return
				}
			}
		}
	}
}

func (w *World) newcomers(o *Organisation, q int) int {
	n := float64(o.People) * o.levels[q]
	if !o.Changes.IsZero() && !w.Config.First.Add(q).Before(o.Changes) {
		n *= o.Step
	}
	return int(n)
}

// person keeps what stays the same over her cases.
type person struct {
	id     string
	name   string
	number int
	fixed  map[int]byte // dimension -> code
}

func (w *World) person(r *rand.Rand, o *Organisation, organisation int, number *int) person {
	*number++
	p := person{
		id:     fmt.Sprintf("P-%02d-%06d", organisation+1, *number),
		name:   canary(r),
		number: *number,
		fixed:  map[int]byte{},
	}
	for _, d := range []string{"gender", "age_band", "defender_theme", "defender_gender", "target_relation", "prior_training", "access_context"} {
		i := w.codebook.Dimension(d)
		p.fixed[i] = w.answers[i].draw(r)
	}
	i := w.codebook.Dimension("region")
	p.fixed[i] = byte(w.codebook.Dimensions[i].Index(o.Regions[0]))
	if r.Float64() < 0.06 { // helplines get calls from elsewhere
		p.fixed[i] = w.answers[i].draw(r)
	}
	return p
}

// casesOf spreads a person's cases over the weeks after the first.
func (w *World) casesOf(r *rand.Rand, o *Organisation, p person, q schema.Period, last schema.Date, yield func(Case) bool) bool {
	days := int(q.End()-q.Start()) + 1
	date := q.Start() + schema.Date(r.IntN(days))
	for k := range howMany(r) {
		if date > last {
			return true
		}
		if !yield(w.one(r, o, p, k, date)) {
			return false
		}
		date += schema.Date(r.ExpFloat64() * 45)
	}
	return true
}

// howMany cases a person has: 1 67 %, 2 16 %, 3 7 %, else 4 and more, at most 92.
func howMany(r *rand.Rand) int {
	switch u := r.Float64(); {
	case u < 0.67:
		return 1
	case u < 0.83:
		return 2
	case u < 0.90:
		return 3
	}
	n := 4
	for n < 92 && r.Float64() > 0.28 {
		n++
	}
	return n
}

func (w *World) one(r *rand.Rand, o *Organisation, p person, k int, date schema.Date) Case {
	c := Case{
		ID:     fmt.Sprintf("%s/%d", p.id, k+1),
		Person: p.id,
		Date:   date,
		Codes:  make([]byte, len(w.codebook.Dimensions)),
		Blank:  make([]bool, len(w.codebook.Dimensions)),
	}
	for i := range c.Codes {
		if fixed, ok := p.fixed[i]; ok {
			c.Codes[i] = fixed
		} else {
			c.Codes[i] = w.answers[i].draw(r)
		}
	}
	w.story(r, o, &c)
	for i, a := range w.answers {
		c.Blank[i] = c.Codes[i] == a.unknown && r.Float64() < 0.4
	}
	c.Text = text(r, p.name)
	return c
}

// story lays the demonstration's trends over a case that chance has made.
func (w *World) story(r *rand.Rand, o *Organisation, c *Case) {
	quarter := schema.PeriodOf(c.Date, schema.Quarterly)
	if w.is(c, "region", spywareRegion) && r.Float64() < 0.07*w.since(quarter, spywareFor) {
		w.set(c, "threat_type", "device_spyware")
		w.set(c, "exposure_path", "spyware_own_device")
	}
	if w.is(c, "region", doxingRegion) && r.Float64() < 0.05*w.since(quarter, doxingFor) {
		w.set(c, "threat_type", "doxing")
		w.set(c, "online_offline_link", "online_precedes")
		w.set(c, "offline_consequence", []schema.Code{"following_stalking", "raid_property_damage", "visit_intimidation"}[r.IntN(3)])
	}
	if !w.is(c, "platform_response_time", "not_applicable_unknown") && r.Float64() < 0.12*w.since(quarter, slowerFor) {
		w.set(c, "platform_response_time", []schema.Code{"over_60_days", "never"}[r.IntN(2)])
		w.set(c, "platform_response", "no_response")
	}
	known := schema.Code("no")
	if r.Float64() < o.Overlap {
		known = "yes_independent"
	}
	if !w.is(c, "known_elsewhere", schema.UnknownCode) {
		w.set(c, "known_elsewhere", known)
	}
}

// since counts quarters from so many before the last on, at most eight.
func (w *World) since(q schema.Period, before int) float64 {
	first := w.Config.First.Add(w.Config.Quarters - 1 - before)
	return float64(min(8, max(0, (q.Year-first.Year)*4+q.Quarter-first.Quarter+1)))
}

func (w *World) is(c *Case, dimension string, code schema.Code) bool {
	i := w.codebook.Dimension(dimension)
	return w.codebook.Dimensions[i].Codes[c.Codes[i]].Code == code
}

func (w *World) set(c *Case, dimension string, code schema.Code) {
	i := w.codebook.Dimension(dimension)
	c.Codes[i] = byte(w.codebook.Dimensions[i].Index(code))
}

// canary is a name that occurs nowhere else: a leak of it is a leak of the case.
func canary(r *rand.Rand) string {
	const letters = "abcdefghijkmnopqrstuvwxyz"
	b := make([]byte, 14)
	for i := range b {
		b[i] = letters[r.IntN(len(letters))]
	}
	return "Zq" + string(b)
}

// text is what a caseworker would have written. 60 % have several lines.
func text(r *rand.Rand, name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s asked for help", name)
	if r.Float64() < 0.6 {
		b.WriteString(".\nShe says it began last week; \"they knew where I was\".")
	}
	if r.Float64() < 0.18 {
		fmt.Fprintf(&b, "\nTel +00 %09d", r.IntN(1_000_000_000))
	}
	if r.Float64() < 0.03 {
		fmt.Fprintf(&b, "\n%s@mail.invalid", strings.ToLower(name))
	}
	return b.String()
}
