package intake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/unicode"

	"tidemark/schema"
	"tidemark/schema/mapping"
)

// canary is a word that no error, refusal or printed report may hold.
const canary = "Zarifa7c41e9"

const smallCodebook = `{"codebook":"small","version":"1","dimensions":[{"id":"act","codes":[{"code":"threat","definition":"t"},{"code":"attack","definition":"a"},{"code":"unknown","definition":"u"}]}]}`

// small parses a mapping of three columns: no, day, what; source is its head.
func small(t testing.TB, source string) *mapping.Mapping {
	t.Helper()
	cb, err := schema.ParseCodebook([]byte(smallCodebook))
	if err != nil {
		t.Fatal(err)
	}
	person := "person: {none: true}\n"
	if strings.Contains(source, "person:") {
		person = ""
	}
	m, err := mapping.Parse([]byte("name: small\n"+source+"\n"+person+`
case: {id: no}
date: {column: day, formats: [iso, excel]}
dimensions:
  act:
    column: what
    values: {threat: [threat, Bedrohung, тhreat, "ménace"], attack: [attack]}
`), cb)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func write(t testing.TB, data string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), canary+".export")
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// try reads and returns what would be shown: the error, the refusals, the report.
func try(t testing.TB, c Config, m *mapping.Mapping, path string) (Report, error) {
	t.Helper()
	report, err := c.Read(context.Background(), m, path, func(mapping.Case) error { return nil })
	for _, shown := range []string{fmt.Sprint(err), fmt.Sprint(report), fmt.Sprintf("%+v", report), fmt.Sprintf("%#v", report)} {
		if strings.Contains(shown, canary) || strings.Contains(shown, canary[:5]) {
			t.Errorf("shows a cell, a header or a file name: %s", strings.ReplaceAll(shown, canary, "<canary>"))
		}
	}
	return report, err
}

func TestGoodFiles(t *testing.T) {
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("no,day,what\n1,2026-03-09,ménace\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ source, data string }{
		"plain":                {"format: csv", "no,day,what\n1,2026-03-09,threat\n"},
		"no newline at end":    {"format: csv", "no,day,what\n1,2026-03-09,threat"},
		"carriage returns":     {"format: csv", "no,day,what\r\n1,2026-03-09,threat\r\n"},
		"byte order mark":      {"format: csv", "\ufeffno,day,what\n1,2026-03-09,threat\n"},
		"header with blanks":   {"format: csv", " No , day,WHAT \n1,2026-03-09,threat\n"},
		"tabs":                 {"format: csv\ndelimiter: tab", "no\tday\twhat\n1\t2026-03-09\tthreat\n"},
		"semicolons":           {"format: csv\ndelimiter: ';'", "no;day;what\n1;2026-03-09;threat\n"},
		"title lines":          {"format: csv\nheader: 4", "Our cases\n\n\nno,day,what\n1,2026-03-09,threat\n"},
		"other columns":        {"format: csv", "x,no,,day,x,what,\n,1,,2026-03-09,,threat,\n"},
		"hxl":                  {"format: csv", "no,day,what\n#id,#date +start,\n1,2026-03-09,threat\n"},
		"blank rows":           {"format: csv", "no,day,what\n\n,,\n1,2026-03-09,threat\n  ,,\n"},
		"windows":              {"format: csv\nencoding: windows-1252", "no,day,what\n1,2026-03-09,m\xe9nace\n"},
		"utf-16":               {"format: csv\nencoding: utf-16", utf16},
		"cyrillic":             {"format: csv\nencoding: windows-1251", "no,day,what\n1,2026-03-09,\xf2hreat\n"},
		"many lines in a cell": {"format: csv", "no,what,day,text\n1,threat,2026-03-09,\"a\n\n\"\"b\"\"\nc\"\n"},
		"json":                 {"format: json", `[{"no":1,"day":"2026-03-09","what":"threat","x":{"y":[1,{"z":null}]}}]`},
		"json path":            {"format: json\npath: data.cases", `{"x":[[{}]],"data":{"n":1,"cases":[{"no":"1","day":"2026-03-09","what":"threat"}]},"z":"]}"}`},
		"json with a mark":     {"format: json", "\ufeff" + `[{"no":1,"day":"2026-03-09","what":"threat"}]` + "\n\n"},
		"json lines":           {"format: jsonl", `{"no":1,"day":"2026-03-09","what":"threat"}` + "\n\n"},
		"xlsx":                 {"format: xlsx", ""},
	} {
		m, path := small(t, c.source), ""
		if path = write(t, c.data); c.data == "" {
			path = book(t, sheet{"A", [][]any{{"no", "day", "what"}, {1, 46090, "threat"}}})
		}
		all, report := readAll(t, m, path)
		if len(all) != 1 || report.Refused != 0 || all[0].ID != "1" || all[0].Date.String() != "2026-03-09" || code(t, m, all[0], "act") != "threat" {
			t.Errorf("%s: %d cases, %d refused, %v", name, len(all), report.Refused, report.Reasons)
		}
		fromMemory(t, name, m, path, report)
	}
}

