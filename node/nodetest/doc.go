// Package nodetest is for tests: a coalition in a few lines, members that sign what they
// are told to, a simulated network with cuts in it, and members who mean harm.
//
// # What this package must not do
//
// It is imported by tests alone. Its keys come from names: they protect nothing.
package nodetest
