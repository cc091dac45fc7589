package vault

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"tidemark/aggregation/noise"
	"tidemark/schema/mapping"
)

var errBroken = errors.New("broken")

// broken is a noise child that does not answer.
type broken struct{}

func (broken) Noise(context.Context, []noise.Ask) ([][]int64, error) { return nil, errBroken }

// copied is the config of a copy of a closed vault.
func copied(t testing.TB, cfg Config) Config {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "vault")
	must(t, os.CopyFS(dir, os.DirFS(cfg.Dir)))
	cfg.Dir = dir
	return cfg
}

func filesUnder(t testing.TB, dir string) (names []string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	}))
	return names
}

func readFile(t testing.TB, v *Vault, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(v.cfg.Dir, name))
	must(t, err)
	return b
}

// fault fails one durable step: the one whose number at comes to 0. It is left undone,
// or done and reported as failed.
type fault struct {
	at   int
	done bool
	step string // the one that failed
	seen int
}

func (f *fault) hook(step string, do func() error) error {
	f.seen++
	if f.at--; f.at != -1 {
		return do()
	}
	f.step = step
	if f.done {
		if err := do(); err != nil {
			return err
		}
	}
	return errBroken
}

// story is a vault's life, told by a caller who tries again what has failed, with the
// same vault or with one that is opened anew.
type story struct {
	t       *testing.T
	v       *Vault
	g       *gathering
	reopen  bool
	failed  int
	steps   int
	intents map[string][]byte
}

func (s *story) do(what string, op func() error) {
	s.t.Helper()
	for range 3 {
		err := op()
		if err == nil {
			return
		}
		s.failed++
		if !errors.Is(err, errBroken) {
			s.t.Fatalf("%s: %v", what, err)
		}
		if s.reopen {
			must(s.t, s.v.Close())
			v, err := Open(s.v.cfg, cheap)
			if errors.Is(err, errBroken) {
				v, err = Open(s.v.cfg, cheap)
			}
			must(s.t, err)
			s.v = v
		}
	}
	s.t.Fatalf("%s: failed three times", what)
}

func (s *story) step(p string) {
	s.t.Helper()
	s.do("step "+p, func() error {
		progress, err := s.g.step(s.v, s.g.due(p))
		if err != nil {
			return err
		}
		if known, ok := s.intents[p]; ok && !slices.Equal(known, progress.Intent) {
			s.t.Fatalf("%s: drawn twice", p)
		}
		s.intents[p] = progress.Intent
		return nil
	})
}

func (s *story) publish(p string) {
	s.t.Helper()
	s.do("publish "+p, func() error {
		_, err := s.g.publish(s.v, s.g.due(p), s.intents[p])
		return err
	})
}

func (s *story) tell() {
	s.t.Helper()
	take := func(cs ...mapping.Case) {
		s.t.Helper()
		s.do("import", func() error {
			_, err := s.v.Import(background, "id", these(cs...))
			return err
		})
		if _, err := s.v.Stats(background); err != nil {
			s.t.Errorf("imported, but %v", err)
		}
	}
	s.do("declare", func() error { _, err := s.v.Declare(background, s.g.st); return err })
	take(aCase("c1", "p1", "2026-02-01"), aCase("c2", "p2", "2026-02-02"), aCase("c3", "p3", "2026-05-01"))
	s.step("2026-Q1")
	s.publish("2026-Q1")
	take(aCase("c1", "p1", "2026-05-05", 1, 1, 1), aCase("c3", "p9", "2026-05-02", 1, 0, 0), aCase("c4", "p4", "2026-05-03"))
	s.step("2026-Q2")
	s.step("2026-Q3")
	s.do("withdraw", func() error { _, err := s.v.Withdraw(background, Withdrawal{Person: "p2"}); return err })
	if k := openKeys(s.t, s.v.cfg); len(k.Store) != 1 || k.Store[0].Epoch < 2 || s.v.half {
		s.t.Errorf("withdrawn, but the old key is still there")
	}
	take(aCase("c5", "p5", "2026-08-01"), aCase("c2", "p2", "2026-02-02"))
	s.step("2026-Q2")
	s.publish("2026-Q2")
	s.publish("2026-Q3")
	_, id := s.v.Head()
	s.do("notice", func() error { _, err := s.g.notice(s.v, id, "wrong-source"); return err })
}

