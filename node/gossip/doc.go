// Package gossip spreads acts, parcels and proofs among the members that are online: one
// GossipSub topic for a coalition.
//
// What comes in is accepted (gate and store) before it is passed on, by the one function
// that the mesh hands over; [Verdict] alone maps its errors to what GossipSub does with
// the message and with who sent it. Notes carry their members' signatures, so messages
// are not signed again, and any member can send on what it fetched by catch-up.
// Delivery is never promised: what is lost here node/catchup brings.
//
// # What this package must not do
//
// It stores nothing, judges no note, keeps no history, exchanges no peers, and speaks no
// other topic.
package gossip
