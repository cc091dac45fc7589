package brief

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tidemark/aggregation/combine"
	"tidemark/dashboard/brief/doc"
	"tidemark/dashboard/words"
	"tidemark/schema"
)

// Document is every word of the brief in one of its languages. What stands in it follows
// from the manifest and from how many have signed it, and from nothing else. Its pictures
// have pixels only if these are asked for: they cost more than all the rest.
func (m *Manifest) Document(l *words.Language, signed int, pixels bool) (doc.Document, error) {
	if !slices.Contains(m.Languages, l.Tag) {
		return doc.Document{}, fmt.Errorf("brief: language %s: not one of its own", l.Tag)
	}
	id, err := m.ID()
	if err != nil {
		return doc.Document{}, err
	}
	w := &writer{speaker: m.in(l), signed: signed, id: id}
	if w.pictures, err = w.draw(pixels); err != nil {
		return doc.Document{}, err
	}
	w.head()
	for i, p := range m.Blocks {
		if err := w.part(p); err != nil {
			return doc.Document{}, fmt.Errorf("brief: block %d: %w", i+1, err)
		}
	}
	w.method()
	w.meanings()
	w.checking()
	return w.d, nil
}

type writer struct {
	speaker
	signed  int // lines over the manifest
	id      schema.Hash
	d       doc.Document
	figures int
	// pictures are those of the manifest's figures, in their order; nil: it has none.
	pictures []*doc.Picture
}

func (w *writer) add(blocks ...doc.Block) { w.d.Blocks = append(w.d.Blocks, blocks...) }

func (w *writer) say(role doc.Role, key string, pairs ...any) {
	w.add(doc.Paragraph{Role: role, Text: doc.Text(w.l.Say(key, pairs...))})
}

func (w *writer) section(key string) { w.add(doc.Heading{Level: 2, Text: doc.Text(w.l.Say(key))}) }

// head says what this is, from whom, to whom, and how far it was agreed to.
func (w *writer) head() {
	title := w.m.Title[w.l.Tag]
	w.d = doc.Document{
		Title: title, Lang: w.l.Tag, RTL: w.l.RTL, Contents: w.l.Say("brief.sources"),
		Foot: w.l.Say("brief.foot", "id", w.id.Short()),
	}
	if w.m.Demo {
		w.d.Warning = w.l.Say("fig.watermark")
	}
	w.add(doc.Heading{Level: 1, Text: doc.Text(title)})
	w.say(doc.Lead, "brief.lead", "kind", w.l.Say("brief.template."+w.m.Template), "date", w.date(w.m.Date))
	if to := w.m.To[w.l.Tag]; to != "" {
		w.say(doc.Lead, "brief.to", "to", to)
	}
	if len(w.m.From) > 0 {
		w.say(doc.Lead, "brief.from", "names", strings.Join(w.m.From, w.l.Say("brief.names.sep")))
	}
	w.attested()
}

func (w *writer) attested() {
	switch {
	case w.signed == 0:
		w.say(doc.Lead, "brief.draft", "n", w.m.Members)
	case w.signed < w.m.Members:
		w.say(doc.Lead, "brief.some", "n", w.signed, "all", w.m.Members)
	default:
		w.say(doc.Lead, "brief.attested", "n", w.signed)
	}
}

func (w *writer) part(p Part) error {
	switch {
	case p.Figure != "":
		w.figure(p)
		return nil
	case p.Context != nil:
		return w.context(p.Context)
	case p.Case != nil:
		return w.documented(p.Case)
	}
	blocks, err := w.text(p.Text[w.l.Tag])
	w.add(blocks...)
	return err
}

// text is the writer's words with every field filled in.
func (w *writer) text(s string) ([]doc.Block, error) {
	blocks, err := parseMarkdown(s)
	if err != nil {
		return nil, err
	}
	for i, b := range blocks {
		switch b := b.(type) {
		case doc.Heading:
			b.Text = w.fill(b.Text)
			blocks[i] = b
		case doc.Paragraph:
			b.Text = w.fill(b.Text)
			blocks[i] = b
		case doc.List:
			for k := range b.Items {
				b.Items[k] = w.fill(b.Items[k])
			}
		}
	}
	return blocks, nil
}

// fill puts what is said into the places of fields; what cannot be said stays as it was
// typed, and Check has refused it.
func (w *writer) fill(runs []doc.Inline) (out []doc.Inline) {
	for _, r := range runs {
		at := 0
		for _, m := range fieldForm.FindAllStringSubmatchIndex(r.Text, -1) {
			f := Field{r.Text[m[2]:m[3]], r.Text[m[4]:m[5]]}
			says, _, err := w.field(f)
			if err != nil {
				continue
			}
			out = append(out, with(r, r.Text[at:m[0]]), with(r, says))
			at = m[1]
		}
		out = append(out, with(r, r.Text[at:]))
	}
	out = slices.DeleteFunc(out, func(r doc.Inline) bool { return r.Text == "" })
	return doc.Joined(out)
}

