package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"sync"
	"text/tabwriter"

	"tidemark/aggregation/account"
	"tidemark/node"
	"tidemark/node/control"
	"tidemark/node/vault"
)

type runCmd struct {
	pagesFlags
	Open  bool   `help:"Open the pages in a browser."`
	Vault string `help:"The socket of a vault that tidemark vault holds; this process then opens none." placeholder:"PATH"`
}

// Run holds the folder until it is interrupted. Commands reach it over the socket.
func (c *runCmd) Run(a *app) error {
	n, done, err := c.open(a)
	if err != nil {
		return err
	}
	defer done()
	pages, err := c.serve(a.dir(), n, false)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(a.ctx)
	defer cancel()
	served, err := control.Start(ctx, a.dir(), serveCommands(n, pages))
	if err != nil {
		return err
	}
	a.running(n)
	a.greet(a.dir(), pages, c.Open)
	err = n.Run(ctx)
	cancel()
	if pages != nil {
		a.warn(pages.close())
	}
	return errors.Join(err, served())
}

func (c *runCmd) open(a *app) (*node.Node, func(), error) {
	if c.Vault == "" {
		return a.open()
	}
	if c.Ask || c.Beyond {
		return nil, nil, fmt.Errorf("run: pages that ask for the vault's passphrase: %w", vault.ErrApart)
	}
	return a.openNode(node.Config{Vault: a.path(c.Vault)})
}

// running says that a node runs, and where.
func (a *app) running(n *node.Node) {
	for _, address := range n.Settings().Announce {
		fmt.Fprintf(a.stdout, "Listening for members on %s.\n", address)
	}
	fmt.Fprintf(a.stdout, "%s runs. Stop it with Ctrl-C.\n", n.Slug())
}

// serveCommands carries out, one at a time, what is typed elsewhere on this machine.
func serveCommands(n *node.Node, p *pages) control.Handler {
	var one sync.Mutex
	var link func() string
	if p != nil {
		link = p.link
	}
	return func(ctx context.Context, call control.Call, stdout, stderr io.Writer) int {
		one.Lock()
		defer one.Unlock()
		a := &app{ctx: ctx, cwd: call.Cwd, stdout: stdout, stderr: stderr, shared: n, link: link}
		return a.execute(call.Args)
	}
}

type bundleCmd struct {
	Export exportCmd `cmd:"" help:"Write every note that this node holds, sealed to the members."`
	Import takeCmd   `cmd:"" help:"Take a bundle's notes, through the same gate as the network's."`
	Trip   tripCmd   `cmd:"" help:"One trip of a stick: take what it brings, do what is due, write what it takes back."`
}

type exportCmd struct {
	File string `arg:"" help:"The bundle to write."`
}

func (c *exportCmd) Run(a *app) error {
	return a.with(func(n *node.Node) error { return a.export(n, c.File) })
}

func (a *app) export(n *node.Node, file string) error {
	f, err := os.OpenFile(a.path(file), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("bundle export: %w", err)
	}
	if err := n.Export(f); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("bundle export: %w", err)
	}
	fmt.Fprintf(a.stdout, "Wrote %s. Only the coalition's members can open it.\n", file)
	return nil
}

type takeCmd struct {
	File string `arg:"" help:"The bundle to read."`
}

func (c *takeCmd) Run(a *app) error {
	return a.with(func(n *node.Node) error { return a.take(n, c.File) })
}

func (a *app) take(n *node.Node, file string) error {
	text, err := os.ReadFile(a.path(file))
	if err != nil {
		return fmt.Errorf("bundle import: %w", err)
	}
	t, err := n.Import(a.ctx, text)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%d notes are new, %d were here, %d were refused.\n", t.New, t.Known, t.Refused)
	if t.Refused > 0 {
		return fmt.Errorf("bundle import: some notes did not pass the gate")
	}
	return nil
}

type tripCmd struct {
	In  string `arg:"" help:"The bundle that the stick brings."`
	Out string `arg:"" help:"The bundle that it takes back."`
}

