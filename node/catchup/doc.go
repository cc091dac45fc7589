// Package catchup exchanges what two members lack of each other, in one stream: acts,
// proofs and parcels, in an order in which each can be accepted at once.
//
// Gossip promises nothing: who was offline, who joined late, and who was cut off gets
// nothing from it afterwards. Here each side says in a few bytes a feed what it holds,
// and gets the rest in pages. Every item passes the same gate as everywhere.
//
//	-> vector of the caller
//	<- vector of the answerer, items that the caller lacks, end
//	-> items that the answerer lacks, end
//	<- done
//
// # What this package must not do
//
// It trusts no vector: what is claimed decides only what is sent. It dials nobody, holds
// no more than one item at a time for a peer, and gives each peer a budget of bytes.
package catchup
