package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestMain makes the test binary stand in for the real one: under the name tidemark, or
// as the child that draws noise.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "tidemark" || len(os.Args) == 2 && (os.Args[1] == noiseChild || os.Args[1] == storeProbe) {
		otherClock()
		main()
		return
	}
	os.Exit(m.Run())
}

// otherClock lets a script set the time (TIDEMARK_TEST_CLOCK), and spares it the minutes
// that passphrases take.
func otherClock() {
	workFactor = 10
	at, err := time.Parse(time.RFC3339, os.Getenv("TIDEMARK_TEST_CLOCK"))
	if err == nil {
		started := time.Now()
		clock = func() time.Time { return at.Add(time.Since(started)) }
	}
}

// binary puts a tidemark into a folder and returns the folder.
func binary(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(self, filepath.Join(bin, "tidemark")); err != nil {
		t.Fatal(err)
	}
	return bin
}
