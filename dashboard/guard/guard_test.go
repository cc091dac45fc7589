package guard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"tidemark/dashboard/internal/browser"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

const token = "0123456789abcdef-program"

// clock is moved by the test.
type clock struct{ at time.Time }

func (c *clock) now() time.Time           { return c.at }
func (c *clock) forward(by time.Duration) { c.at = c.at.Add(by) }

// dashboard is what the guard stands before: it counts what gets through.
type dashboard struct{ seen, changes int }

func (d *dashboard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.seen++
	if !reads(r) {
		d.changes++
	}
	_, _ = io.WriteString(w, "the dashboard")
}

type fixture struct {
	*Guard
	clock *clock
	inner *dashboard
	http  http.Handler
}

func newFixture(t *testing.T, c Config) *fixture {
	t.Helper()
	f := &fixture{clock: &clock{time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}, inner: &dashboard{}}
	c.Node, c.Now, c.Token, c.Open = "one", f.clock.now, token, []string{"/static/", "/favicon.ico"}
	g, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	f.Guard, f.http = g, g.Wrap(f.inner)
	return f
}

// ask sends a request like "POST /lock"; headers are "Name: value".
func (f *fixture) ask(line string, body string, headers ...string) *http.Response {
	method, target, _ := strings.Cut(line, " ")
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "127.0.0.1:7001"
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			r.Host = value
		}
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	f.http.ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func status(t *testing.T, r *http.Response, want int) {
	t.Helper()
	if r.StatusCode != want {
		t.Fatalf("status %d, want %d: %s", r.StatusCode, want, text(t, r))
	}
}

// tokenOf takes the token out of a fresh launch link.
func (f *fixture) tokenOf(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(f.Link("http://127.0.0.1:7001"))
	if err != nil || u.Path != "/enter" {
		t.Fatalf("link %v: %v", u, err)
	}
	return u.Query().Get("t")
}

// in opens a session and returns its Cookie header.
func (f *fixture) in(t *testing.T, fields ...string) string {
	t.Helper()
	r := f.ask("POST /enter", "t="+f.tokenOf(t)+"&"+strings.Join(fields, "&"))
	status(t, r, http.StatusSeeOther)
	return cookieIn(t, r)
}

func cookieIn(t *testing.T, r *http.Response) string {
	t.Helper()
	if len(r.Cookies()) != 1 {
		t.Fatalf("cookies %v, want one", r.Cookies())
	}
	c := r.Cookies()[0]
	return "Cookie: " + c.Name + "=" + c.Value
}

func TestHosts(t *testing.T) {
	f := newFixture(t, Config{Hosts: []string{"abc.Onion", "192.168.1.5", "fd00::1"}})
	cookie := f.in(t)
	for host, want := range map[string]int{
		"127.0.0.1": 200, "127.0.0.1:7001": 200, "127.8.9.1:1": 200, "[::1]": 200, "[::1]:7001": 200,
		"localhost": 200, "LocalHost:80": 200, "abc.onion": 200, "ABC.onion:80": 200, "192.168.1.5:7001": 200, "[fd00::1]:7001": 200,
		"": 421, "evil.example": 421, "evil.example:7001": 421, "0.0.0.0": 421, "0.0.0.0:7001": 421, "[::]:7001": 421,
		"127.0.0.1.evil.example": 421, "localhost.evil.example": 421, "evil.localhost": 421, "x.abc.onion": 421,
		"127.0.0.1.": 421, "localhost.": 421, "abc.onion.": 421,
		"[::ffff:127.0.0.1]": 421, "[::ffff:7f00:1]:80": 421, "[::1%25lo]": 421, "[::1%lo]:80": 421, "::1": 421, "[127.0.0.1]": 421,
		"127.1": 421, "2130706433": 421, "0x7f000001": 421, "0177.0.0.1": 421, "127.0.0.01": 421,
		"127.0.0.1:": 421, "127.0.0.1:x": 421, "127.0.0.1:99999": 421, "127.0.0.1:80:80": 421, "127.0.0.1:80@evil.example": 421,
		"evil.example:80@127.0.0.1": 421, "127.0.0.1 evil.example": 421, "127.0.0.1,evil.example": 421, "[::1": 421, "[::1]x": 421, "[::1]:": 421,
		"10.0.0.1": 421, "192.168.1.6": 421, "169.254.169.254": 421,
	} {
		r := f.ask("GET /", "", "Host: "+host, cookie)
		if r.StatusCode != want {
			t.Errorf("Host %q: %d, want %d", host, r.StatusCode, want)
		}
		if body := text(t, r); want == 421 && body != "misdirected request\n" {
			t.Errorf("Host %q: the refusal says %q", host, body)
		}
	}
}

