package dashboard

import (
	"bytes"
	"cmp"
	"html/template"
	"io/fs"
	"net/http"
	"strings"

	"tidemark/dashboard/view"
	"tidemark/dashboard/web"
	"tidemark/dashboard/words"
	"tidemark/schema"
	"tidemark/schema/mapping"
)

// setupPage is a page of the setup.
type setupPage struct {
	name  string // of its template, after setup
	step  int    // in setupSteps
	early bool   // there need not be a node yet
	model func(*Setup, view.SetupReader, draft, view.SetupStanding) any
}

func setupPages() []setupPage {
	return []setupPage{
		{"who", 0, true, (*Setup).whoPage},
		{"passphrase", 1, true, (*Setup).passphrasePage},
		{"coalition", 2, false, (*Setup).coalitionPage},
		{"found", 2, false, (*Setup).foundPage},
		{"join", 2, false, (*Setup).joinPage},
		{"cases", 3, false, (*Setup).casesPage},
		{"done", 4, false, (*Setup).donePage},
	}
}

// setupSteps are the pages that the steps begin with.
func setupSteps() []string { return []string{"who", "passphrase", "coalition", "cases", "done"} }

// setupFrame is what stands around every setup page.
type setupFrame struct {
	Lang, Dir, Title string
	Owner, Slug      string
	Steps            []setupStep
	Languages        []navItem // on the first page only: its answer holds for the rest
	Drafted, Unsafe  bool
	Problem          *setupProblem
	Page             any
}

// setupStep is a line of the list of steps.
type setupStep struct {
	Number, Text  string
	Href          string // empty: it cannot be visited now
	Done, Current bool
}

// setupProblem is what was wrong with the last try.
type setupProblem struct{ Says, Detail string }

// page shows a page, or leads to the first step where there is no node yet.
func (s *Setup) page(p setupPage) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		now, err := s.cfg.Node.Standing(r.Context())
		switch {
		case err != nil:
			http.Error(w, "tidemark: the node does not answer", http.StatusInternalServerError)
		case !now.Made && !p.early:
			http.Redirect(w, r, "/setup/who", http.StatusSeeOther)
		case now.Made && p.name == "passphrase", now.Coalition != nil && (p.name == "found" || p.name == "join"):
			http.Redirect(w, r, "/setup/coalition", http.StatusSeeOther)
		default:
			s.show(w, r, p, now)
		}
	}
}

