package aggregation

import (
	"slices"

	"tidemark/schema"
)

// Slotted is one reserved period of a cadence.
type Slotted struct {
	Period schema.Period
	Cutoff uint64 // the last Record.Seq that counts in it
	NoLate bool   // the member's first period of the cadence: without late cases it is no spike
}

// CountedIn tells in which of the slots a record counts; false: in none of them, yet.
//
// It is the first slot P with date <= end(P), date >= start(P) - lateDays (start(P) if
// P is NoLate) and seq <= cutoff(P). So each record counts at most once per cadence.
// The slots are those of one cadence, in plan order. counted is the record's Counted of
// that cadence: where it is set, an earlier version of the record counts there, and the
// record counts nowhere else.
func CountedIn(date schema.Date, seq uint64, counted schema.Period, lateDays int, slots []Slotted) (schema.Period, bool) {
	return NewRule(lateDays, slots).CountedIn(date, seq, counted)
}

// Rule is the function CountedIn prepared for many records.
type Rule struct{ windows []window }

// window is a slot with its days worked out: calendar arithmetic per record would cost
// more than the counting.
type window struct {
	from, to schema.Date
	cutoff   uint64
	period   schema.Period
}

// NewRule prepares the rule for the slots of one cadence, in plan order.
func NewRule(lateDays int, slots []Slotted) *Rule {
	r := &Rule{windows: make([]window, len(slots))}
	for i, s := range slots {
		late := lateDays
		if s.NoLate {
			late = 0
		}
		r.windows[i] = window{s.Period.Start() - schema.Date(late), s.Period.End(), s.Cutoff, s.Period}
	}
	return r
}

// CountedIn is the function CountedIn.
func (r *Rule) CountedIn(date schema.Date, seq uint64, counted schema.Period) (schema.Period, bool) {
	if !counted.IsZero() {
		return counted, true
	}
	for i := range r.windows {
		w := &r.windows[i]
		if date <= w.to && date >= w.from && seq <= w.cutoff {
			return w.period, true
		}
	}
	return schema.Period{}, false
}

// only is the test that the count of one period puts to every record.
func (r *Rule) only(p schema.Period) func(*schema.Record) bool {
	cadence := slices.Index(schema.Cadences, p.Cadence())
	return func(rec *schema.Record) bool {
		in, ok := r.CountedIn(rec.Date, rec.Seq, rec.Counted[cadence])
		return ok && in == p
	}
}