// fromMemory reads an export's bytes and wants what the file gave.
func fromMemory(t *testing.T, name string, m *mapping.Mapping, path string, want Report) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var have Report
	n := 0
	for _, err := range CasesOf(context.Background(), m, text, &have) {
		if err != nil {
			t.Errorf("%s from memory: %v", name, err)
		}
		n++
	}
	if n != want.Mapped || fmt.Sprint(have) != fmt.Sprint(want) {
		t.Errorf("%s from memory: %d cases, %v; from the file %v", name, n, have, want)
	}
}

func TestBadFiles(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	for name, c := range map[string]struct{ source, data, want string }{
		"empty":                    {"format: csv", "", "no row of column names"},
		"header only below":        {"format: csv\nheader: 9", "no,day,what\n", "no row of column names"},
		"missing column":           {"format: csv", "no,day,other\n" + canary + "\n", `column "what" is missing`},
		"no header":                {"format: csv", canary + ",2026-03-09,threat\n", `column "no" is missing`},
		"wrong delimiter":          {"format: csv", "no;day;what\n1;2026-03-09;" + canary + "\n", "another delimiter"},
		"column twice":             {"format: csv", "no,day,what,what\n1,2026-03-09,threat," + canary + "\n", `column "what" is there 2 times`},
		"column twice by case":     {"format: csv", "no,day,What,WHAT\n1,2026-03-09,threat," + canary + "\n", `column "what" is there 2 times`},
		"bare quote":               {"format: csv", "no,day,what\n1,2026-03-09," + canary + "\" x\n", "after row 1, line 2: a quote"},
		"quote in a quoted cell":   {"format: csv", "no,day,what\n1,2026-03-09,\"" + canary + "\" x\n", "a quote that does not close"},
		"quote never closed":       {"format: csv", "no,day,what\n1,2026-03-09,\"" + strings.Repeat(canary, 2000), "a quote"},
		"not utf-8":                {"format: csv", "no,day,what\n1,2026-03-09," + canary + "\xe9\n", "not utf-8"},
		"not utf-8 in json":        {"format: json", `[{"no":1,"day":"2026-03-09","what":"` + canary + "\xe9\"}]", "not utf-8"},
		"utf-16 unsaid":            {"format: csv", "\xff\xfen\x00o\x00", "utf-16"},
		"utf-16 without a mark":    {"format: csv\nencoding: utf-16", "n\x00o\x00", "byte order mark"},
		"workbook as csv":          {"format: csv", "PK\x03\x04" + canary, "workbook"},
		"csv as workbook":          {"format: xlsx", "no,day,what\n" + canary, "not a workbook"},
		"not json":                 {"format: json", "no,day\n" + canary, "not well formed"},
		"json cut short":           {"format: json", `[{"no":1,"day":"2026-03-09","what":"` + canary + `"},`, "not well formed"},
		"json cut in a row":        {"format: json", `[{"no":1,"day":"2026-03-09","what":"` + canary, "not well formed"},
		"json not an array":        {"format: json", `{"no":"` + canary + `"}`, "not an array"},
		"json without the path":    {"format: json\npath: data.cases", `{"data":{"` + canary + `":[]}}`, "no array at the mapping's path"},
		"json path into a list":    {"format: json\npath: data.cases", `{"data":[{"` + canary + `":[]}]}`, "not an object"},
		"json array twice":         {"format: json\npath: c", `{"c":[],"c":[]}`, "twice"},
		"json and more":            {"format: json", `[] "` + canary + `"`, "something follows"},
		"json column nowhere":      {"format: json", `[{"no":1,"day":"2026-03-09","` + canary + `":1}]`, `column "what" is missing in every row`},
		"json too deep":            {"format: json", `[{"no":1,"x":` + deep + `}]`, "nested more than 32"},
		"json too deep, elsewhere": {"format: json\npath: c", `{"` + canary + `":` + deep + `,"c":[]}`, "nested more than 32"},
		"json lines cut short":     {"format: jsonl", `{"no":1,"day":"2026-03-09","what":"threat"}` + "\n" + `{"no":"` + canary, "after row 1: not well formed"},
		"json lines of tables":     {"format: jsonl", "no,day," + canary, "not well formed"},
	} {
		_, err := try(t, Defaults(), small(t, c.source), write(t, c.data))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: have %v, want %q", name, err, c.want)
		}
	}
}

