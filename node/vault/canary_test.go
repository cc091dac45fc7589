package vault

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidemark/node/nodetest/canary"
	"tidemark/schema"
	"tidemark/schema/mapping"
)

// leaks looks for the first so many canaries, in every form, in every file under dir.
func leaks(t *testing.T, dir string, s *canary.Search) (found []string) {
	t.Helper()
	for _, name := range filesUnder(t, dir) {
		b, err := os.ReadFile(name)
		must(t, err)
		for _, hit := range s.In(b) {
			found = append(found, filepath.Base(name)+": "+hit.String())
		}
	}
	return found
}

// 60 canaries as case ids and person ids, every operation of a vault's life, a stage that
// a crash has left: no file holds any of them in any form.
func TestNoFileHoldsACase(t *testing.T) {
	v, g := shore(t)
	search := canary.For(60)
	var cs []mapping.Case
	for i := range 30 {
		cs = append(cs, aCase(canary.Text(2*i), canary.Text(2*i+1), "2026-02-01"))
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
	if found := leaks(t, v.cfg.Dir, search); found != nil {
		t.Errorf("found while open: %v", found)
	}
	v.cases.disk.hook = nil
	must(t, v.Close())
	if found := leaks(t, v.cfg.Dir, search); found != nil {
		t.Errorf("found: %v", found)
	}
}

// Every error that cases can provoke, and everything that prints: no id, person or key.
func TestNoErrorHoldsACase(t *testing.T) {
	v, g := shore(t)
	id, person := canary.Text(100), canary.Text(101)
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
	search := canary.For(102)
	for _, text := range said {
		if hits := search.In([]byte(text)); len(hits) > 0 {
			t.Errorf("an error or a printed value holds %v", hits)
		}
		for _, secret := range []string{string(key), fmt.Sprint(v.keys.Seed), v.keys.Box, fmt.Sprintf("%x", key), cheap.Passphrase} {
			if strings.Contains(text, secret) {
				t.Errorf("an error or a printed value holds a secret: %d characters", len(text))
			}
		}
	}
}
