package canary

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"unicode/utf16"
)

// Text is canary number i: 20 bytes, 95 bits of them by chance. What every escaping
// changes stands between, so that an escaped one is found as such or not at all.
func Text(i int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	sum := sha256.Sum256(fmt.Appendf(nil, "canary %d", i))
	b := make([]byte, 16)
	for k := range b {
		b[k] = letters[int(sum[k])%len(letters)]
	}
	return string(b[:4]) + `"` + string(b[4:8]) + "é" + string(b[8:12]) + "/" + string(b[12:])
}

// head is how many bytes of a text are looked for where each byte or letter is encoded
// by itself: what was cut off in the middle is found too.
const head = 12

// form is a way of writing a text down.
type form struct {
	name  string
	write func(text string) []string
}

// forms are the ways that are looked for. A hash without a key is one: anyone finds the
// name by trying.
var forms = []form{
	each("raw", func(s string) []string { return []string{s} }),
	each("lower", func(s string) []string { return []string{strings.ToLower(s)} }),
	each("UPPER", func(s string) []string { return []string{strings.ToUpper(s)} }),
	each("hex", func(s string) []string { return []string{hex.EncodeToString([]byte(s))} }),
	each("HEX", func(s string) []string { return []string{strings.ToUpper(hex.EncodeToString([]byte(s)))} }),
	grouped("base64 at 0", base64.RawStdEncoding.EncodeToString, 3, 0),
	grouped("base64 at 1", base64.RawStdEncoding.EncodeToString, 3, 1),
	grouped("base64 at 2", base64.RawStdEncoding.EncodeToString, 3, 2),
	grouped("base64url at 0", base64.RawURLEncoding.EncodeToString, 3, 0),
	grouped("base64url at 1", base64.RawURLEncoding.EncodeToString, 3, 1),
	grouped("base64url at 2", base64.RawURLEncoding.EncodeToString, 3, 2),
	grouped("base32", base32.StdEncoding.EncodeToString, 5, 0, 1, 2, 3, 4),
	each("UTF-16LE", func(s string) []string { return []string{wide(s, 0, 8)} }),
	each("UTF-16BE", func(s string) []string { return []string{wide(s, 8, 0)} }),
	each("URL", func(s string) []string { return bothCases(url.QueryEscape(s), "%") }),
	each("JSON", func(s string) []string {
		return []string{quoted(s), ascii(s), strings.ReplaceAll(s, `"`, `\u0022`)}
	}),
	each("HTML", func(s string) []string {
		return []string{html.EscapeString(s), strings.ReplaceAll(s, `"`, "&quot;")}
	}),
	each("CSV", func(s string) []string { return []string{strings.ReplaceAll(s, `"`, `""`)} }),
	each("reversed", func(s string) []string { return []string{reversed(s)} }),
	{"SHA-256 in hex", func(s string) []string { return bothCases(hashed(s, 8), "") }},
	{"SHA-256", func(s string) []string { sum := sha256.Sum256([]byte(s)); return []string{string(sum[:8])} }},
}

// each is a form in which the first letters of a text give the first letters of what is
// written.
func each(name string, write func(string) []string) form {
	return form{name, func(text string) []string { return write(text[:head]) }}
}

// grouped is a form that writes so many bytes at once: what is looked for depends on how
// many stood before the text.
func grouped(name string, write func([]byte) string, group int, before ...int) form {
	return form{name, func(text string) []string {
		var all []string
		for _, n := range before {
			from := (group - n) % group
			all = append(all, write([]byte(text[from:from+(len(text)-from)/group*group])))
		}
		return all
	}}
}

func wide(s string, first, second int) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u>>first), byte(u>>second))
	}
	return string(b)
}

// bothCases are an escaped text with its hexadecimal digits in capitals and without;
// after: the sign before two such digits, empty where all are.
func bothCases(s, after string) []string {
	if after == "" {
		return []string{strings.ToLower(s), strings.ToUpper(s)}
	}
	parts := strings.Split(s, after)
	for i := range parts[1:] {
		parts[i+1] = strings.ToLower(parts[i+1][:2]) + parts[i+1][2:]
	}
	return []string{s, strings.Join(parts, after)}
}

func quoted(s string) string {
	b, _ := json.Marshal(s) // a string can be written
	return string(b[1 : len(b)-1])
}

func ascii(s string) string {
	q := fmt.Sprintf("%+q", s)
	return q[1 : len(q)-1]
}

func reversed(s string) string {
	runes := []rune(s)
	slices.Reverse(runes)
	return string(runes)
}

func hashed(s string, n int) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:n])
}
