package node

import (
	"tidemark/node/vault"
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
	slots := map[schema.Period]vault.Slot{}
	var w Waiting
	desk := n.feeds.Desk(n.Slug())
	for _, slot := range n.vault.Slots() {
		if slot.Coalition == st.ID() {
			slots[slot.Period] = slot
		}
	}
	for _, due := range st.Drawable(n.Slug(), n.cfg.Now()) {
		switch slot := slots[due.Period]; slot.State {
		case "drawn":
			have, need := n.lines(st, due, slot.Sequence)
			w.Drawn = append(w.Drawn, Pending{due, Have{have, need}})
		case "", "reserved":
			if _, need := st.Witnesses(n.Slug(), due.Period); w.Asked == nil && desk.Check.Body() != nil {
				w.Asked = &Have{len(desk.Heads), need}
			}
		}
	}
	return w
}
