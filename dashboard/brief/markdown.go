package brief

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"tidemark/dashboard/brief/doc"
)

// A text is a small subset of Markdown (CommonMark 0.31): headings of the second and third
// level, paragraphs, lists, quotes, emphasis, links to http, https and mailto. Everything
// else is refused where it stands, so nothing in a brief can be executed or fetched.

// fieldForm is a place for a figure's number or words: {doxing.last}.
var fieldForm = regexp.MustCompile(`\{([a-z][a-z0-9_]*)\.([a-z0-9_*]+)\}`)

// Field names what stands in its place.
type Field struct{ Figure, Key string }

// parseMarkdown reads a text into blocks whose runs still hold their fields.
func parseMarkdown(s string) ([]doc.Block, error) {
	source := []byte(s)
	tree := goldmark.DefaultParser().Parse(text.NewReader(source))
	w := markdownReader{source}
	return w.blocks(tree, false)
}

type markdownReader struct{ source []byte }

func (w markdownReader) blocks(parent ast.Node, quoted bool) (out []doc.Block, err error) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		var b doc.Block
		switch n := n.(type) {
		case *ast.Heading:
			b, err = w.heading(n)
		case *ast.Paragraph, *ast.TextBlock:
			b, err = w.paragraph(n, quoted)
		case *ast.List:
			b, err = w.list(n)
		case *ast.Blockquote:
			if quoted {
				return nil, fmt.Errorf("a quote inside a quote")
			}
			inside, err := w.blocks(n, true)
			if err != nil {
				return nil, err
			}
			out = append(out, inside...)
			continue
		default:
			err = refused(n)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

func refused(n ast.Node) error {
	return fmt.Errorf("%s: not one of headings, paragraphs, lists, quotes, emphasis and links", n.Kind())
}

func (w markdownReader) heading(n *ast.Heading) (doc.Block, error) {
	runs, err := w.runs(n, doc.Inline{})
	return doc.Heading{Level: min(max(n.Level, 2), 3), Text: runs}, err
}

func (w markdownReader) paragraph(n ast.Node, quoted bool) (doc.Block, error) {
	p := doc.Paragraph{}
	if quoted {
		p.Role = doc.Quote
	}
	var err error
	p.Text, err = w.runs(n, doc.Inline{})
	return p, err
}

func (w markdownReader) list(n *ast.List) (doc.Block, error) {
	l := doc.List{Ordered: n.IsOrdered()}
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		inside := item.FirstChild()
		if inside == nil || inside.NextSibling() != nil || inside.Kind() != ast.KindTextBlock && inside.Kind() != ast.KindParagraph {
			return l, fmt.Errorf("list: each point is one paragraph")
		}
		runs, err := w.runs(inside, doc.Inline{})
		if err != nil {
			return l, err
		}
		l.Items = append(l.Items, runs)
	}
	return l, nil
}

// runs are a node's words; like is how those around them look.
func (w markdownReader) runs(parent ast.Node, like doc.Inline) (out []doc.Inline, err error) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		var more []doc.Inline
		switch n := n.(type) {
		case *ast.Text:
			more, err = w.text(n, like)
		case *ast.String:
			more = []doc.Inline{with(like, string(n.Value))}
		case *ast.Emphasis:
			strong := like
			strong.Strong, strong.Emph = like.Strong || n.Level > 1, like.Emph || n.Level == 1
			more, err = w.runs(n, strong)
		case *ast.Link:
			more, err = w.link(n, string(n.Destination), like)
		case *ast.AutoLink:
			more, err = w.auto(n, like)
		default:
			err = refused(n)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return doc.Joined(out), nil
}

// with is a run that looks like another one.
func with(like doc.Inline, s string) doc.Inline {
	like.Text = s
	return like
}

func blankAfter(n *ast.Text) string {
	if n.SoftLineBreak() || n.HardLineBreak() {
		return " "
	}
	return ""
}

// text resolves escapes and entities; what they stand for must print too.
func (w markdownReader) text(n *ast.Text, like doc.Inline) ([]doc.Inline, error) {
	plain := n.Segment.Value(w.source)
	plain = util.UnescapePunctuations(util.ResolveNumericReferences(util.ResolveEntityNames(plain)))
	s, err := settle(string(plain)+"|", len(plain)+1)
	if err != nil {
		return nil, err
	}
	return []doc.Inline{with(like, strings.TrimSuffix(s, "|")+blankAfter(n))}, nil
}

func (w markdownReader) link(n *ast.Link, to string, like doc.Inline) ([]doc.Inline, error) {
	if like.Link = safeLink(to); like.Link == "" {
		return nil, fmt.Errorf("link: want http, https or mailto")
	}
	return w.runs(n, like)
}

func (w markdownReader) auto(n *ast.AutoLink, like doc.Inline) ([]doc.Inline, error) {
	to := string(n.URL(w.source))
	if n.AutoLinkType == ast.AutoLinkEmail {
		to = "mailto:" + to
	}
	if like.Link = safeLink(to); like.Link == "" {
		return nil, fmt.Errorf("link: want http, https or mailto")
	}
	return []doc.Inline{with(like, string(n.Label(w.source)))}, nil
}

// safeLink is the address if a reader may be sent there, else empty.
func safeLink(to string) string {
	u, err := url.Parse(to)
	if err != nil || len(to) > 2000 || strings.ContainsAny(to, " \"'<>\\\n") {
		return ""
	}
	switch {
	case (u.Scheme == "https" || u.Scheme == "http") && u.Host != "":
		return to
	case u.Scheme == "mailto" && strings.Contains(u.Opaque, "@"):
		return to
	}
	return ""
}

// fieldsIn lists the fields of a text, in order.
func fieldsIn(s string) (out []Field) {
	for _, m := range fieldForm.FindAllStringSubmatch(s, -1) {
		out = append(out, Field{m[1], m[2]})
	}
	return out
}
