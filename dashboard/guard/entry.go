package guard

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A posted form of ours holds a token, a passphrase and a path.
const maxForm = 8 << 10

func (g *Guard) enter(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		g.showEntry(w, r)
	case http.MethodPost:
		g.postEntry(w, r)
	default:
		refuseMethod(w, "GET, HEAD, POST")
	}
}

// showEntry spends nothing: whoever only looks at a link must not use it up.
func (g *Guard) showEntry(w http.ResponseWriter, r *http.Request) {
	token, next := r.URL.Query().Get("t"), safeNext(r.URL.Query().Get("next"))
	if _, in := g.sessions.use(g.cookieOf(r)); in {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	if token == "" && !g.maySayPassphrase(r) {
		g.draw(w, r, Page{Kind: NoSession, Status: http.StatusUnauthorized, Next: next})
		return
	}
	if token != "" && !g.links.valid(token) {
		g.draw(w, r, Page{Kind: LinkSpent, Status: http.StatusUnauthorized})
		return
	}
	g.draw(w, r, g.form(token, next, http.StatusOK))
}

// form is the page with the button, which also asks for the passphrase if there is one.
func (g *Guard) form(token, next string, status int) Page {
	p := Page{Kind: Enter, Status: status, Token: token, Next: next, Passphrase: g.config.Passphrase != nil}
	if token == "" {
		p.Kind = Locked
	}
	return p
}

// maySayPassphrase tells that this browser was in before, so that the passphrase alone
// lets it in again.
func (g *Guard) maySayPassphrase(r *http.Request) bool {
	return g.config.Passphrase != nil && g.sessions.wasIn(g.cookieOf(r))
}

func (g *Guard) postEntry(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "bad form", http.StatusBadRequest)
		return
	}
	token, next := r.PostForm.Get("t"), safeNext(r.PostForm.Get("next"))
	if !g.links.valid(token) && (token != "" || !g.maySayPassphrase(r)) {
		g.draw(w, r, Page{Kind: LinkSpent, Status: http.StatusUnauthorized})
		return
	}
	if !g.passphraseFits(w, r, token, next) {
		return
	}
	if token != "" && !g.links.spend(token) {
		g.draw(w, r, Page{Kind: LinkSpent, Status: http.StatusUnauthorized})
		return
	}
	g.begin(w, r)
	http.Redirect(w, r, next, http.StatusSeeOther)
}

// passphraseFits draws the form again when it does not. A wrong passphrase leaves the
// link valid.
func (g *Guard) passphraseFits(w http.ResponseWriter, r *http.Request, token, next string) bool {
	if g.config.Passphrase == nil {
		return true
	}
	right, wait := g.pace.try(r.Context(), func() bool {
		return g.config.Passphrase(r.Context(), r.PostForm.Get("passphrase"))
	})
	if r.Context().Err() != nil {
		return false // nobody is there to be let in, and the link stays
	}
	if right {
		return true
	}
	p := g.form(token, next, http.StatusUnauthorized)
	p.Wrong, p.Wait = true, wait
	if wait > 0 {
		p.Status = http.StatusTooManyRequests
		w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	}
	g.draw(w, r, p)
	return false
}

// begin gives the browser a new session in place of any that it had.
func (g *Guard) begin(w http.ResponseWriter, r *http.Request) {
	g.sessions.close(g.cookieOf(r))
	id := g.secret()
	g.sessions.open(id)
	// Not Secure: the page is plain http on loopback, where Safari would drop it.
	http.SetCookie(w, &http.Cookie{Name: g.cookie, Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
}

// lock is "lock now". Only who is in may ask for it.
func (g *Guard) lock(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		refuseMethod(w, "POST")
		return
	}
	if _, in := g.sessions.use(g.cookieOf(r)); !in {
		g.refuseStranger(w, r)
		return
	}
	g.Lock()
	http.Redirect(w, r, "/enter", http.StatusSeeOther)
}

// safeNext returns a path of this site, or the root. Browsers drop control characters
// and read \ as /, so a path that holds them may lead elsewhere.
func safeNext(next string) string {
	if strings.ContainsFunc(next, func(c rune) bool { return c < ' ' || c == 0x7f || c == '\\' }) {
		return "/"
	}
	u, err := url.Parse(next)
	if err != nil || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || !isClean(u.Path) {
		return "/"
	}
	if u.Path == "/enter" || u.Path == "/lock" {
		return "/"
	}
	return (&url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery}).String()
}
