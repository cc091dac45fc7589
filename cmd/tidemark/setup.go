package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	ma "github.com/multiformats/go-multiaddr"

	"tidemark/aggregation/planner"
	"tidemark/dashboard"
	"tidemark/dashboard/guard"
	"tidemark/dashboard/view"
	"tidemark/node"
	"tidemark/node/control"
	"tidemark/node/intake"
	"tidemark/schema"
	"tidemark/schema/mapping"
	"tidemark/schema/wire"
)

type openCmd struct{ pagesFlags }

// Run opens the pages of the node that runs, else runs the folder's node, else serves the
// pages that make one.
func (c *openCmd) Run(a *app) error {
	if done, err := a.openRunning(); done {
		return err
	}
	if a.hasNode() {
		return (&runCmd{pagesFlags: c.pagesFlags, Open: true}).Run(a)
	}
	return c.setUp(a)
}

// openRunning opens the pages of the node that runs on the folder, if one does.
func (a *app) openRunning() (done bool, err error) {
	link, err := a.askLink(a.stderr)
	if errors.Is(err, control.ErrNotRunning) {
		return false, nil
	}
	if err != nil {
		return true, err
	}
	a.lead(a.dir(), func() string {
		if next, err := a.askLink(io.Discard); err == nil {
			return next
		}
		return link
	}, true)
	return true, nil
}

// askLink asks the process that holds the folder for a fresh link.
func (a *app) askLink(stderr io.Writer) (string, error) {
	var out strings.Builder
	code, err := control.Do(a.ctx, a.dir(), control.Call{Args: []string{"dashboard"}, Cwd: a.cwd}, &out, stderr)
	if err == nil && code != exitDone {
		err = fmt.Errorf("open: the node that runs gives no link")
	}
	return strings.TrimSpace(out.String()), err
}

// hasNode tells whether the folder holds a node. Without a passphrase nothing is opened.
func (a *app) hasNode() bool {
	_, err := node.Open(a.ctx, node.Config{Dir: a.dir()})
	return !errors.Is(err, node.ErrNoNode)
}

// setUp serves the pages that make a node, and runs the node once they are through.
func (c *openCmd) setUp(a *app) error {
	if c.Dashboard == "off" || c.Beyond {
		return fmt.Errorf("open: there is no node yet, and one is made by pages on this machine only; without pages: tidemark init")
	}
	if err := os.MkdirAll(a.dir(), 0o700); err != nil {
		return fmt.Errorf("open: %w", err)
	}
	f := &founder{app: a, dir: a.dir(), flags: c.pagesFlags, ready: make(chan *node.Node, 1)}
	defer f.close()
	if err := f.start(); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "There is no node in %s yet. It is made in the browser; Ctrl-C ends this.\n", a.dir())
	return f.serve()
}

// founder makes a node by the pages of the setup, with what the commands use. It is
// dashboard.NewNode, NewCoalition and NewCases.
type founder struct {
	app   *app
	dir   string
	flags pagesFlags
	pages *pages
	ready chan *node.Node // gets the node when it is to run

	mu       sync.Mutex
	node     *node.Node
	made     bool // the folder, by this process
	finished bool
	commands control.Handler
	mapping  *mapping.Mapping // of the upload
	upload   []byte           // the checked export; in memory: no case rests in a file outside the vault
}

// start serves the setup's pages behind a guard of their own.
func (f *founder) start() error {
	s, err := dashboard.NewSetup(dashboard.SetupConfig{
		Node: f, Coalition: f, Cases: f, Slug: randomSlug, Line: checkLine, Now: time.Now, Unsafe: true,
	})
	if err != nil {
		return err
	}
	name, err := randomSlug() // of the cookie: two setups may run on one machine
	if err != nil {
		return err
	}
	f.pages, err = start(f.flags.Dashboard, guard.Config{
		Node: string(name), Open: []string{"/static/"}, Page: s.GuardPage, MaxBody: dashboard.SetupBody,
	}, s)
	return err
}

