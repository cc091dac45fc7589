package view

import (
	"slices"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// CoveragePage answers: who was in?
type CoveragePage struct {
	Title string
	Lead  string
	Says  []Warning // who is silent, who has withdrawn
	Grid  CoverageGrid
	More  *Link // to all periods, where not all are shown
	Empty *Cannot
}

// Warning is a sentence that a reader must not overlook, with what it is about.
type Warning struct {
	Text string
	Link Link
}

// CoverageGrid is the members by the periods, oldest period first.
type CoverageGrid struct {
	Years []YearHead
	Heads []PeriodHead
	Rows  []CoverageRow
	Sums  []CoverageSum
	Key   []KeyLine
}

// YearHead spans the periods that end in a year.
type YearHead struct {
	Name string
	Span int
}

// PeriodHead is a column's.
type PeriodHead struct {
	Name  string // "Q3", or the word for a whole year
	Full  string // "Q3 2026"
	Href  string // its evidence
	Class string // quarter or year
}

// CoverageRow is one member.
type CoverageRow struct {
	Slug    schema.Slug
	Self    bool
	Note    string // "suspended", "in dispute", "two copies seen"
	Cells   []CoverageCell
	Regions string
}

// CoverageCell says what a member did for a period.
type CoverageCell struct {
	State string // one of the coverage states: for the look
	Mark  string // a word where the glyph alone does not do; empty for reported
	Say   string // the whole of it: "quiet-wren, Q3 2026: reported"
	Href  string // the release's note
	Class string // quarter or year
}

// CoverageSum says how many reported a period.
type CoverageSum struct {
	Text, Say, Class string
	Low              bool
}

// KeyLine explains a glyph.
type KeyLine struct{ State, Text string }

// The states of a coverage cell, in the order of the key.
const (
	stateReported  = "reported"
	stateJoint     = "joint"    // in the sum that was opened
	stateOutside   = "outside"  // a sum was opened without it
	stateUnderWay  = "underway" // the joint round has opened nothing yet
	stateVoid      = "void"     // and never will
	stateContra    = "contradiction"
	stateNoRound   = "noround"   // too few members for one
	stateSilent    = "silent"    // owed, the slot has come, nothing is here
	stateWithdrawn = "withdrawn" // reported, and taken back by a notice
	stateDisputed  = "disputed"  // two contradicting notes are held
	stateBefore    = "before"    // not yet a member
	stateGone      = "gone"      // suspended or removed
	stateNoPlan    = "noplan"    // the plan of then asked nothing
)

var coverageStates = []string{stateReported, stateJoint, stateSilent, stateOutside, stateUnderWay, stateVoid, stateContra, stateNoRound, stateWithdrawn, stateDisputed, stateBefore, stateGone, stateNoPlan}

// stuckStates are the cells of joint rounds that have opened nothing.
var stuckStates = map[string]string{RoundUnderWay: stateUnderWay, RoundVoid: stateVoid, RoundContradiction: stateContra, RoundNone: stateNoRound}

// WhoWasIn is the coverage page. It tells of members and periods, never how many of them
// stand behind one code: that would tell about people.
func (r *Reader) WhoWasIn() (CoveragePage, error) {
	p := CoveragePage{Title: r.L.Say("cover.title")}
	periods, all := r.coveragePeriods()
	if len(periods) == 0 {
		p.Empty = r.nothingYet()
		return p, nil
	}
	last := r.newestSaid(periods)
	c := r.Book.Coverage(last)
	p.Lead = spaced(r.L.Say("cover.lead", "period", r.L.Period(last), "some", len(c.Reporting), "n", len(c.Owing)), r.jointLead(c))
	if r.Snapshot.Empty() {
		p.Says = []Warning{{Text: r.nothingYet().Says}}
	} else {
		p.Says = slices.Concat(r.stuckRounds(periods), r.silences(), r.withdrawals(periods))
	}
	p.Grid = r.coverageGrid(periods)
	if !all {
		q := r.Q.kept()
		q.From = r.Book.Periods(schema.Quarterly)[0]
		p.More = &Link{q.At("/coverage"), r.L.Say("cover.all")}
	}
	return p, nil
}

// newestSaid is the newest of some periods whose round is not under way or void.
func (r *Reader) newestSaid(periods []schema.Period) schema.Period {
	for _, p := range slices.Backward(periods) {
		if _, stuck := r.stuck(p); !stuck {
			return p
		}
	}
	return periods[len(periods)-1]
}

// coveragePeriods are the quarters and years of the span, by their ends; all tells that
// no earlier ones are left out.
func (r *Reader) coveragePeriods() (out []schema.Period, all bool) {
	quarters, years := r.Book.Periods(schema.Quarterly), r.Book.Periods(schema.Yearly)
	if len(quarters) == 0 {
		return years, true
	}
	from, to := r.span(schema.Quarterly, quarters[len(quarters)-1])
	for _, p := range quarters {
		if !p.Before(from) && !to.Before(p) {
			out = append(out, p)
		}
	}
	for _, y := range years {
		if y.End() >= from.End() && y.End() <= to.End() {
			out = append(out, y)
		}
	}
	slices.SortFunc(out, func(a, b schema.Period) int {
		if a.Before(b) {
			return -1
		}
		return 1
	})
	return out, from == quarters[0]
}

// mostSilences is how many silent members get a sentence each.
const mostSilences = 4

// silences names members who owed the newest period of a cadence and did not report it.
func (r *Reader) silences() []Warning {
	var out []Warning
	seen := map[schema.Slug]bool{}
	for _, c := range schema.Cadences {
		periods := r.Book.Periods(c)
		if len(periods) == 0 {
			continue
		}
		last := r.newestSaid(periods)
		if _, stuck := r.stuck(last); stuck {
			continue
		}
		missing := r.Book.Coverage(last).Missing()
		if len(missing) > mostSilences {
			return []Warning{{Text: r.L.Say("cover.silent.many", "n", len(missing), "period", r.L.Period(last), "members", r.and(slugs(missing)))}}
		}
		for _, m := range missing {
			if !seen[m] && !r.inDispute(m) {
				seen[m] = true
				out = append(out, r.silence(m, r.silentSince(m, c, last)))
			}
		}
	}
	return out
}

func slugs(members []schema.Slug) []string {
	out := make([]string, len(members))
	for i, m := range members {
		out[i] = string(m)
	}
	return out
}

func (r *Reader) silence(m schema.Slug, since schema.Period) Warning {
	text := r.L.Say("cover.silent", "member", m, "since", r.L.Period(since))
	if regions := r.regions(r.State.Roster().Member(m)); regions != "" {
		text += " " + r.L.Say("cover.silent.regions", "member", m, "regions", regions)
	}
	return Warning{Text: text}
}

// withdrawals tells of releases in view that their members have taken back.
func (r *Reader) withdrawals(periods []schema.Period) []Warning {
	var out []Warning
	for _, p := range periods {
		for _, s := range r.Book.Coverage(p).Reporting {
			if s.Withdrawn == "" {
				continue
			}
			says := r.L.Say("cover.withdrawn", "member", s.Member, "period", r.L.Period(p), "reason", r.L.Say("reason."+string(s.Withdrawn)))
			out = append(out, Warning{says, Link{r.noteAt(s.Release), r.L.Say("evidence.open", "member", s.Member, "period", r.L.Period(p))}})
		}
	}
	return out
}

// regions are those that a member said it serves, in words.
func (r *Reader) regions(m *schema.Member) string {
	if m == nil {
		return ""
	}
	var names []string
	for _, c := range m.Regions {
		names = append(names, r.L.Code(schema.Axis{Dimension: regionDimension}, c).Label)
	}
	return r.and(names)
}

// regionDimension is what a member's declared regions are codes of.
const regionDimension = "region"

// and joins words: "a, b and c".
func (r *Reader) and(words []string) string {
	text := ""
	for i, w := range words {
		switch {
		case i == 0:
			text = w
		case i < len(words)-1:
			text = r.L.Say("cover.list", "some", text, "one", w)
		default:
			text = r.L.Say("list.and", "some", text, "one", w)
		}
	}
	return text
}

// alarmNote says in short what an alarm is about.
func (r *Reader) alarmNote(m schema.Slug) string {
	keeper := func(d Dispute) bool { return d.Member == m && !d.Fork && d.asKeeper() }
	if slices.ContainsFunc(r.Disputes, keeper) {
		return r.L.Say("cover.alarmed.keeper")
	}
	return r.L.Say("cover.alarmed")
}

func (r *Reader) coverageGrid(periods []schema.Period) CoverageGrid {
	var g CoverageGrid
	seen := map[string]bool{}
	for _, p := range periods {
		g.addHead(r, p)
	}
	for _, m := range r.State.Roster().Members {
		row := CoverageRow{Slug: m.Slug, Self: m.Slug == r.Self, Regions: r.regions(&m)}
		switch {
		case r.inDispute(m.Slug):
			row.Note = r.L.Say("cover.state.disputed")
		case m.Status != schema.Active:
			row.Note = r.L.Say("members.status." + string(m.Status))
		case r.alarmed(m.Slug):
			row.Note = r.alarmNote(m.Slug)
		}
		for _, p := range periods {
			cell := r.coverageCell(&m, p)
			seen[cell.State] = true
			row.Cells = append(row.Cells, cell)
		}
		g.Rows = append(g.Rows, row)
	}
	for _, s := range coverageStates {
		if seen[s] {
			g.Key = append(g.Key, KeyLine{s, r.L.Say("cover.key." + s)})
		}
	}
	return g
}

func (g *CoverageGrid) addHead(r *Reader, p schema.Period) {
	class := string(p.Cadence())
	name := r.L.Quarter(p)
	if p.Cadence() == schema.Yearly {
		name = r.L.Say("cover.year")
	}
	g.Heads = append(g.Heads, PeriodHead{Name: name, Full: r.L.Period(p), Href: r.evidenceOf(p), Class: class})
	if year := r.L.Year(p); len(g.Years) == 0 || g.Years[len(g.Years)-1].Name != year {
		g.Years = append(g.Years, YearHead{Name: year})
	}
	g.Years[len(g.Years)-1].Span++
	c := r.Book.Coverage(p)
	g.Sums = append(g.Sums, CoverageSum{
		Text: r.L.Digits(fraction(len(c.Reporting), len(c.Owing))), Say: r.L.Period(p) + ": " + r.Coverage(c),
		Class: class, Low: len(c.Reporting) < len(c.Owing),
	})
}

func (r *Reader) coverageCell(m *schema.Member, p schema.Period) CoverageCell {
	state, release := r.coverageState(m, p)
	cell := CoverageCell{State: state, Class: string(p.Cadence())}
	if state != stateReported && state != stateJoint && state != stateBefore && state != stateNoPlan {
		cell.Mark = r.L.Say("cover.mark." + state)
	}
	if !release.IsZero() {
		cell.Href = r.noteAt(release)
	}
	cell.Say = r.L.Say("cover.cell", "member", m.Slug, "period", r.L.Period(p), "state", r.L.Say("cover.state."+state))
	return cell
}

// coverageState tells what a member did for a period, and its release if there is one.
func (r *Reader) coverageState(m *schema.Member, p schema.Period) (string, schema.Hash) {
	c := r.Book.Coverage(p)
	if i := slices.IndexFunc(c.Reporting, func(s combine.Source) bool { return s.Member == m.Slug }); i >= 0 {
		if c.Reporting[i].Withdrawn != "" {
			return stateWithdrawn, c.Reporting[i].Release
		}
		if c.Joint {
			return stateJoint, c.Reporting[i].Release
		}
		return stateReported, c.Reporting[i].Release
	}
	owed := slices.Contains(c.Owing, m.Slug)
	round, stuck := r.stuck(p)
	switch {
	case owed && stuck:
		return stuckStates[round.State], schema.Hash{}
	case owed && c.Joint:
		return stateOutside, schema.Hash{}
	case owed && r.inDispute(m.Slug):
		return stateDisputed, schema.Hash{}
	case owed:
		return stateSilent, schema.Hash{}
	case m.Status != schema.Active:
		return stateGone, schema.Hash{}
	case p.Start() < m.First.Start():
		return stateBefore, schema.Hash{}
	}
	return stateNoPlan, schema.Hash{}
}
