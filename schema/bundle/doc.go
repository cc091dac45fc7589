// Package bundle puts notes into a file that travels on a stick or by e-mail, and takes
// them out again: charter, acts, codebook, parcels, lone notes, and items that are
// sealed already.
//
// [Write] makes a plain zip, always the same bytes for the same notes; [Read] accepts
// nothing that Write would not have written. [Seal] encrypts it to age recipients,
// padded, because a stick is found one day; [Open] is its way back.
//
// The rules, numbered B1 to B8, stand in schema/SPEC.md.
//
// # What this package must not do
//
// It judges form alone. Whether a note in a bundle is signed, known or welcome is asked
// of the gate, the same that notes from the network pass. It opens no files, and keeps
// no keys.
package bundle
