package chart

import "testing"

func BenchmarkLayoutTrend(b *testing.B) {
	t := kinds()
	b.ReportAllocs()
	for b.Loop() {
		LayoutTrend(t)
	}
}

func BenchmarkLayoutFortyQuarters(b *testing.B) {
	t := forty()
	b.ReportAllocs()
	for b.Loop() {
		LayoutTrend(t)
	}
}

func BenchmarkPage(b *testing.B) {
	s := LayoutTrend(kinds())
	b.ReportAllocs()
	for b.Loop() {
		s.Page()
	}
}

func BenchmarkSVG(b *testing.B) {
	s := LayoutTrend(kinds())
	for b.Loop() {
		s.SVG(Light(), "Demonstration data")
	}
}

func BenchmarkPNG(b *testing.B) {
	s := LayoutTrend(kinds())
	for b.Loop() {
		if _, err := s.PNG(Light(), 2, ""); err != nil {
			b.Fatal(err)
		}
	}
}
