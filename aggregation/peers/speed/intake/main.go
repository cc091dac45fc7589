// Command intake is Tidemark as a contender of the speed benchmark, with the product's
// own reader of exports in place of the benchmark's plain one.
package main

import (
	"context"

	"tidemark/aggregation"
	"tidemark/aggregation/noise"
	"tidemark/aggregation/peers/speed/internal/contest"
	"tidemark/aggregation/peers/speed/internal/draw"
	"tidemark/aggregation/peers/speed/internal/rows"
)

func main() {
	noise.Quiet()
	contest.Main(map[string]contest.Contender{"intake": fromExport(noise.Exact{})})
}

func fromExport(noise aggregation.Noiser) contest.Contender {
	return func(ctx context.Context, job contest.Job) ([][]int64, error) {
		records, err := takeIn(ctx, job.Path)
		if err != nil {
			return nil, err
		}
		return draw.Release(ctx, rows.Tables, job.Rows, records, noise)
	}
}
