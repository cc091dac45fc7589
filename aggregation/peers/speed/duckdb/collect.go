package main

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"tidemark/aggregation/peers/speed/internal/rows"
	"tidemark/schema"
)

// collect rolls the counts of pairs of codes up into the tables.
func collect(answer *sql.Rows, shapes []schema.Shape) ([][]int64, error) {
	used, err := rows.Used()
	if err != nil {
		return nil, err
	}
	tables := rows.Blank(shapes)
	cells := make([]sql.Null[byte], len(used))
	var count int64
	places := []any{}
	for i := range cells {
		places = append(places, &cells[i])
	}
	places = append(places, &count)
	for answer.Next() {
		if err := answer.Scan(places...); err != nil {
			return nil, err
		}
		table, codes := tableOf(shapes, used, cells)
		if table < 0 {
			return nil, fmt.Errorf("collect: a group of no table")
		}
		tables[table][shapes[table].Cell(codes)] += count
	}
	return tables, answer.Err()
}

// tableOf finds the table of a group: the one that looks at exactly the dimensions in
// which the group has a code.
func tableOf(shapes []schema.Shape, used []int, cells []sql.Null[byte]) (table int, codes []byte) {
	codes = make([]byte, len(schema.Incident().Dimensions))
	grouped := map[int]bool{}
	for i, d := range used {
		if cells[i].Valid {
			codes[d], grouped[d] = cells[i].V, true
		}
	}
	return slices.IndexFunc(shapes, func(s schema.Shape) bool {
		looks := map[int]bool{}
		for _, l := range s.Levels {
			looks[l.Dim] = true
		}
		return maps.Equal(looks, grouped)
	}), codes
}
