package brief

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"image/png"
	"slices"
	"strings"

	"tidemark/dashboard/brief/doc"
	"tidemark/dashboard/brief/docx"
	"tidemark/dashboard/view"
	"tidemark/dashboard/words"
)

// Report is what was found in a file that somebody was given.
type Report struct {
	Format   string    `json:"format"`
	Language string    `json:"language"`
	Title    string    `json:"title"`
	Brief    string    `json:"brief"`    // the manifest's hash
	Members  int       `json:"members"`  // whose numbers it uses
	Attested int       `json:"attested"` // of them, or fewer: valid lines
	Says     []string  `json:"says"`     // what was checked and found in order
	Problems []Problem `json:"problems"`

	brief *Brief
}

// Problem is something that is not as it was, or not as it must be.
type Problem struct {
	Key  string `json:"problem"`
	Says string `json:"says"`
}

// OK tells that nothing is wrong with what the file shows.
func (r *Report) OK() bool { return len(r.Problems) == 0 }

// Opened is what the file carries, for a look into its annex; nil if nothing could be read.
func (r *Report) Opened() *Brief { return r.brief }

// Add puts a problem to the report that was found outside of this package.
func (r *Report) Add(l *words.Language, key string, pairs ...any) {
	(&verifier{l: l, r: r}).problem(key, pairs...)
}

// Verify checks a file by itself, with nothing but the program's own words: that it shows
// what follows from its numbers, that the numbers fit one another, and who has signed them.
// It says what it found in the reader's language.
func Verify(file []byte, l *words.Language, languages words.Languages) *Report {
	v := &verifier{l: l, languages: languages, r: &Report{Says: []string{}, Problems: []Problem{}}}
	v.file(file)
	return v.r
}

type verifier struct {
	l         *words.Language
	languages words.Languages
	r         *Report
}

func (v *verifier) problem(key string, pairs ...any) {
	v.r.Problems = append(v.r.Problems, Problem{key, v.l.Say("brief.wrong."+key, pairs...)})
}

func (v *verifier) say(key string, pairs ...any) {
	v.r.Says = append(v.r.Says, v.l.Say("brief.found."+key, pairs...))
}

func (v *verifier) file(file []byte) {
	o, err := open(file)
	v.r.Format = o.format
	switch {
	case errors.Is(err, ErrTooLarge):
		v.problem("large")
		return
	case err != nil:
		v.problem("none")
		return
	}
	if v.envelope(o.carried); v.r.brief == nil {
		return
	}
	l := v.languages.Of(v.r.Language)
	if l == nil {
		v.problem("language", "language", v.r.Language)
		return
	}
	v.sums(l)
	if o.format == "pdf" {
		v.printed(o, file)
		return
	}
	v.shown(o, file, l)
}

// envelope reads what the file carries, and who has signed it.
func (v *verifier) envelope(carried []byte) {
	b, tag, err := OpenEnvelope(carried)
	if b == nil || b.Manifest == nil {
		v.problem("damaged")
		return
	}
	if err != nil {
		v.problem("signature")
	}
	id, _ := b.Manifest.ID()
	v.r.brief, v.r.Language, v.r.Brief = b, tag, id.String()
	v.r.Title, v.r.Members, v.r.Attested = b.Manifest.Title[tag], b.Manifest.Members, len(b.Keys)
	if err != nil {
		return
	}
	switch n := len(b.Keys); {
	case n == 0:
		v.say("draft", "n", b.Manifest.Members)
	case n < b.Manifest.Members:
		v.say("some", "n", n, "all", b.Manifest.Members)
	case n > b.Manifest.Members:
		v.problem("many", "n", n, "all", b.Manifest.Members)
	default:
		v.say("attested", "n", n)
	}
}

// sums holds the numbers of each figure against one another.
func (v *verifier) sums(l *words.Language) {
	m := v.r.brief.Manifest
	for i := range m.Figures {
		if f := &m.Figures[i]; !f.adds() {
			v.problem("sums", "figure", m.in(l).name(f))
		}
	}
	for i, p := range m.Blocks {
		if p.Case == nil {
			continue
		}
		if _, err := p.Case.holder(); err != nil {
			v.problem("case", "number", i+1)
		}
	}
	if v.r.OK() {
		v.say("sums", "n", len(m.Figures))
	}
}

// adds tells that a change is the difference of its two sums, and that what all members
// told in its newest period is what the trend shows.
func (f *Figure) adds() bool {
	c := f.Change
	if c == nil {
		return true
	}
	near := func(a, b, most int64) bool { return a-b <= most && b-a <= most }
	variance := func(n Number) float64 { return float64(n.SD) * float64(n.SD) }
	sum := variance(c.From) + variance(c.Now)
	rounding := 4 * float64(c.From.SD+c.Now.SD+1)
	d := variance(c.Difference) - sum
	all := c.Members != f.newest().Reporting || c.Joint || f.newest().Number == nil || near(c.Now.Value, f.newest().Number.Value, 2)
	return near(c.Difference.Value, c.Now.Value-c.From.Value, 2) && d < rounding && d > -rounding && all
}

// shown compares what the file shows with what follows from its numbers.
func (v *verifier) shown(o opened, file []byte, l *words.Language) {
	b, before := v.r.brief, len(v.r.Problems)
	d, err := b.Document(l, o.format == "docx")
	if err == nil {
		switch o.format {
		case "docx":
			err = v.document(o, file, d)
		case "zip":
			err = v.entries(o, d, l)
		default:
			err = v.page(o, file, l)
		}
	}
	if err != nil {
		v.problem("damaged")
	}
	if len(v.r.Problems) == before {
		v.say("shown")
	}
}

