package mapping

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidemark/schema"
)

// A day is what a date cell says.
type day struct {
	date      schema.Date
	monthOnly bool
}

// A dateForm reads one way of writing a date; false: it is not written in this way.
type dateForm func(s string) (day, bool)

// dateForms are the names that a mapping may list. Wherever they take a time of day it
// is checked and dropped, and its zone with it: a case happened on the day that was
// written down.
var dateForms = map[string]dateForm{
	"iso":       readISO,                            // 2026-03-09, 2026-03-09T14:00:00.000-04:00, 2026-03-09 14:00
	"Y/m/d":     numeric(0, 1, 2, false),            // 2026/3/9
	"d/m/Y":     numeric(2, 1, 0, false),            // 9/3/2026, 09.03.2026, 9-3-2026
	"m/d/Y":     numeric(2, 0, 1, false),            // 3/9/2026
	"d/m/y":     twoDigits(numeric(2, 1, 0, false)), // 9/3/26
	"m/d/y":     twoDigits(numeric(2, 0, 1, false)),
	"d/m/Y H:M": numeric(2, 1, 0, true), // 09/03/2026 14:00, 9/3/2026 2:00 pm
	"m/d/Y H:M": numeric(2, 0, 1, true),
	"d-Mon-yy":  named(2), // 9-Mar-26, 9 mars 26
	"d-Mon-Y":   named(4), // 9-Mar-2026, 9 March 2026, 9 de marzo de 2026
	"excel":     readExcel(excelEpoch),
	"excel1904": readExcel(excel1904Epoch),
	"epoch_s":   epoch(1),     // seconds since 1970, UTC
	"epoch_ms":  epoch(1_000), // milliseconds since 1970, UTC
	"month":     readMonth,    // 2026-03, 03/2026: the first of the month, flagged
}

// The pairs that nobody can tell apart in one file.
var ambiguous = [][2]string{{"d/m/Y", "m/d/Y"}, {"d/m/y", "m/d/y"}, {"d/m/Y H:M", "m/d/Y H:M"}, {"excel", "excel1904"}}

// The years that a case may lie in; anything else is a misread date.
const (
	firstYear = 1900
	lastYear  = 2199
)

func parseFormats(names []string) ([]dateForm, error) {
	forms := make([]dateForm, len(names))
	for i, name := range names {
		form, ok := dateForms[name]
		if !ok || slices.Contains(names[:i], name) {
			return nil, fmt.Errorf("format %.20q: not known or there twice", name)
		}
		forms[i] = form
	}
	for _, pair := range ambiguous {
		if slices.Contains(names, pair[0]) && slices.Contains(names, pair[1]) {
			return nil, fmt.Errorf("formats %s and %s cannot be told apart in one file: export it anew", pair[0], pair[1])
		}
	}
	return forms, nil
}

// civil refuses the 31st of February.
func civil(year, month, dayOfMonth int) (day, bool) {
	if year < firstYear || year > lastYear || month < 1 || month > 12 || dayOfMonth < 1 || dayOfMonth > 31 {
		return day{}, false
	}
	d := schema.NewDate(year, time.Month(month), dayOfMonth)
	return day{date: d}, d.Time().Day() == dayOfMonth
}

func monthOf(year, month int) (day, bool) {
	d, ok := civil(year, month, 1)
	d.monthOnly = true
	return d, ok
}

func readISO(s string) (day, bool) {
	n, widths, rest, ok := threeNumbers(s)
	if !ok || s[4] != '-' || widths != [3]int{4, 2, 2} || !timeOrNothing(rest) {
		return day{}, false
	}
	return civil(n[0], n[1], n[2])
}

// numeric reads three numbers, of which year, month and day are at the given places.
func numeric(year, month, dayOfMonth int, withTime bool) dateForm {
	return func(s string) (day, bool) {
		n, widths, rest, ok := threeNumbers(s)
		if !ok || widths[year] != 4 || widths[month] > 2 || widths[dayOfMonth] > 2 {
			return day{}, false
		}
		if withTime && rest == "" || !withTime && rest != "" || !timeOrNothing(rest) {
			return day{}, false
		}
		return civil(n[year], n[month], n[dayOfMonth])
	}
}

// twoDigits reads d/m/26 with the form for d/m/2026.
func twoDigits(full dateForm) dateForm {
	return func(s string) (day, bool) {
		if len(s) < 3 || isDigit(s[len(s)-3]) {
			return day{}, false
		}
		yy, err := strconv.Atoi(s[len(s)-2:])
		if err != nil {
			return day{}, false
		}
		return full(s[:len(s)-2] + strconv.Itoa(century(yy)))
	}
}

// century reads two digits of a year as POSIX does: 69 to 99 are of the last one.
func century(yy int) int {
	if yy >= 69 {
		return 1900 + yy
	}
	return 2000 + yy
}

