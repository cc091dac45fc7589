package brief

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Draft is a brief while it is being made: the spec's text as it was typed, and the answers
// that have come in.
type Draft struct {
	Spec    []byte   `json:"spec"`
	Answers [][]byte `json:"answers,omitempty"`
}

// FreeName is a name for a draft in ASCII, after its title, that nothing has yet.
func FreeName(title string, taken []string) string {
	base := strings.Trim(dashes.ReplaceAllString(strings.ToLower(title), "-"), "-")
	base = strings.Trim(base[:min(len(base), 40)], "-")
	if base == "" {
		base = "brief"
	}
	name := base
	for n := 2; slices.Contains(taken, name) || name == "add"; n++ {
		name = base + "-" + strconv.Itoa(n)
	}
	return name
}

var dashes = regexp.MustCompile(`[^a-z0-9]+`)

// FreeFigure is a name for one more figure.
func (s *Spec) FreeFigure() string {
	for n := 1; ; n++ {
		name := "f" + strconv.Itoa(n)
		if !slices.ContainsFunc(s.Blocks, func(b Block) bool { return b.As == name }) {
			return name
		}
	}
}

// Keep drops the words of languages that a brief has no more.
func (b *Block) Keep(languages []string) {
	texts := []Text{b.Text, b.Caption}
	if b.Context != nil {
		texts = append(texts, b.Context.Text)
	}
	if b.Case != nil {
		texts = append(texts, b.Case.Text)
	}
	for _, t := range texts {
		for tag := range t {
			if !slices.Contains(languages, tag) {
				delete(t, tag)
			}
		}
	}
}

// Same tells that a case says the same and rests on the same consent, whoever holds it.
func (c Case) Same(other Case) bool {
	x, errX := c.ID()
	y, errY := other.ID()
	return errX == nil && errY == nil && x == y
}

// CaseAt is the documented case of a block, counted from 1.
func (s *Spec) CaseAt(block int) (*Case, error) {
	if block < 1 || block > len(s.Blocks) || s.Blocks[block-1].Case == nil {
		return nil, fmt.Errorf("brief: block %d is no case", block)
	}
	return s.Blocks[block-1].Case, nil
}
