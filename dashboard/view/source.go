package view

import (
	"errors"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// Source is the card "where this comes from".
type Source struct {
	Period   string
	Signed   string // "11 of 12 members, every signature valid"
	Joint    string // that only a sum was opened; empty in local mode
	Pin      string
	Evidence string
	Method   string // where it says how the numbers are made
	Warnings []string
}

// source sums up what stands behind a point.
func (r *Reader) source(p combine.Point) Source {
	signed := "source.signed"
	if p.Coverage.Joint {
		signed = "joint.signed"
	}
	return Source{
		Period: r.L.Period(p.Period), Pin: r.Pin, Evidence: r.evidenceOf(p.Period), Method: r.Q.Link("/method"),
		Signed: r.L.Say(signed, "n", len(p.Coverage.Reporting)), Joint: r.jointLead(p.Coverage),
		Warnings: append(r.later(p.Period), r.warnings(p.Coverage)...),
	}
}

// later tells of the joint rounds since a period that have opened nothing.
func (r *Reader) later(p schema.Period) []string {
	var since []schema.Period
	for _, q := range r.Book.Periods(p.Cadence()) {
		if p.Before(q) {
			since = append(since, q)
		}
	}
	var out []string
	for _, w := range r.stuckRounds(since) {
		out = append(out, w.Text)
	}
	return out
}

// warnings are what a reader must know before relying on a period.
func (r *Reader) warnings(c combine.Coverage) []string {
	var out []string
	for _, s := range c.Reporting {
		if s.Withdrawn != "" {
			out = append(out, r.L.Say("warn.withdrawn", "member", s.Member, "reason", r.L.Say("reason."+string(s.Withdrawn))))
		}
	}
	out = append(out, r.forks()...)
	if c.Protection() == "case" {
		out = append(out, r.L.Say("warn.case"))
	}
	return out
}

// ErrPeriod says that nobody owes a release for a period.
var ErrPeriod = errors.New("nobody owes a release for this period")

// Reporting is how many members stand behind the newest release.
func (r *Reader) Reporting() int {
	_, last := r.anything()
	return len(r.Book.Coverage(last).Reporting)
}

// forks warn of members whose feeds are not read to their ends.
func (r *Reader) forks() []string {
	var out []string
	for _, d := range r.Disputes {
		if d.Fork {
			out = append(out, r.L.Say("warn.dispute", "member", d.Member))
		}
	}
	return out
}

// Alarms warn on every page: of forks, and of notes that this disk has lost.
func (r *Reader) Alarms() []string {
	out := r.forks()
	if r.Lost > 0 {
		out = append(out, r.L.Say("warn.lost", "n", r.Lost))
	}
	return out
}
