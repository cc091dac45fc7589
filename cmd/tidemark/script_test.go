package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/rogpeppe/go-internal/testscript"

	"tidemark/schema/spoken"
)

// Conversations with the command line, as text: testdata/script.
func TestScripts(t *testing.T) {
	bin := binary(t)
	testscript.Run(t, testscript.Params{
		Dir:  "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"waitfor": waitFor, "words": heardWords, "meet": meet, "signs": signs, "cases": manyCases, "reader": aReader},
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", bin+":"+e.Getenv("PATH"))
			e.Setenv("TIDEMARK_PASSPHRASE_FILE", e.WorkDir+"/pass")
			return nil
		},
	})
}

// meet lets members who are on line hear all of each other, the first of them in the
// middle: meet ROUNDS DIR DIR...
func meet(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: meet rounds dir dir...")
	}
	rounds, err := strconv.Atoi(args[0])
	ts.Check(err)
	hub := args[1]
	tidemark := func(dir string, words ...string) {
		ts.Check(ts.Exec("tidemark", append([]string{"--dir", dir}, words...)...))
	}
	for range rounds {
		for _, other := range args[2:] {
			tidemark(hub, "bundle", "export", "there.bundle")
			tidemark(other, "bundle", "trip", "there.bundle", "back.bundle")
			tidemark(hub, "bundle", "trip", "back.bundle", "there.bundle")
		}
	}
}

// signs signs the proposal of which a file holds the id: signs DIR FILE.
func signs(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: signs dir file")
	}
	id := strings.TrimSpace(ts.ReadFile(args[1]))
	ts.Check(ts.Exec("tidemark", "--dir", args[0], "coalition", "sign", id, "--yes"))
}

// heardWords keeps the eight words of a file's end in a variable: words NAME FILE.
func heardWords(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: words name file")
	}
	ts.Setenv(args[0], lastWords(ts.ReadFile(args[1])))
}

// lastWords are the eight words at the end of what was said.
func lastWords(said string) string {
	words := strings.Fields(said)
	return strings.Join(words[max(0, len(words)-spoken.Count):], "-")
}

// wordsOf are the words that a node says of a file.
func wordsOf(t *testing.T, dir, file string) string {
	t.Helper()
	return lastWords(typed(t, dir, "coalition", "words", file))
}

// waitFor waits until a file is there: waitfor FILE.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: waitfor file")
	}
	for range 600 {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s never came", args[0])
}

// manyCases writes cases.csv, with as many people as a plan is made for: cases NAME QUARTER.
func manyCases(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: cases name quarter")
	}
	quarter, err := strconv.Atoi(args[1])
	ts.Check(err)
	var b strings.Builder
	b.WriteString("id,who,day,what\n")
	for i := range 1500 {
		what := "data"
		if i%3 == 0 {
			what = "hate"
		}
		fmt.Fprintf(&b, "%[1]s-%[2]d,%[1]s-p%[2]d,2026-%02[3]d-15,%[4]s\n", args[0], i, 3*quarter-1, what)
	}
	ts.Check(os.WriteFile(ts.MkAbs("cases.csv"), []byte(b.String()), 0o600))
}

// aReader makes an age key, as a court's expert has one: reader FILE VARIABLE.
func aReader(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: reader file variable")
	}
	key, err := age.GenerateX25519Identity()
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte("# a reader\n"+key.String()+"\n"), 0o600))
	ts.Setenv(args[1], key.Recipient().String())
}
