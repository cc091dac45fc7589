package brief

import (
	"bytes"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"

	"crypto/sha256"

	"tidemark/dashboard/brief/doc"
	"tidemark/dashboard/chart"
	"tidemark/dashboard/view"
	"tidemark/dashboard/words"
	"tidemark/schema"
)

// The names of the package's files.
const (
	packageEnvelope = "brief.json"
	packageText     = "brief.md"
	packageAbout    = "datapackage.json"
	packageCodes    = "codes.csv"
)

// pack is the brief as data: a Frictionless Data Package with each figure's numbers as tidy
// CSV, once more with a row of HXL tags, its picture, the text and what can be checked.
func (b *Brief) pack(l *words.Language, d doc.Document, carried []byte) ([]byte, error) {
	files, err := b.files(l, d, carried)
	if err != nil {
		return nil, err
	}
	return view.Zip(files)
}

// files are those of the package.
func (b *Brief) files(l *words.Language, d doc.Document, carried []byte) ([]view.Packed, error) {
	s := b.Manifest.in(l)
	files := []view.Packed{{Name: packageEnvelope, Text: carried}, {Name: packageText, Text: markdown(d, carried)}}
	codes, err := table(codesHead, s.codes())
	if err != nil {
		return nil, err
	}
	about := b.about(s)
	about.add(packageCodes, "codes", codes, codesFields)
	files = append(files, view.Packed{Name: packageCodes, Text: codes})
	for i := range b.Manifest.Figures {
		more, err := s.files(&b.Manifest.Figures[i], i+1, about)
		if err != nil {
			return nil, fmt.Errorf("package: %w", err)
		}
		files = append(files, more...)
	}
	description, err := view.JSON(about)
	if err != nil {
		return nil, err
	}
	return append(files, view.Packed{Name: packageAbout, Text: description}), nil
}

// files are a figure's numbers and its picture.
func (s speaker) files(f *Figure, number int, about *description) (out []view.Packed, err error) {
	name := "figure-" + strconv.Itoa(number)
	head, rows := f.rows()
	data, err := table(head, rows)
	if err != nil {
		return nil, err
	}
	tagged, err := table(head, append([][]string{f.tags()}, rows...))
	if err != nil {
		return nil, err
	}
	about.add(name+".csv", name, data, f.fields())
	out = []view.Packed{{Name: name + ".csv", Text: data}, {Name: name + "-hxl.csv", Text: tagged}}
	scene, drawn := s.scene(f)
	if !drawn {
		return out, nil
	}
	scene = s.alone(f, scene)
	scene.ID = name
	png, err := scene.PNG(chart.Light(), pngScale, s.watermark())
	if err != nil {
		return nil, fmt.Errorf("picture of %s: %w", f.Name, err)
	}
	return append(out, view.Packed{Name: name + ".svg", Text: scene.SVG(chart.Light(), s.watermark())}, view.Packed{Name: name + ".png", Text: png}), nil
}

var numberHead = []string{"estimate", "lower", "upper", "sd", "band", "members_reporting", "members_total", "mode"}

// rows are a figure's numbers, raw: below zero where noise has taken them there.
func (f *Figure) rows() (head []string, rows [][]string) {
	id := f.id()
	if t := f.Table; t != nil {
		head = append([]string{"period"}, axesOf(f)...)
		for i, n := range t.Cells {
			line := []string{t.Period.String(), t.Rows[i/max(1, len(t.Cols))]}
			if t.Cols != nil {
				line = append(line, t.Cols[i%len(t.Cols)])
			}
			rows = append(rows, append(line, numberCells(n, t.Bands, t.Reporting, t.Total, t.Joint)...))
		}
		return append(head, numberHead...), rows
	}
	head = append([]string{"period", "what"}, numberHead...)
	for _, p := range f.Points {
		line := []string{p.Period.String(), about(id)}
		if p.Number == nil {
			rows = append(rows, append(line, "", "", "", "", "", strconv.Itoa(p.Reporting), strconv.Itoa(p.Total), modeOf(p.Joint)))
			continue
		}
		rows = append(rows, append(line, numberCells(*p.Number, p.Bands, p.Reporting, p.Total, p.Joint)...))
	}
	return head, rows
}

// about is what a trend is about, in codes.
func about(id view.FigureID) string {
	s := view.FilterText(id.What)
	if and := view.FilterText(id.And); and != "" {
		s += "*" + and
	}
	if s == "" {
		return "all"
	}
	return s
}

func axesOf(f *Figure) (out []string) {
	for _, a := range f.id().Table.Axes {
		out = append(out, a.String())
	}
	return out
}

func modeOf(joint bool) string {
	if joint {
		return string(schema.Joint)
	}
	return string(schema.Local)
}

func numberCells(n Number, b schema.Bands, reporting, total int, joint bool) []string {
	e := n.Estimate()
	low, high := e.Interval95()
	fixed := func(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }
	return []string{
		fixed(e.Value + 0), fixed(low + 0), fixed(high + 0), fixed(e.SD()), strconv.Itoa(int(e.Band(b))),
		strconv.Itoa(reporting), strconv.Itoa(total), modeOf(joint),
	}
}

