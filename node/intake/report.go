package intake

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"slices"

	"tidemark/schema"
	"tidemark/schema/mapping"
)

// Report is what became of a file. Its figures are exact and its unlisted texts are
// cells: it is for the operator's own screen.
type Report struct {
	Hash        schema.Hash // of the bytes that were read
	Rows        int         // below the header, blank ones aside: Mapped + Refused
	Mapped      int
	Refused     int
	Refusals    []mapping.Refusal  // the first 1,000
	Reasons     []Reason           // all refusals, counted, the most frequent first
	Coverage    []mapping.Coverage // of each dimension that reads columns, in the codebook's order
	Blank       int                // rows without anything in a mapped column
	Short       int                // CSV rows with fewer cells than the header
	MonthOnly   int                // cases whose date is known to the month
	Repeated    int                // cases with the id of an earlier row: the later one replaces it
	HXL         bool               // a row of HXL hashtags was skipped
	OtherSheets int                // of a workbook: not read
}

// Reason is a way of being refused and how often it came.
type Reason struct {
	Field, Reason string
	Count         int
}

const maxRefusals = 1_000

// taker takes rows from any format: maps, counts, hands on.
type taker struct {
	ctx    context.Context
	config Config
	m      *mapping.Mapping
	fn     func(mapping.Case) error

	run     *mapping.Run
	report  Report
	reasons map[Reason]int
	seed    maphash.Seed
	ids     []uint64 // hashes of the case ids seen: 8 bytes a row
	stopped bool     // by fn
}

func newTaker(ctx context.Context, c Config, m *mapping.Mapping, fn func(mapping.Case) error) *taker {
	return &taker{ctx: ctx, config: c, m: m, fn: fn, run: m.Begin(), reasons: map[Reason]int{}, seed: maphash.MakeSeed()}
}

// take maps one row and hands its case on.
func (t *taker) take(row mapping.Row) error {
	if err := t.countRow(); err != nil {
		return err
	}
	for i, cell := range row.Cells {
		if len(cell) > t.config.Cell {
			t.refuse(mapping.Refusal{Row: row.Number, Field: t.m.Columns()[i], Reason: fmt.Sprintf("a cell of more than %d bytes", t.config.Cell)})
			return nil
		}
	}
	c, refusal := t.run.Map(row)
	if refusal != nil {
		t.refuse(*refusal)
		return nil
	}
	t.report.Mapped++
	t.ids = append(t.ids, maphash.String(t.seed, c.ID))
	if err := t.fn(c); err != nil {
		t.stopped = true
		return fmt.Errorf("row %d: %w", row.Number, err)
	}
	return nil
}

// refuseRow counts a row that cannot even be mapped.
func (t *taker) refuseRow(number int, field, reason string) error {
	err := t.countRow()
	t.refuse(mapping.Refusal{Row: number, Field: field, Reason: reason})
	return err
}

func (t *taker) countRow() error {
	if t.report.Rows == t.config.Rows {
		return fmt.Errorf("more than %d rows", t.config.Rows)
	}
	if t.report.Rows%1024 == 0 && t.ctx.Err() != nil {
		return context.Cause(t.ctx)
	}
	t.report.Rows++
	return nil
}

func (t *taker) refuse(r mapping.Refusal) {
	t.report.Refused++
	if len(t.report.Refusals) < maxRefusals {
		t.report.Refusals = append(t.report.Refusals, r)
	}
	t.reasons[Reason{Field: r.Field, Reason: r.Reason}]++
}

func (t *taker) finish(s *source) Report {
	r := t.report
	r.Hash, r.Coverage, r.MonthOnly, r.Repeated = s.sum(), t.run.Coverage(), t.run.MonthOnly(), repeated(t.ids)
	for reason, n := range t.reasons {
		reason.Count = n
		r.Reasons = append(r.Reasons, reason)
	}
	slices.SortFunc(r.Reasons, func(a, b Reason) int {
		return cmp.Or(b.Count-a.Count, cmp.Compare(a.Field, b.Field), cmp.Compare(a.Reason, b.Reason))
	})
	return r
}

// repeated counts the hashes that came before. Two ids with one hash in a file of a
// million rows: 1 in 37 million.
func repeated(ids []uint64) (n int) {
	slices.Sort(ids)
	for i := 1; i < len(ids); i++ {
		if ids[i] == ids[i-1] {
			n++
		}
	}
	return n
}
