package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"
	"text/tabwriter"

	"tidemark/aggregation/combine"
	"tidemark/node"
	"tidemark/schema"
)

type trendsCmd struct {
	Table  string   `default:"threat_type" help:"The table, e.g. threat_type or region*threat_type(group)."`
	Where  []string `help:"Only this code of an axis, e.g. gender=woman." placeholder:"DIM=CODE"`
	From   string   `help:"The first period."`
	To     string   `help:"The last period; the last released if not given."`
	Format string   `enum:"table,csv,json" default:"table" help:"table, csv or json."`
}

// trendRow is one cell in one period, as CSV and JSON give it.
type trendRow struct {
	Period    schema.Period `json:"period"`
	Codes     []schema.Code `json:"codes"`
	Estimate  float64       `json:"estimate"`
	Lower     float64       `json:"lower"`
	Upper     float64       `json:"upper"`
	SD        float64       `json:"sd"`
	Band      int           `json:"band"`
	Words     string        `json:"words"`
	Reporting int           `json:"members_reporting"`
	Total     int           `json:"members_total"`
	Plan      schema.Hash   `json:"plan"`
}

func (c *trendsCmd) Run(a *app) error {
	table, err := schema.ParseTable(c.Table)
	if err != nil {
		return err
	}
	return a.with(func(n *node.Node) error {
		book, err := n.Book()
		if err != nil {
			return err
		}
		periods, err := c.periods(book, table)
		if err != nil {
			return err
		}
		rows, err := c.rows(book, table, periods)
		if err != nil {
			return err
		}
		if a.flags.JSON {
			c.Format = "json"
		}
		return a.printTrends(c.Format, table, rows)
	})
}

// periods are those of the first cadence whose plans can tell the table.
func (c *trendsCmd) periods(book *combine.Book, table schema.Table) ([]schema.Period, error) {
	var from, to schema.Period
	for _, typed := range []struct {
		text string
		into *schema.Period
	}{{c.From, &from}, {c.To, &to}} {
		if typed.text != "" {
			p, err := schema.ParsePeriod(typed.text)
			if err != nil {
				return nil, err
			}
			*typed.into = p
		}
	}
	var why error
	for _, cadence := range schema.Cadences {
		var can []schema.Period
		for _, p := range book.Periods(cadence) {
			if !from.IsZero() && p.End() < from.Start() || !to.IsZero() && p.End() > to.End() {
				continue
			}
			if err := book.Can(combine.Query{Table: table}, p); err != nil {
				why = err
				continue
			}
			can = append(can, p)
		}
		if len(can) > 0 {
			return can, nil
		}
	}
	if why == nil {
		why = fmt.Errorf("nothing has been released yet")
	}
	return nil, fmt.Errorf("trends %s: %w", table, why)
}

func (c *trendsCmd) rows(book *combine.Book, table schema.Table, periods []schema.Period) ([]trendRow, error) {
	var filters []combine.Filter
	for _, w := range c.Where {
		f, err := combine.ParseFilter(w)
		if err != nil {
			return nil, err
		}
		filters = append(filters, f)
	}
	var rows []trendRow
	for _, p := range periods {
		grid, err := book.Grid(table, schema.Measure{Kind: schema.People}, p)
		if err != nil {
			return nil, err
		}
		if len(grid.Coverage.Reporting) == 0 {
			continue
		}
		for cell, e := range grid.Cells {
			codes := grid.Shape.CodesAt(cell)
			if matches(grid.Shape, codes, filters) {
				rows = append(rows, newTrendRow(grid, codes, e))
			}
		}
	}
	return rows, nil
}

func matches(s schema.Shape, codes []schema.Code, filters []combine.Filter) bool {
	for _, f := range filters {
		hit := false
		for i, l := range s.Levels {
			hit = hit || l.Axis == f.Axis && codes[i] == f.Code
		}
		if !hit {
			return false
		}
	}
	return true
}

func newTrendRow(g combine.Grid, codes []schema.Code, e combine.Estimate) trendRow {
	low, high := e.Interval95()
	return trendRow{
		Period: g.Period, Codes: codes, Estimate: tenth(e.Value), Lower: tenth(low), Upper: tenth(high), SD: tenth(e.SD()),
		Band: int(e.Band(g.Bands)), Words: e.Words(g.Bands),
		Reporting: len(g.Coverage.Reporting), Total: len(g.Coverage.Owing), Plan: g.Plan,
	}
}

func tenth(x float64) float64 { return math.Round(x*10) / 10 }

func (a *app) printTrends(format string, table schema.Table, rows []trendRow) error {
	switch format {
	case "json":
		a.flags.JSON = true
		return a.show(rows, nil)
	case "csv":
		return trendsCSV(a.stdout, table, rows)
	}
	t := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "PERIOD\tCODE\tPEOPLE KNOWN TO THE MEMBERS\tMEMBERS")
	for _, r := range rows {
		words := r.Words
		if combine.Band(r.Band) == combine.Caution {
			words += " with caution"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%d of %d\n", r.Period, joinCodes(r.Codes), words, r.Reporting, r.Total)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(a.stdout, "19 times in 20 the true number is in the range. People are counted once each and shared among what happened to them.")
	return nil
}

// trendsCSV is tidy: one row per period and cell, raw estimates, also negative ones.
func trendsCSV(w io.Writer, table schema.Table, rows []trendRow) error {
	out := csv.NewWriter(w)
	head := []string{"period", "table"}
	for _, axis := range table.Axes {
		head = append(head, axis.String())
	}
	if err := out.Write(append(head, "estimate", "lower", "upper", "sd", "band", "members_reporting", "members_total", "plan")); err != nil {
		return err
	}
	number := func(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }
	for _, r := range rows {
		line := []string{r.Period.String(), table.String()}
		for _, c := range r.Codes {
			line = append(line, string(c))
		}
		line = append(line, number(r.Estimate), number(r.Lower), number(r.Upper), number(r.SD), strconv.Itoa(r.Band),
			strconv.Itoa(r.Reporting), strconv.Itoa(r.Total), r.Plan.String())
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

type changesCmd struct {
	Period string `required:"" help:"The period, compared with the one before."`
}

func (c *changesCmd) Run(a *app) error {
	p, err := schema.ParsePeriod(c.Period)
	if err != nil {
		return err
	}
	return a.with(func(n *node.Node) error {
		book, err := n.Book()
		if err != nil {
			return err
		}
		changes, err := book.Changes(p)
		if err != nil {
			return err
		}
		return a.show(changes, func(w io.Writer) { printChanges(w, changes) })
	})
}

func printChanges(w io.Writer, changes []combine.Change) {
	listed := 0
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range changes {
		if c.Listed {
			if listed == 0 {
				fmt.Fprintln(t, "TABLE\tCODE\tCHANGE (19 TIMES IN 20)\tVERDICT\tMEMBERS IN BOTH")
			}
			listed++
			low, high := c.Difference.Interval95()
			fmt.Fprintf(t, "%s\t%s\t%+.0f (%+.0f to %+.0f)\t%s\t%d\n", c.Query.Table, joinCodes(c.Cells), c.Difference.Value, low, high, c.Verdict, len(c.Members))
		}
	}
	t.Flush()
	if listed == 0 {
		fmt.Fprintln(w, "No clear change since the period before.")
	}
	fmt.Fprintf(w, "%d of %d cells changed clearly; about 1 in 10 of such a list is expected to be chance.\n", listed, len(changes))
}
