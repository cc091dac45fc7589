package vault

import (
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"tidemark/aggregation/audittest"
)

// A real disk that is full at a random moment of a release (seeded; a few times, or
// TIDEMARK_FULL): once there is room again it comes out, once, with the bytes that were
// drawn first, and is charged once. Nothing has to be done by hand.
func TestTheDiskIsFullAtAnyMoment(t *testing.T) {
	times, err := strconv.Atoi(os.Getenv("TIDEMARK_FULL"))
	if err != nil {
		times = audittest.Runs(4, 12, 12)
	}
	template, r := releaseTemplate(t), rand.New(rand.NewPCG(8, 9))
	failed := 0
	for range times {
		if fullOnce(t, template, r.IntN(64<<20)) {
			failed++
		}
	}
	t.Logf("%d of %d releases were stopped by a full disk", failed, times)
	if failed == 0 {
		t.Error("the disk was never full: the test tests nothing")
	}
}

// fullOnce leaves so many bytes on a small disk, and tells whether that stopped the release.
func fullOnce(t *testing.T, template string, left int) bool {
	t.Helper()
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=96m"); err != nil {
		t.Skipf("no disk of our own here: %v", err)
	}
	defer func() { must(t, syscall.Unmount(disk, syscall.MNT_DETACH)) }()
	dir, filler := filepath.Join(disk, "node"), filepath.Join(disk, "filler")
	must(t, os.CopyFS(dir, os.DirFS(template)))
	fill(t, disk, filler, left)
	first := said(t, exec.Command(self(t), "release-child", dir))
	must(t, os.Remove(filler))
	again := said(t, exec.Command(self(t), "release-child", dir))
	if again["published"] == "" || again["charged"] != "48000000" {
		t.Errorf("%d bytes left: afterwards %v, before %v", left, again, first)
	}
	for _, what := range []string{"drawn", "published"} {
		if value := first[what]; value != "" && again[what] != value {
			t.Errorf("%d bytes left: %s was %s, then %s", left, what, value, again[what])
		}
	}
	return first["published"] == ""
}

// fill takes all of a disk but so many bytes.
func fill(t *testing.T, disk, filler string, left int) {
	t.Helper()
	var fs syscall.Statfs_t
	must(t, syscall.Statfs(disk, &fs))
	f, err := os.Create(filler)
	must(t, err)
	size := int64(fs.Bavail)*fs.Bsize - int64(left)
	if err := syscall.Fallocate(int(f.Fd()), 0, 0, max(size, 1)); err != nil && !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	must(t, f.Close())
}
