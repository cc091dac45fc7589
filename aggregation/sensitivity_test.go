package aggregation

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tidemark/schema"
)

// anyPlan draws a plan of two to seven quarterly tables of all measures, with variances
// from dear to cheap.
func anyPlan(t *rapid.T) schema.Plan {
	names := []string{"a", "b", "c", "c(group)", "a*b", "b*c", "c(group)*a", "a*c"}
	var lines []string
	for i := range rapid.IntRange(2, 7).Draw(t, "tables") {
		m := schema.Measure{Kind: rapid.SampledFrom([]schema.MeasureKind{schema.People, schema.Reached, schema.Cases}).Draw(t, "measure")}
		if m.Kind != schema.People {
			m.Limit = rapid.SampledFrom([]int{1, 2, 3, 7, 60, 61, 100}).Draw(t, "limit")
		}
		sigma2 := m.Sensitivity2() * int64(rapid.IntRange(29, 3000).Draw(t, "sigma2"))
		lines = append(lines, fmt.Sprint("quarter ", m, " ", names[(i+len(names))%len(names)], " ", sigma2))
	}
	return planOf(small, lines...)
}

// anyRecords draws the cases of a person: none, one, some, or hundreds, of any codes,
// all the same or all different, in and around the period, counted before or not, under
// case ids that repeat.
func anyRecords(t *rapid.T, person schema.Key) []schema.Record {
	k := rapid.OneOf(rapid.IntRange(0, 4), rapid.IntRange(5, 130)).Draw(t, "cases")
	if rapid.IntRange(0, 40).Draw(t, "huge") == 0 {
		k = 3000
	}
	form := rapid.SampledFrom([]string{"any", "same", "different"}).Draw(t, "codes")
	dates := rapid.SampledFrom([]string{"inside", "around"}).Draw(t, "dates")
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	same := []byte{byte(r.IntN(2)), byte(r.IntN(3)), byte(r.IntN(4))}
	rs := make([]schema.Record, k)
	for i := range rs {
		rs[i] = schema.Record{Person: person, Case: schema.Key{byte(r.IntN(3))}, Date: mustDate("2026-02-01"), Codes: same, Seq: uint64(r.IntN(12))}
		switch form {
		case "any":
			rs[i].Codes = []byte{byte(r.IntN(2)), byte(r.IntN(3)), byte(r.IntN(4))}
		case "different":
			rs[i].Codes = []byte{byte(i % 2), byte(i / 2 % 3), byte(i / 6 % 4)}
		}
		if dates == "around" {
			rs[i].Date += schema.Date(r.IntN(500) - 250)
			if r.IntN(8) == 0 {
				rs[i].Counted[0] = schema.Period{Year: 2026, Quarter: 1 + r.IntN(2)}
			}
		}
	}
	return rs
}

func drawn(t *rapid.T, plan schema.Plan, rs []schema.Record) []schema.NoisyTable {
	p := mustPeriod("2026-Q1")
	got, err := Draw(background, Task{Codebook: small, Plan: plan, Period: p, Slots: []Slotted{{p, 10, false}}, Records: stream(rs)}, &none{})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// cost is the sum over the tables of ||difference||^2/sigma^2, exactly: the square of
// the mu that these two data sets can be told apart with.
func cost(a, b []schema.NoisyTable) *big.Rat {
	sum := new(big.Rat)
	for i := range a {
		norm := new(big.Int)
		for k := range a[i].Cells {
			d := big.NewInt(a[i].Cells[k] - b[i].Cells[k])
			norm.Add(norm, d.Mul(d, d))
		}
		sum.Add(sum, new(big.Rat).SetFrac(norm, big.NewInt(a[i].Sigma2)))
	}
	return sum
}

// promised is what the plan charges for a quarter, as mu^2.
func promised(p schema.Plan, times int64) *big.Rat {
	return new(big.Rat).SetFrac64(int64(p.ChargeQuarter)*times, 1e9)
}

// The promise, in integers: whoever is added or removed, however many cases she has,
// all tables of the release together move by no more than the charge.
func TestOnePersonMovesAReleaseByNoMoreThanItsCharge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := anyPlan(t)
		var others []schema.Record
		for i := range rapid.IntRange(0, 5).Draw(t, "others") {
			others = append(others, anyRecords(t, schema.Key{byte(2 * i)})...)
		}
		// She stands before, between or behind the others.
		she := anyRecords(t, schema.Key{byte(2*rapid.IntRange(-1, 5).Draw(t, "place") + 1)})
		with, without := drawn(t, plan, append(slices.Clone(others), she...)), drawn(t, plan, others)
		if got := cost(with, without); got.Cmp(promised(plan, 1)) > 0 {
			t.Fatalf("%s with %d records moves mu^2 by %s, the charge is %s", "she", len(she), got.FloatString(9), promised(plan, 1).FloatString(9))
		}
	})
}

