// Package link is a member's connection to the others: a libp2p host built by hand that
// speaks TCP, Noise and yamux inside a private network, knows its peers from the roster
// alone, and announces nothing.
//
// Who may connect stands in the roster and nowhere else: the gater asks it, what is
// removed from it is disconnected at once, and addresses come from it. The pre-shared
// key only keeps scanners from learning that anything is here. Without a listen address
// nobody can connect to this node; it connects to others.
//
// # What this package must not do
//
// It reads and stores no note, resolves no name, asks no router, no relay, no directory
// and no bootstrap, and never logs who or where a peer is.
package link
