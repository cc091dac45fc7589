// Package vault is the only place where cases rest. Its folder holds
//
//	key.age    the keys: member key, box key, store key, ...; encrypted (age)
//	store/     the records, sealed one by one, in Badger; and a ballast file, which is
//	           given back when the disk is full
//	journal    what was reserved, drawn and published; sealed lines, chained by hash
//	feed       the member's own notes, as its peers hold them
//	stage      the cases of an import that is under way; sealed with a key of its own
//
// # Commit, then publish what was committed
//
// A release goes through [Vault.Step] and [Vault.Publish]. Step makes it RESERVED (the
// cutoff and the charge are durable) and then DRAWN (the signed bytes are durable, and
// nobody has seen them); Publish puts intent and release into the feed, once a quorum of
// witnesses has countersigned the intent. Before Step reserves, the witnesses have said
// ([Vault.Ask]) that they know nothing of this member that the folder does not. As a
// witness of others the vault countersigns ([Vault.Countersign]) one release of a place
// and of a period, ever: that is why a copied folder gets no second draw. Each of them
// looks at the journal first: what is there already is not done again, so a retry, a
// second caller and a restart all get the same bytes. For one (plan, period) the noise is
// drawn at most once, ever.
//
// Journal and feed are files of our own because a flipped bit in Badger's log can drop
// acknowledged writes without an error. They are written first and synced, Badger
// second; opening compares the three.
//
// # Back from a backup
//
// [Vault.Backup] writes one moment of the folder, [Restore] makes it anew, [CreateFrom]
// makes a member of its printed keys alone. The journal then says that the folder came
// back: what it had done in the meantime is not in it, and is asked of others.
//
// # What this package must not do
//
// It reaches no network and does not know libp2p; as a process of its own (apart) the
// kernel sees to it. It shows no record: what leaves it is
// a DRAWN release, a human statement (declaration, notice, void, capacity), or counts for the own
// screen. It decides nothing by what is in the cases. No case id, person id or code
// stands in any of its errors or, unsealed, in any of its files.
package vault
