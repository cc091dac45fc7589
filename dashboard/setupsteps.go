package dashboard

import (
	"io"
	"mime/multipart"
	"net/http"
	"strings"

	"tidemark/dashboard/view"
	"tidemark/schema"
)

// saveWho keeps what was typed on the first page; nothing is made yet.
func (s *Setup) saveWho(w http.ResponseWriter, r *http.Request) (string, error) {
	if s.made(r) {
		return "/setup/coalition", nil
	}
	if err := typed(w, r); err != nil {
		return "", err
	}
	who, err := s.readWho(r)
	s.change(func(d *draft) { d.who = who })
	if r.PostForm.Has("another") {
		slug, err := s.cfg.Slug()
		s.change(func(d *draft) { d.who.Slug = slug })
		return "/setup/who", err
	}
	return "/setup/passphrase", err
}

// readWho returns what is good of a form, with what is wrong with the rest.
func (s *Setup) readWho(r *http.Request) (who Newcomer, err error) {
	keep := func(e error) {
		if err == nil {
			err = e
		}
	}
	var e error
	who.Title, e = readTitle(r.PostForm.Get("title"))
	keep(e)
	if l := s.plain.Of(r.PostForm.Get("language")); l != nil {
		who.Language = l.Tag
	}
	if who.Slug, e = readSlug(r.PostForm.Get("slug")); e != nil {
		who.Slug = s.now().who.Slug
		keep(e)
	}
	if line := strings.TrimSpace(r.PostForm.Get("line")); line != "" {
		if e = s.cfg.Line(line); e == nil {
			who.Line = line
		}
		keep(e)
	}
	return who, err
}

func (s *Setup) made(r *http.Request) bool {
	now, err := s.cfg.Node.Standing(r.Context())
	return err == nil && now.Made
}

// makeNode makes the node. The passphrase goes there and is kept nowhere else.
func (s *Setup) makeNode(w http.ResponseWriter, r *http.Request) (string, error) {
	if s.made(r) {
		return "/setup/coalition", nil
	}
	if err := typed(w, r); err != nil {
		return "", err
	}
	passphrase, err := readPassphrase(r.PostForm.Get("passphrase"), r.PostForm.Get("again"))
	if err != nil {
		return "", err
	}
	return "/setup/coalition", s.cfg.Node.Make(r.Context(), s.now().who, passphrase)
}

// expectPlan works out what the typed sizes would allow, before anything is founded.
func (s *Setup) expectPlan(w http.ResponseWriter, r *http.Request) (string, error) {
	if err := typed(w, r); err != nil {
		return "", err
	}
	s.change(func(d *draft) {
		d.people, d.plan = strings.TrimSpace(r.PostForm.Get("people")), nil
		if len(d.people) > view.MostSizes*9 {
			d.people = ""
		}
	})
	sizes, err := readSizes(r.PostForm.Get("people"))
	if err != nil {
		return "", err
	}
	name, err := readSlug(r.PostForm.Get("name"))
	if err != nil {
		return "", err
	}
	first, err := s.readFirst(r.PostForm.Get("first"))
	if err != nil {
		return "", err
	}
	mode, err := readMode(r.PostForm.Get("mode"), len(sizes))
	if err != nil {
		return "", err
	}
	modes, err := s.cfg.Coalition.Plan(sizes, first, mode)
	if err != nil {
		return "", &SetupError{Says: "plan", Err: err}
	}
	s.change(func(d *draft) { d.found, d.plan = Founding{Name: name, Sizes: sizes, First: first, Mode: mode}, &modes })
	return "/setup/found#plan", nil
}

// readMode takes joint mode only of a coalition that is large enough for it.
func readMode(text string, members int) (schema.Mode, error) {
	switch schema.Mode(text) {
	case "", schema.Local:
		return schema.Local, nil
	case schema.Joint:
		if members < schema.MinKeepers {
			return "", refuse("joint")
		}
		return schema.Joint, nil
	}
	return "", refuse("form")
}

// readFirst takes one of the quarters that the page offers.
func (s *Setup) readFirst(text string) (schema.Period, error) {
	for _, o := range s.firstQuarters(schema.Period{}) {
		if o.Value == text {
			return schema.ParsePeriod(text)
		}
	}
	return schema.Period{}, refuse("first")
}

// foundCoalition founds what the page has shown, and nothing else.
func (s *Setup) foundCoalition(_ http.ResponseWriter, r *http.Request) (string, error) {
	d := s.now()
	now, err := s.cfg.Node.Standing(r.Context())
	switch {
	case err != nil:
		return "", err
	case now.Coalition != nil:
		return "/setup/coalition", nil
	case d.plan == nil:
		return "/setup/found", nil
	}
	return "/setup/coalition", s.cfg.Coalition.Found(r.Context(), d.found)
}

