package planner

import (
	"slices"

	"tidemark/schema"
)

// What the built-in codebook's coalitions want to know first, most important first.
var (
	incidentQuarterly = []string{
		"threat_type", "gender", "offline_consequence(group)", "police_response(group)",
		"platform_response(group)", "region", "platform_response_time", "support_outcome(group)",
		"known_elsewhere",
		"suspected_actor(group)", "target_relation(group)", "online_offline_link", "support_need",
	}
	incidentYearly = []string{
		"threat_type*offline_consequence(group)", "region*threat_type(group)",
		"threat_type*gender", "suspected_actor(group)*police_response(group)",
		"support_need*support_outcome(group)", "platform_brand*platform_response(group)",
		"target_relation(group)*threat_type(group)", "offline_consequence(group)*link_evidence",
	}
)

// Wishes are the tables that Choose tries, most important first. The built-in codebook
// has its own list; any other gets its dimensions in their order, large ones rolled up
// after the first, and the pairs of the first few.
func Wishes(cb *schema.Codebook) []Wish {
	quarterly, yearly := generic(cb)
	if cb.Name == schema.Incident().Name {
		quarterly, yearly = known(cb, incidentQuarterly), known(cb, incidentYearly)
	}
	var out []Wish
	for i, t := range quarterly {
		out = append(out, Wish{schema.Quarterly, people, t, importance(i)})
	}
	for i, t := range yearly {
		out = append(out, Wish{schema.Yearly, people, t, importance(i)})
	}
	return out
}

var people = schema.Measure{Kind: schema.People}

// known parses tables and keeps those that the codebook has: a coalition may found
// itself on a later or a smaller version.
func known(cb *schema.Codebook, names []string) []schema.Table {
	var out []schema.Table
	for _, name := range names {
		t := table(name)
		if inUse(cb, t) {
			out = append(out, t)
		}
	}
	return out
}

// inUse tells that a codebook has a table, and that every axis still has a code in use.
func inUse(cb *schema.Codebook, t schema.Table) bool {
	if _, err := cb.Shape(t); err != nil {
		return false
	}
	return !slices.ContainsFunc(t.Axes, func(a schema.Axis) bool { return cb.Dimensions[cb.Dimension(a.Dimension)].Retired() })
}

// table parses a name that stands in this package.
func table(name string) schema.Table {
	t, err := schema.ParseTable(name)
	if err != nil {
		panic(err)
	}
	return t
}

// manyCodes is when a dimension after the first is wished for by its groups.
const manyCodes = 8

// paired is how many of the first dimensions are crossed.
const paired = 4

func generic(cb *schema.Codebook) (quarterly, yearly []schema.Table) {
	var axes []schema.Axis
	for i := range cb.Dimensions {
		d := &cb.Dimensions[i]
		if len(d.Codes) < 2 || d.Retired() {
			continue
		}
		a := schema.Axis{Dimension: d.ID}
		if len(axes) > 0 && len(d.Codes) > manyCodes {
			a = coarser(cb, a)
		}
		axes = append(axes, a)
		quarterly = append(quarterly, schema.Table{Axes: []schema.Axis{a}})
	}
	for k := 1; k < min(paired, len(axes)); k++ {
		for i := range k {
			yearly = append(yearly, schema.Table{Axes: []schema.Axis{axes[i], axes[k]}})
		}
	}
	for i := range cb.Dimensions {
		if len(quarterly) == 0 && !cb.Dimensions[i].Retired() {
			quarterly = append(quarterly, schema.Table{Axes: []schema.Axis{{Dimension: cb.Dimensions[i].ID}}})
		}
	}
	return quarterly, yearly
}
