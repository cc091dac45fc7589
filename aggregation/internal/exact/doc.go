// Package exact counts people into a plan's tables. It is the only place where exact
// counts for a release exist, and it gives them to nobody: the result of [Count] adds
// noise to them, once, and forgets them.
//
// A person's records arrive together; everything about one person is decided when her
// last record has passed. Memory is the tables and at most 100 cases, whatever the
// number of records and however many cases one person has.
//
// # What this package must not do
//
// No type here has a String or a Marshal method or an exported field, no error names a
// value, and no count is returned without noise. Nothing here is random, and nothing
// depends on the order of one person's records.
package exact
