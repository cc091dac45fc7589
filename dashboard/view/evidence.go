package view

import (
	"fmt"
	"slices"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// EvidencePage answers: where does this number come from?
type EvidencePage struct {
	Title   string
	Crumb   string // what kind of thing is asked about
	Lead    string
	Shown   *Link // the page that shows the figure
	Pin     Term
	Steps   []string // how the number came about
	Note    string   // what the lists below hold
	Noise   []NoisePlan
	Periods []PeriodEvidence
	Without string // the range without any one member
	Shell   []Command
	Empty   *Cannot
}

// PeriodEvidence is the releases behind one period.
type PeriodEvidence struct {
	Name     string
	Value    *Value // of the figure; nil: the page asks about no single number
	Coverage string
	Absent   string // who owed and did not report
	Stuck    string // why a joint round has opened nothing
	Open     bool
	Rows     []ReleaseRow
	Joint    *JointEvidence // in place of rows, of a joint period
}

// ReleaseRow is one member's release.
type ReleaseRow struct {
	Member    schema.Slug
	Note      Link
	ID        string
	Protects  string
	Charge    string
	Withdrawn string
}

// asked is what an evidence page is about.
type asked struct {
	title, crumb string
	shown        *Link
	periods      []schema.Period // newest last
	query        *combine.Query  // nil: no single number
	tables       []schema.Table
}

// Evidence is the page behind a figure, or behind a period.
func (r *Reader) Evidence() (EvidencePage, error) {
	a, err := r.asked()
	if err != nil {
		return EvidencePage{}, err
	}
	p := EvidencePage{Title: a.title, Crumb: a.crumb, Shown: a.shown, Pin: Term{Name: r.L.Say("evidence.pin"), Text: r.Pin, Code: true}}
	if len(a.periods) == 0 {
		p.Title, p.Empty = r.L.Say("evidence.title.empty"), r.nothingYet()
		return p, nil
	}
	newest := a.periods[len(a.periods)-1]
	c := r.Book.Coverage(newest)
	r.tellWay(&p, a, c, newest)
	if p.Noise, err = r.noise(a); err != nil {
		return p, err
	}
	if p.Periods, err = r.periodEvidence(a); err != nil {
		return p, err
	}
	p.Without, err = r.withoutOne(a, newest)
	p.Shell = r.evidenceCommands(c)
	return p, err
}

// tellWay says how the newest number came about.
func (r *Reader) tellWay(p *EvidencePage, a asked, c combine.Coverage, newest schema.Period) {
	lead, step, steps := "evidence.lead", "evidence.step.%d", evidenceSteps
	if c.Joint {
		lead, step, steps = "joint.ev.lead", "joint.step.%d", jointSteps
	}
	p.Lead = r.L.Say(lead, "n", len(c.Reporting), "period", r.L.Period(newest))
	if stuck := r.stuckRounds([]schema.Period{newest}); len(stuck) > 0 {
		p.Lead, steps = stuck[0].Text, 0
	}
	for i := 1; i <= steps; i++ {
		p.Steps = append(p.Steps, r.L.Say(fmt.Sprintf(step, i)))
	}
	joint, local := r.mixed(a.periods)
	if local {
		p.Note = r.L.Say("evidence.releases.note")
	}
	if joint {
		p.Note = spaced(p.Note, r.L.Say("joint.ev.note"))
	}
}

// evidenceSteps is how many sentences tell the way of a number.
const evidenceSteps = 4

func (r *Reader) asked() (asked, error) {
	switch {
	case r.Q.Figure != "":
		f, err := ParseFigureID(r.Q.Figure)
		if err != nil {
			return asked{}, fmt.Errorf("%w: %w", ErrUnknown, err)
		}
		if f.Kind == TrendFigure {
			return r.askedTrend(f)
		}
		return r.askedTable(f)
	case !r.Q.Period.IsZero():
		return r.askedPeriod(r.Q.Period)
	}
	_, last := r.anything()
	if last.IsZero() {
		return asked{}, nil
	}
	return r.askedPeriod(last)
}

func (r *Reader) askedPeriod(p schema.Period) (asked, error) {
	if !slices.Contains(r.Book.Periods(p.Cadence()), p) {
		return asked{}, ErrPeriod
	}
	return asked{title: r.L.Say("evidence.title.period", "period", r.L.Period(p)), crumb: r.L.Say("nav.evidence"), periods: []schema.Period{p}}, nil
}

func (r *Reader) askedTrend(f FigureID) (asked, error) {
	for _, one := range []combine.Filter{f.What, f.And} {
		if err := r.known(one); err != nil {
			return asked{}, err
		}
	}
	c := f.From.Cadence()
	if f.To.Cadence() != c {
		return asked{}, ErrPeriod
	}
	q := r.query(f.What, f.And, c)
	a := asked{
		title: r.Labels(f.What, f.And), query: &q, tables: []schema.Table{q.Table},
		crumb: r.L.Say("evidence.crumb.trend", "from", r.L.Period(f.From), "to", r.L.Period(f.To)),
		shown: &Link{f.Query(r.Q).At("/trends"), r.L.Say("evidence.shown")},
	}
	for _, p := range r.Book.Periods(c) {
		if !p.Before(f.From) && !f.To.Before(p) {
			a.periods = append(a.periods, p)
		}
	}
	if len(a.periods) == 0 {
		return asked{}, ErrPeriod
	}
	return a, nil
}

func (r *Reader) askedTable(f FigureID) (asked, error) {
	if _, err := r.Codebook.Shape(f.Table); err != nil {
		return asked{}, fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	a, err := r.askedPeriod(f.Period)
	if err != nil {
		return a, err
	}
	page := map[string]string{HeatFigure: "/heat", RankFigure: "/ranking"}[f.Kind]
	a.title, a.tables = r.L.Table(f.Table), []schema.Table{f.Table}
	a.crumb = r.L.Say("evidence.crumb.table", "period", r.L.Period(f.Period))
	a.shown = &Link{f.Query(r.Q).At(page), r.L.Say("evidence.shown")}
	return a, nil
}

func (r *Reader) periodEvidence(a asked) ([]PeriodEvidence, error) {
	values := map[schema.Period]Value{}
	if a.query != nil {
		series, err := r.Book.Series(*a.query, a.periods[0], a.periods[len(a.periods)-1])
		if err != nil {
			return nil, err
		}
		for _, p := range series.Points {
			values[p.Period] = r.PointValue(p)
		}
	}
	var out []PeriodEvidence
	for i, p := range slices.Backward(a.periods) {
		e := r.behindPeriod(p)
		e.Open = i == len(a.periods)-1 || r.Q.Print
		if v, ok := values[p]; ok {
			e.Value = &v
		}
		out = append(out, e)
	}
	return out, nil
}

// behindPeriod is the releases of a period, or its one sum.
func (r *Reader) behindPeriod(p schema.Period) PeriodEvidence {
	c := r.Book.Coverage(p)
	if !c.Joint {
		return r.releaseRows(p)
	}
	e := PeriodEvidence{Name: r.L.Period(p), Coverage: r.jointMark(c)}
	if len(c.Reporting) == 0 {
		for _, w := range r.stuckRounds([]schema.Period{p}) {
			e.Stuck = w.Text
		}
		return e
	}
	if missing := c.Missing(); len(missing) > 0 {
		e.Absent = r.L.Say("joint.ev.absent", "members", r.and(slugs(missing)))
	}
	e.Joint = r.jointEvidence(p, c)
	return e
}

// releaseRows lists what the members released for a period. Only verified ones are in a
// book.
func (r *Reader) releaseRows(p schema.Period) PeriodEvidence {
	c := r.Book.Coverage(p)
	plan := r.Plan(p)
	e := PeriodEvidence{Name: r.L.Period(p), Coverage: r.Coverage(c)}
	for _, s := range c.Reporting {
		row := ReleaseRow{
			Member: s.Member, Note: Link{r.noteAt(s.Release), r.L.Say("evidence.open", "member", s.Member, "period", e.Name)},
			ID: s.Release.Short(), Protects: r.protectionWord(s.Protection), Charge: r.L.Number(int64(plan.Charge(p.Cadence()))),
		}
		if s.Withdrawn != "" {
			row.Withdrawn = r.L.Say("evidence.withdrawn", "reason", r.L.Say("reason."+string(s.Withdrawn)))
		}
		e.Rows = append(e.Rows, row)
	}
	if missing := c.Missing(); len(missing) > 0 {
		e.Absent = r.L.Say("evidence.absent", "members", r.and(slugs(missing)))
	}
	return e
}

// withoutOne says how far the newest number moves when any one member is left out.
func (r *Reader) withoutOne(a asked, newest schema.Period) (string, error) {
	if a.query == nil || len(r.Book.Coverage(newest).Reporting) < 2 || r.Book.Can(*a.query, newest) != nil {
		return "", nil
	}
	if r.Book.Coverage(newest).Joint {
		return r.L.Say("joint.unknown"), nil
	}
	l, err := r.Book.LeaveOneOut(*a.query, newest)
	if err != nil {
		return "", err
	}
	bands := r.Plan(newest).Bands
	low, high := r.Value(l.Low, bands), r.Value(l.High, bands)
	if l.Low.Band(bands) == combine.TooNoisy || l.High.Band(bands) == combine.TooNoisy {
		return "", nil
	}
	return r.L.Say("evidence.without", "period", r.L.Period(newest), "low", low.Full(), "lowmember", l.LowWithout, "high", high.Full(), "highmember", l.HighWithout), nil
}

// evidenceCommands are how to do the same check on a terminal, with a release of the
// newest period as the example.
func (r *Reader) evidenceCommands(c combine.Coverage) []Command {
	if len(c.Reporting) == 0 {
		return nil
	}
	if c.Joint {
		note := Note{ID: c.Reporting[0].Release, Kind: schema.KindAgreement}
		return []Command{{r.L.Say("evidence.do.hash"), "sed '/^$/,$d' " + NoteFile(note, r.Demo) + " | sha256sum"}}
	}
	id := c.Reporting[0].Release.Short()
	return []Command{
		{r.L.Say("evidence.do.list"), "tidemark release list"},
		{r.L.Say("evidence.do.show"), "tidemark release show " + id + " > note.txt"},
		{r.L.Say("evidence.do.verify"), "tidemark release verify note.txt"},
		{r.L.Say("evidence.do.hash"), "sed '/^$/,$d' note.txt | sha256sum"},
	}
}
