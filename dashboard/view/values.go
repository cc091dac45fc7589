package view

import (
	"math"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// Value is a number with its range, in words. Its parts are never shown apart.
type Value struct {
	Class string // number, caution, fewer, zero, missing, untold: for the look
	Text  string // "about 88"
	Range string // "80 to 96"; empty where Text says it all
	Note  string // "with caution"
}

// Full is the value in one piece: "about 88 (80 to 96)".
func (v Value) Full() string {
	s := v.Text
	if v.Range != "" {
		s += " (" + v.Range + ")"
	}
	return s
}

// Value says an estimate under a plan's bands.
func (r *Reader) Value(e combine.Estimate, b schema.Bands) Value {
	switch s := e.Shown(b); s.Kind {
	case combine.About:
		v := Value{Class: "number", Text: r.L.Say("value.about", "n", s.Value), Range: r.between(s.Low, s.High)}
		if s.Value == 0 {
			v.Text = r.L.Number(0)
		}
		if s.Band == combine.Caution {
			v.Class, v.Note = "caution", r.L.Say("value.caution")
		}
		return v
	case combine.FewerThan:
		return Value{Class: "fewer", Text: r.L.Say("value.fewer", "n", s.High), Note: r.L.Say("value.noisy")}
	default:
		return Value{Class: "zero", Text: r.L.Say("value.zero"), Range: r.L.Say("value.fewer", "n", s.High), Note: r.L.Say("value.noisy")}
	}
}

func (r *Reader) between(low, high int64) string {
	return r.L.Say("value.range", "low", low, "high", high)
}

// Missing says that nobody reported.
func (r *Reader) Missing() Value {
	return Value{Class: "missing", Text: r.L.Say("value.missing")}
}

// Untold says that the period's plan cannot tell.
func (r *Reader) Untold() Value {
	return Value{Class: "untold", Text: r.L.Say("value.untold")}
}

// PointValue says a point of a series.
func (r *Reader) PointValue(p combine.Point) Value {
	switch {
	case p.Absent && len(p.Coverage.Reporting) == 0:
		return r.Missing()
	case p.Absent:
		return r.Untold()
	}
	return r.Value(p.Estimate, p.Bands)
}

// signed is a difference rounded to what its noise allows.
func signed(e combine.Estimate) (value, low, high int64) {
	step := float64(e.Step())
	round := func(x float64) int64 { return int64(math.Max(-1e12, math.Min(1e12, math.Round(x/step)*step))) }
	l, h := e.Interval95()
	return round(e.Value), round(l), round(h)
}

// Difference says a change's size: "about 49 more (37 to 61 more)", or, where the range
// holds zero, "between 30 fewer and 60 more".
func (r *Reader) Difference(e combine.Estimate) string {
	n, low, high := signed(e)
	switch {
	case low > 0:
		return r.L.Say("change.more", "n", n, "low", low, "high", high)
	case high < 0:
		return r.L.Say("change.fewer", "n", -n, "low", -high, "high", -low)
	default:
		return r.L.Say("change.either", "low", -low, "high", high)
	}
}

// Verdict is what is said of a change, with its look: never colour alone.
type Verdict struct {
	Class string // up, down, flat, noisy
	Text  string
	Short string // for small charts: "Rising"
}

var verdictKeys = map[combine.Verdict]struct{ class, key, short string }{
	combine.VeryLikelyRising:  {"up", "verdict.rising", "verdict.short.rising"},
	combine.VeryLikelyFalling: {"down", "verdict.falling", "verdict.short.falling"},
	combine.ProbablyRising:    {"up", "verdict.probably_rising", "verdict.short.probably_rising"},
	combine.ProbablyFalling:   {"down", "verdict.probably_falling", "verdict.short.probably_falling"},
	combine.NoClearChange:     {"flat", "verdict.flat", "verdict.flat"},
	combine.TooNoisyToSay:     {"noisy", "verdict.noisy", "verdict.noisy"},
}

// Verdict says a verdict.
func (r *Reader) Verdict(v combine.Verdict) Verdict {
	k := verdictKeys[v]
	return Verdict{k.class, r.L.Say(k.key), r.L.Say(k.short)}
}

// Coverage says who reported: "11 of 12 members".
func (r *Reader) Coverage(c combine.Coverage) string {
	return r.L.Say("coverage.of", "n", len(c.Owing), "some", len(c.Reporting))
}

// Label names a filter's code; zero names everybody.
func (r *Reader) Label(f combine.Filter) string {
	if f == (combine.Filter{}) {
		return r.L.Say("all.people")
	}
	return r.L.Code(f.Axis, f.Code).Label
}

// Labels names what a series is about: "Spyware on a device, Latin America".
func (r *Reader) Labels(what, and combine.Filter) string {
	if and == (combine.Filter{}) {
		return r.Label(what)
	}
	return r.L.Say("labels.and", "what", r.Label(what), "and", r.Label(and))
}
