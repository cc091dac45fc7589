package dashboard

import (
	"io"
	"mime/multipart"
	"net/http"

	"tidemark/dashboard/brief"
	"tidemark/dashboard/view"
)

// verifyPage checks a brief that somebody was given.
type verifyPage struct {
	Title  string
	Report *brief.Report // nil: nothing was given yet
	File   string        // its name, as the browser says it
}

func (d *Dashboard) verifyForm(v *view.Reader, _ *http.Request) (string, any, error) {
	return "verify", verifyPage{Title: v.L.Say("verify.title")}, nil
}

// mostVerified bounds what is sent to be checked: a brief and its annex.
const mostVerified = 2 * brief.MaxFile

// verifyFile checks what was dropped. It keeps nothing, and writes nothing to the disk.
func (d *Dashboard) verifyFile(w http.ResponseWriter, r *http.Request) {
	defer drain(r)
	v, err := d.openOwn(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	p := verifyPage{Title: v.L.Say("verify.title")}
	given := map[string][]byte{}
	r.Body = http.MaxBytesReader(w, r.Body, mostVerified)
	err = parts(r, func(name string, part *multipart.Part) error {
		data, err := io.ReadAll(io.LimitReader(part, brief.MaxFile+1))
		if len(data) > 0 {
			given[name] = data
		}
		if name == "file" {
			p.File = part.FileName()
		}
		return err
	})
	if err == nil && given["file"] == nil {
		err = errChoice
	}
	if err == nil {
		p.Report, err = d.cfg.Briefs.Verify(given["file"], given["annex"], string(given["identity"]), v.L.Tag)
	}
	if err != nil {
		d.briefRefused(w, r, v, errForm)
		return
	}
	d.show(w, r, v, http.StatusOK, "verify", p)
}
