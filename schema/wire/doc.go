// Package wire writes and reads signed notes. Everything that leaves a node is one: a
// page of text that a lawyer can open in an editor, an empty line, and a signature line
// for each signer.
//
// A text has one form only. [Text] writes it, [Parse] reads it, and what Parse accepts
// Text writes again byte for byte; so two nodes that hold the same body hold the same
// note id. For every kind one function in body.go states the lines in their order and
// serves both ways.
//
// Signatures are those of golang.org/x/mod/sumdb/note. That library lets pass what must
// not pass here: any size, strangers' lines, repeated lines, loose base64, bidi
// characters. [Verify] adds what is missing and is the only maker of [Verified].
//
// The rules, numbered W1 to W40, stand in schema/SPEC.md, each with its vector in
// testdata/vectors.
//
// # What this package must not do
//
// It knows no coalition: whether a signer is still a member, whether a sequence follows,
// whether a table is the plan's, is asked of schema/coalition and node/gate. It reads no
// clock, no file and no randomness, makes no keys, and puts no value of a note into an error.
package wire
