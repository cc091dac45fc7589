package mapping

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tidemark/schema"
)

// dimension reads one dimension's code from a row.
type dimension struct {
	index      int // in the codebook
	def        *schema.Dimension
	columns    []int
	ticks      map[int]byte    // column of ticks -> code; nil: columns hold values
	spellings  map[string]byte // folded spelling -> code, or ignored
	separators []string        // [] and the mapping's own
	languages  string
	serious    bool // pick the most serious, not the first
	longest    int  // parts of the longest spelling that holds a separator
	rank       []int
	onEmpty    int // code, or refuse
	onUnlisted int
}

// ignored stands for a value that says nothing about this dimension.
const ignored byte = 255

// What is no code, where an int holds one.
const (
	none   = -1
	refuse = -2
)

func (m *Mapping) parseDimensions(f *file) error {
	for _, ids := range [][]string{slices.Sorted(maps.Keys(f.Dimensions)), slices.Sorted(maps.Keys(f.Absent))} {
		for _, id := range ids {
			if m.codebook.Dimension(id) < 0 {
				return fmt.Errorf("dimension %.48q: the codebook has none of this name", id)
			}
		}
	}
	m.fixed = make([]byte, len(m.codebook.Dimensions))
	for i := range m.codebook.Dimensions {
		if err := m.parseDimension(f, i); err != nil {
			return fmt.Errorf("dimension %s: %w", m.codebook.Dimensions[i].ID, err)
		}
	}
	return nil
}

func (m *Mapping) parseDimension(f *file, index int) error {
	def := &m.codebook.Dimensions[index]
	spec, mapped := f.Dimensions[def.ID]
	absent, named := f.Absent[def.ID]
	switch {
	case mapped && named:
		return errors.New("both mapped and absent")
	case mapped && spec.Constant != "":
		return m.parseConstant(spec, index)
	case mapped:
		d, err := m.compile(spec, index)
		m.dimensions = append(m.dimensions, d)
		return err
	case !named:
		absent = string(schema.UnknownCode)
		if def.Index(schema.UnknownCode) < 0 {
			return errors.New("not mapped, and it has no code unknown: name its code under absent")
		}
	}
	return m.fix(index, absent)
}

func (m *Mapping) parseConstant(spec dimensionFile, index int) error {
	if spec.Column != "" || len(spec.Columns)+len(spec.Values)+len(spec.Flags)+len(spec.Ignore) > 0 ||
		spec.Separator+spec.Languages+spec.Pick+spec.Default+spec.Unmapped != "" {
		return errors.New("constant: stands alone")
	}
	return m.fix(index, spec.Constant)
}

func (m *Mapping) fix(index int, code string) error {
	c, err := codeOf(&m.codebook.Dimensions[index], code)
	m.fixed[index] = c
	return err
}

// codeOf finds a code that may be given.
func codeOf(def *schema.Dimension, code string) (byte, error) {
	i := def.Index(schema.Code(code))
	if i < 0 {
		return 0, fmt.Errorf("code %.48q: the dimension has none of this name", code)
	}
	if def.Codes[i].Retired {
		return 0, fmt.Errorf("code %s: retired", code)
	}
	return byte(i), nil
}

func (m *Mapping) compile(spec dimensionFile, index int) (d dimension, err error) {
	d = dimension{index: index, def: &m.codebook.Dimensions[index], languages: spec.Languages}
	d.rank = ranks(d.def)
	if d.onEmpty, err = d.fallback(spec.Default); err != nil {
		return d, fmt.Errorf("default: %w", err)
	}
	if d.onUnlisted, err = d.fallback(spec.Unmapped); err != nil {
		return d, fmt.Errorf("unmapped: %w", err)
	}
	if len(spec.Flags) > 0 {
		err = m.compileFlags(&d, spec)
	} else {
		err = m.compileValues(&d, spec)
	}
	if err != nil {
		return d, err
	}
	return d, d.setPick(spec.Pick, m)
}

// fallback is the code for a cell without a listed value: the named one, else unknown,
// else none, and the row is refused.
func (d *dimension) fallback(code string) (int, error) {
	if code == "" && d.def.Index(schema.UnknownCode) >= 0 {
		code = string(schema.UnknownCode)
	}
	if code == "" || code == "refuse" {
		return refuse, nil
	}
	c, err := codeOf(d.def, code)
	return int(c), err
}

