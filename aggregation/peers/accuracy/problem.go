package main

import (
	"fmt"
	"math"
	"strings"

	"tidemark/aggregation/planner"
	"tidemark/schema"
)

// quarters in the year whose budget is shared.
const quarters = schema.QuarterYears

// problem is a set of tables that a coalition wants every quarter of a year. Every
// dimension stands at one level in all of them, as ResidualPlanner wants it. All cells
// count the same.
type problem struct {
	name   string
	cb     *schema.Codebook
	wishes []planner.Wish
	shapes []schema.Shape
}

func newProblem(name string, cb *schema.Codebook, tables ...string) (*problem, error) {
	p := &problem{name: name, cb: cb}
	for _, text := range tables {
		table, err := schema.ParseTable(text)
		if err != nil {
			return nil, err
		}
		shape, err := cb.Shape(table)
		if err != nil {
			return nil, err
		}
		p.shapes = append(p.shapes, shape)
		p.wishes = append(p.wishes, planner.Wish{
			Cadence: schema.Quarterly, Measure: schema.Measure{Kind: schema.People}, Table: table, Importance: float64(shape.Cells()),
		})
	}
	return p, nil
}

func (p *problem) cells() (n int) {
	for _, s := range p.shapes {
		n += s.Cells()
	}
	return n
}

// thirteen are the tables on which the design was measured: 921 cells.
func thirteen() (*problem, error) {
	sizes := map[string]int{"type": 12, "perp": 8, "field": 6, "gender": 5, "region": 22, "severity": 5, "need": 8}
	var dims []string
	for _, name := range []string{"type", "perp", "field", "gender", "region", "severity", "need"} {
		dims = append(dims, dimension(name, numbered(sizes[name])))
	}
	cb, err := codebook("thirteen", dims)
	if err != nil {
		return nil, err
	}
	return newProblem("thirteen tables, 921 cells", cb, "type", "perp", "field", "gender", "region", "need", "type*region",
		"type*perp", "perp*region", "type*field", "type*gender", "field*region", "type*severity")
}

func codebook(name string, dims []string) (*schema.Codebook, error) {
	return schema.ParseCodebook(fmt.Appendf(nil, `{"codebook":%q,"version":"1","dimensions":[%s]}`, name, strings.Join(dims, ",")))
}

func dimension(id string, codes []string) string {
	var out []string
	for _, c := range codes {
		out = append(out, fmt.Sprintf(`{"code":%q,"definition":"."}`, c))
	}
	return fmt.Sprintf(`{"id":%q,"codes":[%s]}`, id, strings.Join(out, ","))
}

func numbered(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("c%d", i)
	}
	return out
}

// rmse is the root of a sum of squares over so many cells.
func rmse(squares float64, cells int) float64 { return math.Sqrt(squares / float64(cells)) }
