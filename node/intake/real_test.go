package intake

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidemark/schema"
	"tidemark/schema/mapping"
)

// shared finds real exports beside the module. They are not part of it, and the tests
// that need them are skipped where they are not there.
func shared(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "data", name)
	if _, err := os.Stat(path); err != nil {
		t.Skip("no real data beside the module")
	}
	return path
}

// counted reads a CSV in its own way: a map per row.
func counted(t testing.TB, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	header, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	var all []map[string]string
	for {
		cells, err := r.Read()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		row := map[string]string{}
		for i, c := range cells {
			row[header[i]] = c
		}
		all = append(all, row)
	}
}

// sameCounts compares a dimension's codes with the rows of the export that tell picks.
func sameCounts(t *testing.T, m *mapping.Mapping, all []mapping.Case, dimension string, want map[string]int) {
	t.Helper()
	have := map[string]int{}
	for _, c := range all {
		have[code(t, m, c, dimension)]++
	}
	for k := range want {
		if have[k] != want[k] {
			t.Errorf("%s %s: %d cases, the export has %d", dimension, k, have[k], want[k])
		}
		delete(have, k)
	}
	for k, n := range have {
		t.Errorf("%s %s: %d cases that the export does not have", dimension, k, n)
	}
}

func TestARVIG(t *testing.T) {
	path := shared(t, "arvig.csv")
	m := example(t, "arvig")
	all, report := readAll(t, m, path)
	rows := counted(t, path)
	if len(rows) != 6_918 || report.Mapped != len(rows) || report.Refused != 0 {
		t.Fatalf("%d of %d rows mapped, %d refused", report.Mapped, len(rows), report.Refused)
	}
	states, categories, days, repeats := map[string]int{}, map[string]int{}, map[schema.Date]int{}, 0
	seen := map[string]bool{}
	for _, row := range rows {
		states[map[string]string{
			"Baden-Württemberg": "baden_wuerttemberg", "Bayern": "bayern", "Berlin": "berlin", "Brandenburg": "brandenburg", "Bremen": "bremen", "Hamburg": "hamburg",
			"Hessen": "hessen", "Mecklenburg-Vorpommern": "mecklenburg_vorpommern", "Niedersachsen": "niedersachsen", "Nordrhein-Westfalen": "nordrhein_westfalen",
			"Rheinland-Pfalz": "rheinland_pfalz", "Saarland": "saarland", "Sachsen": "sachsen", "Sachsen-Anhalt": "sachsen_anhalt", "Schleswig-Holstein": "schleswig_holstein", "Thüringen": "thueringen",
		}[row["state"]]]++
		category := row["category_en"]
		for _, serious := range []string{"arson", "assault"} {
			if strings.Contains(category, serious) {
				category = serious
				break
			}
		}
		if strings.Contains(category, " & ") {
			category = "miscellaneous attack"
		}
		categories[strings.ReplaceAll(category, " ", "_")]++
		day, err := schema.ParseDate(row["date"])
		if err != nil {
			t.Fatal(err)
		}
		days[day]++
		// Four rows differ from another one in case, accents or blanks only.
		key := mapping.Fold(fmt.Sprint(row["date"], row["location"], row["state"], row["community_id"], row["category_de"], row["description"], row["source"]))
		if seen[key] {
			repeats++
		}
		seen[key] = true
	}
	sameCounts(t, m, all, "state", states)
	sameCounts(t, m, all, "category", categories)
	for _, c := range all {
		days[c.Date]--
	}
	for day, n := range days {
		if n != 0 {
			t.Errorf("%s: off by %d", day, n)
		}
	}
	if report.Repeated != repeats {
		t.Errorf("%d repeated, the export has %d rows twice", report.Repeated, repeats)
	}
}

func TestPB2020(t *testing.T) {
	path := shared(t, "pb2020_police_brutality.csv")
	m := example(t, "pb2020")
	all, report := readAll(t, m, path)
	rows := counted(t, path)
	noDate, west, journalists, firearms := 0, 0, 0, 0
	for _, row := range rows {
		if row["date"] == "" {
			noDate++
			continue
		}
		tags := "|" + row["tags"] + "|"
		west += found(" Oregon Washington California Colorado Arizona Utah Nevada Wyoming New Mexico ", row["state"])
		if strings.Contains(tags, "|gun|") || strings.Contains(tags, "|live-round|") || strings.Contains(tags, "|death|") {
			firearms++
		}
		above := strings.Contains(tags, "|medic|") || strings.Contains(tags, "|legal-observer|") || strings.Contains(tags, "|bystander|") || strings.Contains(tags, "|politician|") || strings.Contains(tags, "|celebrity|")
		if strings.Contains(tags, "|journalist|") && !above {
			journalists++
		}
	}
	if report.Rows != len(rows) || report.Refused != noDate || len(report.Reasons) != 1 || report.Reasons[0].Field != "date" {
		t.Errorf("%d rows of %d, refused %v, want %d without a date", report.Rows, len(rows), report.Reasons, noDate)
	}
	have := map[string]int{}
	for _, c := range all {
		have[code(t, m, c, "region")]++
		have[code(t, m, c, "target")]++
		have[code(t, m, c, "force")]++
	}
	if have["west"] != west || have["journalist"] != journalists || have["firearm_death"] != firearms {
		t.Errorf("west %d, journalists %d, firearms %d; the export has %d, %d, %d", have["west"], have["journalist"], have["firearm_death"], west, journalists, firearms)
	}
	for _, c := range report.Coverage {
		if n := len(c.Unlisted.ForOperatorsScreen()); n != 0 {
			t.Errorf("%s: %d tags that the mapping does not list", c.Dimension, n)
		}
	}
}

