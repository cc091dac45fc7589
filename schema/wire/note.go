package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/text/unicode/norm"

	"tidemark/schema"
)

// Limits of a note (W1, W5).
const (
	MaxNote       = 256 << 10 // bytes, signature lines included
	MaxSignatures = 100
)

// ErrUnknownSigner means that a note is well formed and that every line by a known key
// verifies, but that one is by a key which the ring lacks. Elsewhere the roster may be newer.
var ErrUnknownSigner = errors.New("signed by an unknown key")

// Verified is a note whose every line has been verified. Only this package makes one;
// its zero value holds nothing.
type Verified struct {
	body    schema.Body
	raw     []byte
	id      schema.Hash
	signers []string
	slugs   []schema.Slug
}

// Body is what the note says: a value of one of schema's kinds. Do not change its slices.
func (v Verified) Body() schema.Body { return v.body }

// Raw is the note as it was signed. Do not change it.
func (v Verified) Raw() []byte { return v.raw }

// ID is the SHA-256 of the text, the same for any set of signers (W28).
func (v Verified) ID() schema.Hash { return v.id }

// Signers are the verifier keys of the lines, in their order.
func (v Verified) Signers() []string { return slices.Clone(v.signers) }

// Slugs are whose lines they are, in their order.
func (v Verified) Slugs() []schema.Slug { return slices.Clone(v.slugs) }

// Sign writes a body's note with a line for each signer.
func Sign(b schema.Body, signers ...*Signer) ([]byte, error) {
	text, err := Text(b)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return write(b, &note.Note{Text: text}, signers)
}

// Cosign adds a signer's line to a note, in its place. It does not verify the lines
// that are there: use Verify where they matter.
func Cosign(raw []byte, s *Signer) ([]byte, error) {
	n, err := take(raw)
	if err != nil {
		return nil, fmt.Errorf("cosign: %w", err)
	}
	if slices.Contains(n.lines, s.known.id) {
		return nil, fmt.Errorf("cosign: the signer's line is there already")
	}
	return write(n.body, &note.Note{Text: n.text, UnverifiedSigs: n.sigs}, []*Signer{s})
}

// Unite joins the lines of two copies of one text. It does not verify them: use Verify
// where they matter.
func Unite(a, b []byte) ([]byte, error) {
	n, err := take(a)
	if err != nil {
		return nil, fmt.Errorf("unite: %w", err)
	}
	other, err := take(b)
	if err != nil {
		return nil, fmt.Errorf("unite: %w", err)
	}
	if n.text != other.text {
		return nil, fmt.Errorf("unite: two different texts")
	}
	for i, id := range other.lines {
		at := slices.Index(n.lines, id)
		switch {
		case at < 0:
			n.sigs = append(n.sigs, other.sigs[i])
		case n.sigs[at] != other.sigs[i]:
			return nil, fmt.Errorf("unite: two different lines of one key")
		}
	}
	return write(n.body, &note.Note{Text: n.text, UnverifiedSigs: n.sigs}, nil)
}

// write signs, sorts the lines, and reads the whole once more, so that what Sign
// returns is never refused for its form.
func write(b schema.Body, n *note.Note, signers []*Signer) ([]byte, error) {
	var ns []note.Signer
	for _, s := range signers {
		ns = append(ns, noteSigner{s})
	}
	raw, err := note.Sign(n, ns...)
	if err != nil {
		return nil, fmt.Errorf("sign %s: %w", b.Kind(), err)
	}
	lines := slices.Collect(strings.Lines(string(raw[len(n.Text)+1:])))
	slices.SortFunc(lines, func(a, b string) int {
		return strings.Compare(lineOrder(a), lineOrder(b))
	})
	raw = append(raw[:len(n.Text)+1], strings.Join(lines, "")...)
	if _, err := take(raw); err != nil {
		return nil, fmt.Errorf("sign %s: %w", b.Kind(), err)
	}
	return raw, nil
}

func lineOrder(line string) string {
	_, id, err := readLine(strings.TrimSuffix(line, "\n"))
	if err != nil {
		return ""
	}
	return id.bytes()
}

// Verify opens a note against the keys of a ring. Every line must verify; a line by a
// key that the ring lacks gives ErrUnknownSigner if nothing else is wrong.
func Verify(raw []byte, ring Ring) (Verified, error) {
	n, err := take(raw)
	if err != nil {
		return Verified{}, err
	}
	return n.verify(raw, ring)
}

func (n taken) verify(raw []byte, ring Ring) (Verified, error) {
	opened, err := note.Open(raw, ring.keys)
	var unverified *note.UnverifiedNoteError
	if errors.As(err, &unverified) || err == nil && len(opened.UnverifiedSigs) > 0 {
		return Verified{}, fmt.Errorf("%s: %w", n.body.Kind(), ErrUnknownSigner)
	}
	if err != nil {
		return Verified{}, fmt.Errorf("%s: a signature does not verify", n.body.Kind())
	}
	if again, err := note.Sign(opened); err != nil || !bytes.Equal(again, raw) {
		return Verified{}, fmt.Errorf("%s: not the note that signing writes", n.body.Kind())
	}
	v := Verified{body: n.body, raw: bytes.Clone(raw), id: schema.HashOf([]byte(n.text))}
	for _, id := range n.lines {
		v.signers, v.slugs = append(v.signers, ring.keys[id].text), append(v.slugs, schema.Slug(id.name))
	}
	return v, nil
}

// Peek reads what a note claims, with no look at its signatures: good for asking where
// it belongs, never for believing it.
func Peek(raw []byte) (schema.Body, error) {
	n, err := take(raw)
	return n.body, err
}

