package view

import (
	"time"

	"tidemark/schema"
)

// Waiting is what this member's releases wait for, in the order in which it holds them up.
type Waiting struct {
	NewNodeKey bool // the roster has another node key: nobody connects to this node
	LacksKey   bool // the network key has changed, and it has not come here
	Unagreed   []schema.Hash
	Asked      *Lines // the witnesses, before the next draw; nil: none is asked
	Drawn      []DrawnRelease
}

// Lines are those of witnesses that are here, of the ones that are needed.
type Lines struct{ Have, Need int }

// DrawnRelease is drawn and not out.
type DrawnRelease struct {
	Period schema.Period
	Slot   time.Time
	Lines  *Lines // nil: it is not known how many there are
}

// Waits say what this member's releases wait for.
func (r *Reader) Waits(w Waiting) []Link {
	governance := r.Q.Link("/governance")
	var out []Link
	if w.NewNodeKey {
		out = append(out, Link{governance, r.L.Say("wait.node")})
	}
	if w.LacksKey {
		out = append(out, Link{governance, r.L.Say("wait.key")})
	}
	for _, plan := range w.Unagreed {
		out = append(out, Link{r.Q.Link("/governance/plan/" + plan.String()), r.L.Say("wait.consent", "plan", plan.Short())})
	}
	if w.Asked != nil {
		out = append(out, Link{r.Q.Link("/members"), r.L.Say("wait.asked", "have", w.Asked.Have, "need", w.Asked.Need)})
	}
	for _, d := range w.Drawn {
		out = append(out, Link{r.Q.Link("/members"), r.drawnWaits(d)})
	}
	return out
}

func (r *Reader) drawnWaits(d DrawnRelease) string {
	period, moment := r.L.Period(d.Period), r.L.Moment(d.Slot)
	switch {
	case d.Lines == nil:
		return r.L.Say("wait.drawn", "period", period, "moment", moment)
	case d.Lines.Have < d.Lines.Need:
		return r.L.Say("wait.lines", "period", period, "have", d.Lines.Have, "need", d.Lines.Need)
	}
	return r.L.Say("wait.slot", "period", period, "moment", moment)
}
