package vault

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"tidemark/aggregation"
	"tidemark/aggregation/audittest"
	"tidemark/aggregation/noise"
	"tidemark/aggregation/planner"
	"tidemark/schema"
)

// audited is a plan of tables that share its charges of a quarter and of a year equally.
func audited(source schema.NoiseSource, quarterly, yearly schema.Charge, tables ...string) schema.Plan {
	p := smallPlan("2025-Q1")
	p.Noise, p.Cap, p.ChargeQuarter, p.ChargeYear, p.Tables = source, schema.MaxCap, quarterly, yearly, nil
	for _, line := range tables {
		w := strings.Fields(line)
		table, err := schema.ParseTable(w[2])
		if err != nil {
			panic(err)
		}
		measure, err := schema.ParseMeasure(w[1])
		if err != nil {
			panic(err)
		}
		p.Tables = append(p.Tables, schema.PlanTable{Table: table, Measure: measure, Cadence: schema.Cadence(w[0])})
	}
	for i := range p.Tables {
		t := &p.Tables[i]
		share := p.Charge(t.Cadence) / schema.Charge(len(p.Of(t.Cadence, false)))
		for t.Sigma2 = t.Measure.Sensitivity2() * 1_000_000_000 / int64(share); t.Charge() > share; {
			t.Sigma2++
		}
	}
	return p
}

// mixed is a year's release of all three measures at mu 1, the most that a plan may
// spend. Her nine cases reach every bound: 60 units in one cell, two cells, three cases.
func mixed(source schema.NoiseSource) history {
	return history{
		codebook: smallBook(),
		plan:     audited(source, 0, schema.MaxCap, "year people kind*place", "year reached:2 kind*help", "year cases:3 help"),
		periods:  []string{"2025"}, charged: []string{"2025"},
		hers: []someCases{{0, "2025-05-01", 3, []byte{1, 2, 0}}, {0, "2025-07-01", 6, []byte{1, 2, 1}}},
	}
}

// quarters are two tables of people by the quarter, at mu 0.5 each.
func quarters(periods, charged []string, hers ...someCases) history {
	return history{
		codebook: smallBook(),
		plan:     audited(schema.ExactNoise, 250_000_000, 0, "quarter people kind*place", "quarter people help"),
		periods:  periods, charged: charged, hers: hers,
	}
}

var (
	q1 = []string{"2025-Q1"}
	q2 = []string{"2025-Q1", "2025-Q2"}
)

// nine are nine equal cases of hers, taken in before a draw.
func nine(before int, date string) someCases { return someCases{before, date, 9, []byte{1, 2, 3}} }

// starting is the starting plan on the built-in codebook.
func starting(source schema.NoiseSource, periods ...string) history {
	plan, err := planner.SmallLocal(quarter("2025-Q1"))
	if err != nil {
		panic(err)
	}
	plan.Noise = source
	h := history{codebook: schema.Incident(), plan: plan, periods: periods, charged: periods}
	codes := make([]byte, len(h.codebook.Dimensions))
	for i := range codes {
		codes[i] = 1
	}
	for i, p := range periods {
		if quarter(p).Cadence() == schema.Quarterly {
			h.hers = append(h.hers, someCases{i, quarter(p).Start().String(), 9, codes})
		}
	}
	return h
}

// twelveMonths are all the releases of a year.
func twelveMonths(source schema.NoiseSource) history {
	return starting(source, "2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4", "2025")
}

// engine draws the noise of an audit.
type engine struct {
	name   string
	source schema.NoiseSource
	noiser func(seed schema.Hash) aggregation.Noiser // each seed is another noise, if it is heeded
}

var (
	exactEngine = engine{"exact", schema.ExactNoise, func(seed schema.Hash) aggregation.Noiser {
		return noise.Exact{Random: rand.NewChaCha8(seed)}
	}}
	googleEngine = engine{"google", schema.GoogleNoise, func(schema.Hash) aggregation.Noiser { return noise.Google{} }}
	// childEngine is google's as a node asks for it: a process for each release.
	childEngine = engine{"google, child", schema.GoogleNoise, func(schema.Hash) aggregation.Noiser {
		return NoiseChild{Command: []string{os.Args[0], "noise-child"}}
	}}
)

// sound are the audits that must pass; those without runs are for another scale.
func sound() []audit {
	var all []audit
	for _, e := range []engine{exactEngine, googleEngine} {
		all = append(all,
			audit{what: "three measures, a year", engine: e, history: mixed(e.source), group: 1, runs: audittest.Runs(0, 0, 40_000)},
			audit{what: "three measures, a year", engine: e, history: mixed(e.source), group: 3, runs: audittest.Runs(500, 2_000, 40_000)},
			audit{what: "starting plan, a quarter", engine: e, history: starting(e.source, "2025-Q1"), group: 1, runs: audittest.Runs(0, 0, 40_000)},
			audit{what: "starting plan, a quarter", engine: e, history: starting(e.source, "2025-Q1"), group: 14, runs: audittest.Runs(150, 600, 20_000)},
			audit{what: "starting plan, twelve months", engine: e, history: twelveMonths(e.source), group: 6, runs: audittest.Runs(0, 0, 4_000)},
		)
	}
	return append(all,
		audit{what: "two quarters, some cases late", engine: exactEngine, group: 3, runs: audittest.Runs(300, 1_000, 20_000),
			history: quarters(q2, q2, nine(0, "2025-02-01"), nine(1, "2025-02-01"))},
		audit{what: "one quarter's cases, two releases", engine: exactEngine, group: 3, runs: audittest.Runs(300, 1_000, 20_000),
			history: quarters(q2, q1, nine(0, "2025-02-01"))},
		audit{what: "three measures, a year", engine: childEngine, history: mixed(schema.GoogleNoise), group: 3, runs: audittest.Runs(0, 0, 1_000)},
	)
}

