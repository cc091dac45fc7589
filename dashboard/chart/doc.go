// Package chart draws estimates: over periods as a ribbon chart, small multiples of it
// and a spark for a sentence; whole tables as a heat map, ranked bars and single bars.
//
// It works in two steps. A layout (LayoutTrend, LayoutMini, LayoutSpark, LayoutHeat,
// LayoutRank, LayoutBar) turns what is to be shown into a Scene: primitives with a role ("b95", "line", "gaphat"), in the
// order of painting, never with a colour. A writer turns the Scene into SVG inside
// a page (roles become CSS classes, see CSS), into an SVG file of its own (roles
// become attributes) or into a PNG. What is drawn can so be read, compared and
// tested as text, and all the forms show the same thing.
//
// Every string arrives ready to be shown, in the language of the page. The words
// may run from right to left (Trend.RTL), and time may (Trend.Mirror); the two do
// not depend on each other.
//
// # What this package must not do
//
// It knows no plan, release or language, formats no number itself (Trend.Number
// does), and decides nothing about what may be shown: the Kind of a mark is given.
// It reads no file but those embedded in it, no clock and no network. It writes no
// script, no style attribute and no address that leaves the node.
package chart
