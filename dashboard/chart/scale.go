package chart

import "math"

// Top is the highest number that the trends reach, bands included: the shared
// Max of small multiples. It is 0 when there is no number.
func Top(trends ...Trend) float64 {
	top := 0.0
	for _, t := range trends {
		for _, m := range t.Marks {
			if m = m.cleaned(); m.numeric() {
				top = max(top, m.High95, m.High50, m.Value, m.HighOuter)
			}
		}
	}
	return top
}

// NiceMax is the end of an axis from zero that reaches top: a multiple of the
// step of Ticks.
func NiceMax(top float64) float64 {
	step := niceStep(top)
	return max(1, math.Ceil(bounded(top)/step-1e-9)) * step
}

// Ticks are the numbers of an axis from zero that reaches top: at most six, one
// step of 1, 2, 2.5 or 5 times a power of ten apart, whole numbers only.
func Ticks(top float64) []int64 {
	step, end := niceStep(top), NiceMax(top)
	var ticks []int64
	for v := 0.0; v <= end+step/2; v += step {
		ticks = append(ticks, int64(math.Round(v)))
	}
	return ticks
}

func niceStep(top float64) float64 {
	const most = 5
	for power := 1.0; ; power *= 10 {
		for _, nice := range []float64{1, 2, 2.5, 5} {
			step := nice * power
			if step == math.Trunc(step) && bounded(top) <= most*step*(1+1e-9) {
				return step
			}
		}
	}
}

func bounded(top float64) float64 {
	if !(top > 0) {
		return 0
	}
	return min(top, beyond)
}
