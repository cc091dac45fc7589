package view

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// Question asks what a table says over periods.
type Question struct {
	Table    schema.Table     // zero: everybody, one row a period
	Measure  schema.Measure   // its zero value is people
	Where    []combine.Filter // only these codes, of an axis or of a roll-up of one
	From, To schema.Period    // zero: as far as there is anything
	Every    schema.Cadence   // empty: the finest that can tell
}

// ErrUntold says that a question has no answer under the plans.
var ErrUntold = errors.New("no table of the coalition's plans tells it")

// TidyRow is one cell in one period.
type TidyRow struct {
	Period    schema.Period `json:"period"`
	Codes     []schema.Code `json:"codes"` // one per axis
	Estimate  float64       `json:"estimate"`
	Lower     float64       `json:"lower"`
	Upper     float64       `json:"upper"`
	SD        float64       `json:"sd"`
	Band      int           `json:"band"`
	Words     string        `json:"words"`
	Reporting int           `json:"members_reporting"`
	Total     int           `json:"members_total"`
	Plan      schema.Hash   `json:"plan"`
	Mode      schema.Mode   `json:"mode"`
	LocalSD   float64       `json:"sd_local"` // of local mode, with the same members and budget

	exact combine.Estimate
}

// Tidy is the answer to a question, for programs. Estimates are raw, also negative ones:
// a sum of clipped numbers would be too high.
type Tidy struct {
	Demonstration bool           `json:"demonstration,omitempty"`
	Table         string         `json:"table"`
	Axes          []string       `json:"axes"`
	Where         []string       `json:"where,omitempty"`
	Every         schema.Cadence `json:"every"`
	Pin           string         `json:"pin"` // of the releases behind it
	Rows          []TidyRow      `json:"rows"`

	question Question
}

// Tidy answers a question. The command line, the API and the files of the figures all
// say what it says.
func (s *Snapshot) Tidy(q Question) (Tidy, error) {
	if err := s.sound(q); err != nil {
		return Tidy{}, err
	}
	periods, err := s.telling(q)
	if err != nil {
		return Tidy{}, fmt.Errorf("trends %s: %w", q.name(), err)
	}
	t := Tidy{
		Demonstration: s.Demo, Table: q.name(), Axes: []string{}, Every: periods[0].Cadence(), Pin: s.Pin,
		Rows: []TidyRow{}, question: q,
	}
	for _, a := range q.Table.Axes {
		t.Axes = append(t.Axes, a.String())
	}
	for _, f := range q.Where {
		t.Where = append(t.Where, f.String())
	}
	for _, p := range periods {
		rows, err := s.tidyRows(q, p)
		if err != nil {
			return Tidy{}, fmt.Errorf("trends %s of %s: %w", q.name(), p, err)
		}
		t.Rows = append(t.Rows, rows...)
	}
	return t, nil
}

// name is the table as it is typed, with its measure before it if that is not people.
func (q Question) name() string {
	switch {
	case len(q.Table.Axes) == 0:
		return all
	case q.measure().Kind != schema.People:
		return q.Measure.String() + " " + q.Table.String()
	}
	return q.Table.String()
}

// Measure is what the answer counts.
func (t Tidy) Measure() schema.Measure { return t.question.measure() }

func (q Question) measure() schema.Measure {
	if q.Measure == (schema.Measure{}) {
		return schema.Measure{Kind: schema.People}
	}
	return q.Measure
}

