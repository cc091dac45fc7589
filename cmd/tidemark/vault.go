package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"

	"tidemark/node"
	"tidemark/node/control"
	"tidemark/node/vault"
	"tidemark/node/vault/apart"
	"tidemark/schema"
)

type vaultCmd struct{}

// Run holds DIR/vault until it is interrupted, and answers the process that has the
// network. After its socket is open, this process gets no other.
func (c *vaultCmd) Run(a *app) error {
	unlock, err := a.unlock(false)
	if err != nil {
		return err
	}
	v, err := vault.Open(vault.Config{Dir: filepath.Join(a.dir(), "vault"), Now: clock, Probe: probe()}, unlock)
	if err != nil {
		return err
	}
	defer func() { a.warn(v.Close()) }()
	ctx, cancel := context.WithCancel(a.ctx)
	defer cancel()
	path := filepath.Join(a.dir(), "vault.sock")
	l, err := apart.Listen(ctx, path)
	if err != nil {
		return err
	}
	defer l.Close()
	if err := a.noNetwork(); err != nil {
		return err
	}
	served, err := control.Start(ctx, a.dir(), serveCases(v))
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "The vault of %s answers on %s. Stop it with Ctrl-C.\n  The node: tidemark --dir ITS-FOLDER run --vault %s\n", v.Slug(), path, path)
	err = apart.Serve(ctx, l, v)
	cancel()
	return errors.Join(err, served())
}

func (a *app) noNetwork() error {
	switch err := apart.NoNetwork(); {
	case errors.Is(err, apart.ErrNoRule):
		fmt.Fprintf(a.stdout, "Careful: %v.\n", err)
	case err != nil:
		return err
	default:
		fmt.Fprintln(a.stdout, "This process reaches no network: the kernel sees to it.")
	}
	return nil
}

// serveCases carries out, one at a time, what is typed elsewhere about the vault's cases.
func serveCases(v *vault.Vault) control.Handler {
	var one sync.Mutex
	return func(ctx context.Context, call control.Call, stdout, stderr io.Writer) int {
		one.Lock()
		defer one.Unlock()
		a := &app{ctx: ctx, cwd: call.Cwd, stdout: stdout, stderr: stderr, own: v}
		return a.execute(call.Args)
	}
}

// caseVault is what the commands about cases ask of a vault.
type caseVault interface {
	caseTaker
	Board(context.Context, schema.Table, schema.Period) (vault.Board, error)
	Withdraw(context.Context, ...vault.Withdrawal) (int, error)
}

// caseDesk is a vault with what cases are coded by.
type caseDesk struct {
	vault    caseVault
	codebook *schema.Codebook
}

// withCases runs f on the vault that this process holds. Where another one does, not even
// an export is read here.
func (a *app) withCases(f func(*caseDesk) error) error {
	if a.own != nil {
		return f(&caseDesk{a.own, a.own.Codebook()})
	}
	return a.with(func(n *node.Node) error {
		if n.Apart() {
			return fmt.Errorf("cases: %w", vault.ErrApart)
		}
		return f(&caseDesk{n.Vault(), n.Codebook()})
	})
}
