package mapping

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"tidemark/schema"
)

func TestDateForms(t *testing.T) {
	for _, c := range []struct{ format, text, want string }{
		{"iso", "2026-03-09", "2026-03-09"},
		{"iso", "2026-03-09T23:40:39.000-04:00", "2026-03-09"},
		{"iso", "2026-03-09 09:41:19", "2026-03-09"},
		{"iso", "2026-03-09T09:41:19Z", "2026-03-09"},
		{"iso", "2026-03-09T09:41:19.759+0530", "2026-03-09"},
		{"iso", "2024-02-29", "2024-02-29"},
		{"iso", "2026-02-29", ""}, {"iso", "2026-3-9", ""}, {"iso", "09-03-2026", ""}, {"iso", "2026/03/09", ""},
		{"iso", "2026-03-09 Zarifa", ""}, {"iso", "2026-03-09T25:00", ""}, {"iso", "1899-12-31", ""}, {"iso", "", ""}, {"iso", "2026-03", ""},
		{"Y/m/d", "2026/3/9", "2026-03-09"},
		{"d/m/Y", "9/3/2026", "2026-03-09"}, {"d/m/Y", "09.03.2026", "2026-03-09"}, {"d/m/Y", "9-3-2026", "2026-03-09"},
		{"d/m/Y", "13/13/2026", ""}, {"d/m/Y", "9/3/26", ""}, {"d/m/Y", "9/3-2026", ""}, {"d/m/Y", "9/3/2026 14:00", ""}, {"d/m/Y", "31/4/2026", ""},
		{"m/d/Y", "3/9/2026", "2026-03-09"}, {"m/d/Y", "13/9/2026", ""},
		{"d/m/y", "9/3/26", "2026-03-09"}, {"d/m/y", "9/3/2026", ""}, {"d/m/y", "9.3.98", "1998-03-09"},
		{"m/d/y", "3/9/26", "2026-03-09"},
		{"d/m/Y H:M", "09/03/2026 14:00", "2026-03-09"}, {"d/m/Y H:M", "9/3/2026 2:00 pm", "2026-03-09"}, {"d/m/Y H:M", "9/3/2026", ""},
		{"m/d/Y H:M", "03/09/2026 14:00:05", "2026-03-09"},
		{"d-Mon-yy", "9-Mar-26", "2026-03-09"}, {"d-Mon-yy", "09 mars 26", "2026-03-09"}, {"d-Mon-yy", "9-Mar-2026", ""}, {"d-Mon-yy", "9-Foo-26", ""},
		{"d-Mon-Y", "9-Mar-2026", "2026-03-09"}, {"d-Mon-Y", "9 de marzo de 2026", "2026-03-09"}, {"d-Mon-Y", "1er août 2026", "2026-08-01"}, {"d-Mon-Y", "9. März 2026", "2026-03-09"},
		{"excel", "46090", "2026-03-09"}, {"excel", "46090.75", "2026-03-09"}, {"excel", "61", "1900-03-01"}, {"excel", "60", ""}, {"excel", "1773014400", ""}, {"excel", "4.6090E4", ""},
		{"excel1904", "44628", "2026-03-09"},
		{"epoch_s", "1773014400", "2026-03-09"}, {"epoch_s", "1773100799", "2026-03-09"}, {"epoch_s", "1773014400000", ""}, {"epoch_s", "20260309", ""}, {"epoch_s", "46090", ""}, {"epoch_s", "-1", ""},
		{"epoch_ms", "1773014400000", "2026-03-09"}, {"epoch_ms", "1773014400", ""},
		{"month", "2026-03", "2026-03-01 month"}, {"month", "03/2026", "2026-03-01 month"}, {"month", "Mar 2026", "2026-03-01 month"}, {"month", "2026-13", ""}, {"month", "2026", ""}, {"month", "Mar 26", ""},
	} {
		have := ""
		if d, ok := dateForms[c.format](c.text); ok {
			if have = d.date.String(); d.monthOnly {
				have += " month"
			}
		}
		if have != c.want {
			t.Errorf("%s %q: %q, want %q", c.format, c.text, have, c.want)
		}
	}
}

