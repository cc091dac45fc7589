// Package account keeps the privacy budget: what a release costs, what has been spent,
// and what that means for one person.
//
// Spending is integer arithmetic on schema.Charge, nano-mu^2 of Gaussian differential
// privacy: charges add, also when a later plan was chosen after seeing earlier releases
// (Dong, Roth and Su 2019; Smith and Thakurta 2022). The [Ledger] refuses what would
// pass the cap of any 12 months; it never clamps. Statements for readers (epsilon,
// a best guess) are derived from charges, in floats, and never flow back.
//
// # What this package must not do
//
// It must not see data: a charge depends on the plan alone. It keeps nothing on disk;
// the vault folds its journal and the feeds into a Ledger. It has no clock: 12 months
// are counted by the periods' ends.
package account
