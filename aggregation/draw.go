package aggregation

import (
	"context"
	"fmt"
	"iter"

	"tidemark/aggregation/internal/exact"
	"tidemark/aggregation/noise"
	"tidemark/schema"
)

// Noiser draws noise. It answers every ask, in order, with as many values as the ask
// counts, and is asked once per draw. noise.Google and noise.Exact do it in the process;
// a node asks a child through noise.Request.
type Noiser interface {
	Noise(ctx context.Context, asks []noise.Ask) ([][]int64, error)
}

// Task is one period to be drawn.
type Task struct {
	Codebook *schema.Codebook
	Plan     schema.Plan // in local mode for Draw, in joint mode for Share
	Period   schema.Period
	// Slots are the reserved periods of the period's cadence in plan order, under
	// earlier plans too; the last is Period's.
	Slots []Slotted
	// Records come in ascending order of Person, so that all of a person's records
	// stand together. A record may be reused once the next is asked for.
	Records iter.Seq2[*schema.Record, error]
}

// Draw counts the period's people into the plan's tables of its cadence and adds noise.
// It returns the drawn tables in the plan's order, in units (1/60 of a person).
//
// Nothing in the records' content makes it refuse, and nothing in them changes what is
// asked of the Noiser. Each call draws anew: whoever calls it twice for one period has
// spent its charge twice.
func Draw(ctx context.Context, t Task, n Noiser) ([]schema.NoisyTable, error) {
	return t.drawIn(ctx, schema.Local, n)
}

// Share is Draw for a member of a joint round: the noise is the member's share of it
// (schema.Plan.ShareVariance), too little for the tables to be seen by anybody. They leave
// the vault split among keepers only (aggregation/joint). It returns the drawn tables'
// cells one after the other, in the plan's order, row by row.
func Share(ctx context.Context, t Task, n Noiser) ([]int64, error) {
	tables, err := t.drawIn(ctx, schema.Joint, n)
	if err != nil {
		return nil, err
	}
	var counters []int64
	for _, table := range tables {
		counters = append(counters, table.Cells...)
	}
	return counters, nil
}

func (t *Task) drawIn(ctx context.Context, mode schema.Mode, n Noiser) ([]schema.NoisyTable, error) {
	if err := t.validate(mode); err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	release, err := t.draw(ctx, n)
	if err != nil {
		return nil, fmt.Errorf("draw %s: %w", t.Period, err)
	}
	return release, nil
}

func (t *Task) draw(ctx context.Context, n Noiser) ([]schema.NoisyTable, error) {
	tables := t.Plan.Of(t.Period.Cadence(), true)
	release, asks, err := t.blank(tables)
	if err != nil {
		return nil, err
	}
	counted := NewRule(t.Plan.LateDays, t.Slots).only(t.Period)
	// Counting comes first: a machine that is frozen after the noise and resumed twice
	// then adds it twice to the same counts.
	counts, err := exact.Count(ctx, t.Codebook, tables, t.Records, counted)
	if err != nil {
		return nil, err
	}
	drawn, err := n.Noise(ctx, asks)
	if err != nil {
		return nil, err
	}
	cells, err := counts.Noised(drawn)
	if err != nil {
		return nil, err
	}
	for i := range release {
		release[i].Cells = cells[i]
	}
	return release, nil
}

// blank is the release without its cells, and the noise that it needs.
func (t *Task) blank(tables []schema.PlanTable) ([]schema.NoisyTable, []noise.Ask, error) {
	release, asks := make([]schema.NoisyTable, len(tables)), make([]noise.Ask, len(tables))
	for i, table := range tables {
		s, err := t.Codebook.Shape(table.Table)
		if err != nil {
			return nil, nil, err
		}
		release[i] = schema.NoisyTable{
			Table: table.Table, Measure: table.Measure,
			Rows: s.Rows(), Cols: s.Cols(), Sigma2: t.Plan.ShareVariance(table),
		}
		asks[i] = noise.Ask{
			Sensitivity2: table.Measure.Sensitivity2(), Sigma2: release[i].Sigma2,
			Count: s.Cells(), Source: t.Plan.Noise,
		}
	}
	return release, asks, nil
}

func (t *Task) validate(mode schema.Mode) error {
	if t.Codebook == nil || t.Records == nil {
		return fmt.Errorf("task: no codebook or no records")
	}
	if err := t.Plan.Validate(t.Codebook); err != nil {
		return err
	}
	if t.Plan.Mode != mode {
		return fmt.Errorf("plan mode: is %s, want %s", t.Plan.Mode, mode)
	}
	c := t.Period.Cadence()
	if t.Period.IsZero() || t.Period.Before(t.Plan.FirstOf(c)) {
		return fmt.Errorf("period %s: before the plan's first", t.Period)
	}
	if len(t.Plan.Of(c, true)) == 0 {
		return fmt.Errorf("period %s: the plan draws no table by the %s", t.Period, c)
	}
	return t.validateSlots(c)
}

func (t *Task) validateSlots(c schema.Cadence) error {
	if len(t.Slots) == 0 || t.Slots[len(t.Slots)-1].Period != t.Period {
		return fmt.Errorf("slots: the last is not that of %s", t.Period)
	}
	for i, s := range t.Slots {
		if s.Period.Cadence() != c || i > 0 && !t.Slots[i-1].Period.Before(s.Period) {
			return fmt.Errorf("slot %d: not of the cadence %s or not after the one before", i+1, c)
		}
	}
	return nil
}
