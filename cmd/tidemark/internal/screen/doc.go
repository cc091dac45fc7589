// Package screen lets the dashboard read a node: it is dashboard.Coalition,
// dashboard.Own, dashboard.Governance and dashboard.Admin over node.Node, and nothing else.
//
// # What this package must not do
//
// It computes nothing and decides nothing. It hands out no record; of the own cases only
// the counts that the vault gives for the member's own screen.
package screen