// threeNumbers splits 9/3/2026: digits, twice the same sign of "/-.", digits, the rest.
func threeNumbers(s string) (n, widths [3]int, rest string, ok bool) {
	var sign byte
	for i := range n {
		for len(s) > widths[i] && isDigit(s[widths[i]]) && widths[i] < 5 {
			n[i] = n[i]*10 + int(s[widths[i]]-'0')
			widths[i]++
		}
		s = s[widths[i]:]
		if widths[i] == 0 {
			return n, widths, s, false
		}
		if i == 2 {
			return n, widths, s, true
		}
		if s == "" || !strings.Contains("/-.", s[:1]) || i == 1 && s[0] != sign {
			return n, widths, s, false
		}
		sign, s = s[0], s[1:]
	}
	return n, widths, s, false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// timeOrNothing accepts "", "T14:00", " 14:00:05.250+02:00", " 2:00 pm", " 14:00 UTC".
func timeOrNothing(s string) bool {
	if s == "" {
		return true
	}
	if s[0] != 'T' && s[0] != ' ' {
		return false
	}
	s = strings.TrimLeft(s[1:], " ")
	hour, s, ok := clockNumber(s, 23)
	if !ok || hour < 0 || s == "" || s[0] != ':' {
		return false
	}
	_, s, ok = clockNumber(s[1:], 59)
	if !ok {
		return false
	}
	if s != "" && s[0] == ':' {
		if _, s, ok = clockNumber(s[1:], 60); !ok {
			return false
		}
		if s != "" && (s[0] == '.' || s[0] == ',') {
			s = strings.TrimLeft(s[1:], "0123456789")
		}
	}
	return zoneOrNothing(strings.TrimSpace(s))
}

func clockNumber(s string, most int) (n int, rest string, ok bool) {
	i := 0
	for i < len(s) && i < 2 && isDigit(s[i]) {
		n = n*10 + int(s[i]-'0')
		i++
	}
	return n, s[i:], i > 0 && n <= most
}

func zoneOrNothing(s string) bool {
	switch strings.ToLower(s) {
	case "", "z", "utc", "gmt", "am", "pm", "a.m.", "p.m.":
		return true
	}
	if s[0] != '+' && s[0] != '-' {
		return false
	}
	_, rest, ok := clockNumber(s[1:], 15)
	if !ok || rest == "" {
		return ok
	}
	_, rest, ok = clockNumber(strings.TrimPrefix(rest, ":"), 59)
	return ok && rest == ""
}

// named reads a day, the month's name and a year of the given width.
func named(width int) dateForm {
	return func(s string) (day, bool) {
		parts := strings.FieldsFunc(Fold(s), func(r rune) bool { return strings.ContainsRune(" -/.,", r) })
		parts = slices.DeleteFunc(parts, func(p string) bool { return p == "de" || p == "of" })
		if len(parts) != 3 || len(parts[0]) > 4 || len(parts[2]) != width {
			return day{}, false
		}
		d, errDay := strconv.Atoi(strings.TrimSuffix(parts[0], "er")) // 1er mars
		year, errYear := strconv.Atoi(parts[2])
		if errDay != nil || errYear != nil {
			return day{}, false
		}
		if width == 2 {
			year = century(year)
		}
		return civil(year, monthNames[parts[1]], d)
	}
}

// monthNames in English, Spanish, French, German and Portuguese, folded.
var monthNames = func() map[string]int {
	all := map[string]int{}
	for i, names := range []string{
		"jan january ene enero janv janvier jänner januar janeiro",
		"feb february febrero fev fevr fevrier februar fevereiro",
		"mar march marzo mars marz mrz marco",
		"apr april abr abril avr avril",
		"may mayo mai maio",
		"jun june junio juin juni junho",
		"jul july julio juil juillet juli julho",
		"aug august ago agosto aou aout",
		"sep sept september septiembre septembre set setembro",
		"oct october octubre octobre okt oktober out outubro",
		"nov november noviembre novembre novembro",
		"dec december dic diciembre decembre dez dezember dezembro",
	} {
		for _, name := range strings.Fields(names) {
			all[Fold(name)] = i + 1
		}
	}
	return all
}()

// readMonth reads 2026-03, 2026/3, 03/2026 and "Mar 2026".
func readMonth(s string) (day, bool) {
	a, b, ok := strings.Cut(strings.Map(monthSign, s), " ")
	if !ok {
		return day{}, false
	}
	if len(b) == 4 {
		a, b = b, a
	}
	return yearMonth(a, b)
}

func monthSign(r rune) rune {
	if strings.ContainsRune("-/.", r) {
		return ' '
	}
	return r
}

// yearMonth reads a year of four digits and a month by number or name.
func yearMonth(year, month string) (day, bool) {
	y, err := strconv.Atoi(year)
	if err != nil || len(year) != 4 {
		return day{}, false
	}
	m, err := strconv.Atoi(month)
	if err != nil || len(month) > 2 {
		m = monthNames[strings.TrimSuffix(Fold(month), ".")]
	}
	return monthOf(y, m)
}

// Day 0 of a spreadsheet's calendar, so that the days from March 1900 on are right:
// spreadsheets believe in a 29 February 1900.
const (
	excelEpoch     = schema.Date(-25569) // 1899-12-30
	excel1904Epoch = schema.Date(-24107) // 1904-01-01
	firstExcelDay  = 61
)

// readExcel reads 46090 and 46090.75.
func readExcel(zero schema.Date) dateForm {
	return func(s string) (day, bool) {
		n, ok := wholePart(s)
		if !ok || n < firstExcelDay || n > 150_000 {
			return day{}, false
		}
		return inRange(zero + schema.Date(n))
	}
}

// The smallest count of seconds that is taken for a date, in 1973: shorter numbers are
// spreadsheet days or dates without signs.
const firstEpoch = 100_000_000

func epoch(perSecond int64) dateForm {
	return func(s string) (day, bool) {
		n, ok := wholePart(s)
		if !ok || n < firstEpoch*perSecond {
			return day{}, false
		}
		days := n / perSecond / (24 * 60 * 60)
		if days > 100_000 {
			return day{}, false
		}
		return inRange(schema.Date(days))
	}
}

func inRange(d schema.Date) (day, bool) {
	year := d.Time().Year()
	return day{date: d}, year >= firstYear && year <= lastYear
}

// wholePart reads the integer before a decimal point that only digits follow.
func wholePart(s string) (int64, bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	if strings.Trim(fraction, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	return n, err == nil && n >= 0
}
