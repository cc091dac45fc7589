package view

import (
	"slices"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// heatMap is a heat map with what is said about it.
type heatMap struct {
	id     FigureID
	title  string
	says   []string // the highest, or the changes
	hidden []string // what the noise hides
	table  HeatTable
}

// heat builds a whole table: two axes in one period, or one axis over periods.
func (r *Reader) heat(id FigureID) (heatMap, error) {
	shape, err := r.Codebook.Shape(id.Table)
	if err != nil {
		return heatMap{}, err
	}
	h := heatMap{id: id, title: r.L.Say("heat.title", "table", r.L.Table(id.Table), "period", r.L.Period(id.Period))}
	h.table.Corner, h.table.Label = r.L.Axis(id.Table.Axes[0]), r.L.Say("heat.label", "table", r.L.Table(id.Table))
	h.table.Rows = r.heatRows(shape, id.Period.Cadence())
	h.table.KeyNote = r.L.Say("heat.key.note." + id.Show)
	if id.Show == ShowChange {
		err = r.fillChanges(&h, shape)
	} else {
		err = r.fillLevels(&h, shape)
	}
	return h, err
}

// heatRows are the heads of a table's rows; their cells come later.
func (r *Reader) heatRows(shape schema.Shape, c schema.Cadence) []HeatRow {
	out := make([]HeatRow, shape.Rows())
	for i, code := range shape.Levels[0].Codes {
		f := combine.Filter{Axis: shape.Levels[0].Axis, Code: code}
		out[i].Head = HeatHead{Text: r.Label(f), Href: r.seriesLink(c, f, combine.Filter{})}
	}
	return out
}

// codeCols are the heads of the second axis.
func (r *Reader) codeCols(shape schema.Shape, c schema.Cadence) []HeatHead {
	out := make([]HeatHead, shape.Cols())
	for i, code := range shape.Levels[1].Codes {
		f := combine.Filter{Axis: shape.Levels[1].Axis, Code: code}
		out[i] = HeatHead{Text: r.Label(f), Href: r.seriesLink(c, f, combine.Filter{})}
	}
	return out
}

// spanOf is the periods that stand side by side, in the direction in which time runs.
func (r *Reader) spanOf(last schema.Period) []schema.Period {
	var out []schema.Period
	for _, p := range r.Book.Periods(last.Cadence()) {
		if !last.Before(p) {
			out = append(out, p)
		}
	}
	out = out[max(0, len(out)-mostColumns):]
	if r.mirrored() != r.L.RTL {
		slices.Reverse(out)
	}
	return out
}

func (r *Reader) fillLevels(h *heatMap, shape schema.Shape) error {
	if len(shape.Levels) == 1 {
		return r.levelsOverTime(h, shape)
	}
	g, err := r.Grid(h.id.Table, h.id.Period)
	if err != nil {
		return err
	}
	s := scaleFor(g.Cells, g.Bands)
	h.table.Caption = r.L.Say("figure.table.heat.level", "period", r.L.Period(h.id.Period))
	h.table.Cols = r.codeCols(shape, h.id.Period.Cadence())
	r.putGrid(h, g, s)
	if err := r.totals(h, g); err != nil {
		return err
	}
	h.table.Key = append(r.words(s), h.table.looks(r)...)
	h.says, h.hidden = r.levelSays(shape, g)
	return nil
}

// putGrid fills the rows with a grid's cells.
func (r *Reader) putGrid(h *heatMap, g combine.Grid, s scale) {
	cols := g.Shape.Cols()
	for i, e := range g.Cells {
		f := cellOf(g.Shape, i)
		cell := r.levelCell(e, g.Bands, s)
		if len(g.Coverage.Reporting) == 0 {
			cell = r.valueCell(r.Missing())
		}
		cell.Href = r.seriesLink(g.Period.Cadence(), f[0], f[1])
		cell.Label = r.L.Say("heat.cell", "what", r.Labels(f[0], f[1]), "value", cell.Label)
		h.table.Rows[i/cols].Cells = append(h.table.Rows[i/cols].Cells, cell)
	}
}

// levelCell is a number with its range under it, in the colour of its step; "about" is
// left to the caption, there are many of them.
func (r *Reader) levelCell(e combine.Estimate, b schema.Bands, s scale) HeatCell {
	v := r.Value(e, b)
	if v.Class == "fewer" || v.Class == "zero" {
		return r.noisyCell(e, b, v)
	}
	shown := e.Shown(b)
	cell := HeatCell{Look: v.Class, Text: r.L.Number(shown.Value), Range: v.Range, Label: v.Full()}
	if s != nil {
		cell.Step = s.step(shown.Value)
		cell.Class = stepClass(cell.Step)
	}
	if v.Class == "caution" {
		cell.Class += " caution"
		cell.Label += ", " + v.Note
	}
	return cell
}

func (r *Reader) noisyCell(e combine.Estimate, b schema.Bands, v Value) HeatCell {
	return HeatCell{Class: "noisy", Look: "noisy", Text: r.L.Say("value.fewer", "n", e.Shown(b).High), Label: v.Full() + ", " + v.Note}
}

// valueCell is a cell that holds words only: not reported, not asked.
func (r *Reader) valueCell(v Value) HeatCell {
	return HeatCell{Class: v.Class, Look: v.Class, Text: v.Text, Label: v.Text}
}

// totals add the sums of rows and columns: each a query of its own, with its own range.
func (r *Reader) totals(h *heatMap, g combine.Grid) error {
	if len(g.Coverage.Reporting) == 0 {
		return nil
	}
	cadence := g.Period.Cadence()
	var sums [2][]combine.Estimate
	for k, a := range h.id.Table.Axes {
		side, err := r.Grid(schema.Table{Axes: []schema.Axis{a}}, g.Period)
		if err != nil {
			return err
		}
		sums[k] = side.Cells
	}
	all, err := r.Book.Series(combine.Query{Table: h.id.Table}, g.Period, g.Period)
	if err != nil {
		return err
	}
	total := func(e combine.Estimate, f combine.Filter) HeatCell {
		cell := r.levelCell(e, g.Bands, nil)
		cell.Class += " total"
		cell.Href = r.seriesLink(cadence, f, combine.Filter{})
		cell.Label = r.L.Say("heat.cell", "what", r.Label(f), "value", cell.Label)
		return cell
	}
	h.table.Cols = append(h.table.Cols, HeatHead{Text: r.L.Say("heat.total")})
	for i := range h.table.Rows {
		f := combine.Filter{Axis: g.Shape.Levels[0].Axis, Code: g.Shape.Levels[0].Codes[i]}
		h.table.Rows[i].Cells = append(h.table.Rows[i].Cells, total(sums[0][i], f))
	}
	foot := HeatRow{Head: HeatHead{Text: r.L.Say("heat.total")}}
	for i, e := range sums[1] {
		foot.Cells = append(foot.Cells, total(e, combine.Filter{Axis: g.Shape.Levels[1].Axis, Code: g.Shape.Levels[1].Codes[i]}))
	}
	foot.Cells = append(foot.Cells, total(all.Points[0].Estimate, combine.Filter{}))
	h.table.Foot = []HeatRow{foot}
	return nil
}

// levelsOverTime puts a code into each row and a period into each column.
func (r *Reader) levelsOverTime(h *heatMap, shape schema.Shape) error {
	h.table.Caption = r.L.Say("figure.trend." + string(h.id.Period.Cadence()))
	var grids []combine.Grid
	var cells []combine.Estimate
	for _, p := range r.spanOf(h.id.Period) {
		g := combine.Grid{Period: p, Coverage: r.Book.Coverage(p)}
		if r.tells(h.id.Table, p) {
			var err error
			if g, err = r.Grid(h.id.Table, p); err != nil {
				return err
			}
			if len(g.Coverage.Reporting) > 0 {
				cells = append(cells, g.Cells...)
			}
		}
		grids = append(grids, g)
	}
	if len(grids) == 0 {
		return ErrPeriod
	}
	s := scaleFor(cells, r.Plan(h.id.Period).Bands)
	for _, g := range grids {
		h.table.Cols = append(h.table.Cols, HeatHead{Text: r.L.Period(g.Period), Href: r.evidenceOf(g.Period), Note: r.jointMark(g.Coverage)})
		r.putColumn(h, shape, g, s)
	}
	h.table.Key = append(r.words(s), h.table.looks(r)...)
	newest, err := r.Grid(h.id.Table, h.id.Period)
	h.says, h.hidden = r.levelSays(shape, newest)
	return err
}

func (r *Reader) putColumn(h *heatMap, shape schema.Shape, g combine.Grid, s scale) {
	for i := range h.table.Rows {
		f := combine.Filter{Axis: shape.Levels[0].Axis, Code: shape.Levels[0].Codes[i]}
		var cell HeatCell
		switch {
		case len(g.Coverage.Reporting) == 0:
			cell = r.valueCell(r.Missing())
		case g.Cells == nil:
			cell = r.valueCell(r.Untold())
		default:
			cell = r.levelCell(g.Cells[i], g.Bands, s)
		}
		cell.Href = h.table.Rows[i].Head.Href
		cell.Label = r.L.Say("heat.cell", "what", r.L.Say("labels.and", "what", r.Label(f), "and", r.L.Period(g.Period)), "value", cell.Label)
		h.table.Rows[i].Cells = append(h.table.Rows[i].Cells, cell)
	}
}

// levelSays names the highest number that can be relied on, and what the noise hides.
func (r *Reader) levelSays(shape schema.Shape, g combine.Grid) (says, hidden []string) {
	if len(g.Coverage.Reporting) == 0 {
		return nil, []string{r.L.Say("heat.nobody", "period", r.L.Period(g.Period))}
	}
	highest, noisy := -1, 0
	for i, e := range g.Cells {
		switch {
		case e.Band(g.Bands) == combine.TooNoisy:
			noisy++
		case slices.ContainsFunc(shape.CodesAt(i), func(c schema.Code) bool { return Vague(c) || harmless(c) }):
		case highest < 0 || e.Lower() > g.Cells[highest].Lower():
			highest = i
		}
	}
	if noisy == len(g.Cells) {
		return nil, []string{r.L.Say("heat.all_noisy"), r.L.Say("judge.noisy")}
	}
	if highest >= 0 {
		f, v := append(cellOf(shape, highest), combine.Filter{}), r.Value(g.Cells[highest], g.Bands)
		says = append(says, r.careful(v, r.L.Say("heat.highest", "what", r.Labels(f[0], f[1]), "value", v.Full())))
	}
	if noisy > 0 {
		hidden = append(hidden, r.L.Say("heat.hidden", "n", noisy, "all", len(g.Cells)))
	}
	return says, hidden
}

func (r *Reader) fillChanges(h *heatMap, shape schema.Shape) error {
	if len(shape.Levels) == 1 {
		return r.changesOverTime(h, shape)
	}
	c, err := r.changesOf(h.id.Table, h.id.Period)
	if err != nil {
		return err
	}
	h.table.Cols = r.codeCols(shape, h.id.Period.Cadence())
	h.table.Caption = r.L.Say("judge.nothing")
	if !c.since.IsZero() {
		h.title = r.L.Say("heat.title.change", "table", r.L.Table(h.id.Table), "period", r.L.Period(h.id.Period), "since", r.L.Period(c.since))
		h.table.Caption = r.L.Say("figure.table.heat.change", "since", r.L.Period(c.since))
	}
	for i := range shape.Cells() {
		f := cellOf(shape, i)
		cell := r.changeAt(c, i)
		cell.Href = r.seriesLink(h.id.Period.Cadence(), f[0], f[1])
		cell.Label = r.L.Say("heat.cell", "what", r.Labels(f[0], f[1]), "value", cell.Label)
		row := &h.table.Rows[i/shape.Cols()]
		row.Cells = append(row.Cells, cell)
	}
	h.table.Key = h.table.looks(r)
	h.says = r.changeSays(c, h.id.Period)
	return nil
}

// changeAt is a cell's change, or that there is none to speak of.
func (r *Reader) changeAt(c changed, cell int) HeatCell {
	if c.since.IsZero() {
		return HeatCell{Class: "untold", Look: "untold", Text: r.L.Say("heat.nothing"), Label: r.L.Say("judge.nothing")}
	}
	return r.changeCell(c.cells[cell])
}

// changesOverTime compares every period with the year before it.
func (r *Reader) changesOverTime(h *heatMap, shape schema.Shape) error {
	h.table.Caption = r.L.Say("heat.caption.change")
	for _, p := range r.spanOf(h.id.Period) {
		var c changed
		if len(r.Book.Coverage(p).Reporting) > 0 && r.tells(h.id.Table, p) {
			var err error
			if c, err = r.changesOf(h.id.Table, p); err != nil {
				return err
			}
		}
		head := HeatHead{Text: r.L.Period(p), Href: r.evidenceOf(p)}
		if !c.since.IsZero() {
			head.Note = r.L.Say("heat.against", "since", r.L.Period(c.since))
		}
		h.table.Cols = append(h.table.Cols, head)
		for i := range h.table.Rows {
			cell := r.changeAt(c, i)
			row := &h.table.Rows[i]
			cell.Href = row.Head.Href
			cell.Label = r.L.Say("heat.cell", "what", r.L.Say("labels.and", "what", row.Head.Text, "and", r.L.Period(p)), "value", cell.Label)
			row.Cells = append(row.Cells, cell)
		}
		if p == h.id.Period {
			h.says = r.changeSays(c, p)
		}
	}
	h.table.Key = h.table.looks(r)
	return nil
}

// changeSays sums a table's changes up.
func (r *Reader) changeSays(c changed, to schema.Period) []string {
	if c.since.IsZero() {
		return []string{r.L.Say("judge.nothing")}
	}
	clear, noisy := 0, 0
	for _, one := range c.cells {
		switch one.Verdict {
		case combine.VeryLikelyRising, combine.VeryLikelyFalling:
			clear++
		case combine.TooNoisyToSay:
			noisy++
		}
	}
	says := []string{r.L.Say("overview.none")}
	if clear > 0 {
		says[0] = r.L.Say("heat.clear", "n", clear, "all", len(c.cells), "since", r.L.Period(c.since))
	}
	if noisy == len(c.cells) {
		return append(says[:0], r.L.Say("heat.all_noisy_change", "since", r.L.Period(c.since)), r.L.Say("judge.noisy"))
	}
	if noisy > 0 {
		says = append(says, r.L.Say("heat.hidden_change", "n", noisy, "all", len(c.cells)))
	}
	if only := r.onlyIn(c.cells[0], c.since, to); only != "" {
		says = append([]string{only}, says...)
	}
	return append(says, r.listNote("heat.list_note", c.cells[0]))
}
