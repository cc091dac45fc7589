package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"tidemark/aggregation/noise"
	"tidemark/schema/bundle"
	"tidemark/schema/wire"
)

func TestWrongPassphrase(t *testing.T) {
	cfg := made(t)
	for _, u := range []Unlock{{Passphrase: "wrong"}, {Identity: identity(t)}} {
		if _, err := Open(cfg, u); !errors.Is(err, ErrPassphrase) {
			t.Errorf("%v", err)
		}
	}
	for name, u := range map[string]Unlock{"neither": {}, "both": {Passphrase: "a", Identity: "b"}, "no identity": {Identity: "canary-not-a-key"}} {
		_, err := Open(cfg, u)
		if err == nil || errors.Is(err, ErrPassphrase) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Open(testConfig(filepath.Join(t.TempDir(), "none")), cheap); !errors.Is(err, ErrNoVault) {
		t.Errorf("no vault: %v", err)
	}
	if err := Create(cfg, ownSlug, cheap); !errors.Is(err, ErrExists) {
		t.Errorf("created twice: %v", err)
	}
	must(t, opened(t, cfg).Close())
}

func identity(t *testing.T) string {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	must(t, err)
	return "# a key file\n" + id.String() + "\n"
}

func TestAKeyFileOpens(t *testing.T) {
	hybrid, err := age.GenerateHybridIdentity()
	must(t, err)
	for _, text := range []string{identity(t), hybrid.String()} {
		cfg := testConfig(filepath.Join(t.TempDir(), "vault"))
		must(t, Create(cfg, ownSlug, Unlock{Identity: text}))
		v, err := Open(cfg, Unlock{Identity: text})
		must(t, err)
		imported(t, v, aCase("c1", "p1", "2026-02-01"))
		_, err = v.Withdraw(background, Withdrawal{Case: "c1"}) // encrypts the keys again
		must(t, err)
		must(t, v.Close())
		v, err = Open(cfg, Unlock{Identity: text})
		must(t, err)
		must(t, v.Close())
	}
}

func TestADamagedKeyFileIsAClearError(t *testing.T) {
	cfg := made(t)
	name := filepath.Join(cfg.Dir, keysName)
	text, err := os.ReadFile(name)
	must(t, err)
	text[len(text)-1] ^= 1
	replaceFile(t, name, text)
	if _, err := Open(cfg, cheap); err == nil || errors.Is(err, ErrPassphrase) || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("%v", err)
	}
}

func TestALockedFolder(t *testing.T) {
	cfg := made(t)
	v := opened(t, cfg)
	if _, err := Open(cfg, cheap); !errors.Is(err, ErrLocked) {
		t.Errorf("%v", err)
	}
	must(t, v.Close())
	must(t, opened(t, cfg).Close())
}

func TestAMissingStoreIsAClearError(t *testing.T) {
	cfg := made(t)
	must(t, os.RemoveAll(filepath.Join(cfg.Dir, storeName)))
	if _, err := Open(cfg, cheap); err == nil || !strings.Contains(err.Error(), "backup") {
		t.Errorf("%v", err)
	}
}

func TestOnlyTheOwnerMayRead(t *testing.T) {
	v, g := shore(t)
	imported(t, v, aCase("c1", "p1", "2026-02-01"))
	releasedIn(t, v, g, "2026-Q1")
	_, err := v.Withdraw(background, Withdrawal{Case: "c1"})
	must(t, err)
	must(t, filepath.WalkDir(v.cfg.Dir, func(path string, d fs.DirEntry, err error) error {
		must(t, err)
		info, err := d.Info()
		must(t, err)
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s: mode %o", path, info.Mode().Perm())
		}
		return nil
	}))
}

