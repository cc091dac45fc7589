package vault

import (
	"bytes"
	"os"
	"reflect"
	"testing"

	"tidemark/schema"
)

// Whatever stands in the journal's file, reading it ends with an error or with a
// beginning of what was written, and leaves the file alone.
func FuzzJournal(f *testing.F) {
	dir := f.TempDir()
	j, err := newJournal(disk{}, dir, bytes.Repeat([]byte{7}, keySize))
	must(f, err)
	written := []entry{{Kind: begun, Slug: ownSlug}, {Kind: reserved, Period: quarter("2026-Q1"), Cutoff: 5}, {Kind: noted, Parcel: []byte("x")}}
	must(f, os.WriteFile(j.name, nil, 0o600))
	for _, e := range written {
		must(f, j.append(e))
	}
	whole, err := os.ReadFile(j.name)
	must(f, err)
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add([]byte("\n\n"))
	f.Add(append(bytes.Clone(whole), 0, 0, '\n'))
	f.Fuzz(func(t *testing.T, text []byte) {
		must(t, os.WriteFile(j.name, text, 0o600))
		read := &journal{name: j.name, aead: j.aead}
		var got []entry
		if read.read(func(e entry) error { got = append(got, e); return nil }) != nil {
			return
		}
		if len(got) > len(written) || !reflect.DeepEqual(got, written[:len(got)]) {
			t.Fatal("an entry that was never written")
		}
		if after, _ := os.ReadFile(j.name); !bytes.Equal(after, text) {
			t.Fatal("reading changed the file")
		}
	})
}

// Values of unknown form are refused, never misread: what decodes encodes to itself.
func FuzzValue(f *testing.F) {
	s := stored{content: content{Date: day("2026-02-01"), Seq: 9, Counted: [2]schema.Period{{Year: 2026, Quarter: 1}, {Year: 2026}}, Codes: []byte{1, 2, 3}}}
	s.Persons = append(s.Persons, [16]byte{1}, [16]byte{2})
	f.Add(s.encode())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		var got stored
		if got.decode(b) == nil && !bytes.Equal(got.encode(), b) {
			t.Fatal("another value")
		}
	})
}
