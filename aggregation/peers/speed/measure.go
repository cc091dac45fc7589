package main

import (
	"errors"
	"fmt"
	"os/exec"
	"time"
)

// run is what one process cost. CPU time is known on every system, peak memory only on
// Unix: elsewhere it is 0.
type run struct {
	cpu  time.Duration // user and system
	peak int64         // bytes resident
}

// measure runs the command to its end. On Linux a child's peak starts at what its parent
// holds when it starts it, so this process stays small, and the contender "start" shows
// how small.
func measure(c *exec.Cmd) (answer []byte, cost run, err error) {
	answer, err = c.Output()
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		return nil, run{}, fmt.Errorf("%w: %s", err, failed.Stderr)
	}
	if err != nil {
		return nil, run{}, err
	}
	state := c.ProcessState
	return answer, run{state.UserTime() + state.SystemTime(), peak(state)}, nil
}
