package combine

import (
	"fmt"
	"math"

	"tidemark/schema"
)

// Estimate is a number of people with its variance (people^2). Value is raw: noise can
// make it negative, and it is never clipped; Shown and Words say it to people.
type Estimate struct{ Value, Variance float64 }

// Band is how much of an estimate may be shown.
type Band int

// The bands: the number, the number with caution, no number.
const (
	Number Band = iota + 1
	Caution
	TooNoisy
)

func (b Band) String() string {
	return [...]string{Number: "number", Caution: "caution", TooNoisy: "too noisy"}[b]
}

// ShownKind is the form in which an estimate is said.
type ShownKind int

// The forms: "about 88 (80 to 96)", "fewer than 40", "not distinguishable from zero".
const (
	About ShownKind = iota + 1
	FewerThan
	NearZero
)

// Shown is an estimate as people read it: rounded to Step, never below zero.
type Shown struct {
	Kind      ShownKind
	Band      Band
	Value     int64 // 0 unless About
	Low, High int64 // the 95 % range, rounded outwards; for the other kinds High is the "fewer than" bound
	Step      int64 // what was rounded to: at most half a standard deviation, at least 1
}

// Quantiles of the standard normal: two-sided 95 % and 50 %, one-sided 95 %.
const (
	z95      = 1.959963984540054
	z50      = 0.674489750196082
	oneSided = 1.644853626951473
)

// SD is the standard deviation.
func (e Estimate) SD() float64 { return math.Sqrt(e.Variance) }

// CV is sd/max(estimate, sd): between 0 and 1.
func (e Estimate) CV() float64 {
	sd := e.SD()
	if sd == 0 {
		return 0
	}
	return sd / max(e.Value, sd)
}

// Interval95 is the range that holds the truth 19 times in 20, raw.
func (e Estimate) Interval95() (low, high float64) { return e.Value - z95*e.SD(), e.Value + z95*e.SD() }

// Interval50 is the range that holds the truth half of the time, raw.
func (e Estimate) Interval50() (low, high float64) { return e.Value - z50*e.SD(), e.Value + z50*e.SD() }

// Upper is U of "fewer than U": max(estimate, 0) + 1.645 sd.
func (e Estimate) Upper() float64 { return max(e.Value, 0) + oneSided*e.SD() }

// Lower is what rankings order by: estimate - 1.645 sd.
func (e Estimate) Lower() float64 { return e.Value - oneSided*e.SD() }

// Plus adds an independent estimate.
func (e Estimate) Plus(f Estimate) Estimate {
	return Estimate{e.Value + f.Value, e.Variance + f.Variance}
}

// minus subtracts an independent estimate.
func (e Estimate) minus(f Estimate) Estimate {
	return Estimate{e.Value - f.Value, e.Variance + f.Variance}
}

// Band tells what may be shown under a plan's limits.
func (e Estimate) Band(b schema.Bands) Band {
	switch cv := 1000 * e.CV(); {
	case cv <= float64(b.Number):
		return Number
	case cv <= float64(b.Caution):
		return Caution
	}
	return TooNoisy
}

// mostShown bounds what a poisoned number can make a page show.
const mostShown = 1_000_000_000_000

// Shown rounds an estimate to what its noise allows; ranges are rounded outwards.
func (e Estimate) Shown(b schema.Bands) Shown {
	s := Shown{Band: e.Band(b), Step: stepFor(e.SD())}
	value := max(e.Value, 0)
	low, _ := e.Interval95()
	switch {
	case s.Band != TooNoisy:
		s.Kind = About
		s.Value = bounded(math.Round(value/float64(s.Step)), s.Step)
		s.Low = bounded(math.Floor(max(low, 0)/float64(s.Step)), s.Step)
		s.High = bounded(math.Ceil((value+z95*e.SD())/float64(s.Step)), s.Step)
		return s
	case low <= 0 && e.Value < e.SD():
		s.Kind = NearZero
	default:
		s.Kind = FewerThan
	}
	s.High = bounded(math.Ceil(e.Upper()/float64(s.Step)), s.Step)
	return s
}

func bounded(steps float64, step int64) int64 {
	if steps*float64(step) > mostShown {
		return mostShown
	}
	return int64(steps) * step
}

// stepFor is 1, 2 or 5 times a power of ten: the largest that is at most half of a
// standard deviation, and at least 1.
func stepFor(sd float64) int64 {
	half := min(sd, mostShown) / 2
	step := int64(1)
	for float64(step*10) <= half {
		step *= 10
	}
	for _, times := range []int64{5, 2} {
		if float64(step*times) <= half {
			return step * times
		}
	}
	return step
}

// Words says an estimate: "about 88 (80 to 96)".
func (e Estimate) Words(b schema.Bands) string {
	switch s := e.Shown(b); s.Kind {
	case About:
		return fmt.Sprintf("about %d (%d to %d)", s.Value, s.Low, s.High)
	case FewerThan:
		return fmt.Sprintf("fewer than %d", s.High)
	default:
		return fmt.Sprintf("not distinguishable from zero (fewer than %d)", s.High)
	}
}
