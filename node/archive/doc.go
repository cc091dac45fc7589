// Package archive is the form of a backup: one age file whose plaintext is a header and
// the parts of a node's folder, in pieces that are chained by hash up to a last one, which
// says that nothing is missing. SPEC.md beside this file has the rules and an example.
//
// A [Writer] and a [Reader] hold one piece in memory, whatever the backup's size.
//
// # What this package must not do
//
// It knows no files, no network and no clock. A part's name stands for a place that the
// reader knows; it is never used as a path.
package archive
