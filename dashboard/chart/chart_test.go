package chart

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// quarters are n marks that rise, the newest in the last quarter of 2026.
func quarters(n int) []Mark {
	marks := make([]Mark, n)
	for i := range marks {
		q := 2027*4 - n + i
		v, half := 20+6*float64(i), 8+float64(i%3)
		marks[i] = Mark{
			Label: fmt.Sprintf("Q%d", q%4+1), Group: fmt.Sprint(q / 4), Value: v,
			Low95: v - half, High95: v + half, Low50: v - half/3, High50: v + half/3,
			Coverage: "6/6", Href: fmt.Sprintf("/evidence?q=%d&of=trend", q), Say: fmt.Sprintf("Quarter %d of %d: about %.0f", q%4+1, q/4, v),
			Tip: [2]string{fmt.Sprintf("Q%d %d: about %.0f", q%4+1, q/4, v), "6 of 6 members"},
		}
	}
	return marks
}

func ordinary() Trend {
	return Trend{Title: "Spyware in the north, a quarter", Desc: "A line with two bands.", Marks: quarters(12),
		CoverageLabel: "Members reporting", Last: [2]string{"86", "76 to 96"}, Notes: []Note{{At: 9, Text: "6th member joins"}}}
}

// kinds has a mark of each kind.
func kinds() Trend {
	t := ordinary()
	t.Marks[2].Kind, t.Marks[4].Kind, t.Marks[5].Kind, t.Marks[10].Kind = Caution, Noisy, Noisy, Untold
	t.Marks[7].Kind, t.Marks[7].Coverage, t.Marks[7].CoverageLow = Missing, "2/6", true
	t.Notes = append(t.Notes, Note{At: 10, Text: "plan changed"}, Note{At: 11, Text: "method changed at quiet-heron"})
	return t
}

func allOf(kind Kind) Trend {
	t := ordinary()
	for i := range t.Marks {
		t.Marks[i].Kind = kind
	}
	t.Last = [2]string{}
	return t
}

func one() Trend {
	t := ordinary()
	t.Marks, t.Notes = t.Marks[11:], nil
	return t
}

func huge() Trend {
	t := ordinary()
	for i := range t.Marks {
		m := &t.Marks[i]
		for _, v := range []*float64{&m.Value, &m.Low95, &m.High95, &m.Low50, &m.High50} {
			*v *= 1e10
		}
	}
	t.Last = [2]string{"860,000,000,000", "760,000,000,000 to 960,000,000,000"}
	return t
}

func forty() Trend {
	t := ordinary()
	t.Marks = quarters(40)
	for i := 3; i < 40; i += 11 {
		t.Marks[i].Coverage, t.Marks[i].CoverageLow = "10/12", true
	}
	t.Marks[20].Coverage, t.Marks[20].CoverageLow = "10/12", true
	t.Marks[21].Coverage, t.Marks[21].CoverageLow = "10/12", true
	t.Marks[39].Kind = Missing
	return t
}

// beside has a wider range around the bands of the last marks, one of them noisy, and one
// that stands alone.
func beside() Trend {
	t := ordinary()
	for _, i := range []int{3, 8, 9, 10, 11} {
		m := &t.Marks[i]
		m.LowOuter, m.HighOuter = m.Value-2*(m.Value-m.Low95), m.Value+2*(m.High95-m.Value)
	}
	t.Marks[2].Kind, t.Marks[4].Kind, t.Marks[9].Kind = Missing, Missing, Noisy
	return t
}

func arabicDigits(n int64) string {
	return strings.Map(func(r rune) rune { return r - '0' + '٠' }, fmt.Sprint(n))
}

func arabic() Trend {
	t := kinds()
	t.RTL, t.Mirror, t.Number = true, true, arabicDigits
	t.Title, t.CoverageLabel, t.Last = "برامج التجسس", "المنظمات المبلّغة", [2]string{"٨٦", "من ٧٦ إلى ٩٦"}
	t.Notes = []Note{{At: 9, Text: "انضمام المنظمة السادسة"}, {At: 4, Text: "تغيّرت الخطة (٢٠٢٥)"}}
	for i := range t.Marks {
		t.Marks[i].Label, t.Marks[i].Group = "ر"+arabicDigits(int64(i%4+1)), arabicDigits(int64(2024+i/4))
		t.Marks[i].Coverage, t.Marks[i].Tip = "٥/٦", [2]string{"الربع الأول: نحو ٨٦", "من ٧٦ إلى ٩٦"}
	}
	return t
}

