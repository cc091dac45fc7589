// Package press makes briefs out of what a node knows: it gathers, checks, collects the
// members' answers, prints, seals the annex, and verifies what somebody was given.
//
// The words and the numbers are dashboard/brief's; what a brief may say is decided there.
// This package must not put a member's name into the public form, and writes nothing outside
// the files that it was given.
package press
