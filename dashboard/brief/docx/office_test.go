package docx

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tidemark/dashboard/brief/doc"
)

// convert has LibreOffice open files and save them in another format.
func convert(t *testing.T, files map[string][]byte, format, ending string) map[string][]byte {
	t.Helper()
	program, err := exec.LookPath("soffice")
	if err != nil {
		program, err = exec.LookPath("libreoffice")
	}
	if err != nil || testing.Short() {
		t.Skip("no LibreOffice, or no time for it")
	}
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	args := []string{"--headless", "-env:UserInstallation=file://" + filepath.ToSlash(dir) + "/profile", "--convert-to", format, "--outdir", out}
	for name, data := range files {
		args = append(args, filepath.Join(dir, name+".docx"))
		if err := os.WriteFile(args[len(args)-1], data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	if said, err := exec.CommandContext(ctx, program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	made := map[string][]byte{}
	for name := range files {
		if made[name], err = os.ReadFile(filepath.Join(out, name+"."+ending)); err != nil {
			t.Fatal(err)
		}
	}
	return made
}

func TestLibreOfficeKeepsWhatAFileSays(t *testing.T) {
	docs := map[string]doc.Document{"en": sample(t), "ar": arabic(t)}
	files := map[string][]byte{}
	for name, d := range docs {
		files[name] = write(t, d, manifestBytes)
	}
	for name, file := range convert(t, files, "docx", "docx") {
		d := docs[name]
		c, err := Read(file)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		sameWords(t, name, c.Paragraphs, Words(d))
		if !bytes.Equal(c.Custom, manifestBytes) {
			t.Errorf("%s: custom bytes changed", name)
		}
		if !slices.Contains(c.Margins, d.Foot) || !slices.Contains(c.Margins, d.Warning) {
			t.Errorf("%s: margins %q", name, c.Margins)
		}
		if !c.Pictures[sha256.Sum256(picture(t).PNG)] {
			t.Errorf("%s: the png was made anew", name)
		}
		main := unzip(t, file)["word/document.xml"]
		holds(t, name, main, []string{"<w:tblHeader", "<w:cantSplit", "descr=", `w:val="Title"`, `w:val="Heading1"`, "<w:footnoteReference ", "<w:numId "})
	}
}

func TestLibreOfficeReadsEveryWord(t *testing.T) {
	docs := map[string]doc.Document{"en": uncited(sample(t)), "ar": uncited(arabic(t))}
	files := map[string][]byte{}
	for name, d := range docs {
		files[name] = write(t, d, nil)
	}
	for name, text := range convert(t, files, "txt:Text (encoded):UTF8", "txt") {
		all := tidy(string(text))
		for _, words := range Words(docs[name]) {
			at := strings.Index(all, words)
			if at < 0 {
				t.Errorf("%s: not there, or not here: %s", name, words)
				continue
			}
			all = all[at+len(words):]
		}
	}
}

// uncited is the document with its notes at its end: in a text file their numbers would
// stand among the words.
func uncited(d doc.Document) doc.Document {
	blocks := slices.Clone(d.Blocks)
	strip := func(runs []doc.Inline) []doc.Inline {
		runs = slices.Clone(runs)
		for i := range runs {
			runs[i].Note = 0
		}
		return runs
	}
	for i, b := range blocks {
		switch b := b.(type) {
		case doc.Paragraph:
			b.Text = strip(b.Text)
			blocks[i] = b
		case doc.List:
			b.Items = slices.Clone(b.Items)
			for j := range b.Items {
				b.Items[j] = strip(b.Items[j])
			}
			blocks[i] = b
		}
	}
	d.Blocks = blocks
	return d
}

func TestEveryPageWarns(t *testing.T) {
	d := sample(t)
	pdf := convert(t, map[string][]byte{"en": write(t, d, nil)}, "pdf", "pdf")["en"]
	pdftotext, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("no pdftotext")
	}
	cmd := exec.CommandContext(t.Context(), pdftotext, "-layout", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	text, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	pages := strings.Split(strings.TrimSuffix(string(text), "\f"), "\f")
	for i, page := range pages {
		for _, want := range []string{d.Warning, d.Foot} {
			if !strings.Contains(tidy(page), want) {
				t.Errorf("page %d does not say %q", i+1, want)
			}
		}
		if number := fmt.Sprintf("%d/%d", i+1, len(pages)); !strings.HasSuffix(strings.ReplaceAll(tidy(page), " ", ""), number) {
			t.Errorf("page %d does not end with its number", i+1)
		}
	}
	if len(pages) < 3 || !strings.Contains(tidy(pages[1]), "Region People Verdict") {
		t.Errorf("%d pages; on the second, the table has no head", len(pages))
	}
}
