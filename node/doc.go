// Package node ties one member's folder together: vault, feeds, coalition, network and
// schedule. It is wiring: what a case is, what may leave and what is accepted is decided
// in the packages that it joins.
//
// The folder holds
//
//	config.yaml    slug, title, addresses: nothing secret
//	node.key       the libp2p identity: who may connect, not who the member is
//	node.key.next  another one, until an act names it
//	network.psk    the coalition's network keys: from the invitation, and from acts
//	vault/         cases, ledger, member key, own feed: sealed (node/vault); or it lies
//	               elsewhere, with a process and a user of its own (node/vault/apart)
//	feeds/         charter, acts and everyone's notes (node/feeds)
//	control.sock   while `tidemark run` holds the folder (node/control)
//
// What the node knows is read as a [Reading]: the notes added up, and a [Pin] that leads
// back to the same reading here or on another member's node.
//
// All of it that others could not give back goes into a backup, one encrypted file
// (node/archive). A node that was restored from one draws nothing again: what it did later
// it takes back from the other members.
//
// A node must not choose what, when or whether to release by what is in the cases: it
// carries out the plan's slots, in order, with or without cases.
package node
