// Package aggregation turns a period's records into the noisy tables of a release.
//
// [Draw] is the only way from records to something that may be signed. It counts people
// into the plan's tables (internal/exact), asks a [Noiser] once for all the noise of the
// release, and adds integers to integers. The noise comes from package noise, in
// production from a child process that never sees a record; what a release costs is
// package account's matter. PRIVACY.md beside this file says what is promised, and why
// it holds.
//
// # What this package must not do
//
// It must not let an exact count out, neither in a result nor in an error, a log or a
// size; it must not decide anything from the data: the same tables, cells and noise are
// asked for whether there are no records or a million. It keeps no state, so it cannot
// know whether a period has been drawn before: drawn once is the vault's promise. It
// knows no files, no network and no clock.
package aggregation
