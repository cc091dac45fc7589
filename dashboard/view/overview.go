package view

import (
	"html/template"
	"slices"

	"tidemark/aggregation/combine"
	"tidemark/dashboard/chart"
	"tidemark/schema"
)

// OverviewPage answers: what changed?
type OverviewPage struct {
	Title   string
	Lead    []string // who reported, and how many people they know
	Silent  []Sentence
	Year    Story
	Quarter Story
	Tasks   []Link     // for this node; set by who knows the node
	Cannot  []Sentence // what the noise hides, by table
	Empty   *Cannot
	Method  string // where it says how the numbers are made
}

// Story is a list of changes over one span of time.
type Story struct {
	Heading string
	Warn    string // who is in only one of the sums: said before the list
	Note    string // over whom, and how many of such a list are chance
	Shared  string // said where codes of one table changed in opposite directions
	Top     []Sentence
	More    []Sentence
	None    string // said where nothing changed clearly
}

// Sentence is one thing that is said, with its evidence.
type Sentence struct {
	Verdict Verdict
	Axis    string // what is asked: "What happened with the platform"
	What    string
	Says    string
	Href    string
	Spark   template.HTML
}

// mostSentences is how many changes an overview opens with.
const mostSentences = 8

// Overview is the first page.
func (r *Reader) Overview() (OverviewPage, error) {
	c, last := r.anything()
	if last.IsZero() {
		return OverviewPage{Title: r.L.Say("overview.title.empty"), Empty: r.nothingYet()}, nil
	}
	coverage := r.Book.Coverage(last)
	p := OverviewPage{
		Title:  r.L.Say("overview.title", "period", r.L.Period(last)),
		Lead:   []string{r.L.Say("overview.lead", "period", r.L.Period(last), "some", len(coverage.Reporting), "n", len(coverage.Owing))},
		Silent: r.silent(), Method: r.Q.Link("/method"),
	}
	everybody, err := r.everybody(last)
	if err != nil {
		return p, err
	}
	p.Lead = append(p.Lead, everybody)
	if joint := r.jointLead(coverage); joint != "" {
		p.Lead = append(p.Lead, joint)
	}
	if c == schema.Quarterly {
		if p.Year, err = r.yearStory(last); err != nil {
			return p, err
		}
	}
	if p.Quarter, err = r.changeStory(last); err != nil {
		return p, err
	}
	p.Cannot, err = r.hidden(last)
	return p, err
}

// everybody says how many people the members know, and what became of that in a year.
func (r *Reader) everybody(last schema.Period) (string, error) {
	none := combine.Filter{}
	t, err := r.trend(none, none, last, last)
	if err != nil {
		return "", err
	}
	now := r.PointValue(newestOf(t.series)).Full()
	if t.change == nil {
		return r.L.Say("overview.everybody", "now", now), nil
	}
	return r.L.Say("overview.everybody.since", "now", now, "since", r.L.Period(t.since), "change", r.Difference(t.change.Difference), "verdict", r.Verdict(t.change.Verdict).Text), nil
}

// nothingYet says what is missing, when it comes and what to do meanwhile.
func (r *Reader) nothingYet() *Cannot {
	q := r.Q.kept()
	active := r.State.Roster().Active()
	says := r.L.Say("empty.waiting")
	if active < schema.MinMembers {
		says = r.L.Say("empty.few", "n", active, "least", schema.MinMembers)
	}
	return &Cannot{Says: says, Links: []Link{{q.At("/cases"), r.L.Say("empty.own")}, {q.At("/members"), r.L.Say("empty.members")}}}
}

// silent names members who owed the newest period and did not report: that is not zero.
func (r *Reader) silent() []Sentence {
	var out []Sentence
	periods, _ := r.coveragePeriods()
	for _, w := range append(r.stuckRounds(periods[max(0, len(periods)-2):]), r.silences()...) {
		out = append(out, Sentence{Href: r.Q.Link("/coverage"), Says: w.Text})
	}
	return out
}

// silentSince is the first of the periods up to last that a member has not reported.
func (r *Reader) silentSince(m schema.Slug, c schema.Cadence, last schema.Period) schema.Period {
	since := last
	periods := r.Book.Periods(c)
	for i := len(periods) - 1; i >= 0; i-- {
		if _, stuck := r.stuck(periods[i]); stuck || last.Before(periods[i]) {
			continue
		}
		if !slices.Contains(r.Book.Coverage(periods[i]).Missing(), m) {
			return since
		}
		since = periods[i]
	}
	return since
}

// yearStory tells what changed over a year, among members whose way of counting did not.
func (r *Reader) yearStory(last schema.Period) (Story, error) {
	s := Story{Heading: r.L.Say("overview.year")}
	trends, jumped, err := r.years(last)
	if err != nil { // two years are not there yet: the quarter's list says what can be said
		return Story{}, nil
	}
	changes := make([]told, len(trends))
	for i, t := range trends {
		changes[i] = told{t.Change, r.overTheYear(t)}
	}
	if err := r.tell(&s, changes, last); err != nil {
		return s, err
	}
	if len(trends) > 0 {
		s.Warn, s.Note = r.yearNote(trends[0].Change, jumped)
	}
	return s, nil
}

// changedMethod lists members whose way of counting seems to have changed in a span.
func (r *Reader) changedMethod(from, to schema.Period) []schema.Slug {
	var out []schema.Slug
	for _, s := range r.Steps(to.Cadence()) {
		if from.Before(s.Period) && !to.Before(s.Period) {
			out = append(out, s.Member)
		}
	}
	return out
}

