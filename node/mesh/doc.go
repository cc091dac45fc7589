// Package mesh ties a member's link, gossip and catch-up together: what the wiring
// starts, publishes through and closes.
//
// Whatever comes in, from whichever side, goes through feeds.Store.Accept once; what was
// accepted is told to the wiring, and a newer roster to the link.
//
// # What this package must not do
//
// It holds no case and no member key, decides nothing about notes, and makes none.
package mesh
