package brief

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"tidemark/dashboard/view"
	"tidemark/schema"
)

// Spec is a brief as its writer typed it: one YAML document.
type Spec struct {
	Title     Text     `yaml:"title"`
	Template  string   `yaml:"template"`
	Languages []string `yaml:"languages"`
	Date      string   `yaml:"date,omitempty"` // the day it bears: 2026-11-28
	To        Text     `yaml:"to,omitempty"`
	From      []string `yaml:"from,omitempty"` // who says it, as they want to be named
	// Pin names the releases; empty: those that are here when it is built.
	Pin string `yaml:"pin,omitempty"`
	// Without are members that did not agree: their releases are not added up. It stays in
	// this file and never in the public form.
	Without []string `yaml:"without,omitempty"`
	// Annex says that a sealed annex goes with it, for named readers.
	Annex  bool    `yaml:"annex,omitempty"`
	Blocks []Block `yaml:"blocks"`
}

// Block is one thing of a brief: exactly one of its kinds is set.
type Block struct {
	Text    Text     `yaml:"text,omitempty"`
	Figure  string   `yaml:"figure,omitempty"` // a figure's id
	As      string   `yaml:"as,omitempty"`     // its name in the texts' fields: {name.last}
	Caption Text     `yaml:"caption,omitempty"`
	Show    []string `yaml:"show,omitempty"` // picture, table; empty: both
	Context *Context `yaml:"context,omitempty"`
	Case    *Case    `yaml:"case,omitempty"`
}

// Context is what happened in the world meanwhile: a law, a new tool. No case data.
type Context struct {
	Date   string `yaml:"date" json:"date"`
	Text   Text   `yaml:"text" json:"text"`
	Source string `yaml:"source" json:"source"` // who says so: an address or a title
}

// Case is one documented case. It stands apart from the figures, which it never proves.
type Case struct {
	Text    Text   `yaml:"text" json:"text"`
	Scope   string `yaml:"scope" json:"scope"`                       // what she has agreed to: public, or named recipients
	Expires string `yaml:"expires" json:"expires"`                   // the last day of her consent
	Holder  string `yaml:"holder,omitempty" json:"holder,omitempty"` // the signed note of who holds the case
}

// Scopes of a consent.
const (
	ScopePublic     = "public"
	ScopeRecipients = "recipients"
)

// Templates are what a brief can be.
var Templates = []string{"statement", "submission", "letter", "court", "donor"}

// What a figure shows.
const (
	ShowPicture = "picture"
	ShowTable   = "table"
)

// Limits of a spec.
const (
	MaxSpec     = 256 << 10
	maxBlocks   = 200
	maxFigures  = 60
	maxTitle    = 300
	maxText     = 20_000
	maxPartners = 100
	maxWithout  = 1000
)

// ParseSpec reads a spec, strictly, and settles its texts.
func ParseSpec(text []byte) (*Spec, error) {
	if len(text) > MaxSpec {
		return nil, fmt.Errorf("brief: %d bytes, at most %d", len(text), MaxSpec)
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	s := &Spec{}
	if err := d.Decode(s); err != nil {
		return nil, fmt.Errorf("brief: %w", err)
	}
	if err := d.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("brief: more than one document")
	}
	if err := s.validate(); err != nil {
		return nil, fmt.Errorf("brief: %w", err)
	}
	return s, nil
}

// YAML writes the spec; ParseSpec of it is the same spec again.
func (s *Spec) YAML() ([]byte, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(s); err != nil {
		return nil, fmt.Errorf("brief: %w", err)
	}
	return b.Bytes(), nil
}

var languageForm = regexp.MustCompile(`^[a-z]{2,3}$`)

func (s *Spec) validate() (err error) {
	if len(s.Languages) == 0 || len(s.Languages) > 8 {
		return fmt.Errorf("languages: want one to eight, like en")
	}
	for i, tag := range s.Languages {
		if !languageForm.MatchString(tag) || slices.Contains(s.Languages[:i], tag) {
			return fmt.Errorf("languages: want tags like en, each once")
		}
	}
	if s.Title, err = s.Title.settled(s.Languages, maxTitle); err != nil {
		return fmt.Errorf("title: %w", err)
	}
	if s.Title == nil {
		return fmt.Errorf("title: none")
	}
	if !slices.Contains(Templates, s.Template) {
		return fmt.Errorf("template: want one of %s", strings.Join(Templates, ", "))
	}
	if s.Date != "" {
		if _, err := schema.ParseDate(s.Date); err != nil {
			return err
		}
	}
	if s.To, err = s.To.settled(s.Languages, maxTitle); err != nil {
		return fmt.Errorf("to: %w", err)
	}
	if err := s.validateNames(); err != nil {
		return err
	}
	return s.validateBlocks()
}

