//go:build linux || darwin

package badgerdb

import "golang.org/x/sys/unix"

// free is what an ordinary user may still write on the folder's disk, in bytes.
func free(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return uint64(s.Bavail) * uint64(s.Bsize), nil
}

// ownerOnly keeps other users out of every file that the process makes: Badger asks for
// 0666 and 0644.
func ownerOnly() { unix.Umask(0o077) }
