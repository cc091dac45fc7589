package vault

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"tidemark/schema"
	"tidemark/schema/mapping"
)

// needles are the forms in which a text may have leaked. SHA-256 stands for an unkeyed
// hash, which anyone could reverse by trying.
func needles(text string) map[string][]byte {
	raw, hash := []byte(text), sha256.Sum256([]byte(text))
	ns := map[string][]byte{
		"raw": raw, "lower": bytes.ToLower(raw), "hex": []byte(hex.EncodeToString(raw)), "HEX": []byte(strings.ToUpper(hex.EncodeToString(raw))),
		"base32": []byte(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw))[:24],
		"sha256": hash[:12], "sha256 hex": []byte(hex.EncodeToString(hash[:12])),
	}
	for i := range 3 { // wherever it stands in what was encoded
		b := base64.StdEncoding.EncodeToString(raw[(3-i)%3 : len(raw)-2])
		ns[fmt.Sprint("base64 at ", i)] = []byte(b)[4 : len(b)-4]
	}
	var wide []byte
	for _, u := range utf16.Encode([]rune(text)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	ns["utf-16"] = wide
	return ns
}

// canary is a text that stands nowhere else, in mixed case.
func canary(i int) string {
	h := sha256.Sum256(fmt.Appendf(nil, "canary %d", i))
	return "Canary-" + base32.StdEncoding.EncodeToString(h[:15])
}

// leaks looks for every needle in every file under dir.
func leaks(t *testing.T, dir string, texts []string) (found []string) {
	t.Helper()
	for _, name := range filesUnder(t, dir) {
		b, err := os.ReadFile(name)
		must(t, err)
		for _, text := range texts {
			for form, n := range needles(text) {
				if bytes.Contains(b, n) {
					found = append(found, filepath.Base(name)+": "+form)
				}
			}
		}
	}
	return found
}

// 60 canaries as case ids and person ids, every operation of a vault's life, a stage that
// a crash has left: no file holds any of them in any form.
func TestNoFileHoldsACase(t *testing.T) {
	v, g := shore(t)
	var texts []string
	var cs []mapping.Case
	for i := range 30 {
		texts = append(texts, canary(2*i), canary(2*i+1))
		cs = append(cs, aCase(canary(2*i), canary(2*i+1), "2026-02-01"))
	}
	imported(t, v, cs...)
	releasedIn(t, v, g, "2026-Q1")
	cs[0].Codes = []byte{1, 1, 1}
	imported(t, v, cs...)
	stepped(t, v, g, "2026-Q2")
	_, err := v.Withdraw(background, Withdrawal{Case: cs[1].ID}, Withdrawal{Person: cs[2].Persons[0]})
	must(t, err)
	v.cases.disk.hook = func(step string, do func() error) error {
		if step == "store cases" {
			return errBroken
		}
		return do()
	}
	cs[3].Codes = []byte{1, 1, 1}
	if _, err := v.Import(background, schema.PerID, these(cs...)); !errors.Is(err, errBroken) {
		t.Fatal(err)
	}
	if size, err := os.Stat(filepath.Join(v.cfg.Dir, stageName)); err != nil || size.Size() == 0 {
		t.Fatalf("no stage: %v", err)
	}
	if found := leaks(t, v.cfg.Dir, texts); found != nil {
		t.Errorf("found while open: %v", found)
	}
	v.cases.disk.hook = nil
	must(t, v.Close())
	if found := leaks(t, v.cfg.Dir, texts); found != nil {
		t.Errorf("found: %v", found)
	}
	// The search itself: each form is found where it is planted.
	for form, n := range needles(texts[1]) {
		dir := t.TempDir()
		replaceFile(t, filepath.Join(dir, "planted"), append([]byte("before "), append(n, " after"...)...))
		if leaks(t, dir, texts) == nil {
			t.Errorf("a planted %s was not found", form)
		}
	}
	for i := range 3 { // base64 of a longer text, at each offset
		dir := t.TempDir()
		replaceFile(t, filepath.Join(dir, "planted"), []byte(base64.StdEncoding.EncodeToString([]byte("abc"[:i]+texts[1]+" after"))))
		if leaks(t, dir, texts) == nil {
			t.Errorf("base64 at %d was not found", i)
		}
	}
}

// Every error that cases can provoke, and everything that prints: no id, person or key.
func TestNoErrorHoldsACase(t *testing.T) {
	v, g := shore(t)
	id, person := canary(100), canary(101)
	good := aCase(id, person, "2026-02-01")
	imported(t, v, good)
	var said []string
	say := func(err error) {
		t.Helper()
		if err == nil {
			t.Error("no error")
			return
		}
		said = append(said, err.Error(), fmt.Sprintf("%+v %#v", err, err))
	}
	for _, c := range []mapping.Case{
		aCase(id, person, "2026-02-01", 9, 9, 9), aCase(id, person, "2026-02-01", 1),
		{ID: id, Persons: strings.Split(strings.Repeat(person+" ", maxPersons+2), " "), Codes: []byte{0, 0, 0}},
	} {
		_, err := v.Import(background, schema.PerID, these(c))
		say(err)
	}
	_, err := v.Withdraw(background, Withdrawal{Case: id, Person: person})
	say(err)
	// A record that was changed on the disk.
	key := recordKey(newNamer(v.keys.Hash).personKey(person), newNamer(v.keys.Hash).caseKey(id))
	b := v.cases.db.Batch()
	must(t, b.Set(key, []byte("changed, and long enough to be a value")))
	must(t, b.Flush())
	table, _ := schema.ParseTable("kind")
	_, err = v.Board(background, table, quarter("2026-Q1"))
	say(err)
	_, err = v.Stats(background)
	say(err)
	_, err = g.step(v, g.due("2026-Q1"))
	say(err)
	w, u := Withdrawal{Case: id}, Unlock{Passphrase: person}
	said = append(said, fmt.Sprintf("%v %+v %#v %s", v, v, v, v), fmt.Sprintf("%v %+v %#v", w, w, w), fmt.Sprintf("%v %+v %#v", u, u, u))
	for _, text := range said {
		for _, secret := range []string{id, person, string(key), fmt.Sprint(v.keys.Seed), v.keys.Box, fmt.Sprintf("%x", key), cheap.Passphrase} {
			if strings.Contains(text, secret) {
				t.Errorf("an error or a printed value holds a secret: %d characters", len(text))
			}
		}
	}
}
