package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Code is a category of a dimension: immutable snake_case, never reused: "doxing".
type Code string

// Valid tells whether a code is written as codes are.
func (c Code) Valid() bool { return wellFormed(string(c)) }

// Codebook is the shared vocabulary: data, content-addressed, named in the charter.
// It is made by ParseCodebook and does not change afterwards.
type Codebook struct {
	Name       string      `json:"codebook"` // "incident"
	Version    string      `json:"version"`  // "0.2.0"
	Dimensions []Dimension `json:"dimensions"`

	id Hash
}

// Dimension is one question with one answer per case: "threat_type".
type Dimension struct {
	ID      string    `json:"id"`
	Subject string    `json:"subject,omitempty"` // whom it describes: case, person attacked, defender
	Select  string    `json:"select,omitempty"`  // the rule for choosing one code
	Note    string    `json:"note,omitempty"`
	Codes   []CodeDef `json:"codes"`
	Rollups []Rollup  `json:"rollups,omitempty"`
}

// CodeDef is a code with its meaning. The order of a dimension's codes is part of the
// codebook: later versions only append.
type CodeDef struct {
	Code       Code   `json:"code"`
	Definition string `json:"definition"`
	Maps       string `json:"maps,omitempty"`    // the same thing in other vocabularies
	Retired    bool   `json:"retired,omitempty"` // a tombstone: kept, no longer given
}

// Retired tells that every code of the dimension is retired.
func (d *Dimension) Retired() bool {
	return !slices.ContainsFunc(d.Codes, func(c CodeDef) bool { return !c.Retired })
}

// Rollup joins a dimension's codes into coarser ones and partitions them.
type Rollup struct {
	ID    string  `json:"id"` // "group"
	Codes []Group `json:"codes"`
}

// Group is one code of a roll-up with the codes that it joins.
type Group struct {
	Code Code   `json:"code"`
	Of   []Code `json:"of"`
}

// UnknownCode is the code that a mapping falls back to where it may; a dimension without
// it has no fallback.
const UnknownCode Code = "unknown"

// Limits of a codebook. Records keep one byte per dimension.
const (
	MaxDimensions = 100
	MaxCodes      = 250
	maxCodebook   = 256 << 10
)

// ParseCodebook reads a codebook's JSON, strictly, and checks that ids are well formed
// and unique and that every roll-up partitions its dimension.
func ParseCodebook(text []byte) (*Codebook, error) {
	if len(text) > maxCodebook {
		return nil, fmt.Errorf("codebook: %d bytes, at most %d", len(text), maxCodebook)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	cb := &Codebook{}
	if err := d.Decode(cb); err != nil {
		return nil, fmt.Errorf("codebook: %w", err)
	}
	if d.More() {
		return nil, fmt.Errorf("codebook: more than one JSON value")
	}
	if err := cb.validate(); err != nil {
		return nil, fmt.Errorf("codebook: %w", err)
	}
	canonical, err := cb.Canonical()
	if err != nil {
		return nil, err
	}
	cb.id = HashOf(canonical)
	return cb, nil
}

// Canonical is the form that the id is the hash of, and that travels between members.
func (c *Codebook) Canonical() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(c); err != nil {
		return nil, fmt.Errorf("codebook: %w", err)
	}
	return b.Bytes(), nil
}

// Hash is the codebook's content address.
func (c *Codebook) Hash() Hash { return c.id }

// Dimension finds a dimension's place by its id, or -1.
func (c *Codebook) Dimension(id string) int {
	for i := range c.Dimensions {
		if c.Dimensions[i].ID == id {
			return i
		}
	}
	return -1
}

// Index finds a code's place in the dimension, or -1.
func (d *Dimension) Index(code Code) int {
	for i := range d.Codes {
		if d.Codes[i].Code == code {
			return i
		}
	}
	return -1
}

// Rollup finds a roll-up by its id, or nil.
func (d *Dimension) Rollup(id string) *Rollup {
	for i := range d.Rollups {
		if d.Rollups[i].ID == id {
			return &d.Rollups[i]
		}
	}
	return nil
}

var snake = regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)*$`)

const maxCodeLength = 48

func wellFormed(id string) bool { return len(id) <= maxCodeLength && snake.MatchString(id) }

func (c *Codebook) validate() error {
	if !wellFormed(c.Name) || c.Version == "" || strings.ContainsAny(c.Version, " \n\t") {
		return fmt.Errorf("name and version: want snake_case and a version without blanks")
	}
	if len(c.Dimensions) == 0 || len(c.Dimensions) > MaxDimensions {
		return fmt.Errorf("dimensions: have %d, want 1 to %d", len(c.Dimensions), MaxDimensions)
	}
	seen := map[string]bool{}
	for i := range c.Dimensions {
		d := &c.Dimensions[i]
		if !wellFormed(d.ID) || seen[d.ID] {
			return fmt.Errorf("dimension %d: id is not snake_case or is there twice", i+1)
		}
		seen[d.ID] = true
		if err := d.validate(); err != nil {
			return fmt.Errorf("dimension %s: %w", d.ID, err)
		}
	}
	return nil
}

func (d *Dimension) validate() error {
	if len(d.Codes) == 0 || len(d.Codes) > MaxCodes {
		return fmt.Errorf("codes: have %d, want 1 to %d", len(d.Codes), MaxCodes)
	}
	seen := map[Code]bool{}
	for _, c := range d.Codes {
		if !wellFormed(string(c.Code)) || seen[c.Code] {
			return fmt.Errorf("code %.60q: not snake_case or there twice", string(c.Code))
		}
		seen[c.Code] = true
	}
	ids := map[string]bool{}
	for _, r := range d.Rollups {
		if !wellFormed(r.ID) || ids[r.ID] {
			return fmt.Errorf("roll-up %.60q: not snake_case or there twice", r.ID)
		}
		ids[r.ID] = true
		if err := d.partitions(r); err != nil {
			return fmt.Errorf("roll-up %s: %w", r.ID, err)
		}
	}
	return nil
}

// partitions checks that every code stands in exactly one group.
func (d *Dimension) partitions(r Rollup) error {
	groups, in := map[Code]bool{}, map[Code]Code{}
	for _, g := range r.Codes {
		if !wellFormed(string(g.Code)) || groups[g.Code] || len(g.Of) == 0 {
			return fmt.Errorf("code %.60q: not snake_case, there twice or empty", string(g.Code))
		}
		groups[g.Code] = true
		for _, c := range g.Of {
			if other, twice := in[c]; twice || d.Index(c) < 0 {
				return fmt.Errorf("code %.60q in %s: not of this dimension or already in %s", string(c), g.Code, other)
			}
			in[c] = g.Code
		}
	}
	if len(in) != len(d.Codes) {
		return fmt.Errorf("joins %d of %d codes, want all", len(in), len(d.Codes))
	}
	return nil
}
