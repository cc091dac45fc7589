// Package docx writes a brief as DOCX (ECMA-376, transitional), so that it can be
// edited, and reads such a file again, so that it can be checked after others had it.
//
//	d doc.Document   --Write-->  a file with d's words, pictures and custom bytes
//	Words(d)         ==          Read(file).Paragraphs, also when Word, LibreOffice
//	                             or the like opened the file and saved it again
//
// The look is in named styles, so that who edits a brief can change all of it at once.
// Pictures stand in the file twice: as PNG, which every program shows, and as SVG, which
// Word prefers since 2016.
//
// # The custom part
//
// The custom bytes, a brief's manifest, are kept in customXml/item1.xml, below the main
// document. LibreOffice keeps what is there when it saves (tested with 7.4), and Word is
// said to. A property in docProps/custom.xml would not do: Word holds 255 characters there.
//
// # What it cannot do
//
// Read tells which words and pictures a file has, not how they look, nor where a link
// leads: white letters on white ground, or a picture laid over a paragraph, are words and
// a picture like others. What a list has before its points is a look too, and comments in
// the margin are not the document's words.
// A program that saves a file again may drop the SVGs (LibreOffice 7.4 does) and make a
// picture anew.
//
// # What this package must not do
//
// It adds no word of its own, no author and no time, loads nothing, and follows no link.
// It puts no text of a document into an error, only the place.
package docx

import (
	"fmt"
	"strconv"

	"tidemark/dashboard/brief/doc"
)

// Limits of a file, in both directions.
const (
	MaxFile  = 64 << 20  // bytes of the file
	MaxTotal = 256 << 20 // bytes of its parts, inflated
	MaxXML   = 16 << 20  // bytes of a part that is parsed
	MaxParts = 4000
	MaxDepth = 256 // of elements in elements
	MaxRatio = 100 // how far a file may inflate, as a multiple of its size; up to MaxXML any may
)

// MaxColumns is what Word allows in a table.
const MaxColumns = 63

// Write writes a document as DOCX (ECMA-376 transitional). The same document gives the same bytes.
//
// The document's title is shown where a Heading of level 1 stands; Title itself is a
// property of the file. A note that is cited nowhere is listed at the end, below
// Contents. A note that is cited again is not repeated: its number is.
func Write(d doc.Document, custom []byte) ([]byte, error) {
	if err := check(d); err != nil {
		return nil, fmt.Errorf("write docx: %w", err)
	}
	file, err := pack(newWriter(d).parts(custom))
	if err != nil {
		return nil, fmt.Errorf("write docx: %w", err)
	}
	return file, nil
}

// The styles of a heading, by its level.
var headings = []string{1: "Title", 2: "Heading1", 3: "Heading2", 4: "Heading3"}

// citations numbers notes in the order in which they are first cited, as pages do.
type citations struct {
	order  []int       // notes, the first cited first
	number map[int]int // by note, from 1
}

// cite gives the number of a note, and whether it was cited before.
func (c *citations) cite(note int) (number int, again bool) {
	if number, again = c.number[note]; again {
		return number, true
	}
	if c.number == nil {
		c.number = map[int]int{}
	}
	c.order = append(c.order, note)
	c.number[note] = len(c.order)
	return len(c.order), false
}

// rest is what shows the notes that nobody cited.
func (c *citations) rest(d doc.Document) []doc.Block {
	var items [][]doc.Inline
	for i, note := range d.Notes {
		if c.number[i+1] == 0 {
			items = append(items, note)
		}
	}
	if items == nil {
		return nil
	}
	list := doc.List{Items: items}
	if d.Contents == "" {
		return []doc.Block{list}
	}
	return []doc.Block{doc.Heading{Level: 2, Text: doc.Text(d.Contents)}, list}
}

// bookmark names the place where a note was cited first.
func bookmark(number int) string { return "_Note" + strconv.Itoa(number) }
