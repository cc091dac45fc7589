package wire

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// Each target starts from the vectors, never panics, and holds what is accepted to its
// promise: written again it is the same.

func seed(f *testing.F, add func(raw []byte)) {
	for _, v := range readVectors(f) {
		if len(v.raw) <= 16<<10 {
			add(v.raw)
		}
	}
}

func FuzzParse(f *testing.F) {
	seed(f, func(raw []byte) {
		text, _, _ := strings.Cut(string(raw), "\n\n")
		f.Add(text + "\n")
	})
	f.Fuzz(func(t *testing.T, text string) {
		b, err := Parse(text)
		if err != nil {
			return
		}
		if again, err := Text(b); err != nil || again != text {
			t.Fatalf("%s is written differently: %v", b.Kind(), err)
		}
	})
}

func FuzzParsePlan(f *testing.F) {
	seed(f, func(raw []byte) { f.Add(string(raw)) })
	f.Fuzz(func(t *testing.T, text string) {
		if p, err := ParsePlan(text); err == nil && PlanText(p) != text {
			t.Fatal("written differently")
		}
	})
}

func FuzzVerify(f *testing.F) {
	ring := vectorRing(f)
	seed(f, func(raw []byte) { f.Add(raw) })
	f.Fuzz(func(t *testing.T, raw []byte) {
		n, err := Verify(raw, ring)
		if err == nil {
			must(t, judgeVerified(n, raw))
		}
		for _, open := range []func([]byte) (Verified, error){OpenCharter, OpenRequest} {
			n, err := open(raw)
			if err == nil {
				must(t, judgeVerified(n, raw))
			} else if errors.Is(err, ErrUnknownSigner) {
				t.Fatal("a note that names its keys has no unknown ones")
			}
		}
	})
}

func FuzzCosign(f *testing.F) {
	s := signer("slow-river")
	seed(f, func(raw []byte) { f.Add(raw) })
	f.Fuzz(func(t *testing.T, raw []byte) {
		more, err := Cosign(raw, s)
		if err != nil {
			return
		}
		if _, err := Peek(more); err != nil {
			t.Fatalf("wrote what is refused: %v", err)
		}
		if bytes.Count(more, []byte("— ")) != bytes.Count(raw, []byte("— "))+1 {
			t.Fatal("not one line more")
		}
	})
}

func FuzzUnpack(f *testing.F) {
	seed(f, func(raw []byte) { f.Add(raw) })
	f.Fuzz(func(t *testing.T, raw []byte) {
		if _, err := Unpack(raw); err == nil {
			must(t, judgeParcel(raw))
		}
	})
}
