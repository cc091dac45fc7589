package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience is how long one step may take.
const patience = 30 * time.Second

// Browser is one tab. It is not safe for concurrent use.
type Browser struct {
	t    testing.TB
	ctx  context.Context
	seen *seen

	print    bool
	features map[string]string // of media queries
}

// seen is what the tab's events told; they arrive on another goroutine.
type seen struct {
	mu       sync.Mutex
	requests []string
	errors   []string
}

// Start opens an empty tab with its own cookies. Flags are further ones for the browser,
// such as --host-resolver-rules=MAP evil.example 127.0.0.1.
func Start(t testing.TB, flags ...string) *Browser {
	t.Helper()
	return newTab(t, shared.take(t, flags).ctx, chromedp.WithNewBrowserContext())
}

// Tab opens another tab that has the cookies of this one.
func (b *Browser) Tab() *Browser {
	b.t.Helper()
	return newTab(b.t, b.ctx)
}

func newTab(t testing.TB, parent context.Context, options ...chromedp.ContextOption) *Browser {
	t.Helper()
	b := &Browser{t: t, seen: &seen{}, features: map[string]string{}}
	ctx, cancel := chromedp.NewContext(parent, append(options, chromedp.WithListener(b.seen.note))...)
	t.Cleanup(cancel)
	b.ctx = ctx
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open tab: %v", err)
	}
	must(b, "watch network", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{})
		return err
	}))
	return b
}

func (s *seen) note(event any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		s.requests = append(s.requests, e.Request.URL)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			s.errors = append(s.errors, strings.TrimSpace(e.Entry.Text+" "+e.Entry.URL))
		}
	case *runtime.EventExceptionThrown:
		s.errors = append(s.errors, exceptionText(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			s.errors = append(s.errors, argsText(e.Args))
		}
	}
}

func exceptionText(d *runtime.ExceptionDetails) string {
	if d.Exception != nil && d.Exception.Description != "" {
		return d.Exception.Description
	}
	return d.Text
}

func argsText(args []*runtime.RemoteObject) string {
	var parts []string
	for _, a := range args {
		parts = append(parts, strings.Trim(fmt.Sprint(a.Value), `"`)+a.Description)
	}
	return strings.Join(parts, " ")
}

// run does one step within patience, or ends the test.
func run[T any](b *Browser, what string, a chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		b.t.Fatalf("browser: %s: %v", what, err)
	}
	return v
}

func must(b *Browser, what string, a chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	run(b, what, a)
}

// Open loads a page and returns its HTTP status.
func (b *Browser) Open(url string) int {
	b.t.Helper()
	status, err := b.TryOpen(url)
	if err != nil {
		b.t.Fatalf("browser: open %s: %v", url, err)
	}
	return status
}

// TryOpen is Open for a page that may not come.
func (b *Browser) TryOpen(url string) (status int, err error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	response, err := chromedp.RunResponse(ctx, chromedp.Navigate(url))
	if err != nil {
		return 0, err
	}
	return int(response.Status), nil
}

// Back goes one page back, whether the browser loads that page again or kept it.
func (b *Browser) Back() {
	b.t.Helper()
	must(b, "back", func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		h, err := cdp.Call(ctx, t, page.GetNavigationHistory, cdp.Empty{})
		if err != nil {
			return chromedp.Void{}, err
		}
		if h.CurrentIndex == 0 {
			return chromedp.Void{}, errors.New("no page to go back to")
		}
		to := page.NavigateToHistoryEntryParams{EntryID: h.Entries[h.CurrentIndex-1].ID}
		if _, err := cdp.Call(ctx, t, page.NavigateToHistoryEntry, to); err != nil {
			return chromedp.Void{}, err
		}
		return chromedp.Void{}, awaitEntry(ctx, t, h.CurrentIndex-1)
	})
}

