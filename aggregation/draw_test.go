package aggregation

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tidemark/aggregation/noise"
	"tidemark/schema"
)

var background = context.Background()

// none is a Noiser without noise. It remembers what it was asked.
type none struct{ asked [][]noise.Ask }

func (n *none) Noise(_ context.Context, asks []noise.Ask) ([][]int64, error) {
	n.asked = append(n.asked, asks)
	out := make([][]int64, len(asks))
	for i, a := range asks {
		out[i] = make([]int64, a.Count)
	}
	return out, nil
}

// noiser is a Noiser made of a function.
type noiser func(asks []noise.Ask) ([][]int64, error)

func (f noiser) Noise(_ context.Context, asks []noise.Ask) ([][]int64, error) { return f(asks) }

// small has three dimensions of 2, 3 and 4 codes; the last with a roll-up of 2.
var small = func() *schema.Codebook {
	cb, err := schema.ParseCodebook([]byte(`{"codebook":"small","version":"1","dimensions":[
		{"id":"a","codes":[{"code":"a0","definition":"-"},{"code":"a1","definition":"-"}]},
		{"id":"b","codes":[{"code":"b0","definition":"-"},{"code":"b1","definition":"-"},{"code":"b2","definition":"-"}]},
		{"id":"c","codes":[{"code":"c0","definition":"-"},{"code":"c1","definition":"-"},{"code":"c2","definition":"-"},{"code":"c3","definition":"-"}],
		 "rollups":[{"id":"group","codes":[{"code":"g0","of":["c0","c3"]},{"code":"g1","of":["c1","c2"]}]}]}]}`))
	if err != nil {
		panic(err)
	}
	return cb
}()

// planOf reads "quarter people a*b 450000" lines into a plan from 2026-Q1 whose charges
// are what the tables cost.
func planOf(cb *schema.Codebook, lines ...string) schema.Plan {
	p := schema.Plan{
		Codebook: cb.Hash(), Mode: schema.Local, Noise: schema.ExactNoise,
		First: mustPeriod("2026-Q1"), LateDays: schema.DefaultLate, Slot: schema.Slot{Days: 20, Hour: 12},
		Cap: schema.MaxCap, Bands: schema.DefaultBands,
	}
	for _, line := range lines {
		var cadence, measure, table string
		var t schema.PlanTable
		if _, err := fmt.Sscan(line, &cadence, &measure, &table, &t.Sigma2); err != nil {
			panic(err)
		}
		kind, limit, _ := strings.Cut(measure, ":")
		t.Cadence, t.Measure.Kind = schema.Cadence(cadence), schema.MeasureKind(kind)
		_, _ = fmt.Sscan(limit, &t.Measure.Limit)
		var err error
		if t.Table, err = schema.ParseTable(table); err != nil {
			panic(err)
		}
		p.Tables = append(p.Tables, t)
		if t.Cadence == schema.Yearly {
			p.ChargeYear += t.Charge()
		} else {
			p.ChargeQuarter += t.Charge()
		}
	}
	return p
}

// stream gives records, sorted by person as a vault does.
func stream(rs []schema.Record) iter.Seq2[*schema.Record, error] {
	sorted := slices.Clone(rs)
	slices.SortStableFunc(sorted, func(a, b schema.Record) int { return slices.Compare(a.Person[:], b.Person[:]) })
	return func(yield func(*schema.Record, error) bool) {
		for i := range sorted {
			if !yield(&sorted[i], nil) {
				return
			}
		}
	}
}

func record(person byte, date string, codes ...byte) schema.Record {
	return schema.Record{Person: schema.Key{person}, Date: mustDate(date), Codes: codes, Seq: 1}
}

func taskOf(plan schema.Plan, period string, rs ...schema.Record) Task {
	p := mustPeriod(period)
	return Task{Codebook: small, Plan: plan, Period: p, Slots: []Slotted{{p, 1000, false}}, Records: stream(rs)}
}

var mixed = []string{
	"quarter people a*b 450000", "year people c 450000", "quarter people c(group) 0",
	"quarter reached:2 b 900000", "quarter cases:3 a 9000000", "quarter people b*c(group) 300000",
}

