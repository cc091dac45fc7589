package demo

import (
	"context"
	"os"
	"testing"

	"tidemark/node/intake"
	"tidemark/schema"
	"tidemark/schema/fiction"
	"tidemark/schema/mapping"
)

// Every shape's export comes back through its mapping: all rows mapped, and the codes
// that the fiction gave, but for the slips of the clerk's hands.
func TestExportsComeBackThroughTheirMappings(t *testing.T) {
	w, err := fiction.New(fiction.Config{Seed: 3, Members: len(shapes), People: 60 * len(shapes), First: schema.Period{Year: 2025, Quarter: 1}, Quarters: 2})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := WriteExports(dir, w, func(string) {}); err != nil {
		t.Fatal(err)
	}
	for i := range w.Organisations {
		m := newMember(dir, w, i, &clock{})
		t.Run(m.shape.name, func(t *testing.T) { comesBack(t, m, w, i) })
	}
}

func comesBack(t *testing.T, m *member, w *fiction.World, i int) {
	text, err := os.ReadFile(m.mapping)
	if err != nil {
		t.Fatal(err)
	}
	mapped, err := mapping.Parse(text, schema.Incident())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]fiction.Case{}
	for c := range w.Cases(i) {
		want[c.ID] = c
	}
	asWritten, answers, rows := 0, 0, 0
	report, err := intake.Read(context.Background(), mapped, m.export, func(c mapping.Case) error {
		rows++
		if want[c.ID].Date != c.Date || len(c.Persons) != 1 {
			t.Errorf("row %d: another date, or %d persons", rows, len(c.Persons))
		}
		for dim, code := range c.Codes {
			answers++
			if want[c.ID].Codes[dim] == code {
				asWritten++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if report.Refused != 0 || rows != len(want) || rows == 0 {
		t.Fatalf("%d rows refused, %d of %d cases mapped: %v", report.Refused, rows, len(want), report.Reasons)
	}
	// Two answers in a thousand are misspelt; below 99 in 100 something else is wrong.
	if float64(asWritten) < 0.99*float64(answers) {
		t.Errorf("%d of %d answers came back as they were", asWritten, answers)
	}
}
