package chart

import "image/color"

// Palette is the colours of a chart in a file. A page has its own, in its style.
type Palette struct {
	Card, Ink, Mut, Rule, BaseRule color.NRGBA // paper, text, lesser text, grid, zero line and lines of notes
	Band95, Band50, Line           color.NRGBA
	Low                            color.NRGBA // coverage lower than owed
	Hatch, GapFill                 color.NRGBA // what is missing
	NoisyBand, NoisyLine           color.NRGBA
}

// Light is for paper and bright screens.
func Light() Palette {
	return Palette{
		Card: rgb(0xfffefb), Ink: rgb(0x18222d), Mut: rgb(0x5d6874), Rule: rgb(0xe3ded3), BaseRule: rgb(0xcfc8ba),
		Band95: rgb(0xcfe0ee), Band50: rgb(0x9dc1de), Line: rgb(0x0f4c81), Low: rgb(0xa63a12),
		Hatch: rgb(0xb9b3a6), GapFill: rgb(0xf0eee8), NoisyBand: rgb(0xebe9e3), NoisyLine: rgb(0x5d6874),
	}
}

// Dark is for dark screens.
func Dark() Palette {
	return Palette{
		Card: rgb(0x161e26), Ink: rgb(0xeef2f5), Mut: rgb(0x98a5b1), Rule: rgb(0x26313c), BaseRule: rgb(0x384653),
		Band95: rgb(0x1c3a53), Band50: rgb(0x2f648e), Line: rgb(0x8cc6f5), Low: rgb(0xffa98a),
		Hatch: rgb(0x4a5967), GapFill: rgb(0x1e2831), NoisyBand: rgb(0x25303a), NoisyLine: rgb(0xa7b3be),
	}
}

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 0xff}
}

func faint(c color.NRGBA, alpha uint8) color.NRGBA {
	c.A = alpha
	return c
}

// look is how a role is painted in a file. A colour without alpha is not painted.
type look struct {
	fill, stroke color.NRGBA
	width        float64
	dash         [2]float64 // on, off
	round        bool       // ends of lines
	size         float64    // of text
	bold         bool
}

func (p Palette) look(role Role, form Form) look {
	if l, ok := p.tableLook(role); ok {
		return l
	}
	switch role {
	case RoleBackground:
		return look{fill: p.Card}
	case RoleGapFill:
		return look{fill: p.GapFill}
	case RoleGreyBand:
		return look{fill: p.NoisyBand}
	case RoleBand95:
		return look{fill: p.Band95}
	case RoleOuter:
		return look{fill: faint(p.Band95, 0x59)}
	case RoleBand50:
		return look{fill: p.Band50}
	case RoleCovDot:
		return look{fill: p.Low}
	case RoleGapHatch, RoleCaution, RoleDotCaution:
		return p.hatchLook(role)
	case RoleGrid, RoleCovRule, RoleBase, RoleNoteLine, RoleDotted, RoleLine, RoleOuterEdge:
		return p.lineLook(role, form)
	case RoleDot, RoleDotLast, RoleGapDot:
		return p.dotLook(role, form)
	}
	return p.textLook(role)
}

// hatchLook has the colour of the hatch as its fill.
func (p Palette) hatchLook(role Role) look {
	switch role {
	case RoleCaution:
		return look{fill: faint(p.Line, 0x8c)}
	case RoleDotCaution:
		return look{fill: p.Line, stroke: p.Line, width: 1.6}
	}
	return look{fill: p.Hatch}
}

func (p Palette) lineLook(role Role, form Form) look {
	switch role {
	case RoleBase:
		return look{stroke: p.BaseRule, width: 1.2}
	case RoleNoteLine:
		return look{stroke: p.BaseRule, width: 1.4, dash: [2]float64{2, 4}}
	case RoleOuterEdge:
		return look{stroke: faint(p.Line, 0x99), width: 1.4, dash: [2]float64{6, 4}}
	case RoleDotted:
		return look{stroke: p.NoisyLine, width: thin(form, 2, 1.6, 1.6), dash: [2]float64{.1, 5}, round: true}
	case RoleLine:
		return look{stroke: p.Line, width: thin(form, 2.6, 2, 1.8), round: true}
	}
	return look{stroke: p.Rule, width: 1}
}

func thin(form Form, trend, mini, spark float64) float64 {
	switch form {
	case FormMini:
		return mini
	case FormSpark:
		return spark
	}
	return trend
}

func (p Palette) dotLook(role Role, form Form) look {
	switch role {
	case RoleDotLast:
		return look{fill: p.Line, stroke: p.Card, width: thin(form, 2.2, 0, 0)}
	case RoleGapDot:
		return look{fill: p.Card, stroke: p.Hatch, width: 1.4}
	}
	return look{fill: p.Card, stroke: p.Line, width: 2.2}
}

func (p Palette) textLook(role Role) look {
	switch role {
	case RoleLastValue:
		return look{fill: p.Ink, size: sizeLast, bold: true}
	case RoleLastRange:
		return look{fill: p.Mut, size: sizeRange}
	case RoleGroup, RoleGapMark:
		return look{fill: p.Ink, size: sizeText, bold: true}
	case RoleCovLow:
		return look{fill: p.Low, size: sizeSmall, bold: true}
	case RoleCoverage, RoleCovLabel, RoleNote:
		return look{fill: p.Mut, size: sizeSmall}
	case RoleHeading:
		return look{fill: p.Ink, size: sizeHeading, bold: true}
	case RoleSource:
		return look{fill: p.Mut, size: sizeSource}
	case RoleWatermark:
		return look{fill: faint(p.Ink, 0x1a), bold: true}
	}
	return look{fill: p.Mut, size: sizeText}
}
