// Package sample makes coalitions for tests of the pages, without a node: fictional
// members whose releases are counted from schema/fiction, noised from a seed, signed,
// verified and added up by the same code as real ones.
//
//	c := sample.New(t, sample.Config{})        // twelve members, twelve quarters
//	d, err := dashboard.New(dashboard.Config{Coalition: c, Own: c, Governance: c, Admin: c, Register: c})
//
// # What this package must not do
//
// Nothing but tests imports it. Its noise is a seeded float: it is never good for a
// release.
package sample
