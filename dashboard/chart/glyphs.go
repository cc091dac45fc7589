package chart

import (
	"bytes"
	"embed"
	"fmt"
	"slices"
	"sync"

	"github.com/go-text/typesetting/bidi"
	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
)

//go:embed font/*.ttf font/OFL.txt
var fontFiles embed.FS

// fonts parses the embedded files once; a parsed font is never changed.
var fonts = sync.OnceValues(func() (map[string]*font.Font, error) {
	all := map[string]*font.Font{}
	for _, name := range slices.Concat(faceNames(false), faceNames(true)) {
		data, err := fontFiles.ReadFile("font/" + name + ".ttf")
		if err != nil {
			return nil, err
		}
		face, err := font.ParseTTF(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("parse font %s: %w", name, err)
		}
		all[name] = face.Font
	}
	return all, nil
})

// faceNames are in the order in which a rune is looked for.
func faceNames(bold bool) []string {
	weight := "-Regular"
	if bold {
		weight = "-Bold"
	}
	return []string{"NotoSans" + weight, "NotoSansArabic" + weight, "NotoSansMath-Regular", "NotoSansSymbols2-Regular"}
}

// typesetter turns lines of text into outlines. It is for one goroutine.
type typesetter struct {
	regular, bold faces
	segmenter     shaping.Segmenter
	shaper        shaping.HarfbuzzShaper
}

func newTypesetter() (*typesetter, error) {
	all, err := fonts()
	if err != nil {
		return nil, err
	}
	t := &typesetter{}
	for _, name := range faceNames(false) {
		t.regular.all = append(t.regular.all, font.NewFace(all[name]))
	}
	for _, name := range faceNames(true) {
		t.bold.all = append(t.bold.all, font.NewFace(all[name]))
	}
	return t, nil
}

// faces chooses a font by script first: digits and spaces between Arabic words
// are taken from the Arabic font if it has them.
type faces struct {
	all    []*font.Face // as faceNames
	arabic bool
}

// SetScript is told the script of the runes that follow.
func (f *faces) SetScript(s language.Script) { f.arabic = s == language.Arabic }

// ResolveFace is the first font that has the rune.
func (f *faces) ResolveFace(r rune) *font.Face {
	if _, has := f.all[1].NominalGlyph(r); has && f.arabic {
		return f.all[1]
	}
	for _, face := range f.all {
		if _, has := face.NominalGlyph(r); has {
			return face
		}
	}
	return f.all[0]
}

// shaped is a line of text in visual order, from left to right.
type shaped struct {
	runs    []shaping.Output
	advance float64
}

func (t *typesetter) shape(s string, size float64, bold, rtl bool) shaped {
	set := &t.regular
	if bold {
		set = &t.bold
	}
	text := []rune(s)
	if len(text) == 0 {
		return shaped{}
	}
	input := shaping.Input{Text: text, RunEnd: len(text), Size: fixed.Int26_6(size * 64), Language: "en", Direction: di.DirectionLTR}
	if rtl {
		input.Direction = di.DirectionRTL
	}
	var line shaped
	for _, part := range slices.Clone(t.segmenter.Split(input, set)) {
		out := t.shaper.Shape(part)
		line.advance += float64(out.Advance) / 64
		line.runs = append(line.runs, out)
	}
	line.reorder(text, rtl)
	return line
}

// reorder brings runs from the order of reading into that of seeing, by rule L2 of
// the Unicode bidirectional algorithm: from the deepest level on, each stretch of
// that level or deeper is turned around.
func (line shaped) reorder(text []rune, rtl bool) {
	levels := line.levels(text, rtl)
	if len(levels) == 0 {
		return
	}
	for level := slices.Max(levels); level > 0; level-- {
		for i := 0; i < len(levels); i++ {
			j := i
			for j < len(levels) && levels[j] >= level {
				j++
			}
			slices.Reverse(line.runs[i:j])
			slices.Reverse(levels[i:j])
			i = max(i, j)
		}
	}
}

// levels are the depths of the runs: even from left to right, odd against it.
func (line shaped) levels(text []rune, rtl bool) []bidi.Level {
	base := bidi.LeftToRight
	if rtl {
		base = bidi.RightToLeft
	}
	var paragraph bidi.Paragraph
	found := paragraph.Segment(text, base)
	var levels []bidi.Level
	for i, at := 0, 0; at < len(line.runs) && i < found.NumRuns(); {
		if run := found.Run(i); line.runs[at].Runes.Offset < run.End {
			levels = append(levels, run.Level)
			at++
		} else {
			i++
		}
	}
	return levels
}

// missing counts the glyphs that no font has.
func (line shaped) missing() int {
	n := 0
	for _, r := range line.runs {
		for _, g := range r.Glyphs {
			if g.GlyphID == 0 {
				n++
			}
		}
	}
	return n
}

// outline draws the line with its left end at x on the base line y.
func (line shaped) outline(x, y float64) outline {
	var o outline
	for _, r := range line.runs {
		scale := float64(r.Size) / 64 / float64(r.Face.Upem())
		for _, g := range r.Glyphs {
			glyph, _ := r.Face.GlyphDataOutline(g.GlyphID)
			o.glyph(glyph, Point{x + float64(g.XOffset)/64, y - float64(g.YOffset)/64}, scale)
			x += float64(g.Advance) / 64
		}
	}
	return o
}

func (o *outline) glyph(g font.GlyphOutline, at Point, scale float64) {
	for _, s := range g.Segments {
		seg := segment{n: int(s.Op)}
		for i, p := range s.ArgsSlice() {
			seg.p[i] = Point{at.X + float64(p.X)*scale, at.Y - float64(p.Y)*scale}
		}
		*o = append(*o, seg)
	}
}
