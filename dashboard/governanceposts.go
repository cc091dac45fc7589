package dashboard

import (
	"cmp"
	"context"
	"errors"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tidemark/dashboard/view"
	"tidemark/schema"
)

// A change takes two steps: a form leads to a page that repeats in words what would be
// done, and only that page's form, with its tick, does it. Between the two nothing is
// kept here: what was shown travels with the second form, and the coalition's version
// with it, so that nobody confirms something else than what was read.

// deed is what a form of the governance pages asks for.
type deed struct {
	admin bool // only an admin may
	do    func(*Dashboard, asking) (outcome, error)
	home  string // the page that it belongs to; empty: /governance
	no    string // the page that says why nothing was done; empty: refused
}

func (d deed) page() string { return cmp.Or(d.home, "/governance") }

// asking is a form with who asks.
type asking struct {
	ctx context.Context // of the request
	*view.Reader
	governing view.Governing
	form      url.Values
}

// outcome is where a form leads: another address, a page, or a file.
type outcome struct {
	to    string
	name  string
	model any
	file  []byte
}

// deeds are the forms by their addresses.
var deeds = map[string]deed{
	"/governance/look":       {do: (*Dashboard).look},
	"/governance/sign":       {do: (*Dashboard).sign}, // whose line counts is asked there
	"/governance/consent":    {do: (*Dashboard).agree},
	"/governance/admit":      {admin: true, do: (*Dashboard).check},
	"/governance/propose":    {admin: true, do: (*Dashboard).check},
	"/governance/confirm":    {admin: true, do: (*Dashboard).confirm},
	"/governance/invitation": {admin: true, do: (*Dashboard).invitation},
	"/gaps/check":            {do: (*Dashboard).checkOffer, home: "/gaps/declare", no: "unsaid"},
	"/gaps/say":              {do: (*Dashboard).sayOffer, home: "/gaps/declare", no: "unsaid"},
}

func (d *Dashboard) governanceRoutes() {
	pages := d.pageTable()
	for path, one := range deeds {
		d.mux.HandleFunc("POST "+path, d.act(one))
		if _, shown := pages[path]; !shown { // where a change of language leads
			d.mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, one.page(), http.StatusSeeOther)
			})
		}
	}
}

// act carries a form out and leads on, or says why not.
func (d *Dashboard) act(one deed) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		defer drain(r)
		d.acting.Lock()
		defer d.acting.Unlock()
		v, err := d.open(r)
		if err != nil {
			d.fail(w, r, err)
			return
		}
		out, err := d.done(one, v, w, r)
		switch {
		case err != nil:
			d.refused(w, r, v, one, err)
		case out.file != nil:
			download(w, "application/octet-stream", "tidemark.invitation", out.file)
		case out.to != "":
			http.Redirect(w, r, v.Q.Link(out.to), http.StatusSeeOther)
		default:
			d.show(w, r, v, http.StatusOK, out.name, out.model)
		}
	}
}

func (d *Dashboard) done(one deed, v *view.Reader, w http.ResponseWriter, r *http.Request) (outcome, error) {
	g, err := d.cfg.Governance.Governing(r.Context())
	if err != nil {
		return outcome{}, err
	}
	if v.Pinned || one.admin && !v.IsAdmin(g) {
		return outcome{}, errNotAdmin
	}
	form, err := posted(w, r)
	if err != nil {
		return outcome{}, err
	}
	return one.do(d, asking{r.Context(), v, g, form})
}

// What a form is refused for; anything else the node says itself.
var (
	errNotAdmin = errors.New("this member is no admin")
	errForm     = errors.New("the form did not come through whole")
	errUnticked = errors.New("the box was not ticked")
	errChanged  = errors.New("the coalition has changed meanwhile")
	errChoice   = errors.New("something was not chosen")
)

var refusals = []struct {
	err    error
	status int
	key    string
}{
	{errNotAdmin, http.StatusForbidden, "admin"},
	{errForm, http.StatusBadRequest, "form"},
	{errUnticked, http.StatusBadRequest, "unticked"},
	{errChanged, http.StatusConflict, "changed"},
	{errChoice, http.StatusBadRequest, "choice"},
	{ErrWords, http.StatusBadRequest, "words"},
}

// refusedPage says why nothing was done.
type refusedPage struct {
	Says, Detail string
	Back         string
}

func (d *Dashboard) refused(w http.ResponseWriter, r *http.Request, v *view.Reader, one deed, err error) {
	status, key, detail := http.StatusConflict, "node", err.Error()
	for _, known := range refusals {
		if errors.Is(err, known.err) {
			status, key, detail = known.status, known.key, ""
		}
	}
	d.show(w, r, v, status, cmp.Or(one.no, "refused"), refusedPage{v.L.Say("gov.problem." + key), detail, v.Q.Link(one.page())})
}

// mostFields bounds a form: notes, plans and requests are text of some kilobytes.
const mostFields = 512 << 10

// posted reads a form, with or without files. A file's text stands under its field's name,
// like what is pasted. Browsers end lines with two signs; notes and plans have one.
func posted(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	form, err := fields(w, r)
	for _, values := range form {
		for i, text := range values {
			values[i] = strings.ReplaceAll(text, "\r\n", "\n")
		}
	}
	return form, err
}

