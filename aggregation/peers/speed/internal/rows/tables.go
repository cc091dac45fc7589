package rows

import (
	"fmt"
	"slices"
	"strings"

	"tidemark/schema"
)

// Tables are the twelve of BenchmarkDraw, as a large coalition's plan has them.
var Tables = []string{
	"threat_type*gender",
	"offline_consequence(group)*link_evidence",
	"suspected_actor(group)*police_response(group)",
	"support_need*support_outcome(group)",
	"region*threat_type(group)",
	"threat_type*offline_consequence",
	"platform_brand*platform_response(group)",
	"access_context*threat_type(group)",
	"known_elsewhere",
	"gender",
	"online_offline_link",
	"channel_encryption",
}

// Unrolled are the same tables by the dimensions' own codes.
var Unrolled = func() (unrolled []string) {
	for _, t := range Tables {
		unrolled = append(unrolled, strings.ReplaceAll(t, "(group)", ""))
	}
	return unrolled
}()

// Sigma2 is the variance of every cell, in units^2: a standard deviation of 11.2 people.
const Sigma2 = 450_000

// Period is the quarter in which every case happened.
var Period = schema.Period{Year: 2026, Quarter: 1}

// Shapes looks tables up in the built-in codebook.
func Shapes(tables []string) ([]schema.Shape, error) {
	shapes := make([]schema.Shape, len(tables))
	for i, name := range tables {
		t, err := schema.ParseTable(name)
		if err != nil {
			return nil, fmt.Errorf("rows: table %s: %w", name, err)
		}
		if shapes[i], err = schema.Incident().Shape(t); err != nil {
			return nil, fmt.Errorf("rows: %w", err)
		}
	}
	return shapes, nil
}

// Used are the dimensions that the twelve tables look at: places in the codebook,
// ascending. They are the columns of the CSV file behind its first three.
func Used() ([]int, error) {
	shapes, err := Shapes(Tables)
	if err != nil {
		return nil, err
	}
	var used []int
	for _, s := range shapes {
		for _, l := range s.Levels {
			used = append(used, l.Dim)
		}
	}
	slices.Sort(used)
	return slices.Compact(used), nil
}
