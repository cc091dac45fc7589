package view

import (
	"slices"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// JointEvidence is what stands behind the one sum of a period.
type JointEvidence struct {
	Terms  []JointTerm
	Opened Mark // what this node found when it opened the sum itself
}

// JointTerm is a name with who it is about, a note, or some words.
type JointTerm struct {
	Name  string
	Slugs []schema.Slug
	Note  *Link
	Text  string
}

// jointSteps is how many sentences tell the way of a joint number.
const jointSteps = 5

// jointEvidence tells of a period's agreement and of the keepers' sums.
func (r *Reader) jointEvidence(p schema.Period, c combine.Coverage) *JointEvidence {
	sum := c.Reporting[0]
	e := &JointEvidence{}
	add := func(key string, t JointTerm) {
		t.Name = r.L.Say(key)
		e.Terms = append(e.Terms, t)
	}
	add("joint.ev.members", JointTerm{Slugs: c.Members()})
	add("joint.ev.agreement", JointTerm{Note: &Link{r.noteAt(sum.Release), sum.Release.Short()}})
	if i := slices.IndexFunc(r.Opened, func(o Opened) bool { return o.ID == sum.Release }); i >= 0 {
		o := &r.Opened[i]
		needed := r.L.Say("joint.ev.needed", "need", o.Needed, "all", len(o.Keepers))
		add("joint.ev.signed", JointTerm{Slugs: o.Signers, Text: needed})
		add("joint.ev.keepers", JointTerm{Slugs: o.Keepers})
		add("joint.ev.sums", JointTerm{Slugs: o.Sums, Text: needed})
		e.Opened = r.openedSays(o)
	}
	plan := r.Plan(p)
	add("evidence.protects", JointTerm{Text: r.protectionWord(sum.Protection)})
	add("evidence.charge", JointTerm{Text: r.L.Number(int64(plan.Charge(p.Cadence())))})
	return e
}

// openedSays says whether more sums than needed agree, and whose did not.
func (r *Reader) openedSays(o *Opened) Mark {
	switch {
	case len(o.Liars) > 0:
		return Mark{"liars", r.L.Say("joint.ev.liars", "members", r.and(slugs(o.Liars)))}
	case o.Checked:
		return Mark{"checked", r.L.Say("joint.ev.checked")}
	}
	return Mark{"unchecked", r.L.Say("joint.ev.unchecked")}
}

// mixed tells whether some of the periods are joint, and whether some are not.
func (r *Reader) mixed(periods []schema.Period) (joint, local bool) {
	is := func(p schema.Period) bool { return r.Book.Coverage(p).Joint }
	return slices.ContainsFunc(periods, is), slices.ContainsFunc(periods, func(p schema.Period) bool { return !is(p) })
}
