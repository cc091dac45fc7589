package screen

import (
	"tidemark/dashboard/view"
	"tidemark/node"
	"tidemark/schema"
)

// Opened is a joint release with its evidence.
func (s *Screen) Opened(agreement schema.Hash) (view.Opened, error) {
	o, err := s.Node.OpenedBy(agreement)
	if err != nil {
		return view.Opened{}, said(err)
	}
	return view.Opened{
		Opening: o.Opening, Agreement: o.Agreement, Signers: o.Signers, Needed: o.Needed,
		Keepers: o.Keepers, Sums: o.Sums, Liars: o.Liars,
	}, nil
}

// rounds are the joint rounds of a reading that have opened nothing.
func (s *Screen) rounds(r node.Reading) (out []view.RoundState, err error) {
	all := r.Rounds
	if !r.Pinned {
		if all, err = s.Node.Rounds(); err != nil {
			return nil, err
		}
	}
	for _, one := range all {
		if one.State != node.RoundOpen {
			out = append(out, view.RoundState{Period: one.Period, Plan: one.Plan, State: string(one.State), Have: one.Have, Least: one.Least})
		}
	}
	return out, nil
}