func TestDrawFollowsThePlan(t *testing.T) {
	n := &none{}
	task := taskOf(planOf(small, mixed...), "2026-Q1",
		record(1, "2026-01-05", 0, 1, 0), record(1, "2026-03-31", 1, 2, 3),
		record(2, "2026-02-01", 1, 2, 1),
		record(3, "2026-04-01", 1, 2, 1), // of the next quarter
		record(4, "2025-11-01", 0, 0, 0), // late
	)
	got, err := Draw(background, task, n)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, g := range got {
		told = append(told, fmt.Sprint(g.Measure, " ", g.Table, " ", g.Rows, "x", g.Cols, " ", g.Sigma2, " ", g.Cells))
	}
	want := []string{
		"people a*b 2x3 450000 [60 30 0 0 0 90]",
		"reached:2 b 3x1 900000 [60 60 120]",
		"cases:3 a 2x1 9000000 [120 120]",
		"people b*c(group) 3x2 300000 [60 0 30 0 30 60]",
	}
	if !slices.Equal(told, want) {
		t.Errorf("have\n%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
	asks := [][]noise.Ask{{
		{Sensitivity2: 3600, Sigma2: 450_000, Count: 6, Source: "exact"}, {Sensitivity2: 7200, Sigma2: 900_000, Count: 3, Source: "exact"},
		{Sensitivity2: 32_400, Sigma2: 9_000_000, Count: 2, Source: "exact"}, {Sensitivity2: 3600, Sigma2: 300_000, Count: 6, Source: "exact"},
	}}
	if !reflect.DeepEqual(n.asked, asks) {
		t.Errorf("asked %v, want %v", n.asked, asks)
	}
}

func TestDrawOfAYear(t *testing.T) {
	task := taskOf(planOf(small, mixed...), "2026", record(1, "2026-01-05", 0, 1, 0), record(1, "2026-12-31", 1, 2, 3))
	got, err := Draw(background, task, &none{})
	if err != nil || len(got) != 1 || fmt.Sprint(got[0].Cells) != "[30 0 0 30]" {
		t.Errorf("have %v, %v", got, err)
	}
}

// What is asked and what comes back has the same form with and without cases.
func TestSilenceSaysNothing(t *testing.T) {
	plan := planOf(small, mixed...)
	var crowd []schema.Record
	for i := range 10_000 {
		crowd = append(crowd, record(byte(i%7), "2026-02-01", byte(i%2), byte(i%3), byte(i%4)))
	}
	empty, full := &none{}, &none{}
	a, err := Draw(background, taskOf(plan, "2026-Q1"), empty)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Draw(background, taskOf(plan, "2026-Q1", crowd...), full)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(empty.asked, full.asked) {
		t.Error("the data changed what was asked")
	}
	for i := range a {
		if len(a[i].Cells) != len(b[i].Cells) || slices.Max(a[i].Cells) != 0 || slices.Min(a[i].Cells) != 0 {
			t.Errorf("table %s: %v without cases", a[i].Table, a[i].Cells)
		}
	}
}

func TestNothingInTheDataMakesDrawRefuse(t *testing.T) {
	one := make([]schema.Record, 10_000)
	for i := range one {
		one[i] = record(0, "2026-02-01", 1, 2, 3)
		one[i].Seq = math.MaxUint64 - uint64(i) // of which none counts
		if i%2 == 0 {
			one[i].Seq = 0
			one[i].Counted = [2]schema.Period{mustPeriod("2026-Q1"), mustPeriod("1970")}
		}
	}
	got, err := Draw(background, taskOf(planOf(small, mixed...), "2026-Q1", one...), &none{})
	if err != nil || fmt.Sprint(got[0].Cells) != "[0 0 0 0 0 60]" {
		t.Errorf("have %v, %v", got, err)
	}
}

func TestDrawAddsTheNoiseThatItGot(t *testing.T) {
	plan := planOf(small, "quarter people b 450000")
	n := noiser(func([]noise.Ask) ([][]int64, error) { return [][]int64{{-100, 5, 7}}, nil })
	got, err := Draw(background, taskOf(plan, "2026-Q1", record(1, "2026-01-05", 0, 1, 0)), n)
	if err != nil || fmt.Sprint(got[0].Cells) != "[-100 65 7]" {
		t.Errorf("have %v, %v", got, err)
	}
}

func TestDrawNeedsTheNoise(t *testing.T) {
	plan := planOf(small, "quarter people b 450000")
	dead := errors.New("child")
	for name, n := range map[string]noiser{
		"an error":   func([]noise.Ask) ([][]int64, error) { return [][]int64{{1, 2, 3}}, dead },
		"nothing":    func([]noise.Ask) ([][]int64, error) { return nil, nil },
		"too little": func([]noise.Ask) ([][]int64, error) { return [][]int64{{1, 2}}, nil },
		"too much":   func([]noise.Ask) ([][]int64, error) { return [][]int64{{1, 2, 3}, {4}}, nil },
		"too large":  func([]noise.Ask) ([][]int64, error) { return [][]int64{{1, math.MaxInt64, 3}}, nil },
	} {
		got, err := Draw(background, taskOf(plan, "2026-Q1", record(1, "2026-01-05", 0, 1, 0)), n)
		if err == nil || got != nil {
			t.Errorf("%s: have %v", name, got)
		}
		if name == "an error" && !errors.Is(err, dead) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDrawRefusesTasks(t *testing.T) {
	slot := func(p string) Slotted { return Slotted{Period: mustPeriod(p), Cutoff: 9} }
	for name, change := range map[string]func(*Task){
		"no codebook":            func(t *Task) { t.Codebook = nil },
		"no records":             func(t *Task) { t.Records = nil },
		"another codebook":       func(t *Task) { t.Codebook = schema.Incident() },
		"joint mode":             func(t *Task) { t.Plan.Mode, t.Plan.Honest, t.Plan.Colluders = schema.Joint, 2, 1 },
		"more than its charge":   func(t *Task) { t.Plan.ChargeQuarter-- },
		"sigma2 below one":       func(t *Task) { t.Plan.Tables[0].Sigma2 = 3599 },
		"no period":              func(t *Task) { t.Period = schema.Period{} },
		"before the plan":        func(t *Task) { t.Period = mustPeriod("2025-Q4"); t.Slots = []Slotted{slot("2025-Q4")} },
		"no table of the year":   func(t *Task) { t.Period = mustPeriod("2026"); t.Slots = []Slotted{slot("2026")} },
		"no slots":               func(t *Task) { t.Slots = nil },
		"another slot last":      func(t *Task) { t.Slots = append(t.Slots, slot("2026-Q3")) },
		"slots out of order":     func(t *Task) { t.Slots = []Slotted{slot("2026-Q3"), slot("2026-Q2")} },
		"a slot twice":           func(t *Task) { t.Slots = []Slotted{slot("2026-Q2"), slot("2026-Q2")} },
		"slots of both cadences": func(t *Task) { t.Slots = []Slotted{slot("2025"), slot("2026-Q2")} },
	} {
		task := taskOf(planOf(small, "quarter people b 450000"), "2026-Q2")
		if _, err := Draw(background, task, &none{}); err != nil {
			t.Fatal(err)
		}
		change(&task)
		n := &none{}
		if _, err := Draw(background, task, n); err == nil || len(n.asked) > 0 {
			t.Errorf("%s: drawn", name)
		}
	}
}

func TestDrawPassesOnABrokenStore(t *testing.T) {
	broken := errors.New("store")
	task := taskOf(planOf(small, "quarter people b 450000"), "2026-Q1")
	task.Records = func(yield func(*schema.Record, error) bool) { yield(nil, broken) }
	n := &none{}
	if _, err := Draw(background, task, n); !errors.Is(err, broken) || len(n.asked) > 0 {
		t.Errorf("have %v", err)
	}
}

// Both samplers through the whole of Draw, in the process.
func TestDrawWithRealNoise(t *testing.T) {
	for _, n := range []Noiser{noise.Google{}, noise.Exact{}} {
		task := taskOf(planOf(small, mixed...), "2026-Q1", record(1, "2026-01-05", 0, 1, 0))
		a, err := Draw(background, task, n)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Draw(background, task, n)
		if err != nil {
			t.Fatal(err)
		}
		if reflect.DeepEqual(a, b) { // 17 cells of sigma 60 and more: odds below 1e-30
			t.Errorf("%T drew the same twice", n)
		}
	}
}
