package chart

const (
	tipHeight = 50
	tipRoom   = 420 // the widest tip
	tipPad    = 12
)

// links are the marks' columns, in time order: wherever one points, the period
// under the pointer answers. An Untold mark that can be said is reached too.
func links(f frame, t Trend) []Link {
	var all []Link
	for i, m := range t.Marks {
		if m.Say == "" && m.Tip == [2]string{} && m.Href == "" {
			continue
		}
		x, half := f.along(float64(i)), min(40, f.step()/2)
		if f.marks == 1 {
			half = 40
		}
		halo := haloOf(f, m, i)
		all = append(all, Link{Href: m.Href, Label: spoken(m),
			Hit: f.box(RoleHit, x-half, x+half, f.top, f.bottom), Halo: halo, Tip: tipAt(f, t.RTL, m.Tip, halo)})
	}
	return all
}

// spoken is never empty: a link without a name cannot be told from others.
func spoken(m Mark) string {
	for _, s := range []string{m.Say, m.Tip[0], m.Label + " " + m.Group} {
		if s != "" {
			return s
		}
	}
	return ""
}

func haloOf(f frame, m Mark, i int) Circle {
	switch m.Kind {
	case Shown, Caution:
		return Circle{RoleHalo, f.x(i), f.y(m.Value), 9}
	case Noisy:
		return Circle{RoleHalo, f.x(i), f.y((m.Low95 + m.High95) / 2), 9}
	}
	return Circle{RoleHalo, f.x(i), f.bottom - 20, min(14, f.halfColumn()+3)}
}

// tipAt puts the tooltip above its mark, or below it where the scene ends.
func tipAt(f frame, rtl bool, lines [2]string, at Circle) Tip {
	if lines == [2]string{} {
		return Tip{}
	}
	room := float64(tipRoom - 2*tipPad)
	first, second := fit(lines[0], sizeText, room), fit(lines[1], sizeSmall, room)
	box := Rect{Role: RoleTip, H: tipHeight, R: 7}
	box.W = max(120, 2*tipPad+max(textWidth(first, sizeText)*1.06, textWidth(second, sizeSmall)))
	box.X = min(max(2, at.X-box.W/2), f.width-box.W-2)
	if box.Y = at.Y - at.R - 7 - tipHeight; box.Y < 2 {
		box.Y = at.Y + at.R + 7
	}
	x, anchor := box.X+tipPad, Left
	if rtl {
		x, anchor = box.X+box.W-tipPad, Right
	}
	return Tip{Box: box, Lines: []Text{
		{RoleTipFirst, x, box.Y + 20, anchor, first},
		{RoleTipSecond, x, box.Y + 38, anchor, second},
	}}
}
