package control

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func started(t *testing.T, handle Handler) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ctl") // a socket's path may be 100 bytes long, t.TempDir's is longer
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	wait, err := Start(ctx, dir, handle)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		if err := wait(); err != nil {
			t.Error(err)
		}
		os.RemoveAll(dir)
	})
	return dir
}

func TestACallComesBackAsIfItHadRunHere(t *testing.T) {
	dir := started(t, func(_ context.Context, c Call, stdout, stderr io.Writer) int {
		fmt.Fprint(stdout, strings.Join(c.Args, " "), " in ", c.Cwd)
		fmt.Fprint(stderr, "careful")
		return 3
	})
	var out, errs bytes.Buffer
	exit, err := Do(t.Context(), dir, Call{Args: []string{"status", "--json"}, Cwd: "/here"}, &out, &errs)
	if err != nil || exit != 3 || out.String() != "status --json in /here" || errs.String() != "careful" {
		t.Errorf("exit %d, out %q, err %q, %v", exit, &out, &errs, err)
	}
	if fi, err := os.Stat(filepath.Join(dir, socketName)); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("socket: %v, %v", fi.Mode(), err)
	}
}

func TestNoNode(t *testing.T) {
	if _, err := Do(t.Context(), t.TempDir(), Call{}, io.Discard, io.Discard); !errors.Is(err, ErrNotRunning) {
		t.Errorf("have %v", err)
	}
}

func TestASocketLeftByAKilledNodeIsNotANode(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, socketName), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Do(t.Context(), dir, Call{}, io.Discard, io.Discard); !errors.Is(err, ErrNotRunning) {
		t.Errorf("have %v", err)
	}
}

func TestACallerWhoLeavesStopsHerCall(t *testing.T) {
	stopped := make(chan struct{})
	dir := started(t, func(ctx context.Context, _ Call, _, _ io.Writer) int {
		<-ctx.Done()
		close(stopped)
		return 1
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Do(ctx, dir, Call{}, io.Discard, io.Discard); err == nil {
		t.Error("an answer without an end")
	}
	<-stopped
}
