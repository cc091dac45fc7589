package demo

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"

	"github.com/xuri/excelize/v2"

	"tidemark/schema"
)

// shape is one kind of export that case systems give.
type shape struct {
	name  string
	file  string // the export's file name
	write func(w io.Writer, c *clerk, rows iter.Seq[row]) error
	frame string // the mapping's head: format, case, person, date
	head  func(c *clerk, dimension int) string
	more  map[string]string // dimension -> further lines of its mapping
}

// shapes are dealt to the members in turn.
var shapes = []shape{kobo, tickets, sheet, archive, lines, desk}

func byID(c *clerk, i int) string    { return c.codebook.Dimensions[i].ID }
func byLabel(c *clerk, i int) string { return c.labels.Axis(schema.Axis{Dimension: byID(c, i)}) }

// header is a shape's own columns and then one per dimension.
func header(own []string, c *clerk, head func(*clerk, int) string) []string {
	h := append([]string{}, own...)
	for i := range c.codebook.Dimensions {
		h = append(h, head(c, i))
	}
	return h
}

func writeCSV(w io.Writer, comma rune, first [][]string, rows iter.Seq[row], cells func(row) []string) error {
	out := csv.NewWriter(w)
	out.Comma = comma
	if err := out.WriteAll(first); err != nil {
		return err
	}
	for r := range rows {
		if err := out.Write(append(cells(r), r.answers...)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// kobo is a survey export: semicolons, labels as headers, an HXL row under them.
var kobo = shape{
	name: "kobotoolbox", file: "survey.csv", head: byLabel,
	frame: `format: csv
delimiter: ";"
person: {composite: [Alias, Birth year, Town]}
case: {id: _id}
date: {column: _submission_time, formats: [iso]}
`,
	write: func(w io.Writer, c *clerk, rows iter.Seq[row]) error {
		own := []string{"_id", "Alias", "Birth year", "Town", "_submission_time", "What happened?"}
		h := header(own, c, byLabel)
		hxl := make([]string, len(h))
		hxl[3], hxl[4] = "#loc+town", "#date"
		return writeCSV(w, ';', [][]string{h, hxl}, rows, func(r row) []string {
			return []string{r.number, r.alias, r.year, r.town, r.date.String() + "T09:41:19", r.text}
		})
	},
}

// tickets is a help desk's JSON: tickets with custom fields.
var tickets = shape{
	name: "zammad", file: "tickets.json", head: func(c *clerk, i int) string { return "custom." + byID(c, i) },
	frame: `format: json
path: tickets
person: {id: customer_id}
case: {id: number}
date: {column: created_at, formats: [iso]}
`,
	write: func(w io.Writer, c *clerk, rows iter.Seq[row]) error {
		if _, err := io.WriteString(w, "{\"tickets\": [\n"); err != nil {
			return err
		}
		first := true
		for r := range rows {
			if !first {
				if _, err := io.WriteString(w, ",\n"); err != nil {
					return err
				}
			}
			first = false
			if err := json.NewEncoder(w).Encode(ticket(c, r)); err != nil {
				return err
			}
		}
		_, err := io.WriteString(w, "]}\n")
		return err
	},
}

func ticket(c *clerk, r row) map[string]any {
	custom := map[string]any{}
	for i, a := range r.answers {
		if custom[byID(c, i)] = a; a == "" {
			custom[byID(c, i)] = nil
		}
	}
	return map[string]any{
		"number": r.number, "customer_id": r.person, "created_at": r.date.String() + "T13:05:00Z",
		"article": map[string]any{"body": r.text}, "custom": custom,
	}
}

// sheet is a spreadsheet that grew: a scrap sheet before the cases, Excel's dates.
var sheet = shape{
	name: "spreadsheet", file: "cases.xlsx", head: byLabel,
	frame: `format: xlsx
sheet: Cases
person: {id: Person}
case: {id: "No."}
date: {column: Date, formats: [excel]}
`,
	write: func(w io.Writer, c *clerk, rows iter.Seq[row]) error {
		f := excelize.NewFile()
		defer f.Close()
		if err := f.SetCellStr("Sheet1", "A1", "to do: ask Tuesday's volunteers"); err != nil {
			return err
		}
		if _, err := f.NewSheet("Cases"); err != nil {
			return err
		}
		out, err := f.NewStreamWriter("Cases")
		if err != nil {
			return err
		}
		if err := writeSheet(out, c, rows); err != nil {
			return err
		}
		return f.Write(w)
	},
}

func writeSheet(out *excelize.StreamWriter, c *clerk, rows iter.Seq[row]) error {
	at := 0
	put := func(cells []any) error {
		at++
		return out.SetRow(fmt.Sprintf("A%d", at), cells)
	}
	if err := put(anys(header([]string{"No.", "Person", "Date", "Notes"}, c, byLabel))); err != nil {
		return err
	}
	for r := range rows {
		// Excel counts days from 1899-12-30.
		cells := append([]any{r.number, r.person, int(r.date) + 25569, r.text}, anys(r.answers)...)
		if err := put(cells); err != nil {
			return err
		}
	}
	return out.Flush()
}

func anys(words []string) []any {
	out := make([]any, len(words))
	for i, w := range words {
		if out[i] = w; w == "" {
			out[i] = nil
		}
	}
	return out
}

// archive is a document database's CSV: Unix seconds, further acts behind a bar.
var archive = shape{
	name: "uwazi", file: "entities.csv", head: byID,
	frame: `format: csv
person: {id: person}
case: {id: id}
date: {column: date, formats: [epoch_s]}
`,
	more: map[string]string{"threat_type": "    separator: \"|\"\n    pick: first\n"},
	write: func(w io.Writer, c *clerk, rows iter.Seq[row]) error {
		acts := c.codebook.Dimension("threat_type")
		h := header([]string{"id", "person", "date", "title"}, c, byID)
		return writeCSV(w, ',', [][]string{h}, rows, func(r row) []string {
			if r.answers[acts] != "" && c.random.Float64() < 0.17 {
				further := c.random.IntN(len(c.codebook.Dimensions[acts].Codes) - 2)
				r.answers[acts] += "|" + c.answer(acts, further, false)
			}
			return []string{r.number, r.person, fmt.Sprint(r.date.Time().Unix()), r.text}
		})
	},
}

// lines is a monitor's own database, one JSON object a line, milliseconds.
var lines = shape{
	name: "database", file: "cases.jsonl", head: byID,
	frame: `format: jsonl
person: {id: who}
case: {id: case}
date: {column: when, formats: [epoch_ms]}
`,
	write: func(w io.Writer, c *clerk, rows iter.Seq[row]) error {
		out := json.NewEncoder(w)
		for r := range rows {
			o := map[string]any{"case": r.number, "who": r.person, "when": r.date.Time().UnixMilli(), "text": r.text}
			for i, a := range r.answers {
				o[byID(c, i)] = a
			}
			if err := out.Encode(o); err != nil {
				return err
			}
		}
		return nil
	},
}

// desk is a small desk's list: day first, with the hour.
var desk = shape{
	name: "list", file: "list.csv", head: byLabel,
	frame: `format: csv
person: {id: Person}
case: {id: Case}
date: {column: When, formats: [d/m/Y H:M]}
`,
	write: func(w io.Writer, c *clerk, rows iter.Seq[row]) error {
		h := header([]string{"Case", "Person", "When", "Story"}, c, byLabel)
		return writeCSV(w, ',', [][]string{h}, rows, func(r row) []string {
			return []string{r.number, r.person, r.date.Time().Format("2/1/2006") + " 14:30", r.text}
		})
	},
}
