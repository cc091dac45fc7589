package browser_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"tidemark/dashboard/internal/browser"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

const page = `<!DOCTYPE html><html lang="en"><title>A page</title>
<meta name="viewport" content="width=device-width">
<style>p{color:black} @media print{p{color:red}} @media (prefers-color-scheme:dark){p{color:white}} .wide{height:3000px}</style>
<main><h1>Hello</h1><p>Text <a href="/second">second</a></p>
<label>Name <input id="name"></label><p id="js"></p>
<img src="http://elsewhere.example/x.png" alt="x"><div class="wide"></div></main>
<script>document.getElementById("js").textContent = "scripts run"</script>`

func serve(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1", Path: "/"})
		_, _ = w.Write([]byte(page))
	})
	mux.HandleFunc("GET /favicon.ico", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /second", func(w http.ResponseWriter, r *http.Request) {
		c, err := r.Cookie("seen")
		if err != nil {
			http.Error(w, "no cookie", http.StatusForbidden)
			return
		}
		_, _ = w.Write([]byte("<h1>Second, cookie " + c.Value + "</h1>"))
	})
	mux.HandleFunc("GET /strict", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'")
		_, _ = w.Write([]byte(page))
	})
	mux.HandleFunc("GET /throws", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`<script>console.error("said", 7); throw new Error("thrown")</script>`))
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestReadAndFollow(t *testing.T) {
	base := serve(t)
	b := browser.Start(t)
	equal(t, "status", b.Open(base), 200)
	equal(t, "h1", b.Text("h1"), "Hello")
	equal(t, "script", b.Text("#js"), "scripts run")
	equal(t, "headings", b.Count("h1"), 1)
	equal(t, "html has the title", strings.Contains(b.HTML(), "<title>A page</title>"), true)
	equal(t, "follow", b.Follow("a"), 200)
	equal(t, "second", b.Text("h1"), "Second, cookie 1")
	equal(t, "url", b.URL(), base+"/second")
	b.Back()
	equal(t, "back", b.Text("h1"), "Hello")
	equal(t, "missing", b.Open(base+"/none"), 404)
}

func TestCookiesBelongToAStart(t *testing.T) {
	base := serve(t)
	b := browser.Start(t)
	b.Open(base)
	equal(t, "same start, another tab", b.Tab().Open(base+"/second"), 200)
	equal(t, "another start", browser.Start(t).Open(base+"/second"), 403)
}

func TestKeys(t *testing.T) {
	base := serve(t)
	b := browser.Start(t)
	b.Open(base)
	b.Press("Tab")
	equal(t, "first focus", b.Focused(), `<a href="/second">second</a>`)
	b.Press("Tab")
	equal(t, "second focus", b.Focused(), `<input id="name">`)
	b.Type("#name", "Ada")
	equal(t, "typed", browser.Eval[string](b, "document.getElementById('name').value"), "Ada")
	b.Press("Shift+Tab")
	equal(t, "enter", b.PressToFollow("Enter"), 200)
	equal(t, "second", b.URL(), base+"/second")
}

func TestMediaAndScripts(t *testing.T) {
	base := serve(t)
	b := browser.Start(t)
	color := func() string { return browser.Eval[string](b, "getComputedStyle(document.querySelector('p')).color") }
	b.Open(base)
	b.Dark(false)
	equal(t, "light", color(), "rgb(0, 0, 0)")
	b.Dark(true)
	equal(t, "dark", color(), "rgb(255, 255, 255)")
	b.Dark(false)
	b.Print(true)
	equal(t, "print", color(), "rgb(255, 0, 0)")
	b.Print(false)
	b.Viewport(390, 800, true)
	equal(t, "phone", browser.Eval[int](b, "document.documentElement.clientWidth"), 390)
	b.Scripts(true)
	b.Open(base)
	equal(t, "scripts off", browser.Eval[string](b, "document.getElementById('js').textContent"), "")
	equal(t, "text without scripts", b.Text("h1"), "Hello")
	equal(t, "promise without scripts", browser.Eval[int](b, "Promise.resolve(7)"), 7)
	b.Scripts(false)
	b.Open(base)
	equal(t, "scripts on", b.Text("#js"), "scripts run")
}

func TestPictures(t *testing.T) {
	b := browser.Start(t)
	b.Open(serve(t))
	window, full := b.Screenshot(false), b.Screenshot(true)
	for name, png := range map[string][]byte{"window": window, "full": full} {
		if !bytes.HasPrefix(png, []byte("\x89PNG")) {
			t.Errorf("%s: no PNG", name)
		}
	}
	if height(full) < 3000 || height(window) >= 3000 {
		t.Errorf("heights: full %d, window %d", height(full), height(window))
	}
	if !bytes.HasPrefix(b.PDF(), []byte("%PDF-")) {
		t.Error("no PDF")
	}
}

func height(png []byte) int {
	return int(png[20])<<24 | int(png[21])<<16 | int(png[22])<<8 | int(png[23])
}

func TestWhatAPageDoes(t *testing.T) {
	base := serve(t)
	b := browser.Start(t)
	b.Open(base)
	requests := slices.DeleteFunc(b.Requests(), func(u string) bool { return u == base+"/favicon.ico" }) // at a time of its own
	if want := []string{base + "/", "http://elsewhere.example/x.png"}; !slices.Equal(requests, want) {
		t.Errorf("requests %q, want %q", requests, want)
	}
	if e := b.Errors(); len(e) != 1 || !strings.Contains(e[0], "ERR_NAME_NOT_RESOLVED") {
		t.Errorf("errors %q: want the one name that does not resolve", e)
	}
	equal(t, "no policy, no refusals", len(b.PolicyErrors()), 0)

	b.Open(base + "/strict")
	equal(t, "style, picture, script refused", len(b.PolicyErrors()), 3)

	b = browser.Start(t)
	b.Open(base + "/throws")
	if e := strings.Join(b.Errors(), "|"); !strings.Contains(e, "said 7") || !strings.Contains(e, "thrown") {
		t.Errorf("errors %q", e)
	}
	if _, err := b.TryOpen("http://elsewhere.example/"); err == nil {
		t.Error("a name of the network opened")
	}
}

func TestFlagsReplace(t *testing.T) {
	base := serve(t)
	b := browser.Start(t, "--host-resolver-rules=MAP evil.example 127.0.0.1")
	equal(t, "mapped name", b.Open(strings.Replace(base, "127.0.0.1", "evil.example", 1)), 200)
}

func TestAxe(t *testing.T) {
	b := browser.Start(t)
	b.Open(serve(t))
	browser.Eval[int](b, "document.querySelector('img').removeAttribute('alt'), 1")
	found := b.Axe(t)
	if len(found) != 1 || found[0].ID != "image-alt" || found[0].Impact != "critical" || len(found[0].Nodes) != 1 {
		t.Errorf("violations %v, want the picture without alt", found)
	}
}
