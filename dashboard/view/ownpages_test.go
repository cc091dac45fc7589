package view_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tidemark/dashboard/internal/sample"
	"tidemark/dashboard/view"
	"tidemark/schema"
)

// board is an exact count that a page can be held against.
func board(t *testing.T, c *sample.Coalition, r *view.Reader) (view.CasesAsk, view.CasesPage) {
	t.Helper()
	ask, err := r.CasesAsk(schema.Incident(), standing(t, c))
	if err != nil {
		t.Fatal(err)
	}
	b, err := c.Board(t.Context(), ask.Table, ask.Period)
	if err != nil {
		t.Fatal(err)
	}
	p, err := r.Cases(ask, standing(t, c), b)
	if err != nil {
		t.Fatal(err)
	}
	most := slices.Max(b.Persons)
	for i, row := range p.Rows {
		if row.Persons != strconv.Itoa(b.Persons[i]) || row.Cases != strconv.Itoa(b.Cases[i]) {
			t.Errorf("%s: %s people, %s cases, want %d, %d", row.Label, row.Persons, row.Cases, b.Persons[i], b.Cases[i])
		}
		if (row.Width == "100.00%") != (b.Persons[i] == most) {
			t.Errorf("%s: bar of %s for %d of %d", row.Label, row.Width, b.Persons[i], most)
		}
	}
	return ask, p
}

func TestCasesAreExactAndTheCoalitionsAreNot(t *testing.T) {
	c := sample.New(t, sample.Config{})
	ask, p := board(t, c, reads(t, c, "en", view.Query{}))
	if ask.Table.String() != "threat_type" || ask.Period != sample.Last || !p.Estim {
		t.Errorf("asks for %s, %s; estimates: %v", ask.Table, ask.Period, p.Estim)
	}
	shown := 0
	for _, row := range p.Rows {
		if v := row.Value; v.Class == "number" || v.Class == "caution" {
			shown++
			if v.Range == "" {
				t.Errorf("%s: an estimate without its range", row.Label)
			}
		}
	}
	if shown == 0 {
		t.Error("nothing of the coalition can be read")
	}
}

func TestCasesOfATableThatThePlanLacks(t *testing.T) {
	c := sample.New(t, sample.Config{Members: 4, People: 800, Quarters: 4})
	q := view.Query{Table: schema.Table{Axes: []schema.Axis{{Dimension: "link_evidence"}}}}
	_, p := board(t, c, reads(t, c, "en", q))
	if p.Estim || p.Beside != "The coalition's releases do not tell this table for this period." {
		t.Errorf("estimates %v, says %q", p.Estim, p.Beside)
	}
}

func TestCasesOfTwoThings(t *testing.T) {
	c := sample.New(t, sample.Config{})
	table, _ := schema.ParseTable("threat_type*gender")
	_, p := board(t, c, reads(t, c, "en", view.Query{Table: table, Period: schema.Period{Year: 2025}}))
	if p.Matrix == nil || len(p.Matrix.Rows) != 18 || len(p.Matrix.Heads) != 6 || p.Cross == nil {
		t.Fatalf("matrix %+v", p.Matrix)
	}
	unknown, _ := schema.ParseTable("threat_type*nothing")
	if _, err := reads(t, c, "en", view.Query{Table: unknown}).CasesAsk(schema.Incident(), standing(t, c)); !errors.Is(err, view.ErrUnknown) {
		t.Errorf("an unknown table: %v", err)
	}
}

func TestCasesOfANodeAlone(t *testing.T) {
	c := sample.New(t, sample.Config{Alone: true, Members: 4, People: 800})
	r := &view.Reader{L: languages(t).Of("en")}
	_, p := board(t, c, r)
	if p.Estim || p.Preview != nil || len(p.Rows) == 0 {
		t.Errorf("alone %+v", p)
	}
	empty, err := r.Cases(view.CasesAsk{}, view.Standing{}, view.Board{})
	if err != nil || empty.Empty == nil || len(empty.Empty.Shell) != 2 {
		t.Errorf("empty %+v, %v", empty, err)
	}
}

func TestPreviewShowsTheNoteAndTheNoise(t *testing.T) {
	c := sample.New(t, sample.Config{})
	r := reads(t, c, "en", view.Query{})
	next, ok := r.PreviewOf(standing(t, c))
	if !ok || next != sample.Last.Add(1) {
		t.Fatalf("previews %s, %v", next, ok)
	}
	p, err := r.Preview(next, "tidemark/release/v1\n·\n\nexpected: 19 times in 20\n")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "note", p.Note, "tidemark/release/v1\n·\n")
	if len(p.Noise) != 9 || p.Noise[0].Member != "21.6" || p.Facts[0].Text != "10 January 2027, 06:00 UTC" {
		t.Errorf("noise %+v facts %+v", p.Noise, p.Facts)
	}
	early := reads(t, c, "en", view.Query{Period: schema.Period{Year: 2001, Quarter: 1}})
	if _, ok := early.PreviewOf(standing(t, c)); ok {
		t.Error("previews a period that no plan governs")
	}
}

func TestMethodHasTheExactNumbers(t *testing.T) {
	all := languages(t)
	c := sample.New(t, sample.Config{})
	p, err := reads(t, c, "en", view.Query{}).Method(schema.Incident(), all)
	if err != nil {
		t.Fatal(err)
	}
	tables := map[string]*view.MethodTable{}
	for _, s := range p.Sections {
		tables[s.ID] = s.Table
	}
	var noise []string
	for _, row := range tables["noise"].Rows {
		noise = append(noise, strings.Join(row[1:], " "))
	}
	same(t, "noise", strings.Join(noise, "; "), "48,000,000 0.219 0.92 54; 64,000,000 0.253 1.07 55; 256,000,000 0.506 2.28 60")
	if holds := tables["holds"]; len(holds.Rows) != 13 || len(holds.Head) != 6 || !strings.HasSuffix(holds.Rows[0][5], " %") {
		t.Errorf("holds %+v", holds)
	}
	if len(p.Reviews.Rows) != 4 || len(p.Axes) < 9 || p.Axes[0].Codes[0].Definition == "" {
		t.Errorf("reviews %+v, %d axes", p.Reviews, len(p.Axes))
	}
	alone, err := (&view.Reader{L: all.Of("en")}).Method(schema.Incident(), all)
	if err != nil || len(alone.Axes) != len(schema.Incident().Dimensions) {
		t.Errorf("alone: %d axes, %v", len(alone.Axes), err)
	}
}
