package brief

import (
	"math"

	"tidemark/aggregation/combine"
	"tidemark/dashboard/view"
	"tidemark/schema"
)

// Number is an estimate in thousandths of a person: whole numbers, which every machine
// works out and writes alike.
type Number struct {
	Value int64 `json:"value"`
	SD    int64 `json:"sd"`
}

const thousand = 1000

func numberOf(e combine.Estimate) Number {
	return Number{int64(math.Round(e.Value * thousand)), int64(math.Round(e.SD() * thousand))}
}

// Estimate is the number as the rest of the program reads it.
func (n Number) Estimate() combine.Estimate {
	sd := float64(n.SD) / thousand
	return combine.Estimate{Value: float64(n.Value) / thousand, Variance: sd * sd}
}

// Figure is a figure's numbers as the members released them.
type Figure struct {
	Name    string          `json:"name"` // what the texts call it
	ID      string          `json:"figure"`
	Measure string          `json:"measure"` // people: each is shared among what happened to her
	Points  []Point         `json:"points,omitempty"`
	Change  *Change         `json:"change,omitempty"`
	Table   *Table          `json:"table,omitempty"`
	Leads   bool            `json:"leads,omitempty"` // one member stands behind more than half
	Steps   []schema.Period `json:"steps,omitempty"` // where a way of counting seems to have changed
}

// Point is one period of a trend.
type Point struct {
	Period    schema.Period `json:"period"`
	Absent    string        `json:"absent,omitempty"` // missing: nobody reported; untold: not asked
	Number    *Number       `json:"number,omitempty"`
	LocalSD   int64         `json:"local_sd,omitempty"` // what local mode would have had, of a joint sum
	Bands     schema.Bands  `json:"bands"`
	Reporting int           `json:"reporting"`
	Total     int           `json:"total"`
	Joint     bool          `json:"joint,omitempty"`
	Plan      int           `json:"plan"` // of the manifest's plans, from 0
	Withdrawn bool          `json:"withdrawn,omitempty"`
}

// The reasons why a point has no number.
const (
	Missing = "missing"
	Untold  = "untold"
)

// Change is how a trend's last period compares with an earlier one, over the members that
// reported both.
type Change struct {
	Since      schema.Period `json:"since"`
	To         schema.Period `json:"to"`
	From       Number        `json:"from"`
	Was        schema.Bands  `json:"was"` // the bands of Since
	Now        Number        `json:"now"`
	Difference Number        `json:"difference"`
	Members    int           `json:"members"`
	Joint      bool          `json:"joint,omitempty"`
	Joined     int           `json:"joined,omitempty"` // members counted in the later sum only
	Left       int           `json:"left,omitempty"`
	Rests      bool          `json:"rests,omitempty"` // its direction is gone without some one member
}

// Table is a table in one period.
type Table struct {
	Period    schema.Period `json:"period"`
	Bands     schema.Bands  `json:"bands"`
	Reporting int           `json:"reporting"`
	Total     int           `json:"total"`
	Joint     bool          `json:"joint,omitempty"`
	Plan      int           `json:"plan"`
	Withdrawn bool          `json:"withdrawn,omitempty"`
	Rows      []string      `json:"rows"`           // codes of the first axis
	Cols      []string      `json:"cols,omitempty"` // of the second
	Cells     []Number      `json:"cells"`          // row by row
}

func pointOf(p combine.Point, plan int) Point {
	out := Point{
		Period: p.Period, Bands: p.Bands, Reporting: len(p.Coverage.Reporting), Total: len(p.Coverage.Owing),
		Joint: p.Coverage.Joint, Plan: plan, Withdrawn: withdrawn(p.Coverage),
	}
	switch {
	case p.Absent && out.Reporting == 0:
		out.Absent = Missing
	case p.Absent:
		out.Absent = Untold
	default:
		n := numberOf(p.Estimate)
		out.Number = &n
		if p.InLocal.Variance > p.Estimate.Variance {
			out.LocalSD = numberOf(p.InLocal).SD
		}
	}
	return out
}

func withdrawn(c combine.Coverage) bool {
	for _, s := range c.Reporting {
		if s.Withdrawn != "" {
			return true
		}
	}
	return false
}

func changeOf(m view.Measured, to schema.Period, was schema.Bands) *Change {
	if m.Change == nil {
		return nil
	}
	c := m.Change
	moved := c.Verdict.Direction() != 0
	return &Change{
		Since: m.Since, To: to, Was: was, From: numberOf(c.From), Now: numberOf(c.To), Difference: numberOf(c.Difference),
		Members: len(c.Members), Joint: c.Joint, Joined: len(c.Joined), Left: len(c.Left),
		Rests: moved && !c.Joint && !c.Without.Survives,
	}
}

// verdict is what is said of the change, worked out from its numbers.
func (f *Figure) verdict() combine.Verdict {
	c := f.Change
	if c == nil {
		return combine.TooNoisyToSay
	}
	all := combine.Change{
		From: c.From.Estimate(), To: c.Now.Estimate(), Difference: c.Difference.Estimate(),
		Members: make([]schema.Slug, min(c.Members, 1)),
	}
	return all.Judged(c.Was, f.newest().Bands).Verdict
}

// newest is the trend's last point.
func (f *Figure) newest() Point { return f.Points[len(f.Points)-1] }

// id is the figure's, whose form was checked.
func (f *Figure) id() view.FigureID {
	id, _ := view.ParseFigureID(f.ID)
	return id
}

// reporting is how many members stand behind its newest number.
func (f *Figure) reporting() int {
	if f.Table != nil {
		return f.Table.Reporting
	}
	return f.newest().Reporting
}
