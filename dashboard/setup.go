package dashboard

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"tidemark/aggregation/planner"
	"tidemark/dashboard/guard"
	"tidemark/dashboard/view"
	"tidemark/dashboard/words"
	"tidemark/schema"
)

// NewNode makes the node that the setup pages are for. Calls that change something come
// one at a time; Standing may come beside them.
type NewNode interface {
	// Standing is how far the node has come. It is cheap.
	Standing(context.Context) (view.SetupStanding, error)
	// Make makes the node's folder and opens it.
	Make(ctx context.Context, who Newcomer, passphrase string) error
	// Finish lets the node run, and returns a link into its pages. Once more, it only
	// returns another link.
	Finish(context.Context) (link string, err error)
}

// NewCoalition founds a coalition or joins one, as the commands do.
type NewCoalition interface {
	// Plan says what the plan promises that Found would choose. Nothing is changed.
	Plan(sizes []int, first schema.Period, mode schema.Mode) (planner.Modes, error)
	Found(context.Context, Founding) error
	// Request is the note that asks for admission.
	Request() ([]byte, error)
	// Join takes an invitation whose words the admin has said.
	Join(ctx context.Context, invitation []byte, words string) error
}

// NewCases reads an export and takes it in.
type NewCases interface {
	// Check reads an export by a mapping, takes nothing, and keeps the file for Take until
	// the next Check or Drop.
	Check(ctx context.Context, mapping []byte, export io.Reader) (view.SetupCheck, error)
	// Take takes in what Check has read last, and drops the file.
	Take(context.Context) (view.SetupTaken, error)
	Drop()
}

// Newcomer is who makes a node.
type Newcomer struct {
	Title    string // what the organisation calls itself; stays here
	Language string // of the pages; empty: the browser's
	Slug     schema.Slug
	Line     string // where other members reach the node; empty: nowhere
}

// Founding is what a founder chooses.
type Founding struct {
	Name  schema.Slug // of the coalition
	Sizes []int       // people that each member sees a quarter, as typed
	First schema.Period
	Mode  schema.Mode // who sees what
}

// SetupError tells which sentence explains why a step was not carried out. Err is shown
// beside it, so it holds no value of a case.
type SetupError struct {
	Says string // a text's key, below setup.problem
	Err  error  // nil: the sentence says it all
}

// Sentences for what only the node can find out.
const (
	SetupLine       = "line"
	SetupInvitation = "invitation"
	SetupWords      = "words"
	SetupMapping    = "mapping"
	SetupExport     = "export"
	SetupNetwork    = "network"
)

func (e *SetupError) Error() string {
	if e.Err == nil {
		return "setup: " + e.Says
	}
	return "setup: " + e.Says + ": " + e.Err.Error()
}

func (e *SetupError) Unwrap() error { return e.Err }

// SetupConfig is what the setup pages are made of.
type SetupConfig struct {
	Node      NewNode
	Coalition NewCoalition
	Cases     NewCases
	Slug      func() (schema.Slug, error) // a random one, for a member or a coalition
	Line      func(string) error          // whether members could reach a node there
	Now       func() time.Time
	Unsafe    bool // nobody outside has reviewed the program yet: every page says so
}

func (c *SetupConfig) validate() error {
	if c.Node == nil || c.Coalition == nil || c.Cases == nil || c.Slug == nil || c.Line == nil || c.Now == nil {
		return fmt.Errorf("setup: want a node, a coalition, cases, slugs, lines and a clock")
	}
	return nil
}

// Setup serves the pages that make a node: five steps, each a page with few questions.
// What is typed rests in memory until its step is carried out; the passphrase not even
// there. It is safe for concurrent use.
type Setup struct {
	cfg   SetupConfig
	mux   *http.ServeMux
	plain words.Languages // of the built-in codebook

	acting sync.Mutex // held while a step is carried out: the second click waits for the first
	mu     sync.Mutex
	draft  draft
}

// draft is what the operator has typed and was told so far.
type draft struct {
	who     Newcomer
	people  string // as typed
	found   Founding
	plan    *planner.Modes // of found
	source  string         // of the cases: an example, or ownMapping
	check   *view.SetupCheck
	taken   *view.SetupTaken
	problem *SetupError
	at      string // the page of the problem
}