func TestRefusedRows(t *testing.T) {
	good := "1,2026-03-09,threat\n"
	for name, c := range map[string]struct{ source, data, field, reason string }{
		"no case id":         {"format: csv", "no,day,what\n" + good + " ,2026-03-09," + canary + "\n", "case", "no id"},
		"no person":          {"format: csv\nperson: {id: who}", "no,day,what,who\n1,2026-03-09,threat,p\n1,2026-03-09," + canary + ",\n", "person", "no id"},
		"no date":            {"format: csv", "no,day,what\n" + good + canary + ",,threat\n", "date", "no date"},
		"another date":       {"format: csv", "no,day,what\n" + good + "1,03/09/2026," + canary + "\n", "date", "formats"},
		"month thirteen":     {"format: csv", "no,day,what\n" + good + canary + ",2026-13-09,threat\n", "date", "formats"},
		"a shifted row":      {"format: csv", "no,day,what\n" + good + "1,2026-03-09,threat,," + canary + "\n", "table", "more cells"},
		"a long cell":        {"format: csv", "no,day,what\n" + good + "1,2026-03-09," + strings.Repeat(canary, 6000) + "\n", "what", "65536 bytes"},
		"a list in json":     {"format: json", `[{"no":1,"day":"2026-03-09","what":"threat"},{"no":2,"day":"2026-03-09","what":["` + canary + `"]}]`, "what", "list"},
		"an object in json":  {"format: json", `[{"no":1,"day":"2026-03-09","what":"threat"},{"no":{"x":"` + canary + `"},"day":"2026-03-09","what":"a"}]`, "no", "object"},
		"no object in json":  {"format: json", `[{"no":1,"day":"2026-03-09","what":"threat"},"` + canary + `"]`, "row", "not an object"},
		"a key is missing":   {"format: json", `[{"no":1,"day":"2026-03-09","what":"threat"},{"day":"2026-03-09","what":"` + canary + `"}]`, "case", "no id"},
		"below a blank row":  {"format: csv\nblank_row: end", "no,day,what\n" + good + "\n" + canary + ",2026-03-09,threat\n", "table", "blank row"},
		"a second header":    {"format: csv", "no,day,what\n" + good + "no,day,what\n", "date", "formats"},
		"a row of hxl later": {"format: csv", "no,day,what\n" + good + "#id,#date,#what\n", "date", "formats"},
	} {
		report, err := try(t, Defaults(), small(t, c.source), write(t, c.data))
		if err != nil || report.Rows != 2 || report.Mapped != 1 || len(report.Refusals) != 1 {
			t.Errorf("%s: %v, %d rows, %d mapped", name, err, report.Rows, report.Mapped)
			continue
		}
		r := report.Refusals[0]
		if r.Field != c.field || !strings.Contains(r.Reason, c.reason) || r.Row < 2 || r.Row > 4 {
			t.Errorf("%s: %v", name, r)
		}
		if len(report.Reasons) != 1 || report.Reasons[0] != (Reason{r.Field, r.Reason, 1}) {
			t.Errorf("%s: counted as %v", name, report.Reasons)
		}
	}
}

