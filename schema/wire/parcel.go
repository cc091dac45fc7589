package wire

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"tidemark/schema"
)

// Limits of a parcel (W31): a release of full size, its intent, and their lengths; or two
// lists of a joint round of full size, which are a proof together.
const (
	MaxParcel      = MaxNote + 128<<10 // bytes
	MaxParcelNotes = 8
)

const parcelTitle = "tidemark/parcel/v1"

// Pack puts notes into one parcel: what travels together arrives together. A place in
// a feed is a parcel of [intent, release], or of the one note that stands there.
func Pack(notes ...[]byte) ([]byte, error) {
	if len(notes) < 1 || len(notes) > MaxParcelNotes {
		return nil, fmt.Errorf("parcel: %d notes, want 1 to %d", len(notes), MaxParcelNotes)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %d\n", parcelTitle, len(notes))
	for _, n := range notes {
		if err := checkPacked(n); err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "note %d\n", len(n))
		b.Write(n)
	}
	b.WriteString(padding(notes))
	if b.Len() > MaxParcel {
		return nil, fmt.Errorf("parcel: %d bytes, at most %d", b.Len(), MaxParcel)
	}
	return b.Bytes(), nil
}

// checkPacked keeps a parcel readable in an editor; the notes verify by themselves.
func checkPacked(n []byte) error {
	if len(n) > MaxNote || !bytes.HasPrefix(n, []byte("tidemark/")) || !bytes.HasSuffix(n, []byte("\n")) {
		return fmt.Errorf("parcel: want notes of at most %d bytes", MaxNote)
	}
	return nil
}

// Unpack reads a parcel, strictly: Pack of what it returns is the parcel again. Whether
// the notes are any good is asked of Verify.
func Unpack(raw []byte) ([][]byte, error) {
	if len(raw) > MaxParcel {
		return nil, fmt.Errorf("parcel: %d bytes, at most %d", len(raw), MaxParcel)
	}
	raw = bytes.Clone(raw)
	count, rest, err := numbered(raw, parcelTitle)
	if err != nil {
		return nil, err
	}
	if count < 1 || count > MaxParcelNotes {
		return nil, fmt.Errorf("parcel: %d notes, want 1 to %d", count, MaxParcelNotes)
	}
	notes := make([][]byte, count)
	for i := range notes {
		var size int64
		if size, rest, err = numbered(rest, "note"); err != nil {
			return nil, err
		}
		if size < 1 || size > int64(len(rest)) {
			return nil, fmt.Errorf("parcel: note %d: its length passes the end", i+1)
		}
		notes[i], rest = rest[:size:size], rest[size:]
		if err := checkPacked(notes[i]); err != nil {
			return nil, err
		}
	}
	if string(rest) != padding(notes) {
		return nil, fmt.Errorf("parcel: want the padding of its releases after the last note, and nothing else")
	}
	return notes, nil
}

// cellWidth is how many characters a released number gets in a parcel, whatever it is:
// people by the ten thousand need no more.
const cellWidth = 8

// padding makes the size of a parcel the same for all releases of one plan: who watches
// the encrypted line could tell a busy member from an idle one by the digits and signs of
// its numbers. It is a line of dots, one for each character that they are short of
// cellWidth, and that the release's length in its own line is short of six digits.
func padding(notes [][]byte) string {
	short := 0
	for _, n := range notes {
		if cells, width, ok := cellsOf(n); ok {
			short += max(cells*cellWidth-width, 0) + 6 - len(strconv.Itoa(len(n)))
		}
	}
	if short == 0 {
		return ""
	}
	return "pad " + strings.Repeat(".", short) + "\n"
}

// cellsOf counts a release's cells and their characters, without a look at what they say.
func cellsOf(note []byte) (cells, width int, ok bool) {
	text, _, _ := bytes.Cut(note, []byte("\n\n"))
	_, tables, found := bytes.Cut(text, []byte("\ntable "))
	if !found || !bytes.HasPrefix(note, []byte(title(schema.KindRelease)+"\n")) {
		return 0, 0, false
	}
	_, rows, _ := bytes.Cut(tables, []byte("\n"))
	for line := range bytes.Lines(rows) {
		if line = bytes.TrimSuffix(line, []byte("\n")); !bytes.HasPrefix(line, []byte("table ")) {
			blanks := bytes.Count(line, []byte(" "))
			cells, width = cells+blanks+1, width+len(line)-blanks
		}
	}
	return cells, width, true
}

// numbered takes a line "word N" off.
func numbered(raw []byte, word string) (int64, []byte, error) {
	line, rest, ok := bytes.Cut(raw, []byte("\n"))
	have, digits, _ := strings.Cut(string(line), " ")
	n, canonical := parseInteger(digits)
	if !ok || have != word || !canonical {
		return 0, nil, fmt.Errorf("parcel: want a line %s and a number", word)
	}
	return n, rest, nil
}
