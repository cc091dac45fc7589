package demo

import (
	"fmt"
	"strings"

	"tidemark/schema"
)

// mapping writes the mapping file of an organisation's export, as its case-system owner
// would have: which column answers which dimension, and which words mean which code.
func (s shape) mapping(c *clerk) string {
	var b strings.Builder
	fmt.Fprintf(&b, "name: %s\ncodebook: %s\n%sdimensions:\n", s.name, c.codebook.Name, s.frame)
	for i := range c.codebook.Dimensions {
		d := &c.codebook.Dimensions[i]
		fmt.Fprintf(&b, "  %s:\n    column: %q\n%s", d.ID, s.head(c, i), s.more[d.ID])
		if blank := blankCode(d); blank != "" {
			fmt.Fprintf(&b, "    default: %s\n    unmapped: %s\n", blank, blank)
		}
		b.WriteString("    values:\n")
		for _, code := range d.Codes {
			fmt.Fprintf(&b, "      %s: [%s]\n", code.Code, c.spellings(d, code.Code))
		}
	}
	return b.String()
}

// spellings are the words that stand for a code in this organisation's language.
func (c *clerk) spellings(d *schema.Dimension, code schema.Code) string {
	words := []string{fmt.Sprintf("%q", c.labels.Code(schema.Axis{Dimension: d.ID}, code).Label)}
	if code == schema.UnknownCode {
		for _, w := range unknownSpellings {
			if !strings.EqualFold(w, c.labels.Code(schema.Axis{Dimension: d.ID}, code).Label) {
				words = append(words, fmt.Sprintf("%q", w))
			}
		}
	}
	return strings.Join(words, ", ")
}

// blankCode is what an empty field means.
func blankCode(d *schema.Dimension) schema.Code {
	for _, c := range []schema.Code{schema.UnknownCode, "not_recorded", "not_assessed", "not_applicable_unknown"} {
		if d.Index(c) >= 0 {
			return c
		}
	}
	return ""
}
