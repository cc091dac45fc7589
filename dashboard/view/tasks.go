package view

import "tidemark/schema"

// Tasks are what this node waits for and has to do, and when the next release goes out by itself.
func (r *Reader) Tasks(s Standing) []Link {
	q := r.Q.kept()
	out := r.Waits(s.Waiting)
	if s.Cases == 0 && !s.Apart {
		out = append(out, Link{q.At("/cases"), r.L.Say("task.cases")})
	}
	if n := r.unpublished(s); n > 0 {
		out = append(out, Link{q.At("/cases"), r.L.Say("task.release", "n", n)})
	}
	if !s.Next.IsZero() {
		next := "task.next"
		if plan, _, ok := r.State.PlanFor(s.Next); ok && plan.Mode == schema.Joint {
			next = "task.next.joint"
		}
		out = append(out, Link{q.At("/cases/preview"), r.L.Say(next, "period", r.L.Period(s.Next), "moment", r.L.Moment(s.Slot))})
	}
	return out
}

// unpublished counts the own releases whose slot has come and that are not out.
func (r *Reader) unpublished(s Standing) int {
	out := map[schema.Period]bool{}
	for _, slot := range s.Slots {
		if slot.State == "published" || slot.State == "void" || slot.State == "given" {
			out[slot.Period] = true
		}
	}
	n := 0
	for _, due := range r.State.Due(r.Self, r.Now) {
		plan, _, ok := r.State.PlanFor(due.Period)
		round, waits := r.stuck(due.Period)
		if over := !waits || round.State != RoundUnderWay; ok && plan.Mode == schema.Joint && over {
			continue // the round is over, with this node or without it
		}
		if !out[due.Period] {
			n++
		}
	}
	return n
}
