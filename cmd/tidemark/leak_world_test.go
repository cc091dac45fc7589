package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tidemark/aggregation/planner"
	"tidemark/node"
	"tidemark/node/control"
	"tidemark/node/link"
	"tidemark/node/nodetest"
	"tidemark/node/nodetest/canary"
	"tidemark/schema"
)

// leakWorld is a coalition of four nodes on this machine, and everything that the first
// one, who has cases, gives away. What lies in exports/ is the case system's: it is not
// searched.
type leakWorld struct {
	root    string
	cases   int
	used    int // canaries that stand somewhere
	members []*leakMember
	heard   *nodetest.Overheard
	log     *heap             // every logger of the process
	told    *heap             // what nodes tell while they run
	said    *heap             // what commands print, errors above all
	answers map[string][]byte // of the pages, by address
	pages   *pages
	browser *http.Client
	stop    func() // ends the first member's pages and socket
}

// leakMember is one of them; the node is replaced when it is reopened.
type leakMember struct {
	cfg      node.Config
	node     *node.Node
	identity string // opens bundles
}

// heap collects text from several goroutines.
type heap struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (h *heap) Write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.Write(b)
}

func (h *heap) bytes() []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	return bytes.Clone(h.text.Bytes())
}

// text is a canary that stands nowhere yet.
func (w *leakWorld) text() string {
	w.used++
	return canary.Text(w.used - 1)
}

func (w *leakWorld) file(parts ...string) string {
	return filepath.Join(append([]string{w.root}, parts...)...)
}

// leakDay is late in 2026: three quarters of a plan that began with it are due.
var leakDay = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func newLeakWorld(t *testing.T, cases int) *leakWorld {
	t.Helper()
	w := &leakWorld{root: t.TempDir(), cases: cases, log: &heap{}, told: &heap{}, said: &heap{}, answers: map[string][]byte{}}
	for _, dir := range []string{"exports", "out", "tmp"} {
		must(t, os.Mkdir(w.file(dir), 0o700))
	}
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, w.file("tmp"))
	}
	w.listen(t)
	for i, slug := range []schema.Slug{"amber-lark", "quiet-heron", "north-wind", "south-wind"} {
		w.members = append(w.members, w.member(t, i, slug))
	}
	t.Cleanup(func() { w.close() })
	w.found(t)
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// listen puts a tap on whatever logs, and on the streams.
func (w *leakWorld) listen(t *testing.T) {
	before, out, flags, stderr := slog.Default(), log.Writer(), log.Flags(), os.Stderr
	t.Cleanup(func() {
		slog.SetDefault(before)
		log.SetOutput(out)
		log.SetFlags(flags)
		os.Stderr = stderr
	})
	var err error
	os.Stderr, err = os.Create(w.file("out", "stderr.txt"))
	must(t, err)
	h := slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})
	slog.SetDefault(slog.New(h))
	link.QuietLogs(h)
	w.heard = nodetest.Overhear(t)
}

func (w *leakWorld) member(t *testing.T, i int, slug schema.Slug) *leakMember {
	t.Helper()
	m := &leakMember{cfg: node.Config{
		Dir: w.file(fmt.Sprint(i)), Now: func() time.Time { return leakDay },
		Unlock: node.Unlock{Passphrase: "a long passphrase for this test", WorkFactor: 10},
		Told:   func(line string) { fmt.Fprintln(w.told, line) },
	}}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	address := fmt.Sprintf("/ip4/127.0.0.1/tcp/%d", l.Addr().(*net.TCPAddr).Port)
	must(t, l.Close())
	must(t, node.Init(m.cfg, node.Settings{Slug: slug, Listen: address, Announce: []string{address}}))
	m.open(t)
	m.identity = m.node.Vault().BoxIdentity()
	return m
}

func (m *leakMember) open(t *testing.T) {
	t.Helper()
	var err error
	m.node, err = node.Open(context.Background(), m.cfg)
	must(t, err)
}

// found makes the coalition and connects everybody.
func (w *leakWorld) found(t *testing.T) {
	t.Helper()
	ctx, admin := t.Context(), w.members[0].node
	plan, err := planner.SmallLocal(schema.Period{Year: 2026, Quarter: 1})
	must(t, err)
	must(t, admin.Found(ctx, "calm-delta", schema.Incident(), plan))
	for _, m := range w.members[1:] {
		request, err := m.node.Request()
		must(t, err)
		words, err := m.node.RequestWords()
		must(t, err)
		invitation, err := admin.Admit(ctx, request, words, schema.Period{})
		must(t, err)
		said, err := admin.InvitationWords()
		must(t, err)
		must(t, m.node.Join(ctx, invitation, said))
	}
	for _, m := range w.members {
		must(t, m.node.Start(ctx))
	}
	w.serve(t)
	w.until(t, "everybody knows everybody", func() bool {
		return !slices.ContainsFunc(w.members, func(m *leakMember) bool {
			return m.node.State().Roster().Active() < len(w.members)
		})
	})
}

