package browser

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// flags make pages look the same everywhere and keep the browser quiet. The names
// resolve to nothing but this machine. A page that Back finds is loaded again: what the
// browser keeps of a page after leaving it, Text and Click do not find.
const flags = `
--disable-dev-shm-usage
--disable-background-networking
--disable-component-update
--disable-default-apps
--disable-extensions
--disable-features=BackForwardCache,MediaRouter,OptimizationHints,Translate
--disable-quic
--disable-renderer-backgrounding
--disable-sync
--font-render-hinting=none
--force-color-profile=srgb
--hide-scrollbars
--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE [::1]
--metrics-recording-only
--no-proxy-server
--password-store=basic
--use-mock-keychain
`

// process is one running browser, shared by the tabs that want the same flags.
type process struct {
	ctx  context.Context
	stop func()
	tabs int
}

// pool holds the test binary's browsers. A process ends with its last tab; in a binary
// whose TestMain calls Main, with the binary.
type pool struct {
	mu      sync.Mutex
	keep    bool
	running map[string]*process
}

// Package-level, because nothing else outlives a test and this is never in the product.
var shared = pool{running: map[string]*process{}}

// Main runs the tests and lets them share one browser until the end:
//
//	func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }
func Main(m *testing.M) int {
	shared.mu.Lock()
	shared.keep = true
	shared.mu.Unlock()
	defer shared.end()
	return m.Run()
}

func (p *pool) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.running {
		one.stop()
	}
	clear(p.running)
}

// take returns a running browser with these flags beside the usual ones.
func (p *pool) take(t testing.TB, extra []string) *process {
	t.Helper()
	path := find(t)
	key := strings.Join(extra, "\n")
	p.mu.Lock()
	defer p.mu.Unlock()
	one := p.running[key]
	if one == nil || one.ctx.Err() != nil {
		one = launch(t, path, extra)
		p.running[key] = one
	}
	one.tabs++
	t.Cleanup(func() { p.give(key, one) })
	return one
}

func (p *pool) give(key string, one *process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	one.tabs--
	if one.tabs == 0 && !p.keep {
		one.stop()
		delete(p.running, key)
	}
}

func find(t testing.TB) string {
	t.Helper()
	needed := os.Getenv("TIDEMARK_NEED_BROWSER") == "1"
	if testing.Short() && !needed {
		t.Skip("no browser in short tests")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if needed {
		t.Fatal("no chromium or chrome on PATH, and TIDEMARK_NEED_BROWSER=1")
	}
	t.Skip("no chromium or chrome on PATH")
	return ""
}

func launch(t testing.TB, path string, extra []string) *process {
	t.Helper()
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck, chromedp.WindowSize(1280, 900),
	}
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // root has no sandbox to use
	}
	for _, f := range append(strings.Split(strings.TrimSpace(flags), "\n"), extra...) {
		options = append(options, flag(f))
	}
	// Without a profile's path, chromedp makes one and removes it.
	alloc, release := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ := chromedp.NewContext(alloc) // stop ends it
	stop := func() {
		patience, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		_ = chromedp.Cancel(patience) // whatever is left, release kills
		release()
	}
	if err := chromedp.Do(ctx); err != nil {
		stop()
		t.Fatalf("start browser: %v", err)
	}
	return &process{ctx: ctx, stop: stop}
}

// flag turns "--name=value" or "--name" into an option; a later one replaces it.
func flag(f string) chromedp.ExecAllocatorOption {
	name, value, has := strings.Cut(strings.TrimPrefix(f, "--"), "=")
	if !has {
		return chromedp.Flag(name, true)
	}
	return chromedp.Flag(name, value)
}
