//go:build !windows

package apart

import (
	"os"
	"syscall"
)

// shareGroup gives a file the group of its folder.
func shareGroup(path, dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	return os.Chown(path, -1, int(info.Sys().(*syscall.Stat_t).Gid))
}
