package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tidemark/schema"
)

// idRule makes an id from one column or from several.
type idRule struct {
	columns   []int
	composite bool
}

const (
	maxID      = 256   // bytes of an id; more is text
	maxPersons = 1_000 // of one case
)

func (m *Mapping) parseCase(f *file) (err error) {
	if (f.Case.ID == "") == (len(f.Case.Composite) == 0) {
		return errors.New("case: want id: COLUMN, or composite: [COLUMN, …] where the source has none; a row's number is no id")
	}
	if m.caseID, err = m.idRule(f.Case.ID, f.Case.Composite); err != nil {
		return fmt.Errorf("case: %w", err)
	}
	if len(f.Case.Composite) == 1 {
		m.hint("case: an id made of one column only")
	}
	return nil
}

func (m *Mapping) idRule(id string, composite []string) (idRule, error) {
	if id != "" {
		composite = []string{id}
	}
	if slices.ContainsFunc(composite, isList) {
		return idRule{}, errors.New("a list cannot be an id")
	}
	columns, err := m.slots(composite)
	return idRule{columns, id == ""}, err
}

// make builds the id of a row, with a reason where there is none.
func (r *idRule) make(m *Mapping, row Row, whole bool) (id, reason string) {
	if r.composite {
		return r.join(m, row, whole)
	}
	cell := row.Cells[r.columns[0]]
	if m.isBlank(cell) {
		return "", reasonNoID
	}
	if id = trim(cell); len(id) > maxID {
		return "", reasonLongID
	}
	return id, ""
}

const (
	reasonNoID     = "no id"
	reasonLongID   = "longer than 256 bytes: text, not an id"
	reasonPart     = "part of the composite key is empty"
	reasonPersons  = "more than 1,000 persons in one case"
	reasonNoDate   = "no date"
	reasonBadDate  = "not in any of the mapping's formats"
	reasonEmpty    = "empty, and the mapping names no default"
	reasonUnlisted = "a value that the mapping does not list"
)

// join hashes the folded parts with their lengths, so that no two lists of parts meet.
func (r *idRule) join(m *Mapping, row Row, whole bool) (id, reason string) {
	buffer := make([]byte, 0, 256)
	filled := 0
	for _, c := range r.columns {
		part := ""
		if cell := row.Cells[c]; !m.isBlank(cell) {
			part = Fold(cell)
			filled++
		}
		buffer = strconv.AppendInt(buffer, int64(len(part)), 10)
		buffer = append(append(buffer, ':'), part...)
	}
	if filled == 0 {
		return "", reasonNoID
	}
	if whole && filled < len(r.columns) {
		return "", reasonPart
	}
	sum := sha256.Sum256(buffer)
	return hex.EncodeToString(sum[:]), ""
}

// personRule finds the persons of a case.
type personRule struct {
	protection schema.Protection
	none       bool
	missing    bool // a row without a person is its own unit
	key        idRule
	each       []int  // columns that hold persons' ids
	separator  string // between several ids in one cell
}

func (m *Mapping) parsePerson(f *file) (err error) {
	p := f.Person
	if p == nil {
		return errors.New("person: want id, columns or composite, or none: true where the source knows no person")
	}
	ways := 0
	for _, set := range []bool{p.ID != "", len(p.Composite) > 0, len(p.Columns) > 0, p.None} {
		if set {
			ways++
		}
	}
	if ways != 1 {
		return errors.New("person: want exactly one of id, columns, composite and none")
	}
	if p.Missing != "" && p.Missing != "refuse" && p.Missing != "case" {
		return errors.New("person: missing: want refuse or case")
	}
	if (p.None || len(p.Composite) > 0) && p.Separator != "" || p.None && p.Missing != "" {
		return errors.New("person: separator goes with id or columns, missing with a person")
	}
	rule := personRule{none: p.None, missing: p.Missing == "case", separator: p.Separator}
	if rule.key, err = m.idRule("", p.Composite); err != nil {
		return fmt.Errorf("person: %w", err)
	}
	columns := p.Columns
	if p.ID != "" {
		columns = []string{p.ID}
	}
	if rule.each, err = m.slots(columns); err != nil {
		return fmt.Errorf("person: %w", err)
	}
	rule.protection = rule.protects(len(p.Composite) > 0)
	m.person = rule
	return nil
}

func (r *personRule) protects(composite bool) schema.Protection {
	switch {
	case r.none || r.missing:
		return schema.PerCase
	case composite:
		return schema.PerComposite
	}
	return schema.PerID
}