// Rows are numbered as a spreadsheet shows them.
func TestRowNumbers(t *testing.T) {
	data := "title\n\nno,day,what\n\"1\",2026-03-09,\"a\nb\n\nc\"\n\n2,bad,\"x\ny\"\n\n\n,2026-03-09,threat\n"
	report, err := try(t, Defaults(), small(t, "format: csv\nheader: 3"), write(t, data))
	if err != nil || fmt.Sprint(report.Refusals) != "[row 6: date: not in any of the mapping's formats row 9: case: no id]" {
		t.Errorf("%v, %v", report.Refusals, err)
	}
}

func TestRefusalsAreCapped(t *testing.T) {
	data := "no,day,what\n" + strings.Repeat("1,never,threat\n", 2_500) + strings.Repeat(",2026-03-09,threat\n", 3_000)
	report, err := try(t, Defaults(), small(t, "format: csv"), write(t, data))
	if err != nil || report.Refused != 5_500 || len(report.Refusals) != maxRefusals || len(report.Reasons) != 2 {
		t.Fatalf("%d refused, %d kept, %v", report.Refused, len(report.Refusals), err)
	}
	if report.Reasons[0] != (Reason{"case", "no id", 3_000}) || report.Reasons[1].Count != 2_500 {
		t.Errorf("have %v", report.Reasons)
	}
}

func TestLimits(t *testing.T) {
	csv := "no,day,what\n1,2026-03-09,threat\n2,2026-03-09,threat\n"
	for name, c := range map[string]struct {
		limit        func(*Config)
		source, data string
		want         string
	}{
		"size":                    {func(c *Config) { c.Size = 20 }, "format: csv", csv, "at most 20"},
		"zipped":                  {func(c *Config) { c.Zipped = 20 }, "format: xlsx", csv, "at most 20"},
		"rows":                    {func(c *Config) { c.Rows = 1 }, "format: csv", csv, "more than 1 rows"},
		"columns":                 {func(c *Config) { c.Columns = 2 }, "format: csv", csv, "more than 2 columns"},
		"a million columns":       {func(*Config) {}, "format: csv", "no,day,what" + strings.Repeat(",", 1_000_000) + "\n", "columns"},
		"a million columns below": {func(*Config) {}, "format: csv", csv + strings.Repeat(canary+",", 1_000_000) + "\n", "more than"},
		"a record without end":    {func(c *Config) { c.Record, c.Cell = 1000, 100 }, "format: csv", csv + `3,2026-03-09,"` + strings.Repeat(canary+"\n", 30_000), "a quote or a bracket"},
		"a string without end":    {func(c *Config) { c.Record, c.Cell = 1000, 100 }, "format: json", `[{"no":"` + strings.Repeat(canary, 30_000), "a quote or a bracket"},
	} {
		config := Defaults()
		c.limit(&config)
		if _, err := try(t, config, small(t, c.source), write(t, c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: have %v, want %q", name, err, c.want)
		}
	}
	for name, spoil := range map[string]func(*Config){
		"no rows": func(c *Config) { c.Rows = 0 }, "no ratio": func(c *Config) { c.Ratio = 0 }, "cell above record": func(c *Config) { c.Cell = c.Record + 1 },
		"columns of no spreadsheet": func(c *Config) { c.Columns = 1 << 20 }, "unzipped below zipped": func(c *Config) { c.Unzipped = c.Zipped - 1 },
	} {
		config := Defaults()
		spoil(&config)
		if _, err := try(t, config, small(t, "format: csv"), write(t, csv)); err == nil || !strings.Contains(err.Error(), "config") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNotRegularFiles(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, canary), "/dev/null"} {
		if _, err := try(t, Defaults(), small(t, "format: csv"), path); err == nil || strings.Contains(err.Error(), dir) {
			t.Errorf("have %v", err)
		}
	}
}

func TestAFileThatChangesIsRefused(t *testing.T) {
	var b strings.Builder
	b.WriteString("no,day,what\n")
	for i := range 20_000 {
		fmt.Fprintf(&b, "%05d,2026-03-09,threat\n", i)
	}
	data := b.String()
	for name, change := range map[string]func(t *testing.T, path string){
		"grows": func(t *testing.T, path string) {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err == nil {
				_, err = f.WriteString("99999,2026-03-09,threat\n")
			}
			if err != nil {
				t.Fatal(err)
			}
			f.Close()
		},
		"is cut": func(t *testing.T, path string) {
			if err := os.Truncate(path, 300_000); err != nil {
				t.Fatal(err)
			}
		},
		"is replaced": func(t *testing.T, path string) {
			if err := errors.Join(os.WriteFile(path+"2", []byte(data), 0o600), os.Rename(path+"2", path)); err != nil {
				t.Fatal(err)
			}
		},
		"is gone": func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		},
		"has other bytes, size and time as before": func(t *testing.T, path string) {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err == nil {
				_, err = f.WriteAt([]byte("7"), 30)
			}
			if err != nil {
				t.Fatal(err)
			}
			f.Close()
			if err := os.Chtimes(path, time.Time{}, info.ModTime()); err != nil {
				t.Fatal(err)
			}
		},
	} {
		path, n := write(t, data), 0
		_, err := Read(context.Background(), small(t, "format: csv"), path, func(mapping.Case) error {
			if n++; n == 100 {
				change(t, path)
			}
			return nil
		})
		if !errors.Is(err, ErrChanged) {
			t.Errorf("%s: have %v", name, err)
		}
	}
}

