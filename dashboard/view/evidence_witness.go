package view

import (
	"slices"

	"tidemark/schema"
)

// Countersigned is who has witnessed that an intent names the one release of its period.
type Countersigned struct {
	Says      string
	Enough    bool
	Witnesses []schema.Slug // whose lines are there
}

// countersigned counts the lines of an intent's witnesses, who are fixed by the roster.
func (r *Reader) countersigned(intent Note, p schema.Period) *Countersigned {
	asked, quorum := r.State.Witnesses(intent.Member, p)
	c := &Countersigned{Witnesses: slices.DeleteFunc(countersigners(intent), func(m schema.Slug) bool { return !slices.Contains(asked, m) })}
	c.Enough = len(c.Witnesses) >= quorum
	switch {
	case len(asked) == 0:
		c.Says = r.L.Say("notepage.witness.none")
	default:
		c.Says = r.L.Say("notepage.witness", "some", len(c.Witnesses), "all", len(asked), "need", quorum)
	}
	return c
}

// copies says of a note what two copies of its member's folder did, or a keeper that signed
// twice, and leads to the other note.
func (r *Reader) copies(n Note, d Dispute) (string, *Link) {
	key, other := "notepage.copies", "notepage.beside"
	switch {
	case d.asKeeper():
		key, other = "notepage.twice."+string(d.Kind), "notepage.beside.keeper"
	case n.Disputed:
		key = "notepage.copies.other"
	}
	var beside *Link
	for _, id := range d.Notes {
		if id != n.ID {
			beside = &Link{r.noteAt(id), r.L.Say(other)}
		}
	}
	return r.L.Say(key, "member", d.Member), beside
}
