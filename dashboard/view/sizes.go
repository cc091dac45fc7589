package view

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Limits of typed sizes.
const (
	MostSizes  = 200        // members
	mostPeople = 10_000_000 // of one member a quarter
)

// SizesError says what is wrong with typed sizes; it names a text of the setup.
type SizesError string

func (e SizesError) Error() string { return fmt.Sprintf("sizes: %s", string(e)) }

// ReadSizes takes numbers of people, in any digits, with anything between them that lists
// use. "1,000" would be two numbers; the second tells.
func ReadSizes(text string) ([]int, error) {
	between := func(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune(",;،؛", c) }
	var sizes []int
	for _, word := range strings.FieldsFunc(latinDigits(text), between) {
		n, err := strconv.Atoi(word)
		switch {
		case len(word) > 1 && word[0] == '0':
			return nil, SizesError("sizes_groups")
		case err != nil || n < 1 || n > mostPeople:
			return nil, SizesError("sizes")
		}
		if sizes = append(sizes, n); len(sizes) > MostSizes {
			return nil, SizesError("sizes_many")
		}
	}
	if len(sizes) == 0 {
		return nil, SizesError("sizes")
	}
	return sizes, nil
}

// latinDigits writes Arabic and Persian digits as Latin ones.
func latinDigits(text string) string {
	return strings.Map(func(c rune) rune {
		for _, zero := range []rune{'٠', '۰'} {
			if c >= zero && c <= zero+9 {
				return '0' + c - zero
			}
		}
		return c
	}, text)
}