// page compares a text byte by byte.
func (v *verifier) page(o opened, file []byte, l *words.Language) error {
	want, err := v.r.brief.Write(o.format, l)
	if err == nil && !bytes.Equal(want, file) {
		v.lines(strings.Split(string(want), "\n"), strings.Split(o.text, "\n"))
	}
	return err
}

// mostNamed is how many changed places are named; the rest are counted.
const mostNamed = 8

func (v *verifier) lines(want, have []string) {
	edits := compare(want, have)
	for _, e := range edits[:min(len(edits), mostNamed)] {
		v.edit(plain(e.want), plain(e.have))
	}
	if more := len(edits) - mostNamed; more > 0 {
		v.problem("more", "n", more)
	}
	if len(edits) == 0 {
		v.problem("hidden")
	}
}

// edit names a place: what stood there, and what stands there now.
func (v *verifier) edit(want, have string) {
	switch {
	case want == have:
		v.problem("hidden")
	case have == "":
		v.problem("gone", "want", shortened(want))
	case want == "":
		v.problem("added", "have", shortened(have))
	default:
		from, to := around(want, have)
		v.problem("changed", "want", from, "have", to)
	}
}

// document compares a file that another program may have saved again.
func (v *verifier) document(o opened, file []byte, d doc.Document) error {
	want, err := docx.Write(d, o.carried)
	if err != nil || bytes.Equal(want, file) {
		return err
	}
	if said := docx.Words(d); !slices.Equal(said, o.docx.Paragraphs) {
		v.lines(said, o.docx.Paragraphs)
	}
	v.margins(d, o.docx)
	v.pictures(d, o.docx)
	if v.r.OK() {
		v.say("resaved")
	}
	return nil
}

// margins wants what stands above and below every page.
func (v *verifier) margins(d doc.Document, have docx.Content) {
	for _, want := range []string{d.Warning, d.Foot} {
		said := func(line string) bool { return strings.Contains(line, want) }
		if want != "" && !slices.ContainsFunc(have.Margins, said) {
			v.problem("gone", "want", shortened(want))
		}
	}
}

// pictures wants every picture's pixels to be there, and no others.
func (v *verifier) pictures(d doc.Document, have docx.Content) {
	ours := map[[sha256.Size]byte]bool{}
	for _, b := range d.Blocks {
		p, ok := b.(doc.Picture)
		if !ok {
			continue
		}
		pixels := sha256.Sum256(p.PNG)
		ours[pixels], ours[sha256.Sum256(p.SVG)] = true, true
		if !have.Pictures[pixels] {
			v.problem("picture", "picture", p.Caption)
		}
	}
	for sum := range have.Pictures {
		if !ours[sum] {
			v.problem("picture.added")
		}
	}
}

// entries compares a data package file by file.
func (v *verifier) entries(o opened, d doc.Document, l *words.Language) error {
	all, err := v.r.brief.files(l, d, o.carried)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, e := range o.entries {
		want := find(all, e.Name)
		switch {
		case want == nil || seen[e.Name]:
			v.problem("file.added", "file", shortened(e.Name))
		case bytes.Equal(want.Text, e.Text):
		case strings.HasSuffix(e.Name, ".png") && samePicture(want.Text, e.Text):
		case strings.HasSuffix(e.Name, ".png") || strings.HasSuffix(e.Name, ".svg"):
			v.problem("picture", "picture", e.Name)
		default:
			v.problem("file.changed", "file", e.Name)
			v.lines(strings.Split(string(want.Text), "\n"), strings.Split(string(e.Text), "\n"))
		}
		seen[e.Name] = true
	}
	for _, e := range all {
		if !seen[e.Name] {
			v.problem("file.gone", "file", e.Name)
		}
	}
	return nil
}

func find(entries []view.Packed, name string) *view.Packed {
	i := slices.IndexFunc(entries, func(e view.Packed) bool { return e.Name == name })
	if i < 0 {
		return nil
	}
	return &entries[i]
}

// samePicture lets pixels differ by as little as another processor's rounding does.
func samePicture(a, b []byte) bool {
	x, errX := decoded(a)
	y, errY := decoded(b)
	if errX != nil || errY != nil || x.Bounds() != y.Bounds() {
		return false
	}
	near := func(a, b uint32) bool { return max(a, b)-min(a, b) <= roundingOf16 }
	box := x.Bounds()
	for py := box.Min.Y; py < box.Max.Y; py++ {
		for px := box.Min.X; px < box.Max.X; px++ {
			r, g, bl, al := x.At(px, py).RGBA()
			r2, g2, b2, a2 := y.At(px, py).RGBA()
			if !near(r, r2) || !near(g, g2) || !near(bl, b2) || !near(al, a2) {
				return false
			}
		}
	}
	return true
}

// roundingOf16 is two steps of eight bits.
const roundingOf16 = 2 * 257

// mostPixels bounds a picture before it is unpacked.
const mostPixels = 50_000_000

func decoded(b []byte) (image.Image, error) {
	c, err := png.DecodeConfig(bytes.NewReader(b))
	if err != nil || int64(c.Width)*int64(c.Height) > mostPixels {
		return nil, fmt.Errorf("picture: not one")
	}
	return png.Decode(bytes.NewReader(b))
}
