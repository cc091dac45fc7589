package chart

import "math"

// stride is how many periods apart labels must be so as not to touch.
func (f frame) stride(widest float64) int {
	return max(1, int(math.Ceil((widest+9)/f.step())))
}

// periods writes the labels under the zero line. Where not all have room, those
// that stay are counted from the begin of each group, so that they read evenly.
func periods(f frame, marks []Mark) []Shape {
	widest := 0.0
	for _, m := range marks {
		widest = max(widest, textWidth(m.Label, sizeText))
	}
	var shapes []Shape
	for _, i := range evenly(marks, f.stride(widest)) {
		shapes = append(shapes, Text{RolePeriod, f.x(i), f.bottom + periodDrop, Middle, marks[i].Label})
	}
	return append(shapes, groups(f, marks)...)
}

// evenly picks every stride-th mark of each group, none too near the next group.
func evenly(marks []Mark, stride int) []int {
	var picked []int
	begin := 0
	for i, m := range marks {
		if m.Group != marks[begin].Group {
			for len(picked) > 0 && i-picked[len(picked)-1] < stride {
				picked = picked[:len(picked)-1]
			}
			begin = i
		}
		if (i-begin)%stride == 0 && m.Label != "" {
			picked = append(picked, i)
		}
	}
	return picked
}

// groups writes a group where it begins; of two that would touch the newer stays.
func groups(f frame, marks []Mark) []Shape {
	var shapes []Shape
	free := math.Inf(1)
	for i := len(marks) - 1; i >= 0; i-- {
		name := marks[i].Group
		if name == "" || i > 0 && marks[i-1].Group == name {
			continue
		}
		half := textWidth(name, sizeText) / 2
		if at := f.along(float64(i)); at+half+10 <= free {
			free = at - half
			shapes = append([]Shape{Text{RoleGroup, f.x(i), f.bottom + groupDrop, Middle, name}}, shapes...)
		}
	}
	return shapes
}

func hasCoverage(marks []Mark) bool {
	for _, m := range marks {
		if m.Coverage != "" {
			return true
		}
	}
	return false
}

// coverage is the row under the periods. Low coverage is never dropped: where its
// text has no room a dot stays.
func coverage(f frame, t Trend) []Shape {
	if !hasCoverage(t.Marks) && t.CoverageLabel == "" {
		return nil
	}
	shapes := []Shape{f.line(RoleCovRule, f.start, f.bottom+covRuleDrop, f.end)}
	widest := 0.0
	for _, m := range t.Marks {
		widest = max(widest, textWidth(m.Coverage, sizeSmall))
	}
	texts := coverageTexts(t.Marks, f.stride(widest))
	for i, m := range t.Marks {
		switch {
		case texts[i] && m.CoverageLow:
			shapes = append(shapes, Text{RoleCovLow, f.x(i), f.bottom + covDrop, Middle, m.Coverage})
		case texts[i]:
			shapes = append(shapes, Text{RoleCoverage, f.x(i), f.bottom + covDrop, Middle, m.Coverage})
		case m.CoverageLow:
			shapes = append(shapes, Circle{RoleCovDot, f.x(i), f.bottom + covDrop - 4, 2.5})
		}
	}
	label := fit(t.CoverageLabel, sizeSmall, f.end-f.start)
	if label == "" {
		return shapes
	}
	return append(shapes, f.text(RoleCovLabel, f.end, f.bottom+labelDrop, Right, label))
}

// coverageTexts picks the marks whose coverage is written: first the low ones, the
// newest before older ones, then the others where room is left.
func coverageTexts(marks []Mark, stride int) []bool {
	texts := make([]bool, len(marks))
	pick := func(low bool) {
		for i := len(marks) - 1; i >= 0; i-- {
			if marks[i].Coverage != "" && marks[i].CoverageLow == low && roomAt(marks, texts, i, stride) {
				texts[i] = true
			}
		}
	}
	pick(true)
	pick(false)
	return texts
}

// roomAt asks that no text and no dot of low coverage is too near.
func roomAt(marks []Mark, texts []bool, i, stride int) bool {
	for j := max(0, i-stride+1); j < min(len(marks), i+stride); j++ {
		dot := marks[j].CoverageLow && !marks[i].CoverageLow && 2*abs(i-j) <= stride
		if texts[j] || dot {
			return false
		}
	}
	return true
}

func abs(n int) int { return max(n, -n) }
