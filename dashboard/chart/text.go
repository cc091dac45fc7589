package chart

import (
	"strings"
	"unicode"
)

const ellipsis = "…"

// clean makes hostile or careless text harmless to a line of a chart: no control
// characters, no overrides of direction, isolates closed, at most limit runes.
func clean(s string, limit int) string {
	var kept []rune
	for _, r := range s {
		if len(kept) > limit {
			break
		}
		if r = cleanRune(r); r >= 0 {
			kept = append(kept, r)
		}
	}
	if len(kept) > limit {
		kept = append(kept[:limit-1], []rune(ellipsis)...)
	}
	return closeIsolates(strings.TrimSpace(string(kept)))
}

// cleanRune is -1 for a rune that is dropped. XML allows no other controls than
// white space, and embeddings or overrides can make a line say what it does not.
func cleanRune(r rune) rune {
	switch {
	case unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f':
		return ' '
	case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r&0xfffe == 0xfffe, r >= 0xfdd0 && r <= 0xfdef:
		return -1
	}
	return r
}

const (
	isolateFirst = '\u2066'
	isolateLast  = '\u2068'
	isolatePop   = '\u2069'
)

func closeIsolates(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r >= isolateFirst && r <= isolatePop }) {
		return s
	}
	var b strings.Builder
	open := 0
	for _, r := range s {
		switch {
		case r >= isolateFirst && r <= isolateLast:
			open++
		case r == isolatePop && open == 0:
			continue
		case r == isolatePop:
			open--
		}
		b.WriteRune(r)
	}
	return b.String() + strings.Repeat(string(isolatePop), open)
}

// safeHref keeps addresses inside the node. "//host" and what a browser reads as
// it ("/\host", "/<tab>/host") lead out.
func safeHref(href string) string {
	inside := strings.HasPrefix(href, "#") || strings.HasPrefix(href, "/") && !strings.HasPrefix(href, "//")
	odd := func(r rune) bool {
		return r == '\\' || unicode.IsControl(r) || unicode.IsSpace(r) || r == unicode.ReplacementChar
	}
	if !inside || len(href) > 2000 || strings.ContainsFunc(href, odd) {
		return ""
	}
	return href
}

// textWidth estimates how wide a line is, a little generously: the font of the
// reader is not known.
func textWidth(s string, size float64) float64 {
	w := 0.0
	for _, r := range s {
		w += runeWidth(r)
	}
	return w * size
}

func runeWidth(r rune) float64 {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.IsDigit(r):
		return .59
	case r == ' ', unicode.IsPunct(r) && r < 0x100:
		return .36
	case unicode.IsUpper(r):
		return .68
	case unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana):
		return 1.05
	}
	return .59
}

// fit cuts a clean line with an ellipsis where it would be wider than room.
func fit(s string, size, room float64) string {
	if textWidth(s, size) <= room {
		return s
	}
	room -= textWidth(ellipsis, size)
	for i, r := range s {
		if room -= runeWidth(r) * size; room < 0 {
			return closeIsolates(strings.TrimSpace(s[:i]) + ellipsis)
		}
	}
	return s
}
