package screen

import (
	"tidemark/dashboard/view"
	"tidemark/node"
)

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
