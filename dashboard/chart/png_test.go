package chart

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"sync"
	"testing"
)

func picture(t *testing.T, s Scene, p Palette, scale float64, mark string) image.Image {
	t.Helper()
	data, err := s.PNG(p, scale, mark)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// share is the part of the pixels within 2 steps of a colour.
func share(img image.Image, c color.NRGBA) float64 {
	n, b := 0, img.Bounds()
	near := func(a uint32, b uint8) bool { return math.Abs(float64(a>>8)-float64(b)) <= 2 }
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if r, g, bl, _ := img.At(x, y).RGBA(); near(r, c.R) && near(g, c.G) && near(bl, c.B) {
				n++
			}
		}
	}
	return float64(n) / float64(b.Dx()*b.Dy())
}

func TestPNG(t *testing.T) {
	for name, p := range map[string]Palette{"light": Light(), "dark": Dark()} {
		img := picture(t, LayoutTrend(ordinary()), p, 2, "")
		if got, want := img.Bounds().Size(), image.Pt(1720, 2*431); got != want {
			t.Errorf("%s: size %v, want %v", name, got, want)
		}
		for what, c := range map[string]struct {
			color color.NRGBA
			least float64
		}{"paper": {p.Card, .6}, "pale band": {p.Band95, .02}, "dark band": {p.Band50, .01}, "line": {p.Line, .002}, "text": {p.Mut, .0005}} {
			if got := share(img, c.color); got < c.least {
				t.Errorf("%s: %s covers %g of the picture, want %g", name, what, got, c.least)
			}
		}
	}
}

func TestPNGIsTheSameEachTime(t *testing.T) {
	want, err := LayoutTrend(kinds()).PNG(Light(), 1, "x")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if got, err := LayoutTrend(kinds()).PNG(Light(), 1, "x"); err != nil || !bytes.Equal(got, want) {
				t.Errorf("another picture: %v", err)
			}
		})
	}
	all.Wait()
}

func TestWatermarkAndSourceArePainted(t *testing.T) {
	s := LayoutTrend(ordinary())
	plain := picture(t, s, Light(), 1, "")
	marked := picture(t, s, Light(), 1, "Demonstration data")
	if share(plain, Light().Card)-share(marked, Light().Card) < .015 {
		t.Error("the watermark covers less than 1.5 % of the paper")
	}
	s.Source, s.Heading = "Source: release 2026-Q4\nSecond line", "Heading"
	if got, want := picture(t, s, Light(), 1, "").Bounds().Dy(), plain.Bounds().Dy()+30+14+2*sourceRow; got != want {
		t.Errorf("with heading and source the height is %d, want %d", got, want)
	}
}

func TestPNGRefusesAScale(t *testing.T) {
	for _, scale := range []float64{0, -1, 9, math.NaN(), math.Inf(1)} {
		if _, err := LayoutSpark(ordinary()).PNG(Light(), scale, ""); err == nil {
			t.Errorf("scale %g is taken", scale)
		}
	}
}

func TestHostileTextCanBePainted(t *testing.T) {
	for _, s := range hostile {
		scene := LayoutTrend(hostileTrend(s, ""))
		scene.Heading, scene.Source = s, s
		if _, err := scene.PNG(Light(), .5, s); err != nil {
			t.Errorf("%.20q: %v", s, err)
		}
	}
}

// TestEmbeddedFontsHaveAllGlyphs shapes the letters of the pages' languages.
func TestEmbeddedFontsHaveAllGlyphs(t *testing.T) {
	setter, err := newTypesetter()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{
		"About 1,234.5 (80 to 96) – 50 % · “quoted” … → ▲ ▼ ± ≈ − €", "¿Qué año? ¡Ñandú, pingüino! «àâæçéèêëîïôœùûüÿ»", "ŁódźŽižkovİstanbul",
		"انضمام المنظمة السادسة، المبلّغة: من ٨٠ إلى ٩٦؟ ٪ لا لإ لأ لآ", "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيًٌٍَُِّْ", "٠١٢٣٤٥٦٧٨٩٬٫ ۰۱۲۳۴۵۶۷۸۹ پچژگ",
		"\u2068الربع ٣\u2069 2025 (Q3)",
	} {
		for _, bold := range []bool{false, true} {
			for _, rtl := range []bool{false, true} {
				line := setter.shape(s, 13, bold, rtl)
				if n := line.missing(); n > 0 || line.advance <= 0 {
					t.Errorf("%q: %d glyphs missing, %g wide", s, n, line.advance)
				}
			}
		}
	}
	if setter.shape("漢", 13, false, false).missing() != 1 {
		t.Error("a missing glyph is not counted")
	}
}

func TestArabicLettersAreJoined(t *testing.T) {
	setter, err := newTypesetter()
	if err != nil {
		t.Fatal(err)
	}
	joined, apart := setter.shape("ببب", 20, false, true), setter.shape("ب\u200cب\u200cب", 20, false, true)
	if len(joined.runs) != 1 || joined.runs[0].Glyphs[0].GlyphID == joined.runs[0].Glyphs[1].GlyphID {
		t.Error("the same letter has one shape at all places of a word")
	}
	if joined.advance >= apart.advance {
		t.Errorf("joined letters are %g wide, letters apart %g", joined.advance, apart.advance)
	}
}

// TestVisualOrder reads where each run of a mixed line stands, from left to right.
func TestVisualOrder(t *testing.T) {
	setter, err := newTypesetter()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text string
		rtl  bool
		want []string
	}{
		{"in الربع ٣ عام 2025", false, []string{"in ", "2025", " عام ", "٣", "الربع "}},
		{"من ٨٠ إلى ٩٦", true, []string{"٩٦", " إلى ", "٨٠", "من "}},
		{"خطة A b خطة", true, []string{" خطة", "A b", "خطة "}},
	} {
		line, runes := setter.shape(c.text, 13, false, c.rtl), []rune(c.text)
		var got []string
		for _, r := range line.runs {
			got = append(got, string(runes[r.Runes.Offset:r.Runes.Offset+r.Runes.Count]))
		}
		if len(got) != len(c.want) {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%q: %q, want %q", c.text, got, c.want)
				break
			}
		}
	}
}

func TestEmbeddedLicence(t *testing.T) {
	text, err := fontFiles.ReadFile("font/OFL.txt")
	if err != nil || !bytes.Contains(text, []byte("SIL OPEN FONT LICENSE Version 1.1")) {
		t.Errorf("the licence of the fonts is not with them: %v", err)
	}
}

func TestDashes(t *testing.T) {
	length := 0.0
	pieces := dashes([]Point{{0, 0}, {10, 0}, {10, 11}}, 2, 4)
	for _, p := range pieces {
		for i := 1; i < len(p); i++ {
			length += math.Hypot(p[i].X-p[i-1].X, p[i].Y-p[i-1].Y)
		}
	}
	if len(pieces) != 4 || math.Abs(length-8) > 1e-9 {
		t.Errorf("%d pieces, %g long: %v", len(pieces), length, pieces)
	}
}
