package wire

import (
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/note"
)

// Unite makes one note of two copies of one text: the lines of both, in their order. It
// does not verify them: use Verify where they matter. Uniting again changes nothing, and
// the order in which copies are united does not matter either.
func Unite(a, b []byte) ([]byte, error) {
	x, err := take(a)
	if err != nil {
		return nil, fmt.Errorf("unite: %w", err)
	}
	y, err := take(b)
	if err != nil {
		return nil, fmt.Errorf("unite: %w", err)
	}
	if x.text != y.text {
		return nil, fmt.Errorf("unite: two different texts")
	}
	return x.with(y)
}

func (n taken) with(other taken) ([]byte, error) {
	sigs := slices.Clone(n.sigs)
	for i, id := range other.lines {
		if !slices.Contains(n.lines, id) {
			sigs = append(sigs, other.sigs[i])
		}
	}
	return write(n.body, &note.Note{Text: n.text, UnverifiedSigs: sigs}, nil)
}
