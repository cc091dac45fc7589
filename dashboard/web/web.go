// Package web holds the pages' templates and their style, embedded.
//
// # What this package must not do
//
// It has no logic. A template shows what its model holds; it computes no number and
// writes no sentence. No page has a style attribute, a script, or anything from
// another host.
package web

import "embed"

// Templates are layout.html and one file for each page.
//
//go:embed templates/*.html
var Templates embed.FS

// Static is what the pages load.
//
//go:embed static
var Static embed.FS
