package wire

import (
	"bytes"
	"fmt"
	"strings"
)

// Limits of a parcel (W31): a release of full size, its intent, and their lengths.
const (
	MaxParcel      = MaxNote + 32<<10 // bytes
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
	if len(rest) > 0 {
		return nil, fmt.Errorf("parcel: %d bytes after the last note", len(rest))
	}
	return notes, nil
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
