package docx

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Content is what a file says, whoever saved it last.
type Content struct {
	Custom     []byte   // nil: none
	Paragraphs []string // in order, those of cited footnotes after the others; with single spaces, empty ones left out
	Margins    []string // the same of what stands above and below pages, page numbers among it
	Pictures   map[[sha256.Size]byte]bool
}

// Read takes a DOCX apart, whoever wrote it, and is safe on hostile input. What could show
// words that it does not see must not be there: it refuses files that embed other
// documents, charts, objects or macros, or that show pictures from outside.
func Read(file []byte) (Content, error) {
	u, err := unpack(file)
	if err != nil {
		return Content{}, fmt.Errorf("read docx: %w", err)
	}
	r := reader{unpacked: u, seen: map[ref]bool{}}
	r.Pictures = map[[sha256.Size]byte]bool{}
	if err := r.document(); err != nil {
		return Content{}, fmt.Errorf("read docx: %w", err)
	}
	return r.Content, nil
}

type reader struct {
	*unpacked
	Content
	main  words
	notes words        // footnotes and endnotes
	seen  map[ref]bool // that were followed
}

func (r *reader) document() error {
	name, err := r.mainPart()
	if err != nil {
		return err
	}
	if r.main, err = r.words(name); err != nil {
		return fmt.Errorf("document: %w", err)
	}
	for note := range r.main.of {
		if note != "" {
			return errors.New("document: a note among its paragraphs")
		}
	}
	if err := r.follow(name); err != nil {
		return err
	}
	r.Paragraphs = r.main.of[""]
	for _, cited := range r.main.cited {
		note, ok := r.notes.of[cited]
		if !ok {
			return errors.New("a note that is cited and not there")
		}
		r.Paragraphs = append(r.Paragraphs, note...)
	}
	return nil
}

// mainPart is where the package says that the document is.
func (r *reader) mainPart() (string, error) {
	refs, err := r.relationships("")
	if err != nil {
		return "", err
	}
	refs = slices.DeleteFunc(refs, func(f ref) bool { return kindOf(f) != "officeDocument" })
	if len(refs) != 1 {
		return "", fmt.Errorf("%d documents in the package, want one", len(refs))
	}
	return refs[0].target, nil
}

// foreign is what can say something that is no paragraph of the document.
var foreign = []string{"aFChunk", "subDocument", "chart", "chartEx", "diagramData", "oleObject", "package", "control", "frame", "vbaProject"}

func kindOf(f ref) string { return path.Base(f.kind) }

// follow reads what a part refers to.
func (r *reader) follow(name string) error {
	refs, err := r.relationships(name)
	if err != nil {
		return err
	}
	for _, f := range refs {
		kind := kindOf(f)
		if slices.Contains(foreign, kind) {
			return errors.New("a part that is no text and no picture")
		}
		if f.external && kind != "image" || r.seen[f] {
			continue
		}
		r.seen[f] = true
		if err := r.take(kind, f); err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
	}
	return nil
}

// take reads one part, if it is of a kind that says something.
func (r *reader) take(kind string, f ref) error {
	switch kind {
	case "image":
		return r.picture(f)
	case "customXml":
		return r.custom(f.target)
	case "footnotes", "endnotes":
		if err := r.note(f.target); err != nil {
			return err
		}
		return r.follow(f.target)
	case "numbering": // may have pictures for bullets
		return r.follow(f.target)
	case "header", "footer":
		w, err := r.words(f.target)
		if err != nil {
			return err
		}
		r.Margins = append(r.Margins, w.of[""]...)
		return r.follow(f.target)
	}
	return nil
}

func (r *reader) note(name string) error {
	w, err := r.words(name)
	if err != nil {
		return err
	}
	if r.notes.of == nil {
		r.notes = w
		return nil
	}
	for id, paragraphs := range w.of {
		if _, twice := r.notes.of[id]; twice && id != "" {
			return errors.New("two notes of one id")
		}
		r.notes.of[id] = paragraphs
	}
	return nil
}

func (r *reader) picture(f ref) error {
	if f.external {
		return errors.New("a picture from outside the file")
	}
	data, err := r.open(f.target, MaxFile)
	if err != nil {
		return err
	}
	r.Pictures[sha256.Sum256(data)] = true
	return nil
}

// custom takes the custom bytes, if they are in this part: other programs have parts of
// this kind too.
func (r *reader) custom(name string) error {
	data, err := r.open(name, MaxXML)
	if err != nil {
		return err
	}
	text, ours, err := manifestText(data)
	if err != nil || !ours {
		return err
	}
	if r.Custom != nil {
		return errors.New("two parts with a manifest")
	}
	r.Custom, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return errors.New("a manifest that is not base64")
	}
	return nil
}

func (r *reader) words(name string) (words, error) {
	data, err := r.open(name, MaxXML)
	if err != nil {
		return words{}, err
	}
	return scan(data)
}
