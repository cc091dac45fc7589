package view

import (
	"slices"
	"strconv"

	"tidemark/aggregation/combine"
	"tidemark/dashboard/chart"
	"tidemark/schema"
)

// scale is where the steps of a heat map begin: round numbers, each about twice the one
// before, so that a few high cells do not make all the others look alike.
type scale []int64

// scaleFor ends at the highest round number that a cell reaches.
func scaleFor(cells []combine.Estimate, b schema.Bands) scale {
	top := int64(0)
	for _, e := range cells {
		if s := e.Shown(b); s.Kind == combine.About {
			top = max(top, s.Value)
		}
	}
	rounds := []int64{0}
	for power := int64(1); power <= top && power < 1e15; power *= 10 {
		for _, times := range []int64{1, 2, 5} {
			if n := times * power; n <= top && n >= 5 {
				rounds = append(rounds, n)
			}
		}
	}
	s := scale(rounds)
	if extra := len(s) - chart.HeatSteps; extra > 0 {
		s = append(scale{0}, s[extra+1:]...)
	}
	return s
}

// step is 1 for the palest colour.
func (s scale) step(n int64) int {
	i, found := slices.BinarySearch(s, n)
	if found {
		i++
	}
	return max(1, i)
}

// Step is a colour of the scale, or a look, with its words.
type Step struct{ Class, Text string }

// words name the scale's steps: "under 20", "20 to 49", "1,000 and more".
func (r *Reader) words(s scale) []Step {
	out := make([]Step, len(s))
	for i := range s {
		out[i].Class = stepClass(i + 1)
		switch {
		case i == 0 && len(s) == 1:
			out[i].Text = r.L.Say("heat.few")
		case i == 0:
			out[i].Text = r.L.Say("heat.under", "high", s[1])
		case i == len(s)-1:
			out[i].Text = r.L.Say("heat.over", "low", s[i])
		default:
			out[i].Text = r.between(s[i], s[i+1]-1)
		}
	}
	return out
}

func stepClass(step int) string { return "h" + strconv.Itoa(step) }

// looks are the key's other lines: those that the table needs.
func (t *HeatTable) looks(r *Reader) []Step {
	has := map[string]bool{}
	for _, row := range slices.Concat(t.Rows, t.Foot) {
		for _, c := range row.Cells {
			has[c.Look] = true
		}
	}
	var out []Step
	for _, look := range []string{"up", "down", "flat", "caution", "noisy", "missing", "untold"} {
		if has[look] {
			class := look
			if look == "caution" {
				class = "h3 caution"
			}
			out = append(out, Step{class, r.L.Say("heat.key." + look)})
		}
	}
	return out
}
