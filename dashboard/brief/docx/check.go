package docx

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"tidemark/dashboard/brief/doc"
)

// check refuses what no file can say. Its errors name the place and never the text.
func check(d doc.Document) error {
	if !language.MatchString(d.Lang) {
		return errors.New("lang: want a language tag")
	}
	for _, f := range []struct{ name, text string }{
		{"title", d.Title}, {"foot", d.Foot}, {"warning", d.Warning}, {"contents", d.Contents},
	} {
		if err := checkText(f.text); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	for i, note := range d.Notes {
		if err := checkRuns(note, 0); err != nil {
			return fmt.Errorf("note %d: %w", i+1, err)
		}
	}
	return checkBlocks(d.Blocks, len(d.Notes), false)
}

var language = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)

func checkBlocks(blocks []doc.Block, notes int, inBox bool) error {
	for i, b := range blocks {
		name, err := checkBlock(b, notes)
		if box, ok := b.(doc.Box); ok && err == nil {
			if err = checkBlocks(box.Blocks, notes, true); inBox {
				err = errors.New("a box in a box")
			}
		}
		if err != nil {
			return fmt.Errorf("block %d (%s): %w", i+1, name, err)
		}
	}
	return nil
}

func checkBlock(b doc.Block, notes int) (name string, err error) {
	switch b := b.(type) {
	case doc.Heading:
		if b.Level < 1 || b.Level >= len(headings) {
			return "heading", fmt.Errorf("level %d, want 1 to %d", b.Level, len(headings)-1)
		}
		return "heading", checkRuns(b.Text, notes)
	case doc.Paragraph:
		if roles[b.Role] == "" {
			return "paragraph", errors.New("a role that is not known")
		}
		return "paragraph", checkRuns(b.Text, notes)
	case doc.List:
		return "list", checkItems(b.Items, notes)
	case doc.Table:
		return "table", checkTable(b)
	case doc.Picture:
		return "picture", checkPicture(b)
	case doc.Box:
		return "box", checkText(b.Title)
	}
	return "unknown", errors.New("a kind of block that is not known")
}

func checkItems(items [][]doc.Inline, notes int) error {
	for i, item := range items {
		if err := checkRuns(item, notes); err != nil {
			return fmt.Errorf("point %d: %w", i+1, err)
		}
	}
	return nil
}

func checkRuns(runs []doc.Inline, notes int) error {
	for _, r := range runs {
		if err := checkText(r.Text); err != nil {
			return err
		}
		if r.Note < 0 || r.Note > notes {
			return fmt.Errorf("cites note %d of %d", r.Note, notes)
		}
		if _, err := target(r.Link); r.Link != "" && err != nil {
			return err
		}
	}
	return nil
}

func checkTable(t doc.Table) error {
	rows := append([][]string{t.Head}, t.Rows...)
	if n := columns(t); n < 1 || n > MaxColumns {
		return fmt.Errorf("%d columns, want 1 to %d", n, MaxColumns)
	}
	if err := checkText(t.Caption); err != nil {
		return fmt.Errorf("caption: %w", err)
	}
	for i, row := range rows {
		for _, cell := range row {
			if err := checkText(cell); err != nil {
				return fmt.Errorf("row %d: %w", i, err)
			}
		}
	}
	return nil
}

func checkPicture(p doc.Picture) error {
	if p.Width < 1 || p.Height < 1 || p.Width > maxPixels || p.Height > maxPixels {
		return fmt.Errorf("%d by %d pixels, want 1 to %d", p.Width, p.Height, maxPixels)
	}
	if !bytes.HasPrefix(p.PNG, []byte("\x89PNG\r\n\x1a\n")) {
		return errors.New("no png")
	}
	for _, s := range []string{p.Name, p.Alt, p.Caption} {
		if err := checkText(s); err != nil {
			return err
		}
	}
	return nil
}

const maxPixels = 100_000

// checkText refuses what XML 1.0 cannot say, not even escaped.
func checkText(s string) error {
	if !utf8.ValidString(s) {
		return errors.New("text that is not utf-8")
	}
	if strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
	}) {
		return errors.New("a character that xml forbids")
	}
	return nil
}

// target is a link as a relationship takes it. Word does not open a file in which one
// link is malformed.
func target(link string) (string, error) {
	u, err := url.Parse(link)
	if err != nil {
		return "", errors.New("a link that is malformed")
	}
	if web := u.Scheme == "http" || u.Scheme == "https"; !web && u.Scheme != "mailto" || web && u.Host == "" {
		return "", errors.New("a link that is neither http, https nor mailto")
	}
	s := u.String()
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("\"<>\\^`{|}", r) }) {
		return "", errors.New("a link with characters that are not escaped")
	}
	return s, nil
}
