package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"

	"tidemark/cmd/tidemark/internal/press"
	"tidemark/cmd/tidemark/internal/screen"
	"tidemark/dashboard"
	"tidemark/dashboard/guard"
	"tidemark/node"
)

// pagesFlags say where a node's pages are.
type pagesFlags struct {
	Dashboard string `default:"${pages}" help:"Where the pages are: a loopback address, or off." placeholder:"ADDR"`
	Beyond    bool   `name:"dashboard-beyond-loopback" help:"Let other machines reach the pages. They then ask for the vault's passphrase."`
	Ask       bool   `name:"dashboard-passphrase" help:"Let the pages ask for the vault's passphrase."`
}

// defaultPages is where pages are if nothing else is said; a free port beside it where
// another node on this machine has it.
const defaultPages = "127.0.0.1:7450"

// pages is a dashboard that is being served, or the setup that comes before it.
type pages struct {
	now    atomic.Pointer[guarded]
	before atomic.Pointer[guarded] // what turn has replaced; nil once somebody is in
	base   string
	server *http.Server
	done   chan error
}

// guarded is a handler behind its guard.
type guarded struct {
	guard *guard.Guard
	http.Handler
}

func newGuarded(cfg guard.Config, h http.Handler) (*guarded, error) {
	g, err := guard.New(cfg)
	if err != nil {
		return nil, err
	}
	return &guarded{g, g.Wrap(h)}, nil
}

// ServeHTTP answers with what is there now.
func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if old := p.before.Load(); old != nil && strings.HasPrefix(r.URL.Path, "/setup/") {
		old.ServeHTTP(w, r)
		return
	}
	p.now.Load().ServeHTTP(w, r)
}

// turn puts another handler behind a guard of its own. What was there still answers below
// /setup/ until somebody is in: a second click on its last button leads in too.
func (p *pages) turn(cfg guard.Config, h http.Handler) error {
	next, err := newGuarded(cfg, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/static/") {
			p.before.Store(nil)
		}
		h.ServeHTTP(w, r)
	}))
	if err != nil {
		return err
	}
	p.before.Store(p.now.Load())
	p.now.Store(next)
	return nil
}

// link is a fresh way in, good for two minutes and once.
func (p *pages) link() string { return p.now.Load().guard.Link(p.base) }

// way is link for who is on these pages already, under whatever name of this machine.
func (p *pages) way() string { return p.now.Load().guard.Link("") }

// close ends it; open requests may finish.
func (p *pages) close() error {
	err := p.server.Shutdown(context.Background())
	if served := <-p.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// serve starts a node's pages; nil where they are off.
func (f *pagesFlags) serve(dir string, n *node.Node, demo bool) (*pages, error) {
	if f.Dashboard == "off" {
		return nil, nil
	}
	cfg, d, err := f.dashboard(dir, n, demo)
	if err != nil {
		return nil, err
	}
	return start(f.Dashboard, cfg, d)
}

// dashboard is a node's pages with what guards them.
func (f *pagesFlags) dashboard(dir string, n *node.Node, demo bool) (guard.Config, http.Handler, error) {
	token, err := apiToken(dir)
	if err != nil {
		return guard.Config{}, nil, err
	}
	s := &screen.Screen{Node: n, Demo: demo}
	d, err := dashboard.New(dashboard.Config{Coalition: s, Own: s, Governance: s, Admin: s, Register: s, Briefs: &press.Press{Node: n, Screen: s, Now: clock, Dir: dir}, Codebook: n.Codebook(), Demo: demo, Unsafe: true})
	if err != nil {
		return guard.Config{}, nil, err
	}
	go d.Warm()
	cfg := guard.Config{Node: string(n.Slug()), Token: token, Open: []string{"/static/"}, Page: d.GuardPage, Beyond: f.Beyond}
	if f.Ask || f.Beyond {
		cfg.Passphrase = func(_ context.Context, typed string) bool { return n.Unlocks(typed) }
	}
	return cfg, d, nil
}

// start listens and serves a handler behind its guard.
func start(address string, cfg guard.Config, h http.Handler) (*pages, error) {
	first, err := newGuarded(cfg, h)
	if err != nil {
		return nil, err
	}
	l, err := guard.Listen(address, cfg.Beyond)
	if errors.Is(err, syscall.EADDRINUSE) && address == defaultPages {
		l, err = guard.Listen("127.0.0.1:0", false)
	}
	if err != nil {
		return nil, err
	}
	p := &pages{base: "http://" + l.Addr().String(), done: make(chan error, 1)}
	p.now.Store(first)
	p.server = guard.Server(p)
	if tcp, ok := l.Addr().(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		p.base = fmt.Sprintf("http://127.0.0.1:%d", tcp.Port)
	}
	go func() { p.done <- p.server.Serve(l) }()
	return p, nil
}

// apiToken is what programs show to the API: made once, readable by this user only.
func apiToken(dir string) (string, error) {
	path := filepath.Join(dir, "api-token")
	text, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(text)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("api token: %w", err)
	}
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return "", fmt.Errorf("api token: %w", err)
	}
	token := hex.EncodeToString(secret)
	if err := os.WriteFile(path, []byte(token+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("api token: %w", err)
	}
	return token, nil
}

type dashboardCmd struct{}

// Run prints a fresh link into the pages of the node that runs.
func (c *dashboardCmd) Run(a *app) error {
	switch {
	case a.shared == nil:
		return errNotRunning
	case a.link == nil:
		return fmt.Errorf("dashboard: the node runs without pages")
	}
	fmt.Fprintln(a.stdout, a.link())
	return nil
}

var errNotRunning = errors.New("dashboard: no node is running on this folder")

// greet says where the pages are, and opens them where that was asked for and a screen is
// there to see them.
func (a *app) greet(dir string, p *pages, open bool) {
	if p != nil {
		a.lead(dir, p.link, open)
	}
}

// lead is greet for pages that another process may serve.
func (a *app) lead(dir string, link func() string, open bool) {
	again := "tidemark dashboard"
	if a.flags.Dir != "" || dir != a.dir() {
		again = "tidemark --dir " + dir + " dashboard"
	}
	fmt.Fprintf(a.stdout, "Pages: %s\n  Good once, for two minutes; for a new link: %s\n", link(), again)
	if open {
		if err := browse(a.ctx, dir, link()); err != nil {
			fmt.Fprintf(a.stdout, "Open the link in a browser (%v).\n", err)
		}
	}
}
