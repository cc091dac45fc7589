package combine

import (
	"fmt"
	"runtime"
	"sync"
)

// memo keeps what a page has worked out, from the first time that somebody asks. The
// functions are safe for concurrent use.
type memo struct {
	// total is all members' units added, by table and cell; exact.
	total func() ([][]int64, error)
	// told is every table reconstructed from total, in people.
	told func() ([][]float64, error)
	// each is every table reconstructed for each member, in people: by member, table, cell;
	// not for a joint sum.
	each func() ([][][]float64, error)
	// sizes is each member's total of people; nil where the plan has no table of people,
	// and in joint mode.
	sizes func() []Estimate
}

func newMemo(pg *page) memo {
	return memo{
		total: sync.OnceValues(func() ([][]int64, error) { return pg.sheet.addUnits(pg.released) }),
		told: sync.OnceValues(func() ([][]float64, error) {
			units, err := pg.total()
			if err != nil {
				return nil, err
			}
			return pg.sheet.reconstruct(units)
		}),
		each:  sync.OnceValues(pg.reconstructEach),
		sizes: sync.OnceValue(pg.memberSizes),
	}
}

// reconstructEach spreads the members over all processors.
func (pg *page) reconstructEach() ([][][]float64, error) {
	if pg.sheet.broken != nil {
		return nil, fmt.Errorf("the period's plan cannot be read: %w", pg.sheet.broken)
	}
	out := make([][][]float64, len(pg.released))
	errs := make([]error, len(pg.released))
	var workers sync.WaitGroup
	step := runtime.GOMAXPROCS(0)
	for first := range step {
		workers.Go(func() {
			for i := first; i < len(out); i += step {
				out[i], errs[i] = pg.sheet.reconstruct(pg.released[i].units)
			}
		})
	}
	workers.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// sum adds one reading over all members: estimates add, variances add.
func (pg *page) sum(r *reading) (Estimate, error) {
	if len(pg.released) == 0 {
		return Estimate{}, nil
	}
	units, err := pg.total()
	if err != nil {
		return Estimate{}, err
	}
	e := r.apply(units)
	e.Variance *= pg.noises()
	return e, nil
}

// noises is how many members' noise is in a sum: in joint mode each adds its share.
func (pg *page) noises() float64 { return float64(len(pg.coverage.Reporting)) }
