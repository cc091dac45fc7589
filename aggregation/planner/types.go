package planner

import "tidemark/schema"

// Wish is a table that a coalition would like to read, and how much it matters. Its
// importance weighs the mean variance of its cells against the other wishes'.
type Wish struct {
	Cadence    schema.Cadence
	Measure    schema.Measure
	Table      schema.Table
	Importance float64 // > 0
}

// Expectation is what one table of a plan will show. Deviations are in people (or in
// cases, for that measure), for a typical cell: the square root of the mean variance.
type Expectation struct {
	Table       schema.PlanTable
	Cells       int
	Cost        schema.Charge
	MemberSD    float64 // of one member's cell; in joint mode of its share of the noise, which nobody sees
	SD          float64 // of the coalition's sum
	PlusMinus   float64 // 1.96 SD: 19 times in 20 the truth is no further away
	SmallestRaw float64 // the smallest estimate that is shown as a number, with caution
	Readable    float64 // share of the expected people in cells of the first two bands
	Firm        float64 // share in cells of the first band
	Beyond      float64 // Readable among the people outside the fullest cell
	// ShownCoverage is how often the 95 % range holds the truth among the cells that are
	// shown: less than 0.95, because a lucky cell is shown more often. 0: none is shown.
	ShownCoverage float64
	ShownCells    float64 // how many cells are expected to be shown
}

// Enough tells that a table answers something: at least half of the people stand in
// readable cells, and half of those outside the fullest cell too. A table in which only
// the commonest code can be read answers nothing.
func (e Expectation) Enough() bool { return e.Readable >= half && e.Beyond >= half }

const half = 0.5

// Outlook is what a coalition of a size can expect.
type Outlook string

// The outlooks.
const (
	Yes     Outlook = "yes"     // every quarter
	Yearly  Outlook = "yearly"  // in a year's tables
	Jointly Outlook = "joint"   // if only the coalition's sum were known
	NotYet  Outlook = "not yet" // not with this many people
)

// Advice is a way out where the outlook is not "yes".
type Advice string

// The ways out.
const (
	TakeAYear   Advice = "year"    // a year instead of a quarter
	RollUp      Advice = "roll-up" // groups instead of codes
	FewerTables Advice = "fewer"   // fewer tables
	GoJoint     Advice = "joint"   // only the coalition's sum, with one noise
	MoreMembers Advice = "members" // more members, or larger ones
)

// Report is what a plan promises to a coalition of the typed size.
type Report struct {
	Members int
	Least   int // contributions without which joint mode opens nothing; 0 in local mode
	Quarter int // people a quarter, all members together
	Year    int // people a year, assumed: see YearPerQuarter
	Tables  []Expectation
	// Readable is the share of people in readable cells over a cadence's one-way tables
	// of people, derived ones too; over all its tables of people where it has no one-way.
	ReadableQuarter, ReadableYear float64
	// ShownCoverage is that of all tables together. Where it is below LeastCoverage, Stricter
	// are the bands at which it is not; else they are zero.
	ShownCoverage float64
	Stricter      schema.Bands
	Outlook       Outlook
	Advice        []Advice
}

// Question is something that people ask, and the table that answers it.
type Question struct {
	ID    string // "which-harm-follows-doxing"
	Text  string
	Table schema.Table
	Where []Given // the codes that the question fixes
}

// Given fixes one axis of a question's table at a code.
type Given struct {
	Axis schema.Axis
	Code schema.Code
}

// Answer is whether a plan answers a question.
type Answer struct {
	Question Question
	Outlook  Outlook
	InPlan   bool           // a table of the plan tells the question's
	Cadence  schema.Cadence // of that table; of the one that would tell it where none does
	Expected Expectation    // of that table
	Readable float64        // of the people whom the question asks about
}
