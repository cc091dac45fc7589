package mapping

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fold is the form in which spellings and column names are compared: HTML entities
// resolved, lower case, without accents, with single blanks, plain quotes, dashes and
// digits. "  Tätlicher&nbsp;Übergriff " and "tatlicher ubergriff" are the same.
// Its result never leaves a comparison.
func Fold(s string) string {
	if plain(s) {
		return s
	}
	s = unescape(s)
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			gap = b.Len() > 0
			continue
		case invisible(r) || mark(r):
			continue
		case gap:
			b.WriteByte(' ')
			gap = false
		}
		fold(&b, r)
	}
	return b.String()
}

// plain tells a string that is its own folded form, the usual one.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' || c == '&' || c < ' ' {
			return false
		}
		if c == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' ') {
			return false
		}
	}
	return true
}

func fold(b *strings.Builder, r rune) {
	r = unicode.ToLower(r)
	if r < utf8.RuneSelf {
		b.WriteRune(r)
		return
	}
	if base, ok := letters[r]; ok {
		b.WriteString(base)
		return
	}
	b.WriteRune(plainSign(r))
}

// letters turns the table around.
var letters = func() map[rune]string {
	m := make(map[rune]string, 900)
	for base, all := range accented {
		for _, r := range all {
			m[r] = base
		}
	}
	return m
}()

// unescape resolves HTML entities, also those that were escaped twice on their way
// through two systems.
func unescape(s string) string {
	for range 2 {
		if !strings.Contains(s, "&") {
			return s
		}
		s = html.UnescapeString(s)
	}
	return s
}

// invisible tells joiners, direction marks, soft hyphens and byte order marks, which
// travel along when people copy text.
func invisible(r rune) bool {
	return r == 0xAD || r == 0xFEFF || r == 0x2060 || r >= 0x200B && r <= 0x200F || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0x0640
}

// mark tells combining accents and Arabic vowel signs. Marks of other scripts are
// letters of their own right and stay.
func mark(r rune) bool {
	return r >= 0x300 && r <= 0x36F || r >= 0x64B && r <= 0x65F || r == 0x670
}

func plainSign(r rune) rune {
	switch {
	case r == '’' || r == '‘' || r == 'ʼ' || r == '`' || r == '´':
		return '\''
	case r == '“' || r == '”' || r == '„' || r == '«' || r == '»':
		return '"'
	case r >= 0x2010 && r <= 0x2015 || r == 0x2212:
		return '-'
	}
	return westernDigit(r)
}

// westernDigit turns Arabic and Persian digits into 0-9.
func westernDigit(r rune) rune {
	switch {
	case r >= 0x660 && r <= 0x669:
		return '0' + r - 0x660
	case r >= 0x6F0 && r <= 0x6F9:
		return '0' + r - 0x6F0
	}
	return r
}

// trim takes blanks and invisible characters off both ends: what remains of an id.
func trim(s string) string {
	if s == "" || s[0] > ' ' && s[0] < utf8.RuneSelf && s[len(s)-1] > ' ' && s[len(s)-1] < utf8.RuneSelf {
		return s
	}
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || invisible(r) })
}
