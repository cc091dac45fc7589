package exact

import (
	"bytes"
	"context"
	"fmt"
	"iter"

	"tidemark/schema"
)

// Tables are exact counts that nobody can look at: they live in a closure, where no
// printing and no encoding finds them.
type Tables struct {
	noised func(noise [][]int64) ([][]int64, error)
}

// Noised adds noise, table by table and cell by cell, and forgets the counts: a second
// call is refused, since two noises on the same counts would be two draws.
func (t *Tables) Noised(noise [][]int64) ([][]int64, error) {
	if t.noised == nil {
		return nil, fmt.Errorf("exact: noise has been added before")
	}
	add := t.noised
	t.noised = nil
	return add(noise)
}

// counter holds the tables by measure and the person whose records are passing.
type counter struct {
	limits  []int // codes per dimension
	people  []*table
	reached []*table
	cases   []*table
	all     []*table // in the plan's order

	counted func(*schema.Record) bool
	started bool
	person  schema.Key
	own     *cases
}

// Count counts the records for which counted is true into the tables. Records come in
// ascending order of Person; their codes are the codebook's. A record may be reused
// once the next is asked for.
func Count(ctx context.Context, cb *schema.Codebook, tables []schema.PlanTable,
	records iter.Seq2[*schema.Record, error], counted func(*schema.Record) bool) (*Tables, error) {
	c, err := newCounter(cb, tables)
	if err != nil {
		return nil, fmt.Errorf("exact: %w", err)
	}
	c.counted = counted
	n := 0
	for r, err := range records {
		if err == nil && n%4096 == 0 {
			err = ctx.Err()
		}
		if err != nil {
			return nil, fmt.Errorf("exact: records: %w", err)
		}
		if err := c.take(r); err != nil {
			return nil, fmt.Errorf("exact: %w", err)
		}
		n++
	}
	if err := c.finish(); err != nil {
		return nil, fmt.Errorf("exact: %w", err)
	}
	return &Tables{c.noised}, nil
}

// finish ends the last person and looks back whether any sum has overflown.
func (c *counter) finish() error {
	c.finishPerson()
	for _, t := range c.all {
		if t.sums < 0 {
			return fmt.Errorf("table: a sum overflows")
		}
	}
	return nil
}

func newCounter(cb *schema.Codebook, tables []schema.PlanTable) (*counter, error) {
	c := &counter{limits: make([]int, len(cb.Dimensions))}
	for i := range cb.Dimensions {
		c.limits[i] = len(cb.Dimensions[i].Codes)
	}
	most := schema.UnitsPerPerson
	for _, p := range tables {
		t, err := newTable(cb, p)
		if err != nil {
			return nil, err
		}
		c.all = append(c.all, t)
		switch m := p.Measure; {
		case m.Kind == schema.People && m.Limit == 0:
			c.people = append(c.people, t)
		case m.Limit < 1 || m.Limit > schema.MaxMeasure:
			return nil, fmt.Errorf("table %s: measure: limit out of range", p.Table)
		case m.Kind == schema.Reached:
			t.reached = make([]int, 0, m.Limit)
			c.reached = append(c.reached, t)
		case m.Kind == schema.Cases:
			most = max(most, m.Limit)
			c.cases = append(c.cases, t)
		default:
			return nil, fmt.Errorf("table %s: measure: unknown", p.Table)
		}
	}
	c.own = newCases(len(c.limits), most)
	return c, nil
}

// take passes one record.
func (c *counter) take(r *schema.Record) error {
	order := bytes.Compare(r.Person[:], c.person[:])
	switch {
	case !c.started || order > 0:
		c.finishPerson()
		c.started, c.person = true, r.Person
	case order < 0:
		return fmt.Errorf("records: not in order of person")
	}
	if len(r.Codes) != len(c.limits) {
		return fmt.Errorf("record: %d codes, the codebook has %d dimensions", len(r.Codes), len(c.limits))
	}
	for i, limit := range c.limits {
		if int(r.Codes[i]) >= limit {
			return fmt.Errorf("record: a code that its dimension lacks")
		}
	}
	if c.counted(r) {
		c.own.insert(r.Codes)
		for _, t := range c.reached {
			t.touch(t.cell(r.Codes))
		}
	}
	return nil
}

// finishPerson gives the person's units to the cells.
func (c *counter) finishPerson() {
	own := c.own
	for i := range own.order {
		codes := own.at(i)
		units := own.share(i)
		for _, t := range c.people {
			t.add(t.cell(codes), units)
		}
		for _, t := range c.cases {
			if i < t.limit {
				t.add(t.cell(codes), schema.UnitsPerPerson)
			}
		}
	}
	for _, t := range c.reached {
		for _, cell := range t.reached {
			t.add(cell, schema.UnitsPerPerson)
		}
		t.reached = t.reached[:0]
	}
	own.clear()
}

// noised adds noise to the counts in place.
func (c *counter) noised(noise [][]int64) ([][]int64, error) {
	if len(noise) != len(c.all) {
		return nil, fmt.Errorf("exact: noise for %d tables, have %d", len(noise), len(c.all))
	}
	out := make([][]int64, len(c.all))
	for i, t := range c.all {
		if len(noise[i]) != len(t.cells) {
			return nil, fmt.Errorf("exact: table %d: noise for %d cells, have %d", i+1, len(noise[i]), len(t.cells))
		}
		for k, n := range noise[i] {
			sum := t.cells[k] + n
			// Counts are at least 0, so only a sum of two positives can overflow.
			if n > 0 && sum < n {
				return nil, fmt.Errorf("exact: table %d: a noisy cell overflows", i+1)
			}
			t.cells[k] = sum
		}
		out[i] = t.cells
	}
	return out, nil
}