func goldens() map[string]Scene {
	leftToRight := arabic()
	leftToRight.Mirror = false
	return map[string]Scene{
		"ordinary": LayoutTrend(ordinary()), "kinds": LayoutTrend(kinds()), "one": LayoutTrend(one()),
		"none": LayoutTrend(Trend{Title: "Nothing yet"}), "noisy": LayoutTrend(allOf(Noisy)), "missing": LayoutTrend(allOf(Missing)),
		"huge": LayoutTrend(huge()), "forty": LayoutTrend(forty()), "beside": LayoutTrend(beside()),
		"arabic": LayoutTrend(arabic()), "arabic-left-to-right": LayoutTrend(leftToRight),
		"mini": LayoutMini(kinds()), "mini-arabic": LayoutMini(arabic()), "spark": LayoutSpark(kinds()),
	}
}

func TestScenes(t *testing.T) {
	for name, scene := range goldens() {
		file := filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(scene.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := scene.String(); got != string(want) {
			t.Errorf("%s: the scene changed; see the difference with -update\n%s", file, got)
		}
	}
}

// The wider ranges are within the scale, never inside the pale band, and meet it at the
// marks beside them; what is no number is no range.
func TestWiderRanges(t *testing.T) {
	c := beside()
	if top := Top(c); top < c.Marks[11].HighOuter {
		t.Errorf("the scale ends at %g, the range at %g", top, c.Marks[11].HighOuter)
	}
	f := trendFrame(c.cleaned())
	uppers, lowers := f.outlines(c.Marks)
	if len(uppers) != 2 || len(uppers[0]) != 2 || len(uppers[1]) != 5 {
		t.Fatalf("%d stretches: %v", len(uppers), uppers)
	}
	if at := uppers[1][0]; at.Y != f.y(c.Marks[7].High95) || lowers[1][0].Y != f.y(c.Marks[7].Low95) {
		t.Errorf("it begins at %v", at)
	}
	for i, at := range uppers[1] {
		if at.Y > f.y(c.Marks[7+i].High95) {
			t.Errorf("mark %d: inside its band", 7+i)
		}
	}
	c.Marks[11].HighOuter = math.Inf(1)
	if m := c.cleaned().Marks[11]; m.Kind != Shown || m.outer() {
		t.Errorf("%+v", m)
	}
}

func TestNiceScale(t *testing.T) {
	for _, c := range []struct {
		top  float64
		max  float64
		step int64
	}{
		{0, 1, 1}, {-3, 1, 1}, {math.NaN(), 1, 1}, {.2, 1, 1}, {1, 1, 1}, {5, 5, 1}, {7, 8, 2}, {11, 15, 5}, {96, 100, 20}, {100, 100, 20},
		{101, 125, 25}, {130, 150, 50}, {1200, 1250, 250}, {1e12, 1e12, 2e11}, {math.Inf(1), 1e15, 2e14},
	} {
		ticks := Ticks(c.top)
		if NiceMax(c.top) != c.max || ticks[0] != 0 || ticks[1] != c.step || ticks[len(ticks)-1] != int64(c.max) || len(ticks) > 6 {
			t.Errorf("top %g: max %g, ticks %v; want max %g, step %d", c.top, NiceMax(c.top), ticks, c.max, c.step)
		}
	}
}

func TestSharedScaleIsKeptOrRaised(t *testing.T) {
	low := one()
	low.Max = 960
	if dot := find[Circle](LayoutMini(low), RoleDotLast); dot[0].Y < 78 {
		t.Errorf("on a scale ten times as high the dot is at %g", dot[0].Y)
	}
	low.Max = 1
	if dot := find[Circle](LayoutMini(low), RoleDotLast); dot[0].Y < 6 || dot[0].Y > 20 {
		t.Errorf("on a scale that is too low the dot is at %g", dot[0].Y)
	}
	if top := Top(ordinary(), low); top != 96 {
		t.Errorf("top %g", top)
	}
}

// find is the shapes of a role.
func find[S Shape](s Scene, role Role) []S {
	var found []S
	for _, shape := range s.Shapes {
		if v, ok := shape.(S); ok && strings.Contains(shape.String(), " "+string(role)+" ") {
			found = append(found, v)
		}
	}
	return found
}

func TestKindsLookDifferent(t *testing.T) {
	s := LayoutTrend(kinds())
	counts := map[Role]int{RoleDot: 6 + 1, RoleDotLast: 1, RoleDotCaution: 1, RoleGapDot: 1}
	for role, want := range counts {
		if got := len(find[Circle](s, role)); got != want {
			t.Errorf("%s: %d, want %d", role, got, want)
		}
	}
	if solid := find[Path](s, RoleBand95)[0]; len(solid.Parts) != 4 {
		t.Errorf("the band has %d parts, want 4: it must stop at what is noisy, missing and untold", len(solid.Parts))
	}
	grey := find[Path](s, RoleGreyBand)[0]
	if first := grey.Parts[0][0].X; first != find[Circle](s, RoleDot)[3].X {
		t.Errorf("the grey band begins at %g, not at the estimate beside it", first)
	}
}

func TestBadNumbersAreMissing(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300} {
		c := one()
		c.Marks[0].High95 = bad
		s := LayoutTrend(c)
		if len(find[Text](s, RoleGapMark)) != 1 || len(find[Path](s, RoleBand95)) != 0 {
			t.Errorf("%g is drawn", bad)
		}
	}
}