// figure is picture, table, sentence and what must be known with them.
func (w *writer) figure(p Part) {
	f := w.m.figure(p.Figure)
	w.figures++
	caption := w.l.Say("brief.figure", "number", w.figures, "name", w.name(f))
	if own := p.Caption[w.l.Tag]; own != "" {
		caption += " — " + own
	}
	shows := func(what string) bool { return len(p.Show) == 0 || slices.Contains(p.Show, what) }
	picture := w.pictures[slices.IndexFunc(w.m.Figures, func(one Figure) bool { return one.Name == f.Name })]
	drawn := picture != nil && shows(ShowPicture)
	if drawn {
		one := *picture
		one.Name, one.Caption = "figure-"+strconv.Itoa(w.figures), caption
		w.add(one)
	}
	if shows(ShowTable) || !drawn {
		if drawn { // one caption is enough for a name
			caption = w.l.Say("brief.table.of", "number", w.figures, "name", w.name(f))
		}
		w.add(w.table(f, caption))
	}
	w.d.Notes = append(w.d.Notes, doc.Text(w.cite(f)))
	w.add(doc.Paragraph{Text: []doc.Inline{{Text: w.sentence(f), Note: len(w.d.Notes)}}})
	for _, c := range w.caveats(f) {
		w.add(doc.Paragraph{Role: doc.Small, Text: doc.Text(c)})
	}
}

func (w *writer) sentence(f *Figure) string {
	if f.Table != nil {
		return w.tableSays(f)
	}
	return w.trendSays(f)
}

// cite says where a figure's numbers come from.
func (w *writer) cite(f *Figure) string {
	return w.l.Say("brief.cite", "coalition", w.m.Coalition, "periods", w.span(f), "members", w.who(f)) + " " +
		w.l.Say("brief.cite.figure", "figure", f.ID)
}

func (w *writer) table(f *Figure, caption string) doc.Table {
	switch {
	case f.Table == nil:
		return w.trendTable(f, caption)
	case f.Table.Cols == nil:
		return w.rankTable(f, caption)
	}
	return w.crossTable(f, caption)
}

func (w *writer) trendTable(f *Figure, caption string) doc.Table {
	t := doc.Table{
		Caption: caption, Numeric: []bool{false, true, true, true},
		Head: []string{w.l.Say("head.period"), w.l.Say("head.estimate"), w.l.Say("head.range"), w.l.Say("head.members")},
	}
	for _, p := range f.Points {
		v := w.point(p)
		text := v.Text
		if v.Note != "" {
			text += " · " + v.Note
		}
		members := w.members(p.Reporting, p.Total)
		if p.Joint {
			members += " · " + w.l.Say("joint.remark")
		}
		t.Rows = append(t.Rows, []string{w.l.Period(p.Period), text, v.Range, members})
	}
	return t
}

func (w *writer) rankTable(f *Figure, caption string) doc.Table {
	axis := f.id().Table.Axes[0]
	t := doc.Table{
		Caption: caption, Numeric: []bool{false, true, true},
		Head: []string{w.axis(axis), w.l.Say("head.estimate"), w.l.Say("head.range")},
	}
	ranks, rows := f.Table.ranked()
	order := make([]int, 0, len(f.Table.Rows))
	for _, r := range ranks {
		order = append(order, rows[r.Cell])
	}
	for i := range f.Table.Rows {
		if !slices.Contains(order, i) {
			order = append(order, i)
		}
	}
	for _, i := range order {
		v := w.number(f.Table.Cells[i], f.Table.Bands)
		text := v.Text
		if v.Note != "" {
			text += " · " + v.Note
		}
		t.Rows = append(t.Rows, []string{w.label(axis, schema.Code(f.Table.Rows[i])), text, v.Range})
	}
	return t
}

