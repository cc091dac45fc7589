package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"tidemark/aggregation/combine"
	"tidemark/cmd/tidemark/internal/screen"
	"tidemark/dashboard/view"
	"tidemark/node"
	"tidemark/schema"
)

type trendsCmd struct {
	Table  string   `default:"threat_type" help:"The table, e.g. threat_type, region*threat_type(group) or reached:3 threat_type; all: everybody."`
	Where  []string `sep:"none" help:"Only this code of an axis or of a group of it, e.g. gender=woman." placeholder:"DIM=CODE"`
	From   string   `help:"The first period."`
	To     string   `help:"The last period; the last released if not given."`
	Every  string   `enum:",quarter,year" default:"" help:"quarter or year; the finest that can tell if not given."`
	Format string   `enum:"table,csv,json" default:"table" help:"table, csv or json."`
}

func (c *trendsCmd) Run(a *app) error {
	typed := view.Typed{Table: c.Table, Where: c.Where, From: c.From, To: c.To, Every: c.Every}
	q, err := typed.Question()
	if err != nil {
		return err
	}
	if a.flags.JSON {
		c.Format = "json"
	}
	return a.reads(func(s *view.Snapshot) error {
		t, err := s.Tidy(q)
		if err != nil {
			return err
		}
		return a.printTrends(c.Format, t)
	})
}

// reads runs f on what the node knows now.
func (a *app) reads(f func(*view.Snapshot) error) error {
	return a.with(func(n *node.Node) error {
		s := &screen.Screen{Node: n}
		snapshot, err := s.Snapshot()
		if err != nil {
			return err
		}
		return f(snapshot)
	})
}

// printJSON writes what the API answers, to the byte.
func (a *app) printJSON(v any) error {
	text, err := view.JSON(v)
	if err != nil {
		return err
	}
	_, err = a.stdout.Write(text)
	return err
}

func (a *app) printTrends(format string, t view.Tidy) error {
	switch format {
	case "json":
		return a.printJSON(t)
	case "csv":
		return t.CSV(a.stdout)
	}
	return trendsTable(a.stdout, t)
}

func trendsTable(w io.Writer, t view.Tidy) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	known := "PEOPLE"
	if t.Measure().Kind == schema.Cases {
		known = "CASES"
	}
	fmt.Fprintf(out, "PERIOD\tCODE\t%s KNOWN TO THE MEMBERS\tMEMBERS\n", known)
	joint := false
	for _, r := range t.Rows {
		words, members := r.Words, fmt.Sprintf("%d of %d", r.Reporting, r.Total)
		if r.Mode == schema.Joint {
			joint, members = true, members+", joint"
		}
		if combine.Band(r.Band) == combine.Caution {
			words += " with caution"
		}
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", r.Period, joinCodes(r.Codes), words, members)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "19 times in 20 the true number is in the range. %s\n", counted(t.Measure()))
	if joint {
		fmt.Fprintln(w, "joint: only the sum of the members was opened; nobody sees one member's table.")
	}
	return nil
}

// counted says what a number counts.
func counted(m schema.Measure) string {
	switch m.Kind {
	case schema.Reached:
		return fmt.Sprintf("Everybody is counted in full in each of the first %d cells that they reached: cells do not add up to people.", m.Limit)
	case schema.Cases:
		return fmt.Sprintf("Cases are counted, at most %d of each person.", m.Limit)
	}
	return "People are counted once each and shared among what happened to them."
}

type changesCmd struct {
	Period string `required:"" help:"The period, compared with the one before."`
	Span   string `enum:"period,year" default:"period" help:"period: against the one before; year: the last four quarters against the four before."`
}

func (c *changesCmd) Run(a *app) error {
	p, err := schema.ParsePeriod(c.Period)
	if err != nil {
		return err
	}
	return a.reads(func(s *view.Snapshot) error {
		changes, err := s.ChangesOver(p, c.Span)
		if err != nil {
			return err
		}
		if a.flags.JSON {
			return a.printJSON(changes)
		}
		return printChanges(a.stdout, changes)
	})
}

func printChanges(w io.Writer, changes view.Changes) error {
	listed, shared := 0, false
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range changes.Rows {
		if !c.Listed {
			continue
		}
		if listed == 0 {
			fmt.Fprintln(t, "TABLE\tCODE\tCHANGE (19 TIMES IN 20)\tVERDICT\tMEMBERS IN ALL")
		}
		listed++
		shared = shared || c.Shared
		d := c.Difference
		fmt.Fprintf(t, "%s\t%s\t%+.0f (%+.0f to %+.0f)\t%s\t%d\n", c.Table, joinCodes(c.Codes), d.Estimate, d.Lower, d.Upper, c.Verdict, len(changes.Members))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if listed == 0 {
		fmt.Fprintf(w, "No clear change since %s.\n", changes.Since)
	}
	if shared {
		fmt.Fprintln(w, "Some codes of one table changed in opposite directions: each person counts once and is shared among what happened to her, so the same people may be behind both.")
	}
	printOnlyIn(w, changes)
	fmt.Fprintf(w, "%d of %d cells changed clearly; about 1 in 10 of such a list is expected to be chance.\n", listed, len(changes.Rows))
	return nil
}

// printOnlyIn says who is in only one of two sums.
func printOnlyIn(w io.Writer, changes view.Changes) {
	for _, side := range []struct {
		says    string
		members []schema.Slug
	}{{"counted in more of the later periods", changes.Joined}, {"counted in fewer of the later periods", changes.Left}} {
		if len(side.members) > 0 {
			fmt.Fprintf(w, "Joint sums are compared as they are. Part of a change may come from who is %s: %s.\n", side.says, joined(side.members))
		}
	}
}