// Why the Host check is needed: to a rebound name, the page is its own origin.
func TestRebindPassesCrossOriginProtectionButNotTheGuard(t *testing.T) {
	f := newFixture(t, Config{})
	cookie := f.in(t)
	alone := http.NewCrossOriginProtection().Handler(f.inner)
	r := httptest.NewRequest("POST", "/briefs", nil)
	r.Host = "evil.example"
	r.Header.Set("Origin", "http://evil.example")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	alone.ServeHTTP(w, r)
	if w.Code != 200 || f.inner.changes != 1 {
		t.Fatalf("CrossOriginProtection alone: %d, %d changes; this test proves nothing any more", w.Code, f.inner.changes)
	}
	status(t, f.ask("POST /briefs", "", "Host: evil.example", "Origin: http://evil.example", "Sec-Fetch-Site: same-origin", cookie), 421)
	if f.inner.changes != 1 {
		t.Error("the guard let the rebound name change something")
	}
}

func TestRefusals(t *testing.T) {
	f := newFixture(t, Config{MaxBody: 100})
	in := f.in(t)
	const bearer = "Authorization: Bearer " + token
	for _, c := range []struct {
		name, line string
		headers    []string
		want       int
	}{
		{"page without session", "GET /trends", nil, 401},
		{"page with session", "GET /trends", []string{in}, 200},
		{"post with session", "POST /briefs", []string{in}, 200},
		{"post without session", "POST /briefs", nil, 401},
		{"cookie of another node", "GET /", []string{strings.Replace(in, "tidemark-one", "tidemark-two", 1)}, 401},
		{"empty cookie", "GET /", []string{"Cookie: tidemark-one="}, 401},
		{"guessed cookie", "GET /", []string{"Cookie: tidemark-one=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, 401},

		{"bearer for the API", "GET /api/v1/figures", []string{bearer}, 200},
		{"bearer changes by the API", "POST /api/v1/briefs", []string{bearer}, 200},
		{"bearer for metrics", "GET /metrics", []string{bearer}, 200},
		{"bearer for health", "GET /healthz", []string{bearer}, 200},
		{"bearer for a page", "GET /trends", []string{bearer}, 401},
		{"bearer past the prefix", "GET /api/../trends", []string{bearer}, 401},
		{"bearer past the prefix, encoded", "GET /api/%2e%2e/trends", []string{bearer}, 401},
		{"wrong bearer", "GET /api/v1/figures", []string{bearer + "x"}, 401},
		{"beginning of the bearer", "GET /api/v1/figures", []string{bearer[:len(bearer)-1]}, 401},
		{"other scheme", "GET /api/v1/figures", []string{"Authorization: Basic " + token}, 401},
		{"bearer from another origin", "POST /api/v1/briefs", []string{bearer, "Sec-Fetch-Site: cross-site"}, 403},
		{"bearer from another origin, old browser", "POST /api/v1/briefs", []string{bearer, "Origin: http://evil.example"}, 403},
		{"cookie reads the API", "GET /api/v1/figures", []string{in}, 200},
		{"cookie changes by the API", "POST /api/v1/briefs", []string{in}, 403},
		{"no token, no cookie", "GET /metrics", nil, 401},

		{"asset", "GET /static/style.css", nil, 200},
		{"asset by name", "GET /favicon.ico", nil, 200},
		{"two slashes", "GET //static/style.css", nil, 401},
		{"below an asset", "GET /favicon.ico/x", nil, 401},
		{"posted asset", "POST /static/style.css", nil, 401},
		{"past the assets", "GET /static/../trends", nil, 401},
		{"past the assets, encoded", "GET /static/%2e%2e%2ftrends", nil, 401},
		{"past the assets, backslash", "GET /static/..%5ctrends", nil, 401},
		{"beside the assets", "GET /staticx", nil, 401},

		{"post from another origin", "POST /briefs", []string{in, "Sec-Fetch-Site: cross-site"}, 403},
		{"post from another port", "POST /briefs", []string{in, "Sec-Fetch-Site: same-site"}, 403},
		{"post from nowhere, old browser", "POST /briefs", []string{in, "Origin: null"}, 403},
		{"delete from another port", "DELETE /briefs", []string{in, "Sec-Fetch-Site: same-site"}, 403},
		{"own post", "POST /briefs", []string{in, "Sec-Fetch-Site: same-origin"}, 200},
		{"fetched by another port", "GET /trends", []string{in, "Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: empty"}, 403},
		{"framed by another origin", "GET /trends", []string{in, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"}, 403},
		{"asset as a picture elsewhere", "GET /static/a.png", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image"}, 403},
		{"link from elsewhere", "GET /trends", []string{in, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, 200},
		{"websocket from elsewhere", "GET /events", []string{in, "Origin: http://127.0.0.1:9", "Upgrade: websocket"}, 403},
		{"own request with origin", "GET /events", []string{in, "Origin: http://127.0.0.1:7001"}, 200},
		{"preflight", "OPTIONS /briefs", []string{"Origin: http://evil.example", "Access-Control-Request-Method: PUT"}, 401},

		{"trace", "TRACE /", []string{in}, 405},
		{"connect", "CONNECT /", []string{in}, 405},
		{"unknown method", "BREW /", []string{in}, 405},
		{"get lock", "GET /lock", []string{in}, 405},
		{"delete enter", "DELETE /enter", []string{in}, 405},
		{"lock by a stranger", "POST /lock", nil, 401},
		{"lock by a program", "POST /lock", []string{bearer}, 401},
		{"debug pages", "GET /debug/pprof/", nil, 401},
	} {
		seen := f.inner.seen
		r := f.ask(c.line, "", c.headers...)
		if r.StatusCode != c.want {
			t.Errorf("%s: %d, want %d", c.name, r.StatusCode, c.want)
		}
		if through := f.inner.seen > seen; through != (c.want == 200) {
			t.Errorf("%s: reached the dashboard: %v", c.name, through)
		}
		if r.Header.Get("X-Frame-Options") != "DENY" || r.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: headers %v", c.name, r.Header)
		}
	}
}

func TestRefusalsForProgramsAreJSON(t *testing.T) {
	f := newFixture(t, Config{})
	r := f.ask("GET /api/v1/figures", "")
	if got := r.Header.Get("Content-Type") + " " + text(t, r); got != `application/json {"error":"no session and no valid token"}`+"\n" {
		t.Error(got)
	}
	r = f.ask("POST /api/v1/briefs", "", "Sec-Fetch-Site: cross-site")
	if got := r.Header.Get("Content-Type") + " " + text(t, r); got != `application/json {"error":"request from another origin"}`+"\n" {
		t.Error(got)
	}
}

func TestBodyLimit(t *testing.T) {
	g, err := New(Config{Node: "one", MaxBody: 10, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	h := g.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
	}))
	for body, want := range map[string]int{"0123456789": 200, "0123456789a": 413} {
		r := httptest.NewRequest("POST", "/api/x", strings.NewReader(body))
		r.Host = "localhost"
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%d bytes: %d, want %d", len(body), w.Code, want)
		}
	}
}

const wantHeaders = `Cache-Control: no-store
Content-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'
Cross-Origin-Opener-Policy: same-origin
Cross-Origin-Resource-Policy: same-origin
Permissions-Policy: camera=(), geolocation=(), microphone=(), payment=(), usb=()
Referrer-Policy: same-origin
X-Content-Type-Options: nosniff
X-Dns-Prefetch-Control: off
X-Frame-Options: DENY
`

func TestHeaders(t *testing.T) {
	f := newFixture(t, Config{})
	in := f.in(t)
	for name, r := range map[string]*http.Response{
		"page": f.ask("GET /", "", in), "no session": f.ask("GET /", ""), "wrong name": f.ask("GET /", "", "Host: evil.example"),
		"trace": f.ask("TRACE /", ""), "enter": f.ask("GET /enter", ""), "API": f.ask("GET /api/", ""),
	} {
		r.Header.Del("Content-Type")
		r.Header.Del("WWW-Authenticate")
		r.Header.Del("Allow")
		var b strings.Builder
		_ = r.Header.Write(&b)
		if got := strings.ReplaceAll(b.String(), "\r", ""); got != wantHeaders {
			t.Errorf("%s:\n%s", name, got)
		}
	}
}

func TestConfig(t *testing.T) {
	yes := func(context.Context, string) bool { return true }
	for want, c := range map[string]Config{
		"guard: node: want a slug of letters, digits and hyphens":            {Node: "a b"},
		"guard: beyond: a page that other machines reach needs a passphrase": {Node: "a", Beyond: true},
		"guard: token: shorter than 16 characters":                           {Node: "a", Token: "short"},
		"guard: idle, max body: below zero":                                  {Node: "a", Idle: -1},
		`guard: hosts: "abc.onion:80" is no name or address without port`:    {Node: "a", Hosts: []string{"abc.onion:80"}},
		`guard: hosts: "abc.onion." is no name or address without port`:      {Node: "a", Hosts: []string{"abc.onion."}},
		`guard: hosts: "0.0.0.0" is no name or address without port`:         {Node: "a", Hosts: []string{"0.0.0.0"}},
		`guard: hosts: "::" is no name or address without port`:              {Node: "a", Hosts: []string{"::"}},
		`guard: hosts: "::ffff:10.0.0.1" is no name or address without port`: {Node: "a", Hosts: []string{"::ffff:10.0.0.1"}},
		`guard: hosts: "" is no name or address without port`:                {Node: "a", Hosts: []string{""}},
		`guard: open: "/" is no clean path below the root`:                   {Node: "a", Open: []string{"/"}},
		`guard: open: "//" is no clean path below the root`:                  {Node: "a", Open: []string{"//"}},
		`guard: open: "static/" is no clean path below the root`:             {Node: "a", Open: []string{"static/"}},
		`guard: open: "/static/../" is no clean path below the root`:         {Node: "a", Open: []string{"/static/../"}},
		"": {Node: "org-7", Beyond: true, Passphrase: yes, Hosts: []string{"x.onion"}, Token: token, Open: []string{"/static/"}},
	} {
		_, err := New(c)
		if got := fmt.Sprint(err); got != want && (want != "" || err != nil) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestListen(t *testing.T) {
	for addr, ok := range map[string]bool{
		"127.0.0.1:0": true, "[::1]:0": true, "localhost:0": true,
		":0": false, "0.0.0.0:0": false, "[::]:0": false, "10.0.0.1:0": false, "[::ffff:127.0.0.1]:0": false, "example.org:0": false, "127.0.0.1": false,
	} {
		l, err := Listen(addr, false)
		var system *net.OpError // a machine without IPv6
		if refused := err != nil && !errors.As(err, &system); refused == ok {
			t.Errorf("listen on %s: %v", addr, err)
		}
		if err == nil {
			if host, _ := cutPort(l.Addr().String()); !isLoopback(host) {
				t.Errorf("%s listens on %s", addr, l.Addr())
			}
			_ = l.Close()
		}
	}
	if _, err := Listen(":0", false); err == nil || !strings.Contains(err.Error(), "passphrase") {
		t.Errorf("the refusal does not say what is needed: %v", err)
	}
	l, err := Listen("0.0.0.0:0", true)
	if err != nil {
		t.Fatalf("beyond: %v", err)
	}
	_ = l.Close()
}

func TestServerHasNoDefaultMux(t *testing.T) {
	debug := fmt.Sprintf("/debug/%p", t) // no pattern may be registered twice, nor taken back
	http.DefaultServeMux.HandleFunc(debug, func(http.ResponseWriter, *http.Request) {})
	w := httptest.NewRecorder()
	s := Server(nil)
	s.Handler.ServeHTTP(w, httptest.NewRequest("GET", debug, nil))
	if w.Code != 404 {
		t.Errorf("the default mux answers: %d", w.Code)
	}
	if s.ReadHeaderTimeout == 0 || s.ReadTimeout == 0 || s.WriteTimeout == 0 || s.IdleTimeout == 0 || s.MaxHeaderBytes == 0 {
		t.Errorf("a limit is missing: %+v", s)
	}
}

var styleOrScript = regexp.MustCompile(`(?i)<script|\sstyle=|<style|\son[a-z]+=|https?:`)

func TestPlainPages(t *testing.T) {
	for _, kind := range []Kind{Enter, Locked, NoSession, LinkSpent, OtherOrigin} {
		w := httptest.NewRecorder()
		plainPage(w, nil, Page{Kind: kind, Token: `"><script>`, Next: "/", Passphrase: true, Wait: 3 * time.Second})
		got := w.Body.String()
		if styleOrScript.MatchString(got) || !strings.Contains(got, "<h1>") || strings.Contains(got, "<form") != (kind == Enter || kind == Locked) {
			t.Errorf("%s:\n%s", kind, got)
		}
	}
}

func TestDrawerCannotTurnARefusalIntoOK(t *testing.T) {
	var got Page
	f := newFixture(t, Config{Page: func(w http.ResponseWriter, _ *http.Request, p Page) {
		got = p
		w.WriteHeader(http.StatusOK)
		_, _ = io.WriteString(w, "drawn")
	}})
	r := f.ask("GET /trends?from=2026", "")
	status(t, r, http.StatusUnauthorized)
	if body := text(t, r); body != "drawn" || got.Kind != NoSession || got.Node != "one" || got.Next != "/trends?from=2026" {
		t.Errorf("%q %+v", body, got)
	}
	f.config.Page = func(http.ResponseWriter, *http.Request, Page) {}
	status(t, f.ask("GET /", ""), http.StatusUnauthorized)
}
