package combine

import (
	"fmt"
	"slices"
	"sync"

	"tidemark/aggregation/internal/anova"
	"tidemark/schema"
)

// sheet is a plan's tables of one cadence, with the model that joins those of people.
type sheet struct {
	cb     *schema.Codebook
	bands  schema.Bands
	tables []schema.PlanTable
	shapes []schema.Shape
	place  []int        // table -> its place in the model, -1 for other measures
	model  *anova.Model // nil where no table is of people
	local  *sheet       // of a joint plan: the same tables in local mode
	broken error        // the plan cannot be read: the sheet has no tables

	mu       sync.Mutex
	readings map[string]*reading // by source table and chosen cells
}

// reading is a number as weights of noisy cells, with the variance that one member adds to
// it (units^2). Weights are nil for tables it does not read.
type reading struct {
	weights  [][]float64
	variance float64
}

// sheetOf never fails: a plan that cannot be read must not hide the others' periods.
func sheetOf(cb *schema.Codebook, plan *schema.Plan, cadence schema.Cadence) *sheet {
	tables := plan.Of(cadence, false)
	s := sheetOfTables(cb, plan.Bands, tables)
	if plan.Mode != schema.Joint {
		return s
	}
	shares := slices.Clone(tables)
	for i := range shares {
		shares[i].Sigma2 = plan.ShareVariance(shares[i])
	}
	joint := sheetOfTables(cb, plan.Bands, shares)
	joint.local = s
	return joint
}

func sheetOfTables(cb *schema.Codebook, bands schema.Bands, tables []schema.PlanTable) *sheet {
	s, err := newSheet(cb, bands, tables)
	if err != nil {
		return &sheet{cb: cb, bands: bands, broken: err}
	}
	return s
}

// newSheet takes tables whose Sigma2 is the variance that one member adds.
func newSheet(cb *schema.Codebook, bands schema.Bands, tables []schema.PlanTable) (*sheet, error) {
	s := &sheet{cb: cb, bands: bands, tables: tables, readings: map[string]*reading{}}
	var people []anova.Table
	for _, t := range s.tables {
		shape, err := cb.Shape(t.Table)
		if err != nil {
			return nil, err
		}
		s.shapes = append(s.shapes, shape)
		if t.Measure.Kind != schema.People {
			s.place = append(s.place, -1)
			continue
		}
		s.place = append(s.place, len(people))
		people = append(people, anova.Table{Shape: shape, Precision: precision(t)})
	}
	if len(people) == 0 {
		return s, nil
	}
	var err error
	s.model, err = anova.New(people)
	return s, err
}

func precision(t schema.PlanTable) float64 {
	if t.Sigma2 == 0 {
		return 0
	}
	return 1 / float64(t.Sigma2)
}

// people picks the model's tables out of a list of all.
func people[T any](s *sheet, all []T) []T {
	var out []T
	for i, p := range s.place {
		if p >= 0 {
			out = append(out, all[i])
		}
	}
	return out
}

// reading finds the weights of a resolved query, once.
func (s *sheet) reading(c *choice) (*reading, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := c.key()
	if r, ok := s.readings[key]; ok {
		return r, nil
	}
	r, err := s.read(c)
	if err == nil {
		s.readings[key] = r
	}
	return r, err
}

func (s *sheet) read(c *choice) (*reading, error) {
	weights := make([]float64, s.shapes[c.table].Cells())
	chosen := 0
	for i, in := range c.cells {
		if in {
			weights[i] = 1
			chosen++
		}
	}
	r := &reading{weights: make([][]float64, len(s.tables))}
	if s.place[c.table] < 0 {
		r.weights[c.table] = weights
		r.variance = float64(chosen) * float64(s.tables[c.table].Sigma2)
		return r, nil
	}
	f, err := s.model.Pull(s.place[c.table], weights)
	if err != nil {
		return nil, err
	}
	for i, p := range s.place {
		if p >= 0 {
			r.weights[i] = f.Weights[p]
		}
	}
	r.variance = f.Variance
	return r, nil
}

const unitsPerPerson = float64(schema.UnitsPerPerson)

// of reads one member's release, in people; not a joint sum.
func (r *reading) of(c *Released) Estimate { return r.apply(c.units) }

// apply reads units, in people; the variance is that of one member's.
func (r *reading) apply(units [][]int64) Estimate {
	sum := 0.0
	for t, w := range r.weights {
		for i, x := range w {
			sum += x * float64(units[t][i])
		}
	}
	return Estimate{sum / unitsPerPerson, r.variance / (unitsPerPerson * unitsPerPerson)}
}

// reconstruct is every table of units, in people: one member's, or a sum over members.
func (s *sheet) reconstruct(units [][]int64) ([][]float64, error) {
	out := make([][]float64, len(s.tables))
	for i, cells := range units {
		if cells != nil {
			out[i] = make([]float64, len(cells))
		}
		for k, n := range cells {
			out[i][k] = float64(n) / unitsPerPerson
		}
	}
	if s.model == nil {
		return out, nil
	}
	told, err := s.model.Reconstruct(people(s, out))
	if err != nil {
		return nil, err
	}
	for i, p := range s.place {
		if p >= 0 {
			out[i] = told[p]
		}
	}
	return out, nil
}

// variances of a table's cells for one member, in people^2.
func (s *sheet) variances(table int) ([]float64, error) {
	out := make([]float64, s.shapes[table].Cells())
	if p := s.place[table]; p >= 0 {
		v, err := s.model.CellVariances(p)
		if err != nil {
			return nil, err
		}
		copy(out, v)
	} else {
		for i := range out {
			out[i] = float64(s.tables[table].Sigma2)
		}
	}
	for i := range out {
		out[i] /= unitsPerPerson * unitsPerPerson
	}
	return out, nil
}

// find is the place of a table by name and measure, or -1.
func (s *sheet) find(t schema.Table, m schema.Measure) int {
	for i := range s.tables {
		if s.tables[i].Measure == m && s.tables[i].Table.String() == t.String() {
			return i
		}
	}
	return -1
}

// addUnits adds releases cell by cell. The bound on a cell keeps it from overflowing
// below 2^22 members; it is checked all the same.
func (s *sheet) addUnits(released []*Released) ([][]int64, error) {
	sum := make([][]int64, len(s.tables))
	for _, c := range released {
		for t, cells := range c.units {
			if cells != nil && sum[t] == nil {
				sum[t] = make([]int64, len(cells))
			}
			for i, n := range cells {
				total := sum[t][i] + n
				if (total > sum[t][i]) != (n > 0) && n != 0 {
					return nil, fmt.Errorf("sum over members: too large")
				}
				sum[t][i] = total
			}
		}
	}
	return sum, nil
}
