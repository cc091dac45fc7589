package chart

import (
	"math"
	"strconv"
)

// Kind says how far a mark can be trusted, and so how it looks.
type Kind int

const (
	// Shown is an ordinary estimate: dot, line and both bands.
	Shown Kind = iota
	// Caution is an estimate to be read with care: its dot and band are hatched.
	Caution
	// Noisy is too noisy to give a value: a grey band and a dotted line, no dot.
	Noisy
	// Missing was not reported or not published: a hatched column with "?".
	Missing
	// Untold cannot be told under the plan: nothing is drawn, the line has a gap.
	Untold
)

// Trend is what a chart over periods shows. All text is ready to be shown.
type Trend struct {
	Title, Desc   string // name and description for those who do not see the chart
	Marks         []Mark // in time order, oldest first
	Notes         []Note
	CoverageLabel string             // under the coverage row: "Members reporting"
	Number        func(int64) string // axis numbers in the page's language; nil: plain digits
	Last          [2]string          // label at the newest shown mark: "88", "80 to 96"; empty: none
	RTL           bool               // the words run from right to left
	Mirror        bool               // time runs from right to left
	Max           float64            // top of a shared scale; 0: own scale. One too low for the marks is raised
}

// Mark is one period. Its numbers are clipped at 0 for drawing only. A mark of a
// kind with numbers, but without finite ones, is drawn as Missing.
type Mark struct {
	Label, Group                        string // "Q1", "2024"; Group is drawn where it changes
	Kind                                Kind
	Value, Low95, High95, Low50, High50 float64
	LowOuter, HighOuter                 float64 // a wider range to hold the bands against: dashed; HighOuter 0: none
	Coverage                            string  // "12/12"; empty: none
	CoverageLow                         bool    // fewer than owed: drawn in bold and in its own colour
	Href                                string  // where the evidence is: begins with "/" or "#", else there is no link
	Say                                 string  // the mark as a sentence, for those who do not see it
	Tip                                 [2]string
}

// Note is a vertical dashed line with words: "plan changed". One outside the marks
// is not drawn.
type Note struct {
	At   int // index of the mark
	Text string
}

// beyond is more than any table can hold; larger numbers are no numbers.
const beyond = 1e15

func (m Mark) solid() bool   { return m.Kind == Shown || m.Kind == Caution }
func (m Mark) numeric() bool { return m.solid() || m.Kind == Noisy }
func (m Mark) outer() bool   { return m.numeric() && m.HighOuter > 0 }

// cleaned is the trend with text and numbers that a layout can draw as they are.
func (t Trend) cleaned() Trend {
	t.Title, t.Desc = clean(t.Title, 300), clean(t.Desc, 3000)
	t.CoverageLabel = clean(t.CoverageLabel, 120)
	t.Last = [2]string{clean(t.Last[0], 24), clean(t.Last[1], 40)}
	if t.Number == nil {
		t.Number = func(n int64) string { return strconv.FormatInt(n, 10) }
	}
	marks := make([]Mark, len(t.Marks))
	for i, m := range t.Marks {
		marks[i] = m.cleaned()
	}
	t.Marks = marks
	t.Notes = cleanNotes(t.Notes, len(marks))
	return t
}

func (m Mark) cleaned() Mark {
	m.Label, m.Group = clean(m.Label, 12), clean(m.Group, 12)
	m.Coverage = clean(m.Coverage, 9)
	m.Href, m.Say = safeHref(m.Href), clean(m.Say, 600)
	m.Tip = [2]string{clean(m.Tip[0], 64), clean(m.Tip[1], 64)}
	for _, v := range []*float64{&m.Value, &m.Low95, &m.High95, &m.Low50, &m.High50} {
		if m.numeric() && !(math.Abs(*v) <= beyond) {
			m.Kind = Missing
		}
		*v = max(0, *v)
	}
	m.Low95, m.High95 = min(m.Low95, m.High95), max(m.Low95, m.High95)
	m.Low50, m.High50 = min(m.Low50, m.High50), max(m.Low50, m.High50)
	if !(math.Abs(m.LowOuter) <= beyond && math.Abs(m.HighOuter) <= beyond) {
		m.LowOuter, m.HighOuter = 0, 0
	}
	m.LowOuter, m.HighOuter = max(0, min(m.LowOuter, m.HighOuter)), max(0, m.LowOuter, m.HighOuter)
	return m
}

func cleanNotes(notes []Note, marks int) []Note {
	var kept []Note
	for _, n := range notes {
		n.Text = clean(n.Text, 60)
		if n.At >= 0 && n.At < marks {
			kept = append(kept, n)
		}
	}
	return kept
}

// newest is the index of the newest shown mark, -1 if there is none.
func (t Trend) newest() int {
	for i := len(t.Marks) - 1; i >= 0; i-- {
		if t.Marks[i].solid() {
			return i
		}
	}
	return -1
}