// serve waits until the node is made, and then for its end.
func (f *founder) serve() error {
	ctx, cancel := context.WithCancel(f.app.ctx)
	defer cancel()
	served, err := control.Start(ctx, f.dir, f.command)
	if err != nil {
		return err
	}
	f.app.greet(f.dir, f.pages, true)
	select {
	case <-ctx.Done():
	case n := <-f.ready:
		f.app.running(n)
		err = n.Run(ctx)
	}
	cancel()
	f.app.warn(f.pages.close())
	return errors.Join(err, served())
}

func (f *founder) close() {
	f.Drop()
	if n := f.opened(); n != nil {
		f.app.warn(n.Close())
	}
}

// command carries out what is typed elsewhere on this machine: of a node that is not made
// yet, only the way into the pages.
func (f *founder) command(ctx context.Context, call control.Call, stdout, stderr io.Writer) int {
	f.mu.Lock()
	commands := f.commands
	f.mu.Unlock()
	switch {
	case commands != nil:
		return commands(ctx, call, stdout, stderr)
	case slices.Contains(call.Args, "dashboard"):
		fmt.Fprintln(stdout, f.pages.link())
		return exitDone
	}
	fmt.Fprintln(stderr, "tidemark: this folder's node is being made, in a browser\n  For a link into its pages: tidemark dashboard")
	return exitRefused
}

func (f *founder) opened() *node.Node {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.node
}

// Standing is how far the node has come.
func (f *founder) Standing(ctx context.Context) (view.SetupStanding, error) {
	n := f.opened()
	if n == nil {
		return view.SetupStanding{Codebook: schema.Incident()}, nil
	}
	out := view.SetupStanding{
		Made: true, Slug: n.Slug(), Listens: len(n.Settings().Announce) > 0, Codebook: n.Codebook(),
	}
	var err error
	if out.Words, err = n.RequestWords(); err != nil {
		return out, err
	}
	stats, err := n.Vault().Stats(ctx)
	if err != nil {
		return out, err
	}
	out.Cases, out.Persons = stats.Cases, stats.Persons
	if st := n.State(); st != nil {
		out.Coalition = &view.SetupCoalition{
			Name: st.Charter().Name, ID: st.ID(), Plan: wire.PlanHash(st.Charter().Plan), Active: st.Roster().Active(),
		}
		if due, ok := n.NextSlot(); ok {
			out.Coalition.Next, out.Coalition.Slot = due.Period, due.Slot
		}
	}
	return out, nil
}

// Make makes the folder and opens it. What fails after the folder is whole can be tried
// again.
func (f *founder) Make(_ context.Context, who dashboard.Newcomer, passphrase string) error {
	s, err := complete(node.Settings{Slug: who.Slug, Title: who.Title, Language: who.Language, Listen: who.Line})
	if err != nil {
		return err
	}
	cfg := node.Config{Dir: f.dir, Unlock: node.Unlock{Passphrase: passphrase}, Told: f.app.tell}
	if !f.made {
		if err := node.Init(cfg, s); err != nil {
			return err
		}
		f.made = true
	}
	n, err := node.Open(f.app.ctx, cfg)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.node, f.commands = n, serveCommands(n, f.pages)
	return nil
}

// checkLine tells whether members could dial an address. Names are refused as the node
// refuses them.
func checkLine(address string) error {
	if _, err := ma.NewMultiaddr(address); err != nil || strings.HasPrefix(address, "/dns") {
		return &dashboard.SetupError{Says: dashboard.SetupLine}
	}
	return nil
}

// choose is the plan that coalition create would choose.
func (f *founder) choose(sizes []int, first schema.Period, mode schema.Mode) (*schema.Codebook, schema.Plan, error) {
	cb := schema.Incident()
	plan, err := (&founding{People: sizes, First: first.String()}).choose(cb, mode)
	return cb, plan, err
}

