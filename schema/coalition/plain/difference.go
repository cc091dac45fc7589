package plain

import (
	"fmt"
	"math/big"

	"tidemark/schema"
)

// Difference says what changes when one plan follows another: tables first, then what
// they cost, then the rest. It ends with the ceilings that no plan passes.
func Difference(from, to schema.Plan) []string {
	out := tables(from, to)
	out = append(out, budget(from, to)...)
	out = append(out, rest(from, to)...)
	if len(out) == 0 {
		out = append(out, "Nothing in it differs but its first period.")
	}
	return append(out, ceilings)
}

var ceilings = fmt.Sprintf("Whoever signs, this program follows no plan that spends more than %s mu^2 in 12 months, has more than %d tables or %d cells in a release, or noise below one person.",
	charge(schema.MaxCap), schema.MaxTables, schema.MaxCells)

// key is what makes a table the same one in two plans.
func key(t schema.PlanTable) schema.PlanTable {
	t.Sigma2 = 0
	return t
}

func keyed(p schema.Plan) map[string]schema.PlanTable {
	all := map[string]schema.PlanTable{}
	for _, t := range p.Tables {
		all[name(key(t))] = t
	}
	return all
}

// tables are those that come, those that go, and those whose noise changes.
func tables(from, to schema.Plan) []string {
	var out []string
	before, after := keyed(from), keyed(to)
	for _, t := range to.Tables {
		was, had := before[name(t)]
		switch {
		case !had:
			out = append(out, "New table: "+name(t)+", "+noise(t)+".")
		case was.Sigma2 != t.Sigma2:
			out = append(out, "Other noise: "+name(t)+", "+noise(t)+"; until now "+noise(was)+".")
		}
	}
	for _, t := range from.Tables {
		if _, stays := after[name(t)]; !stays {
			out = append(out, "No longer: "+name(t)+".")
		}
	}
	return out
}

func name(t schema.PlanTable) string {
	how := "each person once"
	switch t.Measure.Kind {
	case schema.Reached:
		how = fmt.Sprintf("each person in up to %d cells", t.Measure.Limit)
	case schema.Cases:
		how = fmt.Sprintf("up to %d cases of each person", t.Measure.Limit)
	}
	return fmt.Sprintf("%s every %s, %s", t.Table, t.Cadence, how)
}

// noise says how far the noise moves a cell of one member, 95 times in 100.
func noise(t schema.PlanTable) string {
	if t.Sigma2 == 0 {
		return "worked out from other tables"
	}
	// 1.96 standard deviations of 1/60 person, in tenths of a person: (19.6/60)^2 sigma2.
	tenths := new(big.Int).Mul(big.NewInt(t.Sigma2), big.NewInt(38_416))
	tenths.Sqrt(tenths.Div(tenths, big.NewInt(360_000)))
	n := tenths.Int64()
	return fmt.Sprintf("noise within %d.%d people (95 of 100 cells of one member)", n/10, n%10)
}

// charge writes nano-mu^2 as mu^2.
func charge(c schema.Charge) string {
	const one = 1_000_000_000
	return fmt.Sprintf("%d.%03d", c/one, c%one/1_000_000)
}

func budget(from, to schema.Plan) []string {
	var out []string
	for _, b := range []struct {
		what    string
		was, is schema.Charge
	}{
		{"A quarter's release spends %s mu^2 of privacy", from.ChargeQuarter, to.ChargeQuarter},
		{"A year's release spends %s mu^2 of privacy", from.ChargeYear, to.ChargeYear},
		{"At most %s mu^2 are spent in 12 months", from.Cap, to.Cap},
	} {
		switch {
		case b.is > b.was:
			out = append(out, fmt.Sprintf(b.what+", more than until now (%s): each person is protected less.", charge(b.is), charge(b.was)))
		case b.is < b.was:
			out = append(out, fmt.Sprintf(b.what+", less than until now (%s).", charge(b.is), charge(b.was)))
		}
	}
	return out
}

// rest is what else a plan says, each with what it was.
func rest(from, to schema.Plan) []string {
	var out []string
	for _, r := range []struct{ what, was, is string }{
		{"Mode", mode(from), mode(to)},
		{"Noise is drawn by", string(from.Noise), string(to.Noise)},
		{"Cases count as late for", days(from.LateDays), days(to.LateDays)},
		{"Releases go out", slot(from.Slot), slot(to.Slot)},
		{"Numbers are shown", bands(from.Bands), bands(to.Bands)},
		{"Codebook", from.Codebook.Short(), to.Codebook.Short()},
	} {
		if r.was != r.is {
			out = append(out, fmt.Sprintf("%s: %s; until now %s.", r.what, r.is, r.was))
		}
	}
	return out
}

func mode(p schema.Plan) string {
	if p.Mode == schema.Joint {
		return fmt.Sprintf("joint, %d honest members against %d that collude", p.Honest, p.Colluders)
	}
	return "local, each member's tables by themselves"
}

func days(n int) string { return fmt.Sprintf("%d days", n) }

func slot(s schema.Slot) string {
	return fmt.Sprintf("%d days after a period's end, at %02d:00 UTC", s.Days, s.Hour)
}

func bands(b schema.Bands) string {
	return fmt.Sprintf("alone up to an error of %d per thousand, with a caution up to %d", b.Number, b.Caution)
}

// whole is a plan that takes no other's place.
func whole(p schema.Plan) []string {
	out := tables(schema.Plan{}, p)
	return append(out,
		fmt.Sprintf("A quarter's release spends %s mu^2 of privacy, a year's %s, at most %s in 12 months.", charge(p.ChargeQuarter), charge(p.ChargeYear), charge(p.Cap)),
		"Mode: "+mode(p)+". Releases go out "+slot(p.Slot)+".", ceilings)
}