// request is the file that asks an admin for admission.
func (s *Setup) request(w http.ResponseWriter, r *http.Request) {
	if !s.made(r) {
		http.Redirect(w, r, "/setup/who", http.StatusSeeOther)
		return
	}
	note, err := s.cfg.Coalition.Request()
	if err != nil {
		s.note("join", err)
		http.Redirect(w, r, "/setup/join", http.StatusSeeOther)
		return
	}
	download(w, "text/plain; charset=utf-8", "tidemark.request", note)
}

func (s *Setup) joinCoalition(_ http.ResponseWriter, r *http.Request) (string, error) {
	now, err := s.cfg.Node.Standing(r.Context())
	if err != nil {
		return "", err
	}
	if now.Coalition != nil {
		return "/setup/coalition", nil
	}
	var invitation, words []byte
	err = parts(r, func(name string, part *multipart.Part) (err error) {
		switch name {
		case "words":
			words, err = small(part, mostWords, SetupWords)
		case "invitation":
			invitation, err = small(part, mostInvitation, SetupInvitation)
		}
		return err
	})
	if err != nil {
		return "", err
	}
	if len(invitation) == 0 {
		return "", refuse("no_file")
	}
	return "/setup/coalition", s.cfg.Coalition.Join(r.Context(), invitation, string(words))
}

// ownMapping is the source whose mapping is uploaded.
const ownMapping = "own"

// upload is a form of the cases page as it comes in, piece by piece.
type upload struct {
	source  string
	mapping []byte
	read    bool // the export
}

// checkCases reads an export and takes nothing.
func (s *Setup) checkCases(_ http.ResponseWriter, r *http.Request) (string, error) {
	s.change(func(d *draft) { d.check, d.taken = nil, nil })
	var u upload
	err := parts(r, func(name string, part *multipart.Part) error {
		switch name {
		case "source":
			return u.readSource(part)
		case "mapping":
			text, err := small(part, mostMapping, SetupMapping)
			u.mapping = text
			return err
		case "export":
			return s.checkExport(r, &u, part)
		}
		return nil
	})
	s.change(func(d *draft) { d.source = u.source })
	if err == nil && !u.read {
		err = refuse("no_file")
	}
	return "/setup/cases#check", err
}

func (u *upload) readSource(part io.Reader) error {
	text, err := small(part, 100, "form")
	u.source = string(text)
	return err
}

// checkExport reads the file, which comes last in the form.
func (s *Setup) checkExport(r *http.Request, u *upload, part *multipart.Part) error {
	if part.FileName() == "" {
		return refuse("no_file")
	}
	mapping, err := s.mappingOf(r, u)
	if err != nil {
		return err
	}
	check, err := s.cfg.Cases.Check(r.Context(), mapping, &capped{part, mostExport, "large"})
	if err != nil {
		return err
	}
	u.read = true
	s.change(func(d *draft) { d.check = &check })
	return nil
}

// mappingOf is the mapping that was chosen.
func (s *Setup) mappingOf(r *http.Request, u *upload) ([]byte, error) {
	switch {
	case u.source == "":
		return nil, refuse("no_source")
	case u.source == ownMapping && len(u.mapping) == 0:
		return nil, refuse("no_mapping")
	case u.source == ownMapping:
		return u.mapping, nil
	case len(u.mapping) > 0:
		return nil, refuse("two_mappings")
	}
	now, err := s.cfg.Node.Standing(r.Context())
	if err != nil {
		return nil, err
	}
	for _, e := range examples(now.Codebook) {
		if e.name == u.source {
			return e.text, nil
		}
	}
	return nil, refuse("no_source")
}

// takeCases takes in what was checked; without that there is nothing to do.
func (s *Setup) takeCases(_ http.ResponseWriter, r *http.Request) (string, error) {
	if s.now().check == nil {
		return "/setup/cases", nil
	}
	taken, err := s.cfg.Cases.Take(r.Context())
	if err != nil {
		return "", &SetupError{Says: SetupExport, Err: err}
	}
	s.change(func(d *draft) { d.check, d.taken = nil, &taken })
	return "/setup/cases", nil
}

func (s *Setup) dropCases(http.ResponseWriter, *http.Request) (string, error) {
	s.cfg.Cases.Drop()
	s.change(func(d *draft) { d.check, d.taken = nil, nil })
	return "/setup/cases", nil
}