// tags is the HXL row.
func (f *Figure) tags() []string {
	tags := []string{"#date+period"}
	if f.Table == nil {
		tags = append(tags, "#indicator+code")
	}
	for _, a := range f.id().Table.Axes {
		if f.Table == nil {
			break
		}
		tag := "#indicator+code+" + a.Dimension
		if a.Rollup != "" {
			tag += "+" + a.Rollup
		}
		tags = append(tags, tag)
	}
	return append(tags, "#affected+num+estimate", "#affected+num+lower", "#affected+num+upper", "#meta+sd", "#meta+band",
		"#meta+members+reporting", "#meta+members+total", "#meta+mode")
}

var codesHead = []string{"axis", "code", "label", "definition"}

func (s speaker) codes() (rows [][]string) {
	for _, m := range s.m.Words[s.l.Tag].Codes {
		rows = append(rows, []string{m.Axis, m.Code, m.Label, m.Definition})
	}
	return rows
}

// table is CSV after RFC 4180; cells that a spreadsheet would take for a formula are guarded,
// numbers never.
func table(head []string, rows [][]string) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	lines := [][]string{head}
	for _, r := range rows {
		line := make([]string, len(r))
		for i, c := range r {
			line[i] = c
			if _, err := strconv.ParseFloat(c, 64); err != nil {
				line[i] = view.CSVText(c)
			}
		}
		lines = append(lines, line)
	}
	if err := w.WriteAll(lines); err != nil {
		return nil, fmt.Errorf("csv: %w", err)
	}
	return b.Bytes(), nil
}

// description is datapackage.json of Frictionless Data Package 1.0.
type description struct {
	Profile     string            `json:"profile"`
	Name        string            `json:"name"`
	Title       string            `json:"title"`
	Description string            `json:"description"`
	Language    string            `json:"language"`
	Brief       string            `json:"brief"` // the manifest's hash
	DP          privacy           `json:"dp"`
	Resources   []json.RawMessage `json:"resources"`
}

// privacy says what protects the people in the numbers.
type privacy struct {
	Unit     string `json:"privacy_unit"`
	Protects string `json:"protects"`
	Noise    string `json:"noise"`
	Plans    []Plan `json:"plans"`
}

type resource struct {
	Name      string      `json:"name"`
	Path      string      `json:"path"`
	Profile   string      `json:"profile"`
	Format    string      `json:"format"`
	Mediatype string      `json:"mediatype"`
	Encoding  string      `json:"encoding"`
	Bytes     int         `json:"bytes"`
	Hash      string      `json:"hash"`
	Schema    tableSchema `json:"schema"`
}

type tableSchema struct {
	Fields        []field  `json:"fields"`
	MissingValues []string `json:"missingValues"`
}

type field struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Description string `json:"description,omitempty"`
}

func (b *Brief) about(s speaker) *description {
	m := b.Manifest
	id, err := m.ID()
	if err != nil {
		panic(err) // it was encoded just now
	}
	return &description{
		Profile: "tabular-data-package", Name: "tidemark-brief-" + id.Short(), Title: m.Title[s.l.Tag], Language: s.l.Tag, Brief: id.String(),
		Description: s.l.Say("fig.pack.unit") + " " + s.l.Say("brief.method.once") + " " + s.l.Say("brief.method.range"),
		DP: privacy{
			Unit: s.l.Say("fig.pack.protects." + string(m.Protection)), Protects: string(m.Protection),
			Noise: "discrete Gaussian, per cell; sd in thousandths of a person", Plans: m.Plans,
		},
	}
}

func (d *description) add(path, name string, data []byte, fields []field) {
	sum := sha256.Sum256(data)
	raw, err := json.Marshal(resource{
		Name: name, Path: path, Profile: "tabular-data-resource", Format: "csv", Mediatype: "text/csv", Encoding: "utf-8",
		Bytes: len(data), Hash: "sha256:" + hex.EncodeToString(sum[:]), Schema: tableSchema{fields, []string{""}},
	})
	if err != nil {
		panic(err) // strings and numbers
	}
	d.Resources = append(d.Resources, raw)
}

var codesFields = []field{{"axis", "string", ""}, {"code", "string", ""}, {"label", "string", ""}, {"definition", "string", ""}}

func (f *Figure) fields() []field {
	out := []field{{"period", "string", "a quarter or a year"}}
	if f.Table == nil {
		out = append(out, field{"what", "string", "axis.code, see codes.csv"})
	} else {
		for _, a := range axesOf(f) {
			out = append(out, field{a, "string", "see codes.csv"})
		}
	}
	return append(out,
		field{"estimate", "number", "people known to the members who reported"},
		field{"lower", "number", "19 times in 20 the true number is not below it"}, field{"upper", "number", "nor above it"},
		field{"sd", "number", "standard deviation of the noise"},
		field{"band", "integer", "1 the number, 2 with caution, 3 too noisy for a number"},
		field{"members_reporting", "integer", ""}, field{"members_total", "integer", ""}, field{"mode", "string", "local or joint"},
	)
}
