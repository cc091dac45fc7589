package mapping

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tidemark/schema"
)

// The codebook of these tests: an ordered dimension, one without "unknown", a plain one.
const testCodebook = `{"codebook":"c","version":"1","dimensions":[
 {"id":"act","select":"the most serious","codes":[{"code":"insult","definition":"i"},{"code":"threat","definition":"t"},{"code":"attack","definition":"a"},{"code":"old","definition":"o","retired":true},{"code":"other","definition":"o"},{"code":"unknown","definition":"u"}]},
 {"id":"gender","codes":[{"code":"woman","definition":"w"},{"code":"man","definition":"m"},{"code":"not_recorded","definition":"n"}]},
 {"id":"place","codes":[{"code":"north","definition":"n"},{"code":"south","definition":"s"},{"code":"unknown","definition":"u"}]}]}`

const testMapping = `
name: test
codebook: c
format: csv
empty: [n/a, "-"]
person: {id: who}
case: {id: no}
date: {column: day, formats: [iso, d/m/Y]}
dimensions:
  act:
    column: what
    values:
      insult: [Insult, Beleidigung]
      threat: ["Threat & menace", Bedrohung]
      attack: [Tätlicher Übergriff]
  gender:
    column: sex
    values: {woman: [f], man: [m]}
`

func testBook(t testing.TB) *schema.Codebook {
	t.Helper()
	cb, err := schema.ParseCodebook([]byte(testCodebook))
	if err != nil {
		t.Fatal(err)
	}
	return cb
}

// with parses the test's mapping with pairs of old and new text replaced.
func with(t testing.TB, changes ...string) (*Mapping, error) {
	t.Helper()
	text := testMapping
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(text, changes[i]) {
			t.Fatalf("the test's mapping has no %q", changes[i])
		}
		text = strings.Replace(text, changes[i], changes[i+1], 1)
	}
	return Parse([]byte(text), testBook(t))
}

func mustParse(t testing.TB, changes ...string) *Mapping {
	t.Helper()
	m, err := with(t, changes...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// rowOf fills the mapping's columns from name, cell, name, cell, ….
func rowOf(t testing.TB, m *Mapping, cells ...string) Row {
	t.Helper()
	row := Row{Number: 7, Cells: make([]string, len(m.columns))}
	for i := 0; i < len(cells); i += 2 {
		at := slices.Index(m.columns, cells[i])
		if at < 0 {
			t.Fatalf("no column %q", cells[i])
		}
		row.Cells[at] = cells[i+1]
	}
	return row
}

// codesOf maps a row that has an id, a person and a day beside the given cells.
func codesOf(t testing.TB, m *Mapping, cells ...string) (string, *Refusal) {
	t.Helper()
	base := []string{"no", "1", "day", "2026-03-09"}
	if slices.Contains(m.columns, "who") {
		base = append(base, "who", "p")
	}
	c, refusal := m.Map(rowOf(t, m, append(base, cells...)...))
	if refusal != nil {
		return "", refusal
	}
	names := make([]string, len(c.Codes))
	for i, code := range c.Codes {
		names[i] = string(m.codebook.Dimensions[i].Codes[code].Code)
	}
	return strings.Join(names, " "), nil
}

func TestExamplesParse(t *testing.T) {
	protections := map[string]schema.Protection{
		"activityinfo": schema.PerID, "kobotoolbox": schema.PerID, "kobotoolbox-csv": schema.PerID, "uwazi": schema.PerID, "zammad": schema.PerID,
		"spreadsheet": schema.PerComposite,
		"arvig":       schema.PerCase, "iom": schema.PerCase, "kobo-english": schema.PerCase, "kobo-spanish": schema.PerCase, "pb2020": schema.PerCase, "ushahidi": schema.PerCase,
	}
	files, err := fs.Glob(Examples, "examples/*.yaml")
	if err != nil || len(files) != len(protections) {
		t.Fatalf("%d examples, want %d (%v)", len(files), len(protections), err)
	}
	for _, file := range files {
		m := example(t, file)
		name := strings.TrimSuffix(strings.TrimPrefix(file, "examples/"), ".yaml")
		if m.Protection() != protections[name] {
			t.Errorf("%s: protects per %q, want %q", name, m.Protection(), protections[name])
		}
		for _, hint := range m.Lint() {
			t.Logf("%s: %s", name, hint)
		}
	}
}

var codebookKey = regexp.MustCompile(`(?m)^codebook: ([a-z0-9]+)$`)

func example(t testing.TB, file string) *Mapping {
	t.Helper()
	text, err := Examples.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	cb := schema.Incident()
	if name := codebookKey.FindSubmatch(text); string(name[1]) != "incident" {
		book, err := Examples.ReadFile("examples/" + string(name[1]) + ".codebook.json")
		if err != nil {
			t.Fatal(err)
		}
		if cb, err = schema.ParseCodebook(book); err != nil {
			t.Fatalf("%s: %v", name[1], err)
		}
	}
	m, err := Parse(text, cb)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return m
}

func TestParseRefuses(t *testing.T) {
	if _, err := with(t); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, new, want string }{
		"unknown key":             {"format: csv", "formatt: csv", "unknown key formatt"},
		"unknown key below":       {"column: what", "colum: what", "unknown key colum"},
		"key twice":               {"format: csv", "format: csv\nformat: csv", "twice"},
		"second document":         {"format: csv", "format: csv\n---\nx: 1\n---", "more than one"},
		"another codebook":        {"codebook: c", "codebook: d", "codebook"},
		"no name":                 {"name: test", "name: ''", "name"},
		"format":                  {"format: csv", "format: xls", "format"},
		"encoding":                {"format: csv", "format: csv\nencoding: ebcdic", "encoding"},
		"delimiter":               {"format: csv", "format: csv\ndelimiter: ';;'", "delimiter"},
		"sheet of a csv":          {"format: csv", "format: csv\nsheet: A", "no meaning"},
		"delimiter of a workbook": {"format: csv", "format: xlsx\ndelimiter: ';'", "no meaning"},
		"header":                  {"format: csv", "format: csv\nheader: -1", "header"},
		"blank row":               {"format: csv", "format: csv\nblank_row: maybe", "blank_row"},
		"no person said":          {"person: {id: who}", "", "none: true"},
		"two ways of a person":    {"person: {id: who}", "person: {id: who, none: true}", "exactly one"},
		"missing":                 {"person: {id: who}", "person: {id: who, missing: row}", "missing"},
		"separator of composite":  {"person: {id: who}", "person: {composite: [who], separator: ','}", "separator"},
		"no case id":              {"case: {id: no}", "", "row's number"},
		"row as case id":          {"case: {id: no}", "case: row", "another kind of value"},
		"no date":                 {"date: {column: day, formats: [iso, d/m/Y]}", "", "date"},
		"no formats":              {", formats: [iso, d/m/Y]", "", "formats"},
		"unknown format":          {"[iso, d/m/Y]", "[iso, Y-d-m]", "format"},
		"format twice":            {"[iso, d/m/Y]", "[iso, iso]", "twice"},
		"days and months":         {"[iso, d/m/Y]", "[m/d/Y, d/m/Y]", "told apart"},
		"unknown dimension":       {"  gender:", "  colour:\n    column: x\n    values: {a: [b]}\n  gender:", "colour"},
		"unknown code":            {"insult: [", "slander: [", "slander"},
		"retired code":            {"insult: [", "old: [", "retired"},
		"code without spellings":  {"insult: [Insult, Beleidigung]", "insult: []", "no spellings"},
		"empty spelling":          {"[f]", "['  ']", "empty"},
		"one spelling two codes":  {"[m]", "[' F ']", "another code"},
		"spelling by accent":      {"Bedrohung]", "tatlicher ubergriff]", "another code"},
		"no column":               {"column: what", "pick: first", "column"},
		"column twice":            {"column: what", "columns: [what, what]", "twice"},
		"separator without pick":  {"column: what", "column: what\n    separator: ','", "pick"},
		"columns without pick":    {"column: what", "columns: [what, more]", "pick"},
		"pick without several":    {"column: what", "column: what\n    pick: first", "pick"},
		"pick":                    {"column: what", "column: what\n    separator: ','\n    pick: last", "pick"},
		"default":                 {"column: sex", "column: sex\n    default: unknown", "default"},
		"constant and column":     {"column: sex", "column: sex\n    constant: man", "stands alone"},
		"flags and column":        {"column: sex", "column: sex\n    flags: {x: man}", "flags"},
		"gender neither":          {"  gender:\n    column: sex\n    values: {woman: [f], man: [m]}\n", "", "dimension gender"},
		"absent code":             {"dimensions:", "absent: {place: west}\ndimensions:", "west"},
		"absent and mapped":       {"dimensions:", "absent: {gender: not_recorded}\ndimensions:", "both"},
		"absent dimension":        {"dimensions:", "absent: {colour: red}\ndimensions:", "colour"},
		"too large":               {"name: test", "name: test #" + strings.Repeat("x", maxFile), "at most"},
	} {
		_, err := with(t, c.old, c.new)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: have %v, want %q", name, err, c.want)
		}
	}
}