// Run does for a member without a line what the network and the schedule do for others.
// That witnesses have yet to answer, or that the operator has yet to agree to a plan, is
// said and is no error: the stick goes back with everything else.
func (c *tripCmd) Run(a *app) error {
	return a.with(func(n *node.Node) error {
		if err := a.take(n, c.In); err != nil {
			return err
		}
		released, err := n.Release(a.ctx)
		a.report(released)
		switch {
		case errors.Is(err, vault.ErrUnconfirmed):
			fmt.Fprintln(a.stdout, "The witnesses are asked; their answers come with the next trip.")
		case errors.Is(err, vault.ErrConsent):
			a.fail(err)
		case err != nil:
			return errors.Join(err, a.export(n, c.Out))
		}
		for _, r := range n.RoundsNow() {
			fmt.Fprintln(a.stdout, roundNow(r))
		}
		return a.export(n, c.Out)
	})
}

type statusCmd struct{}

func (c *statusCmd) Run(a *app) error {
	return a.with(func(n *node.Node) error {
		s, err := n.Status(a.ctx)
		if err != nil {
			return err
		}
		return a.show(s, func(w io.Writer) { printStatus(w, s) })
	})
}

func printStatus(w io.Writer, s node.Status) {
	if s.Apart {
		fmt.Fprintf(w, "Member %s: its cases are counted where the vault is.\n", s.Slug)
	} else {
		fmt.Fprintf(w, "Member %s: %d cases of %d people, here only.\n", s.Slug, s.Cases, s.Persons)
	}
	if s.Restored != nil {
		fmt.Fprintf(w, "Restored on %s: before it draws it asks its witnesses.\n", s.Restored.Format("2006-01-02"))
	}
	if s.NewNodeKey {
		fmt.Fprintln(w, "Its node key is new: no member connects to it until an admin has put the key into the roster.")
	}
	if s.Coalition == nil {
		fmt.Fprintln(w, "In no coalition yet.")
		return
	}
	fmt.Fprintf(w, "Coalition %s (%s): %d active members.\n", s.Coalition.Name, s.Coalition.ID.Short(), s.Coalition.Active)
	fmt.Fprintf(w, "Privacy spent in the last 12 months: %d of %d nano-mu^2. Who knew everything else and guessed whether\none given person is in these cases would be right %.0f times in 100 (a coin: 50).\n", s.Spent, s.Cap, account.BestGuess(s.Spent))
	if s.Next != nil {
		fmt.Fprintf(w, "Next release: %s, on %s.\n", s.Next, s.Slot.Format("2006-01-02 15:04 MST"))
	}
	for _, r := range s.Rounds {
		fmt.Fprintln(w, roundNow(r))
	}
	printKey(w, s)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "MEMBER\tSTATUS\tNOTES\tOWES\tCONNECTED")
	for _, m := range s.Members {
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%v\n", m.Slug, m.Status, m.Head, m.Owes, m.Connected)
	}
	t.Flush()
}

// roundNow says how a joint round stands, and this member in it.
func roundNow(r node.RoundNow) string {
	given := "this member has not contributed yet"
	if r.Given {
		given = "this member has contributed"
	}
	said := fmt.Sprintf("Joint round %s: %s; %d contributions are here, %d are needed. Its sum may be opened from %s on.",
		r.Period, given, r.Have, r.Least, r.Slot.Format("2006-01-02 15:04 MST"))
	if r.Keeper {
		said += fmt.Sprintf(" This member is a keeper; lists of %d keepers are here.", r.Lists)
	}
	return said
}

// printKey says what stands between this node and the others, as far as it can know.
func printKey(w io.Writer, s node.Status) {
	k := s.Key
	if k.Since != nil {
		fmt.Fprintf(w, "Network key: that of act %d, since %s.\n", k.Act, k.Since)
	}
	if k.Next != nil {
		fmt.Fprintf(w, "Another network key begins on %s.\n", k.Next)
	}
	switch {
	case !k.Held:
		fmt.Fprintln(w, "This node cannot open the network key in force and reaches nobody who has it: ask an admin for another invitation.")
	case s.Alone:
		fmt.Fprintf(w, "No member is connected. If the network key has changed since act %d, a bundle from any member brings it.\n", s.Coalition.Version)
	}
}

type versionCmd struct{}

func (c *versionCmd) Run(a *app) error {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version + " " + info.GoVersion
	}
	fmt.Fprintln(a.stdout, "tidemark", version)
	return nil
}
