// Command dpagg is google/differential-privacy's Go library as a contender of the speed
// benchmark: a plain loop over the records, a dpagg.Count for every cell.
//
// A dpagg.Count takes a person once, in one cell of a table, and leaves it to the caller
// that she comes no oftener: her first row counts. To share a person among her cases, as
// Tidemark does, would be more work than this.
package main

import (
	"context"
	"iter"
	"math"

	"github.com/google/differential-privacy/go/v3/dpagg"
	"github.com/google/differential-privacy/go/v3/noise"

	"tidemark/aggregation/account"
	quiet "tidemark/aggregation/noise"
	"tidemark/aggregation/peers/speed/internal/contest"
	"tidemark/aggregation/peers/speed/internal/rows"
	"tidemark/schema"
)

func main() {
	quiet.Quiet()
	contest.Main(map[string]contest.Contender{"dpagg": counted(noise.Gaussian())})
}

func counted(noise noise.Noise) contest.Contender {
	return func(_ context.Context, job contest.Job) ([][]int64, error) {
		shapes, err := rows.Shapes(rows.Tables)
		if err != nil {
			return nil, err
		}
		tables, err := blank(shapes, noise)
		if err != nil {
			return nil, err
		}
		records, err := rows.Records(job.Rows)
		if err != nil {
			return nil, err
		}
		if err := count(shapes, tables, records); err != nil {
			return nil, err
		}
		return results(tables)
	}
}

// blank are counts with the noise of the benchmark's plan: the same sigma for each table.
func blank(shapes []schema.Shape, noise noise.Noise) ([][]*dpagg.Count, error) {
	const delta = 1e-6
	options := dpagg.CountOptions{
		Epsilon: account.EpsilonOf(schema.UnitsPerPerson/math.Sqrt(rows.Sigma2), delta), Delta: delta,
		MaxPartitionsContributed: 1, Noise: noise,
	}
	tables := make([][]*dpagg.Count, len(shapes))
	for i, s := range shapes {
		for range s.Cells() {
			c, err := dpagg.NewCount(&options)
			if err != nil {
				return nil, err
			}
			tables[i] = append(tables[i], c)
		}
	}
	return tables, nil
}

func count(shapes []schema.Shape, tables [][]*dpagg.Count, records iter.Seq2[*schema.Record, error]) error {
	var last schema.Key
	for r, err := range records {
		if err != nil {
			return err
		}
		if r.Person == last {
			continue
		}
		last = r.Person
		for i, s := range shapes {
			if err := tables[i][s.Cell(r.Codes)].Increment(); err != nil {
				return err
			}
		}
	}
	return nil
}

func results(tables [][]*dpagg.Count) ([][]int64, error) {
	noisy := make([][]int64, len(tables))
	for i, cells := range tables {
		for _, c := range cells {
			n, err := c.Result()
			if err != nil {
				return nil, err
			}
			noisy[i] = append(noisy[i], n)
		}
	}
	return noisy, nil
}