// sound holds a question against the codebook.
func (s *Snapshot) sound(q Question) error {
	if len(q.Table.Axes) == 0 {
		if len(q.Where) > 0 {
			return fmt.Errorf("where: everybody together has no codes: %w", ErrUntold)
		}
		return nil
	}
	if _, err := s.Codebook.Shape(q.Table); err != nil {
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	for _, f := range q.Where {
		if err := s.known(f); err != nil {
			return fmt.Errorf("where: %w", err)
		}
	}
	return nil
}

// asks is a question in a cadence's words.
func (s *Snapshot) asks(q Question, c schema.Cadence) combine.Query {
	if len(q.Table.Axes) == 0 {
		return combine.Query{Table: s.smallest(c)}
	}
	return combine.Query{Table: q.Table, Measure: q.Measure, Where: q.Where}
}

// telling lists the periods asked for, of the first cadence whose plans can tell it.
func (s *Snapshot) telling(q Question) ([]schema.Period, error) {
	var untold error
	for _, c := range schema.Cadences {
		if q.Every != "" && q.Every != c {
			continue
		}
		var can []schema.Period
		for _, p := range s.Book.Periods(c) {
			if !q.within(p) {
				continue
			}
			if err := s.Book.Can(s.asks(q, c), p); err != nil {
				untold = err
				continue
			}
			can = append(can, p)
		}
		if len(can) > 0 {
			return can, nil
		}
	}
	if untold != nil {
		return nil, fmt.Errorf("%w: %w", ErrUntold, untold)
	}
	return nil, ErrPeriod
}

// within tells a period that lies between From and To, whatever their cadence.
func (q Question) within(p schema.Period) bool {
	return (q.From.IsZero() || p.End() >= q.From.Start()) && (q.To.IsZero() || p.End() <= q.To.End())
}

// tidyCell is a number with its codes.
type tidyCell struct {
	codes []schema.Code
	both
}

// both is a number, and what local mode has or would have had.
type both struct{ estimate, local combine.Estimate }

func bothOf(e, inLocal combine.Estimate) both {
	if inLocal == (combine.Estimate{}) {
		inLocal = e
	}
	return both{e, inLocal}
}

// tidyRows are a period's rows; none where nobody reported: that is not zero.
func (s *Snapshot) tidyRows(q Question, p schema.Period) ([]TidyRow, error) {
	coverage := s.Book.Coverage(p)
	if len(coverage.Reporting) == 0 {
		return nil, nil
	}
	cells, err := s.tidyCells(q, p)
	if err != nil {
		return nil, err
	}
	plan, hash, _ := s.Book.Plan(p)
	rows := make([]TidyRow, len(cells))
	for i, c := range cells {
		e := c.estimate
		low, high := e.Interval95()
		rows[i] = TidyRow{
			Period: p, Codes: c.codes, Estimate: tenth(e.Value), Lower: tenth(low), Upper: tenth(high), SD: tenth(e.SD()),
			Band: int(e.Band(plan.Bands)), Words: e.Words(plan.Bands),
			Reporting: len(coverage.Reporting), Total: len(coverage.Owing), Plan: hash, Mode: plan.Mode, LocalSD: tenth(c.local.SD()), exact: e,
		}
	}
	return rows, nil
}

// tenth rounds; a zero has no sign.
func tenth(x float64) float64 { return math.Round(x*10)/10 + 0 }

func (s *Snapshot) tidyCells(q Question, p schema.Period) ([]tidyCell, error) {
	if len(q.Table.Axes) == 0 {
		e, err := s.estimate(s.asks(q, p.Cadence()), p)
		return []tidyCell{{[]schema.Code{}, e}}, err
	}
	shape, err := s.Codebook.Shape(q.Table)
	if err != nil {
		return nil, err
	}
	number, err := s.cellsOf(shape, q.measure(), p)
	if err != nil {
		return nil, err
	}
	var out []tidyCell
	for i := range shape.Cells() {
		codes := shape.CodesAt(i)
		if !s.keeps(shape, codes, q.Where) {
			continue
		}
		e, err := number(i)
		if err != nil {
			return nil, err
		}
		out = append(out, tidyCell{codes, e})
	}
	return out, nil
}

// cellsOf reads cells of a table: off the whole grid where the plan has it, else one by
// one, since each is then a sum of its own.
func (s *Snapshot) cellsOf(shape schema.Shape, m schema.Measure, p schema.Period) (func(int) (both, error), error) {
	plan := s.Plan(p)
	planned := slices.ContainsFunc(plan.Of(p.Cadence(), false), func(t schema.PlanTable) bool {
		return t.Measure == m && t.Table.String() == shape.Table.String()
	})
	if planned {
		g, err := s.gridOf(shape.Table, m, p)
		return func(i int) (both, error) {
			if g.InLocal == nil {
				return bothOf(g.Cells[i], g.Cells[i]), nil
			}
			return bothOf(g.Cells[i], g.InLocal[i]), nil
		}, err
	}
	return func(i int) (both, error) {
		q := combine.Query{Table: shape.Table, Measure: m}
		for k, code := range shape.CodesAt(i) {
			q.Where = append(q.Where, combine.Filter{Axis: shape.Levels[k].Axis, Code: code})
		}
		return s.estimate(q, p)
	}, nil
}

// estimate is one number in one period.
func (s *Snapshot) estimate(q combine.Query, p schema.Period) (both, error) {
	series, err := s.Book.Series(q, p, p)
	if err != nil {
		return both{}, err
	}
	return bothOf(series.Points[0].Estimate, series.Points[0].InLocal), nil
}

// keeps tells that a cell satisfies every filter. Filters are sound, and on axes that the
// table tells apart: any code of a cell's group speaks for all of it.
func (s *Snapshot) keeps(shape schema.Shape, codes []schema.Code, where []combine.Filter) bool {
	for _, f := range where {
		is, err := s.Codebook.Level(f.Axis)
		if err != nil {
			return false
		}
		for k, l := range shape.Levels {
			if l.Dim != is.Dim {
				continue
			}
			one := slices.Index(l.Of, slices.Index(l.Codes, codes[k]))
			if is.Codes[is.Of[one]] != f.Code {
				return false
			}
		}
	}
	return true
}

// Head is the first line of a tidy CSV.
func (t Tidy) Head() []string {
	head := append([]string{"period", "table"}, t.Axes...)
	return append(head, "estimate", "lower", "upper", "sd", "band", "members_reporting", "members_total", "plan", "mode", "sd_local")
}

// CSV is the answer after RFC 4180.
func (t Tidy) CSV(w io.Writer) error { return t.write(w, nil) }

// write is the CSV with a line of tags below the head, if there are any.
func (t Tidy) write(w io.Writer, tags []string) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	lines := [][]string{t.Head()}
	if tags != nil {
		lines = append(lines, tags)
	}
	number := func(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }
	for _, r := range t.Rows {
		line := []string{CSVText(r.Period.String()), CSVText(t.Table)}
		for _, c := range r.Codes {
			line = append(line, CSVText(string(c)))
		}
		lines = append(lines, append(line, number(r.Estimate), number(r.Lower), number(r.Upper), number(r.SD), strconv.Itoa(r.Band),
			strconv.Itoa(r.Reporting), strconv.Itoa(r.Total), CSVText(r.Plan.String()), CSVText(string(r.Mode)), number(r.LocalSD)))
	}
	if err := out.WriteAll(lines); err != nil {
		return fmt.Errorf("csv: %w", err)
	}
	return nil
}

// CSVText guards a cell of text: a spreadsheet would take it for a formula. Numbers are
// never guarded.
func CSVText(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