// overTheYear says a trend's size, as a difference and as a ratio.
func (r *Reader) overTheYear(t combine.Trend) string {
	says := r.L.Say("overview.year.says", "change", r.Difference(t.Difference))
	if t.Ratio.Open || t.Ratio.Value == 0 {
		return says
	}
	return says + " " + r.L.Say("overview.year.ratio", "times", r.L.Decimal(t.Ratio.Value), "low", r.L.Decimal(t.Ratio.Low), "high", r.L.Decimal(t.Ratio.High))
}

// told is a change with the sentence that says it.
type told struct {
	combine.Change
	says string
}

// changeStory tells what changed since the period before.
func (r *Reader) changeStory(last schema.Period) (Story, error) {
	s := Story{Heading: r.L.Say("overview.since."+string(last.Cadence()), "period", r.L.Period(last.Add(-1)))}
	changes, err := r.Changes(last)
	if err != nil { // nothing is owed for the period before
		return Story{}, nil
	}
	all := make([]told, len(changes))
	for i, c := range changes {
		all[i] = told{c, r.Difference(c.Difference)}
	}
	if err := r.tell(&s, all, last); err != nil {
		return s, err
	}
	if len(changes) > 0 {
		s.Warn, s.Note = r.onlyIn(changes[0], last.Add(-1), last), r.listNote("overview.since.note", changes[0])
	}
	return s, nil
}

// tell puts the listed changes into a story: what is known before what is not known.
func (r *Reader) tell(s *Story, changes []told, last schema.Period) error {
	var known, vague []told
	for _, c := range changes {
		switch {
		case !c.Listed || len(c.Query.Where) == 0:
			continue
		case slices.ContainsFunc(c.Cells, Vague):
			vague = append(vague, c)
		default:
			known = append(known, c)
		}
		if c.Shared {
			s.Shared = r.L.Say("overview.shared")
		}
	}
	if len(known)+len(vague) == 0 {
		s.None = r.L.Say("overview.none")
	}
	top, more := briefing(known, r.Tables(last.Cadence()))
	for _, part := range []struct {
		changes []told
		into    *[]Sentence
	}{{top, &s.Top}, {append(more, vague...), &s.More}} {
		for _, c := range part.changes {
			sentence, err := r.sentence(c, last)
			if err != nil {
				return err
			}
			*part.into = append(*part.into, sentence)
		}
	}
	return nil
}

// briefing puts the clearest change of each table first, in the order of the plan, which
// is that of the coalition's questions: else one table would fill the page. The first
// question gets two.
func briefing(changes []told, tables []schema.Table) (top, more []told) {
	for i, t := range tables {
		left := 1
		if i == 0 {
			left = 2
		}
		for _, c := range changes {
			if left > 0 && c.Query.Table.String() == t.String() {
				top = append(top, c)
				left--
			}
		}
	}
	top = top[:min(len(top), mostSentences)]
	for _, c := range changes {
		if !slices.ContainsFunc(top, func(in told) bool { return in.is(c) }) {
			more = append(more, c)
		}
	}
	return top, more
}

func (c told) is(other told) bool {
	return c.Query.Table.String() == other.Query.Table.String() && slices.Equal(c.Cells, other.Cells)
}

// Vague tells codes that say that something is not known: their changes are about
// the asking, not about the world.
func Vague(c schema.Code) bool {
	switch c {
	case schema.UnknownCode, "not_recorded", "not_assessed", "not_applicable_unknown", "na_unknown", "other_unknown", "not_applicable", "withheld":
		return true
	}
	return false
}

func (r *Reader) sentence(c told, last schema.Period) (Sentence, error) {
	what := c.Query.Where[0]
	var and combine.Filter
	if len(c.Query.Where) > 1 {
		and = c.Query.Where[1]
	}
	q := r.Q.kept()
	q.What, q.And, q.Every = what, and, last.Cadence()
	s := Sentence{Verdict: r.Verdict(c.Verdict), What: r.Labels(what, and), Axis: r.L.Table(c.Query.Table), Says: c.says, Href: q.At("/trends")}
	from, to := r.span(last.Cadence(), last)
	series, err := r.Book.Series(c.Query, from, to)
	if err != nil {
		return s, err
	}
	s.Spark = chart.LayoutSpark(r.outline(trend{what: what, and: and, from: from, to: to, series: series})).Page()
	return s, nil
}

// hidden says for each table how much of it is too noisy to be a number.
func (r *Reader) hidden(last schema.Period) ([]Sentence, error) {
	var out []Sentence
	for _, t := range r.Tables(last.Cadence()) {
		g, err := r.Grid(t, last)
		if err != nil {
			return nil, err
		}
		noisy := 0
		for _, e := range g.Cells {
			if e.Band(g.Bands) == combine.TooNoisy {
				noisy++
			}
		}
		if noisy > 0 {
			q := r.Q.kept()
			q.Table, q.Period = t, last
			out = append(out, Sentence{What: r.L.Table(t), Href: q.At(pageOf(t)), Says: r.L.Say("overview.hidden", "n", noisy, "all", len(g.Cells))})
		}
	}
	return out, nil
}

// pageOf is where a table is looked at whole.
func pageOf(t schema.Table) string {
	if len(t.Axes) > 1 {
		return "/heat"
	}
	return "/ranking"
}

// Grid is a whole table of people in a period.
func (s *Snapshot) Grid(t schema.Table, p schema.Period) (combine.Grid, error) {
	return s.gridOf(t, schema.Measure{Kind: schema.People}, p)
}

func (s *Snapshot) gridOf(t schema.Table, m schema.Measure, p schema.Period) (combine.Grid, error) {
	key := "grid " + m.String() + " " + t.String() + " " + p.String()
	return once(s, key, func() (combine.Grid, error) { return s.Book.Grid(t, m, p) })
}
