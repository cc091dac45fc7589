// Package browser lets tests look at pages in a real, headless Chromium.
//
//	b := browser.Start(t)
//	b.Open(server.URL + "/trends")
//	if got := b.Text("h1"); got != "Trends" { ... }
//
// Each Start is a tab with cookies of its own; the tabs of a test binary share one
// browser process. Without a browser on PATH, and with -short, the test is skipped,
// unless the environment says TIDEMARK_NEED_BROWSER=1. Any failure of the browser ends
// the test.
//
// The browser resolves no name and reaches no host but this machine, whatever a page
// asks for; [Browser.Requests] lists what it asked for.
//
// # What this package must not do
//
// Only tests import it: neither it nor chromedp may get into the product. It knows
// nothing of the pages it opens. It downloads nothing; axe-core is read from the path
// in TIDEMARK_AXE.
package browser
