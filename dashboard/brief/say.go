package brief

import (
	"fmt"
	"slices"
	"strings"

	"tidemark/aggregation/combine"
	"tidemark/dashboard/view"
	"tidemark/dashboard/words"
	"tidemark/schema"
)

// speaker says a manifest in one language.
type speaker struct {
	m *Manifest
	l *words.Language
	v *view.Reader // for the words of numbers; it reads nothing
}

func (m *Manifest) in(l *words.Language) speaker { return speaker{m, l, &view.Reader{L: l}} }

// The keys of a trend's fields.
const (
	keyName    = "name"
	keyPeriod  = "period"
	keyMembers = "members"
	keySays    = "says"
	keyLast    = "last"
	keyFirst   = "first"
	keyBefore  = "before"
	keySince   = "since"
	keyChange  = "change"
	keyVerdict = "verdict"
)

// trendKeys and tableKeys are what may stand in a text; a table's cells are named by their
// codes besides.
var (
	trendKeys = []string{keySays, keyLast, keyBefore, keyChange, keyVerdict, keyFirst, keyPeriod, keySince, keyMembers, keyName}
	tableKeys = []string{keySays, keyPeriod, keyMembers, keyName}
)

// number is an estimate as it is shown.
func (s speaker) number(n Number, b schema.Bands) view.Value { return s.v.Value(n.Estimate(), b) }

func (n Number) band(b schema.Bands) combine.Band { return n.Estimate().Band(b) }

// lexicon is the manifest's words in the language, or in the brief's first one for a reader
// who looks at it in another.
func (s speaker) lexicon() Lexicon {
	if words, ok := s.m.Words[s.l.Tag]; ok {
		return words
	}
	return s.m.Words[s.m.Languages[0]]
}

// label is a code's name in the manifest's own words.
func (s speaker) label(a schema.Axis, c schema.Code) string {
	for _, m := range s.lexicon().Codes {
		if m.Axis == a.String() && m.Code == string(c) {
			return m.Label
		}
	}
	return string(c)
}

func (s speaker) axis(a schema.Axis) string {
	if name := s.lexicon().Axes[a.String()]; name != "" {
		return name
	}
	return a.String()
}

func (s speaker) filter(f combine.Filter) string {
	if f == (combine.Filter{}) {
		return s.l.Say("all.people")
	}
	return s.label(f.Axis, f.Code)
}

// name is what a figure is about.
func (s speaker) name(f *Figure) string {
	id := f.id()
	if f.Table != nil {
		var axes []string
		for _, a := range id.Table.Axes {
			axes = append(axes, s.axis(a))
		}
		return s.l.Say("fig.table", "table", strings.Join(axes, " × "), "period", s.l.Period(id.Period))
	}
	if id.And == (combine.Filter{}) {
		return s.filter(id.What)
	}
	return s.l.Say("labels.and", "what", s.filter(id.What), "and", s.filter(id.And))
}

// span is the time that a figure shows.
func (s speaker) span(f *Figure) string {
	if f.Table != nil {
		return s.l.Period(f.Table.Period)
	}
	first, last := f.Points[0].Period, f.newest().Period
	if first == last {
		return s.l.Period(last)
	}
	return s.l.Say("fig.span", "from", s.l.Period(first), "to", s.l.Period(last))
}

// date is a day in words; its form was checked before.
func (s speaker) date(text string) string {
	day, err := schema.ParseDate(text)
	if err != nil {
		return text
	}
	return s.l.Date(day)
}

func (s speaker) members(reporting, total int) string {
	return s.l.Say("coverage.of", "n", total, "some", reporting)
}

// point is a period of a trend as it is shown.
func (s speaker) point(p Point) view.Value {
	switch p.Absent {
	case Missing:
		return s.v.Missing()
	case Untold:
		return s.v.Untold()
	}
	return s.number(*p.Number, p.Bands)
}

// field is what stands in the place of a field; noisy that it has no number.
func (s speaker) field(f Field) (says string, noisy bool, err error) {
	figure := s.m.figure(f.Figure)
	if figure == nil {
		return "", false, fmt.Errorf("field {%s.%s}: no figure has this name", f.Figure, f.Key)
	}
	if f.Key == keyName {
		return s.name(figure), false, nil
	}
	if figure.Table != nil {
		return s.tableField(figure, f)
	}
	return s.trendField(figure, f)
}

func (s speaker) trendField(f *Figure, key Field) (string, bool, error) {
	newest := f.newest()
	switch key.Key {
	case keyLast:
		return s.shown(newest)
	case keyFirst:
		return s.shown(f.Points[0])
	case keyPeriod:
		return s.l.Period(newest.Period), false, nil
	case keyMembers:
		return s.members(newest.Reporting, newest.Total), false, nil
	case keySays:
		return s.trendSays(f), false, nil
	case keyBefore, keySince, keyChange, keyVerdict:
		return s.changeField(f, key)
	}
	return "", false, fmt.Errorf("field {%s.%s}: want one of %s", key.Figure, key.Key, strings.Join(trendKeys, ", "))
}

func (s speaker) shown(p Point) (string, bool, error) {
	return s.point(p).Full(), p.Number == nil || p.Number.band(p.Bands) == combine.TooNoisy, nil
}

