package guard

import (
	"context"
	"sync"
	"time"
)

const (
	freeTries = 3
	firstWait = time.Second
	longest   = 5 * time.Minute
)

// pace slows wrong passphrases down: after three, each doubles the wait, up to five
// minutes. It counts for the whole node, since all come from the same address; only who
// holds a link or was in before can try at all.
type pace struct {
	now  func() time.Time
	turn chan struct{} // one try at a time, so that parallel ones do not slip by

	mu     sync.Mutex
	failed int
	next   time.Time
}

func newPace(now func() time.Time) *pace {
	return &pace{now: now, turn: make(chan struct{}, 1)}
}

// try runs the check, or says how long to wait before it will.
func (p *pace) try(ctx context.Context, check func() bool) (right bool, wait time.Duration) {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return false, 0
	}
	if wait := p.wait(); wait > 0 {
		return false, wait
	}
	right = check()
	p.note(right)
	return right, p.wait()
}

func (p *pace) wait() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(0, p.next.Sub(p.now()))
}

func (p *pace) note(right bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if right {
		p.failed, p.next = 0, time.Time{}
		return
	}
	p.failed++
	if over := p.failed - freeTries; over >= 0 {
		p.next = p.now().Add(min(longest, firstWait<<min(over, 16)))
	}
}
