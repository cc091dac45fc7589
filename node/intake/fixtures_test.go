package intake

import (
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"tidemark/schema"
	"tidemark/schema/mapping"
)

var update = flag.Bool("update", false, "write testdata/*.want anew: read them before they are kept")

var codebookKey = regexp.MustCompile(`(?m)^codebook: ([a-z0-9]+)$`)

// example parses one of the mappings that come with the project.
func example(t testing.TB, name string) *mapping.Mapping {
	t.Helper()
	text, err := mapping.Examples.ReadFile("examples/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	cb := schema.Incident()
	if book := string(codebookKey.FindSubmatch(text)[1]); book != cb.Name {
		data, err := mapping.Examples.ReadFile("examples/" + book + ".codebook.json")
		if err != nil {
			t.Fatal(err)
		}
		if cb, err = schema.ParseCodebook(data); err != nil {
			t.Fatal(err)
		}
	}
	m, err := mapping.Parse(text, cb)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// readAll reads a file and returns its cases.
func readAll(t testing.TB, m *mapping.Mapping, path string) ([]mapping.Case, Report) {
	t.Helper()
	var all []mapping.Case
	report, err := Read(context.Background(), m, path, func(c mapping.Case) error {
		all = append(all, c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if report.Rows != report.Mapped+report.Refused || report.Mapped != len(all) {
		t.Errorf("%d rows, %d mapped, %d refused, %d cases", report.Rows, report.Mapped, report.Refused, len(all))
	}
	return all, report
}

// code is the case's code in a dimension.
func code(t testing.TB, m *mapping.Mapping, c mapping.Case, dimension string) string {
	t.Helper()
	i := m.Codebook().Dimension(dimension)
	if i < 0 {
		t.Fatalf("no dimension %s", dimension)
	}
	return string(m.Codebook().Dimensions[i].Codes[c.Codes[i]].Code)
}

// tell writes what was read as text: a line per case with the codes that say something.
// The fixtures are fiction, so the test may show what the package never does.
func tell(m *mapping.Mapping, all []mapping.Case, r Report) string {
	var b strings.Builder
	for _, c := range all {
		day := c.Date.String()
		if c.MonthOnly {
			day = day[:7]
		}
		fmt.Fprintf(&b, "%.12s %s %s", c.ID, day, strings.Join(short(c.Persons), "+"))
		for i, def := range m.Codebook().Dimensions {
			code := string(def.Codes[c.Codes[i]].Code)
			if !strings.Contains(code, "unknown") && !strings.HasPrefix(code, "not_a") && code != "not_recorded" {
				fmt.Fprintf(&b, " %s=%s", def.ID, code)
			}
		}
		b.WriteByte('\n')
	}
	for _, refusal := range r.Refusals {
		fmt.Fprintf(&b, "refused %s\n", refusal)
	}
	for _, c := range r.Coverage {
		fmt.Fprintf(&b, "coverage %s: %d mapped, %d default, %d unmapped", c.Dimension, c.Mapped, c.Default, c.Unmapped)
		for _, v := range c.Unlisted.ForOperatorsScreen() {
			fmt.Fprintf(&b, ", %q %d", v.Value, v.Count)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "rows %d, mapped %d, refused %d, blank %d, short %d, month only %d, repeated %d, hxl %v, other sheets %d\n",
		r.Rows, r.Mapped, r.Refused, r.Blank, r.Short, r.MonthOnly, r.Repeated, r.HXL, r.OtherSheets)
	return b.String()
}

func short(ids []string) []string {
	ids = slices.Clone(ids)
	for i := range ids {
		ids[i] = fmt.Sprintf("%.8s", ids[i])
	}
	return ids
}

// Each fixture has the shape of a case system's export; the file beside it says what
// becomes of it.
func TestFixtures(t *testing.T) {
	for _, f := range []struct{ mapping, file string }{
		{"activityinfo", "testdata/activityinfo.csv"},
		{"kobotoolbox-csv", "testdata/kobotoolbox.csv"},
		{"kobotoolbox", survey(t)},
		{"spreadsheet", spreadsheet(t)},
		{"ushahidi", "testdata/ushahidi.csv"},
		{"uwazi", "testdata/uwazi.csv"},
		{"zammad", "testdata/zammad.json"},
	} {
		t.Run(f.mapping, func(t *testing.T) {
			m := example(t, f.mapping)
			all, report := readAll(t, m, f.file)
			golden := filepath.Join("testdata", f.mapping+".want")
			want, err := os.ReadFile(golden)
			if *update {
				want = []byte(tell(m, all, report))
				err = os.WriteFile(golden, want, 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
			if have := tell(m, all, report); have != string(want) {
				t.Errorf("have\n%s\nwant\n%s", have, want)
			}
		})
	}
}

// book writes a workbook of the given sheets, each a list of rows.
func book(t testing.TB, sheets ...sheet) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, s := range sheets {
		if i == 0 {
			if err := f.SetSheetName("Sheet1", s.name); err != nil {
				t.Fatal(err)
			}
		} else if _, err := f.NewSheet(s.name); err != nil {
			t.Fatal(err)
		}
		for n, row := range s.rows {
			if err := f.SetSheetRow(s.name, fmt.Sprintf("A%d", n+1), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "book.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

type sheet struct {
	name string
	rows [][]any
}

// survey is testdata/kobotoolbox.csv as a workbook, repeats on a second sheet.
func survey(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("testdata/kobotoolbox.csv")
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]any
	r := csvReader(string(text))
	for {
		cells, err := r.Read()
		if err != nil {
			break
		}
		row := make([]any, len(cells))
		for i, c := range cells {
			if row[i] = c; c == "" {
				row[i] = nil
			}
		}
		rows = append(rows, row)
	}
	return book(t, sheet{"survey", rows}, sheet{"repeat", [][]any{{"_index", "_parent_index"}, {1, 1}}})
}

// spreadsheet is a list that three hands kept: a scrap sheet, two lines of title, dates
// in eight ways, three words for not knowing, a second table below.
func spreadsheet(t testing.TB) string {
	t.Helper()
	at := func(s string) any { return s }
	return book(t,
		sheet{"scratch", [][]any{{"call back"}, {"No.", "Date", "Name"}, {"1", "2026-01-01", "nobody"}}},
		sheet{" cases ", [][]any{
			{"Cases of the desk"},
			{},
			{" No. ", "Date", "name", "Born", "Town", "Gender", "What ", "Consequence 1", "Consequence 2", "Training", nil, "Notes"},
			{"A1", 46090, "Ada Example", 1980, "Northtown", "F", "Doxing", "followed", "stress", "yes", nil, "a\nb"},
			{"A2", 46090.5, " ada  EXAMPLE ", 1980, "northtown", "female ", "address published", "nothing", nil, "?", nil, nil},
			{"A3", at("2026-03-09"), "Bo Sample", 1991, "Southtown", "x", "Unknown", nil, nil, "no", nil, nil},
			{"A4", at("9/3/2026"), "Bo Sample", 1991, "Southtown", "nb", "unk.", "-", "had to move", "long ago", nil, nil},
			{"A5", at("09/03/2026 17:30"), "Cy Specimen", 1975, "Westtown", "M", "don&#39;t know", nil, nil, nil, nil, nil},
			{"A6", at("9-Mar-26"), "Cy Specimen", 1975, "Westtown", "m", "Amenaza", "beaten", "sleepless", nil, nil, nil},
			{"A7", 1773014400, "Di Model", 2001, "Easttown", nil, "blackmail", nil, nil, nil, nil, nil},
			{"A8", 1773014400000, "Di Model", 2001, "Easttown", "woman", "MENACE", nil, nil, nil, nil, nil},
			{"A9", at("2026-03"), "Di Model", 2001, "Easttown", "woman", "a long story about it", nil, nil, nil, nil, nil},
			{"A10", at("09.03.2026"), "Di Model", nil, "Easttown", "woman", "hacked", nil, nil, nil, nil, nil},
			{"A11", at("last spring"), "Di Model", 2001, "Easttown", "woman", "hacked", nil, nil, nil, nil, nil},
			{nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, "a remark alone"},
			{},
			{"Totals", "Date", "Count"},
			{"A1", 46090, 11},
		}},
	)
}

func csvReader(text string) *csv.Reader {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = ';'
	return r
}
