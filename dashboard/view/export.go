package view

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// FigureFile is a figure's numbers for programs.
type FigureFile struct {
	ID        string      `json:"figure"`
	Kind      string      `json:"kind"`
	Title     string      `json:"title"`
	Language  string      `json:"language"`
	Coalition schema.Slug `json:"coalition"`
	Permanent string      `json:"permanent"` // address on this node; the pin names the releases
	Tidy
	Changes []ChangedRow `json:"changes,omitempty"` // of a heat map that shows them
}

// File is a figure's numbers with what they are about.
func (r *Reader) File(f Resolved) FigureFile {
	return FigureFile{
		ID: f.ID.String(), Kind: f.ID.Kind, Title: f.Name, Language: r.L.Tag, Coalition: r.State.Charter().Name,
		Permanent: f.Permanent, Tidy: f.Tidy, Changes: f.Changes,
	}
}

// JSON is how everything is written for programs, here and on the command line.
func JSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("json: %w", err)
	}
	return b.Bytes(), nil
}

// FileName is a name for a download, in ASCII: "tidemark-threat_type-2025-2026.csv".
func (s *Snapshot) FileName(about, format string) string {
	name := strings.Trim(strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' {
			return c
		}
		return '-'
	}, about), "-")
	name = name[:min(len(name), longestName)]
	if s.Demo {
		name = "demonstration-" + name
	}
	return "tidemark-" + name + "." + format
}

// longestName leaves room for what file systems and people bear.
const longestName = 150

// Packed is a file of a package.
type Packed struct {
	Name string
	Text []byte
}

// Package is an answer as a Frictionless Data Package: the same answer gives the same
// bytes. About names it in file names, title in its description.
func (r *Reader) Package(about, title string, t Tidy) ([]byte, error) {
	return r.packs(about, Resolved{Name: title, Tidy: t})
}

// FigurePackage is a figure likewise; one that shows changes has them beside the numbers.
func (r *Reader) FigurePackage(f Resolved) ([]byte, error) { return r.packs(f.ID.String(), f) }

func (r *Reader) packs(about string, f Resolved) ([]byte, error) {
	t, title := f.Tidy, f.Name
	data, tagged, codes := &bytes.Buffer{}, &bytes.Buffer{}, &bytes.Buffer{}
	for _, err := range []error{t.CSV(data), t.write(tagged, t.tags()), r.codesCSV(codes, t)} {
		if err != nil {
			return nil, err
		}
	}
	files := []Packed{{"data.csv", data.Bytes()}, {"data-hxl.csv", tagged.Bytes()}, {"codes.csv", codes.Bytes()}}
	if f.Changes != nil {
		var changes bytes.Buffer
		if err := f.CSV(&changes); err != nil {
			return nil, err
		}
		files = append(files, Packed{"changes.csv", changes.Bytes()})
	}
	description, err := JSON(r.describes(about, title, t, files))
	if err != nil {
		return nil, err
	}
	readme := Packed{"README.txt", []byte(r.readme(title, t))}
	return Zip(append([]Packed{{"datapackage.json", description}, readme}, files...))
}

// never is the time that all files of a package have: the format's first.
var never = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// Zip packs files. The same files give the same bytes.
func Zip(files []Packed) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: never})
		if err != nil {
			return nil, fmt.Errorf("package %s: %w", f.Name, err)
		}
		if _, err := w.Write(f.Text); err != nil {
			return nil, fmt.Errorf("package %s: %w", f.Name, err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("package: %w", err)
	}
	return b.Bytes(), nil
}

// tags is the HXL row.
func (t Tidy) tags() []string {
	tags := []string{"#date+period", "#meta+table"}
	for _, a := range t.question.Table.Axes {
		tag := "#indicator+code+" + a.Dimension
		if a.Rollup != "" {
			tag += "+" + a.Rollup
		}
		tags = append(tags, tag)
	}
	return append(tags, "#affected+num+estimate", "#affected+num+lower", "#affected+num+upper", "#meta+sd", "#meta+band",
		"#meta+members+reporting", "#meta+members+total", "#meta+plan", "#meta+mode", "#meta+sd+local")
}

// meaning is a code with its words.
type meaning struct {
	axis schema.Axis
	code schema.Code
	schema.Label
}

