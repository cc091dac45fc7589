package guard

import (
	"bytes"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tidemark/dashboard/internal/browser"
)

// showsLime tells whether any pixel has the dashboard's colour.
func showsLime(t *testing.T, shot []byte) bool {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			if r, g, b, _ := img.At(x, y).RGBA(); r == 0 && g == 0xffff && b == 0 {
				return true
			}
		}
	}
	return false
}

func TestFramesShowNothing(t *testing.T) {
	b := browse(t)
	v := newVictim(t)
	v.enter(t, b)
	bare := serve(t, v.ServeHTTP)
	headersOnly := serve(t, headers(v).ServeHTTP)
	for _, c := range []struct {
		name, inner string
		shown       bool
	}{
		{"no guard, to see that the test can see", bare, true},
		{"headers alone", headersOnly, false},
		{"guard", v.url, false},
	} {
		outer := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte(`<iframe width="600" height="400" src="` + c.inner + `/"></iframe>`))
		})
		for _, at := range []string{outer, strings.Replace(outer, "127.0.0.1", "evil.example", 1)} {
			b.Open(at)
			if got := showsLime(t, b.Screenshot(false)); got != c.shown {
				t.Errorf("%s, framed by %s: shown %v", c.name, at, got)
			}
		}
	}
}

func TestStolenLink(t *testing.T) {
	v := newVictim(t)
	link := v.guard.Link(v.url)
	owner, thief := browse(t), browse(t)
	owner.Open(link)
	thief.Open(link) // both see the button
	owner.Follow("button")
	if got := owner.Text("h1"); got != "the dashboard" {
		t.Fatalf("owner: %q", got)
	}
	if got := thief.Follow("button"); got != http.StatusUnauthorized {
		t.Errorf("thief's button: %d", got)
	}
	if got := thief.Open(link); got != http.StatusUnauthorized || thief.Count("button") != 0 {
		t.Errorf("thief's link: %d", got)
	}
	if got := thief.Open(v.url); got != http.StatusUnauthorized {
		t.Errorf("thief's page: %d", got)
	}
	if n := len(v.guard.sessions.of); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

func TestExpiredLink(t *testing.T) {
	v := newVictim(t)
	link := v.guard.Link(v.url)
	b := browse(t)
	b.Open(link)
	v.clock.forward(linkLife)
	if got := b.Follow("button"); got != http.StatusUnauthorized {
		t.Errorf("button: %d", got)
	}
	if got := b.Open(link); got != http.StatusUnauthorized || len(v.guard.sessions.of) != 0 {
		t.Errorf("link: %d, %d sessions", got, len(v.guard.sessions.of))
	}
}

func TestPreviewsLeaveTheLink(t *testing.T) {
	v := newVictim(t)
	link := v.guard.Link(v.url) + "&n=preview"
	chat := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<link rel="prefetch" href="` + link + `"><img src="` + link + `"><iframe src="` + link + `"></iframe>
<script type="speculationrules">{"prefetch": [{"urls": ["` + link + `"]}], "prerender": [{"urls": ["` + link + `"]}]}</script>
<a href="` + link + `">open</a>`))
	})
	b := browse(t)
	b.Open(chat)
	if !v.awaitArrival("preview") {
		t.Fatal("no preview reached the guard")
	}
	b.Open(link)
	b.Open(link)
	b.Open(chat)
	if got := b.Follow("a"); got != 200 {
		t.Fatalf("link: %d", got)
	}
	if got := b.Follow("button"); got != 200 || b.Text("h1") != "the dashboard" {
		t.Errorf("button: %d", got)
	}
}

// The link's page works with the keyboard, without scripts, and asks for nothing.
func TestEnterPage(t *testing.T) {
	v := newVictim(t)
	b := browse(t)
	b.Scripts(true)
	link := v.guard.Link(v.url)
	b.Open(link)
	isFavicon := func(u string) bool { return u == v.url+"/favicon.ico" }
	if got := slices.DeleteFunc(b.Requests(), isFavicon); !slices.Equal(got, []string{link}) {
		t.Errorf("requests %q", got)
	}
	if got := b.PolicyErrors(); len(got) != 0 {
		t.Errorf("content security policy: %q", got)
	}
	b.Press("Tab")
	if got := b.PressToFollow("Enter"); got != 200 || strings.Contains(b.URL(), "t=") {
		t.Errorf("after the button: %d at %s", got, b.URL())
	}
}

func TestEnterPageIsAccessible(t *testing.T) {
	v := newVictim(t)
	b := browse(t)
	b.Open(v.guard.Link(v.url))
	for _, found := range b.Axe(t) {
		t.Error(found)
	}
}

func TestNothingTellsOthersWhereSheWas(t *testing.T) {
	referers := make(chan string, 1)
	other := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			referers <- r.Header.Get("Referer")
		}
	})
	v := newVictim(t)
	b := browse(t)
	v.enter(t, b)
	browser.Eval[bool](b, `document.getElementById("out").href = "`+other+`/", true`)
	b.Follow("#out")
	if got := <-referers; got != "" {
		t.Errorf("Referer %q", got)
	}
}

func TestBackAfterLockShowsNothing(t *testing.T) {
	b := browser.Start(t, "--disable-features=Translate") // with pages kept for Back
	v := newVictim(t)
	v.enter(t, b)
	if got := b.Follow("#lock button"); got != http.StatusUnauthorized {
		t.Errorf("after lock: %d", got)
	}
	b.Back()
	if got := browser.Eval[string](b, "document.body.innerText"); strings.Contains(got, "the dashboard") {
		t.Errorf("Back shows %q", got)
	}
}
