package guard

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
)

// Guard is safe for concurrent use.
type Guard struct {
	config Config
	hosts  []string
	cookie string
	origin *http.CrossOriginProtection

	sessions *sessions
	links    *links
	pace     *pace
}

// New checks the config and makes a guard for one dashboard.
func New(c Config) (*Guard, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	c = c.withDefaults()
	g := &Guard{
		config:   c,
		cookie:   "tidemark-" + c.Node,
		origin:   http.NewCrossOriginProtection(),
		sessions: newSessions(c.Idle, c.Now),
		links:    newLinks(c.Now),
		pace:     newPace(c.Now),
	}
	for _, host := range c.Hosts {
		g.hosts = append(g.hosts, strings.ToLower(host))
	}
	g.origin.SetDenyHandler(http.HandlerFunc(g.refuseOrigin))
	return g, nil
}

// Wrap guards a handler. The guard answers /enter and /lock itself.
func (g *Guard) Wrap(next http.Handler) http.Handler {
	h := g.auth(next)
	h = g.reads(g.origin.Handler(h))
	h = methods(http.MaxBytesHandler(h, g.config.MaxBody))
	return g.loopback(headers(h))
}

// Link returns a fresh launch link below base, which is like http://127.0.0.1:7001. It
// opens one session within two minutes. Earlier links stay valid; eight are kept.
func (g *Guard) Link(base string) string {
	token := g.secret()
	g.links.add(token)
	return strings.TrimSuffix(base, "/") + "/enter?t=" + token
}

// Lock ends all sessions, links and running responses.
func (g *Guard) Lock() {
	g.links.drop()
	g.sessions.lock(g.config.Passphrase != nil)
}

// secret returns 256 random bits. Without randomness there is no guard, so it panics.
func (g *Guard) secret() string {
	var b [32]byte
	if _, err := io.ReadFull(g.config.Random, b[:]); err != nil {
		panic(fmt.Sprintf("guard: random: %v", err))
	}
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// auth serves the guard's own routes, and the rest to those who may see it.
func (g *Guard) auth(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/enter":
			g.enter(w, r)
		case r.URL.Path == "/lock":
			g.lock(w, r)
		case g.isOpen(r), isForPrograms(r.URL.Path) && g.hasToken(r):
			next.ServeHTTP(w, r)
		default:
			g.withSession(w, r, next)
		}
	})
}

func (g *Guard) withSession(w http.ResponseWriter, r *http.Request, next http.Handler) {
	ended, ok := g.sessions.use(g.cookieOf(r))
	if !ok {
		g.refuseStranger(w, r)
		return
	}
	if isForPrograms(r.URL.Path) && !reads(r) {
		refuseProgram(w, http.StatusForbidden, "changes through the API need the token")
		return
	}
	ctx, stop := context.WithCancel(r.Context())
	defer stop()
	defer context.AfterFunc(ended, stop)() // a stream ends with its session
	next.ServeHTTP(w, r.WithContext(ctx))
}

func (g *Guard) isOpen(r *http.Request) bool {
	if !reads(r) || !isClean(r.URL.Path) {
		return false
	}
	for _, open := range g.config.Open {
		if r.URL.Path == open || strings.HasSuffix(open, "/") && strings.HasPrefix(r.URL.Path, open) {
			return true
		}
	}
	return false
}

func (g *Guard) hasToken(r *http.Request) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || g.config.Token == "" {
		return false
	}
	// Hashed first, so that the comparison does not tell the length either.
	got, want := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(g.config.Token))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

func (g *Guard) cookieOf(r *http.Request) string {
	c, err := r.Cookie(g.cookie)
	if err != nil {
		return ""
	}
	return c.Value
}

func reads(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

func isForPrograms(p string) bool {
	return isClean(p) && (strings.HasPrefix(p, "/api/") || p == "/metrics" || p == "/healthz")
}

// isClean tells that a path means what its beginning says: no dots lead out of it.
func isClean(p string) bool {
	if strings.ContainsRune(p, '\\') || !strings.HasPrefix(p, "/") {
		return false
	}
	clean := path.Clean(p)
	return p == clean || clean != "/" && p == clean+"/"
}
