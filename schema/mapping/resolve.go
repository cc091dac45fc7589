package mapping

import "strings"

// answer is what one cell says about a dimension.
type answer struct {
	code     int  // or none
	unlisted bool // it holds a text that no spelling covers
}

// better takes another value of the same case in, by the dimension's rule.
func (d *dimension) better(have, code int) int {
	if have == none || d.serious && d.rank[code] > d.rank[have] {
		return code
	}
	return have
}

// cell reads one cell. unlisted is told each text that no spelling covers.
func (d *dimension) cell(column int, cell string, unlisted func(string)) answer {
	if d.ticks != nil {
		return d.tick(column, cell, unlisted)
	}
	a := answer{code: none}
	d.split(unescape(cell), d.separators, func(text string, code byte, listed bool) {
		switch {
		case !listed:
			a.unlisted = true
			unlisted(text)
		case code != ignored:
			a.code = d.better(a.code, int(code))
		}
	})
	return a
}

// split walks the values of a cell. A separator may also stand inside a spelling: the
// longest listed text wins.
func (d *dimension) split(text string, separators []string, each func(text string, code byte, listed bool)) {
	if code, listed := d.lookup(text); listed {
		each(text, code, true)
		return
	}
	if len(separators) == 0 {
		if text = trim(text); text != "" {
			each(text, 0, false)
		}
		return
	}
	parts := strings.Split(text, separators[0])
	for len(parts) > 0 {
		n := d.run(parts, separators[0])
		d.split(strings.Join(parts[:n], separators[0]), separators[1:], each)
		parts = parts[n:]
	}
}

// run counts the parts at the start that make one listed text together, at least one.
func (d *dimension) run(parts []string, separator string) int {
	for n := min(d.longest, len(parts)); n > 1; n-- {
		if _, listed := d.lookup(strings.Join(parts[:n], separator)); listed {
			return n
		}
	}
	return 1
}

// lookup finds a text, or the one code that the languages of its label agree on.
func (d *dimension) lookup(text string) (byte, bool) {
	code, listed := d.spellings[Fold(text)]
	if listed || d.languages == "" || !strings.Contains(text, d.languages) {
		return code, listed
	}
	for label := range strings.SplitSeq(text, d.languages) {
		c, ok := d.spellings[Fold(label)]
		if ok && listed && c != code {
			return 0, false
		}
		if ok {
			code, listed = c, true
		}
	}
	return code, listed
}

// tick reads a box: ticked, not ticked, or a count of people.
func (d *dimension) tick(column int, cell string, unlisted func(string)) answer {
	switch folded := Fold(cell); {
	case folded == "" || unticked[folded]:
		return answer{code: none}
	case ticked[folded] || isCount(folded):
		return answer{code: int(d.ticks[column])}
	default:
		if d.spellings[folded] == ignored {
			return answer{code: none}
		}
		unlisted(trim(cell))
		return answer{code: none, unlisted: true}
	}
}

var (
	ticked   = foldAll([]string{"true", "yes", "y", "x", "✓", "✔", "☑", "on", "sí", "oui", "ja", "sim", "vrai", "verdadero", "wahr", "نعم"})
	unticked = foldAll([]string{"0", "false", "no", "n", "off", "non", "nein", "não", "faux", "falso", "falsch", "لا"})
)

// isCount tells a whole number above zero.
func isCount(s string) bool {
	n, ok := wholePart(s)
	return ok && n > 0
}
