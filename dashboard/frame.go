package dashboard

import (
	"cmp"
	"html/template"
	"io"
	"net/http"
	"sync"

	"tidemark/dashboard/view"
	"tidemark/dashboard/web"
	"tidemark/dashboard/words"
)

// frame is what stands around every page's model.
type frame struct {
	Lang, Dir string
	Title     string // of the window
	Owner     string // the organisation, as it calls itself
	Slug      string
	Nav       []navItem // what the coalition sees
	NavOwn    []navItem // what is this node's own
	Languages []navItem
	Demo      bool
	Unsafe    bool
	Pinned    string   // where "all that is here now" is; empty: not pinned
	Alarms    []string // contradicting notes, lost notes
	Print     string   // the same page with everything open
	Drafted   bool     // the words of the language wait for a speaker
	Members   int      // in the newest release
	Page      any
	Name      string
	Query     view.Query
}

// navItem is a link of the navigation.
type navItem struct {
	Href, Text, Lang, Dir string
	Current               bool
}

var (
	navCoalition = []string{"overview", "trends", "heat", "ranking", "link", "redress", "gaps", "coverage", "briefs"}
	navOwn       = []string{"cases", "members", "governance", "plan", "budget", "method"}
	paths        = map[string]string{
		"overview": "/", "trends": "/trends", "heat": "/heat", "ranking": "/ranking", "link": "/online-offline",
		"redress": "/redress", "gaps": "/gaps", "coverage": "/coverage", "briefs": "/briefs", "cases": "/cases", "members": "/members", "governance": "/governance", "plan": "/plan", "budget": "/budget", "method": "/method",
	}
	// under names the page of the navigation that a page belongs to.
	under = map[string]string{
		"proposal": "governance", "consent": "governance", "admit": "governance", "propose": "governance",
		"brief": "briefs", "briefadd": "briefs", "verify": "briefs",
		"declare": "gaps", "say": "gaps", "unsaid": "gaps",
		"confirm": "governance", "invited": "governance", "refused": "governance",
	}
)

func (d *Dashboard) frame(r *http.Request, v *view.Reader, name string, model any) frame {
	f := frame{
		Lang: v.L.Tag, Dir: v.L.Dir(), Title: v.L.Say("nav." + name), Demo: d.cfg.Demo, Unsafe: d.cfg.Unsafe,
		Drafted: v.L.Tag != words.Tags[0] && v.L.Review != "reviewed", Page: model, Name: name, Query: v.Q,
	}
	self := d.cfg.Own.Self()
	f.Slug, f.Owner = string(self.Slug), cmp.Or(self.Title, string(self.Slug))
	keep := view.Query{Lang: v.Q.Lang, Pin: v.Q.Pin, Time: v.Q.Time}
	f.Nav, f.NavOwn = navItems(v, navCoalition, name, keep), navItems(v, navOwn, name, keep)
	for _, l := range d.languages {
		q := v.Q
		q.Lang = l.Tag
		f.Languages = append(f.Languages, navItem{Href: q.At(r.URL.Path), Text: l.Name, Lang: l.Tag, Dir: l.Dir(), Current: l == v.L})
	}
	open := v.Q
	open.Print = true
	f.Print = open.At(r.URL.Path)
	if v.Snapshot != nil {
		f.Members = v.Reporting()
		f.Alarms = v.Alarms()
		if v.Pinned {
			q := v.Q
			q.Pin = ""
			f.Pinned = q.At(r.URL.Path)
		}
	}
	return f
}

func navItems(v *view.Reader, names []string, current string, keep view.Query) []navItem {
	items := make([]navItem, len(names))
	for i, name := range names {
		items[i] = navItem{Href: keep.At(paths[name]), Text: v.L.Say("nav." + name), Current: name == cmp.Or(under[current], current)}
	}
	return items
}

// pages are the parsed templates: one set for each language and page, parsed when it is
// first asked for.
type pages struct {
	layouts map[string]*template.Template // by language
	mu      sync.Mutex
	parsed  map[string]*template.Template
}

func newPages(languages words.Languages) (*pages, error) {
	p := &pages{layouts: map[string]*template.Template{}, parsed: map[string]*template.Template{}}
	for _, l := range languages {
		t, err := template.New("layout.html").Funcs(functions(l)).ParseFS(web.Templates, "templates/layout.html", "templates/parts.html")
		if err != nil {
			return nil, err
		}
		p.layouts[l.Tag] = t
	}
	return p, nil
}

// functions are what templates may call: a text, a number in the language's digits.
func functions(l *words.Language) template.FuncMap {
	return template.FuncMap{
		"t":   l.Say,
		"num": func(n int) string { return l.Number(int64(n)) },

		"dict": dict,
	}
}

// dict hands several things to a part of a page: pairs of name and value.
func dict(pairs ...any) map[string]any {
	out := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		out[pairs[i].(string)] = pairs[i+1]
	}
	return out
}

func (p *pages) draw(w io.Writer, l *words.Language, name string, f frame) error {
	t, err := p.page(l, name)
	if err != nil {
		return err
	}
	return t.Execute(w, f)
}

func (p *pages) page(l *words.Language, name string) (*template.Template, error) {
	return p.once(l.Tag+" "+name, func() (*template.Template, error) {
		t, err := p.layouts[l.Tag].Clone()
		if err != nil {
			return nil, err
		}
		return t.ParseFS(web.Templates, "templates/"+name+".html")
	})
}

// alone is a page that stands without the layout.
func (p *pages) alone(l *words.Language, name string) (*template.Template, error) {
	return p.once(l.Tag+" alone "+name, func() (*template.Template, error) { return standalone(l, name) })
}

// once parses a page the first time it is asked for.
func (p *pages) once(key string, parse func() (*template.Template, error)) (*template.Template, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t := p.parsed[key]; t != nil {
		return t, nil
	}
	t, err := parse()
	if err == nil {
		p.parsed[key] = t
	}
	return t, err
}

// standalone parses a page that stands without the layout.
func standalone(l *words.Language, name string) (*template.Template, error) {
	return template.New(name+".html").Funcs(functions(l)).ParseFS(web.Templates, "templates/"+name+".html", "templates/parts.html")
}
