package gate

import (
	"bytes"
	"slices"

	"tidemark/schema"
	"tidemark/schema/coalition"
)

// MaxDrafts is how many open proposals one admin may have its line on: enough for any
// coalition, and a bound on what a rogue one can leave with the others.
const MaxDrafts = 4

// proposal decides on an act that coalition does not apply: one that only lacks lines is
// kept, and grows by the lines of its copies, until it is an act (33).
func (c check) proposal(refused error) (Accepted, error) {
	p, err := c.state.Draft(c.raw)
	if err != nil || p.Ready() {
		return Accepted{}, invalid("act: %w", refused)
	}
	if adopt, ok := p.Act.Change.(schema.AdoptPlan); ok && c.view.Codebook() != nil {
		if err := adopt.Plan.Validate(c.view.Codebook()); err != nil {
			return Accepted{}, invalid("proposal: %w", err)
		}
	}
	if p.Expired(schema.DateOf(c.now)) {
		return Accepted{}, refuse(ErrStale, "proposal: its last day has passed")
	}
	if err := roomFor(c.view.Proposals(), p); err != nil {
		return Accepted{}, err
	}
	return Accepted{kind: Proposal, sequence: p.Act.Version, id: p.ID, raw: bytes.Clone(c.raw)}, nil
}

// roomFor tells whether a proposal brings a line, and its admins have not too many open.
func roomFor(stored []Draft, p coalition.Proposal) error {
	open := map[schema.Slug]int{}
	for _, d := range stored {
		if d.ID == p.ID {
			if slices.ContainsFunc(p.Signed, func(s schema.Slug) bool { return !slices.Contains(d.Signed, s) }) {
				return nil
			}
			return ErrStale
		}
		for _, s := range d.Signed {
			open[s]++
		}
	}
	for _, s := range p.Signed {
		if open[s] >= MaxDrafts {
			return refuse(ErrStale, "proposal: an admin has %d others open", open[s])
		}
	}
	return nil
}
