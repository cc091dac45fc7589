// Command duckdb is DuckDB as a contender of the speed benchmark: it counts the rows of
// the CSV file into the twelve tables in one query, with no privacy at all.
//
// The query groups by the codes as they stand; the few hundred counts that come out are
// rolled up here, which is quicker than rolling up every row.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2"

	"tidemark/aggregation/peers/speed/internal/contest"
	"tidemark/aggregation/peers/speed/internal/rows"
	"tidemark/schema"
)

func main() {
	contest.Main(map[string]contest.Contender{
		"duckdb-start":  start,
		"duckdb":        query{"count(*)", rows.Tables, 1}.run,
		"duckdb-all":    query{"count(*)", rows.Tables, 0}.run,
		"duckdb-people": query{"count(DISTINCT person)", rows.Unrolled, 1}.run,
	})
}

// start opens a database and counts nothing: what a process costs.
func start(ctx context.Context, _ contest.Job) ([][]int64, error) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return nil, db.PingContext(ctx)
}

// query is what is counted, into which tables, and on how many threads; 0: as many as
// DuckDB likes. Different people of several codes cannot be rolled up by adding.
type query struct {
	counts  string
	tables  []string
	threads int
}

func (q query) run(ctx context.Context, job contest.Job) ([][]int64, error) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if q.threads > 0 {
		if _, err := db.ExecContext(ctx, fmt.Sprintf("SET threads = %d", q.threads)); err != nil {
			return nil, err
		}
	}
	shapes, err := rows.Shapes(q.tables)
	if err != nil {
		return nil, err
	}
	text, err := q.text(shapes, job.Path)
	if err != nil {
		return nil, err
	}
	answer, err := db.QueryContext(ctx, text)
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	return collect(answer, shapes)
}

// text is the query. A group has a code in the dimensions that its table looks at, and
// NULL in the others: no row has an empty cell.
func (q query) text(shapes []schema.Shape, path string) (string, error) {
	header, err := rows.Header()
	if err != nil {
		return "", err
	}
	columns := make([]string, len(header))
	for i, name := range header {
		kind := "UTINYINT"
		switch i {
		case rows.PersonColumn, rows.CaseColumn:
			kind = "UBIGINT"
		case rows.DayColumn:
			kind = "DATE"
		}
		columns[i] = fmt.Sprintf("'%s': '%s'", name, kind)
	}
	codes := strings.Join(header[rows.Leading:], ", ")
	return fmt.Sprintf(`SELECT %s, %s FROM read_csv('%s', header = true, auto_detect = false, delim = ',', columns = {%s})
WHERE day BETWEEN DATE '%s' AND DATE '%s' GROUP BY GROUPING SETS (%s)`,
		codes, q.counts, strings.ReplaceAll(path, "'", "''"), strings.Join(columns, ", "),
		rows.Period.Start(), rows.Period.End(), strings.Join(sets(shapes), ", ")), nil
}

func sets(shapes []schema.Shape) []string {
	sets := make([]string, len(shapes))
	for i, s := range shapes {
		sets[i] = "(" + strings.Join(axes(s), ", ") + ")"
	}
	return sets
}

func axes(s schema.Shape) []string {
	var names []string
	for _, l := range s.Levels {
		names = append(names, l.Axis.Dimension)
	}
	return names
}