// meanings are those of the codes that stand in an answer, in the codebook's order.
func (r *Reader) meanings(t Tidy) []meaning {
	var out []meaning
	for i, a := range t.question.Table.Axes {
		l, err := r.Codebook.Level(a)
		if err != nil {
			continue // an answer has only axes of the codebook
		}
		used := map[schema.Code]bool{}
		for _, row := range t.Rows {
			used[row.Codes[i]] = true
		}
		for _, c := range l.Codes {
			if used[c] {
				out = append(out, meaning{a, c, r.L.Code(a, c)})
			}
		}
	}
	return out
}

func (r *Reader) codesCSV(w io.Writer, t Tidy) error {
	lines := [][]string{{"axis", "code", "label", "definition"}}
	for _, m := range r.meanings(t) {
		lines = append(lines, []string{CSVText(m.axis.String()), CSVText(string(m.code)), CSVText(m.Label.Label), CSVText(m.Definition)})
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.WriteAll(lines); err != nil {
		return fmt.Errorf("csv of codes: %w", err)
	}
	return nil
}

// behind lists what stands behind an answer: of a joint period its one sum.
func (r *Reader) behind(t Tidy) []standing {
	var out []standing
	for _, p := range t.periods() {
		if c := r.Book.Coverage(p); c.Joint && len(c.Reporting) > 0 {
			sum := c.Reporting[0]
			sum.Member = ""
			out = append(out, standing{p, sum})
			continue
		}
		for _, s := range r.Book.Coverage(p).Reporting {
			out = append(out, standing{p, s})
		}
	}
	return out
}

// standing is a release with its period.
type standing struct {
	period schema.Period
	combine.Source
}

// periods are those that have rows, in order.
func (t Tidy) periods() []schema.Period {
	var out []schema.Period
	for _, row := range t.Rows {
		if len(out) == 0 || out[len(out)-1] != row.Period {
			out = append(out, row.Period)
		}
	}
	return out
}

// jointOf are the joint periods of an answer.
func (r *Reader) jointOf(t Tidy) []schema.Period {
	return slices.DeleteFunc(t.periods(), func(p schema.Period) bool { return !r.Book.Coverage(p).Joint })
}

// weakest is the weakest protection behind an answer.
func (r *Reader) weakest(t Tidy) schema.Protection {
	var weakest schema.Protection
	for _, b := range r.behind(t) {
		weakest = weakest.Weaker(b.Protection)
	}
	return weakest
}

// readme says to a person what a package holds.
func (r *Reader) readme(title string, t Tidy) string {
	parts := []string{title}
	if r.Demo {
		parts = append(parts, r.L.Say("frame.demo"))
	}
	if periods := t.periods(); len(periods) > 0 {
		parts = append(parts, r.sourceOf(periods[0], periods[len(periods)-1]))
		parts = append(parts, r.L.Say("fig.pack.protects."+string(r.weakest(t))))
	}
	parts = append(parts, r.L.Say("fig.pack.unit"), r.L.Say("fig.pack.method"))
	if joint := r.jointOf(t); len(joint) > 0 {
		parts = append(parts, r.L.Say("fig.pack.joint", "periods", r.and(r.periodNames(joint))))
	}
	for _, column := range []string{"estimate", "range", "band", "members", "plan", "mode", "sd_local"} {
		parts = append(parts, r.L.Say("fig.pack."+column))
	}
	parts = append(parts, r.L.Say("fig.pack.sources", "n", len(r.behind(t))), r.L.Say("fig.pack.files"), r.L.Say("fig.pack.licence"))
	if meanings := r.meanings(t); len(meanings) > 0 {
		parts = append(parts, r.L.Say("fig.pack.codes"))
		for _, m := range meanings {
			parts = append(parts, r.L.Say("fig.pack.code", "axis", r.L.Axis(m.axis), "code", m.code, "label", m.Label.Label, "definition", m.Definition))
		}
	}
	return strings.Join(parts, "\n\n") + "\n"
}

// About names an answer in file names: "threat_type-2025-Q1-2026-Q3".
func (t Tidy) About() string {
	about := append([]string{t.Table}, t.Where...)
	if periods := t.periods(); len(periods) > 0 {
		about = append(about, periods[0].String(), periods[len(periods)-1].String())
	}
	return strings.Join(about, "-")
}
