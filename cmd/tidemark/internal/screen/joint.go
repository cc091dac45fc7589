package screen

import (
	"tidemark/dashboard/view"
	"tidemark/node"
)

// states are the node's, as the pages call them.
var states = map[node.RoundState]string{
	node.RoundUnderWay: view.RoundUnderWay, node.RoundVoid: view.RoundVoid, node.RoundContradiction: view.RoundContradiction,
}

// rounds are the joint rounds of a reading that have opened nothing.
func rounds(r node.Reading) (out []view.RoundState) {
	for _, one := range r.Rounds {
		if state, stuck := states[one.State]; stuck {
			out = append(out, view.RoundState{Period: one.Period, Plan: one.Plan, State: state, Have: one.Have, Least: one.Least})
		}
	}
	return out
}