func TestNegativeNumbersAreClipped(t *testing.T) {
	c := one()
	m := &c.Marks[0]
	m.Value, m.Low95, m.Low50, m.High50, m.High95 = -2, -9, -4, 1, 5
	s := LayoutTrend(c)
	base := find[Path](s, RoleBase)[0].Parts[0][0].Y
	if dot := find[Circle](s, RoleDotLast)[0]; dot.Y != base {
		t.Errorf("the dot is at %g, the zero line at %g", dot.Y, base)
	}
}

// TestMirrorFlips lays the same trend out both ways: each x of the one is the
// mirror image of the other.
func TestMirrorFlips(t *testing.T) {
	there := kinds()
	back := kinds()
	back.Mirror = true
	for _, layout := range []func(Trend) Scene{LayoutTrend, LayoutMini, LayoutSpark} {
		a, b := layout(there), layout(back)
		ca, cb := circles(a), circles(b)
		if len(ca) == 0 || len(ca) != len(cb) {
			t.Fatalf("%s: %d and %d circles", a.Form, len(ca), len(cb))
		}
		for i := range ca {
			if math.Abs(ca[i].X+cb[i].X-a.W) > 1e-9 || ca[i].Y != cb[i].Y {
				t.Errorf("%s: %v is not the mirror of %v", a.Form, cb[i], ca[i])
			}
		}
		for i := range a.Links {
			if ha, hb := a.Links[i].Hit, b.Links[i].Hit; math.Abs(ha.X+ha.W+hb.X-a.W) > 1e-9 {
				t.Errorf("place %d to point at: %v and %v", i, ha, hb)
			}
		}
	}
}

func circles(s Scene) []Circle {
	var all []Circle
	for _, shape := range s.Shapes {
		if c, ok := shape.(Circle); ok {
			all = append(all, c)
		}
	}
	return all
}

func TestAnchors(t *testing.T) {
	for _, c := range []struct {
		anchor Anchor
		rtl    bool
		want   string
	}{{Left, false, "start"}, {Right, false, "end"}, {Middle, false, "middle"}, {Left, true, "end"}, {Right, true, "start"}, {Middle, true, "middle"}} {
		if got := textAnchor(c.anchor, c.rtl); got != c.want {
			t.Errorf("anchor %d, right to left %t: %s", c.anchor, c.rtl, got)
		}
	}
	mirrored := find[Text](LayoutTrend(arabic()), RoleTick)[0]
	if mirrored.Anchor != Left || mirrored.X < trendWidth/2 {
		t.Errorf("mirrored axis: %s", mirrored)
	}
}

// span is what a line of text covers.
func span(text Text, size float64) (from, to float64) {
	w := textWidth(text.S, size)
	from = text.X - w*[...]float64{0, .5, 1}[text.Anchor]
	return from, from + w
}

