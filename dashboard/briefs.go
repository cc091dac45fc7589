package dashboard

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"tidemark/dashboard/brief"
	"tidemark/dashboard/view"
)

// The pages of briefs work without a script: every change is a form, and every form leads
// back to the page that shows what became of it.

// briefRoutes are the list, the builder, what it makes, and the check of a file.
func (d *Dashboard) briefRoutes() {
	for path, model := range map[string]func(*view.Reader, *http.Request) (string, any, error){
		"/briefs":        d.briefList,
		"/briefs/add":    d.briefAdd,
		"/briefs/{name}": d.briefBuilder,
		"/verify":        d.verifyForm,
	} {
		d.mux.HandleFunc("GET "+path, d.briefPage(model))
	}
	d.mux.HandleFunc("GET /briefs/{name}/preview", d.briefFile)
	d.mux.HandleFunc("GET /briefs/{name}/file", d.briefFile)
	d.mux.HandleFunc("POST /briefs", d.briefDeed(d.newBrief))
	d.mux.HandleFunc("POST /briefs/add", d.briefDeed(d.addFigure))
	d.mux.HandleFunc("POST /briefs/{name}/{deed}", d.briefDeed(d.changeBrief))
	d.mux.HandleFunc("POST /verify", d.verifyFile)
}

func (d *Dashboard) briefPage(model func(*view.Reader, *http.Request) (string, any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := d.openOwn(r)
		var name string
		var page any
		if err == nil {
			name, page, err = model(v, r)
		}
		if errors.Is(err, ErrNoDraft) {
			err = errNoPage
		}
		if err != nil {
			d.fail(w, r, err)
			return
		}
		d.show(w, r, v, http.StatusOK, name, page)
	}
}

// briefAsk is a form about a brief, with who asks.
type briefAsk struct {
	*view.Reader
	r    *http.Request
	name string // of the draft
	form url.Values
}

// briefDone is where such a form leads.
type briefDone struct {
	to   string
	file []byte // to be kept, under the name
	name string
}

func (d *Dashboard) briefDeed(do func(briefAsk) (briefDone, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		defer drain(r)
		d.acting.Lock()
		defer d.acting.Unlock()
		v, err := d.openOwn(r)
		if err != nil {
			d.fail(w, r, err)
			return
		}
		form, err := posted(w, r)
		var done briefDone
		if err == nil {
			done, err = do(briefAsk{v, r, r.PathValue("name"), form})
		}
		switch {
		case errors.Is(err, ErrNoDraft), errors.Is(err, errNoPage):
			d.fail(w, r, errNoPage)
		case err != nil:
			d.briefRefused(w, r, v, err)
		case done.file != nil:
			download(w, "application/octet-stream", done.name, done.file)
		default:
			path, place, _ := strings.Cut(done.to, "#")
			if place != "" {
				place = "#" + place
			}
			http.Redirect(w, r, v.Q.Link("/briefs"+path)+place, http.StatusSeeOther)
		}
	}
}

// briefRefused says why nothing was done, in the program's words where there are no better.
func (d *Dashboard) briefRefused(w http.ResponseWriter, r *http.Request, v *view.Reader, err error) {
	back := "/briefs"
	if name := r.PathValue("name"); name != "" {
		back += "/" + name
	}
	says := v.L.Say("briefs.refused")
	if errors.Is(err, errForm) {
		says = v.L.Say("gov.problem.form")
	}
	d.show(w, r, v, http.StatusConflict, "refused", refusedPage{says, err.Error(), v.Q.Link(back)})
}

// draft opens a kept draft with its spec.
func (d *Dashboard) draft(name string) (brief.Draft, *brief.Spec, error) {
	kept, err := d.cfg.Briefs.Draft(name)
	if err != nil {
		return kept, nil, err
	}
	spec, err := brief.ParseSpec(kept.Spec)
	if err != nil { // of another version: the list says that it is here
		return kept, nil, fmt.Errorf("%w: %w", ErrNoDraft, err)
	}
	return kept, spec, nil
}

