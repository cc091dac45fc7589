package combine

import "tidemark/schema"

// Owed is a period that some members owe releases for, under the plan in force.
type Owed struct {
	Period  schema.Period
	Plan    schema.Hash
	Members []schema.Slug
}

// Config is what a Book is built from, besides the releases.
type Config struct {
	Codebook *schema.Codebook
	Plans    map[schema.Hash]schema.Plan
	Owed     []Owed // one entry per period
	// Withdrawn are the releases that their own members have withdrawn by a notice. They
	// are marked in every Coverage and still added up: a chart shows what was there.
	Withdrawn map[schema.Hash]schema.NoticeReason
}

// Source is a release that stands behind a number.
type Source struct {
	Member     schema.Slug
	Release    schema.Hash // the release note's id
	Protection schema.Protection
	Withdrawn  schema.NoticeReason // empty: stands
	// Joint: the member is in the sum that the agreement Release has opened, and nothing
	// is known of it alone. Protection is the weakest in the sum.
	Joint bool
}

// Coverage is who reported, of those who owed.
type Coverage struct {
	Owing     []schema.Slug
	Reporting []Source // in the order of Owing
	Joint     bool     // only a sum is known, or would be if its round had opened one
}

// Query names a number: the people in those cells of a table that satisfy every filter.
// Without a filter it is the table's total. The table need not stand in the plan: one
// that a table of the plan refines (fewer axes, a roll-up) is summed from it.
type Query struct {
	Table   schema.Table
	Measure schema.Measure // its zero value is people
	Where   []Filter
}

// Filter keeps the cells at a code of an axis. The axis is one of the table's, or a
// roll-up of one.
type Filter struct {
	Axis schema.Axis
	Code schema.Code
}

// Point is one period of a series.
type Point struct {
	Period   schema.Period
	Plan     schema.Hash
	Bands    schema.Bands
	Absent   bool // nobody reported, or the period's plan cannot tell: no estimate
	Estimate Estimate
	// InLocal is the estimate with the variance that it would have had in local mode, of the
	// same members under the same charge: known without their data. Zero in local mode.
	InLocal  Estimate
	Coverage Coverage
}

// Series is a query over periods, in order. Periods that nobody owed are not in it.
type Series struct {
	Query  Query
	Points []Point
}

// Grid is a whole table in one period, summed over the members that reported.
type Grid struct {
	Shape    schema.Shape
	Measure  schema.Measure
	Period   schema.Period
	Plan     schema.Hash
	Bands    schema.Bands
	Coverage Coverage
	Cells    []Estimate // row by row
	InLocal  []Estimate // as a Point's, row by row; nil in local mode
}

// Verdict is what is said of a change.
type Verdict string

// The verdicts.
const (
	VeryLikelyRising  Verdict = "very likely rising"
	VeryLikelyFalling Verdict = "very likely falling"
	ProbablyRising    Verdict = "probably rising"
	ProbablyFalling   Verdict = "probably falling"
	NoClearChange     Verdict = "no clear change"
	TooNoisyToSay     Verdict = "too noisy to say"
)

// Direction is 1 for rising, -1 for falling, else 0.
func (v Verdict) Direction() int {
	switch v {
	case VeryLikelyRising, ProbablyRising:
		return 1
	case VeryLikelyFalling, ProbablyFalling:
		return -1
	}
	return 0
}

// Change compares two periods, or two sums of periods, over the members present in all
// of them. With a joint sum on either side it compares sums as they are (6.4).
type Change struct {
	Query      Query
	Cells      []schema.Code // the cell's codes, set by Changes
	From, To   Estimate
	Difference Estimate // To - From; its variance is the noise's alone
	Members    []schema.Slug
	// Joint: a joint sum is compared. Then Members are on both sides, Joined are counted in
	// more of the later periods than of the earlier, Left in fewer, and what single members
	// do to the difference is not known: Without and Trimmed are empty.
	Joint        bool
	Joined, Left []schema.Slug
	// Z is the difference over its standard deviation, with count variation added:
	// phi*(max(from,0)+max(to,0)).
	Z       float64
	Rising  float64 // P(change > 0)
	Listed  bool    // on the Benjamini-Hochberg list, set by Changes
	Verdict Verdict
	Without Without
	// Trimmed is the difference over the middle members alone; nil on lists, and with fewer
	// than three members.
	Trimmed *Trimmed
	// Shared: other cells of the table of people clearly changed the other way. People
	// count once and are shared among what happened to them, so the same people may stand
	// behind both. Set on lists.
	Shared bool
}

// Without is what happens to a difference when any one member is left out; empty where a
// joint sum is compared.
type Without struct {
	Low, High   float64     // least and greatest difference
	LowWithout  schema.Slug // the member whose absence gives Low
	HighWithout schema.Slug
	Survives    bool // the sign holds without any one member
}

// LeftOut is the range of a number when any one member is left out.
type LeftOut struct {
	All                     Estimate
	Low, High               Estimate
	LowWithout, HighWithout schema.Slug
}

// Trend compares the last four quarters with the four before, over members present in
// all eight. Both sums are person-quarters: a person known in two quarters counts twice.
type Trend struct {
	Change
	First, Last schema.Period // the first of the eight quarters and the last
	Ratio       Ratio         // last four over the four before
}

// Ratio is a quotient with its 95 % range. Open: the divisor may be zero, there is no
// High; and Value is 0 where it would divide by nothing.
type Ratio struct {
	Value, Low, High float64
	Open             bool
}
