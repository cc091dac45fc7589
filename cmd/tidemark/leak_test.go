package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"filippo.io/age"

	"tidemark/node/nodetest"
	"tidemark/node/nodetest/canary"
	"tidemark/schema/bundle"
)

// The whole way of the cases of one member of four, over TCP: mapped and taken, released,
// announced, carried by a stick, taken back by a notice; with errors, pages, exports and
// a restart. Each of their texts is a canary, and none of them may come out anywhere in
// any form. Then the harness has to find what is planted on purpose.
//
// `cases check` is left out: it shows her who asks which words of her own file no spelling
// covers, and nobody else.
//
// 200 cases; TIDEMARK_LEAK=full: 1,000.
func TestNothingLeaks(t *testing.T) {
	cases, pages := 200, 120
	if os.Getenv("TIDEMARK_LEAK") == "full" {
		cases, pages = 1000, 600
	}
	t.Setenv("PATH", binary(t)+string(filepath.ListSeparator)+os.Getenv("PATH"))
	w := newLeakWorld(t, cases)
	w.writeExport(t)
	if w.used != leakTexts*cases {
		t.Fatalf("%d canaries for %d cases", w.used, cases)
	}
	w.live(t)
	w.look(t, pages)
	w.restart(t)
	w.close()
	w.heardAndHeld(t)

	planted := len(leakPlants)
	search, first := canary.For(w.used+planted), w.used
	size := 0
	for _, tap := range leakTaps {
		all, err := tap.read(w)
		must(t, err)
		if len(all) == 0 {
			t.Errorf("%s: nothing was tapped", tap.name)
		}
		for name, text := range all {
			size += len(text)
			for _, hit := range search.In(text) {
				t.Errorf("%s, %.60s: %v", tap.name, name, hit)
			}
		}
	}
	t.Logf("%d canaries, %d taps, %d streams, %d addresses, %d bytes", w.used, len(leakTaps), len(w.heard.Said()), len(w.answers), size)
	for i, p := range leakPlants {
		t.Run(p.tap+" "+p.form, func(t *testing.T) {
			must(t, p.plant(w, canary.Text(first+i)))
			if !slices.Contains(w.hits(t, search, p.tap), canary.Hit{Canary: first + i, Form: p.form}) {
				t.Error("planted, and not found")
			}
		})
	}
}

