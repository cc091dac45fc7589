package chart

// LayoutMini lays out one of the small multiples: pale band, line and newest dot,
// hatches for what is missing. It has no words; give all of them the same Max.
func LayoutMini(t Trend) Scene {
	return small(t, FormMini, frame{width: 232, start: 4, end: 228, top: 6, bottom: 86, inset: 4, alone: 3.5}, 92)
}

// LayoutSpark lays out a chart as high as a sentence's line or two, without words.
func LayoutSpark(t Trend) Scene {
	return small(t, FormSpark, frame{width: 120, start: 2, end: 118, top: 3, bottom: 29, inset: 3, alone: 2.5}, 32)
}

func small(t Trend, form Form, f frame, height float64) Scene {
	t = t.cleaned()
	f.marks, f.mirror = len(t.Marks), t.Mirror
	if f.max = max(Top(t), t.Max); f.max == 0 {
		f.max = 1
	}
	s := Scene{Form: form, Title: t.Title, Desc: t.Desc, W: f.width, H: height, RTL: t.RTL, Patterns: hatches(form)}
	if form == FormMini { // a spark stands on whatever its sentence stands on
		s.add(background(s.W, s.H))
	}
	s.add(f.line(RoleBase, f.start, f.bottom, f.end))
	for i, m := range t.Marks {
		if m.Kind == Missing {
			x, half := f.along(float64(i)), f.step()*.44
			s.add(f.box(RoleGapHatch, x-half, x+half, f.top, f.bottom-4))
		}
	}
	s.add(f.bands(t.Marks, false)...)
	if i := t.newest(); i >= 0 {
		s.add(Circle{RoleDotLast, f.x(i), f.y(t.Marks[i].Value), map[Form]float64{FormMini: 3, FormSpark: 2.4}[form]})
	}
	return s
}
