package combine

import (
	"fmt"
	"strings"
	"testing"
)

func ranksText(cells []Estimate) string {
	var out []string
	for _, r := range Ranks(cells) {
		out = append(out, fmt.Sprintf("%d: %d-%d in %d", r.Cell, r.Best, r.Worst, r.Group))
	}
	return strings.Join(out, ", ")
}

// Variances of 9 and 16: the sd of a difference is 5, its limit 9.8.
func TestRanksByHand(t *testing.T) {
	for _, c := range []struct {
		name  string
		cells []Estimate
		want  string
	}{
		{"none", nil, ""},
		{"one", []Estimate{{5, 9}}, "0: 1-1 in 1"},
		{"just apart", []Estimate{{10.3, 9}, {20, 16}, {-5, 9}}, "1: 1-2 in 1, 0: 1-2 in 1, 2: 3-3 in 2"},
		{"just clear", []Estimate{{10.1, 9}, {20, 16}, {-5, 9}}, "1: 1-1 in 1, 0: 2-2 in 2, 2: 3-3 in 3"},
		// 100 and 85 are clear of each other, but 92 is clear of neither: one group.
		{"a chain", []Estimate{{85, 9}, {92, 16}, {100, 9}, {40, 9}}, "2: 1-2 in 1, 1: 1-3 in 1, 0: 2-3 in 1, 3: 4-4 in 2"},
		{"one wide cell among narrow ones", []Estimate{{50, 1}, {40, 1}, {45, 400}}, "0: 1-2 in 1, 1: 2-3 in 1, 2: 1-3 in 1"},
		{"exact ties", []Estimate{{7, 0}, {7, 0}, {8, 0}}, "2: 1-1 in 1, 0: 2-3 in 2, 1: 2-3 in 2"},
	} {
		if have := ranksText(c.cells); have != c.want {
			t.Errorf("%s: have %q, want %q", c.name, have, c.want)
		}
	}
}
