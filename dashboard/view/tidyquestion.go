package view

import (
	"fmt"
	"slices"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

// Typed is a question as it is typed: on the command line, or in an address of the API.
type Typed struct {
	Table    string   // "threat_type", "region*threat_type(group)", or "all": everybody
	Where    []string // "gender=woman"
	From, To string
	Every    string
}

// Question reads it.
func (t Typed) Question() (q Question, err error) {
	if t.Table != all {
		if q.Table, err = schema.ParseTable(t.Table); err != nil {
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
