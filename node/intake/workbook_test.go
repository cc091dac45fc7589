package intake

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"tidemark/schema/mapping"
)

func TestBadWorkbooks(t *testing.T) {
	cells := [][]any{{"no", "day", "what"}, {1, 46090, "threat"}}
	good := func(t *testing.T) map[string][]byte { return parts(t, book(t, sheet{"A", cells})) }
	const sheetPart = "xl/worksheets/sheet1.xml"
	for name, c := range map[string]struct {
		spoil func(map[string][]byte)
		want  string
	}{
		"nothing": {func(p map[string][]byte) {}, ""},
		"bomb":    {func(p map[string][]byte) { p["xl/media/x.bin"] = make([]byte, 30<<20) }, "times its size"},
		"many bombs": {func(p map[string][]byte) {
			for i := range 4 {
				p[fmt.Sprint("xl/", i)] = bytes.Repeat(noise(10_000), 900)
			}
		}, "unpacks to more than"},
		"laughs": {func(p map[string][]byte) {
			p[sheetPart] = append([]byte(`<!DOCTYPE x [<!ENTITY a "`+canary+`">]>`), p[sheetPart]...)
		}, "entities"},
		"sheet cut short": {func(p map[string][]byte) { p[sheetPart] = p[sheetPart][:len(p[sheetPart])*3/4] }, "breaks off"},
		"control sign": {func(p map[string][]byte) {
			p[sheetPart] = bytes.Replace(p[sheetPart], []byte("<v>46090"), []byte("<v>\x0b46090"), 1)
		}, "breaks off"},
		"deep": {func(p map[string][]byte) { p[sheetPart] = bytes.Repeat([]byte("<a>"), 5_000) }, "nested"},
		"row 2^31": {func(p map[string][]byte) {
			p[sheetPart] = bytes.Replace(p[sheetPart], []byte(`r="2"`), []byte(`r="2147483648"`), 1)
		}, "not in order"},
		"column ZZZZ": {func(p map[string][]byte) {
			p[sheetPart] = bytes.Replace(p[sheetPart], []byte(`r="C2"`), []byte(`r="ZZZZ2"`), 1)
		}, "cannot be read"},
		"rows backwards": {func(p map[string][]byte) {
			p[sheetPart] = bytes.Replace(p[sheetPart], []byte("<row"), []byte(`<row r="3"><c r="A3"><v>1</v></c></row><row`), 1)
		}, "not in order"},
		"leads out":        {func(p map[string][]byte) { p["../"+canary] = nil }, "leads out"},
		"leads to the top": {func(p map[string][]byte) { p["/etc/"+canary] = nil }, "leads out"},
		"too many parts": {func(p map[string][]byte) {
			for i := range maxParts {
				p[fmt.Sprint(canary, i)] = nil
			}
		}, "parts"},
		"no workbook": {func(p map[string][]byte) { delete(p, "xl/workbook.xml") }, "opened"},
	} {
		p := good(t)
		c.spoil(p)
		config := Defaults()
		config.Unzipped = 32 << 20
		report, err := try(t, config, small(t, "format: xlsx"), write(t, string(zipped(t, p, 0))))
		if c.want == "" && (err != nil || report.Mapped != 1) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: have %v, want %q", name, err, c.want)
		}
	}
}

