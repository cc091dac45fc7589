package archive

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"pgregory.net/rapid"
)

const (
	identity  = "AGE-SECRET-KEY-1XW3SL6UP2E72ZLAEEJUE5CG66FG20RDTKZR4Z7SK87GPSRXVR30S0XPEMX"
	stranger  = "AGE-SECRET-KEY-1H7M59SPLYSP57SJKFLDWKACWTAXQY87270FUF0FNWSYMKCGJS07QTAFU4W"
	sampleDay = "2026-11-24T12:00:00Z"
)

func key(t testing.TB, s string) *age.X25519Identity {
	t.Helper()
	id, err := age.ParseX25519Identity(s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func sampleHeader() Header {
	at, _ := time.Parse(time.RFC3339, sampleDay)
	return Header{Member: "quiet-heron", At: at}
}

// entry is a part with what is in it.
type entry struct{ name, content string }

func sample() []entry {
	return []entry{{Settings, "slug: quiet-heron\n"}, {Keys, "keys"}, {Feed, ""}, {Store, "pairs"}}
}

// pipe is an unencrypted end for a Writer.
type pipe struct{ bytes.Buffer }

func (*pipe) Close() error { return nil }

// plain is a backup without its encryption.
func plain(t testing.TB, es []entry) []byte {
	t.Helper()
	line, err := sampleHeader().line()
	if err != nil {
		t.Fatal(err)
	}
	p := &pipe{}
	p.WriteString(line)
	fill(t, &Writer{out: p, sum: newChain(line), now: -1}, es)
	return p.Bytes()
}

func fill(t testing.TB, w *Writer, es []entry) {
	t.Helper()
	for _, e := range es {
		p, err := w.Part(e.name)
		if err == nil {
			_, err = io.Copy(p, iotest{strings.NewReader(e.content)})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// iotest hides that a reader could write itself out in one go.
type iotest struct{ io.Reader }

func sealed(t testing.TB, es []entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, sampleHeader(), key(t, identity).Recipient())
	if err != nil {
		t.Fatal(err)
	}
	fill(t, w, es)
	return out.Bytes()
}

// readAll reads a whole backup, or nothing.
func readAll(r *Reader, err error) ([]entry, error) {
	if err != nil {
		return nil, err
	}
	var es []entry
	for {
		name, part, err := r.Next()
		if err == io.EOF {
			return es, nil
		}
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil, err
		}
		es = append(es, entry{name, string(content)})
	}
}

func open(t testing.TB, raw []byte, by string) ([]entry, error) {
	return readAll(NewReader(bytes.NewReader(raw), key(t, by)))
}

func TestABackupReadsBack(t *testing.T) {
	raw := sealed(t, sample())
	r, err := NewReader(bytes.NewReader(raw), key(t, identity))
	if err != nil || r.Member != "quiet-heron" || r.At.Format(time.RFC3339) != sampleDay {
		t.Fatalf("header %v: %v", r, err)
	}
	es, err := readAll(r, nil)
	if err != nil || !slices.Equal(es, sample()) {
		t.Errorf("have %v, %v", es, err)
	}
	if _, err := open(t, raw, stranger); !errors.Is(err, age.ErrIncorrectIdentity) {
		t.Errorf("another key: %v", err)
	}
	if bytes.Contains(raw, []byte("heron")) {
		t.Error("not encrypted")
	}
}

// The bytes are the format: SPEC.md shows these.
func TestTheExampleOfTheSpec(t *testing.T) {
	have := plain(t, []entry{{Settings, "slug: quiet-heron\n"}, {Feed, ""}})
	var b strings.Builder
	b.WriteString("tidemark/backup/v1 quiet-heron 2026-11-24T12:00:00Z\n")
	b.WriteString("\x0bconfig.yaml\x00\x00\x00\x12slug: quiet-heron\n")
	const want = "fdd35134da43afed"
	if !bytes.HasPrefix(have, []byte(b.String())) {
		t.Errorf("have %q", have)
	}
	if sum := fmt.Sprintf("%x", have[len(have)-32:])[:16]; sum != want {
		t.Errorf("the last sum begins with %s", sum)
	}
}

func TestRandomBackupsReadBackInPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var es []entry
		for _, name := range parts {
			if rapid.Bool().Draw(t, name) {
				size := rapid.SampledFrom([]int{0, 1, 1000, MaxPiece - 1, MaxPiece, MaxPiece + 1, 2*MaxPiece + 7}).Draw(t, "size")
				es = append(es, entry{name, strings.Repeat("x", size)})
			}
		}
		var out bytes.Buffer
		line, _ := sampleHeader().line()
		out.WriteString(line)
		w := &Writer{out: struct {
			io.Writer
			io.Closer
		}{&out, io.NopCloser(nil)}, sum: newChain(line), now: -1}
		for _, e := range es {
			p, err := w.Part(e.name)
			if err == nil {
				_, err = io.WriteString(p, e.content)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if have, err := readAll(newReader(&out)); err != nil || !slices.Equal(have, es) {
			t.Fatalf("%d parts of %d: %v", len(have), len(es), err)
		}
	})
}

func TestEveryTruncationIsRefused(t *testing.T) {
	raw := sealed(t, sample())
	for n := range raw {
		if es, err := open(t, raw[:n], identity); err == nil {
			t.Fatalf("cut at %d of %d: %d parts", n, len(raw), len(es))
		}
	}
	text := plain(t, sample())
	for n := range text { // by whoever can encrypt to the same key
		if _, err := readAll(newReader(bytes.NewReader(text[:n]))); !errors.Is(err, ErrDamaged) {
			t.Fatalf("plaintext cut at %d of %d: %v", n, len(text), err)
		}
	}
}

func TestEveryFlippedBitIsRefused(t *testing.T) {
	raw, text := sealed(t, sample()), plain(t, sample())
	for bit := range 8 * len(raw) {
		raw[bit/8] ^= 1 << (bit % 8)
		if _, err := open(t, raw, identity); err == nil {
			t.Fatalf("bit %d", bit)
		}
		raw[bit/8] ^= 1 << (bit % 8)
	}
	for bit := range 8 * len(text) {
		text[bit/8] ^= 1 << (bit % 8)
		if _, err := readAll(newReader(bytes.NewReader(text))); !errors.Is(err, ErrDamaged) {
			t.Fatalf("plaintext bit %d: %v", bit, err)
		}
		text[bit/8] ^= 1 << (bit % 8)
	}
}

// Pieces that are whole but elsewhere, twice, missing or from another backup.
func TestMovedPiecesAreRefused(t *testing.T) {
	es := []entry{{Keys, "keys"}, {Feed, "feed"}, {Store, "pairs"}}
	text := plain(t, es)
	line, _, _ := bytes.Cut(text, []byte("\n"))
	pieces := [][]byte{append(line, '\n')}
	at := len(line) + 1
	for _, e := range append(es, entry{last, ""}) {
		n := len(head(e.name, 0)) + len(e.content) + 32
		pieces = append(pieces, text[at:at+n])
		at += n
	}
	for name, order := range map[string][]int{
		"swapped": {0, 2, 1, 3, 4}, "repeated": {0, 1, 1, 2, 3, 4}, "left out": {0, 1, 3, 4},
		"no end": {0, 1, 2, 3}, "only an end": {0, 4}, "something after the end": {0, 1, 2, 3, 4, 4},
	} {
		var b []byte
		for _, i := range order {
			b = append(b, pieces[i]...)
		}
		if _, err := readAll(newReader(bytes.NewReader(b))); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// forged is a backup whose chain is right and whose pieces are not.
func forged(t testing.TB, line string, names ...string) []byte {
	t.Helper()
	b, sum := []byte(line), newChain(line)
	for _, name := range names {
		begin := head(name, 1)
		sum.add(begin, []byte("x"))
		b = append(append(append(b, begin...), 'x'), sum[:]...)
	}
	begin := head(last, 0)
	sum.add(begin, nil)
	return append(append(b, begin...), sum[:]...)
}

func TestNamesAreNotPaths(t *testing.T) {
	line, _ := sampleHeader().line()
	if _, err := readAll(newReader(bytes.NewReader(forged(t, line, Keys, Feed)))); err != nil {
		t.Fatal(err)
	}
	for _, names := range [][]string{
		{"../key.age"}, {"/etc/passwd"}, {"key.age/../../x"}, {"key.age\x00"}, {"KEY.AGE"}, {""}, {"stage"},
		{Feed, Keys}, {Keys, Feed, Keys}, {last},
	} {
		if _, err := readAll(newReader(bytes.NewReader(forged(t, line, names...)))); !errors.Is(err, ErrDamaged) {
			t.Errorf("%q: %v", names, err)
		}
	}
	for _, line := range []string{
		"", "\n", "tidemark/backup/v2 quiet-heron " + sampleDay + "\n", "tidemark/backup/v1 quiet-heron\n",
		"tidemark/backup/v1 Quiet " + sampleDay + "\n", "tidemark/backup/v1 ../x " + sampleDay + "\n",
		"tidemark/backup/v1 quiet-heron 2026-11-24T12:00:00+01:00\n", "tidemark/backup/v1 quiet-heron " + sampleDay + " \n",
		strings.Repeat("x", 10_000) + "\n",
	} {
		if _, err := readAll(newReader(bytes.NewReader(forged(t, line, Keys)))); !errors.Is(err, ErrDamaged) {
			t.Errorf("header %.60q: %v", line, err)
		}
	}
}

func TestPartsAreWrittenInTheirOrderOnce(t *testing.T) {
	for _, names := range [][]string{{Feed, Keys}, {Keys, Keys}, {"../x"}, {last}, {""}} {
		w, err := NewWriter(io.Discard, sampleHeader(), key(t, identity).Recipient())
		for _, name := range names {
			if err == nil {
				_, err = w.Part(name)
			}
		}
		if err == nil {
			t.Errorf("%q: accepted", names)
		}
	}
	w, _ := NewWriter(io.Discard, sampleHeader(), key(t, identity).Recipient())
	early, _ := w.Part(Keys)
	_, _ = w.Part(Feed)
	if _, err := early.Write([]byte("x")); err == nil {
		t.Error("a part goes on after the next one has begun")
	}
}

// A disk that is full is not a backup, however it fails.
func TestFailedWritesAreTold(t *testing.T) {
	whole := len(sealed(t, sample()))
	for room := range whole {
		w, err := NewWriter(&full{room}, sampleHeader(), key(t, identity).Recipient())
		for _, e := range sample() {
			var p io.Writer
			if err == nil {
				p, err = w.Part(e.name)
			}
			if err == nil {
				_, err = io.WriteString(p, e.content)
			}
		}
		if err == nil {
			err = w.Close()
		}
		if !errors.Is(err, io.ErrShortWrite) {
			t.Fatalf("room for %d of %d: %v", room, whole, err)
		}
	}
}

type full struct{ room int }

func (f *full) Write(b []byte) (int, error) {
	if f.room -= len(b); f.room < 0 {
		return 0, io.ErrShortWrite
	}
	return len(b), nil
}

func FuzzRead(f *testing.F) {
	line, _ := sampleHeader().line()
	f.Add(plain(f, sample()))
	f.Add(forged(f, line, Keys, Feed))
	f.Add(forged(f, line, "../x"))
	f.Fuzz(func(t *testing.T, text []byte) {
		es, err := readAll(newReader(bytes.NewReader(text)))
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Fatal(err)
			}
			return
		}
		for i, e := range es {
			if rank(e.name) < 0 || i > 0 && rank(e.name) <= rank(es[i-1].name) {
				t.Fatalf("part %q at %d", e.name, i)
			}
		}
	})
}
