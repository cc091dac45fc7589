package brief

import (
	"fmt"
	"math"
	"slices"

	"tidemark/aggregation/combine"
	"tidemark/dashboard/view"
	"tidemark/dashboard/words"
	"tidemark/schema"
)

// Source is what a brief is gathered from: the releases, as a snapshot with the spec's pin,
// and every language's words.
type Source struct {
	Snapshot  *view.Snapshot
	Live      *view.Snapshot // what is known now, where the snapshot is pinned; nil: the same
	Languages words.Languages
	Today     schema.Date // what a spec without a date bears
}

// Gathered is a brief with what does not go into it.
type Gathered struct {
	*Manifest
	// Contributors are the members whose releases stand behind the figures, in the roster's
	// order: those whose agreement it needs.
	Contributors []schema.Slug
	Periods      []schema.Period // behind the figures
	Old          map[string]bool // by figure: a newer period could be shown
	Spec         *Spec
	Source       Source // as it was given
}

// Gather makes the manifest of a spec. Nothing is refused here that Check refuses: a draft
// may be looked at.
func Gather(src Source, s *Spec) (*Gathered, error) {
	g := &gatherer{Source: src, spec: s, members: map[schema.Slug]bool{}}
	out := &Gathered{Old: map[string]bool{}, Spec: s, Source: src}
	if err := g.narrow(out); err != nil {
		return nil, fmt.Errorf("brief: %w", err)
	}
	m := &Manifest{
		Format: Format, Coalition: g.Snapshot.State.Charter().Name, Demo: g.Snapshot.Demo,
		Title: s.Title, Template: s.Template, Languages: s.Languages, Date: s.Date, To: s.To, From: s.From,
		Apart: len(s.Without), Annex: s.Annex, Words: map[string]Lexicon{}, Figures: []Figure{}, Blocks: []Part{}, Plans: []Plan{},
	}
	if m.Date == "" {
		m.Date = g.Today.String()
	}
	for i := range s.Blocks {
		if err := g.add(m, &s.Blocks[i]); err != nil {
			return nil, fmt.Errorf("brief: block %d: %w", i+1, err)
		}
	}
	m.Members, m.Protection, m.Closed = len(g.members), g.weakest, g.closed.String()
	m.Elsewhere = g.elsewhere(m)
	for _, tag := range s.Languages {
		lexicon, err := g.lexicon(tag, m)
		if err != nil {
			return nil, fmt.Errorf("brief: %w", err)
		}
		m.Words[tag] = lexicon
	}
	for _, seat := range g.Snapshot.State.Roster().Members {
		if g.members[seat.Slug] {
			out.Contributors = append(out.Contributors, seat.Slug)
		}
	}
	out.Manifest = m
	return out, nil
}

type gatherer struct {
	Source
	spec    *Spec
	reader  *view.Reader
	plans   []schema.Hash
	members map[schema.Slug]bool
	weakest schema.Protection
	closed  schema.Date
	axes    []schema.Axis
}

// narrow leaves nothing but the periods that the figures speak of, and takes the members
// out that did not agree: what is derived from them can be derived by whoever gets exactly
// those notes.
func (g *gatherer) narrow(out *Gathered) error {
	for i := range g.spec.Blocks {
		b := &g.spec.Blocks[i]
		if b.Figure == "" {
			continue
		}
		id, err := view.ParseFigureID(b.Figure)
		if err != nil {
			return fmt.Errorf("block %d: %w", i+1, err)
		}
		last, _ := g.live().Last(lastOf(id).Cadence())
		out.Old[b.As] = lastOf(id).Before(last)
		out.Periods = append(out.Periods, g.spoken(id)...)
	}
	var without []schema.Slug
	for _, slug := range g.spec.Without {
		without = append(without, schema.Slug(slug))
	}
	slices.SortFunc(out.Periods, byTime)
	out.Periods = slices.Compact(out.Periods)
	book, err := g.Snapshot.Book.Part(append([]schema.Period{}, out.Periods...), without...)
	if err != nil {
		return err
	}
	g.Snapshot = g.Snapshot.Part(book)
	g.reader = g.Snapshot.In(g.Languages[0], view.Query{})
	return nil
}

