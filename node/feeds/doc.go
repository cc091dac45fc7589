// Package feeds keeps what the coalition has said: its charter and acts, its codebook,
// every member's feed, and the proofs against members who said two things.
//
// [Store.Accept] is the one door: it asks node/gate and stores what came through, with
// the new head, in one transaction. On opening, every note is verified again; what the
// disk lost or changed becomes a hole, which catch-up fills from any other member.
// [Store.Snapshot] is what readers start from, [Config].Verified what spares them work.
// Nothing here must never roll back: a member's own feed rests in node/vault as well.
//
// # What this package must not do
//
// It knows no network and no cases, signs nothing, reads no clock, and accepts nothing
// that the gate has not made.
package feeds