func (s *Spec) validateNames() (err error) {
	if len(s.From) > maxPartners || len(s.Without) > maxWithout {
		return fmt.Errorf("from: at most %d; without: at most %d", maxPartners, maxWithout)
	}
	for i := range s.From {
		if s.From[i], err = settle(s.From[i], maxTitle); err != nil || s.From[i] == "" {
			return fmt.Errorf("from, number %d: want a name", i+1)
		}
	}
	for i := range s.Without {
		if _, err := schema.ParseSlug(s.Without[i]); err != nil {
			return fmt.Errorf("without, number %d: %w", i+1, err)
		}
	}
	return nil
}

func (s *Spec) validateBlocks() error {
	if len(s.Blocks) > maxBlocks {
		return fmt.Errorf("blocks: %d, at most %d", len(s.Blocks), maxBlocks)
	}
	names := map[string]bool{}
	for i := range s.Blocks {
		b := &s.Blocks[i]
		if err := b.validate(s.Languages, len(names)+1); err != nil {
			return fmt.Errorf("block %d: %w", i+1, err)
		}
		if b.Figure == "" {
			continue
		}
		if names[b.As] {
			return fmt.Errorf("block %d: as: another figure has this name", i+1)
		}
		if names[b.As] = true; len(names) > maxFigures {
			return fmt.Errorf("blocks: more than %d figures", maxFigures)
		}
	}
	return nil
}

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

// validate settles a block; number is its figure's, if it is one.
func (b *Block) validate(languages []string, number int) (err error) {
	kinds := 0
	for _, set := range []bool{!b.Text.empty(), b.Figure != "", b.Context != nil, b.Case != nil} {
		if set {
			kinds++
		}
	}
	if kinds != 1 {
		return fmt.Errorf("want one of text, figure, context and case")
	}
	if b.Figure == "" && (b.As != "" || b.Caption != nil || b.Show != nil) {
		return fmt.Errorf("as, caption and show belong to a figure")
	}
	switch {
	case b.Figure != "":
		return b.validateFigure(languages, number)
	case b.Context != nil:
		return b.Context.validate(languages)
	case b.Case != nil:
		return b.Case.validate(languages)
	}
	if b.Text, err = b.Text.settled(languages, maxText); err != nil {
		return err
	}
	for tag, s := range b.Text {
		if _, err := parseMarkdown(s); err != nil {
			return fmt.Errorf("text, %s: %w", tag, err)
		}
	}
	return nil
}

func (b *Block) validateFigure(languages []string, number int) (err error) {
	id, err := view.ParseFigureID(b.Figure)
	if err != nil {
		return err
	}
	if id.Kind == view.HeatFigure && id.Show == view.ShowChange {
		return fmt.Errorf("figure: a list of changes does not go into a brief; add the series that changed")
	}
	if b.As == "" {
		b.As = fmt.Sprintf("f%d", number)
	}
	if !nameForm.MatchString(b.As) {
		return fmt.Errorf("as: want a name of a-z, 0-9 and _")
	}
	for _, show := range b.Show {
		if show != ShowPicture && show != ShowTable {
			return fmt.Errorf("show: want picture or table")
		}
	}
	b.Caption, err = b.Caption.settled(languages, maxTitle)
	return err
}

func (c *Context) validate(languages []string) (err error) {
	if _, err := schema.ParseDate(c.Date); err != nil {
		return fmt.Errorf("context: %w", err)
	}
	if c.Text, err = c.Text.settled(languages, maxText); err != nil || c.Text == nil {
		return fmt.Errorf("context: text: none, or not one: %w", orNone(err))
	}
	if c.Source, err = settle(c.Source, maxTitle); err != nil || c.Source == "" {
		return fmt.Errorf("context: source: want who says so")
	}
	return nil
}

func (c *Case) validate(languages []string) (err error) {
	if _, err := schema.ParseDate(c.Expires); err != nil {
		return fmt.Errorf("case: expires: %w", err)
	}
	if c.Scope != ScopePublic && c.Scope != ScopeRecipients {
		return fmt.Errorf("case: scope: want %s or %s", ScopePublic, ScopeRecipients)
	}
	if c.Text, err = c.Text.settled(languages, maxText); err != nil || c.Text == nil {
		return fmt.Errorf("case: text: none, or not one: %w", orNone(err))
	}
	return nil
}

var errNone = errors.New("nothing is written")

func orNone(err error) error {
	if err == nil {
		return errNone
	}
	return err
}
