package schema

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Date is a civil day, counted from 1970-01-01. It has no zone: a case happened on a day.
type Date int32

// DateOf returns the civil day of t in UTC.
func DateOf(t time.Time) Date {
	t = t.UTC()
	return NewDate(t.Year(), t.Month(), t.Day())
}

// NewDate normalises as time.Date does.
func NewDate(year int, month time.Month, day int) Date {
	return Date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay)
}

const secondsPerDay = 24 * 60 * 60

// ParseDate reads 2026-11-24.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Format(time.DateOnly) != s {
		return 0, fmt.Errorf("date: want YYYY-MM-DD")
	}
	return DateOf(t), nil
}

// Time is the day's first moment in UTC.
func (d Date) Time() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

func (d Date) String() string { return d.Time().Format(time.DateOnly) }

// MarshalText writes YYYY-MM-DD.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD.
func (d *Date) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDate(string(b))
	return err
}

// Cadence is how often a table is released.
type Cadence string

// The cadences. A plan may use both; each record counts once in each.
const (
	Quarterly Cadence = "quarter"
	Yearly    Cadence = "year"
)

// Cadences in the order in which they are written everywhere.
var Cadences = []Cadence{Quarterly, Yearly}

// Period is a calendar quarter or a calendar year: "2026-Q3", "2026".
// Its zero value is no period.
type Period struct {
	Year    int // 1970 to 9999
	Quarter int // 1 to 4, or 0: the whole year
}

var periodForm = regexp.MustCompile(`^([0-9]{4})(?:-Q([1-4]))?$`)

// ParsePeriod reads "2026-Q3" or "2026".
func ParsePeriod(s string) (Period, error) {
	m := periodForm.FindStringSubmatch(s)
	if m == nil || m[1] < "1970" {
		return Period{}, fmt.Errorf("period: want a quarter as 2026-Q3 or a year as 2026")
	}
	year, _ := strconv.Atoi(m[1])
	quarter, _ := strconv.Atoi(m[2])
	return Period{year, quarter}, nil
}

// PeriodOf returns the period of cadence c that holds d.
func PeriodOf(d Date, c Cadence) Period {
	t := d.Time()
	if c == Yearly {
		return Period{Year: t.Year()}
	}
	return Period{t.Year(), (int(t.Month())-1)/3 + 1}
}

// Cadence tells a quarter from a year.
func (p Period) Cadence() Cadence {
	if p.Quarter == 0 {
		return Yearly
	}
	return Quarterly
}

// Start is the first day.
func (p Period) Start() Date { return NewDate(p.Year, p.month(), 1) }

// End is the last day.
func (p Period) End() Date { return p.Add(1).Start() - 1 }

func (p Period) month() time.Month { return time.Month(3*max(p.Quarter-1, 0) + 1) }

// Add moves by n periods of the same cadence.
func (p Period) Add(n int) Period {
	if p.Quarter == 0 {
		return Period{Year: p.Year + n}
	}
	q := p.Year*4 + p.Quarter - 1 + n
	return Period{q / 4, q%4 + 1}
}

// Before orders periods of one cadence, and across cadences by their end; at the same
// end the quarter comes first, as their slots do.
func (p Period) Before(q Period) bool {
	if p.End() != q.End() {
		return p.End() < q.End()
	}
	return p.Quarter > q.Quarter && p != q
}

// IsZero tells no period.
func (p Period) IsZero() bool { return p == Period{} }

func (p Period) String() string {
	if p.Quarter == 0 {
		return fmt.Sprintf("%04d", p.Year)
	}
	return fmt.Sprintf("%04d-Q%d", p.Year, p.Quarter)
}

// MarshalText writes "2026-Q3" or "2026".
func (p Period) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads "2026-Q3" or "2026".
func (p *Period) UnmarshalText(b []byte) (err error) {
	*p, err = ParsePeriod(string(b))
	return err
}
