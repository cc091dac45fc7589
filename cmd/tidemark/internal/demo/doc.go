// Package demo runs a coalition of fictional members on one machine, each with its own
// folder, keys, vault, feeds and libp2p host on loopback, over the same code as a real
// one: cases are written as export files and imported by mappings, releases are drawn,
// signed, gossiped, caught up and combined.
//
// The cases come from schema/fiction. Nothing here is a shortcut past a check; the only
// difference to a real coalition is that all keys lie open on this machine. The package
// must never be pointed at a folder that holds a real node.
package demo
