package badgerdb

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDamageEndsTheProbe writes so many values, and flips so many single bits.
const (
	flips     = 60
	values    = 300
	valueSize = 3000
)

// Damage is an error of Open, whichever bit it is: some would end this test's process.
func TestDamageEndsTheProbe(t *testing.T) {
	pattern := small(filepath.Join(t.TempDir(), "store"))
	s := opened(t, pattern)
	for i := range values {
		put(t, s, fmt.Sprint(i), strings.Repeat("v", valueSize))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	ends := map[string]int{}
	for range flips {
		switch err := openFlipped(t, pattern, rng); {
		case errors.Is(err, ErrDamaged):
			ends["a probe that died"]++
		case err != nil:
			ends["an error"]++
		default:
			ends["all that was written"]++
		}
	}
	if len(ends) != 3 {
		t.Errorf("flips ended with %v: the test does not reach all that can happen", ends)
	}
}

// A probe that cannot be started, or that somebody stops, says nothing about the files.
func TestAProbeThatSaysNothing(t *testing.T) {
	for name, command := range map[string][]string{"missing": {"/nowhere"}, "stopped": {"sh", "-c", "kill -KILL $$"}} {
		c := small(filepath.Join(t.TempDir(), "store"))
		c.Probe = command
		if _, err := Open(c); err == nil || errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// openFlipped opens a copy of a store in which one random bit is flipped; without an error,
// all that was written must be there.
func openFlipped(t *testing.T, c Config, rng *rand.Rand) error {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "flipped")
	if err := os.CopyFS(dir, os.DirFS(c.Dir)); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	file := files[rng.IntN(len(files))]
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b[rng.IntN(len(b))] ^= 1 << rng.IntN(8)
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	c.Dir, c.Probe = dir, []string{os.Args[0], "probe"}
	s, err := Open(c)
	if err != nil {
		return err
	}
	read := 0
	err = s.Scan(nil, func(_, value []byte) error {
		if len(value) == valueSize {
			read++
		}
		return nil
	})
	if err == nil && read != values {
		t.Errorf("a bit of %s: %d of %d values are left", filepath.Base(file), read, values)
	}
	return errors.Join(err, s.Close())
}
