package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// heatOf has a cell of every look.
func heatOf() Heat {
	return Heat{
		Title: "Region by act, 2025", Desc: "A table.", Corner: "Region",
		Cols: []string{"Attack on accounts or devices", "Exposure", "All"},
		Rows: []HeatRow{
			{"Northern Africa", []HeatCell{{Step: 4, Text: "360", Range: "300 to 420"}, {Kind: Caution, Step: 2, Text: "90", Range: "30 to 150"}, {Text: "450", Range: "370 to 530"}}},
			{"Latin America and the Caribbean, with a long name", []HeatCell{{Step: 7, Text: "2,210", Range: "2,150 to 2,260"}, {Kind: Noisy, Text: "fewer than 60"}, {Kind: Missing, Text: "not reported"}}},
			{"Eastern Europe", []HeatCell{{Turn: Up, Text: "▲ +310", Range: "+230 to +380"}, {Turn: Down, Text: "▼ −280", Range: "−360 to −210"}, {Kind: Untold, Text: "not asked"}}},
		},
		Key: []HeatKey{{HeatCell{Step: 1}, "under 20"}, {HeatCell{Kind: Noisy}, "too noisy for a number"}},
	}
}

func rankOf() Rank {
	bar := func(at float64) Bar { return Bar{At: at, Low: at - 20, Top: at + 20} }
	careful := bar(60)
	careful.Kind = Caution
	return Rank{
		Title: "Acts, Q3 2026", Tie: "No clear order among these", Careful: "Hatched: with caution", Rest: "Too noisy to rank: Other (fewer than 40)",
		Number: func(n int64) string { return strconv.FormatInt(n, 10) },
		Bars: []RankBar{
			{"Place 1", "Harassment", "about 210", "190 to 230", 1, bar(210)},
			{"Place 2 to 3", "Spyware on a device", "about 80", "60 to 100", 2, bar(80)},
			{"Place 2 to 3", "A label so long that it takes a second line", "about 60", "40 to 80", 2, careful},
		},
	}
}

func tableScenes() map[string]Scene {
	mirrored, turned := heatOf(), rankOf()
	mirrored.RTL, turned.RTL = true, true
	return map[string]Scene{
		"heat": LayoutHeat(heatOf()), "heat-rtl": LayoutHeat(mirrored), "heat-none": LayoutHeat(Heat{}),
		"rank": LayoutRank(rankOf()), "rank-rtl": LayoutRank(turned), "rank-none": LayoutRank(Rank{Rest: "Too noisy to rank: all"}),
		"bar":       LayoutBar(Bar{At: 50, Low: 40, Top: 60, Max: 100}),
		"bar-noisy": LayoutBar(Bar{Kind: Noisy, At: 10, Top: 30, Max: 100}),
		"bar-rtl":   LayoutBar(Bar{Kind: Caution, At: 50, Low: 40, Top: 60, Max: 100, RTL: true}),
	}
}

func TestTableScenes(t *testing.T) {
	for name, s := range tableScenes() {
		path := filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(path, []byte(s.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if s.String() != string(want) {
			t.Errorf("%s: the scene is another; go test -update, and say why\n%s", name, s)
		}
	}
}

// Every form of a table is well formed and has all its words.
func TestTableFiles(t *testing.T) {
	for name, s := range tableScenes() {
		svg := s.SVG(Light(), "Demonstration data")
		d := xml.NewDecoder(bytes.NewReader(svg))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		picture, err := s.PNG(Dark(), 1, "")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if c, err := png.DecodeConfig(bytes.NewReader(picture)); err != nil || c.Width != pixels(s.W) {
			t.Errorf("%s: %d wide, %v", name, c.Width, err)
		}
		if page := string(s.Page()); strings.Contains(page, "style=") || strings.Contains(page, "NaN") {
			t.Errorf("%s: %.200s", name, page)
		}
	}
}

// What stands upon a colour can be read on it: WCAG 2 wants 4.5.
func TestCellsCanBeRead(t *testing.T) {
	for name, p := range map[string]Palette{"light": Light(), "dark": Dark()} {
		for step := range HeatSteps + 1 {
			fill := p.heat(step)
			if c := contrast(p.upon(fill), fill); c < 4.5 {
				t.Errorf("%s, step %d: contrast %.1f", name, step, c)
			}
		}
	}
}

// A bar's end is where its number is, also when it grows to the left.
func TestBarEnds(t *testing.T) {
	bar := Bar{At: 50, Low: 40, Top: 60, Max: 100}
	for _, c := range []struct {
		rtl  bool
		x, w float64
	}{{false, 1, 149}, {true, 150, 149}} {
		bar.RTL = c.rtl
		r, ok := LayoutBar(bar).Shapes[0].(Rect)
		if !ok || r.Role != RoleBar || r.X != c.x || r.W != c.w {
			t.Errorf("rtl %v: %v", c.rtl, r)
		}
	}
}

// Whatever a label holds stays text, and no bad number reaches a coordinate.
func TestHostileTables(t *testing.T) {
	const hostile = "</text><script>alert(1)</script>\x00\u202e"
	h, r := heatOf(), rankOf()
	h.Corner, h.Cols[0], h.Rows[0].Label, h.Rows[0].Cells[0].Text, h.Key[0].Text = hostile, hostile, hostile, hostile, hostile
	r.Bars[0].Label, r.Bars[0].Value, r.Bars[0].Place, r.Rest = hostile, hostile, hostile, hostile
	r.Bars[1].Bar = Bar{At: math.NaN(), Low: math.Inf(-1), Top: math.Inf(1)}
	for _, s := range []Scene{LayoutHeat(h), LayoutRank(r)} {
		for _, text := range []string{string(s.Page()), string(s.SVG(Light(), ""))} {
			for _, bad := range []string{"<script", "\x00", "\u202e", "NaN", "-922337"} {
				if strings.Contains(text, bad) {
					t.Errorf("%s: holds %q", s.Form, bad)
				}
			}
		}
	}
}

func BenchmarkLayoutHeat(b *testing.B) {
	h := heatOf()
	for range 15 {
		h.Rows = append(h.Rows, h.Rows[0])
	}
	for b.Loop() {
		_ = LayoutHeat(h).Page()
	}
}