// keep writes a spec back. Answers to what it was before are answers to something else.
func (d *Dashboard) keep(name string, spec *brief.Spec) error {
	text, err := spec.YAML()
	if err != nil {
		return err
	}
	if _, err := brief.ParseSpec(text); err != nil {
		return err
	}
	return d.cfg.Briefs.Keep(name, brief.Draft{Spec: text})
}

// newBrief begins one, or takes in the file of one that another member has sent.
func (d *Dashboard) newBrief(a briefAsk) (briefDone, error) {
	if sent := a.form.Get("sent"); sent != "" {
		return d.sentBrief([]byte(sent))
	}
	spec, err := brief.Start(a.form.Get("template"), strings.TrimSpace(a.form.Get("title")), a.L)
	if err != nil {
		return briefDone{}, err
	}
	name, err := d.freeName(a.form.Get("title"))
	if err != nil {
		return briefDone{}, err
	}
	return briefDone{to: "/" + name}, d.keep(name, spec)
}

// sentBrief keeps the file of another member's brief as it came: what is agreed to is what
// was sent.
func (d *Dashboard) sentBrief(text []byte) (briefDone, error) {
	spec, err := brief.ParseSpec(text)
	if err != nil {
		return briefDone{}, err
	}
	name, err := d.freeName(spec.Title[spec.Languages[0]])
	if err != nil {
		return briefDone{}, err
	}
	return briefDone{to: "/" + name}, d.cfg.Briefs.Keep(name, brief.Draft{Spec: text})
}

// freeName is a name for a draft that nothing has yet.
func (d *Dashboard) freeName(title string) (string, error) {
	all, err := d.cfg.Briefs.Drafts()
	if err != nil {
		return "", err
	}
	return brief.FreeName(title, all), nil
}

// addFigure puts a figure into a draft, or begins one with it.
func (d *Dashboard) addFigure(a briefAsk) (briefDone, error) {
	id := a.form.Get("figure")
	if _, err := view.ParseFigureID(id); err != nil {
		return briefDone{}, errForm
	}
	name := a.form.Get("brief")
	if name == "" {
		done, err := d.newBrief(a)
		if err != nil {
			return done, err
		}
		name = strings.TrimPrefix(done.to, "/")
	}
	_, spec, err := d.draft(name)
	if err != nil {
		return briefDone{}, err
	}
	spec.Blocks = append(spec.Blocks, brief.Block{Figure: id, As: spec.FreeFigure()})
	return briefDone{to: "/" + name}, d.keep(name, spec)
}

// briefFile is the brief as a file, or as a page to look at.
func (d *Dashboard) briefFile(w http.ResponseWriter, r *http.Request) {
	v, err := d.openOwn(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	preview := strings.HasSuffix(r.URL.Path, "/preview")
	format := v.Q.Format
	if preview {
		format = "html"
	}
	file, err := d.built(r, v, format)
	switch {
	case errors.Is(err, ErrNoDraft):
		d.fail(w, r, errNoPage)
	case err != nil:
		d.briefRefused(w, r, v, err)
	case preview:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", previewPolicy)
		_, _ = w.Write(file)
	default:
		download(w, briefKinds[format], r.PathValue("name")+"."+format, file)
	}
}

// previewPolicy lets the brief's own style through, and nothing else.
const previewPolicy = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"

var briefKinds = map[string]string{
	"html": "text/html; charset=utf-8", "pdf": "application/pdf", "md": "text/markdown; charset=utf-8", "zip": "application/zip",
	"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}

// built writes a draft. What is refused can be looked at, and not taken away with
// signatures.
func (d *Dashboard) built(r *http.Request, v *view.Reader, format string) ([]byte, error) {
	if _, known := briefKinds[format]; !known {
		return nil, errNoPage
	}
	kept, spec, err := d.draft(r.PathValue("name"))
	if err != nil {
		return nil, err
	}
	g, err := d.cfg.Briefs.Gather(spec)
	if err != nil {
		return nil, err
	}
	answers := d.bound(g, kept.Answers...)
	if brief.Refused(g.Check(v.L)) {
		answers = nil
	}
	b, err := g.Collect(answers)
	if err != nil {
		return nil, err
	}
	language := v.Q.In
	if language == "" {
		language = spec.Languages[0]
	}
	return d.cfg.Briefs.Write(r.Context(), g, b, format, language)
}
