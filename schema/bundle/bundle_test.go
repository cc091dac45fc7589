package bundle

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tidemark/schema"
	"tidemark/schema/wire"
)

func sample() Bundle {
	return Bundle{
		Charter: []byte("charter\n"), Acts: [][]byte{[]byte("act 1\n"), []byte("act 2\n")}, Codebook: []byte("{}\n"),
		Parcels: [][]byte{[]byte("parcel\n")}, Notes: [][]byte{[]byte("intent\n"), []byte("request\n")},
		Sealed: []Item{{"invitation", []byte{1, 2}}, {"psk", []byte{0}}},
	}
}

func zipped(t testing.TB, b Bundle) []byte {
	t.Helper()
	var w bytes.Buffer
	if err := Write(&w, b); err != nil {
		t.Fatal(err)
	}
	return w.Bytes()
}

func readBytes(raw []byte) (Bundle, error) { return Read(bytes.NewReader(raw), int64(len(raw))) }

func TestBundleSurvivesItsZip(t *testing.T) {
	for _, b := range []Bundle{sample(), {}, {Charter: []byte("c")}, {Notes: [][]byte{[]byte("n")}}} {
		again, err := readBytes(zipped(t, b))
		if err != nil || !reflect.DeepEqual(again, b) {
			t.Errorf("reads back as %d acts, %d notes: %v", len(again.Acts), len(again.Notes), err)
		}
	}
}

// The bytes are part of the format: a bundle made elsewhere must be readable here.
func TestZipIsTheSameBytesEverywhere(t *testing.T) {
	const want = "39d2b74acc90396c"
	if have := schema.HashOf(zipped(t, sample())).String()[:16]; have != want {
		t.Errorf("have %s", have)
	}
}

func TestOtherProgramsReadTheZip(t *testing.T) {
	raw := zipped(t, sample())
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	want := "acts/00001.note acts/00002.note charter.note codebook.json notes/00001.note notes/00002.note parcels/00001.parcel sealed/invitation sealed/psk"
	if have := strings.Join(names, " "); have != want {
		t.Errorf("have %s", have)
	}
}

func TestWriteSortsSealedItems(t *testing.T) {
	b := sample()
	b.Sealed[0], b.Sealed[1] = b.Sealed[1], b.Sealed[0]
	if !bytes.Equal(zipped(t, b), zipped(t, sample())) {
		t.Error("other bytes")
	}
}

