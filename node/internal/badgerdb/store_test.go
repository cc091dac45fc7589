package badgerdb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain lets the test binary be a child that writes until it is killed.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "write-child" {
		s, err := Open(small(os.Args[2]))
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		for i := 0; ; i++ {
			key := fmt.Appendf(nil, "%d-%d", os.Getpid(), i)
			if err := s.Update(func(t Tx) error { return t.Set(key, bytes.Repeat([]byte("v"), 2000)) }); err != nil {
				os.Exit(1)
			}
			fmt.Println(string(key))
		}
	}
	if len(os.Args) == 2 && os.Args[1] == "probe" {
		os.Exit(Probe(os.Stdin))
	}
	os.Exit(m.Run())
}

func small(dir string) Config {
	return Config{Dir: dir, Key: bytes.Repeat([]byte{1}, 32), MinFree: 1, Ballast: -1}
}

func opened(t testing.TB, c Config) *Store {
	t.Helper()
	s, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.db.Close() })
	return s
}

func put(t testing.TB, s *Store, key, value string) {
	t.Helper()
	if err := s.Update(func(tx Tx) error { return tx.Set([]byte(key), []byte(value)) }); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	c := small(filepath.Join(t.TempDir(), "store"))
	s := opened(t, c)
	for _, k := range []string{"b/2", "a/1", "b/1", "b/3"} {
		put(t, s, k, "of "+k)
	}
	if err := s.Update(func(tx Tx) error { return tx.Delete([]byte("b/3")) }); err != nil {
		t.Fatal(err)
	}
	failed := errors.New("changed my mind")
	err := s.Update(func(tx Tx) error { return errors.Join(tx.Set([]byte("b/9"), []byte("x")), failed) })
	if !errors.Is(err, failed) {
		t.Errorf("update: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = opened(t, c)
	var seen []string
	err = s.Scan([]byte("b/"), func(key, value []byte) error {
		seen = append(seen, string(key)+" "+string(value))
		return nil
	})
	if got := fmt.Sprint(seen); err != nil || got != "[b/1 of b/1 b/2 of b/2]" {
		t.Errorf("scan: %s, %v", got, err)
	}
	if v, err := s.Get([]byte("b/3")); v != nil || err != nil {
		t.Errorf("deleted: %q, %v", v, err)
	}
	if err := s.Scan(nil, func(_, _ []byte) error { return failed }); err != failed {
		t.Errorf("a scan that is stopped: %v", err)
	}
}

func TestABatchIsOfAnySize(t *testing.T) {
	s := opened(t, small(t.TempDir()))
	b := s.Batch()
	defer b.Cancel()
	value := bytes.Repeat([]byte("v"), 1000)
	for i := range 3000 { // 3 MB: five transactions and more
		if err := b.Set(fmt.Appendf(nil, "k%04d", i%2000), append(fmt.Appendf(nil, "%04d", i), value...)); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Delete([]byte("k1999")); err != nil {
		t.Fatal(err)
	}
	if err := b.Flush(); err != nil {
		t.Fatal(err)
	}
	n := 0
	err := s.Scan(nil, func(key, v []byte) error {
		want := n
		if n < 1000 {
			want += 2000 // the later write counts
		}
		if string(v[:4]) != fmt.Sprintf("%04d", want) {
			t.Errorf("%s holds %s", key, v[:4])
		}
		n++
		return nil
	})
	if n != 1999 || err != nil {
		t.Errorf("%d keys, %v", n, err)
	}
}

func TestValuesStayOutOfTheValueLog(t *testing.T) {
	s := opened(t, small(t.TempDir()))
	for size, fine := range map[int]bool{0: false, 1: true, MaxValue - 1: true, MaxValue: true, MaxValue + 1: false} {
		value := make([]byte, size)
		err := s.Update(func(tx Tx) error { return tx.Set([]byte("k"), value) })
		b := s.Batch()
		errBatch := b.Set([]byte("k"), value)
		b.Cancel()
		if (err == nil) != fine || (errBatch == nil) != fine {
			t.Errorf("%d bytes: %v, %v", size, err, errBatch)
		}
	}
}

func TestLockedAndWrongKey(t *testing.T) {
	c := small(t.TempDir())
	s := opened(t, c)
	if _, err := Open(c); !errors.Is(err, ErrLocked) {
		t.Errorf("locked: %v", err)
	}
	put(t, s, "k", "v")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	other := c
	other.Key = bytes.Repeat([]byte{2}, 32)
	if _, err := Open(other); !errors.Is(err, ErrKey) {
		t.Errorf("another key: %v", err)
	}
	other.Key = make([]byte, 31)
	if _, err := Open(other); err == nil {
		t.Error("a key of 31 bytes")
	}
	if v, err := opened(t, c).Get([]byte("k")); string(v) != "v" || err != nil {
		t.Errorf("afterwards: %q, %v", v, err)
	}
}

// What a kill between creating and sizing a file leaves (badger #2207), alone.
func TestEmptyFilesDoNotStopIt(t *testing.T) {
	for _, name := range []string{"00001.mem", "00002.mem", "000001.vlog", "000002.vlog"} {
		c := small(t.TempDir())
		s := opened(t, c)
		put(t, s, "k", "v")
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(c.Dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		s = opened(t, c)
		if v, err := s.Get([]byte("k")); string(v) != "v" || err != nil {
			t.Errorf("%s: %q, %v", name, v, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Killed five times while it writes (ten without -short): every write that was
// acknowledged is there.
func TestKilledWhileItWrites(t *testing.T) {
	c := small(filepath.Join(t.TempDir(), "store"))
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	kills := 10
	if testing.Short() {
		kills = 5
	}
	var told []byte
	for i := range kills {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(150+30*i)*time.Millisecond)
		out, _ := exec.CommandContext(ctx, self, "write-child", c.Dir).Output() // it is killed
		cancel()
		told = append(told, out...)
	}
	s := opened(t, c)
	n := 0
	for line := range bytes.Lines(told) {
		key, whole := bytes.CutSuffix(line, []byte("\n"))
		if v, err := s.Get(key); whole && (len(v) != 2000 || err != nil) {
			t.Fatalf("%s: %d bytes, %v", key, len(v), err)
		}
		n++
	}
	if n == 0 {
		t.Error("nothing was written: the test tests nothing")
	}
}

func TestRoomAndBallast(t *testing.T) {
	room := uint64(1 << 40)
	c := small(filepath.Join(t.TempDir(), "store"))
	c.MinFree, c.Ballast = 100<<20, 3<<20
	c.Free = func(string) (uint64, error) { return room, nil }
	s := opened(t, c)
	ballast := filepath.Join(c.Dir, ballastName)
	if info, err := os.Stat(ballast); err != nil || info.Size() != 3<<20 {
		t.Fatalf("ballast: %v", err)
	}
	room = 100 << 20
	if s.Room() != nil || !errors.Is(s.RoomFor(1), ErrDisk) {
		t.Errorf("at the floor: %v, %v", s.Room(), s.RoomFor(1))
	}
	room--
	if err := s.Room(); !errors.Is(err, ErrDisk) {
		t.Errorf("below the floor: %v", err)
	}
	put(t, s, "k", "v") // small writes go on: the floor is for them
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	// Full: giving the ballast back makes enough room, or it does not.
	c.Free = func(string) (uint64, error) {
		if _, err := os.Stat(ballast); err == nil {
			return 0, nil
		}
		return room, nil
	}
	room = opening
	s = opened(t, c)
	if v, err := s.Get([]byte("k")); string(v) != "v" || err != nil {
		t.Errorf("%q, %v", v, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(ballast); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the ballast is still there, or again, on a full disk")
	}
	room = opening - 1
	if _, err := Open(c); !errors.Is(err, ErrDisk) {
		t.Errorf("full: %v", err)
	}
	room = 1 << 40
	opened(t, c)
	if _, err := os.Stat(ballast); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if have, err := free(c.Dir); err != nil || have == 0 {
		t.Errorf("this disk has %d free, %v", have, err)
	}
}

func TestCloseLeavesNothingRunning(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreTopFunction("github.com/golang/glog.(*fileSink).flushDaemon"), goleak.IgnoreCurrent())
	s, err := Open(small(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "k", "v")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	c := small(filepath.Join(t.TempDir(), "store"))
	c.Ballast = 1 << 20
	c.Free = func(string) (uint64, error) { return 1 << 40, nil }
	s := opened(t, c)
	put(t, s, "k", "v")
	err := filepath.WalkDir(c.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: mode %o", path, info.Mode().Perm())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func BenchmarkUpdate(b *testing.B) {
	s := opened(b, small(b.TempDir()))
	value := make([]byte, 2000)
	for i := 0; b.Loop(); i++ {
		if err := s.Update(func(t Tx) error { return t.Set(fmt.Appendf(nil, "%d", i), value) }); err != nil {
			b.Fatal(err)
		}
	}
}
