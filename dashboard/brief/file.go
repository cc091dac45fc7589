package brief

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"tidemark/dashboard/brief/doc"
	"tidemark/dashboard/brief/docx"
	"tidemark/dashboard/words"
)

// Brief is the public form: the manifest with the lines of who has agreed to it.
type Brief struct {
	Manifest *Manifest
	Attested
}

// Formats are what a brief is written as. PDF is printed from the HTML, by a browser.
var Formats = []string{"html", "docx", "md", "zip"}

// envelope is what every file carries of the brief that it shows.
type envelope struct {
	Format   string          `json:"format"`
	Language string          `json:"language"` // of this file
	Brief    json.RawMessage `json:"brief"`
	Keys     []string        `json:"keys"`
	Signed   []string        `json:"signed"`
}

const envelopeFormat = "tidemark/brief-file/v1"

// Envelope writes what a file in a language carries.
func (b *Brief) Envelope(language string) ([]byte, error) {
	raw, err := b.Manifest.Encode()
	if err != nil {
		return nil, err
	}
	e := envelope{Format: envelopeFormat, Language: language, Brief: bytes.TrimSuffix(raw, []byte("\n")), Keys: []string{}, Signed: []string{}}
	e.Keys = append(e.Keys, b.Keys...)
	for _, note := range b.Notes {
		e.Signed = append(e.Signed, string(note))
	}
	return canonical(e)
}

// MaxEnvelope bounds what a file may carry.
const MaxEnvelope = MaxManifest + 1<<20

// OpenEnvelope reads it, strictly, and verifies every line in it.
func OpenEnvelope(raw []byte) (b *Brief, language string, err error) {
	if len(raw) > MaxEnvelope {
		return nil, "", fmt.Errorf("brief: envelope: %d bytes, at most %d", len(raw), MaxEnvelope)
	}
	var e envelope
	if err := strict(raw, &e); err != nil || e.Format != envelopeFormat {
		return nil, "", fmt.Errorf("brief: envelope: not one")
	}
	if again, err := canonical(e); err != nil || !bytes.Equal(again, raw) {
		return nil, "", fmt.Errorf("brief: envelope: not in its one form")
	}
	b = &Brief{}
	if b.Manifest, err = DecodeManifest(append(slices.Clone([]byte(e.Brief)), '\n')); err != nil {
		return nil, "", err
	}
	id, err := b.Manifest.ID()
	if err != nil {
		return nil, "", err
	}
	if !slices.Contains(b.Manifest.Languages, e.Language) {
		return nil, "", fmt.Errorf("brief: envelope: a language that the brief has not")
	}
	if b.Attested, err = attestedBy(id, e.Signed, e.Keys); err != nil {
		return b, e.Language, fmt.Errorf("brief: %w", err)
	}
	return b, e.Language, nil
}

// Write writes the brief in one of its formats and languages. The same brief gives the same
// bytes.
func (b *Brief) Write(format string, l *words.Language) ([]byte, error) {
	d, err := b.Document(l, format == "docx")
	if err != nil {
		return nil, err
	}
	carried, err := b.Envelope(l.Tag)
	if err != nil {
		return nil, err
	}
	switch format {
	case "html":
		return html(d, carried), nil
	case "docx":
		return docx.Write(d, carried)
	case "md":
		return markdown(d, carried), nil
	case "zip":
		return b.pack(l, d, carried)
	}
	return nil, fmt.Errorf("brief: format %.8q: want one of %s, or pdf", format, strings.Join(Formats, ", "))
}

// Document is what stands in the brief.
func (b *Brief) Document(l *words.Language, pixels bool) (doc.Document, error) {
	return b.Manifest.Document(l, len(b.Keys), pixels)
}

// Final tells that everybody whose numbers it uses has agreed.
func (b *Brief) Final() bool { return len(b.Keys) >= b.Manifest.Members && b.Manifest.Members > 0 }

// armour writes bytes as lines of text; disarm reads them back.
func armour(raw []byte) string {
	var out strings.Builder
	text := base64.StdEncoding.EncodeToString(raw)
	for len(text) > armourWidth {
		out.WriteString(text[:armourWidth] + "\n")
		text = text[armourWidth:]
	}
	out.WriteString(text + "\n")
	return out.String()
}

const armourWidth = 76

func disarm(text string) ([]byte, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(strings.ReplaceAll(strings.TrimSpace(text), "\n", ""))
	if err != nil {
		return nil, fmt.Errorf("brief: the part that carries the numbers is damaged")
	}
	return raw, nil
}
