package mapping

import (
	"slices"
	"strings"
)

// Run maps the rows of one file and counts how it went. It is for one goroutine.
type Run struct {
	m         *Mapping
	caches    []map[string]answer // per read column of a dimension, by the cell's text
	how       []origin            // of the row at hand, by dimension
	counts    []counts
	unlisted  []tally
	monthOnly int
}

type origin uint8

const (
	fromValue origin = iota
	fromDefault
	fromUnlisted
)

type counts [3]int

// Bounds of what a Run remembers.
const (
	maxCached     = 4096 // cells of a dimension
	maxCachedCell = 200  // bytes
	maxUnlisted   = 200  // texts of a dimension
	maxShown      = 80   // characters of a text
)

// Begin starts a run over one file.
func (m *Mapping) Begin() *Run {
	n := len(m.dimensions)
	return &Run{m: m, caches: make([]map[string]answer, n), how: make([]origin, n), counts: make([]counts, n), unlisted: make([]tally, n)}
}

// Map codes one row, or refuses it with the first field that fails.
func (r *Run) Map(row Row) (Case, *Refusal) {
	m := r.m
	id, reason := m.caseID.make(m, row, false)
	if reason != "" {
		return Case{}, &Refusal{row.Number, "case", reason}
	}
	persons, reason := m.person.find(m, row)
	if reason != "" {
		return Case{}, &Refusal{row.Number, "person", reason}
	}
	d, reason := m.date.find(m, row)
	if reason != "" {
		return Case{}, &Refusal{row.Number, "date", reason}
	}
	codes := slices.Clone(m.fixed)
	for i := range m.dimensions {
		if reason := r.code(i, row, codes); reason != "" {
			return Case{}, &Refusal{row.Number, m.dimensions[i].def.ID, reason}
		}
	}
	r.keepCount(d)
	return Case{ID: id, Persons: persons, Date: d.date, MonthOnly: d.monthOnly, Codes: codes}, nil
}

// keepCount counts the row at hand, which was mapped.
func (r *Run) keepCount(d day) {
	for i, how := range r.how {
		r.counts[i][how]++
	}
	if d.monthOnly {
		r.monthOnly++
	}
}

// code sets the code of one dimension, or says why there is none.
func (r *Run) code(i int, row Row, codes []byte) (reason string) {
	d := &r.m.dimensions[i]
	all := answer{code: none}
	for _, c := range d.columns {
		cell := row.Cells[c]
		if cell == "" {
			continue
		}
		a := r.cell(i, c, cell)
		all.unlisted = all.unlisted || a.unlisted
		if a.code != none {
			all.code = d.better(all.code, a.code)
		}
	}
	if all.unlisted && d.onUnlisted == refuse {
		return reasonUnlisted
	}
	r.how[i] = fromValue
	switch {
	case all.code != none:
	case all.unlisted:
		all.code, r.how[i] = d.onUnlisted, fromUnlisted
	case d.onEmpty == refuse:
		return reasonEmpty
	default:
		all.code, r.how[i] = d.onEmpty, fromDefault
	}
	codes[d.index] = byte(all.code)
	return ""
}

// cell answers from the cache where it can. Cells with unlisted texts are read anew
// each time, because they are counted.
func (r *Run) cell(i, column int, cell string) answer {
	d := &r.m.dimensions[i]
	cacheable := d.ticks == nil && len(cell) <= maxCachedCell
	if cacheable {
		if a, ok := r.caches[i][cell]; ok {
			return a
		}
	}
	a := d.cell(column, cell, r.unlisted[i].add)
	if cacheable && !a.unlisted && len(r.caches[i]) < maxCached {
		if r.caches[i] == nil {
			r.caches[i] = map[string]answer{}
		}
		// A copy: the cell may be a piece of a much larger row.
		r.caches[i][strings.Clone(cell)] = a
	}
	return a
}

// tally counts the unlisted texts of a dimension.
type tally struct {
	counts map[string]int
	beyond int
}

func (t *tally) add(text string) {
	text = shown(text)
	if n, ok := t.counts[text]; ok {
		t.counts[text] = n + 1
		return
	}
	if len(t.counts) == maxUnlisted {
		t.beyond++
		return
	}
	if t.counts == nil {
		t.counts = map[string]int{}
	}
	t.counts[strings.Clone(text)] = 1
}

// shown cuts a text to maxShown characters.
func shown(text string) string {
	if len(text) <= maxShown {
		return text
	}
	n := 0
	for i := range text {
		if n == maxShown {
			return text[:i]
		}
		n++
	}
	return text
}

// Coverage is how the codes of one dimension came about, over the mapped rows.
type Coverage struct {
	Dimension string
	Mapped    int // by a listed value
	Default   int // the cell was empty or held only values to ignore
	Unmapped  int // no value was listed: the fallback code
	Unlisted  Unlisted
}

// Coverage reports on the dimensions that read columns, in the codebook's order.
func (r *Run) Coverage() []Coverage {
	all := make([]Coverage, len(r.m.dimensions))
	for i := range all {
		n := r.counts[i]
		all[i] = Coverage{r.m.dimensions[i].def.ID, n[fromValue], n[fromDefault], n[fromUnlisted], r.unlisted[i].values()}
	}
	return all
}

// MonthOnly counts the mapped cases whose date is known to the month.
func (r *Run) MonthOnly() int { return r.monthOnly }

// Unlisted are the texts that no spelling covers, refused rows included. They are cells
// of the export, which is why they do not print: see ForOperatorsScreen.
type Unlisted struct {
	values []ValueCount
	beyond int
}

// ValueCount is an unlisted text and how often it came.
type ValueCount struct {
	Value string // its first 80 characters
	Count int
}

// String and its like keep the text out of logs and errors by construction.
func (ValueCount) String() string { return "[value]" }

// GoString keeps %#v quiet too.
func (ValueCount) GoString() string { return "[value]" }

// MarshalJSON refuses to show what must not leave.
func (ValueCount) MarshalJSON() ([]byte, error) { return []byte(`"[value]"`), nil }

func (t *tally) values() Unlisted {
	u := Unlisted{beyond: t.beyond}
	for text, n := range t.counts {
		u.values = append(u.values, ValueCount{text, n})
	}
	slices.SortFunc(u.values, func(a, b ValueCount) int {
		if a.Count != b.Count {
			return b.Count - a.Count
		}
		return strings.Compare(a.Value, b.Value)
	})
	return u
}

// ForOperatorsScreen shows at most 200 texts, the most frequent first. The operator
// needs them to complete the mapping; they must reach nothing but the screen of who has
// the export anyway.
func (u Unlisted) ForOperatorsScreen() []ValueCount { return slices.Clone(u.values) }

// Others counts the values beyond the first 200 different texts.
func (u Unlisted) Others() int { return u.beyond }

// String and its like keep the texts out of logs and errors by construction.
func (Unlisted) String() string { return "[values]" }

// GoString keeps %#v quiet too.
func (Unlisted) GoString() string { return "[values]" }

// MarshalJSON refuses to show what must not leave.
func (Unlisted) MarshalJSON() ([]byte, error) { return []byte(`"[values]"`), nil }