// awaitEntry asks until the tab is there: a page that the browser kept has no load event.
// On the way the tab may have no page that could answer.
func awaitEntry(ctx context.Context, t *chromedp.Target, index int64) error {
	for ctx.Err() == nil {
		h, err := cdp.Call(ctx, t, page.GetNavigationHistory, cdp.Empty{})
		state, stateErr := chromedp.Evaluate[string]("document.readyState")(ctx, t)
		if err == nil && stateErr == nil && h.CurrentIndex == index && state == "complete" {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return ctx.Err()
}

// URL is where the tab is.
func (b *Browser) URL() string { b.t.Helper(); return run(b, "url", chromedp.Location()) }

// Text is the visible text of the first match, which it waits for.
func (b *Browser) Text(css string) string {
	b.t.Helper()
	return run(b, "text of "+css, chromedp.Text(chromedp.CSS(css)))
}

// HTML is the page as it stands now.
func (b *Browser) HTML() string {
	b.t.Helper()
	return Eval[string](b, "document.documentElement.outerHTML")
}

// Count tells how many elements match now.
func (b *Browser) Count(css string) int {
	b.t.Helper()
	quoted, _ := json.Marshal(css) // a string always encodes
	return Eval[int](b, "document.querySelectorAll("+string(quoted)+").length")
}

// Eval runs JavaScript in the page, outside its content security policy, and waits for
// a promise.
func Eval[T any](b *Browser, js string) T {
	b.t.Helper()
	return run(b, "evaluate", chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
}

// Click clicks the first match once it is visible.
func (b *Browser) Click(css string) {
	b.t.Helper()
	must(b, "click "+css, chromedp.Click(chromedp.CSS(css)))
}

// Follow clicks what leads to another page, waits for it and returns its HTTP status.
func (b *Browser) Follow(css string) int {
	b.t.Helper()
	return b.navigate("follow "+css, chromedp.Click(chromedp.CSS(css)))
}

func (b *Browser) navigate(what string, a chromedp.Action[chromedp.Void]) int {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	response, err := chromedp.RunResponse(ctx, a)
	if err != nil {
		b.t.Fatalf("browser: %s: %v", what, err)
	}
	return int(response.Status)
}

// Type types into the first match.
func (b *Browser) Type(css, text string) {
	b.t.Helper()
	must(b, "type into "+css, chromedp.SendKeys(chromedp.CSS(css), text))
}

// Press presses Tab, Shift+Tab, Enter, Space, Escape or an arrow (Up, Down, Left,
// Right) where the focus is.
func (b *Browser) Press(key string) {
	b.t.Helper()
	must(b, "press "+key, b.key(key))
}

// PressToFollow presses a key that leads to another page, and returns its HTTP status.
func (b *Browser) PressToFollow(key string) int {
	b.t.Helper()
	return b.navigate("press "+key, b.key(key))
}

func (b *Browser) key(name string) chromedp.Action[chromedp.Void] {
	b.t.Helper()
	var options []chromedp.KeyOption
	bare, shifted := strings.CutPrefix(name, "Shift+")
	if shifted {
		options = append(options, chromedp.KeyModifiers(chromedp.ModifierShift))
	}
	code, ok := map[string]string{
		"Tab": kb.Tab, "Enter": kb.Enter, "Space": " ", "Escape": kb.Escape,
		"Up": kb.ArrowUp, "Down": kb.ArrowDown, "Left": kb.ArrowLeft, "Right": kb.ArrowRight,
	}[bare]
	if !ok {
		b.t.Fatalf("browser: press %s: no such key here", name)
	}
	return chromedp.KeyEvent(code, options...)
}

// Focused is the outer HTML of the element that has the focus.
func (b *Browser) Focused() string {
	b.t.Helper()
	return Eval[string](b, "document.activeElement.outerHTML")
}

// Requests are the URLs that the tab asked for since it was opened, in order; data: and
// blob: too.
func (b *Browser) Requests() []string {
	b.seen.mu.Lock()
	defer b.seen.mu.Unlock()
	return slices.Clone(b.seen.requests)
}

// Errors are what the console reported as errors: exceptions, failed loads, refusals by
// the content security policy.
func (b *Browser) Errors() []string {
	b.seen.mu.Lock()
	defer b.seen.mu.Unlock()
	return slices.Clone(b.seen.errors)
}

// PolicyErrors are the errors that are refusals by a content security policy.
func (b *Browser) PolicyErrors() []string {
	return slices.DeleteFunc(b.Errors(), func(e string) bool { return !strings.Contains(e, "Content Security Policy") })
}
