//go:build linux

package vault

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tidemark/aggregation/audittest"
	"tidemark/schema/wire"
)

// syscalls are those that a release makes on files.
var syscalls = []string{"openat", "read", "pread64", "write", "pwrite64", "fsync", "fdatasync", "ftruncate", "renameat", "unlinkat", "mmap", "msync"}

// Every system call of one release fails once, with EIO, in each thread that makes it so
// many times; then the machine starts again: the release comes out, once, with the bytes
// that were drawn first, and is charged once. In short mode a few of them, evenly chosen.
func TestEverySyscallMayFail(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("no strace on this machine")
	}
	template := releaseTemplate(t)
	points := countSyscalls(t, strace, template)
	total := len(points)
	if os.Getenv("TIDEMARK_SYSCALLS") != "full" {
		points = every(points, audittest.Runs(12, 40, 0))
	}
	for _, p := range points {
		failsOnce(t, strace, template, p)
	}
	t.Logf("%d of %d system calls failed once", len(points), total)
}

// releaseTemplate is a folder that a release child can be given copies of.
func releaseTemplate(t *testing.T) string {
	t.Helper()
	template := t.TempDir()
	cfg := testConfig(filepath.Join(template, "vault"))
	must(t, Create(cfg, ownSlug, cheap))
	v := opened(t, cfg)
	g := gather(t, v, smallPlan("2026-Q1"), "north-wind", "south-wind")
	imported(t, v, aCase("c1", "p1", "2026-02-01"))
	must(t, v.Close())
	log, err := wire.Pack(g.st.Log()...)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(template, "log"), log, 0o600))
	return template
}

// point is a call that fails: the n-th of its kind in a thread.
type point struct {
	call string
	n    int
}

func every(all []point, n int) []point {
	var some []point
	for i := range n {
		some = append(some, all[i*len(all)/n])
	}
	return some
}

// countSyscalls runs a release once and lists what may fail: for each kind, up to as often
// as the busiest thread makes it.
func countSyscalls(t *testing.T, strace, template string) (all []point) {
	t.Helper()
	dir := t.TempDir()
	must(t, os.CopyFS(dir, os.DirFS(template)))
	trace := filepath.Join(t.TempDir(), "trace")
	out, err := exec.Command(strace, "-f", "-qq", "-o", trace, "-e", "trace="+strings.Join(syscalls, ","), self(t), "release-child", dir).CombinedOutput()
	if err != nil {
		t.Skipf("strace cannot trace here: %v: %s", err, out)
	}
	text, err := os.ReadFile(trace)
	must(t, err)
	busiest, counts := map[string]int{}, map[string]int{}
	for line := range strings.Lines(string(text)) {
		pid, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		call, _, ok := strings.Cut(strings.TrimSpace(rest), "(")
		if !ok || !slices.Contains(syscalls, call) {
			continue
		}
		counts[pid+call]++
		busiest[call] = max(busiest[call], counts[pid+call])
	}
	for _, call := range syscalls {
		for n := range busiest[call] {
			all = append(all, point{call, n + 1})
		}
	}
	return all
}

func self(t *testing.T) string {
	t.Helper()
	name, err := os.Executable()
	must(t, err)
	return name
}

func failsOnce(t *testing.T, strace, template string, p point) {
	t.Helper()
	dir := t.TempDir()
	must(t, os.CopyFS(dir, os.DirFS(template)))
	inject := fmt.Sprintf("inject=%s:error=EIO:when=%d", p.call, p.n)
	first := said(t, exec.Command(strace, "-f", "-qq", "-o", os.DevNull, "-e", inject, self(t), "release-child", dir))
	var again map[string]string
	for range 2 { // started again, and once more
		again = said(t, exec.Command(self(t), "release-child", dir))
		if again["published"] == "" {
			t.Errorf("%s %d: not published after a restart: %v; before: %v", p.call, p.n, again, first)
			return
		}
		for _, what := range []string{"drawn", "published"} {
			if value := first[what]; value != "" && again[what] != value {
				t.Errorf("%s %d: %s was %s, then %s", p.call, p.n, what, value, again[what])
			}
		}
		first = again
	}
	if again["charged"] != "48000000" {
		t.Errorf("%s %d: charged %s", p.call, p.n, again["charged"])
	}
}

// said runs a child, for a while, and keeps the last of each thing that it said. One that
// hangs is killed with its own children, as an operator does.
func said(t *testing.T, cmd *exec.Cmd) map[string]string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var out bytes.Buffer
	cmd.Stdout = &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	must(t, cmd.Start())
	stop := context.AfterFunc(ctx, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	defer stop()
	lines := map[string]string{}
	if err := cmd.Wait(); err != nil {
		lines["failed"] = err.Error()
	}
	for line := range strings.Lines(out.String()) {
		what, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		lines[what] = value
	}
	return lines
}
