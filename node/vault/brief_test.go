package vault

import (
	"bytes"
	"strings"
	"testing"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// A brief's key signs the same each time, is another for every brief, and names nobody.
func TestAgreeToABrief(t *testing.T) {
	v, g := shore(t)
	brief, other := schema.HashOf([]byte("a brief")), schema.HashOf([]byte("another"))
	a, err := v.AgreeTo(background, g.st, brief, true)
	must(t, err)
	again, err := v.AgreeTo(background, g.st, brief, true)
	must(t, err)
	b, err := v.AgreeTo(background, g.st, other, true)
	must(t, err)
	if a.Key != again.Key || !bytes.Equal(a.Note, again.Note) || a.Key == b.Key {
		t.Error("the key is not the brief's own")
	}
	if strings.Contains(string(a.Note), string(v.Slug())) {
		t.Error("the attestation names the member")
	}
	ring, err := wire.NewRing(a.Key)
	must(t, err)
	note, err := wire.Verify(a.Note, ring)
	must(t, err)
	if note.Body() != (schema.Attestation{Brief: brief}) {
		t.Errorf("attests %v", note.Body())
	}
	answer, err := wire.Verify(a.Answer, g.st.Ring())
	must(t, err)
	if got := answer.Body().(schema.Answer); got.Key != a.Key || got.Member != v.Slug() || got.Of != brief || !got.Annex {
		t.Errorf("answers %+v", got)
	}
}

func TestHoldACase(t *testing.T) {
	v, g := shore(t)
	h := schema.Holding{Case: schema.HashOf([]byte("a case")), Expires: schema.NewDate(2027, 6, 30)}
	held, err := v.Hold(background, g.st, h)
	must(t, err)
	ring, err := wire.NewRing(held.Key)
	must(t, err)
	note, err := wire.Verify(held.Note, ring)
	must(t, err)
	agreed, err := v.AgreeTo(background, g.st, h.Case, false)
	must(t, err)
	if note.Body() != h || agreed.Key == held.Key {
		t.Errorf("holds %v, by the key of a brief: %t", note.Body(), agreed.Key == held.Key)
	}
}
