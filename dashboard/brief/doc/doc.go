// Package doc is a brief as it is read: headings, paragraphs, tables, pictures and
// footnotes, in one language and with every string ready to be shown. What writes HTML,
// DOCX or Markdown takes a [Document] and adds no word of its own.
//
// It must not know what a figure is, nor where a number comes from.
package doc

// Document is a whole brief in one language.
type Document struct {
	Title    string
	Lang     string // "ar"
	RTL      bool
	Blocks   []Block
	Notes    [][]Inline // footnotes; an Inline with Note n cites Notes[n-1]
	Foot     string     // the line at the foot of every page
	Warning  string     // "Demonstration data" and the like, across every page; empty: none
	Contents string     // name of the part with the footnotes: "Sources and notes"
}

// Block is one thing below the other: Heading, Paragraph, List, Table, Picture or Box.
type Block interface{ block() }

// Heading opens a part. Level 1 is the document's title, 2 its parts, 3 theirs.
type Heading struct {
	Level int
	Text  []Inline
}

// Role is what a paragraph is for.
type Role string

// The roles.
const (
	Body  Role = ""
	Lead  Role = "lead"  // who says it, to whom, when
	Quote Role = "quote" // somebody else's words
	Small Role = "small" // below a figure
)

// Paragraph is running text.
type Paragraph struct {
	Role Role
	Text []Inline
}

// List has one line or several for each point.
type List struct {
	Ordered bool
	Items   [][]Inline
}

// Table has a head that is repeated on every page.
type Table struct {
	Caption string
	Head    []string
	Rows    [][]string
	Numeric []bool // by column: aligned as numbers
}

// Picture is a drawing, twice: as vectors and as pixels. The Alt says what it shows to
// who does not see it.
type Picture struct {
	Name          string // of its files, without ending: "figure-1"
	Alt, Caption  string
	SVG, PNG      []byte
	Width, Height int // in CSS pixels
}

// Box sets blocks apart from the text around them.
type Box struct {
	Title  string
	Blocks []Block // no Box inside
}

func (Heading) block()   {}
func (Paragraph) block() {}
func (List) block()      {}
func (Table) block()     {}
func (Picture) block()   {}
func (Box) block()       {}

// Inline is a run of text.
type Inline struct {
	Text   string
	Strong bool
	Emph   bool
	Link   string // http, https or mailto; empty: none
	Note   int    // cites a footnote after the text; 0: none
	Apart  bool   // a name, whose direction is its own
}

// Text is a run without anything.
func Text(s string) []Inline { return []Inline{{Text: s}} }

// Plain is the words of runs, without footnotes.
func Plain(runs []Inline) string {
	var s string
	for _, r := range runs {
		s += r.Text
	}
	return s
}

// Joined puts neighbours that look alike into one run.
func Joined(runs []Inline) (out []Inline) {
	for _, r := range runs {
		last := len(out) - 1
		if last >= 0 && out[last].Note == 0 && !out[last].Apart && !r.Apart &&
			out[last].Strong == r.Strong && out[last].Emph == r.Emph && out[last].Link == r.Link {
			out[last].Text += r.Text
			out[last].Note = r.Note
			continue
		}
		out = append(out, r)
	}
	return out
}
