// Package draw is Tidemark's part of the speed benchmark: it draws a release of the
// benchmark's tables with aggregation.Draw, whoever reads the records.
//
// Noise is drawn in the process here. A node draws it in a child process, which costs
// the start of one process for each release.
package draw

import (
	"context"
	"iter"

	"tidemark/aggregation"
	"tidemark/aggregation/peers/speed/internal/rows"
	"tidemark/schema"
)

// Release counts n records into tables, adds noise, and returns the tables' cells.
func Release(ctx context.Context, tables []string, n int, records iter.Seq2[*schema.Record, error], noise aggregation.Noiser) ([][]int64, error) {
	plan, err := planOf(tables)
	if err != nil {
		return nil, err
	}
	task := aggregation.Task{Codebook: schema.Incident(), Plan: plan, Period: rows.Period, Records: records}
	for p := plan.First; !task.Period.Before(p); p = p.Add(1) {
		task.Slots = append(task.Slots, aggregation.Slotted{Period: p, Cutoff: uint64(n)})
	}
	release, err := aggregation.Draw(ctx, task, noise)
	if err != nil {
		return nil, err
	}
	cells := make([][]int64, len(release))
	for i := range release {
		cells[i] = release[i].Cells
	}
	return cells, nil
}

// planOf is a local plan that began twelve quarters before, each of which the rule of
// counting has to look at for every record.
func planOf(names []string) (schema.Plan, error) {
	p := schema.Plan{
		Codebook: schema.Incident().Hash(), Mode: schema.Local, Noise: schema.ExactNoise,
		First: rows.Period.Add(-12), LateDays: schema.DefaultLate, Slot: schema.Slot{Days: 20, Hour: 12},
		Cap: schema.MaxCap, Bands: schema.DefaultBands,
	}
	for _, name := range names {
		table, err := schema.ParseTable(name)
		if err != nil {
			return schema.Plan{}, err
		}
		t := schema.PlanTable{Table: table, Cadence: schema.Quarterly, Measure: schema.Measure{Kind: schema.People}, Sigma2: rows.Sigma2}
		p.Tables = append(p.Tables, t)
		p.ChargeQuarter += t.Charge()
	}
	return p, nil
}
