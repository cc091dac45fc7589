package words

import (
	"strings"

	"tidemark/schema"
)

// Axis names an axis.
func (l *Language) Axis(a schema.Axis) string {
	if l.labels != nil {
		return l.labels.Axis(a)
	}
	return spaced(a.String())
}

// Code names a code of an axis and says what it means. A codebook without labels gives
// the ids, and the codebook's own definition.
func (l *Language) Code(a schema.Axis, c schema.Code) schema.Label {
	if l.labels != nil {
		return l.labels.Code(a, c)
	}
	label := schema.Label{Label: spaced(string(c))}
	if i := l.book.Dimension(a.Dimension); i >= 0 && a.Rollup == "" {
		if k := l.book.Dimensions[i].Index(c); k >= 0 {
			label.Definition = l.book.Dimensions[i].Codes[k].Definition
		}
	}
	return label
}

// LabelsReview tells whether a person has checked the codebook's labels in this language.
func (l *Language) LabelsReview() schema.Review {
	if l.labels == nil {
		return schema.Reviewed // the codebook's own words
	}
	return l.labels.Review
}

// Table names a table: "What was done × Region".
func (l *Language) Table(t schema.Table) string {
	names := make([]string, len(t.Axes))
	for i, a := range t.Axes {
		names[i] = l.Axis(a)
	}
	return strings.Join(names, " × ")
}

func spaced(id string) string { return strings.ReplaceAll(id, "_", " ") }
