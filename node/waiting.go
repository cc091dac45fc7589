package node

import (
	"tidemark/schema"
	"tidemark/schema/coalition"
)

// Waiting is what this member's releases wait for from others.
type Waiting struct {
	Asked *Have     // answers of witnesses before the next draw; nil: none are asked for
	Drawn []Pending // drawn, and not out
}

// Have is how many there are, of those that are needed.
type Have struct{ Have, Need int }

// Pending is a drawn release with its witnesses' lines.
type Pending struct {
	Due   coalition.Due
	Lines Have
}

// Waiting tells what lies on the own desk, for the operator's screen. It asks and draws
// nothing.
func (n *Node) Waiting() Waiting {
	st := n.State()
	if st == nil {
		return Waiting{}
	}
	states := map[schema.Period]string{}
	var w Waiting
	desk := n.feeds.Desk(n.Slug())
	for _, slot := range n.vault.Slots() {
		if slot.Coalition == st.ID() {
			states[slot.Period] = slot.State
		}
	}
	for _, due := range st.Drawable(n.Slug(), n.cfg.Now()) {
		switch states[due.Period] {
		case "drawn":
			w.Drawn = append(w.Drawn, Pending{due, n.linesOf(st, due)})
		case "", "reserved":
			if _, need := st.Witnesses(n.Slug(), due.Period); w.Asked == nil && desk.Check.Body() != nil {
				w.Asked = &Have{len(desk.Heads), need}
			}
		}
	}
	return w
}

// linesOf counts the lines that a period's intent has.
func (n *Node) linesOf(st *coalition.State, due coalition.Due) Have {
	_, need := st.Witnesses(n.Slug(), due.Period)
	for _, note := range n.feeds.Desk(n.Slug()).Intents {
		if i := note.Body().(schema.Intent); i.Period == due.Period && i.Plan == due.Plan {
			return Have{len(note.Signers()) - 1, need} // its own line is no witness's
		}
	}
	return Have{0, need}
}