// faulty are the audits that must not pass.
func faulty() []audit {
	alone := quarters(q1, q1, nine(0, "2025-02-01"))
	twice := quarters(q2, q1, nine(0, "2025-02-01")) // she is in the first of two releases
	few, some, many := audittest.Runs(200, 400, 10_000), audittest.Runs(800, 1_200, 10_000), audittest.Runs(3_000, 6_000, 20_000)
	e := exactEngine
	all := []audit{
		{what: "each case counts as a person", engine: e, history: mixed(e.source), group: 1, runs: few, planting: planting{persons: "none: true"}},
		{what: "the whole budget for each table", engine: e, history: mixed(e.source), group: 1, runs: some, planting: planting{noise: wholeBudget}},
		{what: "sigma for sigma^2", engine: e, history: mixed(e.source), group: 1, runs: few, planting: planting{noise: sigmaForSigma2}},
		{what: "sigma too small by a tenth", engine: e, history: mixed(e.source), group: 3, runs: many, planting: planting{noise: smaller(0.90)}},
		{what: "one noise for two tables", engine: e, history: alone, group: 1, runs: few, planting: planting{noise: sameForTables}},
		{what: "one noise for two periods", engine: e, history: twice, group: 1, runs: some, planting: planting{noise: sameForPeriods}},
		{what: "a period drawn twice", engine: e, history: quarters([]string{"2025-Q1", "2025-Q1"}, q1, nine(0, "2025-02-01")), group: 3, runs: some},
		{what: "a case counted in two periods", engine: e, history: twice, group: 3, runs: some, planting: planting{planted: forgetful}},
		{what: "a line of the note depends on her", engine: e, history: alone, group: 1, runs: few, planting: planting{planted: telltale}},
	}
	for _, e := range []engine{exactEngine, googleEngine} {
		all = append(all, audit{what: "sigma too small by 5 %", engine: e, history: mixed(e.source), group: 3, runs: audittest.Runs(0, 0, 40_000), planting: planting{noise: smaller(0.95)}})
	}
	return all
}

// noiseOf is a Noiser made of a function.
type noiseOf func([]noise.Ask) ([][]int64, error)

func (f noiseOf) Noise(_ context.Context, asks []noise.Ask) ([][]int64, error) { return f(asks) }

// otherwise asks an engine for another variance than it should.
func otherwise(n aggregation.Noiser, change func(sigma2 int64, tables int) int64) aggregation.Noiser {
	return noiseOf(func(asks []noise.Ask) ([][]int64, error) {
		wrong := slices.Clone(asks)
		for i := range wrong {
			wrong[i].Sigma2 = change(asks[i].Sigma2, len(asks))
		}
		return n.Noise(background, wrong)
	})
}

func wholeBudget(n aggregation.Noiser) aggregation.Noiser {
	return otherwise(n, func(sigma2 int64, tables int) int64 { return sigma2 / int64(tables) })
}

func sigmaForSigma2(n aggregation.Noiser) aggregation.Noiser {
	return otherwise(n, func(sigma2 int64, _ int) int64 { return int64(math.Sqrt(float64(sigma2))) })
}

func smaller(factor float64) func(aggregation.Noiser) aggregation.Noiser {
	return func(n aggregation.Noiser) aggregation.Noiser {
		return otherwise(n, func(sigma2 int64, _ int) int64 { return int64(factor * factor * float64(sigma2)) })
	}
}

// sameForTables gives the second table the first one's noise. The cells in which she
// stands get different values; the attacker has to find a cell that tells the noise.
func sameForTables(n aggregation.Noiser) aggregation.Noiser {
	return noiseOf(func(asks []noise.Ask) ([][]int64, error) {
		drawn, err := n.Noise(background, asks)
		if err == nil {
			copy(drawn[1], drawn[0])
		}
		return drawn, err
	})
}

// sameForPeriods gives every second release the noise of the one before.
func sameForPeriods(n aggregation.Noiser) aggregation.Noiser {
	var before [][]int64
	return noiseOf(func(asks []noise.Ask) ([][]int64, error) {
		if before != nil {
			drawn := before
			before = nil
			return drawn, nil
		}
		drawn, err := n.Noise(background, asks)
		before = drawn
		return drawn, err
	})
}

// forgetful lets the draw of a period know of no other: a late case counts in each.
func forgetful(v *Vault, d *drawing, _ bool) { v.book.slots = []*drawing{d} }

// telltale states a weaker unit once she is among the cases.
func telltale(v *Vault, _ *drawing, her bool) {
	if her {
		v.meta.Protection = schema.PerCase
	}
}