// Plan says what the plan promises that Found would choose.
func (f *founder) Plan(sizes []int, first schema.Period, mode schema.Mode) (planner.Modes, error) {
	cb, plan, err := f.choose(sizes, first, mode)
	if err != nil {
		return planner.Modes{}, err
	}
	return planner.Compare(cb, plan, sizes)
}

// Found founds the coalition. A browser that goes away does not stop it half way.
func (f *founder) Found(ctx context.Context, c dashboard.Founding) error {
	cb, plan, err := f.choose(c.Sizes, c.First, c.Mode)
	if err != nil {
		return err
	}
	_, err = found(context.WithoutCancel(ctx), f.opened(), c.Name, cb, plan)
	return err
}

// Request is the note that asks for admission.
func (f *founder) Request() ([]byte, error) { return f.opened().Request() }

// Join takes an invitation.
func (f *founder) Join(ctx context.Context, invitation []byte, words string) error {
	err := f.opened().Join(context.WithoutCancel(ctx), invitation, words)
	switch {
	case errors.Is(err, node.ErrWords):
		return &dashboard.SetupError{Says: dashboard.SetupWords}
	case err != nil:
		return &dashboard.SetupError{Says: dashboard.SetupInvitation, Err: err}
	}
	return nil
}

// Check reads an export by a mapping.
func (f *founder) Check(ctx context.Context, text []byte, export io.Reader) (view.SetupCheck, error) {
	f.Drop()
	m, err := mapping.Parse(text, f.opened().Codebook())
	if err != nil {
		return view.SetupCheck{}, &dashboard.SetupError{Says: dashboard.SetupMapping, Err: err}
	}
	if f.upload, err = io.ReadAll(export); err != nil {
		f.Drop()
		return view.SetupCheck{}, fmt.Errorf("upload: %w", err)
	}
	f.mapping = m
	r, err := intake.ReadBytes(ctx, m, f.upload, func(mapping.Case) error { return nil })
	if err != nil {
		f.Drop()
		return view.SetupCheck{}, &dashboard.SetupError{Says: dashboard.SetupExport, Err: err}
	}
	out := view.SetupCheck{
		Rows: r.Rows, Mapped: r.Mapped, Refused: r.Refused, Protects: m.Protection(),
		Refusals: r.Refusals, Coverage: r.Coverage, Doubts: m.Lint(),
	}
	for _, reason := range r.Reasons {
		out.Reasons = append(out.Reasons, view.SetupReason(reason))
	}
	return out, nil
}

// Take takes in the export that was checked.
func (f *founder) Take(ctx context.Context) (view.SetupTaken, error) {
	if f.upload == nil {
		return view.SetupTaken{}, fmt.Errorf("import: no export was checked")
	}
	var read intake.Report
	ctx = context.WithoutCancel(ctx)
	taken, err := f.opened().Vault().Import(ctx, f.mapping.Protection(), intake.CasesOf(ctx, f.mapping, f.upload, &read))
	if err != nil {
		return view.SetupTaken{}, err
	}
	f.Drop()
	return view.SetupTaken(taken), nil
}

// Drop forgets the export that was checked.
func (f *founder) Drop() { f.mapping, f.upload = nil, nil }

// Finish lets the node join the network and run, and puts its pages in the setup's place.
func (f *founder) Finish(context.Context) (string, error) {
	n := f.opened()
	if !f.finished {
		if err := f.join(n); err != nil {
			return "", err
		}
		f.finished = true
		f.ready <- n
	}
	return f.pages.way(), nil
}

func (f *founder) join(n *node.Node) error {
	if n.State() != nil {
		if err := n.Start(f.app.ctx); err != nil {
			return &dashboard.SetupError{Says: dashboard.SetupNetwork, Err: err}
		}
	}
	cfg, pages, err := f.flags.dashboard(f.dir, n, false)
	if err != nil {
		return err
	}
	return f.pages.turn(cfg, pages)
}
