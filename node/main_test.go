package node

import (
	"os"
	"testing"

	"tidemark/aggregation/noise"
)

// TestMain lets the test binary be the child that draws noise.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "noise-child" {
		noise.Quiet()
		if noise.Serve(os.Stdin, os.Stdout) != nil {
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}
