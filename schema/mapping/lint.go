package mapping

import (
	"fmt"
	"slices"
	"strings"

	"tidemark/schema"
)

// Lint lists what is allowed but deserves a second look before the first import.
// It holds the mapping's own names, no cell.
func (m *Mapping) Lint() []string {
	hints := slices.Clone(m.hints)
	switch {
	case m.person.none:
		hints = append(hints, "person: none: releases protect each case, not each person")
	case m.person.missing:
		hints = append(hints, "person: missing: case: releases protect each case, not each person, even where the person is known")
	case m.person.protection == schema.PerComposite:
		hints = append(hints, "person: composite: two spellings of one person count as two persons")
	}
	for i := range m.dimensions {
		hints = append(hints, m.lintDimension(&m.dimensions[i])...)
	}
	return append(hints, m.lintFixed()...)
}

func (m *Mapping) lintDimension(d *dimension) (hints []string) {
	say := func(format string, args ...any) {
		hints = append(hints, fmt.Sprintf("dimension %s: ", d.def.ID)+fmt.Sprintf(format, args...))
	}
	for _, c := range d.columns {
		if looksLikeText(m.columns[c]) {
			say("column %.60q looks like free text or a name", m.columns[c])
		}
	}
	if len(d.spellings) > 300 {
		say("%d spellings: is the column free text?", len(d.spellings))
	}
	for _, f := range []struct {
		name string
		code int
	}{{"default", d.onEmpty}, {"unmapped", d.onUnlisted}} {
		if f.code >= 0 && d.rank[f.code] >= 0 {
			say("%s: %s says something about cases of which the export says nothing", f.name, d.def.Codes[f.code].Code)
		}
	}
	return hints
}

func (m *Mapping) lintFixed() (hints []string) {
	reads := map[int]bool{}
	for i := range m.dimensions {
		reads[m.dimensions[i].index] = true
	}
	for i := range m.fixed {
		def := &m.codebook.Dimensions[i]
		if code := def.Codes[m.fixed[i]].Code; !reads[i] && !saysNothing(code) {
			hints = append(hints, fmt.Sprintf("dimension %s: every case is %s", def.ID, code))
		}
	}
	return hints
}

// hintSpellings looks at the texts as written, which are not kept.
func (m *Mapping) hintSpellings(d *dimension, spec dimensionFile) {
	for _, c := range d.def.Codes {
		for i, text := range spec.Values[string(c.Code)] {
			if digits := strings.Map(onlyDigits, text); len(digits) >= 6 || strings.ContainsAny(text, "@\n") || len(text) > 120 {
				m.hint("dimension %s: code %s: spelling %d looks like a name, a number or a text", d.def.ID, c.Code, i+1)
			}
		}
	}
}

func onlyDigits(r rune) rune {
	if r < '0' || r > '9' {
		return -1
	}
	return r
}

// looksLikeText tells a column by its name in English, Spanish, French and German.
func looksLikeText(column string) bool {
	folded := Fold(column)
	return slices.ContainsFunc([]string{
		"descri", "narrat", "comment", "coment", "kommentar", "beschreib", "notes", "notas", "remark", "detail", "summary",
		"resumen", "resume", "name", "nombre", "nom ", "titel", "title", "titulo", "titre", "address", "adresse", "direccion",
		"phone", "telefon", "email", "e-mail", "url",
	}, func(word string) bool { return strings.Contains(folded+" ", word) })
}
