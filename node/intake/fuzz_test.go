package intake

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"

	"tidemark/schema/mapping"
)

// fuzzed reads text as the mapping says and checks what must hold for any bytes.
func fuzzed(t *testing.T, m *mapping.Mapping, text []byte) {
	config := Defaults()
	config.Rows, config.Record, config.Cell = 1_000, 10_000, 1_000
	cases := 0
	tk := newTaker(context.Background(), config, m, func(c mapping.Case) error {
		if cases++; c.ID == "" || len(c.Codes) != len(m.Codebook().Dimensions) {
			t.Fatal("a case without an id or without its codes")
		}
		return nil
	})
	r, err := decoded(bytes.NewReader(text), m.Source().Encoding)
	switch {
	case err != nil:
	case m.Source().Format == mapping.CSV:
		err = tk.readCSV(r)
	default:
		err = tk.readJSON(r, m.Source().Format)
	}
	if tk.report.Rows != tk.report.Mapped+tk.report.Refused && err == nil || tk.report.Mapped != cases {
		t.Fatalf("%d rows, %d mapped, %d refused, %d cases", tk.report.Rows, tk.report.Mapped, tk.report.Refused, cases)
	}
	// The texts are ours alone, the mapping's columns aside: plain and short.
	shown := fmt.Sprint(err, tk.report.Refusals)
	for _, column := range m.Columns() {
		shown = strings.ReplaceAll(shown, column, "")
	}
	if strings.ContainsFunc(shown, func(r rune) bool { return r > '~' || r < ' ' }) || err != nil && len(err.Error()) > 200 {
		t.Fatalf("shows %q", shown)
	}
}

func FuzzCSV(f *testing.F) {
	for _, name := range []string{"ushahidi.csv", "uwazi.csv", "kobotoolbox.csv", "activityinfo.csv"} {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("no,day,what\n1,2026-03-09,threat\n\n,,\n2,46090,\"a\nb\"\n"))
	all := []*mapping.Mapping{small(f, "format: csv"), small(f, "format: csv\nblank_row: end\ndelimiter: ';'"), example(f, "ushahidi"), example(f, "uwazi"), example(f, "kobotoolbox-csv"), example(f, "activityinfo")}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, m := range all {
			fuzzed(t, m, text)
		}
	})
}

func FuzzJSON(f *testing.F) {
	text, err := os.ReadFile("testdata/zammad.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"no":1,"day":"2026-03-09","what":"threat"}` + "\n"))
	f.Add([]byte(`[{"no":1,"day":46090,"what":null,"victims":[{"id":"a"},{"id":["b"]}]}]`))
	all := []*mapping.Mapping{example(f, "zammad"), small(f, "format: jsonl"), small(f, "format: json\nperson: {id: 'victims[].id', missing: case}")}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, m := range all {
			fuzzed(t, m, text)
		}
	})
}

func FuzzXLSX(f *testing.F) {
	for _, path := range []string{spreadsheet(f), book(f, sheet{"A", [][]any{{"no", "day", "what"}, {1, 46090, "threat"}}})} {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	m := small(f, "format: xlsx")
	f.Fuzz(func(t *testing.T, data []byte) {
		config := Defaults()
		config.Zipped, config.Unzipped = 1<<20, 4<<20
		_, _ = try(t, config, m, write(t, string(data)))
	})
}

// FuzzSheet spoils the sheet inside a workbook that is otherwise sound.
func FuzzSheet(f *testing.F) {
	p := parts(f, book(f, sheet{"A", [][]any{{"no", "day", "what"}, {1, 46090, "threat"}}}))
	const sheetPart = "xl/worksheets/sheet1.xml"
	f.Add(p[sheetPart])
	m := small(f, "format: xlsx")
	f.Fuzz(func(t *testing.T, data []byte) {
		spoilt := maps.Clone(p)
		spoilt[sheetPart] = data
		_, _ = try(t, Defaults(), m, write(t, string(zipped(t, spoilt, 0))))
	})
}
