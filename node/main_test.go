package node

import (
	"fmt"
	"os"
	"testing"

	"tidemark/aggregation/noise"
)

// children are what the test binary can be besides.
var children = map[string]func(dir string) error{
	"noise-child": func(string) error {
		noise.Quiet()
		return noise.Serve(os.Stdin, os.Stdout)
	},
	"store-probe": func(string) error {
		os.Exit(ProbeStore(os.Stdin))
		return nil
	},
	"vault-child": vaultChild,
	"run-child":   runChild,
}

// TestMain lets the test binary be a child: one that draws noise, or one of the two
// processes of a vault apart.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 || children[os.Args[1]] == nil {
		os.Exit(m.Run())
	}
	if err := children[os.Args[1]](os.Args[len(os.Args)-1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