func (s speaker) changeField(f *Figure, key Field) (string, bool, error) {
	c := f.Change
	if c == nil {
		return "", false, fmt.Errorf("field {%s.%s}: the figure has nothing to compare with", key.Figure, key.Key)
	}
	noisy := f.verdict() == combine.TooNoisyToSay
	switch key.Key {
	case keySince:
		return s.l.Period(c.Since), false, nil
	case keyBefore:
		return s.number(c.From, c.Was).Full(), c.From.band(c.Was) == combine.TooNoisy, nil
	case keyChange:
		return s.l.Say("brief.people", "change", s.v.Difference(c.Difference.Estimate())), noisy, nil
	}
	return s.v.Verdict(f.verdict()).Text, false, nil
}

// trendSays is a trend in one sentence or two, each with its range.
func (s speaker) trendSays(f *Figure) string {
	newest := f.newest()
	now := s.l.Say("brief.now", "what", s.name(f), "period", s.l.Period(newest.Period), "value", s.point(newest).Full())
	if newest.Number != nil && newest.Number.band(newest.Bands) == combine.Caution {
		now = s.l.Say("says.caution", "says", now)
	}
	if f.Change == nil {
		return now
	}
	return now + " " + s.changeSays(f)
}

var changeKeys = map[combine.Verdict]string{
	combine.VeryLikelyRising: "clear", combine.VeryLikelyFalling: "clear",
	combine.ProbablyRising: "probably", combine.ProbablyFalling: "probably", combine.NoClearChange: "flat",
}

func (s speaker) changeSays(f *Figure) string {
	c, verdict := f.Change, f.verdict()
	kind := changeKeys[verdict]
	if kind == "" {
		return s.l.Say("brief.noisy", "since", s.l.Period(c.Since))
	}
	key := "judge." + kind
	if c.Joint {
		key = "joint." + key
	}
	return s.l.Say(key, "since", s.l.Period(c.Since), "to", s.l.Period(c.To), "n", c.Members, "change", s.v.Difference(c.Difference.Estimate()))
}

func (s speaker) tableField(f *Figure, key Field) (string, bool, error) {
	t := f.Table
	switch key.Key {
	case keyPeriod:
		return s.l.Period(t.Period), false, nil
	case keyMembers:
		return s.members(t.Reporting, t.Total), false, nil
	case keySays:
		return s.tableSays(f), false, nil
	}
	i := t.cell(key.Key)
	if i < 0 {
		return "", false, fmt.Errorf("field {%s.%s}: want a code of the table, or one of %s", key.Figure, key.Key, strings.Join(tableKeys, ", "))
	}
	return s.number(t.Cells[i], t.Bands).Full(), t.Cells[i].band(t.Bands) == combine.TooNoisy, nil
}

// cell finds a cell by "doxing" or "doxing*m49_419".
func (t *Table) cell(name string) int {
	row, col, two := strings.Cut(name, "*")
	r := slices.Index(t.Rows, row)
	if !two && t.Cols == nil {
		return r
	}
	c := slices.Index(t.Cols, col)
	if r < 0 || c < 0 {
		return -1
	}
	return r*len(t.Cols) + c
}

// ranked are the rows of a one-way table in order, without what is not known.
func (t *Table) ranked() (ranks []combine.Rank, rows []int) {
	var cells []combine.Estimate
	for i, code := range t.Rows {
		if !view.Vague(schema.Code(code)) {
			cells, rows = append(cells, t.Cells[i].Estimate()), append(rows, i)
		}
	}
	return combine.Ranks(cells), rows
}

// tableSays says what comes first, as far as that is clear.
func (s speaker) tableSays(f *Figure) string {
	t := f.Table
	if t.Cols != nil {
		return s.l.Say("brief.table", "table", s.name(f))
	}
	ranks, rows := t.ranked()
	first, group := "", 0
	for _, r := range ranks {
		if r.Estimate.Band(t.Bands) == combine.TooNoisy {
			continue
		}
		if group == 0 {
			first = s.label(f.id().Table.Axes[0], schema.Code(t.Rows[rows[r.Cell]]))
			first = s.l.Say("brief.most", "what", first, "period", s.l.Period(t.Period), "value", s.v.Value(r.Estimate, t.Bands).Full())
		}
		if r.Group == 1 {
			group++
		}
	}
	switch {
	case first == "":
		return s.l.Say("rank.all_noisy")
	case group > 1:
		return first + " " + s.l.Say("brief.tie", "n", group-1)
	}
	return first
}

// Offer is a field with what stands in its place now.
type Offer struct {
	Field, Says string
	Noisy       bool // it stands for no number
}

// Offers are the fields of a figure, in a language; of a table its cells too.
func (m *Manifest) Offers(l *words.Language, name string) (out []Offer) {
	s, f := m.in(l), m.figure(name)
	if f == nil {
		return nil
	}
	keys := trendKeys
	if f.Table != nil {
		keys = slices.Concat(tableKeys, f.Table.names())
	}
	for _, key := range keys {
		says, noisy, err := s.field(Field{name, key})
		if err == nil {
			out = append(out, Offer{"{" + name + "." + key + "}", says, noisy})
		}
	}
	return out
}

// mostNames is how many cells are offered one by one.
const mostNames = 40

// names are those of the table's cells, as fields have them.
func (t *Table) names() (out []string) {
	for _, r := range t.Rows {
		if t.Cols == nil {
			out = append(out, r)
		}
		for _, c := range t.Cols {
			out = append(out, r+"*"+c)
		}
	}
	return out[:min(len(out), mostNames)]
}

// NameOf says what a figure of the brief is about.
func (m *Manifest) NameOf(l *words.Language, name string) string {
	if f := m.figure(name); f != nil {
		return m.in(l).name(f)
	}
	return name
}
