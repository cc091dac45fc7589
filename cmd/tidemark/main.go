package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"tidemark/aggregation/noise"
	"tidemark/node"
	"tidemark/node/link"
)

// noiseChild is the one word that makes this program the child that draws noise: it
// reads what is asked, answers, and ends. It sees no data, no folder and no key.
const noiseChild = "noise-child"

// storeProbe makes it the child that opens a store first: see node.Config.Probe.
const storeProbe = "store-probe"

// clock is the machine's; workFactor is scrypt's for new passphrases, 0 for the vault's
// own. The tests' binary lives through years in seconds by them.
var (
	clock      = time.Now
	workFactor = 0
)

func main() {
	noise.Quiet()
	if len(os.Args) == 2 && os.Args[1] == noiseChild {
		os.Exit(drawNoise(os.Stdin, os.Stdout, os.Stderr))
	}
	if len(os.Args) == 2 && os.Args[1] == storeProbe {
		os.Exit(node.ProbeStore(os.Stdin))
	}
	link.QuietLogs(slog.DiscardHandler)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(command(ctx, os.Args[1:]))
}

func drawNoise(r io.Reader, w, stderr io.Writer) int {
	if err := noise.Serve(r, w); err != nil {
		fmt.Fprintln(stderr, err)
		return exitRefused
	}
	return exitDone
}

// probe is the command of the child that opens a store first.
func probe() []string {
	self, err := os.Executable()
	if err != nil {
		return nil // then damage ends this process, with words that are not ours
	}
	return []string{self, storeProbe}
}

// command carries out what was typed, here or in the node that holds the folder.
func command(ctx context.Context, args []string) int {
	cwd, err := os.Getwd()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return exitRefused
	}
	a := &app{ctx: ctx, cwd: cwd, stdout: os.Stdout, stderr: os.Stderr, stdin: os.Stdin}
	return a.execute(args)
}
