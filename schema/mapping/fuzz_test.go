package mapping

import (
	"io/fs"
	"testing"

	"tidemark/schema"
)

func FuzzParse(f *testing.F) {
	files, err := fs.Glob(Examples, "examples/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := Examples.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, "2026-03-09")
	}
	f.Add([]byte(testMapping), "insult")
	cb := testBook(f)
	f.Fuzz(func(t *testing.T, text []byte, cell string) {
		for _, book := range []*schema.Codebook{cb, schema.Incident()} {
			m, err := Parse(text, book)
			if err != nil {
				continue
			}
			m.Lint()
			row := Row{Number: 1, Cells: make([]string, len(m.Columns()))}
			for i := range row.Cells {
				row.Cells[i] = cell
			}
			c, refusal := m.Map(row)
			if refusal != nil {
				continue
			}
			for i, code := range c.Codes {
				if int(code) >= len(book.Dimensions[i].Codes) {
					t.Fatalf("dimension %d: code %d does not exist", i, code)
				}
			}
		}
	})
}

func FuzzDates(f *testing.F) {
	for _, s := range []string{"2026-03-09T09:41:19Z", "9/3/26", "9 de marzo de 2026", "1773014400", "03/2026"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, form := range dateForms {
			if d, ok := form(digits(s)); ok && (d.date.Time().Year() < firstYear || d.date.Time().Year() > lastYear) {
				t.Fatalf("%s: year %d", name, d.date.Time().Year())
			}
		}
	})
}
