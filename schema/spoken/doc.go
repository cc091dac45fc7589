// Package spoken turns a hash into eight words that two people read to one another, by
// telephone or in person, before one lets the other into a coalition.
//
// Whoever carries a request or an invitation could put another in its place. The words
// come over another way than the file: who hears them from the person herself, and finds
// that they are those of the file at hand, knows that it is hers. Words that came with
// the file prove nothing.
//
// Eight words are 64 bits: whoever wants another file with the same words tries 2^64 keys.
// The list is English, because all nodes of a coalition must say the same.
//
// # What this package must not do
//
// It knows no files, no network, no clock and no randomness, and forgives no word that
// is nearly right.
package spoken
