package bundle

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"filippo.io/age"
)

const (
	identity  = "AGE-SECRET-KEY-1XW3SL6UP2E72ZLAEEJUE5CG66FG20RDTKZR4Z7SK87GPSRXVR30S0XPEMX"
	recipient = "age1zz3v2mfr5j2vsvvhxkhrqla2qdrvyd5pjqz5x7fewle7l5hkkqtqllng80"
	second    = "age1ncl3gfdnn5qk2n9sx3h9az0fla509fgaqsnk73xwjwnt8v0clu9qw6ve5m"
	other     = "AGE-SECRET-KEY-1H7M59SPLYSP57SJKFLDWKACWTAXQY87270FUF0FNWSYMKCGJS07QTAFU4W"
)

func TestSealedBundleOpensForItsRecipientsOnly(t *testing.T) {
	var out bytes.Buffer
	if err := Seal(&out, sample(), second, recipient); err != nil {
		t.Fatal(err)
	}
	if b, err := Open(bytes.NewReader(out.Bytes()), identity); err != nil || !reflect.DeepEqual(b, sample()) {
		t.Errorf("its recipient: %v", err)
	}
	if _, err := Open(bytes.NewReader(out.Bytes()), other); err == nil {
		t.Error("another: opened")
	}
	if bytes.Contains(out.Bytes(), []byte("charter")) {
		t.Error("not encrypted")
	}
}

func TestSealNeedsRecipients(t *testing.T) {
	for _, to := range [][]string{nil, {""}, {"age1"}, {recipient, "ssh-ed25519 AAAA"}} {
		if err := Seal(io.Discard, sample(), to...); err == nil {
			t.Errorf("%d recipients: accepted", len(to))
		}
	}
	if _, err := Open(strings.NewReader(""), recipient); err == nil {
		t.Error("a recipient in an identity's place: accepted")
	}
}

func TestBundlesOfDifferentSizesLookAlike(t *testing.T) {
	length := func(notes int) int {
		b := Bundle{}
		for range notes {
			b.Notes = append(b.Notes, bytes.Repeat([]byte("n"), 100))
		}
		var out bytes.Buffer
		if err := Seal(&out, b, recipient); err != nil {
			t.Fatal(err)
		}
		return out.Len()
	}
	if length(1) != length(100) {
		t.Error("1 note and 100 notes differ")
	}
	if length(2000) != length(2003) || length(2000) == length(1000) {
		t.Error("the ladder has steps of a wrong height")
	}
}

func TestLadderStepsAreLowAndRise(t *testing.T) {
	last := 0
	for n := 1; n < 2*MaxSize; n += 1 + n/97 {
		s := step(n)
		if s < n || s < last || step(s) != s || n > minSealed && (s-n)*100 > 12*n {
			t.Fatalf("%d: step %d after %d", n, s, last)
		}
		last = s
	}
}

func TestOpenChecksThePadding(t *testing.T) {
	plain := zipped(t, sample())
	head := fmt.Sprintf("%s %d\n", sealTitle, len(plain))
	whole := func(head string, fill byte, padding int) []byte {
		return append(append([]byte(head), plain...), bytes.Repeat([]byte{fill}, padding)...)
	}
	right := minSealed - len(head) - len(plain)
	if _, err := Open(sealedBytes(t, whole(head, 0, right)), identity); err != nil {
		t.Fatalf("the right one: %v", err)
	}
	for name, content := range map[string][]byte{
		"too short":       whole(head, 0, right-1),
		"too long":        whole(head, 0, right+1),
		"none":            whole(head, 0, 0),
		"not zeros":       whole(head, 1, right),
		"zero-led size":   whole(strings.Replace(head, " ", " 0", 1), 0, right-1),
		"signed size":     whole(strings.Replace(head, " ", " +", 1), 0, right-1),
		"negative size":   whole(sealTitle+" -1\n", 0, right),
		"huge size":       whole(sealTitle+" 99999999999999999999\n", 0, right),
		"size past end":   whole(sealTitle+" 65536\n", 0, right),
		"another version": whole(strings.Replace(head, "v1", "v2", 1), 0, right),
		"no line":         nil,
	} {
		if _, err := Open(sealedBytes(t, content), identity); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func sealedBytes(t testing.TB, plain []byte) io.Reader {
	t.Helper()
	to, err := age.ParseX25519Recipient(recipient)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return &out
}

func FuzzUnpad(f *testing.F) {
	f.Add([]byte(sealTitle + " 3\nabc"))
	f.Add(append([]byte(sealTitle+" 3\nabc"), make([]byte, minSealed-24)...))
	f.Fuzz(func(t *testing.T, plain []byte) {
		zip, err := unpad(bytes.NewReader(plain))
		if err == nil && (step(len(plain)) != len(plain) || !bytes.Contains(plain, zip)) {
			t.Fatal("a length that is not the ladder's")
		}
	})
}