// A sheet above the size from which the library would unpack it to a temporary file.
func TestNothingIsWrittenToTheDisk(t *testing.T) {
	p := parts(t, book(t, sheet{"A", [][]any{{"no", "day", "what"}, {1, 46090, "threat"}}}))
	const sheetPart = "xl/worksheets/sheet1.xml"
	p[sheetPart] = append(p[sheetPart], bytes.Repeat([]byte("\n"), 20<<20)...)
	path := write(t, string(zipped(t, p, 0)))
	t.Setenv("TMPDIR", t.TempDir())
	config := Defaults()
	config.Ratio = 1 << 20
	_, err := config.Read(context.Background(), small(t, "format: xlsx"), path, func(mapping.Case) error {
		if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
			t.Errorf("%d temporary files, %v", len(left), err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// noise does not compress.
func noise(n int) []byte {
	b, x := make([]byte, n), uint64(88172645463325252)
	for i := range b {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b[i] = byte(x)
	}
	return b
}

func TestZipsThatLie(t *testing.T) {
	p := parts(t, book(t, sheet{"A", [][]any{{"no", "day", "what"}, {1, 46090, canary}}}))
	data := zipped(t, p, 0)
	// The stated size of each part, cut to ten bytes in the central directory.
	for at := bytes.Index(data, []byte("PK\x01\x02")); at >= 0; {
		copy(data[at+24:], []byte{10, 0, 0, 0})
		next := bytes.Index(data[at+4:], []byte("PK\x01\x02"))
		if next < 0 {
			break
		}
		at += 4 + next
	}
	if _, err := try(t, Defaults(), small(t, "format: xlsx"), write(t, string(data))); err == nil {
		t.Error("accepted")
	}
	// A part whose bytes do not match its checksum.
	data = zipped(t, p, 0)
	for at := bytes.Index(data, []byte("PK\x01\x02")); at >= 0; at = -1 {
		data[at+16] ^= 1
	}
	if _, err := try(t, Defaults(), small(t, "format: xlsx"), write(t, string(data))); err == nil || !strings.Contains(err.Error(), "a part ") {
		t.Errorf("checksum: %v", err)
	}
	// A link.
	if _, err := try(t, Defaults(), small(t, "format: xlsx"), write(t, string(zipped(t, p, os.ModeSymlink)))); err == nil || !strings.Contains(err.Error(), "link") {
		t.Errorf("link: %v", err)
	}
}

// parts unpacks a workbook.
func parts(t testing.TB, path string) map[string][]byte {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	all := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := b.ReadFrom(r); err != nil {
			t.Fatal(err)
		}
		all[f.Name] = b.Bytes()
	}
	return all
}

// zipped packs parts, one of them with the given mode.
func zipped(t testing.TB, all map[string][]byte, mode os.FileMode) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, data := range all {
		h := &zip.FileHeader{Name: name, Method: zip.Deflate}
		if name == "xl/workbook.xml" {
			h.SetMode(mode | 0o600)
		}
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = w.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSheetsAndCalendars(t *testing.T) {
	head, row := []any{"no", "day", "what"}, []any{1, 46090, "threat"}
	path := book(t, sheet{canary, [][]any{{"scrap"}, {canary}}}, sheet{"Cases 2026", [][]any{head, row, row[:2], {}, {"no", canary}}})
	if _, err := try(t, Defaults(), small(t, "format: xlsx"), path); err == nil || !strings.Contains(err.Error(), `column "no" is missing`) {
		t.Errorf("the first sheet is scrap: %v", err)
	}
	if _, err := try(t, Defaults(), small(t, "format: xlsx\nsheet: Archive"), path); err == nil || !strings.Contains(err.Error(), `sheet "Archive" is missing`) {
		t.Errorf("no such sheet: %v", err)
	}
	report, err := try(t, Defaults(), small(t, "format: xlsx\nsheet: cases  2026"), path)
	if err != nil || report.Mapped != 2 || report.Refused != 1 || report.OtherSheets != 1 {
		t.Errorf("%v, %d mapped, %d refused", err, report.Mapped, report.Refused)
	}
	p := parts(t, path)
	p["xl/workbook.xml"] = bytes.Replace(p["xl/workbook.xml"], []byte("<workbookPr"), []byte(`<workbookPr date1904="1"`), 1)
	if _, err := try(t, Defaults(), small(t, "format: xlsx\nsheet: Cases 2026"), write(t, string(zipped(t, p, 0)))); err == nil || !strings.Contains(err.Error(), "excel1904") {
		t.Errorf("a workbook of 1904: %v", err)
	}
}