// live is what an organisation does in a year, by its commands.
func (w *leakWorld) live(t *testing.T) {
	t.Helper()
	took := w.done(t, "cases", "import", "--mapping", "m.yaml", "cases.csv")
	if !strings.Contains(took, fmt.Sprintf("%d added", w.cases)) {
		t.Fatalf("not all were taken: %s", took)
	}
	w.provoke(t, 50)
	must(t, os.WriteFile(w.file("exports", "gone.txt"), []byte(canary.Text(0)+"\n"), 0o600))
	if out := w.done(t, "cases", "withdraw", "--case-file", "gone.txt"); !strings.Contains(out, "Withdrew 1 ") {
		t.Errorf("withdraw: %s", out)
	}
	for _, m := range w.members[1:] {
		if _, err := m.node.Settle(t.Context(), time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	if out := w.done(t, "release", "publish", "--wait", "60s"); strings.Count(out, "Released ") != 3 {
		t.Fatalf("not three releases: %s", out)
	}
	id := regexp.MustCompile(`"id": "([0-9a-f]+)"`).FindStringSubmatch(w.done(t, "release", "list", "--member", "amber-lark", "--json"))[1]
	status, out := w.run(t, "release", "notice", id, "--reason", "wrong-mapping")
	w.until(t, "a notice", func() bool {
		if status != exitDone { // the witnesses were asked
			status, out = w.run(t, "release", "notice", id, "--reason", "wrong-mapping")
		}
		return status == exitDone
	})
	if !strings.Contains(out, "not to rely on") {
		t.Errorf("notice: %s", out)
	}
	w.until(t, "everybody holds the same", func() bool {
		return !slices.ContainsFunc(w.members, func(m *leakMember) bool {
			return m.node.Feeds().Digest() != w.members[0].node.Feeds().Digest()
		})
	})
	w.export(t, id)
}

// export writes and prints everything that leaves by hand.
func (w *leakWorld) export(t *testing.T, id string) {
	t.Helper()
	w.done(t, "bundle", "export", w.file("out", "a.bundle"))
	b := w.members[1].node
	sealed, err := os.ReadFile(w.file("out", "a.bundle"))
	must(t, err)
	if taken, err := b.Import(t.Context(), sealed); err != nil || taken.Refused > 0 {
		t.Errorf("bundle: %+v, %v", taken, err)
	}
	var back bytes.Buffer
	must(t, b.Export(&back))
	must(t, os.WriteFile(w.file("out", "b.bundle"), back.Bytes(), 0o600))
	w.done(t, "bundle", "import", w.file("out", "b.bundle"))
	for i, args := range []string{
		"trends --format csv", "trends --format json", "trends --table region", "changes --period 2026-Q2", "changes --period 2026-Q2 --json",
		"status", "status --json", "plan show", "coalition show", "release list", "release show " + id,
		"release preview --period 2026-Q4", "cases board --period 2026-Q2", "cases board --period 2026-Q2 --table region --json", "dashboard",
	} {
		out := w.done(t, strings.Fields(args)...)
		must(t, os.WriteFile(w.file("out", fmt.Sprint(i, ".txt")), []byte(out), 0o600))
	}
}

// restart closes the member's node and opens it again.
func (w *leakWorld) restart(t *testing.T) {
	t.Helper()
	w.stop()
	a := w.members[0]
	must(t, a.node.Close())
	a.open(t)
	must(t, a.node.Start(t.Context()))
	w.serve(t)
	if out := w.done(t, "cases", "import", "--mapping", "m.yaml", "cases.csv"); !strings.Contains(out, "1 left out: withdrawn") {
		t.Errorf("the same file once more: %s", out)
	}
	w.done(t, "status")
	w.look(t, 20)
}

// heardAndHeld holds the taps against what must be there: else nothing found means nothing.
func (w *leakWorld) heardAndHeld(t *testing.T) {
	t.Helper()
	for _, want := range []struct{ tap, text string }{
		{"streams", "north-wind"}, {"streams", "\nsalt "}, {"streams", "/catchup/"}, {"told", "active members"}, {"commands", "refused"},
		{"commands", "PERIOD"}, {"answers", "threat_type"}, {"answers", "</svg>"}, {"answers", "tidemark_"}, {"exports", "m49_419"},
		{"bundles", "\nsalt "}, {"own folder", "amber-lark"}, {"others' folders", "\nsalt "}, {"others' stores", "\nsalt "},
	} {
		all, err := leakTaps[slices.IndexFunc(leakTaps, func(l leakTap) bool { return l.name == want.tap })].read(w)
		must(t, err)
		found := false
		for _, text := range all {
			found = found || bytes.Contains(text, []byte(want.text))
		}
		if !found {
			t.Errorf("%s: does not hold %q", want.tap, want.text)
		}
	}
}

// hits is what a search finds at a tap.
func (w *leakWorld) hits(t *testing.T, s *canary.Search, name string) (hits []canary.Hit) {
	t.Helper()
	for _, tap := range leakTaps {
		if tap.name != name {
			continue
		}
		all, err := tap.read(w)
		must(t, err)
		for _, text := range all {
			hits = append(hits, s.In(text)...)
		}
	}
	return hits
}

// sayReleaseWith sends a release that was heard once more, with something else in it, in
// two packets that part in the middle of that.
func (w *leakWorld) sayReleaseWith(pattern, text string) error {
	for _, said := range w.heard.Said() {
		at := regexp.MustCompile(pattern).FindIndex(said)
		if at != nil && bytes.Contains(said, []byte("\nsalt ")) {
			hear := w.heard.Stream()
			hear(append(said[:at[0]:at[0]], text[:len(text)/2]...))
			hear(append([]byte(text[len(text)/2:]), said[at[1]:]...))
			return nil
		}
	}
	return fmt.Errorf("no release was heard")
}

// leakPlants are leaks on purpose: each puts one text out at one place in one form.
var leakPlants = []struct {
	tap, form string
	plant     func(w *leakWorld, text string) error
}{
	{"streams", "raw", func(w *leakWorld, text string) error { // a name for a code
		return w.sayReleaseWith("threat_type", text)
	}},
	{"streams", "SHA-256 in hex", func(w *leakWorld, text string) error { // a name behind a hash, as a salt
		return w.sayReleaseWith("(?m)^salt [0-9a-f]+$", fmt.Sprintf("salt %x", sha256.Sum256([]byte(text))))
	}},
	{"logs", "JSON", func(_ *leakWorld, text string) error {
		slog.Warn("a row was refused", "case", text)
		return nil
	}},
	{"told", "base64 at 2", func(w *leakWorld, text string) error {
		w.members[0].cfg.Told("import: " + base64.StdEncoding.EncodeToString([]byte("id"+text)))
		return nil
	}},
	{"commands", "URL", func(w *leakWorld, text string) error {
		(&app{stderr: w.said}).fail(fmt.Errorf("intake: open %s: no such file", url.QueryEscape(text)))
		return nil
	}},
	{"answers", "JSON", func(w *leakWorld, text string) error {
		leaky := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(rw).Encode(map[string]string{"unlisted": text})
		}))
		defer leaky.Close()
		_, err := w.fetch(leaky.Client(), leaky.URL, "/api/v1/planted")
		return err
	}},
	{"exports", "CSV", func(w *leakWorld, text string) error {
		return os.WriteFile(w.file("out", "planted.csv"), []byte(line("2026-Q1", text, "12")), 0o600)
	}},
	{"bundles", "hex", func(w *leakWorld, text string) error {
		to, err := age.ParseX25519Identity(w.members[1].identity)
		if err != nil {
			return err
		}
		var sealed bytes.Buffer
		b := bundle.Bundle{Notes: [][]byte{[]byte("note " + hex.EncodeToString([]byte(text)) + "\n")}}
		if err := bundle.Seal(&sealed, b, to.Recipient().String()); err != nil {
			return err
		}
		return os.WriteFile(w.file("out", "planted.bundle"), sealed.Bytes(), 0o600)
	}},
	{"temp folder", "UTF-16LE", func(w *leakWorld, text string) error {
		var b []byte
		for _, u := range utf16.Encode([]rune(text)) {
			b = append(b, byte(u), byte(u>>8))
		}
		return os.WriteFile(w.file("tmp", "sheet1.xml"), b, 0o600)
	}},
	{"own folder", "reversed", func(w *leakWorld, text string) error {
		runes := []rune(text)
		slices.Reverse(runes)
		return appendTo(filepath.Join(w.members[0].cfg.Dir, "config.yaml"), "title: "+string(runes)+"\n")
	}},
	{"own vault", "SHA-256", func(w *leakWorld, text string) error { // a key that is no keyed hash
		sum := sha256.Sum256([]byte(text))
		return appendTo(filepath.Join(w.members[0].cfg.Dir, "vault", "journal"), string(sum[:]))
	}},
	{"others' folders", "lower", func(w *leakWorld, text string) error {
		return appendTo(filepath.Join(w.members[2].cfg.Dir, "vault", "feed"), strings.ToLower(text))
	}},
	{"others' stores", "HEX", func(w *leakWorld, text string) error { // overwritten since
		dir := filepath.Join(w.members[3].cfg.Dir, "feeds")
		if err := nodetest.Store(dir, []byte("parcel"), fmt.Appendf(nil, "%X", text)); err != nil {
			return err
		}
		return nodetest.Store(dir, []byte("parcel"), []byte("nothing"))
	}},
}

func appendTo(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteString(text)
	return err
}
