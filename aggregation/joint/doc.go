// Package joint adds up the members' tables without anybody seeing one of them: each
// member splits its counters and its share of the noise among keepers, keepers add up what
// they hold, and only the sum over all members is ever put together.
//
// A member contributes one note and may go offline ([Round.Contribute]). A keeper opens its
// part of each ([Round.Open]) and lists those that it could open, with a check value that
// tells shares which do not belong together. From the lists follows whose contributions are
// summed, or that they are too few ([Round.Propose], [Round.Judge]). The keepers that it
// rests on publish their sums ([Round.Sum]), and anyone puts the result together from them
// ([Round.Interpolate]). SPEC.md beside this file is the protocol; what it promises about
// one person is PRIVACY.md of aggregation, section 7.
//
// # What this package must not do
//
// It knows no files, no network and no clock, and keeps nothing: that a keeper signs one
// agreement in a round, ever, and destroys its key after its sum, is the node's. Noise is
// drawn and added before it gets the counters. A [Share] shows nothing when it is printed,
// and no error names a counter or a scalar.
package joint
