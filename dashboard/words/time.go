package words

import (
	"strconv"
	"time"

	"tidemark/schema"
)

// Period is "Q3 2026" or "2026".
func (l *Language) Period(p schema.Period) string {
	if p.Cadence() == schema.Yearly {
		return l.Year(p)
	}
	return l.Say("period.quarter", "q", l.Digits(strconv.Itoa(p.Quarter)), "year", l.Year(p))
}

// Quarter is "Q3", and empty for a year.
func (l *Language) Quarter(p schema.Period) string {
	if p.Cadence() == schema.Yearly {
		return ""
	}
	return l.Say("period.q", "q", l.Digits(strconv.Itoa(p.Quarter)))
}

// Year is "2026".
func (l *Language) Year(p schema.Period) string { return l.Digits(strconv.Itoa(p.Year)) }

// Date is "10 October 2026".
func (l *Language) Date(d schema.Date) string {
	t := d.Time()
	day := l.Digits(strconv.Itoa(t.Day()))
	if t.Day() == 1 {
		day = l.Say("date.first", "day", day) // "1er" in French
	}
	return l.Say("date", "day", day, "month", l.Say("month."+strconv.Itoa(int(t.Month()))), "year", l.Digits(strconv.Itoa(t.Year())))
}

// Moment is a date with the hour, in UTC: "10 October 2026, 06:00 UTC".
func (l *Language) Moment(t time.Time) string {
	return l.Say("moment", "date", l.Date(schema.DateOf(t)), "time", l.Digits(t.UTC().Format("15:04")))
}
