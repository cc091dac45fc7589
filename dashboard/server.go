package dashboard

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"sync"

	"tidemark/dashboard/chart"
	"tidemark/dashboard/view"
	"tidemark/dashboard/web"
	"tidemark/dashboard/words"
	"tidemark/schema"
)

// Config is what a dashboard is made of.
type Config struct {
	Coalition  Coalition
	Own        Own
	Governance Governance
	Admin      Admin
	Briefs     Briefs
	Register   Register         // nil: what this member offers is not said from these pages
	Codebook   *schema.Codebook // what the words are about; nil: the built-in one
	Demo       bool             // everything is invented: every page and export says so
	Unsafe     bool             // nobody outside has reviewed the program yet: every page says so
}

func (c *Config) validate() error {
	if c.Coalition == nil || c.Own == nil || c.Governance == nil || c.Admin == nil || c.Briefs == nil {
		return fmt.Errorf("dashboard: want a coalition, an own node, its governance, its admin's acts and its briefs")
	}
	if c.Codebook == nil {
		c.Codebook = schema.Incident()
	}
	return nil
}

// Dashboard serves the pages. It is safe for concurrent use.
type Dashboard struct {
	cfg       Config
	languages words.Languages
	pages     *pages
	mux       *http.ServeMux
	acting    sync.Mutex // held while an act is made: the second click waits for the first
}

// New makes the handler. Put a guard around it.
func New(cfg Config) (*Dashboard, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	languages, err := words.Load(cfg.Codebook)
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	d := &Dashboard{cfg: cfg, languages: languages, mux: http.NewServeMux()}
	if d.pages, err = newPages(languages); err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	d.routes()
	return d, nil
}

// ServeHTTP answers a request.
func (d *Dashboard) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.mux.ServeHTTP(w, r) }

func (d *Dashboard) routes() {
	serveStatic(d.mux)
	for path, page := range d.pageTable() {
		d.mux.HandleFunc("GET "+path, d.page(page))
	}
	d.mux.HandleFunc("GET /evidence/note/{id}/raw", d.noteRaw)
	d.governanceRoutes()
	d.briefRoutes()
	d.figureRoutes()
	d.apiRoutes()
	d.mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		d.fail(w, r, errNoPage)
	})
}

// serveStatic serves what every page loads: style and sign.
func serveStatic(mux *http.ServeMux) {
	static, err := fs.Sub(web.Static, "static")
	if err != nil {
		panic(err) // the folder is embedded
	}
	mux.Handle("GET /static/", http.StripPrefix("/static/", http.FileServerFS(static)))
	mux.HandleFunc("GET /static/chart.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write([]byte(chart.CSS))
	})
}

var errNoPage = errors.New("no such page")

// errQuery is an address that does not say what to show.
var errQuery = errors.New("query")

// language is the address's, else the node's, else the browser's.
func (d *Dashboard) language(r *http.Request, q view.Query) *words.Language {
	if l := d.languages.Of(q.Lang); l != nil {
		return l
	}
	if l := d.languages.Of(d.cfg.Own.Self().Language); l != nil {
		return l
	}
	return d.languages.Match(r.Header.Get("Accept-Language"))
}

// show draws a page. Nothing is sent before all of it could be drawn.
func (d *Dashboard) show(w http.ResponseWriter, r *http.Request, v *view.Reader, status int, name string, model any) {
	var b bytes.Buffer
	if err := d.pages.draw(&b, v.L, name, d.frame(r, v, name, model)); err != nil {
		http.Error(w, "tidemark: the page could not be drawn", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", v.L.Tag)
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// Warm works out what the first look needs, so that nobody waits for it. Whatever fails
// here fails again, and is said, when a page is asked for.
func (d *Dashboard) Warm() {
	s, err := d.cfg.Coalition.Snapshot()
	if err != nil {
		return
	}
	for _, l := range d.languages {
		_, _ = d.pages.page(l, "overview")
	}
	r := s.In(d.languages[0], view.Query{})
	_, _ = r.Overview()
	_, _ = r.Link()
	_, _ = r.Redress()
	_, _ = r.Gaps()
}
