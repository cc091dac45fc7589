//go:build amd64 || arm64

package apart

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// NoNetwork takes the network away from this process and all that it starts, for good and
// for every thread: the kernel gives it no socket but of this machine (A7). What has been
// opened before stays open.
func NoNetwork() error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no network: %w", err)
	}
	rule := rules()
	program := unix.SockFprog{Len: uint16(len(rule)), Filter: &rule[0]}
	thread, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	if errno != 0 {
		return fmt.Errorf("no network: seccomp: %w", errno)
	}
	if thread != 0 {
		return fmt.Errorf("no network: seccomp: a thread did not take the rule")
	}
	return holds()
}

// holds tries what the rule forbids.
func holds() error {
	for _, family := range []int{unix.AF_INET, unix.AF_INET6} {
		fd, err := unix.Socket(family, unix.SOCK_STREAM, 0)
		if err == nil {
			unix.Close(fd)
		}
		if !errors.Is(err, unix.EAFNOSUPPORT) {
			return fmt.Errorf("no network: the rule does not hold: %v", err)
		}
	}
	return nil
}

// Where a system call's number, architecture and first argument lie (struct seccomp_data);
// both architectures are little-endian, and a family is an int.
const (
	atNumber       = 0
	atArchitecture = 4
	atFirst        = 16

	x32 = 0x40000000 // numbers from here on are amd64's second set of calls
)

// rules is the filter: one instruction a line, as it runs.
func rules() []unix.SockFilter {
	load := func(at uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: at}
	}
	// unless goes on with the next line where the comparison holds, and else skips some.
	unless := func(compare uint16, k uint32, skip uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | compare | unix.BPF_K, Jf: skip, K: k}
	}
	give := func(what uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: what}
	}
	refuse := func(errno uint32) unix.SockFilter { return give(unix.SECCOMP_RET_ERRNO | errno) }
	return []unix.SockFilter{
		load(atArchitecture),
		unless(unix.BPF_JEQ, architecture, 1),
		unless(unix.BPF_JA, 1, 0),
		give(unix.SECCOMP_RET_KILL_PROCESS),
		load(atNumber),
		unless(unix.BPF_JGE, x32, 1),
		refuse(uint32(unix.ENOSYS)),
		unless(unix.BPF_JEQ, unix.SYS_IO_URING_SETUP, 1), // it would make sockets without a call
		refuse(uint32(unix.EPERM)),
		unless(unix.BPF_JEQ, unix.SYS_SOCKETPAIR, 1),
		unless(unix.BPF_JA, 1, 0),
		unless(unix.BPF_JEQ, unix.SYS_SOCKET, 2),
		load(atFirst),
		unless(unix.BPF_JEQ, unix.AF_UNIX, 1),
		give(unix.SECCOMP_RET_ALLOW),
		refuse(uint32(unix.EAFNOSUPPORT)),
	}
}
