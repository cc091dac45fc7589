package view_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"tidemark/aggregation/planner"
	"tidemark/dashboard/internal/sample"
	"tidemark/dashboard/view"
	"tidemark/schema"
)

// demonstration is the ordinary sample, made once: it does not change.
var demonstration struct {
	sync.Once
	*view.Snapshot
}

// demo opens it for an English reader.
func demo(t testing.TB, q view.Query) *view.Reader {
	t.Helper()
	demonstration.Do(func() {
		s, err := sample.New(t, sample.Config{}).Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		demonstration.Snapshot = s
	})
	return open(t, demonstration.Snapshot, "en", q)
}

func table(t testing.TB, s string) schema.Table {
	t.Helper()
	out, err := schema.ParseTable(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// rowOf finds a row of a heat map.
func rowOf(t *testing.T, h view.HeatTable, name string) []view.HeatCell {
	t.Helper()
	for _, row := range h.Rows {
		if row.Head.Text == name {
			return row.Cells
		}
	}
	t.Fatalf("no row %q", name)
	return nil
}

// A number has its range, and what is too noisy has neither number nor colour.
func TestHeatNumbersHaveRanges(t *testing.T) {
	for _, q := range []view.Query{{}, {Table: table(t, "threat_type")}, {Table: table(t, "threat_type*gender")}, {Show: view.ShowChange}, {Table: table(t, "region"), Show: view.ShowChange}} {
		p, err := demo(t, q).Heat()
		if err != nil {
			t.Fatal(err)
		}
		looks := map[string]int{}
		for _, row := range append(p.Table.Rows, p.Table.Foot...) {
			for _, c := range row.Cells {
				looks[c.Look]++
				switch c.Look {
				case "noisy":
					if c.Range != "" || c.Step != 0 || !strings.Contains(c.Label, "oo noisy") {
						t.Errorf("%s: noisy cell %+v", p.Title, c)
					}
				case "untold":
				default:
					if !strings.Contains(c.Range, " to ") {
						t.Errorf("%s: no range in %+v", p.Title, c)
					}
				}
				if strings.Contains(strings.ToLower(c.Label), "probably") {
					t.Errorf("%s: nobody chose this cell: %s", p.Title, c.Label)
				}
			}
		}
		if looks["noisy"] == 0 || len(looks) < 2 {
			t.Errorf("%s: the sample shows too little: %v", p.Title, looks)
		}
	}
}

func TestHeatTellsWhereWhatIsHigh(t *testing.T) {
	p, err := demo(t, view.Query{}).Heat()
	if err != nil {
		t.Fatal(err)
	}
	if p.Title != "Region where the target was × Groups of acts, 2025" || !strings.HasPrefix(p.Says[0], "Highest: Latin America and the Caribbean, Threats, harassment and extortion, about 2,") {
		t.Errorf("%q: %q", p.Title, p.Says)
	}
	cells := rowOf(t, p.Table, "Latin America and the Caribbean")
	highest := cells[3]
	if highest.Class != "h7" || highest.Href != "/trends?what=region.m49_419&and=threat_type(group).abuse&every=year" {
		t.Errorf("%+v", highest)
	}
	if total := cells[len(cells)-1]; total.Look != "number" || total.Step != 0 {
		t.Errorf("a total has the colour of a cell: %+v", total)
	}
	if p.Figure.ID.String() != "heat~region*threat_type(group)~2025~level" {
		t.Error(p.Figure.ID)
	}
}

// The doxing story shows against the year before; a cell that is on no list says so.
func TestHeatTellsWhatChanged(t *testing.T) {
	r := demo(t, view.Query{Show: view.ShowChange})
	p, err := r.Heat()
	if err != nil {
		t.Fatal(err)
	}
	south := rowOf(t, p.Table, "Southern Asia")
	if exposure := south[2]; exposure.Class != "up" || !strings.HasPrefix(exposure.Text, "+") || !strings.Contains(exposure.Label, "Very likely rising, about ") {
		t.Errorf("%+v", exposure)
	}
	if access := south[0]; access.Class != "flat" || access.Text != "" || !strings.Contains(access.Label, "No clear change") {
		t.Errorf("%+v", access)
	}
	changes, err := r.Changes(schema.Period{Year: 2025})
	if err != nil {
		t.Fatal(err)
	}
	listed := 0
	for _, c := range changes {
		if c.Listed && c.Query.Table.String() == "region*threat_type(group)" {
			listed++
		}
	}
	marked := 0
	for _, row := range p.Table.Rows {
		for _, c := range row.Cells {
			if c.Class == "up" || c.Class == "down" {
				marked++
			}
		}
	}
	if marked != listed {
		t.Errorf("%d cells are marked, %d are on the period's list", marked, listed)
	}
}

// A one-way table stands over time, each quarter against its own year before.
func TestHeatOverTime(t *testing.T) {
	p, err := demo(t, view.Query{Table: table(t, "threat_type"), Show: view.ShowChange}).Heat()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(p.Table.Cols); n != 8 || p.Table.Cols[7].Text != "Q3 2026" || p.Table.Cols[7].Note != "against Q3 2025" {
		t.Errorf("%d columns, %+v", n, p.Table.Cols)
	}
	if c := rowOf(t, p.Table, "Spyware on a device")[7]; c.Class != "up" {
		t.Errorf("%+v", c)
	}
	turned, err := demo(t, view.Query{Table: table(t, "threat_type"), Time: "rtl"}).Heat()
	if err != nil || turned.Table.Cols[0].Text != "Q3 2026" {
		t.Errorf("time runs to the left: %+v, %v", turned.Table.Cols, err)
	}
}

func TestTablesThatCannotBeShown(t *testing.T) {
	r := demo(t, view.Query{})
	for id, want := range map[string]error{
		"heat~colour~2025~level":                   view.ErrUnknown,
		"heat~threat_type*support_need~2025~level": view.ErrUnknown,
		"heat~threat_type~2031-Q1~level":           view.ErrPeriod,
		"rank~colour~2025":                         view.ErrUnknown,
		"rank~threat_type~2031":                    view.ErrPeriod,
		"rank~threat_type*gender~2025":             view.ErrUnknown,
	} {
		f, err := view.ParseFigureID(id)
		if err != nil {
			t.Fatal(err)
		}
		draw := r.HeatFigure
		if f.Kind == view.RankFigure {
			draw = r.RankFigure
		}
		if _, _, err := draw(f); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", id, err, want)
		}
	}
}

// A form joins what its reader chose: a yearly table with a quarter means its year.
func TestPeriodsMeetTheirTable(t *testing.T) {
	for _, c := range []struct {
		q     view.Query
		title string
	}{
		{view.Query{Table: table(t, "threat_type*gender"), Period: schema.Period{Year: 2024, Quarter: 2}}, ", 2024"},
		{view.Query{Table: table(t, "threat_type*gender"), Period: schema.Period{Year: 2026, Quarter: 2}}, ", 2025"},
		{view.Query{Table: table(t, "platform_response_time"), Period: schema.Period{Year: 2024}}, ", Q3 2026"},
	} {
		p, err := demo(t, c.q).Heat()
		if err != nil || !strings.HasSuffix(p.Title, c.title) {
			t.Errorf("%q, %v, want %q", p.Title, err, c.title)
		}
	}
	if _, err := demo(t, view.Query{Period: schema.Period{Year: 2031}}).Heat(); !errors.Is(err, view.ErrPeriod) {
		t.Error(err)
	}
}

func TestTablesSayWhyThereIsNothing(t *testing.T) {
	short := view.Query{Table: table(t, "threat_type*offline_consequence(group)")}
	young := reader(t, sample.Config{Quarters: 3}, short)
	p, err := young.Heat()
	if err != nil || p.Cannot == nil || !strings.Contains(p.Cannot.Says, "no period of it has been released yet") || len(p.Cannot.Links) == 0 {
		t.Errorf("%+v, %v", p.Cannot, err)
	}
	l, err := young.Link()
	if err != nil || l.Cannot == nil || !strings.Contains(l.Cannot.Says, "released yet") {
		t.Errorf("%+v, %v", l.Cannot, err)
	}
	empty := reader(t, sample.Config{Empty: true}, view.Query{})
	h, err1 := empty.Heat()
	k, err2 := empty.Ranking()
	o, err3 := empty.Link()
	d, err4 := empty.Redress()
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	for i, c := range []*view.Cannot{h.Cannot, k.Cannot, o.Cannot, d.Cannot} {
		if c == nil || len(c.Links) == 0 {
			t.Errorf("page %d: %+v", i, c)
		}
	}
}

// withoutTables leaves tables about some dimensions out of the small plan.
func withoutTables(dimensions ...string) func(*schema.Codebook, schema.Period) (schema.Plan, error) {
	return func(_ *schema.Codebook, first schema.Period) (schema.Plan, error) {
		plan, err := planner.SmallLocal(first)
		var kept []schema.PlanTable
		for _, pt := range plan.Tables {
			out := false
			for _, d := range dimensions {
				out = out || strings.Contains(pt.Table.String(), d)
			}
			if !out {
				kept = append(kept, pt)
			}
		}
		plan.Tables = kept
		return plan, err
	}
}

func TestPlanWithoutTheTables(t *testing.T) {
	cfg := sample.Config{Quarters: 5, People: 1000, Plan: withoutTables("offline_consequence", "police_response", "platform_response_time")}
	r := reader(t, cfg, view.Query{})
	l, err := r.Link()
	if err != nil || l.Cannot == nil || !strings.Contains(l.Cannot.Says, "has no table") {
		t.Errorf("%+v, %v", l.Cannot, err)
	}
	d, err := r.Redress()
	if err != nil || len(d.Answers) != 1 || len(d.Lacking) != 2 || d.Lacking[0].What != "How long did platforms take?" {
		t.Errorf("%d answers, lacking %+v, %v", len(d.Answers), d.Lacking, err)
	}
}