// taken is a note taken apart: every rule checked that needs no key.
type taken struct {
	body  schema.Body
	text  string
	lines []keyID
	sigs  []note.Signature
}

func take(raw []byte) (taken, error) {
	n, err := split(raw)
	if err != nil {
		return taken{}, fmt.Errorf("note: %w", err)
	}
	if n.body, err = Parse(n.text); err != nil {
		return taken{}, fmt.Errorf("note: %w", err)
	}
	if err := checkSigners(n.body, n.lines); err != nil {
		return taken{}, fmt.Errorf("note: %s: %w", n.body.Kind(), err)
	}
	return n, nil
}

// split checks size, characters and signature lines, the cheap things first.
func split(raw []byte) (n taken, err error) {
	if len(raw) > MaxNote {
		return n, fmt.Errorf("%d bytes, at most %d", len(raw), MaxNote)
	}
	if err := checkCharacters(string(raw)); err != nil {
		return n, err
	}
	text, block, ok := strings.Cut(string(raw), "\n\n")
	if !ok || !strings.HasSuffix(block, "\n") {
		return n, fmt.Errorf("want an empty line and signature lines after the text")
	}
	n.text = text + "\n"
	for line := range strings.Lines(block) {
		if len(n.lines) == MaxSignatures {
			return n, fmt.Errorf("more than %d signature lines", MaxSignatures)
		}
		sig, id, err := readLine(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return n, err
		}
		n.lines, n.sigs = append(n.lines, id), append(n.sigs, sig)
	}
	return n, checkOrder(n.lines)
}

// checkCharacters holds a text to printable NFC characters, the blank and the newline:
// no control, bidi, invisible or line-separating ones (W2).
func checkCharacters(s string) error {
	if !utf8.ValidString(s) {
		return fmt.Errorf("characters: not UTF-8")
	}
	for _, r := range s {
		if r != '\n' && !unicode.IsPrint(r) {
			return fmt.Errorf("characters: one that does not print")
		}
	}
	if !norm.NFC.IsNormalString(s) {
		return fmt.Errorf("characters: not NFC")
	}
	return nil
}

// readLine reads "— slug base64", the base64 strict, of a key hash and 64 bytes (W4).
func readLine(line string) (sig note.Signature, id keyID, err error) {
	named, ok := strings.CutPrefix(line, "— ")
	name, base, _ := strings.Cut(named, " ")
	if _, err := schema.ParseSlug(name); !ok || err != nil {
		return sig, id, fmt.Errorf("signature line: want a dash, a slug and base64")
	}
	raw, err := base64.StdEncoding.DecodeString(base)
	// Written again it must be the same: the decoder lets unused bits and newlines pass.
	if err != nil || len(raw) != 4+64 || base64.StdEncoding.EncodeToString(raw) != base {
		return sig, id, fmt.Errorf("signature line: want strict base64 of a key hash and a signature")
	}
	id = keyID{name, binary.BigEndian.Uint32(raw)}
	return note.Signature{Name: name, Hash: id.hash, Base64: base}, id, nil
}

// checkOrder is W6.
func checkOrder(lines []keyID) error {
	for i := 1; i < len(lines); i++ {
		switch strings.Compare(lines[i-1].bytes(), lines[i].bytes()) {
		case 0:
			return fmt.Errorf("signature line: one key's twice")
		case 1:
			return fmt.Errorf("signature lines: not sorted by name, then hash")
		}
	}
	return nil
}

// checkSigners asks for the lines that a kind must have (W9, W10). How many admins an
// act needs is schema/coalition's business.
func checkSigners(b schema.Body, lines []keyID) error {
	switch b := b.(type) {
	case schema.Request:
		return onlyBy(b.Slug, lines)
	case schema.Linked:
		return onlyBy(b.Place().Member, lines)
	case schema.Intent:
		return byMemberAndWitnesses(b.Member, lines)
	case schema.Check:
		return onlyBy(b.Member, lines)
	case schema.Head:
		return onlyBy(b.Witness, lines)
	case schema.KeeperKey:
		return onlyBy(b.Keeper, lines)
	case schema.Contribution:
		return onlyBy(b.Member, lines)
	case schema.Held:
		return onlyBy(b.Keeper, lines)
	case schema.Agreement:
		return onceEach(lines)
	case schema.Attestation:
		return onlyNamed(schema.CoSigner, lines)
	case schema.Holding:
		return onlyNamed(schema.CaseHolder, lines)
	case schema.Answer:
		return onlyBy(b.Member, lines)
	case schema.Printing:
		return onlyBy(schema.CoSigner, lines)
	}
	return some(lines)
}

func some(lines []keyID) error {
	if len(lines) == 0 {
		return fmt.Errorf("signers: none")
	}
	return nil
}

// onceEach wants lines, of which no two are of one slug.
func onceEach(lines []keyID) error {
	for i := 1; i < len(lines); i++ {
		if lines[i-1].name == lines[i].name { // they are sorted
			return fmt.Errorf("signers: two lines of one slug")
		}
	}
	return some(lines)
}

func onlyBy(member schema.Slug, lines []keyID) error {
	if len(lines) != 1 || lines[0].name != string(member) {
		return fmt.Errorf("signers: want the member that it names, and nobody else")
	}
	return nil
}

func byMemberAndWitnesses(member schema.Slug, lines []keyID) error {
	if err := onceEach(lines); err != nil {
		return err
	}
	if !slices.ContainsFunc(lines, func(l keyID) bool { return l.name == string(member) }) {
		return fmt.Errorf("signers: the member's own line is missing")
	}
	return nil
}
