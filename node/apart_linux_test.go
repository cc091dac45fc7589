package node

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"tidemark/schema"
)

// Two users, as on a machine that is set up so.
const (
	vaultUser = 65533
	runUser   = 65534
)

// T1 of the design: the process that has the network cannot read the vault, and a release
// of its member goes out all the same.
func TestTheRunProcessCannotReadTheVault(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can start processes of two users")
	}
	r := newRing(t)
	p := splitUp(t, r)
	p.startVault(t)
	for range 3 { // asked, drawn, countersigned
		p.trip(t, r)
	}
	r.slot()
	p.trip(t, r)
	if f := r.others[0].Feeds().Feed("quiet-heron"); f.Claim(planOf(t, r), schema.Period{Year: 2026, Quarter: 1}) == 0 {
		head, _ := f.Head()
		t.Errorf("no release came out; the feed ends at %d", head)
	}
}

func planOf(t *testing.T, r *ring) schema.Hash {
	t.Helper()
	_, h, ok := r.others[0].State().PlanFor(schema.Period{Year: 2026, Quarter: 1})
	if !ok {
		t.Fatal("no plan")
	}
	return h
}

// split is a member's folder as two users have it.
type split struct{ dir, program string }

func splitUp(t *testing.T, r *ring) *split {
	t.Helper()
	dir, err := os.MkdirTemp("", "apart") // others must reach it, and a socket's path be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := &split{dir, filepath.Join(dir, "program")}
	author := r.author.cfg.Dir
	v, run := filepath.Join(dir, vaultDir), filepath.Join(dir, runDir)
	for _, do := range []func() error{
		r.author.Close,
		func() error { return os.Chmod(dir, 0o755) },
		func() error { return os.Mkdir(v, 0o750) },
		func() error { return os.CopyFS(filepath.Join(v, "vault"), os.DirFS(filepath.Join(author, vaultName))) },
		func() error { return os.RemoveAll(filepath.Join(author, vaultName)) },
		func() error { return os.CopyFS(run, os.DirFS(author)) },
		func() error { return p.copyProgram() },
		func() error { return give(v, vaultUser, runUser) },
		func() error { return os.Chmod(v, 0o750) }, // whatever the umask
		func() error { return os.Chmod(filepath.Join(v, "vault"), 0o700) },
		func() error { return give(run, runUser, runUser) },
		func() error { return r.clock.write(dir) },
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func (p *split) copyProgram() error {
	text, err := os.ReadFile(os.Args[0])
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(p.program, text, 0o700), os.Chmod(p.program, 0o755))
}

// give gives a folder with all that is in it to a user and a group.
func give(dir string, user, group int) error {
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, user, group)
	})
}

func (p *split) as(user uint32, child string) *exec.Cmd {
	cmd := exec.Command(p.program, child, p.dir)
	cmd.Dir = p.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user, Groups: []uint32{}}}
	if user == vaultUser { // it hands its socket to the group of its folder
		cmd.SysProcAttr.Credential.Groups = []uint32{runUser}
	}
	return cmd
}

func (p *split) startVault(t *testing.T) {
	t.Helper()
	cmd := p.as(vaultUser, "vault-child")
	var out bytes.Buffer
	cmd.Stderr = &out
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("vault: %v: %s", err, &out)
		}
	})
	for range 200 {
		if info, err := os.Stat(filepath.Join(p.dir, vaultDir, socketName)); err == nil && info.Mode().Perm() == 0o660 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("the vault never answered: %s", &out)
}

// trip carries a stick from the founder to the two processes and back.
func (p *split) trip(t *testing.T, r *ring) {
	t.Helper()
	if err := r.clock.write(p.dir); err != nil {
		t.Fatal(err)
	}
	stick := filepath.Join(p.dir, runDir, "stick")
	f, err := os.Create(stick)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.others[0].Export(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Chown(runUser, runUser); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if out, err := p.as(runUser, "run-child").CombinedOutput(); err != nil {
		t.Fatalf("run: %v: %s", err, out)
	}
	f, err = os.Open(stick)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	if taken, err := r.others[0].Import(t.Context(), text); err != nil || taken.Refused > 0 {
		t.Fatalf("%+v, %v", taken, err)
	}
	r.gather(t)
}