func TestWriteRefuses(t *testing.T) {
	large := make([]byte, MaxEntry+1)
	many := make([][]byte, MaxEntries+1)
	for i := range many {
		many[i] = []byte("n")
	}
	for name, b := range map[string]Bundle{
		"an empty note":       {Notes: [][]byte{nil}},
		"an empty charter":    {Charter: []byte{}},
		"a large note":        {Notes: [][]byte{large}},
		"a large codebook":    {Codebook: large},
		"a large item":        {Sealed: []Item{{"psk", large}}},
		"a large parcel":      {Parcels: [][]byte{make([]byte, wire.MaxParcel+1)}},
		"20,001 entries":      {Notes: many},
		"two items of a name": {Sealed: []Item{{"psk", []byte("a")}, {"psk", []byte("b")}}},
		"a path":              {Sealed: []Item{{"../psk", []byte("a")}}},
		"a folder":            {Sealed: []Item{{"a/b", []byte("a")}}},
		"a hidden item":       {Sealed: []Item{{".psk", []byte("a")}}},
		"no name":             {Sealed: []Item{{"", []byte("a")}}},
	} {
		if err := Write(io.Discard, b); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := Write(io.Discard, Bundle{Parcels: [][]byte{make([]byte, wire.MaxParcel)}, Notes: many[:MaxEntries-1]}); err != nil {
		t.Errorf("at the limits: %v", err)
	}
}

func TestWriteRefusesMoreThan512MiB(t *testing.T) {
	b := Bundle{}
	entry := make([]byte, MaxEntry)
	for range MaxSize/MaxEntry + 1 {
		b.Notes = append(b.Notes, entry) // one array, many times
	}
	if err := Write(io.Discard, b); err == nil {
		t.Error("accepted")
	}
}

// forge writes a zip that Write would not have written.
func forge(t testing.TB, header func(i int, h *zip.FileHeader), entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(e.data), CompressedSize64: uint64(len(e.data)), UncompressedSize64: uint64(len(e.data))}
		if header != nil {
			header(i, h)
		}
		w, err := z.CreateRaw(h)
		if err == nil {
			_, err = w.Write(e.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestReadRefusesNamesWithoutAPlace(t *testing.T) {
	n := []byte("n\n")
	if _, err := readBytes(forge(t, nil, entry{"acts/00001.note", n}, entry{"charter.note", n})); err != nil {
		t.Fatalf("a good one: %v", err)
	}
	for name, es := range map[string][]entry{
		"another file":           {{"readme.txt", n}},
		"a path upwards":         {{"../charter.note", n}},
		"an absolute path":       {{"/charter.note", n}},
		"a backslash":            {{"acts\\00001.note", n}},
		"a folder":               {{"acts/", nil}},
		"a folder in a folder":   {{"sealed/a/b", n}},
		"a number left out":      {{"acts/00001.note", n}, {"acts/00003.note", n}},
		"a number too short":     {{"acts/1.note", n}},
		"number zero":            {{"acts/00000.note", n}},
		"another ending":         {{"acts/00001.txt", n}},
		"one name twice":         {{"charter.note", n}, {"charter.note", n}},
		"names out of order":     {{"charter.note", n}, {"acts/00001.note", n}},
		"a capital":              {{"sealed/PSK", n}},
		"an empty entry":         {{"charter.note", nil}},
		"an entry too large":     {{"charter.note", make([]byte, MaxEntry+1)}},
		"a codebook too large":   {{"codebook.json", make([]byte, MaxEntry+1)}},
		"a name of 70 letters":   {{"sealed/" + strings.Repeat("a", 70), n}},
		"an item without a name": {{"sealed/", nil}},
	} {
		if _, err := readBytes(forge(t, nil, es...)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestReadRefusesHeadersThatWriteDoesNotMake(t *testing.T) {
	e := entry{"charter.note", []byte("charter\n")}
	for name, header := range map[string]func(int, *zip.FileHeader){
		"a comment":        func(_ int, h *zip.FileHeader) { h.Comment = "hello" },
		"an extra field":   func(_ int, h *zip.FileHeader) { h.Extra = []byte{1, 2, 0, 0} },
		"a mode":           func(_ int, h *zip.FileHeader) { h.ExternalAttrs = 0o120777 << 16 },
		"compressed":       func(_ int, h *zip.FileHeader) { h.Method = zip.Deflate },
		"a wrong checksum": func(_ int, h *zip.FileHeader) { h.CRC32++ },
		"a bomb's size":    func(_ int, h *zip.FileHeader) { h.UncompressedSize64 = 1 << 31 },
		"a size too small": func(_ int, h *zip.FileHeader) { h.CompressedSize64, h.UncompressedSize64 = 7, 7 },
		"a size too large": func(_ int, h *zip.FileHeader) { h.CompressedSize64, h.UncompressedSize64 = 200, 200 },
		"a flag":           func(_ int, h *zip.FileHeader) { h.Flags |= 0x800 },
	} {
		if _, err := readBytes(forge(t, header, e)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestReadRefusesADeflatedBomb(t *testing.T) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.Create("charter.note")
	if err == nil {
		_, err = w.Write(make([]byte, 64<<20))
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readBytes(out.Bytes()); err == nil {
		t.Error("accepted")
	}
}

func TestReadRefusesBytesAround(t *testing.T) {
	raw := zipped(t, sample())
	for name, changed := range map[string][]byte{
		"before":  append([]byte("#!"), raw...),
		"after":   append(bytes.Clone(raw), 0),
		"cut":     raw[:len(raw)-1],
		"nothing": nil,
	} {
		if _, err := readBytes(changed); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// A second directory after the end, for the same entries, is no bundle either.
func TestReadRefusesASecondDirectory(t *testing.T) {
	raw := zipped(t, sample())
	end := raw[len(raw)-endSize:]
	directory := raw[binary.LittleEndian.Uint32(end[16:]) : len(raw)-endSize]
	again := append(append(bytes.Clone(raw), directory...), end...)
	binary.LittleEndian.PutUint32(again[len(again)-endSize+16:], uint32(len(raw)))
	if z, err := zip.NewReader(bytes.NewReader(again), int64(len(again))); err != nil || len(z.File) != 9 {
		t.Fatalf("the test's own zip: %v", err)
	}
	if _, err := readBytes(again); err == nil {
		t.Error("accepted")
	}
}

// A directory of 200,000 lines must not be read at all.
func TestReadRefusesALongDirectoryUnread(t *testing.T) {
	line := append([]byte("PK\x01\x02"), make([]byte, 42)...)
	directory := bytes.Repeat(line, 200_000)
	end := append([]byte("PK\x05\x06"), make([]byte, 18)...)
	end[12], end[13], end[14] = byte(len(directory)), byte(len(directory)>>8), byte(len(directory)>>16)
	short := bytes.Clone(end)
	short[12], short[13], short[14] = 46, 0, 0
	for name, end := range map[string][]byte{"told": end, "told to be of one line": short} {
		r := &countingReader{r: bytes.NewReader(append(bytes.Clone(directory), end...))}
		if _, err := Read(r, int64(len(directory)+len(end))); err == nil || r.n > 1<<10 {
			t.Errorf("%s: %v after %d bytes", name, err, r.n)
		}
	}
}

// Three directory lines for one entry's bytes: refused before memory is taken for all.
func TestReadRefusesEntriesThatOverlap(t *testing.T) {
	raw := zipped(t, Bundle{Notes: [][]byte{make([]byte, 100<<10)}})
	end := raw[len(raw)-endSize:]
	at := binary.LittleEndian.Uint32(end[16:])
	line := raw[at : len(raw)-endSize]
	out := bytes.Clone(raw[:at])
	for n := range 3 {
		out = append(out, bytes.Replace(line, []byte("00001"), fmt.Appendf(nil, "%05d", n+1), 1)...)
	}
	out = append(out, end...)
	end = out[len(out)-endSize:]
	end[8], end[10] = 3, 3
	binary.LittleEndian.PutUint32(end[12:], uint32(3*len(line)))
	if _, err := readBytes(out); err == nil || !strings.Contains(err.Error(), "overlap") {
		t.Errorf("have %v", err)
	}
}

// A size that a header only claims takes no memory.
func TestReadRefusesAClaimedSize(t *testing.T) {
	claim := func(_ int, h *zip.FileHeader) { h.CompressedSize64, h.UncompressedSize64 = 1<<31, 1<<31 }
	_, err := readBytes(forge(t, claim, entry{"charter.note", []byte("charter\n")}))
	if err == nil || !strings.Contains(err.Error(), "an entry of 2147483648 bytes") {
		t.Errorf("have %v", err)
	}
}

type countingReader struct {
	r io.ReaderAt
	n int
}

func (c *countingReader) ReadAt(p []byte, at int64) (int, error) {
	c.n += len(p)
	return c.r.ReadAt(p, at)
}

// Every bit of a bundle is needed: none can be flipped unseen.
func TestOneFlippedBitIsRefusedOrTold(t *testing.T) {
	raw := zipped(t, sample())
	for i := range raw {
		for bit := range 8 {
			raw[i] ^= 1 << bit
			if b, err := readBytes(raw); err == nil && !bytes.Equal(zipped(t, b), raw) {
				t.Errorf("byte %d, bit %d: accepted, and written differently", i, bit)
			}
			raw[i] ^= 1 << bit
		}
	}
}

// rapid's default: n = 100 random bundles; exact, so no false failure.
func TestRandomBundlesSurviveTheirZip(t *testing.T) {
	some := rapid.SliceOfN(rapid.Byte(), 1, 50)
	many := rapid.Custom(func(t *rapid.T) [][]byte {
		return append([][]byte(nil), rapid.SliceOfN(some, 0, 12).Draw(t, "files")...)
	})
	rapid.Check(t, func(t *rapid.T) {
		b := Bundle{Charter: some.Draw(t, "charter"), Acts: many.Draw(t, "acts"), Parcels: many.Draw(t, "parcels"), Notes: many.Draw(t, "notes")}
		for i := range rapid.IntRange(0, 5).Draw(t, "sealed") {
			b.Sealed = append(b.Sealed, Item{fmt.Sprintf("item-%d", i), some.Draw(t, "item")})
		}
		var out bytes.Buffer
		if err := Write(&out, b); err != nil {
			t.Fatal(err)
		}
		if again, err := readBytes(out.Bytes()); err != nil || !reflect.DeepEqual(again, b) {
			t.Fatalf("reads back as another bundle: %v", err)
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add(zipped(f, sample()))
	f.Add(zipped(f, Bundle{}))
	f.Add(forge(f, func(_ int, h *zip.FileHeader) { h.Comment = "c" }, entry{"charter.note", []byte("c")}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := readBytes(raw)
		if err != nil {
			return
		}
		if !bytes.Equal(zipped(t, b), raw) {
			t.Fatal("written differently")
		}
	})
}

func BenchmarkRead(b *testing.B) {
	raw := zipped(b, Bundle{Parcels: func() (ps [][]byte) {
		for range 240 {
			ps = append(ps, make([]byte, 50<<10))
		}
		return ps
	}()})
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if _, err := readBytes(raw); err != nil {
			b.Fatal(err)
		}
	}
}
