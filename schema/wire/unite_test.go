package wire

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

func TestUniteIsAUnionOfLines(t *testing.T) {
	intent := sampleIntent()
	whole := signed(intent, known...)
	rapid.Check(t, func(t *rapid.T) {
		// Copies with some of the lines, the member's among them, united in any order.
		var copies [][]byte
		for _, witness := range []string{known[0], known[1], known[3]} {
			copies = append(copies, signed(intent, me, witness))
		}
		out := signed(intent, me)
		for _, c := range rapid.Permutation(copies).Draw(t, "copies") {
			var err error
			if rapid.Bool().Draw(t, "swap") {
				out, err = Unite(c, out)
			} else {
				out, err = Unite(out, c)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(out, whole) {
			t.Error("not what signing by all at once gives")
		}
		if again, err := Unite(out, whole); err != nil || !bytes.Equal(again, whole) {
			t.Errorf("united again it changes: %v", err)
		}
	})
}

func TestUniteRefusesOtherTexts(t *testing.T) {
	other := sampleIntent()
	other.Sequence++
	if _, err := Unite(signed(sampleIntent(), me), signed(other, me)); err == nil {
		t.Error("two texts: united")
	}
	if _, err := Unite(signed(sampleIntent(), me), nil); err == nil {
		t.Error("nothing: united")
	}
}
