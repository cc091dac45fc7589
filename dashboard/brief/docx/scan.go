package docx

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
)

// tokens reads markup within limits. Go expands no entities but XML's own five, and
// a part of an office file has no business to define any.
type tokens struct {
	d     *xml.Decoder
	depth int
}

func newTokens(data []byte) *tokens { return &tokens{d: xml.NewDecoder(bytes.NewReader(data))} }

var errXML = errors.New("markup that is malformed")

// next gives the next token, io.EOF after the last one.
func (t *tokens) next() (xml.Token, error) {
	token, err := t.d.Token()
	if err == io.EOF {
		return nil, err
	}
	if err != nil {
		return nil, errXML
	}
	switch token.(type) {
	case xml.StartElement:
		if t.depth++; t.depth > MaxDepth {
			return nil, fmt.Errorf("more than %d elements in elements", MaxDepth)
		}
	case xml.EndElement:
		t.depth--
	case xml.Directive:
		return nil, errors.New("a document type, which has no business here")
	}
	return token, nil
}

// each calls start for every element that begins, text for what stands between, and end.
func each(data []byte, start func(xml.StartElement), text func(string), end func(xml.Name)) error {
	for t := newTokens(data); ; {
		token, err := t.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			start(token)
		case xml.CharData:
			text(string(token))
		case xml.EndElement:
			end(token.Name)
		}
	}
}

// attribute is the value of one, whatever its namespace: programs differ there.
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space != "xmlns" {
			return a.Value
		}
	}
	return ""
}

// relationships lists what a part refers to, the package itself if the name is empty.
// Targets come back as names of parts.
func (u *unpacked) relationships(name string) ([]ref, error) {
	folder, file := path.Split(name)
	data, err := u.open(folder+"_rels/"+file+".rels", MaxXML)
	if err == errNoPart && name != "" {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("relationships: %w", err)
	}
	var refs []ref
	var leaves bool
	err = each(data, func(e xml.StartElement) {
		if e.Name.Local != "Relationship" {
			return
		}
		r := ref{attribute(e, "Type"), attribute(e, "Target"), strings.EqualFold(attribute(e, "TargetMode"), "External")}
		if !r.external {
			if r.target = path.Join(folder, r.target); strings.HasPrefix(attribute(e, "Target"), "/") {
				r.target = path.Clean(attribute(e, "Target"))[1:]
			}
			leaves = leaves || strings.HasPrefix(r.target, "..")
		}
		refs = append(refs, r)
	}, func(string) {}, func(xml.Name) {})
	if err == nil && leaves {
		err = errors.New("a target that leaves the package")
	}
	if err != nil {
		return nil, fmt.Errorf("relationships: %w", err)
	}
	return refs, nil
}

// manifestText is the text of a custom part, and whether it is ours.
func manifestText(data []byte) (text string, ours bool, err error) {
	var b strings.Builder
	first := true
	err = each(data, func(e xml.StartElement) {
		ours = ours || first && e.Name == xml.Name{Space: manifest, Local: "manifest"}
		first = false
	}, func(s string) { b.WriteString(s) }, func(xml.Name) {})
	return b.String(), ours, err
}

// words is what one part says.
type words struct {
	of    map[string][]string // paragraphs by note, "" for what stands in none
	cited []string            // notes, each once
}

// scanner collects words. It counts what it does not know as shown: too many words are
// noticed, and too few might not be.
type scanner struct {
	words
	note    string             // in which it is
	open    []*strings.Builder // paragraphs, one in another where there is a text frame
	inText  bool
	hidden  bool // the run
	skipped int  // elements open since one that is not shown
	seen    map[string]bool
}

func scan(data []byte) (words, error) {
	s := scanner{words: words{of: map[string][]string{}}, seen: map[string]bool{}}
	if err := each(data, s.start, s.text, s.end); err != nil {
		return words{}, err
	}
	return s.words, nil
}

// The namespaces of word processing, transitional and strict.
func ours(n xml.Name) bool {
	return n.Space == "http://schemas.openxmlformats.org/wordprocessingml/2006/main" ||
		n.Space == "http://purl.oclc.org/ooxml/wordprocessingml/main"
}

// unseen is text that was taken out, how runs looked before a change, and the lines above
// footnotes.
func unseen(e xml.StartElement) bool {
	switch e.Name.Local {
	case "del", "moveFrom", "rPrChange":
		return ours(e.Name)
	case "footnote", "endnote":
		kind := attribute(e, "type")
		return ours(e.Name) && kind != "" && kind != "normal"
	}
	return false
}

func (s *scanner) start(e xml.StartElement) {
	if s.skipped > 0 || unseen(e) {
		s.skipped++
		return
	}
	switch e.Name.Local {
	case "p":
		s.open = append(s.open, &strings.Builder{})
	case "r":
		s.hidden = false
	case "vanish":
		v := attribute(e, "val")
		s.hidden = ours(e.Name) && v != "0" && v != "false" && v != "off"
	case "t":
		s.inText = true
	case "footnote", "endnote":
		s.note = e.Name.Local + " " + attribute(e, "id")
		s.of[s.note] = slices.Grow(s.of[s.note], 1) // said to be there, if empty
	case "footnoteReference", "endnoteReference":
		s.cite(strings.TrimSuffix(e.Name.Local, "Reference") + " " + attribute(e, "id"))
	case "tab", "br", "cr", "ptab":
		s.say(" ")
	case "noBreakHyphen":
		s.say("\u2011")
	case "softHyphen":
		s.say("\u00ad")
	case "sym":
		if n, err := strconv.ParseUint(attribute(e, "char"), 16, 16); err == nil {
			s.say(string(rune(n)))
		}
	}
}

func (s *scanner) cite(note string) {
	if !s.seen[note] {
		s.seen[note] = true
		s.cited = append(s.cited, note)
	}
}

func (s *scanner) text(text string) {
	if s.inText && s.skipped == 0 {
		s.say(text)
	}
}

// say adds to the innermost paragraph.
func (s *scanner) say(text string) {
	if n := len(s.open); n > 0 && !s.hidden {
		s.open[n-1].WriteString(text)
	}
}

func (s *scanner) end(name xml.Name) {
	if s.skipped > 0 {
		s.skipped--
		return
	}
	switch name.Local {
	case "t":
		s.inText = false
	case "footnote", "endnote":
		s.note = ""
	case "p":
		last := len(s.open) - 1
		if text := tidy(s.open[last].String()); text != "" {
			s.of[s.note] = append(s.of[s.note], text)
		}
		s.open = s.open[:last]
	}
}