func (g *gatherer) live() *view.Snapshot {
	if g.Live != nil {
		return g.Live
	}
	return g.Source.Snapshot
}

// byTime orders periods, quarters before years.
func byTime(a, b schema.Period) int {
	switch {
	case a == b:
		return 0
	case a.Cadence() == b.Cadence() && a.Before(b) || a.Cadence() == schema.Quarterly && b.Cadence() == schema.Yearly:
		return -1
	}
	return 1
}

// lastOf is the newest period that a figure shows.
func lastOf(id view.FigureID) schema.Period {
	if id.Kind == view.TrendFigure {
		return id.To
	}
	return id.Period
}

// spoken are the periods that a figure shows, and those that its change may be measured
// from.
func (g *gatherer) spoken(id view.FigureID) (out []schema.Period) {
	from, to := id.From, id.To
	if id.Kind != view.TrendFigure {
		from, to = id.Period, id.Period
	}
	for _, p := range g.Snapshot.Book.Periods(to.Cadence()) {
		compared := id.Kind == view.TrendFigure && (p == to.Add(-schema.QuarterYears) && to.Cadence() == schema.Quarterly || p == to.Add(-1))
		if compared || !p.Before(from) && !to.Before(p) {
			out = append(out, p)
		}
	}
	return out
}

func (g *gatherer) add(m *Manifest, b *Block) error {
	p := Part{Text: b.Text, Context: b.Context, Case: b.Case}
	if b.Figure != "" {
		f, err := g.measure(m, b)
		if err != nil {
			return fmt.Errorf("figure %s: %w", b.As, err)
		}
		m.Figures = append(m.Figures, f)
		p = Part{Figure: f.Name, Caption: b.Caption, Show: b.Show}
	}
	m.Blocks = append(m.Blocks, p)
	return nil
}

// measure reads a figure's numbers.
func (g *gatherer) measure(m *Manifest, b *Block) (Figure, error) {
	id, err := view.ParseFigureID(b.Figure)
	if err != nil {
		return Figure{}, err
	}
	measured, err := g.reader.Measure(id)
	if err != nil {
		return Figure{}, err
	}
	f := Figure{Name: b.As, ID: b.Figure, Measure: string(schema.People), Leads: measured.Leads, Steps: measured.Steps}
	for _, p := range measured.Points {
		f.Points = append(f.Points, pointOf(p, g.plan(m, p.Period, p.Plan)))
		g.stand(p.Period, p.Coverage)
	}
	if grid := measured.Grid; grid != nil {
		f.Table = tableOf(grid, g.plan(m, grid.Period, grid.Plan))
		g.stand(grid.Period, grid.Coverage)
		g.axes = append(g.axes, id.Table.Axes...)
		return f, nil
	}
	for _, filter := range []combine.Filter{id.What, id.And} {
		if filter != (combine.Filter{}) {
			g.axes = append(g.axes, filter.Axis)
		}
	}
	if f.Change = changeOf(measured, id.To, g.Snapshot.Plan(measured.Since).Bands); f.Change != nil {
		g.stand(f.Change.Since, g.Snapshot.Book.Coverage(f.Change.Since))
	}
	return f, nil
}

func tableOf(grid *combine.Grid, plan int) *Table {
	t := &Table{
		Period: grid.Period, Bands: grid.Bands, Reporting: len(grid.Coverage.Reporting), Total: len(grid.Coverage.Owing),
		Joint: grid.Coverage.Joint, Plan: plan, Withdrawn: withdrawn(grid.Coverage),
	}
	for i, l := range grid.Shape.Levels {
		for _, c := range l.Codes {
			if i == 0 {
				t.Rows = append(t.Rows, string(c))
			} else {
				t.Cols = append(t.Cols, string(c))
			}
		}
	}
	for _, e := range grid.Cells {
		t.Cells = append(t.Cells, numberOf(e))
	}
	return t
}

