package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"tidemark/node/vault"
	"tidemark/node/vault/apart"
)

// What lies in the folder that both processes of TestTheRunProcessCannotReadTheVault read.
const (
	clockFile  = "clock"
	vaultDir   = "v"
	runDir     = "r"
	socketName = "vault.sock"
)

const apartPassphrase = "a long passphrase for this test"

func (c *clock) write(dir string) error {
	name := filepath.Join(dir, clockFile)
	return errors.Join(os.WriteFile(name, strconv.AppendInt(nil, c.seconds.Load(), 10), 0o600), os.Chmod(name, 0o644))
}

func fileClock(dir string) func() time.Time {
	return func() time.Time {
		text, _ := os.ReadFile(filepath.Join(dir, clockFile))
		seconds, err := strconv.ParseInt(string(text), 10, 64)
		if err != nil {
			panic(err) // the test has written it
		}
		return time.Unix(seconds, 0).UTC()
	}
}

// vaultChild is the process that holds the vault. It ends when its standard input does.
func vaultChild(dir string) error {
	v, err := vault.Open(vault.Config{Dir: filepath.Join(dir, vaultDir, "vault"), Now: fileClock(dir)}, Unlock{Passphrase: apartPassphrase})
	if err != nil {
		return err
	}
	defer v.Close()
	l, err := apart.Listen(context.Background(), filepath.Join(dir, vaultDir, socketName))
	if err != nil {
		return err
	}
	if err := apart.NoNetwork(); err != nil {
		return err
	}
	if _, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		return fmt.Errorf("the vault's process listens on the network")
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1))
		cancel()
	}()
	return apart.Serve(ctx, l, v)
}

// runChild is one trip of a stick, by the process that has the network. First it tries to
// read the vault.
func runChild(dir string) error {
	for _, name := range []string{"key.age", "journal", "feed", "store", "store/MANIFEST", "."} {
		if _, err := os.Open(filepath.Join(dir, vaultDir, "vault", name)); !errors.Is(err, fs.ErrPermission) {
			return fmt.Errorf("vault/%s: %v, want EACCES", name, err)
		}
	}
	ctx := context.Background()
	n, err := Open(ctx, Config{Dir: filepath.Join(dir, runDir), Vault: filepath.Join(dir, vaultDir, socketName), Now: fileClock(dir)})
	if err != nil {
		return err
	}
	defer n.Close()
	stick := filepath.Join(dir, runDir, "stick")
	text, err := os.ReadFile(stick)
	if err != nil {
		return err
	}
	if _, err := n.Import(ctx, text); err != nil {
		return err
	}
	if _, err := n.Release(ctx); err != nil && !errors.Is(err, vault.ErrUnconfirmed) {
		return err
	}
	f, err := os.Create(stick)
	if err != nil {
		return err
	}
	return errors.Join(n.Export(f), f.Close())
}