// found is 1 where the list holds the word between blanks.
func found(list, word string) int {
	if strings.Contains(list, " "+word+" ") {
		return 1
	}
	return 0
}

func TestIOM(t *testing.T) {
	path := shared(t, "iom_missing_migrants.csv")
	m := example(t, "iom")
	all, report := readAll(t, m, path)
	rows := counted(t, path)
	if report.Mapped != len(rows) || report.Refused != 0 || report.Repeated != 0 {
		t.Fatalf("%d of %d rows mapped, %d refused, %d repeated", report.Mapped, len(rows), report.Refused, report.Repeated)
	}
	regions, women, quality := map[string]int{}, map[string]int{}, map[string]int{}
	for i, row := range rows {
		regions[strings.ToLower(strings.NewReplacer(" ", "_", "-", "_").Replace(row["Region of Incident"]))]++
		women[map[bool]string{true: "yes", false: "not_recorded"}[row["Number of Females"] != "" && row["Number of Females"] != "0"]]++
		quality["q"+row["Source Quality"]]++
		day, err := time.Parse("2-Jan-06", row["Reported Date"])
		if err != nil || all[i].Date != schema.DateOf(day) {
			t.Fatalf("row %d: another date (%v)", i+2, err)
		}
	}
	sameCounts(t, m, all, "region", regions)
	sameCounts(t, m, all, "women", women)
	sameCounts(t, m, all, "source_quality", quality)
}

// One survey, three exports of it: in English with HXL tags and without, in Spanish.
func TestKoboSurveysAreOne(t *testing.T) {
	var first string
	for _, c := range []struct {
		mapping, file string
		hxl           bool
	}{
		{"kobo-english", "export_default_semicolon_hxl.csv", true},
		{"kobo-english", "export_english_no_hxl.csv", false},
		{"kobo-spanish", "export_spanish_labels.csv", true},
	} {
		m := example(t, c.mapping)
		all, report := readAll(t, m, shared(t, "fixtures/kobotoolbox/"+c.file))
		if report.HXL != c.hxl || report.Mapped != 3 || report.Refused != 0 {
			t.Errorf("%s: hxl %v, %d mapped, %d refused", c.file, report.HXL, report.Mapped, report.Refused)
		}
		told := ""
		for _, k := range all {
			told += fmt.Sprintf("%s %s %v\n", k.ID[:4], k.Date, k.Codes)
		}
		if first == "" {
			first = told
		}
		if told != first {
			t.Errorf("%s: have\n%swant\n%s", c.file, told, first)
		}
	}
}

// The older export writes n/a for nothing, has one cell too many in every row, and
// comes as a workbook too.
func TestKoboTransportationAsCSVAndXLSX(t *testing.T) {
	cb, err := schema.ParseCodebook([]byte(`{"codebook":"t","version":"1","dimensions":[{"id":"means","codes":[{"code":"ambulance","definition":"a"},{"code":"bicycle","definition":"b"},{"code":"taxi","definition":"t"},{"code":"unknown","definition":"u"}]},
		{"id":"often","codes":[{"code":"daily","definition":"d"},{"code":"weekly","definition":"w"},{"code":"unknown","definition":"u"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ format, file, date string }{
		{"csv", "transportation.csv", "[iso]"},
		{"xlsx", "transportation_export.xlsx", "[iso, excel]"},
	} {
		m, err := mapping.Parse([]byte(`
name: transportation
format: `+c.format+`
empty: [n/a]
person: {none: true}
case: {id: _uuid}
date: {column: _submission_time, formats: `+c.date+`}
dimensions:
  means:
    flags:
      transport/available_transportation_types_to_referral_facility/ambulance: ambulance
      transport/available_transportation_types_to_referral_facility/bicycle: bicycle
      transport/available_transportation_types_to_referral_facility/taxi: taxi
    pick: first
  often:
    column: transport/loop_over_transport_types_frequency/ambulance/frequency_to_referral_facility
    values: {daily: [daily], weekly: [weekly]}
`), cb)
		if err != nil {
			t.Fatal(err)
		}
		all, report := readAll(t, m, shared(t, "fixtures/kobotoolbox/"+c.file))
		have := ""
		for _, k := range all {
			have += code(t, m, k, "means") + " " + code(t, m, k, "often") + "\n"
		}
		if want := "unknown unknown\nambulance daily\nambulance weekly\ntaxi unknown\n"; have != want || report.Refused != 0 {
			t.Errorf("%s: %d refused, have\n%s", c.file, report.Refused, have)
		}
	}
}