// NewSetup makes the handler. Put a guard around it.
func NewSetup(cfg SetupConfig) (*Setup, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	languages, err := words.Load(schema.Incident())
	if err != nil {
		return nil, fmt.Errorf("setup: %w", err)
	}
	s := &Setup{cfg: cfg, mux: http.NewServeMux(), plain: languages}
	for _, name := range []*schema.Slug{&s.draft.who.Slug, &s.draft.found.Name} {
		if *name, err = cfg.Slug(); err != nil {
			return nil, fmt.Errorf("setup: %w", err)
		}
	}
	s.routes()
	return s, nil
}

// ServeHTTP answers a request.
func (s *Setup) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func (s *Setup) routes() {
	serveStatic(s.mux)
	for _, p := range setupPages() {
		s.mux.HandleFunc("GET /setup/"+p.name, s.page(p))
	}
	for _, a := range setupActs() {
		s.mux.HandleFunc("POST /setup/"+a.path, s.act(a))
	}
	s.mux.HandleFunc("GET /setup/request", s.request)
	s.mux.HandleFunc("GET /setup/mapping/{name}", s.example)
	s.mux.HandleFunc("GET /", s.begin)
}

// begin leads to the first step that is still to be done, from wherever.
func (s *Setup) begin(w http.ResponseWriter, r *http.Request) {
	now, err := s.cfg.Node.Standing(r.Context())
	if err != nil {
		http.Error(w, "tidemark: the node does not answer", http.StatusInternalServerError)
		return
	}
	to := "who"
	switch {
	case now.Made && now.Coalition == nil:
		to = "coalition"
	case now.Made && now.Cases == 0:
		to = "cases"
	case now.Made:
		to = "done"
	}
	http.Redirect(w, r, "/setup/"+to, http.StatusSeeOther)
}

// GuardPage draws the guard's own pages, before there is a node with a language.
func (s *Setup) GuardPage(w http.ResponseWriter, r *http.Request, p guard.Page) {
	p.Node = ""
	DrawGuardPage(w, s.plain.Match(r.Header.Get("Accept-Language")), p)
}

// setupAct is a step that a form asks for.
type setupAct struct {
	path  string // below /setup/
	page  string // that shows what was wrong
	early bool   // there need not be a node yet
	do    func(*Setup, http.ResponseWriter, *http.Request) (next string, err error)
}

func setupActs() []setupAct {
	return []setupAct{
		{"who", "who", true, (*Setup).saveWho},
		{"passphrase", "passphrase", true, (*Setup).makeNode},
		{"plan", "found", false, (*Setup).expectPlan},
		{"found", "found", false, (*Setup).foundCoalition},
		{"join", "join", false, (*Setup).joinCoalition},
		{"check", "cases", false, (*Setup).checkCases},
		{"take", "cases", false, (*Setup).takeCases},
		{"drop", "cases", false, (*Setup).dropCases},
		{"done", "done", false, (*Setup).finish},
	}
}

// act carries one step out and leads on, or back to what was wrong with it.
func (s *Setup) act(a setupAct) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		defer drain(r)
		s.acting.Lock()
		defer s.acting.Unlock()
		now, err := s.cfg.Node.Standing(r.Context())
		if err == nil && !now.Made && !a.early {
			http.Redirect(w, r, "/setup/who", http.StatusSeeOther)
			return
		}
		next := ""
		if err == nil {
			next, err = a.do(s, w, r)
		}
		if s.note(a.page, err) {
			next = "/setup/" + a.page
		}
		http.Redirect(w, r, next, http.StatusSeeOther)
	}
}

// note keeps what was wrong for the page that says so, or forgets what was wrong before.
func (s *Setup) note(page string, err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draft.problem, s.draft.at = nil, page
	if err != nil {
		s.draft.problem = explained(err)
	}
	return err != nil
}

// now is a copy of the draft.
func (s *Setup) now() draft {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.draft
}

func (s *Setup) change(f func(*draft)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.draft)
}

// finish lets the node run and leads into its pages.
func (s *Setup) finish(_ http.ResponseWriter, r *http.Request) (string, error) {
	s.cfg.Cases.Drop()
	s.change(func(d *draft) { d.check = nil })
	return s.cfg.Node.Finish(r.Context())
}