// The worst person reaches the charge but for the margin of one in 10,000 and the
// rounding up: the bound of the test above is tight, so it would see any slip.
func TestTheWorstPersonCostsTheWholeCharge(t *testing.T) {
	plan := planOf(small, "quarter people a*b 450000", "quarter cases:3 b 4050000", "quarter reached:3 b*c 1350000")
	p := mustPeriod("2026-Q1")
	var she []schema.Record
	for c := range byte(3) {
		she = append(she, record(1, "2026-02-01", 1, 1, c))
	}
	task := func(rs []schema.Record) Task {
		return Task{Codebook: small, Plan: plan, Period: p, Slots: []Slotted{{p, 10, false}}, Records: stream(rs)}
	}
	with, err := Draw(background, task(she), &none{})
	if err != nil {
		t.Fatal(err)
	}
	without, err := Draw(background, task(nil), &none{})
	if err != nil {
		t.Fatal(err)
	}
	// 3600/450000 three times
	if got := cost(with, without); got.Cmp(big.NewRat(24, 1000)) != 0 || plan.ChargeQuarter != 24_002_400 {
		t.Errorf("she moves mu^2 by %s, the charge is %d", got, plan.ChargeQuarter)
	}
}

// Two people under one key are one unit, and losing some of a key's records moves
// tables of people by at most sqrt(2) times the charge's mu: PRIVACY.md 1 says so.
func TestPartOfAKeyMovesAtMostTwiceTheCharge(t *testing.T) {
	plan := planOf(small, "quarter people a*b 450000", "quarter people c 450000")
	rapid.Check(t, func(t *rapid.T) {
		key := anyRecords(t, schema.Key{1})
		part := key[:rapid.IntRange(0, len(key)).Draw(t, "kept")]
		if got := cost(drawn(t, plan, key), drawn(t, plan, part)); got.Cmp(promised(plan, 2)) > 0 {
			t.Fatalf("%d of %d records move mu^2 by %s", len(part), len(key), got.FloatString(9))
		}
	})
}

// One person under m keys costs at most m times the mu, m^2 the charge.
func TestOnePersonUnderSeveralKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := anyPlan(t)
		m := rapid.IntRange(2, 4).Draw(t, "keys")
		var she []schema.Record
		for i := range m {
			she = append(she, anyRecords(t, schema.Key{byte(i)})...)
		}
		if got := cost(drawn(t, plan, she), drawn(t, plan, nil)); got.Cmp(promised(plan, int64(m*m))) > 0 {
			t.Fatalf("%d keys move mu^2 by %s", m, got.FloatString(9))
		}
	})
}

func TestOrderOfAPersonsRecordsChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := anyPlan(t)
		rs := append(anyRecords(t, schema.Key{1}), anyRecords(t, schema.Key{2})...)
		before := drawn(t, plan, rs)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		r.Shuffle(len(rs), func(i, j int) { rs[i], rs[j] = rs[j], rs[i] })
		if after := drawn(t, plan, rs); !reflect.DeepEqual(before, after) {
			t.Fatal("another order of the same records gives other tables")
		}
	})
}

// Over all quarters that are ever drawn, each record counts at most once.
func TestEachRecordCountsOnceACadence(t *testing.T) {
	plan := planOf(small, "quarter cases:100 a 100000000000")
	rapid.Check(t, func(t *rapid.T) {
		she := anyRecords(t, schema.Key{1})
		if len(she) > 100 {
			she = she[:100]
		}
		var counted int64
		var slots []Slotted
		for p, cutoff := mustPeriod("2026-Q1"), uint64(4); len(slots) < 5; p, cutoff = p.Add(1), cutoff+4 {
			slots = append(slots, Slotted{p, cutoff, len(slots) == 0})
			got, err := Draw(background, Task{Codebook: small, Plan: plan, Period: p, Slots: slots, Records: stream(she)}, &none{})
			if err != nil {
				t.Fatal(err)
			}
			counted += got[0].Cells[0] + got[0].Cells[1]
		}
		if counted > int64(60*len(she)) {
			t.Fatalf("%d records counted %d/60 times", len(she), counted)
		}
	})
}
