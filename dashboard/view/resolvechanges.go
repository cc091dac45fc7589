package view

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// ChangedRow is a cell of a heat map that shows changes.
type ChangedRow struct {
	Period schema.Period `json:"period"`
	Since  schema.Period `json:"since"`
	ChangeRow
	Members []schema.Slug `json:"members"` // present in both periods: only they are compared

	change combine.Change
}

// changedRows are the changes that a heat map shows, oldest period first.
func (r *Reader) changedRows(id FigureID, from schema.Period) ([]ChangedRow, error) {
	shape, err := r.Codebook.Shape(id.Table)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	out := []ChangedRow{}
	for _, p := range r.Book.Periods(id.Period.Cadence()) {
		if p.Before(from) || id.Period.Before(p) || !r.tells(id.Table, p) {
			continue
		}
		c, err := r.changesOf(id.Table, p)
		if err != nil {
			return nil, err
		}
		for i, one := range c.cells {
			one.Cells, one.Query.Table, one.Query.Measure.Kind = shape.CodesAt(i), id.Table, schema.People
			out = append(out, ChangedRow{p, c.since, changeRow(one), notNull(one.Members), one})
		}
	}
	return out, nil
}

// changedHead is the first line of a CSV of changes.
func (t Tidy) changedHead() []string {
	return append(append([]string{"period", "since", "table"}, t.Axes...), "difference", "lower", "upper", "sd", "verdict", "listed", "members_in_both")
}

// CSV is a figure's numbers after RFC 4180: those that it shows.
func (f Resolved) CSV(w io.Writer) error {
	if f.Changes == nil {
		return f.Tidy.CSV(w)
	}
	lines := [][]string{f.Tidy.changedHead()}
	number := func(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }
	for _, c := range f.Changes {
		line := []string{c.Period.String(), c.Since.String(), CSVText(c.Table)}
		for _, code := range c.Codes {
			line = append(line, CSVText(string(code)))
		}
		d := c.Difference
		lines = append(lines, append(line, number(d.Estimate), number(d.Lower), number(d.Upper), number(d.SD),
			CSVText(string(c.Verdict)), strconv.FormatBool(c.Listed), strconv.Itoa(len(c.Members))))
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.WriteAll(lines); err != nil {
		return fmt.Errorf("csv of changes: %w", err)
	}
	return nil
}

// tableRows are the numbers of a figure that is a table, for who does not see it.
func (r *Reader) tableRows(figure *Figure, f Resolved) {
	figure.Head = []string{r.L.Say("head.code"), r.L.Say("head.estimate"), r.L.Say("head.range"), r.L.Say("head.members"), r.L.Say("head.remark")}
	if f.Changes != nil {
		figure.Head[1] = r.L.Say("fig.head.change")
		for _, c := range f.Changes {
			v := r.Verdict(c.Verdict)
			figure.Rows = append(figure.Rows, Row{
				Name: r.rowName(f.Tidy, c.Period, c.Codes), Value: Value{Class: v.Class, Text: v.Text, Range: r.differenceRange(c.change)},
				Coverage: r.L.Say("fig.both", "n", len(c.Members)), Remark: r.L.Say("fig.since", "period", r.L.Period(c.Since)),
			})
		}
		return
	}
	for _, row := range f.Tidy.Rows {
		plan := r.Plan(row.Period)
		coverage := r.Book.Coverage(row.Period)
		figure.Rows = append(figure.Rows, Row{
			Name: r.rowName(f.Tidy, row.Period, row.Codes), Value: r.Value(row.exact, plan.Bands),
			Coverage: r.Coverage(coverage), Remark: r.remark(row.Period, coverage),
		})
	}
}

// differenceRange is a change's range; empty where it is too noisy to be said.
func (r *Reader) differenceRange(c combine.Change) string {
	if c.Verdict == combine.TooNoisyToSay {
		return ""
	}
	return r.Difference(c.Difference)
}

// rowName names a cell; with the period where there are several.
func (r *Reader) rowName(t Tidy, p schema.Period, codes []schema.Code) string {
	name := ""
	for i, a := range t.question.Table.Axes {
		label := r.L.Code(a, codes[i]).Label
		if name == "" {
			name = label
		} else {
			name = r.L.Say("labels.and", "what", name, "and", label)
		}
	}
	if len(t.periods()) > 1 {
		name = r.L.Say("labels.and", "what", name, "and", r.L.Period(p))
	}
	return name
}