// One file, one day, eight ways of writing it.
func TestEightEncodingsInOneFile(t *testing.T) {
	m := mustParse(t, "[iso, d/m/Y]", "[iso, d/m/Y, d/m/Y H:M, d-Mon-yy, excel, epoch_s, epoch_ms, month]")
	for _, day := range []string{"2026-03-01", "1/3/2026", "01/03/2026 00:30", "1-Mar-26", "46082", "1772323200", "1772323200000", "2026-03", "٠١/٠٣/٢٠٢٦", " 2026-03-01\u00a0"} {
		c, refusal := m.Map(rowOf(t, m, "no", "1", "who", "p", "sex", "f", "day", day))
		if refusal != nil || c.Date.String() != "2026-03-01" || c.MonthOnly != (day == "2026-03") {
			t.Errorf("%q: %v, %v", day, c.Date, refusal)
		}
	}
	for _, bad := range []string{"", "Zarifa", "12", "99/99/9999"} {
		if _, refusal := m.Map(rowOf(t, m, "no", "1", "who", "p", "sex", "f", "day", bad)); refusal == nil || refusal.Field != "date" {
			t.Errorf("%q: %v", bad, refusal)
		}
	}
}

func TestYearMonthAndDayColumns(t *testing.T) {
	m := mustParse(t, "{column: day, formats: [iso, d/m/Y]}", "{column: day, formats: [iso], year: y, month: mo, day: d}")
	for _, c := range []struct{ day, y, mo, d, want string }{
		{"2026-03-09", "1999", "1", "1", "2026-03-09 false"},
		{"", "2026", "3", "", "2026-03-01 true"},
		{"", "2026", "Mar", "9", "2026-03-09 false"},
		{"", "2026", "mars", "", "2026-03-01 true"},
		{"", "2026", "", "", reasonBadDate}, {"", "", "3", "", reasonNoDate}, {"", "2026", "2", "30", reasonBadDate}, {"", "26", "2", "", reasonBadDate}, {"", "2026", "3", "x", reasonBadDate},
	} {
		got, refusal := m.Map(rowOf(t, m, "no", "1", "who", "p", "sex", "f", "day", c.day, "y", c.y, "mo", c.mo, "d", c.d))
		have := fmt.Sprint(got.Date, " ", got.MonthOnly)
		if refusal != nil {
			have = refusal.Reason
		}
		if have != c.want {
			t.Errorf("%v: %s", c, have)
		}
	}
}

func TestEveryDayReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// 1980 to 2068: the days that two digits of a year can hold, and epochs too.
		d := schema.Date(rapid.Int32Range(3652, 36159).Draw(t, "day"))
		at := d.Time()
		for format, text := range map[string]string{
			"iso": at.Format("2006-01-02T15:04:05Z"), "Y/m/d": at.Format("2006/1/2"), "d/m/Y": at.Format("2/1/2006"), "m/d/Y": at.Format("01.02.2006"),
			"d/m/y": at.Format("02/01/06"), "m/d/y": at.Format("1/2/06"), "d/m/Y H:M": at.Format("02/01/2006 15:04"), "m/d/Y H:M": at.Format("1/2/2006 3:04 PM"),
			"d-Mon-yy": at.Format("2-Jan-06"), "d-Mon-Y": at.Format("2 January 2006"), "excel": fmt.Sprint(int(d) + 25569), "excel1904": fmt.Sprint(int(d) + 24107),
			"epoch_s": fmt.Sprint(at.Unix()), "epoch_ms": fmt.Sprint(at.UnixMilli()),
		} {
			if have, ok := dateForms[format](text); !ok || have.date != d {
				t.Fatalf("%s %q: %v, %v", format, text, have.date, ok)
			}
		}
	})
}
