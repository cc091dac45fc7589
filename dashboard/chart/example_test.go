package chart_test

import (
	"fmt"

	"tidemark/dashboard/chart"
)

func ExampleLayoutSpark() {
	scene := chart.LayoutSpark(chart.Trend{Title: "Threats in the north: about 30 (24 to 36)", Marks: []chart.Mark{
		{Label: "Q1", Group: "2026", Value: 20, Low95: 15, High95: 25, Low50: 18, High50: 22},
		{Label: "Q2", Group: "2026", Kind: chart.Missing},
		{Label: "Q3", Group: "2026", Value: 30, Low95: 24, High95: 36, Low50: 28, High50: 32},
	}})
	scene.ID = "north"
	fmt.Print(scene)
	// Output:
	// scene spark 120x32 rtl=false "Threats in the north: about 30 (24 to 36)"
	// pattern gaphat 6
	// pattern cauhat 4
	// path base M2 29L118 29
	// rect gaphat 35.8 3 48.4x22
	// path b95 M2.5 10.9L7.5 10.9L7.5 18.2L2.5 18.2ZM112.5 3L117.5 3L117.5 11.7L112.5 11.7Z
	// path line M2.5 14.6L7.5 14.6M112.5 7.3L117.5 7.3
	// circle dotlast 115 7.3 r2.4
}
