package demo

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"tidemark/aggregation/combine"
	"tidemark/schema"
	"tidemark/schema/wire"
)

// Summary is what a demonstration comes to, as the first member's machine sees it.
type Summary struct {
	Members  int     `json:"members"`
	Cases    int     `json:"cases"`  // in all vaults; known here only because it is fiction
	People   int     `json:"people"` // likewise
	Notes    int     `json:"notes"`
	Release  int     `json:"bytes_per_release"` // the mean
	Readable float64 `json:"readable"`          // share of the true people in one-way tables who stand in cells of the first two bands
	Covered  float64 `json:"covered"`           // share of one-way cells whose 95 % range holds the exact count
	Seconds  float64 `json:"seconds"`
	Trends   []Trend `json:"trends"`
	Silent   string  `json:"silent,omitempty"`
}

// Trend is one line of the story.
type Trend struct {
	What    string          `json:"what"`
	Before  string          `json:"before"`
	After   string          `json:"after"`
	Change  string          `json:"change"`
	Verdict combine.Verdict `json:"verdict"`
}

// story is what the fiction hides for a reader to find. Queries are tried in order: the
// planner may have chosen the roll-up.
var story = [][]chapter{
	{{"Spyware on devices", "threat_type=device_spyware"}, {"Attacks on access", "threat_type(group)=access_attack"}},
	{{"Platforms answer after 60 days", "platform_response_time=over_60_days"}, {"Platforms give no redress", "platform_response(group)=no_redress"}},
	{{"Followed, raided, visited", "offline_consequence(group)=intimidation"}, {"Followed", "offline_consequence=following_stalking"}},
}

// chapter is a number that tells a part of the story.
type chapter struct{ what, query string } // axis=code

// Summary reads the figures off the first member's machine.
func (d *Coalition) Summary() (Summary, error) {
	s := Summary{Members: len(d.members), Seconds: d.Seconds}
	for _, m := range d.members {
		s.Cases += m.cases
		s.People += m.persons
		if !m.org.Stops.IsZero() {
			s.Silent = fmt.Sprintf("%s has reported nothing since %s; that is \"not reported\", not zero", m.org.Slug, m.org.Stops.Add(-1))
		}
	}
	releases, bytes := 0, 0
	for p, err := range d.First().Feeds().All() {
		if err != nil {
			return s, err
		}
		s.Notes++
		if p.Place.Kind == schema.KindRelease {
			notes, err := wire.Unpack(p.Raw)
			if err != nil {
				return s, err
			}
			s.Notes += len(notes) - 1
			releases++
			bytes += len(p.Raw)
		}
	}
	s.Release = bytes / max(releases, 1)
	book, err := d.First().Book()
	if err != nil {
		return s, err
	}
	if s.Trends, err = d.trends(book); err != nil {
		return s, err
	}
	s.Readable, s.Covered, err = d.truth(book)
	return s, err
}

func (d *Coalition) trends(book *combine.Book) ([]Trend, error) {
	last := d.World.Config.First.Add(quarters - 1)
	before := last.Add(-4)
	var out []Trend
	for _, line := range story {
		what, q, err := pick(book, line, before, last)
		if err != nil {
			return nil, err
		}
		if what == "" {
			continue
		}
		c, err := book.Change(q, before, last)
		if err != nil {
			return nil, err
		}
		plan, _, _ := book.Plan(last)
		low, high := c.Difference.Interval95()
		out = append(out, Trend{
			What: what, Verdict: c.Verdict,
			Before: fmt.Sprintf("%s %s", before, c.From.Words(plan.Bands)), After: fmt.Sprintf("%s %s", last, c.To.Words(plan.Bands)),
			Change: fmt.Sprintf("%+.0f (%+.0f to %+.0f)", c.Difference.Value, low, high),
		})
	}
	return out, nil
}

// pick takes the first chapter that the periods' plans can tell; "" if none.
func pick(book *combine.Book, line []chapter, periods ...schema.Period) (string, combine.Query, error) {
	for _, c := range line {
		f, err := combine.ParseFilter(c.query)
		if err != nil {
			return "", combine.Query{}, err
		}
		q := combine.Query{Table: schema.Table{Axes: []schema.Axis{f.Axis}}, Where: []combine.Filter{f}}
		var cannot error
		for _, p := range periods {
			cannot = errors.Join(cannot, book.Can(q, p))
		}
		if cannot == nil {
			return c.what, q, nil
		}
	}
	return "", combine.Query{}, nil
}

// Print writes the summary for people.
func (s Summary) Print(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "members\t%d\n", s.Members)
	fmt.Fprintf(t, "cases (fictional)\t%d\n", s.Cases)
	fmt.Fprintf(t, "people (fictional)\t%d\n", s.People)
	fmt.Fprintf(t, "notes exchanged\t%d, the same on every member's machine\n", s.Notes)
	fmt.Fprintf(t, "bytes per release\t%d\n", s.Release)
	fmt.Fprintf(t, "people in readable cells\t%.0f %% of those in the one-way tables\n", 100*s.Readable)
	fmt.Fprintf(t, "ranges that hold the exact number\t%.1f %% (promised: 95)\n", 100*s.Covered)
	fmt.Fprintf(t, "time\t%.0f s\n", s.Seconds)
	t.Flush()
	fmt.Fprintln(w, "\nWhat the coalition sees, people known to the members present in both quarters:")
	t = tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range s.Trends {
		fmt.Fprintf(t, "  %s\t%s\t%s\tchange %s\t%s\n", r.What, r.Before, r.After, r.Change, r.Verdict)
	}
	t.Flush()
	if s.Silent != "" {
		fmt.Fprintf(w, "  %s\n", s.Silent)
	}
}
