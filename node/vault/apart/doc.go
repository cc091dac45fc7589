// Package apart puts a vault into a process of its own, under a user of its own.
//
//	tidemark --dir VAULT vault                     holds VAULT/vault: cases, ledger, keys
//	tidemark --dir NODE run --vault VAULT/vault.sock   has the network, and everything else
//
// The first opens no network socket: the kernel refuses it ([NoNetwork]). The second cannot
// read the vault: its files are another user's. Between them is a Unix socket and the list
// of SPEC.md: what leads to a release, and nothing that may not leave. A process with the
// network that somebody has taken over gets the member's released notes and what members
// share, can refuse to send, and can make nobody draw a second time: the vault asks its own
// journal and its coalition's signed log, and believes nothing else.
//
// What the operator does herself (cases, boards, withdrawals, agreeing, signing as admin,
// backups) is done where the vault is, or on the whole folder with both processes stopped.
//
// # What this does not keep
//
// How long a draw takes tells roughly how many cases there are. The socket passes no open
// files on, but a vault that somebody has taken over could be handed some. And root reads
// both.
package apart
