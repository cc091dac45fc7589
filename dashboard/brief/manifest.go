package brief

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"tidemark/dashboard/view"
	"tidemark/schema"
)

// Format is the manifest's version.
const Format = "tidemark/brief/v1"

// Manifest is all that a brief says. Its JSON, in the one form that Encode writes, is what
// is signed. It names no member.
type Manifest struct {
	Format     string             `json:"format"`
	Coalition  schema.Slug        `json:"coalition"` // the charter's random name
	Demo       bool               `json:"demo,omitempty"`
	Title      Text               `json:"title"`
	Template   string             `json:"template"`
	Languages  []string           `json:"languages"`
	Date       string             `json:"date"`
	To         Text               `json:"to,omitempty"`
	From       []string           `json:"from,omitempty"`
	Closed     string             `json:"closed"`          // the day of the newest slot behind the figures
	Protection schema.Protection  `json:"protection"`      // the weakest
	Members    int                `json:"members"`         // how many stand behind the figures, all together
	Apart      int                `json:"apart,omitempty"` // how many did not agree and are not in it
	Annex      bool               `json:"annex,omitempty"` // sealed, for named readers
	Plans      []Plan             `json:"plans"`
	Elsewhere  *Elsewhere         `json:"elsewhere,omitempty"`
	Words      map[string]Lexicon `json:"words"` // by language
	Figures    []Figure           `json:"figures"`
	Blocks     []Part             `json:"blocks"`
}

// Plan is what was agreed on before the data were drawn.
type Plan struct {
	Adopted string      `json:"adopted"`
	Mode    schema.Mode `json:"mode"`
	Noise   []Noise     `json:"noise"`
}

// Noise is how large the noise on a cell of a table is.
type Noise struct {
	Table string `json:"table"`
	Every string `json:"every"`
	SD    int64  `json:"sd"` // of one member, thousandths of a person; in joint mode of the whole sum
}

// Elsewhere is how many of the people some other monitor knows too.
type Elsewhere struct {
	Period schema.Period `json:"period"`
	Bands  schema.Bands  `json:"bands"`
	Known  Number        `json:"known"`
	All    Number        `json:"all"`
}

// Lexicon is what the codes of the figures mean in one language.
type Lexicon struct {
	Axes   map[string]string `json:"axes"`
	Codes  []Meaning         `json:"codes"`
	Review schema.Review     `json:"review"` // of these labels
}

// Meaning is a code with its words.
type Meaning struct {
	Axis       string `json:"axis"`
	Code       string `json:"code"`
	Label      string `json:"label"`
	Definition string `json:"definition"`
}

// Part is a block of the brief as it is signed: one of its kinds is set.
type Part struct {
	Text    Text     `json:"text,omitempty"`
	Figure  string   `json:"figure,omitempty"` // its name
	Caption Text     `json:"caption,omitempty"`
	Show    []string `json:"show,omitempty"`
	Context *Context `json:"context,omitempty"`
	Case    *Case    `json:"case,omitempty"`
}

// MaxManifest bounds a manifest that is read.
const MaxManifest = 4 << 20

// Encode writes the manifest in its one form.
func (m *Manifest) Encode() ([]byte, error) { return canonical(m) }

// canonical writes JSON in the one form that is signed and compared: fields in their order,
// a line feed at the end.
func canonical(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("brief: json: %w", err)
	}
	return b.Bytes(), nil
}

// strict reads JSON that has no field which is not known.
func strict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// ID is what is signed: the hash of the manifest's one form.
func (m *Manifest) ID() (schema.Hash, error) {
	raw, err := m.Encode()
	return schema.HashOf(raw), err
}

// DecodeManifest reads a manifest, strictly: Encode of it is the same bytes.
func DecodeManifest(raw []byte) (*Manifest, error) {
	if len(raw) > MaxManifest {
		return nil, fmt.Errorf("brief: manifest: %d bytes, at most %d", len(raw), MaxManifest)
	}
	m := &Manifest{}
	if err := strict(raw, m); err != nil {
		return nil, fmt.Errorf("brief: manifest: not one")
	}
	again, err := m.Encode()
	if err != nil || !bytes.Equal(raw, again) {
		return nil, fmt.Errorf("brief: manifest: not in its one form")
	}
	if err := m.validate(); err != nil {
		return nil, fmt.Errorf("brief: manifest: %w", err)
	}
	return m, nil
}

// validate holds the manifest to what Gather makes, so that no reader meets anything else.
func (m *Manifest) validate() error {
	spec := Spec{
		Title: m.Title, Template: m.Template, Languages: m.Languages, Date: m.Date, To: m.To, From: slices.Clone(m.From),
	}
	for _, p := range m.Blocks {
		b := Block{Text: p.Text, Caption: p.Caption, Show: p.Show, Context: p.Context, Case: p.Case}
		if p.Figure != "" {
			f := m.figure(p.Figure)
			if f == nil {
				return fmt.Errorf("figure %.32q: not there", p.Figure)
			}
			b.Figure, b.As = f.ID, f.Name
		}
		spec.Blocks = append(spec.Blocks, b)
	}
	if err := spec.validate(); err != nil {
		return err
	}
	if m.Format != Format || len(m.Words) != len(m.Languages) {
		return fmt.Errorf("format, or words: want %s, and words for each language", Format)
	}
	for i := range m.Figures {
		if err := m.Figures[i].validate(len(m.Plans)); err != nil {
			return fmt.Errorf("figure %d: %w", i+1, err)
		}
	}
	return nil
}

// validate holds a figure's numbers against its id.
func (f *Figure) validate(plans int) error {
	id, err := view.ParseFigureID(f.ID)
	if err != nil {
		return err
	}
	if (id.Kind == view.TrendFigure) != (len(f.Points) > 0) || (id.Kind != view.TrendFigure) != (f.Table != nil) {
		return fmt.Errorf("numbers: not those of its kind")
	}
	for _, p := range f.Points {
		if (p.Number == nil) == (p.Absent == "") || p.Plan < 0 || p.Plan >= plans {
			return fmt.Errorf("point %s: want a number or a reason, and a plan", p.Period)
		}
	}
	if t := f.Table; t != nil && (t.Plan < 0 || t.Plan >= plans || len(t.Cells) != len(t.Rows)*max(1, len(t.Cols)) || len(t.Cells) == 0) {
		return fmt.Errorf("table: not of its rows and columns, or of no plan")
	}
	if f.Change != nil && (len(f.Points) == 0 || f.Change.To != f.newest().Period) {
		return fmt.Errorf("change: not of its last period")
	}
	return nil
}

// figure finds a figure by its name, or nil.
func (m *Manifest) figure(name string) *Figure {
	for i := range m.Figures {
		if m.Figures[i].Name == name {
			return &m.Figures[i]
		}
	}
	return nil
}

// has tells whether some text in a language stands in a block.
func (p Part) has(tag string) bool {
	for _, t := range p.texts() {
		if t[tag] == "" {
			return false
		}
	}
	return true
}

// texts are the part's own texts that need every language.
func (p Part) texts() (out []Text) {
	switch {
	case p.Text != nil:
		out = append(out, p.Text)
	case p.Context != nil:
		out = append(out, p.Context.Text)
	case p.Case != nil:
		out = append(out, p.Case.Text)
	case p.Caption != nil:
		out = append(out, p.Caption)
	}
	return out
}