// plan is a period's plan among the manifest's.
func (g *gatherer) plan(m *Manifest, p schema.Period, hash schema.Hash) int {
	if i := slices.Index(g.plans, hash); i >= 0 {
		return i
	}
	plan, _, _ := g.Snapshot.Book.Plan(p)
	g.plans = append(g.plans, hash)
	out := Plan{Adopted: g.Snapshot.Adopted(p).String(), Mode: plan.Mode, Noise: []Noise{}}
	for _, t := range plan.Tables {
		if t.Sigma2 != 0 {
			sd := math.Round(math.Sqrt(float64(t.Sigma2)) * thousand / schema.UnitsPerPerson)
			out.Noise = append(out.Noise, Noise{t.Table.String(), string(t.Cadence), int64(sd)})
		}
	}
	m.Plans = append(m.Plans, out)
	return len(g.plans) - 1
}

// stand notes who stands behind a period, and when it closed.
func (g *gatherer) stand(p schema.Period, c combine.Coverage) {
	for _, s := range c.Reporting {
		g.members[s.Member] = true
		g.weakest = g.weakest.Weaker(s.Protection)
	}
	if plan, _, ok := g.Snapshot.Book.Plan(p); ok {
		g.closed = max(g.closed, schema.DateOf(plan.SlotOf(p)))
	}
}

// elsewhereAxis is the dimension that asks who else knows a case.
const elsewhereAxis = "known_elsewhere"

// elsewhereCodes say that somebody else does.
var elsewhereCodes = []schema.Code{"yes_referred", "yes_independent"}

// elsewhere reads how many people some other monitor knows too, in the newest period of
// the figures that tells it.
func (g *gatherer) elsewhere(m *Manifest) *Elsewhere {
	table := schema.Table{Axes: []schema.Axis{{Dimension: elsewhereAxis}}}
	if g.Snapshot.Codebook.Dimension(elsewhereAxis) < 0 {
		return nil
	}
	for _, p := range m.periods() {
		grid, err := g.reader.Grid(table, p)
		if err != nil || len(grid.Coverage.Reporting) == 0 {
			continue
		}
		out := &Elsewhere{Period: p, Bands: grid.Bands}
		var known, all combine.Estimate
		for i, code := range grid.Shape.Levels[0].Codes {
			all = all.Plus(grid.Cells[i])
			if slices.Contains(elsewhereCodes, code) {
				known = known.Plus(grid.Cells[i])
			}
		}
		out.Known, out.All = numberOf(known), numberOf(all)
		return out
	}
	return nil
}

// periods are those of the figures, the newest first.
func (m *Manifest) periods() (out []schema.Period) {
	for _, f := range m.Figures {
		p := lastOf(f.id())
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b schema.Period) int { return byTime(b, a) })
	return out
}

// lexicon is what the figures' codes mean in a language.
func (g *gatherer) lexicon(tag string, m *Manifest) (Lexicon, error) {
	l := g.Languages.Of(tag)
	if l == nil {
		return Lexicon{}, fmt.Errorf("language %s: there are no words in it", tag)
	}
	out := Lexicon{Axes: map[string]string{}, Codes: []Meaning{}, Review: l.LabelsReview()}
	for _, a := range g.axes {
		if _, known := out.Axes[a.String()]; known {
			continue
		}
		out.Axes[a.String()] = l.Axis(a)
		level, err := g.Snapshot.Codebook.Level(a)
		if err != nil {
			return out, err
		}
		for _, c := range level.Codes {
			if m.names(a, c) {
				label := l.Code(a, c)
				out.Codes = append(out.Codes, Meaning{a.String(), string(c), label.Label, label.Definition})
			}
		}
	}
	return out, nil
}

// names tells whether some figure is about a code.
func (m *Manifest) names(a schema.Axis, c schema.Code) bool {
	return slices.ContainsFunc(m.Figures, func(f Figure) bool {
		id := f.id()
		if f.Table != nil {
			return slices.Contains(id.Table.Axes, a)
		}
		is := combine.Filter{Axis: a, Code: c}
		return id.What == is || id.And == is
	})
}
