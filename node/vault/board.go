package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"tidemark/aggregation/account"
	"tidemark/schema"
)

// Board is the member's own count of a period, without noise: exact, for its own screen
// only. It counts what the store holds now, whatever has been released.
type Board struct {
	Table      schema.Table
	Period     schema.Period
	Rows, Cols int
	Cases      []int // per cell, row by row
	Persons    []int // per cell: distinct persons with a case in it
	AllCases   int
	AllPersons int // distinct; less than the cells' sum where someone is in several
}

// Board counts the cases of a period and their persons in a table's cells.
func (v *Vault) Board(ctx context.Context, table schema.Table, p schema.Period) (Board, error) {
	v.live.RLock()
	defer v.live.RUnlock()
	shape, err := v.codebook.Shape(table)
	if err != nil {
		return Board{}, fmt.Errorf("board: %w", err)
	}
	if err := v.readable(); err != nil {
		return Board{}, fmt.Errorf("board %s: %w", table, err)
	}
	return v.counts.board(table.String()+" "+p.String(), func() (Board, error) { return v.countBoard(ctx, shape, p) })
}

func (v *Vault) countBoard(ctx context.Context, shape schema.Shape, p schema.Period) (Board, error) {
	c := &boardCount{shape: shape, lastSeen: make([]int, shape.Cells()), Board: Board{
		Table: shape.Table, Period: p, Rows: shape.Rows(), Cols: shape.Cols(),
		Cases: make([]int, shape.Cells()), Persons: make([]int, shape.Cells()),
	}}
	from, to := p.Start(), p.End()
	err := v.cases.scan(ctx, recordPrefix, func(r *schema.Record, first bool) error {
		if r.Date >= from && r.Date <= to {
			c.count(r, first)
		}
		return nil
	})
	if err != nil {
		return Board{}, fmt.Errorf("board %s: %w", shape.Table, err)
	}
	return c.Board, nil
}

// counts are kept until the cases change. They are replaced, never changed, under live.
type counts struct {
	mu     sync.Mutex
	stats  *Stats // nil: to be counted
	boards map[string]Board
}

// mostBoards bounds what is kept.
const mostBoards = 64

// board counts once. The caller gets slices of its own.
func (c *counts) board(key string, count func() (Board, error)) (Board, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, ok := c.boards[key]
	if !ok {
		var err error
		if b, err = count(); err != nil {
			return Board{}, err
		}
		if c.boards == nil || len(c.boards) >= mostBoards {
			c.boards = map[string]Board{}
		}
		c.boards[key] = b
	}
	b.Cases, b.Persons = slices.Clone(b.Cases), slices.Clone(b.Persons)
	return b, nil
}

var errHalf = errors.New("an import or a withdrawal was interrupted: open the vault again")

func (v *Vault) readable() error {
	if v.half {
		return errHalf
	}
	return v.checkCodebook() // codes of one codebook are not read by another
}

// boardCount counts records in person order. lastSeen holds, per cell, the number of the
// last person counted there.
type boardCount struct {
	Board
	shape    schema.Shape
	lastSeen []int
	person   schema.Key
}

func (c *boardCount) count(r *schema.Record, first bool) {
	if c.AllPersons == 0 || r.Person != c.person {
		c.AllPersons++
		c.person = r.Person
	}
	cell := c.shape.Cell(r.Codes)
	if c.lastSeen[cell] != c.AllPersons {
		c.lastSeen[cell] = c.AllPersons
		c.Persons[cell]++
	}
	if first {
		c.Cases[cell]++
		c.AllCases++
	}
}

// Stats sums the cases up, for the member's own screen only.
type Stats struct {
	Cases, Persons int
	First, Last    schema.Date       // the earliest and the latest case, where there is any
	Protection     schema.Protection // of the weakest source so far; empty before the first import
}

// Stats counts everything that the store holds, and keeps the result until it changes.
func (v *Vault) Stats(ctx context.Context) (Stats, error) {
	v.live.Lock()
	defer v.live.Unlock()
	if v.half {
		return Stats{}, fmt.Errorf("stats: %w", errHalf)
	}
	if v.counts.stats != nil {
		return *v.counts.stats, nil
	}
	s := Stats{Protection: v.meta.Protection}
	var person schema.Key
	err := v.cases.scan(ctx, recordPrefix, func(r *schema.Record, first bool) error {
		if s.Persons == 0 {
			s.First, s.Last = r.Date, r.Date
		}
		if s.Persons == 0 || r.Person != person {
			s.Persons++
			person = r.Person
		}
		if first {
			s.Cases++
		}
		s.First, s.Last = min(s.First, r.Date), max(s.Last, r.Date)
		return nil
	})
	if err != nil {
		return Stats{}, fmt.Errorf("stats: %w", err)
	}
	v.counts.stats = &s
	return s, nil
}

// Ledger is what was charged, over all plans and coalitions. It is the caller's own.
func (v *Vault) Ledger() *account.Ledger {
	v.live.RLock()
	defer v.live.RUnlock()
	l, err := v.book.ledger()
	if err != nil {
		return &account.Ledger{} // cannot be: every entry was checked before it was taken in
	}
	return l
}

// Slot is a period that was reserved, for the member's own screen. Its cutoff is not in
// it: that would tell the exact number of records.
type Slot struct {
	Coalition, Plan schema.Hash
	Period          schema.Period
	Charge          schema.Charge
	State           string      // "reserved", "drawn", "published", "void" or "lost"
	Sequence        uint64      // 0 while it is only reserved
	Release         schema.Hash // zero while it is only reserved
}

// Slots lists every period that was reserved, in the order in which it was.
func (v *Vault) Slots() []Slot {
	v.live.RLock()
	defer v.live.RUnlock()
	var all []Slot
	for _, d := range v.book.slots {
		all = append(all, Slot{d.Coalition, d.Plan, d.Period, d.charge, d.state.String(), d.sequence, d.id})
	}
	return all
}
