package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"tidemark/node"
	"tidemark/schema"
	"tidemark/schema/wire"
)

// screenText is what a command has printed so far.
type screenText struct {
	mu   sync.Mutex
	text bytes.Buffer
	come chan struct{} // one more write
}

func newScreenText() *screenText { return &screenText{come: make(chan struct{}, 1)} }

func (s *screenText) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.come <- struct{}{}:
	default:
	}
	return s.text.Write(b)
}

func (s *screenText) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// await waits for a text on the screen and returns its first match.
func (s *screenText) await(t *testing.T, pattern string) string {
	t.Helper()
	find := regexp.MustCompile(pattern)
	for late := time.After(time.Minute); ; {
		if m := find.FindStringSubmatch(s.String()); m != nil {
			return m[len(m)-1]
		}
		select {
		case <-s.come:
		case <-late:
			t.Fatalf("never said %s: %s", pattern, s)
		}
	}
}

const setupPassphrase = "five words that nobody guesses"

// typed runs a command to its end and returns what it printed.
func typed(t *testing.T, dir string, args ...string) string {
	t.Helper()
	pass := filepath.Join(t.TempDir(), "pass")
	if err := os.WriteFile(pass, []byte(setupPassphrase+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	a := &app{ctx: t.Context(), cwd: dir, stdout: &out, stderr: &out}
	if code := a.execute(append([]string{"--dir", dir, "--passphrase-file", pass}, args...)); code != exitDone {
		t.Fatalf("%q: exit %d: %s", args, code, &out)
	}
	return out.String()
}

// shortDir is a folder whose socket's path is short enough.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "set")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "n")
}

// surfer is somebody who sets a node up in a browser.
type surfer struct {
	t      *testing.T
	dir    string
	base   string
	client *http.Client
	screen *screenText
	stop   func() int // what holds the folder; returns its exit status
}

// opens types tidemark and follows the link that it prints.
func opens(t *testing.T, dir string) *surfer {
	t.Helper()
	s := &surfer{t: t, dir: dir, screen: newScreenText()}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() {
		a := &app{ctx: ctx, cwd: "/", stdout: s.screen, stderr: s.screen}
		ended <- a.execute([]string{"--dir", dir, "--dashboard", "127.0.0.1:0"})
	}()
	s.stop = sync.OnceValue(func() int { cancel(); return <-ended })
	t.Cleanup(func() { s.stop() })
	link := s.screen.await(t, `Pages: (\S+)`)
	s.base, _, _ = strings.Cut(link, "/enter")
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.client = &http.Client{Jar: jar}
	s.enters(strings.TrimPrefix(link, s.base))
	return s
}

// enters presses the one button of a link's page.
func (s *surfer) enters(path string) (where string) {
	s.t.Helper()
	u, err := url.Parse(path)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.posts("/enter", url.Values{"t": {u.Query().Get("t")}, "next": {"/"}})
}

// posts sends a form and returns where it has led.
func (s *surfer) posts(path string, form url.Values) (where string) {
	s.t.Helper()
	return s.sends(path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

func (s *surfer) sends(path, kind string, body io.Reader) (where string) {
	s.t.Helper()
	r, err := http.NewRequest(http.MethodPost, s.base+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Origin", s.base)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: status %d, %v", path, answer.StatusCode, err)
	}
	if strings.Contains(string(page), setupPassphrase) {
		s.t.Errorf("%s: the passphrase stands on the page", path)
	}
	if at := bytes.Index(page, []byte(`role="alert"`)); at >= 0 {
		s.t.Errorf("%s: %s", path, page[at:min(at+500, len(page))])
	}
	return answer.Request.URL.RequestURI()
}

func (s *surfer) gets(path string) (status int, page string) {
	s.t.Helper()
	answer, err := s.client.Get(s.base + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// uploads sends fields and files, in order: name, file name or nothing, text.
func (s *surfer) uploads(path string, parts ...[3]string) (where string) {
	s.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for _, p := range parts {
		create := form.CreateFormField
		if p[1] != "" {
			create = func(field string) (io.Writer, error) { return form.CreateFormFile(field, p[1]) }
		}
		w, err := create(p[0])
		if err == nil {
			_, err = io.WriteString(w, p[2])
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		s.t.Fatal(err)
	}
	return s.sends(path, form.FormDataContentType(), &b)
}

// makes goes the first two steps.
func (s *surfer) makes(slug string) {
	s.t.Helper()
	s.posts("/setup/who", url.Values{"title": {"Casa Segura"}, "language": {"es"}, "slug": {slug}})
	if at := s.posts("/setup/passphrase", url.Values{"passphrase": {setupPassphrase}, "again": {setupPassphrase}}); at != "/setup/coalition" {
		s.t.Fatalf("after the passphrase: %s", at)
	}
}

func (s *surfer) takesIn(mapping, export string) {
	s.t.Helper()
	s.uploads("/setup/check", [3]string{"source", "", "own"}, [3]string{"mapping", "m.yaml", mapping}, [3]string{"export", "e.csv", export})
	if _, page := s.gets("/setup/cases"); !strings.Contains(page, "/setup/take") {
		s.t.Fatal("the check does not offer to take the cases in")
	}
	s.posts("/setup/take", nil)
}

// finishes starts the node and enters its pages.
func (s *surfer) finishes() {
	s.t.Helper()
	first := s.posts("/setup/done", nil)
	second := s.posts("/setup/done", nil) // a double click
	if !strings.HasPrefix(first, "/enter?t=") || !strings.HasPrefix(second, "/enter?t=") || first == second {
		s.t.Errorf("the end leads to %s and %s", first, second)
	}
	if at := s.enters(second); at != "/" {
		s.t.Errorf("the link leads to %s", at)
	}
	s.screen.await(s.t, `(\S+ runs)\.`)
	if status, _ := s.gets("/setup/done"); status != http.StatusNotFound {
		s.t.Errorf("the setup is still there: %d", status)
	}
}

// ended is how a node stands whose process has ended.
type ended struct {
	settings node.Settings
	cases    int
	name     schema.Slug
	plan     schema.Hash
	active   int
}

func lookAt(t *testing.T, dir string) ended {
	t.Helper()
	n, err := node.Open(t.Context(), node.Config{Dir: dir, Unlock: node.Unlock{Passphrase: setupPassphrase}})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	stats, err := n.Vault().Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := ended{settings: n.Settings(), cases: stats.Cases}
	if st := n.State(); st != nil {
		out.name, out.plan, out.active = st.Charter().Name, wire.PlanHash(st.Charter().Plan), st.Roster().Active()
	}
	return out
}

const smallMapping = `name: small
format: csv
person: {id: who}
case: {id: id}
date: {column: day, formats: [iso]}
dimensions:
  threat_type: {column: what, default: unknown, unmapped: other, values: {doxing: [dox]}}
absent: {gender: not_recorded, attribution_confidence: not_assessed, online_offline_link: not_assessed, link_evidence: not_assessed, platform_response_time: not_applicable_unknown, defender_gender: not_recorded}
`

const smallExport = "id,who,day,what\n1,a,2025-02-03,dox\n2,b,2025-03-04,dox\n3,c,,dox\n"

// Two members set themselves up in a browser, two others by the commands, with the same
// answers: they end up the same.
func TestTheSetupDoesWhatTheCommandsDo(t *testing.T) {
	files := t.TempDir()
	for name, text := range map[string]string{"m.yaml": smallMapping, "e.csv": smallExport} {
		if err := os.WriteFile(filepath.Join(files, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	in := func(name string) string { return filepath.Join(files, name) }

	founder, joiner := opens(t, shortDir(t)), opens(t, shortDir(t))
	founder.makes("calm-tern")
	founder.posts("/setup/plan", url.Values{"people": {"1000\n700\n500"}, "first": {"2025-Q1"}, "name": {"river-ford"}})
	founder.posts("/setup/found", nil)
	founder.takesIn(smallMapping, smallExport)
	founder.finishes()

	joiner.makes("kind-reed")
	_, request := joiner.gets("/setup/request")
	if err := os.WriteFile(in("request"), []byte(request), 0o600); err != nil {
		t.Fatal(err)
	}
	typed(t, founder.dir, "coalition", "admit", in("request"), "-o", in("invitation"), "--words", wordsOf(t, joiner.dir, in("request"))) // over the socket
	invitation, err := os.ReadFile(in("invitation"))
	if err != nil {
		t.Fatal(err)
	}
	joiner.uploads("/setup/join", [3]string{"words", "", wordsOf(t, founder.dir, in("invitation"))}, [3]string{"invitation", "invitation", string(invitation)})
	joiner.takesIn(smallMapping, smallExport)
	joiner.finishes()
	for _, s := range []*surfer{founder, joiner} {
		if code := s.stop(); code != exitDone {
			t.Errorf("exit %d: %s", code, s.screen)
		}
	}

	a, b := shortDir(t), shortDir(t)
	typed(t, a, "init", "--slug", "calm-tern", "--title", "Casa Segura")
	typed(t, a, "coalition", "create", "--name", "river-ford", "--people", "1000,700,500", "--first", "2025-Q1")
	typed(t, a, "cases", "import", "--mapping", in("m.yaml"), in("e.csv"))
	typed(t, b, "init", "--slug", "kind-reed", "--title", "Casa Segura")
	typed(t, b, "coalition", "request", "-o", in("b.request"))
	typed(t, a, "coalition", "admit", in("b.request"), "-o", in("b.invitation"), "--words", wordsOf(t, b, in("b.request")))
	typed(t, b, "coalition", "join", in("b.invitation"), "--words", wordsOf(t, a, in("b.invitation")))
	typed(t, b, "cases", "import", "--mapping", in("m.yaml"), in("e.csv"))

	for _, pair := range [][2]string{{founder.dir, a}, {joiner.dir, b}} {
		have, want := lookAt(t, pair[0]), lookAt(t, pair[1])
		want.settings.Language = "es" // init has no flag for it
		if fmt.Sprintf("%+v", have) != fmt.Sprintf("%+v", want) {
			t.Errorf("by the pages %+v\nby the commands %+v", have, want)
		}
		if have.cases != 2 || have.active != 2 {
			t.Errorf("have %+v, want 2 cases and 2 members", have)
		}
	}
}

// What does not come through the guard changes nothing.
func TestTheSetupIsGuarded(t *testing.T) {
	s := opens(t, shortDir(t))
	form := url.Values{"passphrase": {setupPassphrase}, "again": {setupPassphrase}}.Encode()
	for name, c := range map[string]struct {
		client *http.Client
		header map[string]string
		host   string
		want   int
	}{
		"without a session": {http.DefaultClient, nil, "", http.StatusUnauthorized},
		"another origin":    {s.client, map[string]string{"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}, "", http.StatusForbidden},
		"another host":      {s.client, nil, "evil.example", http.StatusMisdirectedRequest},
	} {
		r, err := http.NewRequest(http.MethodPost, s.base+"/setup/passphrase", strings.NewReader(form))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for k, v := range c.header {
			r.Header.Set(k, v)
		}
		r.Host = c.host
		answer, err := c.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != c.want {
			t.Errorf("%s: status %d, want %d", name, answer.StatusCode, c.want)
		}
	}
	if entries, err := os.ReadDir(s.dir); err != nil || len(entries) != 1 || entries[0].Name() != "control.sock" {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}

// A link that was lost can be had again, before there is a node and after.
func TestTheWayBackIntoTheSetup(t *testing.T) {
	s := opens(t, shortDir(t))
	for range 2 {
		link := strings.TrimSpace(typed(t, s.dir, "dashboard"))
		if at := s.enters(strings.TrimPrefix(link, s.base)); !strings.HasPrefix(at, "/setup/") {
			t.Errorf("a fresh link leads to %s", at)
		}
		if out := typed(t, s.dir, "open"); !strings.Contains(out, s.base+"/enter") {
			t.Errorf("a second tidemark says %s", out)
		}
		if s.base != "" && !strings.Contains(typed(t, s.dir, "dashboard"), "/enter") {
			t.Error("no link")
		}
		if made := filepath.Join(s.dir, "config.yaml"); !exists(made) {
			s.makes("calm-tern")
		}
	}
	var out bytes.Buffer
	if code := (&app{ctx: t.Context(), stdout: &out, stderr: &out}).execute([]string{"--dir", s.dir, "status"}); code != exitDone || !strings.Contains(out.String(), "calm-tern") {
		t.Errorf("status: %d %s", code, &out)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// What is uploaded rests in no file of the node's folder, neither before it is taken in
// nor after, nor in the system's folder for temporary files.
func TestUploadsRestNowhere(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	s := opens(t, shortDir(t))
	s.makes("calm-tern")
	const canary = "zq7hvmcanary"
	export := strings.ReplaceAll(smallExport, "\n", ","+canary+"\n")
	for _, then := range []string{"/setup/take", "/setup/drop"} {
		s.uploads("/setup/check", [3]string{"source", "", "own"}, [3]string{"mapping", "m.yaml", smallMapping}, [3]string{"export", "e.csv", export})
		if _, page := s.gets("/setup/cases"); !strings.Contains(page, "/setup/take") {
			t.Fatal("the check does not offer to take the cases in")
		}
		for _, when := range []string{"between check and import", "after " + then} {
			for _, dir := range []string{s.dir, temp} {
				if path := holding(t, dir, canary); path != "" {
					t.Errorf("%s the export rests in %s", when, path)
				}
			}
			s.posts(then, nil)
		}
	}
}

// holding finds a file that holds a text.
func holding(t *testing.T, dir, text string) (found string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if strings.Contains(string(b), text) {
			found = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
