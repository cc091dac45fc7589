package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Labels are a codebook's words in one language. They are not part of the codebook's
// content address: a better translation changes no meaning.
type Labels struct {
	Codebook   string                     `json:"codebook"`
	Language   string                     `json:"language"` // "en", "es", "fr", "ar"
	Review     Review                     `json:"review"`
	Dimensions map[string]DimensionLabels `json:"dimensions"`
}

// Review says whether a person who speaks the language has checked the words.
type Review string

// The states of review.
const (
	MachineDrafted Review = "machine-drafted"
	Reviewed       Review = "reviewed"
)

// DimensionLabels are a dimension's words.
type DimensionLabels struct {
	Label   string                  `json:"label"`
	Codes   map[Code]Label          `json:"codes"`
	Rollups map[string]RollupLabels `json:"rollups,omitempty"`
}

// RollupLabels are a roll-up's words.
type RollupLabels struct {
	Label string         `json:"label"`
	Codes map[Code]Label `json:"codes"`
}

// Label is a code's name and its meaning in one line.
type Label struct {
	Label      string `json:"label"`
	Definition string `json:"definition"`
}

// ParseLabels reads a language file and checks it against its codebook: every word there,
// none for something that the codebook lacks.
func ParseLabels(text []byte, cb *Codebook) (*Labels, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	l := &Labels{}
	if err := d.Decode(l); err != nil {
		return nil, fmt.Errorf("labels: %w", err)
	}
	if l.Codebook != cb.Name || l.Review != MachineDrafted && l.Review != Reviewed {
		return nil, fmt.Errorf("labels: for codebook %.60q, review %.60q", l.Codebook, string(l.Review))
	}
	if len(l.Dimensions) != len(cb.Dimensions) {
		return nil, fmt.Errorf("labels %s: %d dimensions, the codebook has %d", l.Language, len(l.Dimensions), len(cb.Dimensions))
	}
	for i := range cb.Dimensions {
		if err := l.covers(&cb.Dimensions[i]); err != nil {
			return nil, fmt.Errorf("labels %s: dimension %s: %w", l.Language, cb.Dimensions[i].ID, err)
		}
	}
	return l, nil
}

func (l *Labels) covers(d *Dimension) error {
	words := l.Dimensions[d.ID]
	if words.Label == "" {
		return fmt.Errorf("no label")
	}
	codes := make([]Code, len(d.Codes))
	for i, c := range d.Codes {
		codes[i] = c.Code
	}
	if err := complete(words.Codes, codes); err != nil {
		return err
	}
	if len(words.Rollups) != len(d.Rollups) {
		return fmt.Errorf("%d roll-ups, the codebook has %d", len(words.Rollups), len(d.Rollups))
	}
	for _, r := range d.Rollups {
		codes := make([]Code, len(r.Codes))
		for i, g := range r.Codes {
			codes[i] = g.Code
		}
		if err := complete(words.Rollups[r.ID].Codes, codes); err != nil {
			return fmt.Errorf("roll-up %s: %w", r.ID, err)
		}
	}
	return nil
}

func complete(words map[Code]Label, codes []Code) error {
	for _, c := range codes {
		if w := words[c]; w.Label == "" || w.Definition == "" {
			return fmt.Errorf("code %s: no label or no definition", c)
		}
	}
	if len(words) != len(codes) {
		return fmt.Errorf("labels for %d codes, the codebook has %d", len(words), len(codes))
	}
	return nil
}

// Axis names an axis; what has no label is named by its id.
func (l *Labels) Axis(a Axis) string {
	d := l.Dimensions[a.Dimension]
	if a.Rollup != "" {
		if r := d.Rollups[a.Rollup]; r.Label != "" {
			return r.Label
		}
		return a.String()
	}
	if d.Label == "" {
		return a.String()
	}
	return d.Label
}

// Code names a code of an axis.
func (l *Labels) Code(a Axis, c Code) Label {
	d := l.Dimensions[a.Dimension]
	words := d.Codes
	if a.Rollup != "" {
		words = d.Rollups[a.Rollup].Codes
	}
	if w, ok := words[c]; ok {
		return w
	}
	return Label{Label: string(c)}
}
