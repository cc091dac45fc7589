package combine

import (
	"math"
	"testing"

	"tidemark/schema"
)

func TestEstimatesInWordsAndBands(t *testing.T) {
	for _, c := range []struct {
		value, sd float64
		band      Band
		words     string
	}{
		{88, 4, Number, "about 88 (80 to 96)"},
		{88.4, 4.2, Number, "about 88 (80 to 98)"},
		{657, 38.7, Number, "about 660 (580 to 740)"},
		{12345, 800, Number, "about 12400 (10600 to 14000)"},
		{100, 25, Caution, "about 100 (50 to 150)"},
		{60, 10, Caution, "about 60 (40 to 80)"},
		{59, 20, TooNoisy, "fewer than 100"},
		{20, 10, TooNoisy, "fewer than 40"},
		{12, 10, TooNoisy, "fewer than 30"},
		{9, 10, TooNoisy, "not distinguishable from zero (fewer than 30)"},
		{-30, 10, TooNoisy, "not distinguishable from zero (fewer than 20)"},
		{0, 38.7, TooNoisy, "not distinguishable from zero (fewer than 70)"},
		{7, 0, Number, "about 7 (7 to 7)"},
	} {
		e := Estimate{c.value, c.sd * c.sd}
		if got := e.Words(schema.DefaultBands); got != c.words || e.Band(schema.DefaultBands) != c.band {
			t.Errorf("%g +- %g: %s, %q, want %q", c.value, c.sd, e.Band(schema.DefaultBands), got, c.words)
		}
	}
}

func TestEstimatesOfEstimates(t *testing.T) {
	e := Estimate{-30, 100}
	low, high := e.Interval95()
	wantNear(t, "raw low", low, -49.6, 0.01)
	wantNear(t, "raw high", high, -10.4, 0.01)
	low, high = e.Interval50()
	wantNear(t, "half low", low, -36.745, 0.001)
	wantNear(t, "half high", high, -23.255, 0.001)
	wantNear(t, "upper", e.Upper(), 16.449, 0.001)
	wantNear(t, "lower", e.Lower(), -46.449, 0.001)
	wantNear(t, "cv", e.CV(), 1, 0)
	if s := e.Shown(schema.DefaultBands); s.Kind != NearZero || s.High != 20 || s.Step != 5 || s.Low != 0 || s.Value != 0 {
		t.Errorf("have %+v", s)
	}
	for _, poisoned := range []Estimate{{1e30, 1e40}, {1e30, 1}, {-1e30, 1e60}, {1e15, 0}} {
		if s := poisoned.Shown(schema.DefaultBands); s.Value < 0 || s.Value > mostShown || s.Low < 0 || s.High < 0 || s.High > mostShown {
			t.Errorf("a poisoned number shows %+v", s)
		}
	}
	if got := (Estimate{1, 2}).Plus(Estimate{3, 4}); got != (Estimate{4, 6}) {
		t.Errorf("have %+v", got)
	}
	if math.IsNaN((Estimate{}).CV()) {
		t.Error("an exact zero has no cv")
	}
}
