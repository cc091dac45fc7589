// Package gate decides what a node accepts: a verified note against what is known.
//
// Everything that comes in passes here once, whether by gossip, by catch-up or on a USB
// stick: an act, a parcel (a place in a member's feed), a proof that a member said two
// things, or what lies on a member's desk: an intent on its way to witnesses, a check, an
// answer to it. [Check] returns an [Accepted], which no other function makes, or an error that
// says why not: [ErrInvalid], [ErrUnknown], [ErrStale], [ErrGap], [ErrEarly],
// [ErrEquivocation], [ErrSuspended]. The rules, numbered 4 to 28, stand in
// node/PROTOCOL.md, each with the name of its test.
//
// # What this package must not do
//
// It is pure: no network, no file, no clock, no randomness, and it changes nothing. It
// does not store (node/feeds does), does not choose a verdict on who sent something
// (node/gossip does), and never puts a value of a note into an error.
package gate