// show draws a page. Nothing is sent before all of it could be drawn.
func (s *Setup) show(w http.ResponseWriter, r *http.Request, p setupPage, now view.SetupStanding) {
	d := s.now()
	reader, err := s.reader(r, d, now)
	var t *template.Template
	if err == nil {
		t, err = template.New("setup.html").Funcs(functions(reader.L)).
			ParseFS(web.Templates, "templates/setup.html", "templates/parts.html", "templates/setup"+p.name+".html")
	}
	var b bytes.Buffer
	if err == nil {
		f := s.frame(reader, p, d, now)
		f.Page = p.model(s, reader, d, now)
		err = t.Execute(&b, f)
	}
	if err != nil {
		http.Error(w, "tidemark: the page could not be drawn", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", reader.L.Tag)
	_, _ = w.Write(b.Bytes())
}

// reader chooses the language: what the address asks for, what was answered, the browser's.
func (s *Setup) reader(r *http.Request, d draft, now view.SetupStanding) (view.SetupReader, error) {
	languages, cb := s.plain, now.Codebook
	if cb == nil {
		cb = schema.Incident()
	}
	if cb.Hash() != schema.Incident().Hash() {
		var err error
		if languages, err = words.Load(cb); err != nil {
			return view.SetupReader{}, err
		}
	}
	l := languages.Of(cmp.Or(r.URL.Query().Get("lang"), d.who.Language))
	if l == nil {
		l = languages.Match(r.Header.Get("Accept-Language"))
	}
	return view.SetupReader{L: l, Codebook: cb}, nil
}

func (s *Setup) frame(r view.SetupReader, p setupPage, d draft, now view.SetupStanding) setupFrame {
	f := setupFrame{
		Lang: r.L.Tag, Dir: r.L.Dir(), Title: r.L.Say("setup." + p.name + ".title"), Unsafe: s.cfg.Unsafe,
		Drafted: r.L.Tag != words.Tags[0] && r.L.Review != schema.Reviewed,
		Owner:   d.who.Title, Steps: s.steps(r, p, now),
	}
	if now.Made {
		f.Slug = string(now.Slug)
	}
	if p.name == "who" && !now.Made {
		for _, l := range s.plain {
			f.Languages = append(f.Languages, navItem{Href: "/setup/who?lang=" + l.Tag, Text: l.Name, Lang: l.Tag, Dir: l.Dir(), Current: l.Tag == r.L.Tag})
		}
	}
	if d.problem != nil && d.at == p.name {
		f.Problem = problemOf(r, *d.problem)
	}
	return f
}

func problemOf(r view.SetupReader, p SetupError) *setupProblem {
	out := &setupProblem{Says: r.L.Say("setup.problem."+p.Says, "title", mostTitle, "pass", leastPass, "members", view.MostSizes, "least", schema.MinKeepers, "megabytes", mostExport>>20)}
	if p.Err != nil {
		out.Detail = p.Err.Error()
	}
	return out
}

func (s *Setup) steps(r view.SetupReader, p setupPage, now view.SetupStanding) []setupStep {
	done := []bool{now.Made, now.Made, now.Coalition != nil, now.Cases > 0, false}
	var out []setupStep
	for i, name := range setupSteps() {
		step := setupStep{Number: r.L.Number(int64(i + 1)), Text: r.L.Say("setup.step." + name), Done: done[i], Current: i == p.step}
		if !step.Current && name != "passphrase" && (now.Made || name == "who") {
			step.Href = "/setup/" + name
		}
		out = append(out, step)
	}
	return out
}

type whoModel struct {
	Typed     Newcomer
	Languages []view.Option
	Made      bool
	Facts     []view.SetupFact
}

func (s *Setup) whoPage(r view.SetupReader, d draft, now view.SetupStanding) any {
	m := whoModel{Typed: d.who, Made: now.Made}
	m.Languages = append(m.Languages, view.Option{Label: r.L.Say("setup.language.browser")})
	for _, l := range s.plain {
		m.Languages = append(m.Languages, view.Option{Value: l.Tag, Label: l.Name, Chosen: l.Tag == d.who.Language})
	}
	if now.Made {
		m.Facts = r.Made(now, d.who.Title)
	}
	return m
}

type passphraseModel struct {
	Least int
	Slug  schema.Slug
}

func (s *Setup) passphrasePage(_ view.SetupReader, d draft, _ view.SetupStanding) any {
	return passphraseModel{leastPass, d.who.Slug}
}

type coalitionModel struct {
	In     bool
	Name   schema.Slug
	Facts  []view.SetupFact
	Admits bool // this node can admit others
}

func (s *Setup) coalitionPage(r view.SetupReader, d draft, now view.SetupStanding) any {
	if now.Coalition == nil {
		return coalitionModel{}
	}
	return coalitionModel{In: true, Name: now.Coalition.Name, Facts: r.Coalition(*now.Coalition), Admits: d.plan != nil}
}

type foundModel struct {
	People string
	Name   schema.Slug
	First  []view.Option
	Mode   []view.Option
	Plan   *view.Prospect
}

func (s *Setup) foundPage(r view.SetupReader, d draft, _ view.SetupStanding) any {
	m := foundModel{People: d.people, Name: d.found.Name, First: r.FirstQuarters(s.running(), d.found.First), Mode: r.ModeOptions(d.found.Mode)}
	if d.plan != nil {
		plan := r.Plan(*d.plan)
		m.Plan = &plan
	}
	return m
}

func (s *Setup) running() schema.Period {
	return schema.PeriodOf(schema.DateOf(s.cfg.Now()), schema.Quarterly)
}

func (s *Setup) firstQuarters(chosen schema.Period) []view.Option {
	return view.SetupReader{L: s.plain[0]}.FirstQuarters(s.running(), chosen)
}

func (s *Setup) joinPage(_ view.SetupReader, _ draft, now view.SetupStanding) any { return now }

type casesModel struct {
	Sources []view.Option
	Report  *view.SetupReport
	Taken   []string
	Cases   int
}

func (s *Setup) casesPage(r view.SetupReader, d draft, now view.SetupStanding) any {
	m := casesModel{Cases: now.Cases}
	for _, e := range examples(r.Codebook) {
		m.Sources = append(m.Sources, view.Option{Value: e.name, Label: e.title(r.L), Chosen: e.name == d.source})
	}
	m.Sources = append(m.Sources, view.Option{Value: ownMapping, Label: r.L.Say("setup.source.own"), Chosen: d.source == ownMapping})
	if d.check != nil {
		report := r.Check(*d.check)
		m.Report = &report
	}
	if d.taken != nil {
		m.Taken = r.Taken(*d.taken)
	}
	return m
}

func (s *Setup) donePage(r view.SetupReader, _ draft, now view.SetupStanding) any { return r.Done(now) }

// exampleMapping is a built-in mapping of a case system.
type exampleMapping struct {
	name   string
	text   []byte
	source mapping.Source
}

// title names a case system with its format.
func (e exampleMapping) title(l *words.Language) string {
	name := e.source.Name
	if key := "setup.source." + e.name; l.Say(key) != key {
		name = l.Say(key)
	}
	return name + " (" + strings.ToUpper(string(e.source.Format)) + ")"
}

// examples are the built-in mappings that map onto a codebook.
func examples(cb *schema.Codebook) []exampleMapping {
	var out []exampleMapping
	files, err := fs.Glob(mapping.Examples, "examples/*.yaml")
	if err != nil {
		return nil // the pattern is good
	}
	for _, file := range files {
		text, err := mapping.Examples.ReadFile(file)
		if err != nil {
			continue
		}
		if m, err := mapping.Parse(text, cb); err == nil {
			out = append(out, exampleMapping{strings.TrimSuffix(strings.TrimPrefix(file, "examples/"), ".yaml"), text, m.Source()})
		}
	}
	return out
}

// example is a built-in mapping as a file, to be changed and uploaded again.
func (s *Setup) example(w http.ResponseWriter, r *http.Request) {
	now, err := s.cfg.Node.Standing(r.Context())
	if err == nil && now.Codebook != nil {
		for _, e := range examples(now.Codebook) {
			if e.name == r.PathValue("name") {
				download(w, "application/yaml; charset=utf-8", e.name+".yaml", e.text)
				return
			}
		}
	}
	http.NotFound(w, r)
}
