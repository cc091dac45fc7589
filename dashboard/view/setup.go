package view

import (
	"strconv"
	"strings"
	"time"

	"tidemark/aggregation/planner"
	"tidemark/dashboard/words"
	"tidemark/schema"
	"tidemark/schema/mapping"
)

// SetupStanding is how far a new node has come, by the node's own account.
type SetupStanding struct {
	Made      bool
	Slug      schema.Slug
	Words     string           // of the node's request, for the spoken check
	Listens   bool             // other members can dial it
	Codebook  *schema.Codebook // the coalition's, or the built-in one
	Coalition *SetupCoalition  // nil: none yet
	Cases     int
	Persons   int
}

// SetupCoalition is the coalition that a new node has founded or joined.
type SetupCoalition struct {
	Name     schema.Slug
	ID, Plan schema.Hash
	Active   int
	Next     schema.Period // the node's next release; zero: none is to come
	Slot     time.Time
}

// SetupCheck is what became of an export that was read and not taken in. Its texts are
// cells: it is for the operator's own screen.
type SetupCheck struct {
	Rows, Mapped, Refused int
	Protects              schema.Protection
	Reasons               []SetupReason
	Refusals              []mapping.Refusal
	Coverage              []mapping.Coverage
	Doubts                []string // of the mapping
}

// SetupReason is a way of being refused and how often it came.
type SetupReason struct {
	Field, Reason string
	Count         int
}

// SetupTaken is what an import did.
type SetupTaken struct {
	Added, Changed, Unchanged, Repeated, Future, Withdrawn int
}

// SetupReader makes the models of the setup pages, before there is a coalition to read.
type SetupReader struct {
	L        *words.Language
	Codebook *schema.Codebook
}

// Plan says what a plan promises, as the command line does.
func (r SetupReader) Plan(m planner.Modes) Prospect { return comparedOf(r.L, r.Codebook, m) }

// SetupReport is a check as the page shows it.
type SetupReport struct {
	Says     string
	Protects string
	Weak     bool // the weight stands for less than a known person
	Fits     bool // there is something to take in
	Reasons  SetupRefusals
	Rows     SetupRefusals // the first refused rows
	More     string
	Coverage []SetupCoverage
	Doubts   []string
}

// SetupRefusals are a table of refused rows, or of reasons with their counts.
type SetupRefusals struct {
	Label, Head string
	Rows        []SetupRefused
}

// SetupRefused is a refused row, or a reason with its count.
type SetupRefused struct{ Which, Field, Reason string }

// SetupCoverage is how the codes of a dimension came about.
type SetupCoverage struct {
	Name                    string
	Mapped, Empty, Unlisted string
	Done, All               int // of a bar
	Texts                   []SetupText
	More                    string
}

// SetupText is a text of the export that the mapping does not list.
type SetupText struct{ Text, Count string }

const (
	mostRefusals   = 10
	mostUnlisted   = 3
	longestExcerpt = 30
)

// Check shows a report, for the operator's own screen.
func (r SetupReader) Check(c SetupCheck) SetupReport {
	out := SetupReport{
		Says:     r.L.Say("setup.check.says", "n", c.Rows, "mapped", c.Mapped, "refused", c.Refused),
		Protects: r.L.Say("setup.protects." + string(c.Protects)),
		Weak:     c.Protects != schema.PerID, Fits: c.Mapped > 0, Doubts: c.Doubts,
	}
	out.Reasons, out.Rows = r.reasons(c), r.rows(c)
	if more := c.Refused - len(out.Rows.Rows); more > 0 && len(out.Rows.Rows) > 0 {
		out.More = r.L.Say("setup.check.more", "n", more)
	}
	for _, coverage := range c.Coverage {
		out.Coverage = append(out.Coverage, r.coverage(coverage))
	}
	return out
}

func (r SetupReader) reasons(c SetupCheck) SetupRefusals {
	out := SetupRefusals{Label: r.L.Say("setup.check.refused"), Head: r.L.Say("setup.check.count")}
	for _, reason := range c.Reasons {
		out.Rows = append(out.Rows, SetupRefused{r.L.Number(int64(reason.Count)), r.field(reason.Field), reason.Reason})
	}
	return out
}

func (r SetupReader) rows(c SetupCheck) SetupRefusals {
	out := SetupRefusals{Label: r.L.Say("setup.check.rows"), Head: r.L.Say("setup.check.row")}
	for _, refusal := range c.Refusals[:min(len(c.Refusals), mostRefusals)] {
		out.Rows = append(out.Rows, SetupRefused{r.L.Number(int64(refusal.Row)), r.field(refusal.Field), refusal.Reason})
	}
	return out
}

// field names what a row was refused for: a dimension in the reader's words, else as the
// mapping names it.
func (r SetupReader) field(name string) string {
	switch name {
	case "person", "case", "date":
		return r.L.Say("setup.field." + name)
	}
	if r.Codebook.Dimension(name) >= 0 {
		return r.L.Axis(schema.Axis{Dimension: name})
	}
	return name
}

func (r SetupReader) coverage(c mapping.Coverage) SetupCoverage {
	out := SetupCoverage{
		Name: r.field(c.Dimension), Done: c.Mapped, All: max(c.Mapped+c.Default+c.Unmapped, 1),
		Mapped: r.L.Number(int64(c.Mapped)), Empty: r.L.Number(int64(c.Default)), Unlisted: r.L.Number(int64(c.Unmapped)),
	}
	texts := c.Unlisted.ForOperatorsScreen()
	for i, v := range texts {
		if i == mostUnlisted {
			out.More = r.L.Say("setup.check.more_texts", "n", len(texts)-i+c.Unlisted.Others())
			break
		}
		out.Texts = append(out.Texts, SetupText{excerpt(v.Value), r.L.Number(int64(v.Count))})
	}
	return out
}

