package dashboard

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"tidemark/dashboard/view"
	"tidemark/schema"
)

// Limits of what is typed and uploaded.
const (
	SetupBody = 1 << 30 // the most that the guard need let through, for a sentence instead of a cut line

	mostForm       = 64 << 10
	mostExport     = 64 << 20 // held in memory; larger ones by the command
	mostInvitation = 64 << 20
	mostMapping    = 256 << 10
	mostWords      = 1000
	mostParts      = 8

	mostTitle = 120
	leastPass = 15
	mostPass  = 1000
)

// refuse is an error whose sentence says it all.
func refuse(says string) error { return &SetupError{Says: says} }

// explained is an error with its sentence.
func explained(err error) *SetupError {
	var known *SetupError
	if errors.As(err, &known) {
		return known
	}
	return &SetupError{Says: "fault", Err: err}
}

// drain reads what is left of a body, so that the browser gets to see the answer.
func drain(r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }

// typed reads a form without files.
func typed(w http.ResponseWriter, r *http.Request) error {
	body := r.Body
	r.Body = http.MaxBytesReader(w, body, mostForm)
	err := r.ParseForm()
	r.Body = body
	if err != nil {
		return refuse("form")
	}
	return nil
}

// readTitle takes an organisation's name that fits on a line and turns no text around.
// Joiners stay: some scripts need them.
func readTitle(text string) (string, error) {
	title := strings.TrimSpace(text)
	if utf8.RuneCountInString(title) > mostTitle {
		return "", refuse("title_long")
	}
	hostile := func(c rune) bool {
		if c == '\u200c' || c == '\u200d' {
			return false
		}
		return unicode.In(c, unicode.C, unicode.Zl, unicode.Zp)
	}
	if !utf8.ValidString(title) || strings.ContainsFunc(title, hostile) {
		return "", refuse("title_signs")
	}
	return title, nil
}

// readPassphrase takes what a terminal can take too.
func readPassphrase(first, again string) (string, error) {
	switch n := utf8.RuneCountInString(first); {
	case first != again:
		return "", refuse("pass_differ")
	case n < leastPass:
		return "", refuse("pass_short")
	case n > mostPass:
		return "", refuse("pass_long")
	case !utf8.ValidString(first) || strings.ContainsFunc(first, unicode.IsControl):
		return "", refuse("pass_signs")
	}
	return first, nil
}

func readSlug(text string) (schema.Slug, error) {
	slug, err := schema.ParseSlug(strings.ToLower(strings.TrimSpace(text)))
	if err != nil {
		return "", refuse("slug")
	}
	return slug, nil
}

// readSizes takes numbers of people.
func readSizes(text string) ([]int, error) {
	sizes, err := view.ReadSizes(text)
	var wrong view.SizesError
	if errors.As(err, &wrong) {
		return nil, refuse(string(wrong))
	}
	return sizes, err
}

// parts reads a form with files piece by piece, in the page's order: no file may come to
// rest where the machine keeps temporary ones.
func parts(r *http.Request, take func(name string, part *multipart.Part) error) error {
	form, err := r.MultipartReader()
	if err != nil {
		return refuse("form")
	}
	for range mostParts {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return refuse("upload")
		}
		if err := take(part.FormName(), part); err != nil {
			return err
		}
	}
	return refuse("form")
}

// capped ends a file with an error where it is larger than allowed, or breaks off.
type capped struct {
	from io.Reader
	left int64
	says string // where it is larger
}

func (c *capped) Read(b []byte) (int, error) {
	n, err := c.from.Read(b)
	if c.left -= int64(n); c.left < 0 {
		return 0, refuse(c.says)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = refuse("upload")
	}
	return n, err
}

// small reads a whole file or field.
func small(part io.Reader, most int64, says string) ([]byte, error) {
	return io.ReadAll(&capped{part, most, says})
}
