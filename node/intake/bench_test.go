package intake

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"

	"tidemark/schema"
	"tidemark/schema/mapping"
)

const benchRows = 1_000_000

const benchMapping = `
name: bench
format: %s
person: {%s}
case: {id: no}
date: {column: day, formats: [iso, d/m/Y]}
dimensions:
  threat_type:
    column: what
    separator: ","
    pick: first
    values: {doxing: [Doxing, Doxxing], threat_of_harm: [Threat, Amenaza], harassment_hate: [Hate], smear_disinformation: [Smear]}
  channel_kind: {column: where, values: {email: [E-Mail], social_public: [Social media], messaging_app: [Messenger]}}
  gender: {column: sex, default: not_recorded, unmapped: not_recorded, values: {woman: [f, Femme], man: [m, Homme]}}
  age_band: {column: age, values: {18_24: ["18-24"], 25_34: ["25-34"], 35_49: ["35-49"]}}
  region: {column: country, values: {m49_419: [México, Colombia], m49_202: [Kenya, Sénégal]}}
  police_response: {column: police, values: {not_sought_fear: ["no, afraid"], investigating: ["yes"]}}
  support_need: {column: need, values: {legal_aid: [lawyer], psychosocial: [therapy]}}
  support_outcome: {column: outcome, values: {pending: [open], given_full: [done]}}
absent: {attribution_confidence: not_assessed, online_offline_link: not_assessed, link_evidence: not_assessed, platform_response_time: not_applicable_unknown, defender_gender: not_recorded}
`

// benchFile writes rows of 13 columns, of which one is a text of 120 characters and
// every hundredth row has a value that is not listed.
func benchFile(b *testing.B, rows int) (path string, size int64) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "bench.csv")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "no,who,born,day,what,where,sex,age,country,police,need,outcome,text")
	pick := func(i int, of ...string) string { return of[i%len(of)] }
	for i := range rows {
		country := pick(i/3, "México", "Kenya ", "Sénégal", "Colombia", "")
		if i%100 == 0 {
			country = fmt.Sprint("Place ", i%700)
		}
		fmt.Fprintf(w, "C-%07d,P-%06d,%d,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s\n", i, i/2, 1950+i%50, pick(i, "2026-03-09", "9/3/2026", "2026-01-31T10:00:00"),
			pick(i, "Doxing", `"Threat, Hate, "`, "SMEAR", "", "amenaza"), pick(i/2, "E-Mail", "social media", "Messenger"), pick(i, "f", "F ", "m", ""),
			pick(i, "18-24", "25-34", "35-49", "Unknown"), country, pick(i, `"no, afraid"`, "yes", ""), pick(i, "lawyer", "therapy", ""), pick(i, "open", "done"),
			"She wrote to us at night and said that the same account had posted her street again; we called her back in the morning.")
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		b.Fatal(err)
	}
	f.Close()
	return path, info.Size()
}

func benchmarkCSV(b *testing.B, person string) {
	m, err := mapping.Parse(fmt.Appendf(nil, benchMapping, "csv", person), schema.Incident())
	if err != nil {
		b.Fatal(err)
	}
	path, size := benchFile(b, benchRows)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		report, err := Read(context.Background(), m, path, func(mapping.Case) error { n++; return nil })
		if err != nil || n != benchRows || report.Refused != 0 {
			b.Fatalf("%d cases, %d refused, %v", n, report.Refused, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
}

// A million rows with 8 dimensions, from the file to the coded case.
func BenchmarkCSVPersonID(b *testing.B)        { benchmarkCSV(b, "id: who") }
func BenchmarkCSVPersonComposite(b *testing.B) { benchmarkCSV(b, "composite: [who, born]") }

// Other formats, a tenth of the rows; B/op shows what a workbook costs.
func BenchmarkJSONLines(b *testing.B) { benchmarkOther(b, "jsonl") }
func BenchmarkXLSX(b *testing.B)      { benchmarkOther(b, "xlsx") }

func benchmarkOther(b *testing.B, format string) {
	const rows = benchRows / 10
	m, err := mapping.Parse(fmt.Appendf(nil, benchMapping, format, "id: who"), schema.Incident())
	if err != nil {
		b.Fatal(err)
	}
	path := rewritten(b, rows, format)
	b.ReportAllocs()
	for b.Loop() {
		report, err := Read(context.Background(), m, path, func(mapping.Case) error { return nil })
		if err != nil || report.Mapped != rows {
			b.Fatalf("%d mapped, %v", report.Mapped, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
}

// rewritten is benchFile in another format.
func rewritten(b *testing.B, rows int, format string) string {
	b.Helper()
	path, _ := benchFile(b, rows)
	all := counted(b, path)
	path += "." + format
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if format == "jsonl" {
		w := json.NewEncoder(f)
		for _, row := range all {
			if err := w.Encode(row); err != nil {
				b.Fatal(err)
			}
		}
		return path
	}
	book := excelize.NewFile()
	defer book.Close()
	w, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		b.Fatal(err)
	}
	columns := slices.Sorted(maps.Keys(all[0]))
	cells := make([]any, len(columns))
	for i := -1; i < len(all); i++ {
		for k, c := range columns {
			if cells[k] = c; i >= 0 {
				cells[k] = all[i][c]
			}
		}
		if err := w.SetRow(fmt.Sprintf("A%d", i+2), cells); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := book.Write(f); err != nil {
		b.Fatal(err)
	}
	return path
}
