package guard

import (
	"bytes"
	"context"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLinkOpensOnce(t *testing.T) {
	f := newFixture(t, Config{})
	link := f.tokenOf(t)
	for range 3 { // previews and prefetches
		r := f.ask("GET /enter?t="+link, "", "Sec-Purpose: prefetch")
		status(t, r, 200)
		if !strings.Contains(text(t, r), link) || len(r.Cookies()) != 0 {
			t.Fatal("want the form with the token, and no cookie")
		}
		status(t, f.ask("HEAD /enter?t="+link, ""), 200)
	}
	r := f.ask("POST /enter", "t="+link)
	status(t, r, http.StatusSeeOther)
	if got := r.Header.Get("Location"); got != "/" {
		t.Errorf("location %q", got)
	}
	got := r.Header.Get("Set-Cookie")
	id := r.Cookies()[0].Value
	if want := "tidemark-one=" + id + "; Path=/; HttpOnly; SameSite=Strict"; got != want {
		t.Errorf("cookie %q, want %q", got, want)
	}
	if raw, err := base64.RawURLEncoding.DecodeString(id); err != nil || len(raw) != 32 {
		t.Errorf("the session id has %d bytes: %v", len(raw), err)
	}
	status(t, f.ask("GET /", "", cookieIn(t, r)), 200)
	status(t, f.ask("POST /enter", "t="+link), 401)
	status(t, f.ask("GET /enter?t="+link, ""), 401)
	if n := len(f.sessions.of); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

func TestWhatOpensNothing(t *testing.T) {
	f := newFixture(t, Config{})
	link := f.tokenOf(t)
	for name, ask := range map[string]func() *http.Response{
		"no token":          func() *http.Response { return f.ask("POST /enter", "next=/") },
		"empty token":       func() *http.Response { return f.ask("POST /enter", "t=") },
		"guessed":           func() *http.Response { return f.ask("POST /enter", "t=AAAA") },
		"token in the URL":  func() *http.Response { return f.ask("POST /enter?t="+link, "x=1") },
		"no passphrase set": func() *http.Response { return f.ask("POST /enter", "passphrase=x") },
		"other origin":      func() *http.Response { return f.ask("POST /enter", "t="+link, "Sec-Fetch-Site: cross-site") },
		"wrong name":        func() *http.Response { return f.ask("POST /enter", "t="+link, "Host: evil.example") },
		"large form":        func() *http.Response { return f.ask("POST /enter", "t="+link+"&x="+strings.Repeat("x", maxForm)) },
		"expired": func() *http.Response {
			f.clock.forward(linkLife)
			return f.ask("POST /enter", "t="+link)
		},
	} {
		if r := ask(); r.StatusCode < 400 || len(r.Cookies()) != 0 {
			t.Errorf("%s: %d, cookies %v", name, r.StatusCode, r.Cookies())
		}
	}
	if n := len(f.sessions.of); n != 0 {
		t.Errorf("%d sessions", n)
	}
}

func TestLinksStayValidSideBySide(t *testing.T) {
	f := newFixture(t, Config{})
	var links []string
	for range maxLinks + 1 {
		links = append(links, f.tokenOf(t))
	}
	f.clock.forward(linkLife - time.Second)
	status(t, f.ask("POST /enter", "t="+links[0]), 401) // pushed out
	status(t, f.ask("POST /enter", "t="+links[1]), 303)
	status(t, f.ask("POST /enter", "t="+links[maxLinks]), 303)
}

func TestNextStaysHere(t *testing.T) {
	for next, want := range map[string]string{
		"/trends?from=2026&to=2027": "/trends?from=2026&to=2027", "/a%20b": "/a%20b", "/": "/",
		"": "/", "//evil.example": "/", "///evil.example": "/", "/\\evil.example": "/", "\\\\evil.example": "/",
		"/\t/evil.example": "/", "\n//evil.example": "/", "https://evil.example/": "/", "javascript:alert(1)": "/",
		"evil.example": "/", "/%2f/evil.example": "/", "/%5cevil.example": "/", "/a/../../b": "/", "/enter": "/", "/lock": "/",
		"http:/evil.example": "/", "/x#y": "/x", "//@evil.example": "/", "//@//": "/", "//": "/", "/%": "/", "%2f%2fevil.example": "/", "%2fa": "/",
	} {
		if got := safeNext(next); got != want {
			t.Errorf("%q: %q, want %q", next, got, want)
		}
	}
}

func FuzzNextStaysHere(f *testing.F) {
	for _, seed := range []string{"/trends?a=b", "//e", "/\\e", "/%2f/e", "/\t/e", "http:/e", "/a/../e#x"} {
		f.Add(seed)
	}
	base, err := url.Parse("http://127.0.0.1:7001/enter")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, next string) {
		got := safeNext(next)
		to, err := base.Parse(got)
		if err != nil || to.Host != base.Host || got[0] != '/' || strings.HasPrefix(got, "//") || strings.ContainsAny(got, "\\\r\n\t") {
			t.Errorf("%q leads to %q: %v", next, got, err)
		}
	})
}