func (m *Mapping) compileFlags(d *dimension, spec dimensionFile) error {
	if spec.Column != "" || len(spec.Columns)+len(spec.Values)+len(spec.Ignore) > 0 || spec.Separator+spec.Languages != "" {
		return errors.New("flags: go with pick, default and unmapped only")
	}
	d.ticks, d.spellings = map[int]byte{}, map[string]byte{}
	for text := range m.blanks {
		d.spellings[text] = ignored
	}
	// Columns in the codebook's order of their codes, so that a file means one thing.
	names := slices.SortedFunc(maps.Keys(spec.Flags), func(a, b string) int {
		if by := d.def.Index(schema.Code(spec.Flags[a])) - d.def.Index(schema.Code(spec.Flags[b])); by != 0 {
			return by
		}
		return strings.Compare(a, b)
	})
	var err error
	if d.columns, err = m.slots(names); err != nil {
		return err
	}
	for i, name := range names {
		if isList(name) {
			return errors.New("flags: a list cannot be a tick")
		}
		if d.ticks[d.columns[i]], err = codeOf(d.def, spec.Flags[name]); err != nil {
			return err
		}
	}
	return nil
}

func (m *Mapping) compileValues(d *dimension, spec dimensionFile) (err error) {
	columns := spec.Columns
	if spec.Column != "" {
		columns = append([]string{spec.Column}, columns...)
	}
	if len(columns) == 0 || len(spec.Values) == 0 {
		return errors.New("want a column and values, or flags, or constant")
	}
	if d.columns, err = m.slots(columns); err != nil {
		return err
	}
	if slices.ContainsFunc(columns, isList) {
		d.separators = append(d.separators, ListSeparator)
	}
	if spec.Separator != "" {
		d.separators = append(d.separators, spec.Separator)
	}
	if spec.Languages != "" && spec.Languages == spec.Separator {
		return errors.New("languages: is the separator too")
	}
	return d.list(m, spec)
}

// list fills the table of spellings.
func (d *dimension) list(m *Mapping, spec dimensionFile) error {
	d.spellings, d.longest = map[string]byte{}, 1
	for code := range spec.Values {
		if _, err := codeOf(d.def, code); err != nil {
			return err
		}
	}
	for i := range d.def.Codes {
		code := string(d.def.Codes[i].Code)
		texts, named := spec.Values[code]
		if named && len(texts) == 0 {
			return fmt.Errorf("code %s: no spellings; a code's own name is none until it is listed", code)
		}
		if err := d.spell(code, texts, byte(i)); err != nil {
			return err
		}
	}
	if err := d.spell("ignore", spec.Ignore, ignored); err != nil {
		return err
	}
	m.hintSpellings(d, spec)
	for text := range m.blanks {
		if _, listed := d.spellings[text]; !listed {
			d.spellings[text] = ignored
		}
	}
	return nil
}

func (d *dimension) spell(code string, texts []string, c byte) error {
	for i, text := range texts {
		folded := Fold(text)
		if folded == "" {
			return fmt.Errorf("code %s: spelling %d is empty; an empty cell is the default's", code, i+1)
		}
		if other, twice := d.spellings[folded]; twice && other != c {
			return fmt.Errorf("code %s: spelling %d stands for another code too, once case, accents and blanks are set aside", code, i+1)
		}
		d.spellings[folded] = c
		for _, s := range d.separators {
			d.longest = max(d.longest, strings.Count(unescape(text), s)+1)
		}
	}
	return nil
}

func (d *dimension) setPick(pick string, m *Mapping) error {
	several := len(d.columns) > 1 || len(d.separators) > 0
	switch {
	case several && pick == "":
		return errors.New("pick: a case may have several values here: want first or most_serious (the later code of the codebook)")
	case !several && pick != "":
		return errors.New("pick: a case has one value here; say the separator or the columns")
	case pick != "" && pick != "first" && pick != "most_serious":
		return errors.New("pick: want first or most_serious")
	}
	d.serious = pick == "most_serious"
	if d.serious && !strings.Contains(d.def.Select, "serious") && !strings.Contains(d.def.Select, "ordinal") {
		m.hint("dimension %s: pick most_serious, but the codebook does not say that its codes stand in order", d.def.ID)
	}
	return nil
}

// ranks orders a dimension's codes by how much they say: later codes above earlier
// ones, "other" below all of them, codes for not knowing at the bottom.
func ranks(def *schema.Dimension) []int {
	all := make([]int, len(def.Codes))
	for i := range def.Codes {
		switch code := def.Codes[i].Code; {
		case saysNothing(code):
			all[i] = i - 2*schema.MaxCodes
		case code == "other":
			all[i] = -schema.MaxCodes
		default:
			all[i] = i
		}
	}
	return all
}

// saysNothing tells the codes for not knowing by their names in use.
func saysNothing(c schema.Code) bool {
	switch c {
	case schema.UnknownCode, "not_recorded", "not_assessed", "not_applicable", "prefer_not_to_say", "withheld", "not_stated":
		return true
	}
	return strings.HasSuffix(string(c), "_unknown") || strings.HasSuffix(string(c), "_not_known")
}