// until waits, and lets everybody exchange meanwhile.
func (w *leakWorld) until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within a minute: %s", what)
		}
		for _, m := range w.members {
			_ = m.node.Sync(t.Context()) // some other one brings it
		}
	}
}

// serve starts the first member's pages and its control socket, as `tidemark run` does.
func (w *leakWorld) serve(t *testing.T) {
	t.Helper()
	n, dir := w.members[0].node, w.members[0].cfg.Dir
	flags := pagesFlags{Dashboard: "127.0.0.1:0"}
	p, err := flags.serve(dir, n, false)
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	served, err := control.Start(ctx, dir, serveCommands(n, p))
	must(t, err)
	w.pages = p
	w.stop = func() {
		cancel()
		_, _ = served(), p.close()
		w.stop = nil
	}
	w.enter(t)
}

// enter goes in through the pages' link, as a browser does.
func (w *leakWorld) enter(t *testing.T) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	w.browser = &http.Client{Jar: jar}
	token := strings.TrimPrefix(w.pages.link(), w.pages.base+"/enter?t=")
	answer, err := w.browser.PostForm(w.pages.base+"/enter", url.Values{"t": {token}, "next": {"/"}})
	must(t, err)
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("the link leads to status %d", answer.StatusCode)
	}
}

// run carries a command out over the socket, from the folder of the exports.
func (w *leakWorld) run(t *testing.T, args ...string) (status int, out string) {
	t.Helper()
	var said bytes.Buffer
	a := &app{ctx: t.Context(), cwd: w.file("exports"), stdout: &said, stderr: &said}
	status = a.execute(append([]string{"--dir", w.members[0].cfg.Dir}, args...))
	_, _ = w.said.Write(said.Bytes())
	return status, said.String()
}

// done is run for what has to work.
func (w *leakWorld) done(t *testing.T, args ...string) string {
	t.Helper()
	status, out := w.run(t, args...)
	if status != exitDone {
		t.Fatalf("%s: status %d: %s", strings.Join(args, " "), status, out)
	}
	return out
}

func (w *leakWorld) close() {
	if w.stop != nil {
		w.stop()
	}
	for _, m := range w.members {
		if m.node != nil {
			_ = m.node.Close() // a second time: what matters was said by the first
			m.node = nil
		}
	}
}

const leakMapping = `name: leak
codebook: incident
format: csv
case: {id: no}
person: {id: person}
date: {column: day, formats: [iso]}
dimensions:
  threat_type:
    column: what
    unmapped: refuse
    values: {doxing: [Doxing], phishing_lure: [Phishing], unknown: ["?"]}
  gender:
    column: gender
    values: {woman: [Woman]}
  region:
    column: place
    unmapped: unknown
    values: {m49_419: [Latin America]}
  support_need:
    columns: [note, remark]
    pick: first
    unmapped: unknown
    values: {medical: [medical]}
absent:
  attribution_confidence: not_assessed
  online_offline_link: not_assessed
  link_evidence: not_assessed
  platform_response_time: not_applicable_unknown
  defender_gender: not_recorded
`

// leakColumns are an export's: eight of text, each a canary, and three that are coded.
var leakColumns = []string{"no", "person", "name", "phone", "place", "note", "memo", "remark", "day", "what", "gender"}

const leakTexts = 8

// row is a case whose texts are canaries of their own.
func (w *leakWorld) row(i int) []string {
	var cells []string
	for range leakTexts {
		cells = append(cells, w.text())
	}
	day := leakDay.AddDate(0, 0, -320+i%260).Format("2006-01-02")
	return append(cells, day, []string{"Doxing", "Phishing", "?"}[i%3], "Woman")
}

func (w *leakWorld) writeExport(t *testing.T) {
	t.Helper()
	must(t, os.WriteFile(w.file("exports", "m.yaml"), []byte(leakMapping), 0o600))
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	must(t, out.Write(leakColumns))
	for i := range w.cases {
		must(t, out.Write(w.row(i)))
	}
	out.Flush()
	must(t, os.WriteFile(w.file("exports", "cases.csv"), b.Bytes(), 0o600))
}

// fetch asks a server for an address and keeps its answer, head and body.
func (w *leakWorld) fetch(client *http.Client, base, address string) (*http.Response, error) {
	answer, err := client.Get(base + address)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	var all bytes.Buffer
	if err := answer.Header.Write(&all); err != nil {
		return nil, err
	}
	all.Write(body)
	w.answers[address] = all.Bytes()
	return answer, err
}
