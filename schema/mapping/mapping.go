package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"tidemark/schema"
)

// Mapping is a checked mapping file. It does not change and may be shared.
type Mapping struct {
	source     Source
	columns    []string // every column that is read, each once
	blanks     map[string]bool
	person     personRule
	caseID     idRule
	date       dateRule
	dimensions []dimension // those that read columns
	fixed      []byte      // one code per dimension of the codebook: constants and absent ones
	codebook   *schema.Codebook
	hints      []string // of Lint, collected while checking
}

// Source says how the bytes of an export become rows.
type Source struct {
	Name      string
	Format    Format
	Delimiter rune   // CSV
	Encoding  string // CSV and JSON: one of Encodings
	Sheet     string // XLSX; empty: the first
	Path      string // JSON: keys to the array, joined by dots; empty: the top
	Header    int    // CSV and XLSX: the row of column names, from 1
	// BlankRowEnds tells that the table ends at its first blank row and that what
	// stands below is something else.
	BlankRowEnds bool
	// Excel1904 tells that the mapping expects days counted from 1904.
	Excel1904, Excel bool
}

// Format of a file.
type Format string

// The formats.
const (
	CSV   Format = "csv"
	JSON  Format = "json"
	JSONL Format = "jsonl" // one object a line
	XLSX  Format = "xlsx"
)

// Encodings that a mapping may name; utf-16 needs a byte order mark.
var Encodings = []string{
	"utf-8", "utf-16", "utf-16le", "utf-16be", "iso-8859-1", "iso-8859-15",
	"windows-1250", "windows-1251", "windows-1252", "windows-1254", "windows-1256",
}

// Parse reads a mapping file, strictly, and checks it against the codebook: every
// dimension is mapped, constant or absent, and no spelling stands for two codes.
// Errors hold the mapping's own names, never a cell.
func Parse(text []byte, cb *schema.Codebook) (*Mapping, error) {
	f, err := readFile(text)
	if err != nil {
		return nil, fmt.Errorf("mapping: %w", err)
	}
	m := &Mapping{codebook: cb, blanks: foldAll(f.Empty)}
	for _, step := range []func(*file) error{m.parseSource, m.parseCase, m.parsePerson, m.parseDate, m.parseDimensions} {
		if err := step(f); err != nil {
			return nil, fmt.Errorf("mapping: %w", err)
		}
	}
	return m, nil
}

// Source says how to read the file.
func (m *Mapping) Source() Source { return m.source }

// Columns are the columns that the mapping reads, each once; Row.Cells follow them.
func (m *Mapping) Columns() []string { return slices.Clone(m.columns) }

// Codebook is the codebook that it maps onto.
func (m *Mapping) Codebook() *schema.Codebook { return m.codebook }

// Protection says what one weight stands for in what comes from this source.
func (m *Mapping) Protection() schema.Protection { return m.person.protection }

// Map codes one row, or refuses it with the first field that fails. To map a file,
// begin a Run: it is faster and keeps count.
func (m *Mapping) Map(row Row) (Case, *Refusal) { return m.Begin().Map(row) }

func (m *Mapping) parseSource(f *file) error {
	s := Source{Name: f.Name, Format: Format(f.Format), Encoding: strings.ToLower(f.Encoding), Sheet: f.Sheet, Path: f.Path, Header: f.Header}
	if f.Name == "" || len(f.Name) > 60 {
		return errors.New("name: want 1 to 60 characters")
	}
	if f.Codebook != "" && f.Codebook != m.codebook.Name {
		return fmt.Errorf("codebook: for %.48q, the coalition's is %s", f.Codebook, m.codebook.Name)
	}
	if !slices.Contains([]Format{CSV, JSON, JSONL, XLSX}, s.Format) {
		return errors.New("format: want csv, json, jsonl or xlsx")
	}
	if s.Encoding == "" {
		s.Encoding = "utf-8"
	}
	if !slices.Contains(Encodings, s.Encoding) {
		return fmt.Errorf("encoding: want one of %s", strings.Join(Encodings, ", "))
	}
	if s.Header == 0 {
		s.Header = 1
	}
	if s.Header < 1 || s.Header > 1000 {
		return errors.New("header: want the number of a row, 1 to 1000")
	}
	if err := s.onlyWhereItApplies(f); err != nil {
		return err
	}
	if err := s.setDelimiter(f.Delimiter); err != nil {
		return err
	}
	m.source = s
	return m.source.setBlankRow(f.BlankRow)
}