// Every durable step of a vault's life fails once, lost or done but reported lost, and
// the caller tries again with the same vault or a reopened one: the end is always the
// same. In short mode every seventh step.
func TestEveryDurableStepMayFail(t *testing.T) {
	first := opened(t, made(t))
	g := gather(t, first, smallPlan("2026-Q1"), "north-wind", "south-wind")
	must(t, first.Close())
	run := func(t *testing.T, f *fault, reopen bool) *story {
		cfg := copied(t, first.cfg)
		v := opened(t, cfg)
		f.seen = 0
		v.cfg.hook, v.disk.hook, v.cases.disk.hook, v.journal.disk.hook, v.feed.disk.hook = f.hook, f.hook, f.hook, f.hook, f.hook
		s := &story{t: t, v: v, g: g, reopen: reopen, intents: map[string][]byte{}}
		s.tell()
		s.steps, f.at = f.seen, -1
		s.v = reopened(t, s.v)
		return s
	}
	plain := &fault{at: -1}
	want := run(t, plain, false)
	wantLive, wantFeed := live(t, want.v), feedOf(t, want.v)
	if len(wantFeed) != 5 || len(wantLive) != 4 || want.steps < 60 {
		t.Fatalf("the story itself: %d places, %d cases, %d steps", len(wantFeed), len(wantLive), want.steps)
	}
	every := 1
	if testing.Short() {
		every = 7
	}
	for at := 0; at < want.steps; at += every {
		for mode := range 4 {
			f := &fault{at: at, done: mode&1 != 0}
			s := run(t, f, mode&2 != 0)
			name := f.step
			if s.failed != 1 {
				t.Errorf("step %d %s: %d operations failed, want 1", at, name, s.failed)
			}
			if got := live(t, s.v); !reflect.DeepEqual(got, wantLive) {
				t.Errorf("step %d %s, done %v, reopened %v: other cases", at, name, f.done, s.reopen)
			}
			feed := feedOf(t, s.v)
			for i := range feed {
				if i > 0 && i < 4 && !reflect.DeepEqual(releaseOf(t, feed[i]).Tables, releaseOf(t, wantFeed[i]).Tables) {
					t.Errorf("step %d %s: other counts in place %d", at, name, i+1)
				}
			}
			if l := s.v.Ledger(); l.Total() != 3*48_000_000 || len(feed) != len(wantFeed) {
				t.Errorf("step %d %s: charged %d, %d places", at, name, l.Total(), len(feed))
			}
			if k := openKeys(t, s.v.cfg); len(k.Store) != 1 {
				t.Errorf("step %d %s: the old key is still there", at, name)
			}
			must(t, s.v.Close())
		}
	}
	t.Logf("%d durable steps", want.steps)
}

// After a failed sync the system may have dropped what it could not write and say that
// all is well: so both files are written anew before anything goes on.
func TestAFailedSyncIsNotTrusted(t *testing.T) {
	for _, name := range []string{journalName, feedName} {
		v, g := shore(t)
		p := stepped(t, v, g, "2026-Q1")
		var steps []string
		hook := func(step string, do func() error) error {
			steps = append(steps, step)
			if step == "sync "+name && !slices.Contains(steps[:len(steps)-1], step) {
				return errBroken
			}
			return do()
		}
		v.disk.hook, v.journal.disk.hook, v.feed.disk.hook = hook, hook, hook
		if _, err := g.publish(v, g.due("2026-Q1"), p.Intent); !errors.Is(err, errBroken) {
			t.Fatalf("%s: %v", name, err)
		}
		_, err := g.publish(v, g.due("2026-Q1"), p.Intent)
		must(t, err)
		for _, want := range []string{"rename " + journalName, "rename " + feedName} {
			if !slices.Contains(steps, want) {
				t.Errorf("%s: no %q in %q", name, want, steps)
			}
		}
	}
}
