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

// copies says of a note what two copies of its member's folder did, and leads to the
// other's.
func (r *Reader) copies(n Note, d Dispute) (string, *Link) {
	key := "notepage.copies"
	if n.Disputed {
		key = "notepage.copies.other"
	}
	var beside *Link
	for _, id := range d.Notes {
		if id != n.ID {
			beside = &Link{r.noteAt(id), r.L.Say("notepage.beside")}
		}
	}
	return r.L.Say(key, "member", d.Member), beside
}
