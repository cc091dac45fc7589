// Command beam is Privacy on Beam as a contender of the speed benchmark: one table, on
// the direct runner. A person counts once, in one of the cells that she touches.
package main

import (
	"context"
	"fmt"
	"math"
	"sync"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	//lint:ignore SA1019 The runner that takes over from it, prism, sends every element through gRPC: more work.
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/direct"
	"github.com/google/differential-privacy/privacy-on-beam/v3/pbeam"

	"tidemark/aggregation/account"
	quiet "tidemark/aggregation/noise"
	"tidemark/aggregation/peers/speed/internal/contest"
	"tidemark/aggregation/peers/speed/internal/rows"
	"tidemark/schema"
)

func init() {
	register.DoFn2x1[[]byte, func(int64, int64), error](&source{})
	register.Emitter2[int64, int64]()
	register.DoFn2x0[int64, int64](&sink{})
}

func main() {
	quiet.Quiet()
	beam.Init()
	contest.Main(map[string]contest.Contender{"beam": counted(pbeam.TestModeDisabled)})
}

// source emits the person and the cell of every record.
type source struct {
	Rows  int
	Table string
}

// ProcessElement is called once.
func (s *source) ProcessElement(_ []byte, emit func(person, cell int64)) error {
	shapes, err := rows.Shapes([]string{s.Table})
	if err != nil {
		return err
	}
	records, err := rows.Records(s.Rows)
	if err != nil {
		return err
	}
	for r := range records {
		emit(int64(rows.PersonOf(r)), int64(shapes[0].Cell(r.Codes)))
	}
	return nil
}

// noisy is where the cells end up: the direct runner runs in this process.
var noisy struct {
	sync.Mutex
	cells []int64
}

// sink keeps the cells.
type sink struct{}

// ProcessElement takes one cell.
func (*sink) ProcessElement(cell, count int64) {
	noisy.Lock()
	defer noisy.Unlock()
	noisy.cells[cell] = count
}

func counted(mode pbeam.TestMode) contest.Contender {
	return func(ctx context.Context, job contest.Job) ([][]int64, error) {
		shapes, err := rows.Shapes(rows.Tables[:1])
		if err != nil {
			return nil, err
		}
		noisy.cells = make([]int64, shapes[0].Cells())
		pipeline, err := pipelineOf(job, shapes[0], mode)
		if err != nil {
			return nil, err
		}
		if _, err := direct.Execute(ctx, pipeline); err != nil {
			return nil, fmt.Errorf("direct runner: %w", err)
		}
		return [][]int64{noisy.cells}, nil
	}
}

// pipelineOf has the noise of the benchmark's plan, and every cell of the table as a
// public partition.
func pipelineOf(job contest.Job, shape schema.Shape, mode pbeam.TestMode) (*beam.Pipeline, error) {
	const delta = 1e-6
	spec, err := pbeam.NewPrivacySpec(pbeam.PrivacySpecParams{
		AggregationEpsilon: account.EpsilonOf(schema.UnitsPerPerson/math.Sqrt(rows.Sigma2), delta),
		AggregationDelta:   delta, TestMode: mode,
	})
	if err != nil {
		return nil, err
	}
	cells := make([]int64, shape.Cells())
	for i := range cells {
		cells[i] = int64(i)
	}
	pipeline, scope := beam.NewPipelineWithRoot()
	touched := beam.ParDo(scope, &source{job.Rows, shape.Table.String()}, beam.Impulse(scope))
	counts := pbeam.Count(scope, pbeam.MakePrivate(scope, touched, spec), pbeam.CountParams{
		NoiseKind: pbeam.GaussianNoise{}, PublicPartitions: cells,
		MaxPartitionsContributed: 1, MaxValue: 1, AllowNegativeOutputs: true,
	})
	beam.ParDo0(scope, &sink{}, counts)
	return pipeline, nil
}
