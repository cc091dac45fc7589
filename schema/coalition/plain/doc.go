// Package plain says in plain English what an act does and how one plan differs from
// another, for the admins who sign, and later for whoever reads the log.
//
//	for _, line := range plain.Act(act, before) { … }
//
// # What this package must not do
//
// It decides nothing and checks nothing: whether an act may be adopted is asked of
// schema/coalition. It knows no clock, no files and no floats.
package plain
