package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// Conversations with the command line, as text: testdata/script.
func TestScripts(t *testing.T) {
	bin := binary(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", bin+":"+e.Getenv("PATH"))
			e.Setenv("TIDEMARK_PASSPHRASE_FILE", e.WorkDir+"/pass")
			return nil
		},
	})
}
