package vault

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"tidemark/schema"
	"tidemark/schema/mapping"
)

// Each durable step of making a vault fails once: there is no vault then, or a whole one,
// and never one that cannot be made again or opened.
func TestCreateIsWholeOrNothing(t *testing.T) {
	count := &fault{at: -1}
	cfg := testConfig(filepath.Join(t.TempDir(), "vault"))
	cfg.hook = count.hook
	must(t, Create(cfg, ownSlug, cheap))
	for at := range count.seen {
		for _, done := range []bool{false, true} {
			f := &fault{at: at, done: done}
			cfg := testConfig(filepath.Join(t.TempDir(), "vault"))
			cfg.hook = f.hook
			if err := Create(cfg, ownSlug, cheap); !errors.Is(err, errBroken) {
				t.Fatalf("%s: %v", f.step, err)
			}
			cfg.hook = nil
			if err := Create(cfg, ownSlug, cheap); err != nil && !errors.Is(err, ErrExists) {
				t.Errorf("%s, done %v: again: %v", f.step, done, err)
			}
			must(t, opened(t, cfg).Close())
			if _, err := os.Stat(cfg.Dir + ".new"); err == nil {
				t.Errorf("%s, done %v: the unfinished folder is still there", f.step, done)
			}
		}
	}
}

// Readers, imports and draws side by side: for the race detector, and for locks that
// would wait for each other.
func TestSeveralAtOnce(t *testing.T) {
	v, g := shore(t)
	table, _ := schema.ParseTable("kind*place")
	var wg sync.WaitGroup
	run := func(f func(i int) error) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range 5 {
				if err := f(i); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	run(func(i int) error {
		_, err := v.Import(background, schema.PerID, these(batch(i)...))
		return err
	})
	run(func(i int) error {
		_, err := v.Import(background, schema.PerID, these(mapping.Case{ID: "x", Date: day("2026-02-01"), Codes: []byte{byte(i % 2), 0, 0}}))
		return err
	})
	run(func(int) error { _, err := v.Board(background, table, quarter("2026-Q1")); return err })
	run(func(int) error { _, err := v.Stats(background); return err })
	run(func(int) error {
		v.Ledger()
		v.Slots()
		v.Head()
		for _, err := range v.Feed() {
			if err != nil {
				return err
			}
		}
		_, err := v.Preview(background, g.st, g.due("2026-Q3"))
		return err
	})
	run(func(int) error {
		p, err := g.step(v, g.due("2026-Q1"))
		if err == nil {
			_, err = g.publish(v, g.due("2026-Q1"), p.Intent)
		}
		return err
	})
	run(func(i int) error {
		_, err := v.Withdraw(background, Withdrawal{Case: "3-5"})
		return err
	})
	wg.Wait()
	if asked := v.cfg.Noise.(*still).asked; asked != 1 {
		t.Errorf("drawn %d times", asked)
	}
}
