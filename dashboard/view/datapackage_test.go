package view_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tidemark/dashboard/internal/sample"
	"tidemark/dashboard/view"
	"tidemark/dashboard/words"
	"tidemark/schema"
)

func packageOf(t testing.TB, s *view.Snapshot, l *words.Language, typed view.Typed) []byte {
	t.Helper()
	a, err := ask(t, s, typed)
	if err != nil {
		t.Fatal(err)
	}
	r := s.In(l, view.Query{})
	text, err := r.Package(a.About(), r.TitleOf(a), a)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func unzip(t testing.TB, raw []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// described is what the specification asks of datapackage.json.
type described struct {
	Profile, Name, Title, Description string
	Licenses                          []any
	Sources                           []struct {
		Title string
		Note  string
	}
	DP struct {
		Demonstration       bool
		Measure             string
		UnitOfProtection    string `json:"unit_of_protection"`
		Interval            float64
		Mechanism, NoisedBy string
		Plans               []struct {
			Plan   string
			Charge int64 `json:"charge_quarter_nano_mu2"`
			Tables []struct {
				Table   string
				NoiseSD *float64 `json:"noise_sd"`
			}
		}
	}
	Resources []struct {
		Name, Path, Profile, Format, Mediatype, Encoding, Hash string
		Bytes                                                  int
		Dialect                                                struct {
			LineTerminator string
			Header         bool
		}
		Schema struct {
			Fields []struct {
				Name, Type  string
				Constraints struct {
					Required bool
					Enum     []any
					Pattern  string
					Minimum  *float64
				}
			}
			PrimaryKey []string
		}
	}
}

func TestDataPackage(t *testing.T) {
	s := snapshot(t)
	const quarters, codes, members = 12, 18, 12
	files := unzip(t, packageOf(t, s, english(t), view.Typed{Table: "threat_type"}))
	var p described
	if err := json.Unmarshal(files["datapackage.json"], &p); err != nil {
		t.Fatal(err)
	}
	if p.Profile != "tabular-data-package" || !regexp.MustCompile(`^[a-z0-9._-]+$`).MatchString(p.Name) || p.Title == "" || p.Description == "" {
		t.Errorf("package: %q %q %q", p.Profile, p.Name, p.Title)
	}
	if p.Licenses != nil {
		t.Error("names a licence: that is for the coalition to say")
	}
	reported := 0
	for _, period := range s.Book.Periods(schema.Quarterly) {
		reported += len(s.Book.Coverage(period).Reporting)
	}
	if len(p.Sources) != reported || reported >= quarters*members {
		t.Errorf("%d sources, want %d: those who reported", len(p.Sources), reported)
	}
	for _, source := range p.Sources {
		if _, err := schema.ParseHash(source.Note); err != nil || source.Title == "" {
			t.Errorf("source %q: %v", source.Title, err)
		}
	}
	if p.DP.Measure != "people" || p.DP.Interval != 0.95 || !strings.Contains(p.DP.UnitOfProtection, "person") || p.DP.Demonstration || len(p.DP.Plans) != 1 || p.DP.Plans[0].Charge == 0 {
		t.Errorf("dp: %+v", p.DP)
	}
	for _, table := range p.DP.Plans[0].Tables {
		if table.NoiseSD == nil || *table.NoiseSD < 1 {
			t.Errorf("table %s: noise of %v people", table.Table, table.NoiseSD)
		}
	}
	if len(p.Resources) != 3 || len(files) != 5 {
		t.Fatalf("%d resources in %d files", len(p.Resources), len(files))
	}
	for i, want := range []int{quarters * codes, 1 + quarters*codes, codes} {
		if rows := checkResource(t, p, i, files); rows != want {
			t.Errorf("%s: %d rows, want %d", p.Resources[i].Path, rows, want)
		}
	}
	if !strings.HasPrefix(strings.Split(string(files["data-hxl.csv"]), "\r\n")[1], "#date+period,#meta+table,#indicator+code+threat_type,#affected+num+estimate,") {
		t.Error("data-hxl.csv: no row of tags")
	}
}

// checkResource holds a file against its own description and counts its rows.
func checkResource(t *testing.T, p described, i int, files map[string][]byte) int {
	t.Helper()
	res := p.Resources[i]
	text := files[res.Path]
	if res.Profile != "tabular-data-resource" || res.Format != "csv" || res.Mediatype != "text/csv" || res.Encoding != "utf-8" || !res.Dialect.Header || res.Dialect.LineTerminator != "\r\n" {
		t.Errorf("%s: %+v", res.Path, res)
	}
	if res.Bytes != len(text) || res.Hash != "sha256:"+schema.HashOf(text).String() {
		t.Errorf("%s: bytes or hash are not the file's", res.Path)
	}
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", res.Path, err)
	}
	var head []string
	for _, f := range res.Schema.Fields {
		head = append(head, f.Name)
	}
	if !slices.Equal(head, lines[0]) {
		t.Fatalf("%s: head %v, schema %v", res.Path, lines[0], head)
	}
	keys := map[string]bool{}
	for _, line := range lines[1:] {
		key := ""
		for k, f := range res.Schema.Fields {
			if !fits(line[k], f.Type, f.Constraints.Enum, f.Constraints.Pattern, f.Constraints.Minimum) {
				t.Errorf("%s: column %s holds %q", res.Path, f.Name, line[k])
			}
			if slices.Contains(res.Schema.PrimaryKey, f.Name) {
				key += line[k] + "\x00"
			}
		}
		if keys[key] && res.Schema.PrimaryKey != nil {
			t.Errorf("%s: key %q stands twice", res.Path, key)
		}
		keys[key] = true
	}
	return len(lines) - 1
}

// fits holds a cell against a field of a table schema.
func fits(cell, kind string, enum []any, pattern string, least *float64) bool {
	number, err := strconv.ParseFloat(cell, 64)
	switch {
	case kind == "string" && pattern != "" && !regexp.MustCompile("^(?:"+pattern+")$").MatchString(cell):
		return false
	case kind == "string":
		return cell != "" && (enum == nil || slices.Contains(enum, any(cell)))
	case err != nil, kind == "integer" && strings.Contains(cell, "."), least != nil && number < *least:
		return false
	}
	return (kind == "integer" || kind == "number") && (enum == nil || slices.Contains(enum, any(number)))
}

func TestPackagesAreTheSameBytes(t *testing.T) {
	s := snapshot(t)
	typed := view.Typed{Table: "region*threat_type(group)", Where: []string{"region=m49_419"}}
	if !bytes.Equal(packageOf(t, s, english(t), typed), packageOf(t, s, english(t), typed)) {
		t.Error("two packages of one question differ")
	}
}

func TestReadmeSaysWhatANumberIs(t *testing.T) {
	s := sampled(t, sample.Config{Members: 3, People: 300, Quarters: 4, Demo: true})
	files := unzip(t, packageOf(t, s, english(t), view.Typed{Table: "gender", From: "2026-Q3"}))
	readme := string(files["README.txt"])
	for _, want := range []string{
		"Demonstration data", "people known to the members who reported", "19 times in 20", "noise is added", "Gender",
		"Q3 2026", "for the coalition to say", "counts once a period",
	} {
		if !strings.Contains(readme, want) {
			t.Errorf("README.txt does not say %q", want)
		}
	}
	for _, key := range []string{"{", "fig."} {
		if strings.Contains(readme, key) {
			t.Errorf("README.txt holds %q: a text is missing or not filled in", key)
		}
	}
	l, err := s.Codebook.Level(schema.Axis{Dimension: "gender"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range l.Codes {
		if label := english(t).Code(l.Axis, c); !strings.Contains(readme, label.Definition) {
			t.Errorf("README.txt does not define %s", c)
		}
	}
	if !strings.Contains(string(files["datapackage.json"]), `"demonstration": true`) {
		t.Error("datapackage.json does not say that everything is invented")
	}
}

// A codebook of others may hold anything: what a spreadsheet would run is guarded, and
// only there.
func TestHostileDefinitions(t *testing.T) {
	cb, err := schema.ParseCodebook([]byte(`{"codebook":"hostile","version":"1","dimensions":[{"id":"kind","codes":[
	 {"code":"a","definition":"=HYPERLINK(\"http://x\",\"y\")"},{"code":"b","definition":"-1+1"},{"code":"unknown","definition":"Not known, \"so\" said.\nTwice."}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	plan := func(cb *schema.Codebook, first schema.Period) (schema.Plan, error) {
		return schema.Plan{
			Codebook: cb.Hash(), Mode: schema.Local, Noise: schema.GoogleNoise, First: first, LateDays: 180, Slot: schema.Slot{Days: 10, Hour: 6},
			ChargeQuarter: 60_000_000, Cap: schema.DefaultCap, Bands: schema.DefaultBands,
			Tables: []schema.PlanTable{{Table: schema.Table{Axes: []schema.Axis{{Dimension: "kind"}}}, Cadence: schema.Quarterly, Measure: schema.Measure{Kind: schema.People}, Sigma2: 90_000}},
		}, nil
	}
	s := sampled(t, sample.Config{Members: 3, People: 300, Quarters: 4, Codebook: cb, Plan: plan})
	all, err := words.Load(cb)
	if err != nil {
		t.Fatal(err)
	}
	files := unzip(t, packageOf(t, s, all[0], view.Typed{Table: "kind"}))
	lines, err := csv.NewReader(bytes.NewReader(files["codes.csv"])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, line := range lines[1:] {
		have = append(have, line[3])
	}
	want := []string{`'=HYPERLINK("http://x","y")`, "'-1+1", "Not known, \"so\" said.\nTwice."}
	if !slices.Equal(have, want) {
		t.Errorf("definitions: %q, want %q", have, want)
	}
}
