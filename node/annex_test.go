package node

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tidemark/node/nodetest"
	"tidemark/schema"
	"tidemark/schema/bundle"
	"tidemark/schema/wire"
)

// annexed is a story of three members with two quarters each, and its annex.
func annexed(t *testing.T) (*story, Reading, bundle.Bundle) {
	t.Helper()
	s := newStory(t, 3)
	for _, m := range s.Members {
		s.accept(t, m.History(t, 2)...)
	}
	r := s.now(t)
	b, err := s.read.annex(r.Pin, quarters(2), slugsOf(s))
	if err != nil {
		t.Fatal(err)
	}
	return s, r, b
}

func quarters(n int) (out []schema.Period) {
	for i := range n {
		out = append(out, nodetest.Quarter(i))
	}
	return out
}

func slugsOf(s *story) (out []schema.Slug) {
	for _, m := range s.Members {
		out = append(out, m.Slug)
	}
	return out
}

// Who has the annex and nothing else reads what the members read.
func TestAnAnnexTellsWhatMembersRead(t *testing.T) {
	s, r, b := annexed(t)
	got, err := ReadAnnex(b)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join(strings.Split(text(s.at(t, r.Pin)), "\n")[:2], "\n")
	if have := text(got); have != want {
		t.Errorf("have\n%s\nwant\n%s", have, want)
	}
	if len(b.Parcels) != 6 {
		t.Errorf("%d parcels: it holds more than the numbers need", len(b.Parcels))
	}
	one, err := s.read.annex(r.Pin, quarters(1), slugsOf(s)[:2])
	if err != nil || len(one.Parcels) != 2 {
		t.Errorf("of two members for one quarter: %d parcels, %v", len(one.Parcels), err)
	}
}

// A notice that came after the pin is in it, and only its own member's counts.
func TestAnAnnexTellsOfNotices(t *testing.T) {
	s, r, _ := annexed(t)
	m, other := s.Members[0], s.Members[1]
	mine, theirs := s.store.Feed(m.Slug).Places[1].ID, s.store.Feed(other.Slug).Places[1].ID
	s.accept(t, m.Say(t, schema.Notice{Link: m.Link(), Release: mine, Reason: schema.WrongMapping}))
	b, err := s.read.annex(r.Pin, quarters(2), slugsOf(s))
	if err != nil {
		t.Fatal(err)
	}
	forged := m.Say(t, schema.Notice{Link: m.Link(), Release: theirs, Reason: schema.OtherReason})
	b.Parcels = append(b.Parcels, forged)
	got, err := ReadAnnex(b)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Withdrawn) != 1 || got.Withdrawn[mine] != schema.WrongMapping {
		t.Errorf("withdrawn: %v", got.Withdrawn)
	}
}

// What a stranger could put into an annex is refused.
func TestAnnexesThatAreRefused(t *testing.T) {
	s, _, good := annexed(t)
	notes, err := wire.Unpack(good.Parcels[0])
	if err != nil {
		t.Fatal(err)
	}
	more, err := wire.Unpack(good.Parcels[1])
	if err != nil {
		t.Fatal(err)
	}
	pack := func(notes ...[]byte) []byte {
		raw, err := wire.Pack(notes...)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	alone, _, _ := bytes.Cut(notes[0], []byte("\n\n"))
	bare := append(append(bytes.Clone(alone), "\n\n"...), lineOf(t, notes[0], string(s.Members[0].Slug))...)
	for name, change := range map[string]func(*bundle.Bundle){
		"a cell changed":           func(b *bundle.Bundle) { b.Parcels[0] = flipped(b.Parcels[0]) },
		"another release's intent": func(b *bundle.Bundle) { b.Parcels[0] = pack(notes[0], more[1]) },
		"a release alone":          func(b *bundle.Bundle) { b.Parcels[0] = pack(notes[1]) },
		"an intent alone":          func(b *bundle.Bundle) { b.Parcels[0] = pack(notes[0]) },
		"an intent without lines":  func(b *bundle.Bundle) { b.Parcels[0] = pack(bare, notes[1]) },
		"one release twice":        func(b *bundle.Bundle) { b.Parcels = append(b.Parcels, b.Parcels[0]) },
		"an act less":              func(b *bundle.Bundle) { b.Acts = b.Acts[1:] },
		"no charter":               func(b *bundle.Bundle) { b.Charter = nil },
		"another codebook":         func(b *bundle.Bundle) { b.Codebook = []byte(`{"codebook":"x","version":"1","dimensions":[]}`) },
	} {
		b := good
		b.Acts, b.Parcels = append([][]byte{}, good.Acts...), append([][]byte{}, good.Parcels...)
		change(&b)
		if _, err := ReadAnnex(b); err == nil {
			t.Errorf("%s: read", name)
		}
	}
	if _, err := ReadAnnex(good); err != nil {
		t.Error(err)
	}
}

// 200 random edits of a byte of any note in it: none is read.
func TestRandomEditsOfAnAnnexAreFound(t *testing.T) {
	_, _, good := annexed(t)
	r := rand.New(rand.NewPCG(5, 5))
	for range 200 {
		b := good
		b.Acts, b.Parcels = slices.Clone(good.Acts), slices.Clone(good.Parcels)
		places := []*[]byte{&b.Charter}
		for i := range b.Acts {
			places = append(places, &b.Acts[i])
		}
		for i := range b.Parcels {
			places = append(places, &b.Parcels[i])
		}
		at := places[r.IntN(len(places))]
		*at = bytes.Clone(*at)
		(*at)[r.IntN(len(*at))] ^= 1 << r.IntN(7)
		if _, err := ReadAnnex(b); err == nil {
			t.Fatal("a changed note is read")
		}
	}
}

// flipped changes a digit of a cell.
func flipped(parcel []byte) []byte {
	out := bytes.Clone(parcel)
	at := bytes.LastIndex(out, []byte("sigma2")) + len("sigma2 ")
	for ; out[at] != '\n'; at++ {
	}
	for at++; out[at] < '0' || out[at] > '9'; at++ {
	}
	out[at] = '0' + (out[at]-'0'+1)%9
	return out
}

// lineOf is a note's signature line by a slug.
func lineOf(t *testing.T, note []byte, slug string) []byte {
	t.Helper()
	_, lines, _ := bytes.Cut(note, []byte("\n\n"))
	for line := range bytes.Lines(lines) {
		if bytes.HasPrefix(line, []byte("— "+slug+" ")) {
			return line
		}
	}
	t.Fatal("no such line")
	return nil
}