// TestNoTextTouchesAnother holds for all goldens: neighbours on one base line are
// apart, and nothing leaves the scene.
func TestNoTextTouchesAnother(t *testing.T) {
	crowded := ordinary()
	for i := range 12 {
		crowded.Notes = append(crowded.Notes, Note{At: i, Text: strings.Repeat("note ", i+1)})
	}
	scenes := goldens()
	scenes["crowded"] = LayoutTrend(crowded)
	early := huge()
	for i := 1; i < len(early.Marks); i++ {
		early.Marks[i].Kind = Missing
	}
	scenes["early"] = LayoutTrend(early)
	for name, s := range scenes {
		rows := map[float64][][2]float64{}
		for _, shape := range s.Shapes {
			if text, ok := shape.(Text); ok && text.Role != RoleTick && text.Role != RoleGapMark {
				from, to := span(text, Light().look(text.Role, s.Form).size)
				if from < -1 || to > s.W+1 || text.Y > s.H {
					t.Errorf("%s: %s leaves the scene (%g to %g)", name, text, from, to)
				}
				rows[text.Y] = append(rows[text.Y], [2]float64{from, to})
			}
		}
		for y, spans := range rows {
			slices.SortFunc(spans, func(a, b [2]float64) int { return int(math.Copysign(1, a[0]-b[0])) })
			for i := 1; i < len(spans); i++ {
				if spans[i][0] < spans[i-1][1] {
					t.Errorf("%s: texts overlap on base line %g: %v", name, y, spans[i-1:i+1])
				}
			}
		}
	}
}

// TestLowCoverageIsNeverDropped counts texts and dots against the marks.
func TestLowCoverageIsNeverDropped(t *testing.T) {
	c, low := forty(), 0
	for _, m := range c.Marks {
		if m.CoverageLow {
			low++
		}
	}
	s := LayoutTrend(c)
	texts, dots := len(find[Text](s, RoleCovLow)), len(find[Circle](s, RoleCovDot))
	if texts+dots != low || texts == 0 || dots == 0 {
		t.Errorf("%d texts and %d dots for %d marks", texts, dots, low)
	}
}

func TestLinksComeLastAndInTimeOrder(t *testing.T) {
	page := string(LayoutTrend(kinds()).Page())
	if strings.LastIndex(page, `class="dot`) > strings.Index(page, `class="mark"`) {
		t.Error("a dot lies over a tooltip")
	}
	labels := regexp.MustCompile(`<a class="mark" href="([^"]+)" aria-label="Quarter (\d) of (\d+)`).FindAllStringSubmatch(page, -1)
	if len(labels) != 12 {
		t.Fatalf("%d links", len(labels))
	}
	for i, l := range labels {
		if want := []string{fmt.Sprint(i%4 + 1), fmt.Sprint(2024 + i/4)}; !slices.Equal(l[2:], want) {
			t.Errorf("link %d: %v, want %v", i, l[2:], want)
		}
	}
}

func TestUntitledSceneIsHidden(t *testing.T) {
	c := ordinary()
	c.Title = ""
	if page := string(LayoutMini(c).Page()); !strings.Contains(page, `aria-hidden="true" focusable="false"`) || strings.Contains(page, "<title") {
		t.Error(page)
	}
}

func TestEachSceneHasItsOwnIDs(t *testing.T) {
	s := LayoutTrend(kinds())
	s.ID = `a" onload="x`
	page := string(s.Page())
	if !strings.Contains(page, `id="aonloadx-t"`) || !strings.Contains(page, `fill="url(#aonloadx-gaphat)"`) {
		t.Error(page)
	}
	for _, id := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(id[1], "aonloadx-") {
			t.Errorf("id %q", id[1])
		}
	}
}

// wellFormed reads all of an XML document and gives its elements and attributes.
func wellFormed(t *testing.T, doc string) []xml.StartElement {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(doc))
	d.Strict = true
	var all []xml.StartElement
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		if e, ok := token.(xml.StartElement); ok {
			all = append(all, e.Copy())
		}
	}
}

// TestEveryClassHasAStyle holds the page's classes against the style sheet, and
// the roles against the looks of files.
func TestEveryClassHasAStyle(t *testing.T) {
	for name, s := range goldens() {
		for _, e := range wellFormed(t, string(s.Page())) {
			for _, a := range e.Attr {
				for _, class := range strings.Fields(map[bool]string{true: a.Value}[a.Name.Local == "class"]) {
					if !strings.Contains(CSS, "."+class) && s.Form != Form(class) {
						t.Errorf("%s: no style for class %q", name, class)
					}
				}
			}
		}
		for _, shape := range s.Shapes {
			role := Role(strings.Fields(shape.String())[1])
			if l := Light().look(role, s.Form); l.fill.A == 0 && l.stroke.A == 0 {
				t.Errorf("%s: role %q is not painted in files", name, role)
			}
		}
	}
}