func (w *writer) crossTable(f *Figure, caption string) doc.Table {
	axes := f.id().Table.Axes
	t := doc.Table{Caption: caption, Numeric: []bool{false}, Head: []string{w.axis(axes[0])}}
	for _, c := range f.Table.Cols {
		t.Head, t.Numeric = append(t.Head, w.label(axes[1], schema.Code(c))), append(t.Numeric, true)
	}
	for i, r := range f.Table.Rows {
		row := []string{w.label(axes[0], schema.Code(r))}
		for k := range f.Table.Cols {
			row = append(row, w.short(f.Table.Cells[i*len(f.Table.Cols)+k], f.Table.Bands))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// short is a number for a narrow cell: what is not distinguishable from zero says 0.
func (w *writer) short(n Number, b schema.Bands) string {
	v := w.number(n, b)
	if v.Class == "zero" {
		v.Text = w.l.Number(0)
	}
	return v.Full()
}

// caveats are what would mislead if it were not said beside the figure.
func (w *writer) caveats(f *Figure) (out []string) {
	say := func(key string, pairs ...any) { out = append(out, w.l.Say(key, pairs...)) }
	if f.shared() {
		say("brief.caveat.shared")
	}
	if f.Leads {
		say("brief.caveat.leads")
	}
	if c := f.Change; c != nil {
		if c.Rests {
			say("brief.caveat.rests")
		}
		if c.Joined+c.Left > 0 {
			say("brief.caveat.other", "joined", c.Joined, "left", c.Left)
		}
	}
	for _, p := range f.Steps {
		say("brief.caveat.method", "period", w.l.Period(p))
	}
	if slices.ContainsFunc(f.Points, func(p Point) bool { return p.Absent == "" && p.Reporting < p.Total }) {
		key := "brief.caveat.missing"
		if f.Change != nil && f.Change.Joint {
			key += ".joint"
		}
		say(key)
	}
	if f.joint() {
		say("brief.caveat.joint")
	}
	return out
}

func (f *Figure) joint() bool {
	return f.Table != nil && f.Table.Joint || slices.ContainsFunc(f.Points, func(p Point) bool { return p.Joint && p.Absent == "" })
}

func (w *writer) context(c *Context) error {
	inside, err := w.text(c.Text[w.l.Tag])
	if err != nil {
		return err
	}
	inside = append(inside, doc.Paragraph{Role: doc.Small, Text: doc.Text(w.l.Say("brief.context.source", "source", c.Source))})
	w.add(doc.Box{Title: w.l.Say("brief.context", "date", w.date(c.Date)), Blocks: inside})
	return nil
}

func (w *writer) documented(c *Case) error {
	inside, err := w.text(c.Text[w.l.Tag])
	if err != nil {
		return err
	}
	inside = append(inside, doc.Paragraph{Role: doc.Small, Text: doc.Text(w.l.Say("brief.case.apart") + " " +
		w.l.Say("brief.case.consent."+c.Scope, "date", w.date(c.Expires)))})
	w.add(doc.Box{Title: w.l.Say("brief.case"), Blocks: inside})
	return nil
}

// method is how the numbers were made, what protects the people in them, and what they are
// not.
func (w *writer) method() {
	w.section("brief.method")
	w.say(doc.Body, "fig.pack.unit")
	w.say(doc.Body, "brief.method.once")
	w.say(doc.Body, "fig.pack.method")
	w.say(doc.Body, "fig.pack.protects."+string(w.m.Protection))
	if slices.ContainsFunc(w.m.Figures, func(f Figure) bool { return f.joint() }) {
		w.say(doc.Body, "brief.method.joint")
	}
	w.say(doc.Body, "brief.method.range")
	for i, p := range w.m.Plans {
		w.say(doc.Body, "brief.method.plan", "number", i+1, "adopted", w.date(p.Adopted), "closed", w.date(w.m.Closed))
	}
	w.overlap()
	if w.m.Apart > 0 {
		w.say(doc.Body, "brief.method.apart", "n", w.m.Apart)
	}
}

// overlap bounds what is counted twice.
func (w *writer) overlap() {
	e := w.m.Elsewhere
	if e == nil || e.Known.band(e.Bands) == combine.TooNoisy || e.All.band(e.Bands) == combine.TooNoisy {
		w.say(doc.Body, "brief.overlap.unknown")
		return
	}
	w.say(doc.Body, "brief.overlap", "period", w.l.Period(e.Period), "all", w.number(e.All, e.Bands).Full(), "known", w.number(e.Known, e.Bands).Full())
}

func (w *writer) meanings() {
	lexicon := w.m.Words[w.l.Tag]
	if len(lexicon.Codes) == 0 {
		return
	}
	w.section("brief.meanings")
	l := doc.List{}
	for _, m := range lexicon.Codes {
		l.Items = append(l.Items, []doc.Inline{
			{Text: lexicon.Axes[m.Axis] + ": "}, {Text: m.Label, Strong: true}, {Text: " — " + m.Definition},
		})
	}
	w.add(l)
}

// checking says how anybody can check the brief.
func (w *writer) checking() {
	w.section("brief.check")
	w.say(doc.Body, "brief.check.how", "command", "tidemark brief verify FILE", "id", w.id.String())
	if w.m.Annex {
		w.say(doc.Body, "brief.check.annex")
	}
	if w.l.Review != schema.Reviewed || w.m.Words[w.l.Tag].Review != schema.Reviewed {
		w.say(doc.Small, "brief.check.review", "language", w.l.Name)
	}
}
