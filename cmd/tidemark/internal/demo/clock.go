package demo

import (
	"sync/atomic"
	"time"

	"tidemark/schema"
)

// clock is the members' clock. It begins in the past, for a coalition cannot go over to
// joint mode in a quarter that is over, and ends with the machine's.
type clock struct{ behind atomic.Int64 } // nanoseconds behind the machine's

func (c *clock) now() time.Time { return time.Now().Add(-time.Duration(c.behind.Load())) }

func (c *clock) set(t time.Time) { c.behind.Store(int64(time.Since(t))) }

// catchUp makes it the machine's.
func (c *clock) catchUp() { c.behind.Store(0) }

// dates are the days of a demonstration whose newest quarter is a joint round.
type dates struct {
	founding time.Time // long enough before the quarter that its members are settled
	over     time.Time // the quarter is over: what was released before it is drawn, contributions are made
	slot     time.Time // its sum may be opened
}

// foundedBefore is how many days before the joint quarter the coalition is founded: an act
// of that day is settled 37 days later, and a plan binds after 7.
const foundedBefore = 45

func datesOf(plan *schema.Plan, last schema.Period) dates {
	return dates{
		founding: (last.Start() - foundedBefore).Time().Add(10 * time.Hour),
		over:     (last.End() + 1).Time().Add(10 * time.Hour),
		slot:     plan.SlotOf(last).Add(time.Hour),
	}
}