func TestNextAfterEntering(t *testing.T) {
	f := newFixture(t, Config{})
	link := f.tokenOf(t)
	r := f.ask("POST /enter", "t="+link+"&next="+url.QueryEscape("/trends?from=2026"))
	if got := r.Header.Get("Location"); got != "/trends?from=2026" {
		t.Errorf("location %q", got)
	}
	r = f.ask("GET /enter?next=%2Fheat", "", cookieIn(t, r))
	if got := r.Header.Get("Location"); r.StatusCode != 303 || got != "/heat" {
		t.Errorf("who is in: %d to %q", r.StatusCode, got)
	}
}

func TestIdle(t *testing.T) {
	f := newFixture(t, Config{})
	in := f.in(t)
	for range 3 {
		f.clock.forward(12*time.Hour - time.Second)
		status(t, f.ask("GET /", "", in), 200)
	}
	f.clock.forward(12 * time.Hour)
	status(t, f.ask("GET /", "", in), 401)
	status(t, f.ask("GET /", "", in), 401)
}

func TestLockEndsEverything(t *testing.T) {
	f := newFixture(t, Config{})
	one, two, link := f.in(t), f.in(t), f.tokenOf(t)
	r := f.ask("POST /lock", "", one)
	status(t, r, http.StatusSeeOther)
	if got := r.Header.Get("Location"); got != "/enter" {
		t.Errorf("location %q", got)
	}
	status(t, f.ask("GET /", "", one), 401)
	status(t, f.ask("GET /", "", two), 401)
	status(t, f.ask("GET /enter", "", one), 401)
	status(t, f.ask("POST /enter", "t="+link), 401)
	if len(f.sessions.of) != 0 || len(f.links.kept) != 0 {
		t.Error("something is left")
	}
	status(t, f.ask("GET /", "", f.in(t)), 200)
}

func TestLockEndsRunningResponses(t *testing.T) {
	f := newFixture(t, Config{})
	in := f.in(t)
	started, ended := make(chan bool), make(chan error)
	h := f.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		started <- true
		<-r.Context().Done()
		ended <- r.Context().Err()
	}))
	go func() {
		r := httptest.NewRequest("GET", "/events", nil)
		r.Host = "localhost"
		r.Header.Set("Cookie", strings.TrimPrefix(in, "Cookie: "))
		h.ServeHTTP(httptest.NewRecorder(), r)
	}()
	<-started
	f.Lock()
	if err := <-ended; err != context.Canceled {
		t.Error(err)
	}
}

func TestSessionsAreFewAndHashed(t *testing.T) {
	f := newFixture(t, Config{})
	var all []string
	for range maxSessions + 1 {
		f.clock.forward(time.Second)
		all = append(all, f.in(t))
	}
	if n := len(f.sessions.of); n != maxSessions {
		t.Errorf("%d sessions kept", n)
	}
	status(t, f.ask("GET /", "", all[0]), 401)
	status(t, f.ask("GET /", "", all[1]), 200)
	id := strings.TrimPrefix(all[1], "Cookie: tidemark-one=")
	for kept := range f.sessions.of {
		if bytes.Contains(kept[:], []byte(id)) || strings.Contains(base64.RawURLEncoding.EncodeToString(kept[:]), id) {
			t.Error("a session id is kept in the clear")
		}
	}
}

