package canary

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
)

// Search looks for many texts at once, each in every form.
type Search struct {
	filter  []uint64            // a bit for what begins like a needle
	needles map[uint64][]needle // by their first eight bytes
}

// needle is one text in one form.
type needle struct {
	bytes  string
	canary int
	form   string
}

// Hit is a text that was found.
type Hit struct {
	Canary int
	Form   string
}

// String says which, and not the text: it would be in the test's log.
func (h Hit) String() string { return fmt.Sprintf("canary %d as %s", h.Canary, h.Form) }

const (
	window     = 8  // bytes that are looked at first; no needle is shorter
	filterBits = 24 // a few needles in a hundred places
)

// For makes a search for canaries 0 to n-1.
func For(n int) *Search {
	s := &Search{filter: make([]uint64, 1<<filterBits/64), needles: map[uint64][]needle{}}
	for i := range n {
		text := Text(i)
		for _, f := range forms {
			for _, written := range f.write(text) {
				s.add(needle{written, i, f.name})
			}
		}
	}
	return s
}

func (s *Search) add(n needle) {
	first := binary.BigEndian.Uint64([]byte(n.bytes[:window]))
	s.needles[first] = append(s.needles[first], n)
	at := place(first)
	s.filter[at/64] |= 1 << (at % 64)
}

func place(first uint64) uint64 { return first * 0x9E3779B97F4A7C15 >> (64 - filterBits) }

// In lists what of it stands in b, each once.
func (s *Search) In(b []byte) []Hit {
	found := map[Hit]bool{}
	var last uint64
	for i, c := range b {
		last = last<<8 | uint64(c)
		at := place(last)
		if i < window-1 || s.filter[at/64]&(1<<(at%64)) == 0 {
			continue
		}
		rest := b[i-window+1:]
		for _, n := range s.needles[last] {
			if len(rest) >= len(n.bytes) && string(rest[:len(n.bytes)]) == n.bytes {
				found[Hit{n.canary, n.form}] = true
			}
		}
	}
	return slices.SortedFunc(maps.Keys(found), func(a, b Hit) int {
		if a.Canary != b.Canary {
			return a.Canary - b.Canary
		}
		return len(a.Form) - len(b.Form)
	})
}
