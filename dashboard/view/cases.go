package view

import (
	"fmt"
	"slices"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// CasesPage is the own board: exact, for this screen only. It has no figure, no download
// and no address that anything of the coalition refers to.
type CasesPage struct {
	Title   string
	Lead    string
	Pick    CasesPick
	Totals  []Term
	Unit    string // what one weight protects
	Heading string
	Rows    []OwnRow  // of a one-way table
	Matrix  *OwnTable // of a two-way table
	Beside  string    // what the coalition's column is, or why there is none
	Estim   bool      // the rows have the coalition's estimate
	Cross   *Link     // the coalition's own page of a two-way table
	Waits   []Link    // what the releases wait for
	Leave   []string  // what would leave, and when
	Preview *Link
	Empty   *Start
}

// CasesPick is the form above the board.
type CasesPick struct{ Tables, Periods []Options }

// OwnRow is a code with the own people and cases, without noise.
type OwnRow struct {
	Label   string
	Persons string
	Cases   string
	Width   string // of its bar, in percent of the longest
	Zero    bool
	Value   Value // what the coalition's releases tell
}

// OwnTable is a two-way board.
type OwnTable struct {
	Heads []string
	Rows  []OwnLine
}

// OwnLine is a row of it.
type OwnLine struct {
	Label string
	Cells []OwnCell
}

// OwnCell is people with their cases.
type OwnCell struct {
	Persons, Cases string
	Zero           bool
}

// CasesAsk is which board a page wants.
type CasesAsk struct {
	Codebook *schema.Codebook
	Table    schema.Table
	Period   schema.Period
}

// CasesAsk reads from the address, or chooses, what board to show. The codebook is that
// of the node, where there is no coalition yet.
func (r *Reader) CasesAsk(cb *schema.Codebook, s Standing) (CasesAsk, error) {
	ask := CasesAsk{Codebook: cb, Table: r.Q.Table, Period: r.Q.Period}
	if r.Snapshot != nil {
		ask.Codebook = r.Codebook
	}
	if len(ask.Table.Axes) == 0 {
		ask.Table = r.firstBoard(ask.Codebook)
	}
	if _, err := ask.Codebook.Shape(ask.Table); err != nil {
		return ask, fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	if ask.Period.IsZero() {
		ask.Period = schema.PeriodOf(s.Last, schema.Quarterly)
		if r.Snapshot != nil {
			if last, ok := r.Last(schema.Quarterly); ok && !ask.Period.Before(last) {
				ask.Period = last // there the coalition has something to set beside it
			}
		}
	}
	return ask, nil
}

func (r *Reader) firstBoard(cb *schema.Codebook) schema.Table {
	if r.Snapshot != nil {
		for _, c := range schema.Cadences {
			if tables := r.Tables(c); len(tables) > 0 {
				return tables[0]
			}
		}
	}
	return schema.Table{Axes: []schema.Axis{{Dimension: cb.Dimensions[0].ID}}}
}

// Cases shows a board.
func (r *Reader) Cases(ask CasesAsk, s Standing, b Board) (CasesPage, error) {
	p := CasesPage{Title: r.L.Say("cases.title"), Unit: r.protectionSays(s.Protects), Waits: r.Waits(s.Waiting)}
	if s.Cases == 0 {
		p.Lead, p.Empty = r.L.Say("cases.lead.empty"), r.noCases()
		return p, nil
	}
	shape, err := ask.Codebook.Shape(ask.Table)
	if err != nil {
		return p, fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	p.Lead = r.L.Say("cases.lead")
	p.Pick = CasesPick{r.boardTables(ask), r.boardPeriods(ask.Period, s)}
	p.Heading = r.L.Say("cases.heading", "table", r.L.Table(ask.Table), "period", r.L.Period(ask.Period))
	p.Totals = []Term{
		{Name: r.L.Say("cases.people.period", "period", r.L.Period(ask.Period)), Text: r.L.Number(int64(b.AllPersons))},
		{Name: r.L.Say("cases.cases.period", "period", r.L.Period(ask.Period)), Text: r.L.Number(int64(b.AllCases))},
		{Name: r.L.Say("cases.all"), Text: r.L.Say("cases.all.of", "n", s.Persons, "cases", s.Cases)},
		{Name: r.L.Say("cases.dates"), Text: r.L.Say("cases.span", "first", r.L.Date(s.First), "last", r.L.Date(s.Last))},
	}
	if len(shape.Levels) == 1 {
		err = r.ownRows(&p, ask, shape, b)
	} else {
		p.Matrix = r.ownTable(shape, b)
		r.crossOf(&p, ask)
	}
	p.Leave, p.Preview = r.wouldLeave(s)
	return p, err
}

// noCases says how to bring cases in.
func (r *Reader) noCases() *Start {
	q := r.Q.kept()
	return &Start{
		Says: []string{r.L.Say("cases.empty"), r.L.Say("cases.empty.mapping"), r.L.Say("cases.empty.stays")},
		Shell: []Command{
			{r.L.Say("cases.do.check"), "tidemark cases check --mapping ours.yaml export.csv"},
			{r.L.Say("cases.do.import"), "tidemark cases import --mapping ours.yaml export.csv"},
		},
		Links: []Link{{q.At("/method"), r.L.Say("cases.codes")}},
	}
}

// boardTables offers every axis of the codebook, and the pairs of the plan.
func (r *Reader) boardTables(ask CasesAsk) []Options {
	chosen := ask.Table.String()
	one, two := Options{Label: r.L.Say("cases.single")}, Options{Label: r.L.Say("cases.pair")}
	add := func(to *Options, t schema.Table) {
		name := t.String()
		if !slices.ContainsFunc(to.Options, func(o Option) bool { return o.Value == name }) {
			to.Options = append(to.Options, Option{name, r.L.Table(t), name == chosen})
		}
	}
	for _, d := range ask.Codebook.Dimensions {
		add(&one, schema.Table{Axes: []schema.Axis{{Dimension: d.ID}}})
		for _, up := range d.Rollups {
			add(&one, schema.Table{Axes: []schema.Axis{{Dimension: d.ID, Rollup: up.ID}}})
		}
	}
	for _, t := range r.pairs() {
		add(&two, t)
	}
	if len(ask.Table.Axes) == 2 {
		add(&two, ask.Table)
	}
	if len(two.Options) == 0 {
		return []Options{one}
	}
	return []Options{one, two}
}

// pairs are the plan's two-way tables.
func (r *Reader) pairs() []schema.Table {
	if r.Snapshot == nil {
		return nil
	}
	var out []schema.Table
	for _, c := range schema.Cadences {
		for _, t := range r.Tables(c) {
			if len(t.Axes) == 2 {
				out = append(out, t)
			}
		}
	}
	return out
}

// mostBoards bounds how many periods the form offers: ten years of quarters.
const mostBoards = 40

func (r *Reader) boardPeriods(chosen schema.Period, s Standing) []Options {
	var out []Options
	for _, c := range schema.Cadences {
		group := Options{Label: r.L.Say("every." + string(c))}
		first := schema.PeriodOf(s.First, c)
		for p := schema.PeriodOf(s.Last, c); !p.Before(first) && len(group.Options) < mostBoards; p = p.Add(-1) {
			group.Options = append(group.Options, Option{p.String(), r.L.Period(p), p == chosen})
		}
		if c == chosen.Cadence() && !slices.ContainsFunc(group.Options, func(o Option) bool { return o.Chosen }) {
			group.Options = append(group.Options, Option{chosen.String(), r.L.Period(chosen), true})
		}
		out = append(out, group)
	}
	return out
}

func (r *Reader) ownRows(p *CasesPage, ask CasesAsk, shape schema.Shape, b Board) error {
	values, err := r.beside(p, ask)
	if err != nil {
		return err
	}
	most := slices.Max(b.Persons)
	for i, code := range shape.Levels[0].Codes {
		row := OwnRow{
			Label: r.L.Code(shape.Levels[0].Axis, code).Label, Zero: b.Cases[i] == 0,
			Persons: r.L.Number(int64(b.Persons[i])), Cases: r.L.Number(int64(b.Cases[i])),
			Width: svgPercent(100 * float64(b.Persons[i]) / float64(max(1, most))),
		}
		if values != nil {
			row.Value = values[i]
		}
		p.Rows = append(p.Rows, row)
	}
	return nil
}

// beside is what the coalition tells of the same table and period, cell by cell; nil and
// a sentence where it does not.
func (r *Reader) beside(p *CasesPage, ask CasesAsk) ([]Value, error) {
	if r.Snapshot == nil {
		p.Beside = r.L.Say("cases.beside.alone")
		return nil, nil
	}
	known := slices.Contains(r.Book.Periods(ask.Period.Cadence()), ask.Period)
	if !known || len(r.Book.Coverage(ask.Period).Reporting) == 0 || r.Book.Can(queryOf(ask.Table), ask.Period) != nil {
		p.Beside = r.L.Say("cases.beside.none")
		return nil, nil
	}
	g, err := r.Grid(ask.Table, ask.Period)
	if err != nil {
		return nil, err
	}
	values := make([]Value, len(g.Cells))
	for i, e := range g.Cells {
		values[i] = r.Value(e, g.Bands)
	}
	p.Estim = true
	p.Beside = r.L.Say("cases.beside", "n", len(g.Coverage.Reporting))
	return values, nil
}

// crossOf links to the coalition's page of a two-way table, where the plan has it.
func (r *Reader) crossOf(p *CasesPage, ask CasesAsk) {
	p.Beside = r.L.Say("cases.beside.none")
	name := ask.Table.String()
	if slices.ContainsFunc(r.pairs(), func(t schema.Table) bool { return t.String() == name }) {
		q := r.Q.kept()
		q.Table = ask.Table
		p.Beside = ""
		p.Cross = &Link{q.At("/heat"), r.L.Say("cases.cross")}
	}
}

func (r *Reader) ownTable(shape schema.Shape, b Board) *OwnTable {
	t := &OwnTable{}
	rows, cols := shape.Levels[0], shape.Levels[1]
	for _, c := range cols.Codes {
		t.Heads = append(t.Heads, r.L.Code(cols.Axis, c).Label)
	}
	for i, c := range rows.Codes {
		line := OwnLine{Label: r.L.Code(rows.Axis, c).Label}
		for k := range cols.Codes {
			at := i*len(cols.Codes) + k
			line.Cells = append(line.Cells, OwnCell{r.L.Number(int64(b.Persons[at])), r.L.Number(int64(b.Cases[at])), b.Cases[at] == 0})
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

// wouldLeave says what goes out next of all this, and where to see it beforehand.
func (r *Reader) wouldLeave(s Standing) ([]string, *Link) {
	if r.Snapshot == nil || s.Next.IsZero() {
		return []string{r.L.Say("cases.leave.nothing")}, nil
	}
	return []string{r.L.Say("cases.leave", "period", r.L.Period(s.Next), "moment", r.L.Moment(s.Slot)), r.L.Say("cases.leave.noise")},
		&Link{r.Q.Link("/cases/preview"), r.L.Say("cases.preview")}
}

func queryOf(t schema.Table) combine.Query { return combine.Query{Table: t} }
