//go:build amd64 || arm64

package apart

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// TestMain lets the test binary be the child that gives the network up.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "no-network-child" {
		if err := withoutNetwork(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// T1 of the design: whatever goes wrong in the vault's process, it reaches no network.
func TestTheVaultOpensNoNetworkSocket(t *testing.T) {
	if out, err := exec.Command(os.Args[0], "no-network-child").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// withoutNetwork tries every way from threads that ran before the rule, from one that
// came later, and from a child.
func withoutNetwork() error {
	const threads = 4
	var ready, done sync.WaitGroup
	ruled := make(chan struct{})
	errs := make(chan error, threads+1)
	try := func() {
		runtime.LockOSThread() // never unlocked: the thread ends with it
		ready.Done()
		<-ruled
		errs <- tryFamilies()
		done.Done()
	}
	ready.Add(threads)
	done.Add(threads + 1)
	for range threads {
		go try()
	}
	ready.Wait()
	if fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0); err != nil {
		return fmt.Errorf("before the rule: %w", err)
	} else {
		unix.Close(fd)
	}
	if err := NoNetwork(); err != nil {
		return err
	}
	close(ruled)
	ready.Add(1)
	go try()
	done.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return inherited()
}

func tryFamilies() error {
	for _, family := range []int{unix.AF_INET, unix.AF_INET6, unix.AF_NETLINK, unix.AF_PACKET, unix.AF_VSOCK, unix.AF_BLUETOOTH} {
		if _, err := unix.Socket(family, unix.SOCK_DGRAM, 0); !errors.Is(err, unix.EAFNOSUPPORT) {
			return fmt.Errorf("family %d: %v", family, err)
		}
	}
	if _, err := unix.Socketpair(unix.AF_INET, unix.SOCK_STREAM, 0); !errors.Is(err, unix.EAFNOSUPPORT) {
		return fmt.Errorf("a pair: %v", err)
	}
	if _, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, 1, 0, 0); errno != unix.EPERM {
		return fmt.Errorf("io_uring: %v", errno)
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return fmt.Errorf("of this machine: %w", err)
	}
	return unix.Close(fd)
}

// inherited: a child that asks for the rule a second time finds no network before it.
func inherited() error {
	out, err := exec.Command(os.Args[0], "no-network-child").CombinedOutput()
	if err == nil || string(out) != "before the rule: address family not supported by protocol\n" {
		return fmt.Errorf("a child: %v: %s", err, out)
	}
	return nil
}