func fields(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	r.Body = http.MaxBytesReader(w, r.Body, mostFields)
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err == nil && kind == "application/x-www-form-urlencoded" {
		if err := r.ParseForm(); err != nil {
			return nil, errForm
		}
		return r.PostForm, nil
	}
	form := url.Values{}
	err = parts(r, func(name string, part *multipart.Part) error {
		text, err := small(part, mostFields, "form")
		if len(text) > 0 {
			form.Add(name, string(text))
		}
		return err
	})
	if err != nil {
		return nil, errForm
	}
	return form, nil
}

// text is a note or a plan, however it was pasted: its last line ends.
func (a asking) text(name string) string {
	text := strings.TrimSpace(a.form.Get(name))
	if text == "" {
		return ""
	}
	return text + "\n"
}

// agreed asks for the tick of the page that repeats what is done.
func (a asking) agreed() error {
	if a.form.Get("agreed") != "yes" {
		return errUnticked
	}
	return nil
}

// look shows a proposal from a file before it is signed.
func (d *Dashboard) look(a asking) (outcome, error) {
	if a.text("note") == "" {
		return outcome{}, errChoice
	}
	p, err := d.cfg.Governance.Look([]byte(a.text("note")))
	if err != nil {
		return outcome{}, err
	}
	model, err := a.ProposalPage(p, a.governing)
	return outcome{name: "proposal", model: model}, err
}

// sign adds this member's line to the proposal whose words were shown.
func (d *Dashboard) sign(a asking) (outcome, error) {
	if err := a.agreed(); err != nil {
		return outcome{}, err
	}
	p, err := d.signed(a)
	if err != nil {
		return outcome{}, err
	}
	if !a.MaySign(a.governing, p.Act.Change) {
		return outcome{}, errNotAdmin
	}
	_, err = d.cfg.Governance.Cosign(a.ctx, []byte(p.Note))
	return outcome{to: "/governance"}, err
}

// signed is the proposal that a form names, or that came with it.
func (d *Dashboard) signed(a asking) (view.Proposal, error) {
	if note := a.text("note"); note != "" {
		return d.cfg.Governance.Look([]byte(note))
	}
	id, err := schema.ParseHash(a.form.Get("proposal"))
	if err != nil {
		return view.Proposal{}, errForm
	}
	p, ok := a.governing.Proposed(id)
	if !ok {
		return p, errChanged
	}
	return p, nil
}

// agree lets this member release by a plan.
func (d *Dashboard) agree(a asking) (outcome, error) {
	if err := a.agreed(); err != nil {
		return outcome{}, err
	}
	plan, err := schema.ParseHash(a.form.Get("plan"))
	if err != nil {
		return outcome{}, errForm
	}
	if !slices.Contains(a.governing.Unagreed, plan) {
		return outcome{}, errChanged
	}
	return outcome{to: "/governance"}, d.cfg.Governance.Consent(a.ctx, plan)
}

// check repeats in words what a form of an admin would do.
func (d *Dashboard) check(a asking) (outcome, error) {
	change, err := d.change(a)
	if err != nil {
		return outcome{}, err
	}
	model, err := a.ConfirmPage(change, a.governing, a.form.Get("people"))
	for _, name := range changeFields {
		for _, value := range a.form[name] {
			model.Fields = append(model.Fields, view.Field{Name: name, Value: value})
		}
	}
	return outcome{name: "confirm", model: model}, err
}

// confirm proposes what was shown, if the coalition is still the one that it was shown of.
func (d *Dashboard) confirm(a asking) (outcome, error) {
	if err := a.agreed(); err != nil {
		return outcome{}, err
	}
	if a.form.Get("version") != strconv.FormatUint(a.State.Roster().Version, 10) {
		return outcome{}, errChanged
	}
	change, err := d.change(a)
	if err != nil {
		return outcome{}, err
	}
	admit, admits := change.(schema.Admit)
	if admits && a.Seated(admit.Applicant) {
		return a.invited(admit.Slug), nil
	}
	adopted, err := d.cfg.Admin.Propose(a.ctx, change)
	if err != nil || !admits || !adopted.Adopted {
		return outcome{to: "/governance"}, err
	}
	return a.invited(admit.Slug), nil
}

// invited is the page with the invitation of a member.
func (a asking) invited(member schema.Slug) outcome {
	p := a.InvitedPage(member, a.governing)
	for _, name := range []string{"request", "words"} {
		p.Fields = append(p.Fields, view.Field{Name: name, Value: a.form.Get(name)})
	}
	return outcome{name: "invited", model: p}
}

// invitation is the file for a member that is seated.
func (d *Dashboard) invitation(a asking) (outcome, error) {
	request, words := []byte(a.text("request")), a.form.Get("words")
	change, err := d.cfg.Admin.Admission(request, words, schema.Period{})
	if err != nil {
		return outcome{}, err
	}
	if !a.Seated(change.Applicant) {
		return outcome{}, errChanged
	}
	file, err := d.cfg.Admin.Invite(a.ctx, request, words)
	return outcome{file: file}, err
}