// onlyWhereItApplies refuses keys that another format would have obeyed.
func (s *Source) onlyWhereItApplies(f *file) error {
	text, table := s.Format != XLSX, s.Format == CSV || s.Format == XLSX
	for _, key := range []struct {
		name      string
		set, fits bool
	}{
		{"delimiter", f.Delimiter != "", s.Format == CSV},
		{"encoding", f.Encoding != "", text},
		{"sheet", f.Sheet != "", s.Format == XLSX},
		{"path", f.Path != "", s.Format == JSON},
		{"header", f.Header != 0, table},
		{"blank_row", f.BlankRow != "", table},
	} {
		if key.set && !key.fits {
			return fmt.Errorf("%s: has no meaning for %s", key.name, s.Format)
		}
	}
	return nil
}

func (s *Source) setDelimiter(text string) error {
	if text == "" {
		text = ","
	}
	if text == `\t` || text == "tab" {
		text = "\t"
	}
	r := []rune(text)
	if len(r) != 1 || r[0] == '"' || r[0] == '\n' || r[0] == '\r' || r[0] == 0xFFFD || r[0] == 0 {
		return errors.New(`delimiter: want one character: ",", ";", "|" or "tab"`)
	}
	s.Delimiter = r[0]
	return nil
}

func (s *Source) setBlankRow(text string) error {
	switch text {
	case "":
		s.BlankRowEnds = s.Format == XLSX
	case "end":
		s.BlankRowEnds = true
	case "skip":
		s.BlankRowEnds = false
	default:
		return errors.New("blank_row: want end or skip")
	}
	return nil
}

// slot finds a column's place in Row.Cells, making one.
func (m *Mapping) slot(column string) (int, error) {
	column = strings.TrimSpace(column)
	if column == "" || len(column) > 300 {
		return 0, errors.New("column: want a name of at most 300 characters")
	}
	if i := slices.Index(m.columns, column); i >= 0 {
		return i, nil
	}
	if isList(column) && m.source.Format != JSON && m.source.Format != JSONL {
		m.hint("column %.60q: [] has its meaning in JSON only", column)
	}
	m.columns = append(m.columns, column)
	return len(m.columns) - 1, nil
}

func (m *Mapping) slots(columns []string) ([]int, error) {
	all := make([]int, 0, len(columns))
	for _, c := range columns {
		i, err := m.slot(c)
		if err != nil {
			return nil, err
		}
		if slices.Contains(all, i) {
			return nil, fmt.Errorf("column %.60q: there twice", c)
		}
		all = append(all, i)
	}
	return all, nil
}

// isList tells a JSON column that may have several values: tags[].name.
func isList(column string) bool { return strings.Contains(column, "[]") }

// ListSeparator stands between the values of a JSON column with [] in a cell.
const ListSeparator = "\x1f"

// isBlank tells a cell without an answer: nothing, or one of the mapping's words for it.
func (m *Mapping) isBlank(cell string) bool {
	if cell == "" {
		return true
	}
	if len(m.blanks) == 0 || len(cell) > maxBlank {
		return trim(cell) == ""
	}
	folded := Fold(cell)
	return folded == "" || m.blanks[folded]
}

// maxBlank bounds the bytes of a cell that is compared with the words for nothing.
const maxBlank = 120

func foldAll(texts []string) map[string]bool {
	all := map[string]bool{}
	for _, t := range texts {
		all[Fold(t)] = true
	}
	return all
}

func (m *Mapping) hint(format string, args ...any) {
	m.hints = append(m.hints, fmt.Sprintf(format, args...))
}
