package main

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"tidemark/aggregation/peers/speed/internal/rows"
	"tidemark/node/intake"
	"tidemark/schema"
	"tidemark/schema/mapping"
)

// takeIn reads the CSV file the way the product does, by a mapping, with all its checks.
func takeIn(ctx context.Context, path string) (iter.Seq2[*schema.Record, error], error) {
	text, err := mappingFile()
	if err != nil {
		return nil, err
	}
	m, err := mapping.Parse([]byte(text), schema.Incident())
	if err != nil {
		return nil, err
	}
	return func(yield func(*schema.Record, error) bool) {
		var report intake.Report
		var record schema.Record
		for c, err := range intake.Cases(ctx, m, path, &report) {
			if err == nil {
				err = take(&record, &c)
			}
			if !yield(&record, err) || err != nil {
				return
			}
			record.Seq++
		}
		if report.Refused > 0 {
			yield(nil, fmt.Errorf("intake: %d rows refused", report.Refused))
		}
	}, nil
}

func take(r *schema.Record, c *mapping.Case) error {
	person, err := strconv.ParseUint(c.Persons[0], 10, 64)
	if err != nil {
		return fmt.Errorf("person: want a number")
	}
	rows.SetPerson(r, person)
	r.Date, r.Codes = c.Date, c.Codes
	return nil
}

// mappingFile lists every code's place as the text that stands for it.
func mappingFile() (string, error) {
	used, err := rows.Used()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("name: speed\nformat: csv\nperson: {id: person}\ncase: {id: case_no}\n" +
		"date: {column: day, formats: [iso]}\ndimensions:\n")
	isUsed := map[int]bool{}
	for _, d := range used {
		isUsed[d] = true
	}
	for i, d := range schema.Incident().Dimensions {
		if !isUsed[i] {
			fmt.Fprintf(&b, "  %s: {constant: %s}\n", d.ID, d.Codes[0].Code)
			continue
		}
		fmt.Fprintf(&b, "  %s:\n    column: %s\n    default: %s\n    unmapped: refuse\n    values:\n", d.ID, d.ID, d.Codes[0].Code)
		for k, c := range d.Codes {
			fmt.Fprintf(&b, "      %s: [\"%d\"]\n", c.Code, k)
		}
	}
	return b.String(), nil
}
