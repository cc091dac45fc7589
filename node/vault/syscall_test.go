//go:build linux

package vault

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// releaseChild carries one release through, as crashRelease does, and says how far it came.
func releaseChild(dir string) {
	check := func(err error) {
		if err != nil {
			fmt.Println("failed", err)
			os.Exit(1)
		}
	}
	g := &gathering{st: readLog(dir), keys: map[schema.Slug]*wire.Signer{}}
	for _, slug := range []schema.Slug{"north-wind", "south-wind"} {
		signer, err := keyOf(slug)
		check(err)
		g.keys[slug] = signer
	}
	cfg := testConfig(filepath.Join(dir, "vault"))
	cfg.Noise = NoiseChild{}
	v, err := Open(cfg, cheap)
	check(err)
	_, err = v.Declare(background, g.st)
	check(err)
	due := g.st.Due(ownSlug, today)[0]
	p, err := g.step(v, due)
	check(err)
	fmt.Println("drawn", noteID(p.Intent))
	raw, err := g.publish(v, due, p.Intent)
	check(err)
	fmt.Println("published", schema.HashOf(raw))
	fmt.Println("charged", v.Ledger().Total())
	check(v.Close())
}

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

	points := countSyscalls(t, strace, template)
	total := len(points)
	if os.Getenv("TIDEMARK_SYSCALLS") != "full" {
		points = every(points, scale(12, 40, 0))
	}
	for _, p := range points {
		failsOnce(t, strace, template, p)
	}
	t.Logf("%d of %d system calls failed once", len(points), total)
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
	first := said(exec.Command(strace, "-f", "-qq", "-o", os.DevNull, "-e", inject, self(t), "release-child", dir))
	var again map[string]string
	for range 2 { // started again, and once more
		again = said(exec.Command(self(t), "release-child", dir))
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

// said runs a child and keeps the last of each thing that it said.
func said(cmd *exec.Cmd) map[string]string {
	out, err := cmd.Output()
	var exit *exec.ExitError
	lines := map[string]string{}
	for line := range strings.Lines(string(out)) {
		what, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		lines[what] = value
	}
	if err != nil && !errors.As(err, &exit) {
		lines["failed"] = err.Error()
	}
	return lines
}
