// Package coalition folds a charter and its acts into who is in a coalition, which plan
// is in force, what each member owes, and who witnesses it.
//
// [Found] opens a charter, [State.Apply] takes the next act. A State does not change:
// Apply returns a new one or refuses. Two nodes with the same log hold the same state,
// so everything asked of a State is a function of its log and of the question.
//
//	s, err := coalition.Found(charter)
//	s, err = s.Apply(act)
//	for _, d := range s.Due("quiet-heron", now) { … }
//
// [State.Draft] looks at an act that lacks lines: what it would do, and whose are missing.
//
// The rules, numbered C1 to C29, stand in schema/SPEC.md, each with a transcript in
// testdata/transcripts that reads as a story and fails if the rule goes.
//
// # What this package must not do
//
// It knows no clock: whether an act's last day of adoption has passed is asked by who
// signs and completes it ([Proposal.Expired]), whether it is dated in the future by who
// receives it. It holds no codebook: plans
// are held against the ceilings by [State.CheckPlans], which a node calls with the
// codebook before it lives by a plan. It keeps no files and judges no releases.
package coalition