func TestEnteringAgainReplacesTheSession(t *testing.T) {
	f := newFixture(t, Config{})
	old := f.in(t)
	fresh := cookieIn(t, f.ask("POST /enter", "t="+f.tokenOf(t), old))
	status(t, f.ask("GET /", "", old), 401)
	status(t, f.ask("GET /", "", fresh), 200)
}

func isRose(_ context.Context, p string) bool { return p == "rose" }

func TestPassphrase(t *testing.T) {
	f := newFixture(t, Config{Passphrase: isRose})
	link := f.tokenOf(t)
	if body := text(t, f.ask("GET /enter?t="+link, "")); !strings.Contains(body, `type="password"`) {
		t.Errorf("the page does not ask for it:\n%s", body)
	}
	status(t, f.ask("POST /enter", "t="+link), 401)
	status(t, f.ask("POST /enter", "t="+link+"&passphrase=tulip"), 401)
	status(t, f.ask("POST /enter", "passphrase=rose"), 401) // without a link
	in := cookieIn(t, f.ask("POST /enter", "t="+link+"&passphrase=rose"))
	status(t, f.ask("GET /", "", in), 200)
	status(t, f.ask("POST /enter", "t="+link+"&passphrase=rose"), 401) // spent

	status(t, f.ask("POST /lock", "", in), 303)
	r := f.ask("GET /heat", "", in)
	status(t, r, 401)
	if body := text(t, r); !strings.Contains(body, "locked") || !strings.Contains(body, `value="/heat"`) {
		t.Errorf("want the locked page:\n%s", body)
	}
	status(t, f.ask("GET /enter", "", in), 200)
	status(t, f.ask("POST /enter", "passphrase=tulip", in), 401)
	again := cookieIn(t, f.ask("POST /enter", "passphrase=rose", in))
	status(t, f.ask("GET /", "", again), 200)
	status(t, f.ask("POST /enter", "passphrase=rose", in), 401) // the old cookie is gone

	f.clock.forward(12 * time.Hour)
	status(t, f.ask("GET /enter", "", again), 200)
	status(t, f.ask("POST /enter", "passphrase=rose", again), 303)
}

func TestWrongPassphrasesAreSlowed(t *testing.T) {
	f := newFixture(t, Config{Passphrase: isRose})
	try := func(p string) *http.Response { return f.ask("POST /enter", "t="+f.tokenOf(t)+"&passphrase="+p) }
	status(t, try("a"), 401)
	status(t, try("b"), 401)
	status(t, try("c"), 429) // wrong, and from now on slow
	r := try("rose")
	status(t, r, 429) // right, but too soon: not even looked at
	if got := r.Header.Get("Retry-After"); got != "1" {
		t.Errorf("retry after %q", got)
	}
	var waits []string
	for range 10 {
		f.clock.forward(longest)
		waits = append(waits, try("x").Header.Get("Retry-After"))
	}
	if got := strings.Join(waits, " "); got != "2 4 8 16 32 64 128 256 300 300" {
		t.Errorf("waits %s", got)
	}
	f.clock.forward(longest - time.Second)
	status(t, try("rose"), 429)
	f.clock.forward(time.Second)
	status(t, try("rose"), 303)
	status(t, try("x"), 401) // forgiven
}

func TestParallelTriesWaitTheirTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(time.Now)
		const guesses = 20
		checked, done := 0, make(chan bool)
		for range guesses {
			go func() {
				p.try(t.Context(), func() bool { time.Sleep(time.Millisecond); checked++; return false })
				done <- true
			}()
		}
		for range guesses {
			<-done
		}
		if checked != freeTries {
			t.Errorf("%d of %d guesses at once were looked at, want %d", checked, guesses, freeTries)
		}
	})
}

func TestGoneVisitorKeepsTheLink(t *testing.T) {
	f := newFixture(t, Config{Passphrase: isRose})
	link := f.tokenOf(t)
	gone, leave := context.WithCancel(t.Context())
	leave()
	r := httptest.NewRequestWithContext(gone, "POST", "/enter", strings.NewReader("passphrase=rose&t="+link))
	r.Host = "localhost"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	f.http.ServeHTTP(httptest.NewRecorder(), r)
	status(t, f.ask("POST /enter", "passphrase=rose&t="+link), 303)
}