func TestLowDisk(t *testing.T) {
	room := uint64(1 << 40)
	cfg := testConfig(filepath.Join(t.TempDir(), "vault"))
	cfg.MinFree, cfg.Ballast = 64<<20, 2<<20
	cfg.Free = func(string) (uint64, error) { return room, nil }
	must(t, Create(cfg, ownSlug, cheap))
	v := opened(t, cfg)
	ballast := filepath.Join(cfg.Dir, storeName, "ballast")
	if info, err := os.Stat(ballast); err != nil || info.Size() != 2<<20 {
		t.Errorf("no ballast: %v", err)
	}
	g := gather(t, v, smallPlan("2026-Q1"), "north-wind", "south-wind")
	_, err := v.Declare(background, g.st)
	must(t, err)
	imported(t, v, aCase("c1", "p1", "2026-02-01"))
	_, err = v.Ask(background, g.st)
	must(t, err)
	before := contents(t, v)

	room = 63 << 20
	_, errImport := v.Import(background, "id", these(aCase("c2", "p2", "2026-02-01")))
	_, errStep := g.step(v, g.due("2026-Q1"))
	_, errWithdraw := v.Withdraw(background, Withdrawal{Case: "c1"})
	for what, err := range map[string]error{"import": errImport, "step": errStep, "withdraw": errWithdraw} {
		if !errors.Is(err, ErrDisk) || !strings.Contains(err.Error(), "make room") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if len(v.Slots()) != 0 || len(contents(t, v)) != len(before) {
		t.Error("something was written")
	}
	// Room for the cases to be staged, not for them to be taken in.
	room = 64<<20 + 100
	if _, err := v.Import(background, "id", these(aCase("c2", "p2", "2026-02-01"))); !errors.Is(err, ErrDisk) {
		t.Errorf("a little room: %v", err)
	}
	must(t, v.Close())

	room = 0 // full: the ballast alone lets the vault open
	cfg.Free = func(string) (uint64, error) {
		if _, err := os.Stat(ballast); err == nil {
			return 0, nil
		}
		return 13 << 20, nil
	}
	v = opened(t, cfg)
	if len(live(t, v)) != 1 {
		t.Error("something is lost")
	}
	must(t, v.Close())
	cfg.Free = func(string) (uint64, error) { return 1 << 20, nil }
	if _, err := Open(cfg, cheap); !errors.Is(err, ErrDisk) {
		t.Errorf("full, and no ballast: %v", err)
	}
	cfg.Free = nil
	cfg.MinFree = 1
	v = opened(t, cfg)
	imported(t, v, aCase("c2", "p2", "2026-02-01"))
	releasedIn(t, v, g, "2026-Q1")
	if _, err := os.Stat(ballast); err != nil {
		t.Errorf("the ballast was not made again: %v", err)
	}
}

func TestWhatIsSealedToTheMemberOpens(t *testing.T) {
	v := opened(t, made(t))
	var sealed bytes.Buffer
	want := []byte("thirty-two bytes of a secret ...")
	g := gather(t, v, smallPlan("2026-Q1"))
	must(t, bundle.Seal(&sealed, bundle.Bundle{Charter: g.st.Log()[0], Sealed: []bundle.Item{{Name: "psk", Data: want}}}, v.BoxKey()))
	b, err := bundle.Open(&sealed, v.BoxIdentity())
	must(t, err)
	if !bytes.Equal(b.Sealed[0].Data, want) {
		t.Error("not what was sealed")
	}
	if s, err := wire.SlugOf(v.Signer().VerifierKey()); err != nil || s != v.Slug() || s != ownSlug {
		t.Errorf("slug %s, %v", s, err)
	}
}

func TestTheMemberKeySurvivesARestart(t *testing.T) {
	v := opened(t, made(t))
	key, box := v.Signer().VerifierKey(), v.BoxKey()
	v = reopened(t, v)
	if v.Signer().VerifierKey() != key || v.BoxKey() != box {
		t.Error("other keys")
	}
}

func TestConfigIsChecked(t *testing.T) {
	for name, cfg := range map[string]Config{"no folder": {}, "share": {Dir: "x", Share: -1}, "share too high": {Dir: "x", Share: 1 << 40}} {
		if err := Create(cfg, ownSlug, cheap); err == nil {
			t.Errorf("%s: created", name)
		}
		if _, err := Open(cfg, cheap); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
	if err := Create(testConfig(filepath.Join(t.TempDir(), "v")), "No Slug", cheap); err == nil {
		t.Error("a slug that is none")
	}
}

func TestTheNoiseChild(t *testing.T) {
	asks := []noise.Ask{{Sensitivity2: 3600, Sigma2: 450_000, Count: 300}, {Sensitivity2: 3600, Sigma2: 3600, Count: 2, Source: "exact"}}
	drawn, err := NoiseChild{}.Noise(background, asks)
	must(t, err)
	again, err := NoiseChild{}.Noise(background, asks)
	must(t, err)
	if len(drawn) != 2 || len(drawn[0]) != 300 || len(drawn[1]) != 2 {
		t.Fatalf("%d answers", len(drawn))
	}
	same := 0
	for i := range drawn[0] {
		if drawn[0][i] == again[0][i] {
			same++
		}
	}
	// Two values are equal with odds of 1 in 2,300; 10 of 300 by chance below 1e-15.
	if same >= 10 {
		t.Errorf("two children drew the same noise in %d of 300 cells", same)
	}
}

func TestANoiseChildThatFails(t *testing.T) {
	self, err := os.Executable()
	must(t, err)
	ask := []noise.Ask{{Sensitivity2: 3600, Sigma2: 450_000, Count: 300}}
	for name, c := range map[string]NoiseChild{
		"is not there": {Command: []string{filepath.Join(t.TempDir(), "nothing")}},
		"lies":         {Command: []string{self, "noise-child-lies"}},
		"hangs":        {Command: []string{self, "noise-child-hangs"}, Timeout: 100 * time.Millisecond},
	} {
		if drawn, err := c.Noise(background, ask); err == nil || drawn != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(background)
	cancel()
	if _, err := (NoiseChild{}).Noise(ctx, ask); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// The child gets no environment: nothing in it could name the folder or a passphrase.
func TestTheNoiseChildHasNoEnvironment(t *testing.T) {
	t.Setenv("TIDEMARK_PASSPHRASE_FILE", "/canary")
	if _, err := exec.LookPath("/bin/sh"); err != nil {
		t.Skip("no shell")
	}
	out := filepath.Join(t.TempDir(), "environment")
	script := fmt.Sprintf("export -p > %s", out)
	NoiseChild{Command: []string{"/bin/sh", "-c", script}}.Noise(background, []noise.Ask{{Sensitivity2: 3600, Sigma2: 450_000, Count: 1}})
	seen, err := os.ReadFile(out)
	must(t, err)
	if bytes.Contains(seen, []byte("TIDEMARK")) || bytes.Contains(seen, []byte("HOME")) {
		t.Errorf("the child saw %s", seen)
	}
}
