// Package badgerdb opens Badger the way a small box needs it: little memory, every
// transaction synced, files for the owner's eyes only, and a refusal in time when the
// disk fills up, because Badger dies of a full disk.
//
// The figures behind the options: with 4 MiB memtables about 2,600 synced transactions a
// second; a transaction holds at most 15 % of a memtable (629 KB), so bulk work goes
// through a [Batch]. Values stay below the threshold of the value log, whose syncs may
// fail unseen; so there is nothing to collect as garbage either.
//
// # What this package must not do
//
// It knows nothing of what it keeps. It logs nothing. It is no place for what must never
// roll back: one flipped bit in Badger's log drops acknowledged writes without an error.
package badgerdb