// excerpt is the beginning of a text, with what would turn or break the line made visible.
func excerpt(text string) string {
	runes, end := []rune(text), ""
	if len(runes) > longestExcerpt {
		runes, end = runes[:longestExcerpt], "…"
	}
	var out strings.Builder
	for _, c := range runes {
		if strconv.IsPrint(c) {
			out.WriteRune(c)
			continue
		}
		out.WriteString(strings.Trim(strconv.QuoteRuneToASCII(c), "'"))
	}
	return out.String() + end
}

// Taken says what an import did, in lines.
func (r SetupReader) Taken(t SetupTaken) []string {
	out := []string{r.L.Say("setup.taken.added", "n", t.Added)}
	for _, line := range []struct {
		key string
		n   int
	}{{"changed", t.Changed}, {"unchanged", t.Unchanged}, {"repeated", t.Repeated}, {"future", t.Future}, {"withdrawn", t.Withdrawn}} {
		if line.n > 0 {
			out = append(out, r.L.Say("setup.taken."+line.key, "n", line.n))
		}
	}
	return out
}

// Made says who a node is, once that is settled.
func (r SetupReader) Made(s SetupStanding, title string) []SetupFact {
	var out []SetupFact
	if title != "" {
		out = append(out, SetupFact{Name: r.L.Say("setup.title"), Value: title})
	}
	return append(out, SetupFact{Name: r.L.Say("setup.done.slug"), Value: string(s.Slug)})
}

// SetupDone is what was set up and what comes now.
type SetupDone struct {
	Facts []SetupFact
	Next  []string
}

// SetupFact is a line of a summary.
type SetupFact struct {
	Name, Value string
	Code        bool // Value is a key or a file's text
}

// Done sums a new node up.
func (r SetupReader) Done(s SetupStanding) SetupDone {
	out := SetupDone{Facts: []SetupFact{{Name: r.L.Say("setup.done.slug"), Value: string(s.Slug)}}}
	out.Facts = append(out.Facts, r.coalition(s)...)
	cases := r.L.Say("setup.done.cases.none")
	if s.Cases > 0 {
		cases = r.L.Say("setup.done.cases.some", "n", s.Cases, "people", s.Persons)
	}
	out.Facts = append(out.Facts, SetupFact{Name: r.L.Say("setup.done.cases"), Value: cases})
	out.Next = append(out.Next, r.L.Say("setup.done.runs"))
	if s.Coalition == nil {
		return out
	}
	if s.Coalition.Active < leastToDraw {
		out.Next = append(out.Next, r.L.Say("setup.done.few", "n", s.Coalition.Active, "least", leastToDraw))
	}
	if !s.Listens {
		out.Next = append(out.Next, r.L.Say("setup.done.silent"))
	}
	return out
}

func (r SetupReader) coalition(s SetupStanding) []SetupFact {
	name := r.L.Say("setup.done.coalition")
	if s.Coalition == nil {
		return []SetupFact{{Name: name, Value: r.L.Say("setup.done.coalition.none")}}
	}
	out := []SetupFact{{Name: name, Value: string(s.Coalition.Name)}, r.members(*s.Coalition)}
	if s.Coalition.Next.IsZero() {
		return out
	}
	slot := r.L.Say("setup.done.slot", "period", r.L.Period(s.Coalition.Next), "moment", r.L.Moment(s.Coalition.Slot))
	return append(out, SetupFact{Name: r.L.Say("setup.done.next"), Value: slot})
}

// Coalition says how a coalition can be told from another of the same name.
func (r SetupReader) Coalition(c SetupCoalition) []SetupFact {
	return []SetupFact{
		{Name: r.L.Say("setup.coalition.id"), Value: c.ID.Short(), Code: true},
		{Name: r.L.Say("setup.coalition.plan"), Value: c.Plan.Short(), Code: true},
		r.members(c),
	}
}

func (r SetupReader) members(c SetupCoalition) SetupFact {
	return SetupFact{Name: r.L.Say("setup.coalition.members"), Value: r.L.Say("setup.coalition.active", "n", c.Active)}
}

// ModeOptions offers the modes of a founding plan.
func (r SetupReader) ModeOptions(chosen schema.Mode) []Option {
	var out []Option
	for _, m := range []schema.Mode{schema.Local, schema.Joint} {
		out = append(out, Option{string(m), r.L.Say("setup.mode." + string(m)), m == chosen})
	}
	return out
}

// FirstQuarters offers the quarters that a founding plan may begin with: the running one,
// the next, and those whose history can still be published.
func (r SetupReader) FirstQuarters(running, chosen schema.Period) []Option {
	if chosen.IsZero() {
		chosen = running
	}
	var out []Option
	for back := -1; back <= mostHistory; back++ {
		p := running.Add(-back)
		label := r.L.Period(p)
		if back == 0 {
			label = r.L.Say("setup.first.running", "period", label)
		}
		out = append(out, Option{p.String(), label, p == chosen})
	}
	return out
}

// mostHistory is how many past quarters a new coalition can publish.
const mostHistory = 20
