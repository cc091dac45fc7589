package browser

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Viewport sets the window's size in CSS pixels, as a phone's if mobile.
func (b *Browser) Viewport(width, height int, mobile bool) {
	b.t.Helper()
	var options []chromedp.EmulateViewportOption
	if mobile {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	must(b, "viewport", chromedp.EmulateViewport(int64(width), int64(height), options...))
}

// Dark asks pages for their dark look, or their light one.
func (b *Browser) Dark(on bool) {
	b.t.Helper()
	b.Feature("prefers-color-scheme", map[bool]string{true: "dark", false: "light"}[on])
}

// Print shows pages as they are printed.
func (b *Browser) Print(on bool) {
	b.t.Helper()
	b.print = on
	b.setMedia()
}

// Feature sets one feature of media queries, such as forced-colors or
// prefers-reduced-motion. An empty value unsets it.
func (b *Browser) Feature(name, value string) {
	b.t.Helper()
	b.features[name] = value
	b.setMedia()
}

func (b *Browser) setMedia() {
	b.t.Helper()
	params := emulation.SetEmulatedMediaParams{}
	if b.print {
		params.Media = "print"
	}
	for name, value := range b.features {
		params.Features = append(params.Features, &emulation.MediaFeature{Name: name, Value: value})
	}
	must(b, "media", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, params)
		return err
	}))
}

// Scripts turns the pages' scripts off, or on again, from the next page on. Eval still
// works.
func (b *Browser) Scripts(off bool) {
	b.t.Helper()
	must(b, "scripts", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: off})
		return err
	}))
}

// Screenshot is a PNG of the window, or of the full page.
func (b *Browser) Screenshot(full bool) []byte {
	b.t.Helper()
	if full {
		return run(b, "screenshot", chromedp.FullScreenshot(100)) // less than 100 is JPEG
	}
	return run(b, "screenshot", chromedp.CaptureScreenshot())
}

// PDF prints the page, tagged, on the paper that its style asks for.
func (b *Browser) PDF() []byte {
	b.t.Helper()
	return run(b, "pdf", chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize(), chromedp.PDFOutlineAndTagged(), chromedp.PDFPrintBackground()))
}
