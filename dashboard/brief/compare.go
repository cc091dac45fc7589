package brief

import (
	stdhtml "html"
	"regexp"
	"strings"
)

// edit is a line that is not as it should be; empty where there is none on that side.
type edit struct{ want, have string }

// compare finds what was changed between two texts, line by line.
func compare(want, have []string) (out []edit) {
	for len(want) > 0 && len(have) > 0 && want[0] == have[0] {
		want, have = want[1:], have[1:]
	}
	for len(want) > 0 && len(have) > 0 && want[len(want)-1] == have[len(have)-1] {
		want, have = want[:len(want)-1], have[:len(have)-1]
	}
	for len(want) > 0 || len(have) > 0 {
		w, h := apart(want, have)
		for i := range max(w, h) {
			out = append(out, edit{at(want[:w], i), at(have[:h], i)})
		}
		want, have = want[w:], have[h:]
		for len(want) > 0 && len(have) > 0 && want[0] == have[0] {
			want, have = want[1:], have[1:]
		}
	}
	return out
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// lookAhead is how many lines are looked through for the next that both have.
const lookAhead = 400

// apart is how many lines of each side come before the next that both have: the nearest.
func apart(want, have []string) (w, h int) {
	where := map[string]int{}
	for i, line := range have[:min(len(have), lookAhead)] {
		if _, known := where[line]; !known && line != "" {
			where[line] = i
		}
	}
	best := -1
	for i, line := range want[:min(len(want), lookAhead)] {
		if k, ok := where[line]; ok && (best < 0 || i+k < best) {
			best, w, h = i+k, i, k
		}
	}
	if best < 0 {
		return len(want), len(have)
	}
	return w, h
}

var tags = regexp.MustCompile(`<[^>]*>`)

// plain is a line of HTML or Markdown as it reads.
func plain(line string) string {
	return strings.TrimSpace(stdhtml.UnescapeString(tags.ReplaceAllString(line, " ")))
}

// around is the place where two texts part, with some words before and after it.
func around(want, have string) (string, string) {
	a, b := []rune(want), []rune(have)
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	return window(a, i), window(b, i)
}

// window is the text around a place, from a blank to a blank.
func window(text []rune, at int) string {
	from, to := max(0, at-40), min(len(text), at+60)
	for from > 0 && text[from-1] != ' ' && at-from < 60 {
		from--
	}
	s := strings.TrimSpace(string(text[from:to]))
	if from > 0 {
		s = "… " + s
	}
	if to < len(text) {
		s += " …"
	}
	return s
}
