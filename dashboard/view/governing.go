package view

import (
	"slices"

	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// Governing is what waits to be decided in the coalition, and what this node may do
// about it.
type Governing struct {
	Signer    string     // the key that this member signs with
	Proposals []Proposal // acts that lack lines, as far as they have come here
	Unagreed  []schema.Hash
	Key       NetworkKey
	Alone     bool   // the network runs and reaches no other member
	Words     string // what this admin reads to whoever it invites; empty: it is no admin
	Releases  int    // that a new member gets to see
}

// Proposal is an act before it is adopted, with its note.
type Proposal struct {
	Note string
	coalition.Proposal
}

// NetworkKey is what is known of the network key.
type NetworkKey struct {
	Act         uint64 // that brought the one in force; 0: the founding one
	Since, Next *schema.Date
	Held        bool
}

// Adopted is what became of a line that was added to an act.
type Adopted struct {
	Act     uint64
	Adopted bool // else lines are still missing
}

// Proposed finds a proposal that lies here.
func (g *Governing) Proposed(id schema.Hash) (Proposal, bool) {
	i := slices.IndexFunc(g.Proposals, func(p Proposal) bool { return p.ID == id })
	if i < 0 {
		return Proposal{}, false
	}
	return g.Proposals[i], true
}

// IsAdmin tells whether this node may propose. A page that shows what was known once
// changes nothing.
func (r *Reader) IsAdmin(g Governing) bool {
	return r.Snapshot != nil && !r.Pinned && slices.Contains(r.State.Roster().Admins, g.Signer)
}

// MaySign tells whether this node's line on a proposal counts: as an admin's, or as that
// of one who would become one.
func (r *Reader) MaySign(g Governing, change schema.Change) bool {
	set, _ := change.(schema.SetAdmins)
	return r.IsAdmin(g) || r.Snapshot != nil && !r.Pinned && slices.Contains(set.Admins, g.Signer)
}

// notAdmin says why there are no forms; empty: there are.
func (r *Reader) notAdmin(g Governing) string {
	switch {
	case r.IsAdmin(g):
		return ""
	case r.Pinned:
		return r.L.Say("gov.not.pinned")
	}
	return r.L.Say("gov.not.admin", "admins", r.and(keySlugs(r.State.Roster().Admins)))
}

// keySlugs are the members that keys name.
func keySlugs(keys []string) []string {
	out := make([]string, len(keys))
	for i, key := range keys {
		slug, _ := wire.SlugOf(key)
		out[i] = string(slug)
	}
	return out
}
