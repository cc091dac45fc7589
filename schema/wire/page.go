package wire

import (
	"fmt"
	"reflect"
	"strings"
)

// page is a text that is being written or read, line by line. A kind's lines are stated
// once, over a page, and go both ways. After the first error nothing more happens.
type page struct {
	reading bool
	rest    string          // reading: what has not been read
	out     strings.Builder // writing: what has been written
	line    int             // of the line at hand, from 1
	cells   int             // of the tables so far
	what    string          // the kind, for errors
	err     error
}

// form is how a value stands in a line.
type form[T any] struct {
	write func(T) string
	read  func(string) (T, error)
}

// field is one line "key value". Both ways the value must survive the other way: what
// is read is written the same, what is written is read the same (W15).
func field[T any](p *page, key string, v *T, f form[T]) {
	if p.reading {
		if value, ok := p.next(key); ok {
			*v = accept(p, key, value, f)
		}
		return
	}
	s := f.write(*v)
	p.put(key + " " + s)
	if again := accept(p, key, s, f); p.err == nil && !reflect.DeepEqual(again, *v) {
		p.fail("%s: the value has no text form", key)
	}
}

// repeated is any number of lines "key value", up to most, no value twice.
func repeated[T any](p *page, key string, vs *[]T, most int, f form[T]) {
	several(p, key, vs, most, f)
	seen := map[string]bool{}
	for _, v := range *vs {
		seen[f.write(v)] = true
	}
	p.require(len(seen) == len(*vs), "%s: there twice", key)
}

// several is any number of lines "key value", up to most.
func several[T any](p *page, key string, vs *[]T, most int, f form[T]) {
	if p.reading {
		*vs = nil
		for p.err == nil && strings.HasPrefix(p.rest, key+" ") && len(*vs) <= most {
			var v T
			field(p, key, &v, f)
			*vs = append(*vs, v)
		}
	} else {
		for i := range *vs {
			field(p, key, &(*vs)[i], f)
		}
	}
	p.require(len(*vs) <= most, "%s: have %d or more, at most %d", key, len(*vs), most)
}

// word is a line without a value.
func (p *page) word(w string) {
	if !p.reading {
		p.put(w)
		return
	}
	if have := p.take(); p.err == nil && have != w {
		p.fail("want the line %s", w)
	}
}

// end says that no line may follow.
func (p *page) end() {
	if p.err == nil && p.rest != "" {
		p.line++
		p.fail("want the end of the text")
	}
}

func accept[T any](p *page, key, s string, f form[T]) (v T) {
	if p.err != nil {
		return v
	}
	v, err := f.read(s)
	if err != nil {
		p.fail("%s: %w", key, err)
	} else if f.write(v) != s {
		p.fail("%s: not in its canonical form", key)
	}
	return v
}

// next reads the line that must start with key, and returns its value.
func (p *page) next(key string) (string, bool) {
	have, value, ok := strings.Cut(p.take(), " ")
	if p.err == nil && (!ok || have != key) {
		p.fail("want a line %s", key)
	}
	return value, p.err == nil
}

func (p *page) take() string {
	if p.err != nil {
		return ""
	}
	p.line++
	line, rest, ok := strings.Cut(p.rest, "\n")
	switch {
	case !ok && p.rest == "":
		p.fail("the text ends early")
	case !ok:
		p.fail("no newline at the end")
	case line == "":
		p.fail("empty line")
	}
	p.rest = rest
	return line
}

func (p *page) put(line string) {
	p.line++
	p.out.WriteString(line)
	p.out.WriteByte('\n')
}

func (p *page) require(ok bool, format string, args ...any) {
	if !ok {
		p.fail(format, args...)
	}
}

func (p *page) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("line %d: %w", p.line, fmt.Errorf(format, args...))
	}
}