func TestTheCallersErrorEndsTheReading(t *testing.T) {
	path := write(t, "no,day,what\n"+strings.Repeat("1,2026-03-09,threat\n", 5_000))
	full := errors.New("full")
	n := 0
	report, err := Read(context.Background(), small(t, "format: csv"), path, func(mapping.Case) error {
		if n++; n == 3 {
			return full
		}
		return nil
	})
	if !errors.Is(err, full) || n != 3 || report.Mapped != 3 {
		t.Errorf("%v after %d cases", err, n)
	}
	ctx, cancel := context.WithCancel(context.Background())
	n = 0
	_, err = Read(ctx, small(t, "format: csv"), path, func(mapping.Case) error {
		if n++; n == 10 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || n > 1_024 {
		t.Errorf("%v after %d cases", err, n)
	}
	for range Cases(context.Background(), small(t, "format: csv"), path, &report) {
		break // must not be called again
	}
	seen := 0
	for _, err := range Cases(context.Background(), small(t, "format: csv"), path, &report) {
		if err != nil {
			t.Fatal(err)
		}
		seen++
	}
	if seen != 5_000 || report.Mapped != 5_000 || report.Repeated != 4_999 {
		t.Errorf("%d cases, report %d, repeated %d", seen, report.Mapped, report.Repeated)
	}
}

func TestSeveralPersonsInJSON(t *testing.T) {
	m := small(t, "format: json\nperson: {id: 'victims[].id'}")
	all, report := readAll(t, m, write(t, `[{"no":1,"day":"2026-03-09","what":"threat","victims":[{"id":"a"},{"id":"b","x":[]},{"id":"a"},{}]},
		{"no":2,"day":"2026-03-09","what":"threat","victims":[]},{"no":3,"day":"2026-03-09","what":"threat","victims":{"id":7}}]`))
	if len(all) != 2 || strings.Join(all[0].Persons, " ") != "a b" || strings.Join(all[1].Persons, " ") != "7" {
		t.Errorf("%d cases", len(all))
	}
	if len(report.Refusals) != 1 || report.Refusals[0].Row != 2 || report.Refusals[0].Field != "person" {
		t.Errorf("refused %v", report.Refusals)
	}
}
