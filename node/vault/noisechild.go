package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"tidemark/aggregation/noise"
)

const noiseTimeout = time.Minute

// NoiseChild draws noise in a child process that is started for the one request and
// gets nothing but it: no data, no environment, no open file.
type NoiseChild struct {
	Command []string      // nil: this program with the argument noise-child
	Timeout time.Duration // 0: a minute
}

// Noise starts the child, asks, and waits for its end.
func (c NoiseChild) Noise(ctx context.Context, asks []noise.Ask) ([][]int64, error) {
	if c.Timeout <= 0 {
		c.Timeout = noiseTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	command, err := c.command()
	if err != nil {
		return nil, fmt.Errorf("noise child: %w", err)
	}
	child := exec.CommandContext(ctx, command[0], command[1:]...)
	child.Env = []string{} // not nil: nil would hand down ours
	child.WaitDelay = time.Second
	drawn, err := converse(child, asks)
	if err != nil {
		return nil, fmt.Errorf("noise child: %w", errors.Join(err, ctx.Err()))
	}
	return drawn, nil
}

func (c NoiseChild) command() ([]string, error) {
	if len(c.Command) > 0 {
		return c.Command, nil
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return []string{self, "noise-child"}, nil
}

// pipes is the child's standard input and output as one.
type pipes struct {
	io.Reader
	io.WriteCloser
}

func converse(child *exec.Cmd, asks []noise.Ask) ([][]int64, error) {
	in, err := child.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := child.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := child.Start(); err != nil {
		return nil, err
	}
	drawn, err := noise.Request(pipes{out, in}, asks)
	in.Close() // a child that still waits for more ends now
	if err != nil {
		child.Process.Kill() // it may have ended by itself
	}
	if err := errors.Join(err, child.Wait()); err != nil {
		return nil, err
	}
	return drawn, nil
}
