// Command ours is Tidemark as a contender of the speed benchmark: it counts people into
// the tables and adds the noise, from records and from the CSV file.
package main

import (
	"context"
	"iter"
	"os"

	"tidemark/aggregation"
	"tidemark/aggregation/noise"
	"tidemark/aggregation/peers/speed/internal/contest"
	"tidemark/aggregation/peers/speed/internal/draw"
	"tidemark/aggregation/peers/speed/internal/rows"
	"tidemark/schema"
)

func main() {
	noise.Quiet()
	contest.Main(map[string]contest.Contender{
		"start":          start,
		"make":           makeRecords,
		"records":        fromRecords(rows.Tables, noise.Exact{}),
		"records-google": fromRecords(rows.Tables, noise.Google{}),
		"one":            fromRecords(rows.Tables[:1], noise.Exact{}),
		"read":           readRecords,
		"csv":            fromCSV(noise.Exact{}),
		"csv-google":     fromCSV(noise.Google{}),
	})
}

func fromRecords(tables []string, noise aggregation.Noiser) contest.Contender {
	return func(ctx context.Context, job contest.Job) ([][]int64, error) {
		records, err := rows.Records(job.Rows)
		if err != nil {
			return nil, err
		}
		return draw.Release(ctx, tables, job.Rows, records, noise)
	}
}

func fromCSV(noise aggregation.Noiser) contest.Contender {
	return func(ctx context.Context, job contest.Job) ([][]int64, error) {
		file, err := os.Open(job.Path)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return draw.Release(ctx, rows.Tables, job.Rows, read(file), noise)
	}
}

// start does nothing: what a process costs.
func start(context.Context, contest.Job) ([][]int64, error) { return nil, nil }

// makeRecords makes the records and counts nothing.
func makeRecords(_ context.Context, job contest.Job) ([][]int64, error) {
	records, err := rows.Records(job.Rows)
	if err != nil {
		return nil, err
	}
	return total(records)
}

// readRecords reads the CSV file and counts nothing.
func readRecords(_ context.Context, job contest.Job) ([][]int64, error) {
	file, err := os.Open(job.Path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return total(read(file))
}

func total(records iter.Seq2[*schema.Record, error]) ([][]int64, error) {
	n := int64(0)
	for _, err := range records {
		if err != nil {
			return nil, err
		}
		n++
	}
	return [][]int64{{n}}, nil
}