func TestAbsentDimensionsAreUnknownOrNamed(t *testing.T) {
	m := mustParse(t, "  gender:\n    column: sex\n    values: {woman: [f], man: [m]}\n", "absent: {gender: not_recorded}\n")
	if have, refusal := codesOf(t, m, "what", "insult"); have != "insult not_recorded unknown" {
		t.Errorf("have %q, %v", have, refusal)
	}
}

func TestAnExportInPlaceOfAMappingIsNotShown(t *testing.T) {
	for _, text := range []string{
		"Zarifa,threat,2026-03-09\nZarifa,threat,2026-03-09\n",
		"Zarifa: [threat",
		"- Zarifa\n- Zarifa",
		`{"Zarifa": {"Zarifa": 1}}`,
		"name: {Zarifa: 1}",
		"header: Zarifa",
		"*Zarifa",
		"name: &Zarifa [*Zarifa]",
		"Zarifa: 1\nZarifa: 2",
		"\"Zarifa\x00",
		"format: Zarifa\nname: x",
	} {
		_, err := Parse([]byte(text), testBook(t))
		if err == nil || strings.Contains(strings.ToLower(err.Error()), "zari") {
			t.Errorf("shows the content: %v", err)
		}
	}
}

func TestLint(t *testing.T) {
	m := mustParse(t, "column: what", "column: Description of events", "person: {id: who}", "person: {id: who, missing: case}",
		"column: sex", "column: sex\n    default: woman", "[Insult, Beleidigung]", "[Insult, '+49 160 5550 1234']",
		"  gender:", "  place: {constant: north}\n  gender:")
	all := strings.Join(m.Lint(), "\n")
	for _, want := range []string{"free text", "missing: case", "default: woman", "insult: spelling 2", "every case is north"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
	if strings.Contains(all, "5550") {
		t.Error("shows a spelling that looks like a number")
	}
	if hints := mustParse(t).Lint(); len(hints) != 0 {
		t.Errorf("a plain mapping: %q", hints)
	}
}
