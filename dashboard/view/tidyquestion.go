package view

import (
	"fmt"
	"slices"
	"strings"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// Typed is a question as it is typed: on the command line, or in an address of the API.
type Typed struct {
	// Table is "threat_type", "region*threat_type(group)", or "all": everybody. A measure
	// other than people stands before it: "reached:3 threat_type".
	Table    string
	Where    []string // "gender=woman"
	From, To string
	Every    string
}

// Question reads it.
func (t Typed) Question() (q Question, err error) {
	if t.Table != all {
		measure, table, told := strings.Cut(t.Table, " ")
		if !told {
			measure, table = string(schema.People), t.Table
		}
		if q.Measure, err = schema.ParseMeasure(measure); err != nil {
			return Question{}, err
		}
		if q.Table, err = schema.ParseTable(table); err != nil {
			return Question{}, err
		}
	}
	for _, w := range t.Where {
		f, err := combine.ParseFilter(w)
		if err != nil {
			return Question{}, err
		}
		q.Where = append(q.Where, f)
	}
	for _, p := range []struct {
		text string
		into *schema.Period
	}{{t.From, &q.From}, {t.To, &q.To}} {
		if p.text == "" {
			continue
		}
		if *p.into, err = schema.ParsePeriod(p.text); err != nil {
			return Question{}, err
		}
	}
	q.Every = schema.Cadence(t.Every)
	if t.Every != "" && !slices.Contains(schema.Cadences, q.Every) {
		return Question{}, fmt.Errorf("every: want quarter or year")
	}
	return q, nil
}