// find lists the persons of a row; none and no reason: the case is the unit.
func (r *personRule) find(m *Mapping, row Row) (persons []string, reason string) {
	if r.none {
		return nil, ""
	}
	if len(r.key.columns) > 0 {
		id, why := r.key.make(m, row, true)
		if why == "" {
			return []string{id}, ""
		}
		return nil, r.unlessMissing(why)
	}
	for _, c := range r.each {
		if persons, reason = r.add(m, persons, row.Cells[c], m.columns[c]); reason != "" {
			return nil, reason
		}
	}
	if len(persons) == 0 {
		return nil, r.unlessMissing(reasonNoID)
	}
	return persons, ""
}

func (r *personRule) unlessMissing(reason string) string {
	if r.missing {
		return ""
	}
	return reason
}

// add takes the ids of one cell, each once.
func (r *personRule) add(m *Mapping, persons []string, cell, column string) ([]string, string) {
	separator := r.separator
	if isList(column) {
		separator = ListSeparator
	}
	for more := true; more; {
		id := cell
		if more = false; separator != "" {
			id, cell, more = strings.Cut(cell, separator)
		}
		if m.isBlank(id) {
			continue
		}
		if id = trim(id); len(id) > maxID {
			return nil, reasonLongID
		}
		if slices.Contains(persons, id) {
			continue
		}
		if len(persons) == maxPersons {
			return nil, reasonPersons
		}
		persons = append(persons, id)
	}
	return persons, ""
}

// dateRule finds the day.
type dateRule struct {
	columns          []int
	forms            []dateForm
	year, month, day int // slots, or -1
}

func (m *Mapping) parseDate(f *file) (err error) {
	d := f.Date
	columns := d.Columns
	if d.Column != "" {
		columns = append([]string{d.Column}, columns...)
	}
	if len(columns) == 0 && d.Year == "" {
		return errors.New("date: want column: COLUMN, or year: and month: COLUMN")
	}
	if (len(columns) == 0) != (len(d.Formats) == 0) || (d.Year == "") != (d.Month == "") || d.Day != "" && d.Year == "" {
		return errors.New("date: a column goes with formats, a year with a month, a day with both")
	}
	if slices.ContainsFunc(columns, isList) {
		return errors.New("date: a list cannot be a date")
	}
	rule := dateRule{year: -1, month: -1, day: -1}
	if rule.columns, err = m.slots(columns); err != nil {
		return fmt.Errorf("date: %w", err)
	}
	if rule.forms, err = parseFormats(d.Formats); err != nil {
		return fmt.Errorf("date: %w", err)
	}
	m.source.Excel, m.source.Excel1904 = slices.Contains(d.Formats, "excel"), slices.Contains(d.Formats, "excel1904")
	for _, part := range []struct {
		slot   *int
		column string
	}{{&rule.year, d.Year}, {&rule.month, d.Month}, {&rule.day, d.Day}} {
		if part.column == "" {
			continue
		}
		if *part.slot, err = m.slot(part.column); err != nil {
			return fmt.Errorf("date: %w", err)
		}
	}
	m.date = rule
	return nil
}

// find takes the first column that holds something, or else year, month and day.
func (r *dateRule) find(m *Mapping, row Row) (day, string) {
	for _, c := range r.columns {
		if cell := row.Cells[c]; !m.isBlank(cell) {
			return r.read(cell)
		}
	}
	if r.year < 0 || m.isBlank(row.Cells[r.year]) {
		return day{}, reasonNoDate
	}
	d, ok := yearMonth(digits(row.Cells[r.year]), digits(row.Cells[r.month]))
	if !ok {
		return day{}, reasonBadDate
	}
	if r.day < 0 || m.isBlank(row.Cells[r.day]) {
		return d, ""
	}
	t := d.date.Time()
	n, err := strconv.Atoi(digits(row.Cells[r.day]))
	if err != nil {
		return day{}, reasonBadDate
	}
	if d, ok = civil(t.Year(), int(t.Month()), n); !ok {
		return day{}, reasonBadDate
	}
	return d, ""
}

func (r *dateRule) read(cell string) (day, string) {
	s := digits(cell)
	for _, form := range r.forms {
		if d, ok := form(s); ok {
			return d, ""
		}
	}
	return day{}, reasonBadDate
}

// digits trims and turns Arabic and Persian digits into 0-9; copied dates hold both.
func digits(s string) string {
	s = trim(s)
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return strings.Map(dateSign, s)
		}
	}
	return s
}

// dateSign is a rune as a date form expects it: -1 drops it.
func dateSign(r rune) rune {
	switch {
	case invisible(r):
		return -1
	case r == 0xA0 || r == 0x202F:
		return ' '
	}
	return westernDigit(r)
}
