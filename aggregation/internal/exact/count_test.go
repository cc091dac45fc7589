package exact

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tidemark/schema"
)

var background = context.Background()

func all(*schema.Record) bool { return true }

// tables reads "measure[:limit] table" lines, all quarterly.
func tables(t testing.TB, lines ...string) (ts []schema.PlanTable) {
	t.Helper()
	for _, line := range lines {
		measure, name, _ := strings.Cut(line, " ")
		kind, limit, _ := strings.Cut(measure, ":")
		p := schema.PlanTable{Cadence: schema.Quarterly, Measure: schema.Measure{Kind: schema.MeasureKind(kind)}, Sigma2: 450_000}
		if limit != "" {
			fmt.Sscan(limit, &p.Measure.Limit)
		}
		var err error
		if p.Table, err = schema.ParseTable(name); err != nil {
			t.Fatal(err)
		}
		ts = append(ts, p)
	}
	return ts
}

// small has three dimensions of 2, 3 and 4 codes; the last with a roll-up of 2.
func small(t testing.TB) *schema.Codebook {
	t.Helper()
	cb, err := schema.ParseCodebook([]byte(`{"codebook":"small","version":"1","dimensions":[
		{"id":"a","codes":[{"code":"a0","definition":"-"},{"code":"a1","definition":"-"}]},
		{"id":"b","codes":[{"code":"b0","definition":"-"},{"code":"b1","definition":"-"},{"code":"b2","definition":"-"}]},
		{"id":"c","codes":[{"code":"c0","definition":"-"},{"code":"c1","definition":"-"},{"code":"c2","definition":"-"},{"code":"c3","definition":"-"}],
		 "rollups":[{"id":"group","codes":[{"code":"g0","of":["c0","c3"]},{"code":"g1","of":["c1","c2"]}]}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return cb
}

// of makes records: one person after another, each case as its codes, "010 002".
func of(people ...string) (rs []schema.Record) {
	for i, cases := range people {
		for _, codes := range strings.Fields(cases) {
			r := schema.Record{Person: schema.Key{byte(i >> 8), byte(i)}}
			for _, c := range codes {
				r.Codes = append(r.Codes, byte(c-'0'))
			}
			rs = append(rs, r)
		}
	}
	return rs
}

// stream gives records the way a vault may: in one place that is used again.
func stream(rs []schema.Record) iter.Seq2[*schema.Record, error] {
	return func(yield func(*schema.Record, error) bool) {
		var one schema.Record
		codes := make([]byte, 300)
		for _, r := range rs {
			one = r
			one.Codes = codes[:copy(codes, r.Codes)]
			if !yield(&one, nil) {
				return
			}
		}
	}
}

// exactly counts and looks at the counts by way of noise that is none.
func exactly(t testing.TB, cb *schema.Codebook, ts []schema.PlanTable, rs []schema.Record) [][]int64 {
	t.Helper()
	counts, err := Count(background, cb, ts, stream(rs), all)
	if err != nil {
		t.Fatal(err)
	}
	out, err := counts.Noised(silence(t, cb, ts))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func silence(t testing.TB, cb *schema.Codebook, ts []schema.PlanTable) (noise [][]int64) {
	for _, p := range ts {
		s, err := cb.Shape(p.Table)
		if err != nil {
			t.Fatal(err)
		}
		noise = append(noise, make([]int64, s.Cells()))
	}
	return noise
}

func TestMeasures(t *testing.T) {
	const (
		people  = "people b"
		reached = "reached:2 b"
		cases   = "cases:2 b"
	)
	for _, c := range []struct{ name, table, person, want string }{
		{"one case", people, "010", "0 60 0"},
		{"two cases", people, "010 020", "0 30 30"},
		{"a third each", people, "000 010 020", "20 20 20"},
		{"seven cases: 9 9 9 9 8 8 8 in code order", people, "020 020 020 010 000 000 000", "27 9 24"},
		{"the remainder goes to the first codes", people, "120 120 120 000 000 000 000", "36 0 24"},
		{"60 cases", people, strings.Repeat("020 ", 59) + "000", "1 0 59"},
		{"61 cases: the last in code order carries none", people, strings.Repeat("020 ", 60) + "000", "1 0 59"},
		{"10,000 cases", people, strings.Repeat("020 ", 9990) + strings.Repeat("010 ", 10), "0 10 50"},
		{"code order looks at every dimension", people, "101 " + strings.Repeat("020 ", 60), "0 0 60"},
		{"reached: once for each cell", reached, "010 010 011", "0 60 0"},
		{"reached: two cells", reached, "010 020", "0 60 60"},
		{"reached: the first two of three", reached, "020 010 000", "60 60 0"},
		{"cases: each counts", cases, "010 010", "0 120 0"},
		{"cases: the first two of three", cases, "020 010 000", "60 60 0"},
		{"nobody", people, "", "0 0 0"},
	} {
		got := exactly(t, small(t), tables(t, c.table), of(c.person))
		if s := strings.Trim(fmt.Sprint(got[0]), "[]"); s != c.want {
			t.Errorf("%s: have %s, want %s", c.name, s, c.want)
		}
	}
}

func TestCellsAreRowByRowAndRollUp(t *testing.T) {
	got := exactly(t, small(t), tables(t, "people a*c", "people c(group)*b", "people c"), of("013", "120", "001"))
	if s := fmt.Sprint(got); s != "[[0 60 0 60 60 0 0 0] [0 60 60 60 0 0] [60 60 0 60]]" {
		t.Errorf("have %s", s)
	}
}

// naive is the measures once more, as section 1 of PRIVACY.md says them, in maps.
func naive(cb *schema.Codebook, p schema.PlanTable, rs []schema.Record) []int64 {
	s, err := cb.Shape(p.Table)
	if err != nil {
		panic(err)
	}
	cells := make([]int64, s.Cells())
	byPerson := map[schema.Key][][]byte{}
	for _, r := range rs {
		byPerson[r.Person] = append(byPerson[r.Person], r.Codes)
	}
	for _, own := range byPerson {
		slices.SortFunc(own, slices.Compare)
		k := len(own)
		touched := map[int]bool{}
		for i, codes := range own {
			cell := s.Cell(codes)
			switch p.Measure.Kind {
			case schema.People:
				if k > 60 && i < 60 {
					cells[cell]++
				} else if k <= 60 {
					cells[cell] += int64(60 / k)
					if i < 60-60/k*k {
						cells[cell]++
					}
				}
			case schema.Cases:
				if i < p.Measure.Limit {
					cells[cell] += 60
				}
			case schema.Reached:
				touched[cell] = true
			}
		}
		free := p.Measure.Limit
		for cell := range cells {
			if touched[cell] && free > 0 {
				cells[cell] += 60
				free--
			}
		}
	}
	return cells
}

// people draws data sets: few people with one case, many cases, hundreds of cases, all
// of one code or of all codes.
func people(t *rapid.T, limits []int) (rs []schema.Record) {
	for i := range rapid.IntRange(0, 6).Draw(t, "people") {
		k := rapid.OneOf(rapid.IntRange(1, 8), rapid.IntRange(55, 130)).Draw(t, "cases")
		same := rapid.Bool().Draw(t, "all the same")
		var codes []byte
		for j := range k {
			if j == 0 || !same {
				codes = nil
				for _, limit := range limits {
					codes = append(codes, byte(rapid.IntRange(0, limit-1).Draw(t, "code")))
				}
			}
			rs = append(rs, schema.Record{Person: schema.Key{byte(i)}, Case: schema.Key{byte(j % 3)}, Codes: codes})
		}
	}
	return rs
}

func TestCountAgreesWithTheNaiveOne(t *testing.T) {
	cb := small(t)
	ts := tables(t, "people a*b", "people c(group)", "reached:3 b*c", "cases:5 a*c", "cases:100 b", "people b*c")
	rapid.Check(t, func(rt *rapid.T) {
		rs := people(rt, []int{2, 3, 4})
		got := exactly(t, cb, ts, rs)
		for i := range ts {
			if want := naive(cb, ts[i], rs); !slices.Equal(got[i], want) {
				rt.Fatalf("%s %s: have %v, want %v", ts[i].Measure, ts[i].Table, got[i], want)
			}
		}
	})
}

func TestOrderOfAPersonsRecordsChangesNothing(t *testing.T) {
	cb := small(t)
	ts := tables(t, "people a*b", "reached:2 b*c", "cases:3 a*c")
	rapid.Check(t, func(rt *rapid.T) {
		rs := people(rt, []int{2, 3, 4})
		before := exactly(t, cb, ts, rs)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		r.Shuffle(len(rs), func(i, j int) { rs[i], rs[j] = rs[j], rs[i] })
		slices.SortStableFunc(rs, func(a, b schema.Record) int { return slices.Compare(a.Person[:], b.Person[:]) })
		if after := exactly(t, cb, ts, rs); !reflect.DeepEqual(before, after) {
			rt.Fatalf("have %v, before %v", after, before)
		}
	})
}

// Every table of people sums to the number of people, whatever they went through.
func TestTablesOfPeopleSumToThePeople(t *testing.T) {
	cb := small(t)
	ts := tables(t, "people a*b", "people c")
	rapid.Check(t, func(rt *rapid.T) {
		rs := people(rt, []int{2, 3, 4})
		n := map[schema.Key]bool{}
		for _, r := range rs {
			n[r.Person] = true
		}
		for _, cells := range exactly(t, cb, ts, rs) {
			var sum int64
			for _, c := range cells {
				sum += c
			}
			if sum != int64(60*len(n)) {
				rt.Fatalf("sum is %d for %d people", sum, len(n))
			}
		}
	})
}

func TestOnlyCountedRecordsCount(t *testing.T) {
	rs := of("000 010", "020")
	rs[1].Seq = 7
	counts, err := Count(background, small(t), tables(t, "people b", "reached:2 b"), stream(rs), func(r *schema.Record) bool { return r.Seq == 0 })
	if err != nil {
		t.Fatal(err)
	}
	got, _ := counts.Noised([][]int64{{0, 0, 0}, {0, 0, 0}})
	if fmt.Sprint(got) != "[[60 0 60] [60 0 60]]" {
		t.Errorf("have %v", got)
	}
}

func TestCountRefuses(t *testing.T) {
	broken := errors.New("store")
	for name, c := range map[string]struct {
		records iter.Seq2[*schema.Record, error]
		measure string
	}{
		"a person twice":     {stream(append(of("000", "000"), of("000")...)), "people"},
		"too few codes":      {stream(of("00")), "people"},
		"too many codes":     {stream(of("0000")), "people"},
		"a code too high":    {stream(of("000", "030")), "people"},
		"a broken source":    {func(yield func(*schema.Record, error) bool) { yield(nil, broken) }, "people"},
		"no limit":           {stream(nil), "cases"},
		"a limit too high":   {stream(nil), "reached:101"},
		"an unknown measure": {stream(nil), "deeds:1"},
	} {
		_, err := Count(background, small(t), tables(t, c.measure+" b"), c.records, all)
		if err == nil {
			t.Fatalf("%s: counted", name)
		}
		if regexp.MustCompile(`b[0-9]|030|[0-9a-f]{8}`).MatchString(err.Error()) {
			t.Errorf("%s: the error names a value: %v", name, err)
		}
	}
	done, cancel := context.WithCancel(background)
	cancel()
	if _, err := Count(done, small(t), tables(t, "people b"), stream(of("000")), all); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := Count(background, small(t), tables(t, "people d"), stream(nil), all); err == nil {
		t.Error("counted by a dimension that is not there")
	}
}

func TestNoisedOnceAndWhole(t *testing.T) {
	ts := tables(t, "people b", "people a")
	count := func() *Tables {
		counts, err := Count(background, small(t), ts, stream(of("010")), all)
		if err != nil {
			t.Fatal(err)
		}
		return counts
	}
	for name, noise := range map[string][][]int64{
		"no noise":           nil,
		"a table too few":    {{0, 0, 0}},
		"a cell too few":     {{0, 0, 0}, {0}},
		"a cell too many":    {{0, 0, 0, 0}, {0, 0}},
		"a sum that is none": {{0, math.MaxInt64 - 59, 0}, {0, 0}},
	} {
		counts := count()
		if got, err := counts.Noised(noise); err == nil || got != nil {
			t.Errorf("%s: have %v", name, got)
		}
		if got, err := counts.Noised([][]int64{{0, 0, 0}, {0, 0}}); err == nil || got != nil {
			t.Errorf("%s: a second chance gave %v", name, got)
		}
	}
	counts := count()
	got, err := counts.Noised([][]int64{{-5, -100, math.MaxInt64}, {math.MinInt64, 7}})
	if err != nil || fmt.Sprint(got) != fmt.Sprint([][]int64{{-5, -40, math.MaxInt64}, {math.MinInt64 + 60, 7}}) {
		t.Errorf("have %v, %v", got, err)
	}
	if _, err := counts.Noised([][]int64{{0, 0, 0}, {0, 0}}); err == nil {
		t.Error("noise was added twice")
	}
}

func TestSumsAreChecked(t *testing.T) {
	c, err := newCounter(small(t), tables(t, "people b"))
	if err != nil {
		t.Fatal(err)
	}
	c.counted = all
	c.people[0].cells[1] = math.MaxInt64 - 100
	if err := c.finish(); err != nil {
		t.Fatal(err)
	}
	rs := of("010", "010", "010", "000")
	for i := range rs {
		if err := c.take(&rs[i]); err != nil {
			t.Fatal(err)
		}
	}
	if c.finish() == nil {
		t.Error("the overflow of a cell was forgotten")
	}
}

// Whatever is done with the result short of adding noise, no count appears.
func TestCountsAreSilent(t *testing.T) {
	counts, err := Count(background, small(t), tables(t, "people b"), stream(of(strings.Repeat("010 ", 3))), all)
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		text := fmt.Sprintf(verb, counts) + fmt.Sprintf(verb, *counts)
		// An address of code is all that there is to print.
		text = regexp.MustCompile(`(0x)?[0-9a-f]{5,}|int64`).ReplaceAllString(text, "")
		if regexp.MustCompile(`[0-9]{2}`).MatchString(text) {
			t.Errorf("%s prints %s", verb, text)
		}
	}
	//lint:ignore SA9005 that nothing can be marshalled is what is asked
	if b, err := json.Marshal(counts); err != nil || string(b) != "{}" {
		t.Errorf("json: %s, %v", b, err)
	}
	if m := reflect.TypeOf(counts); m.NumMethod() != 1 || m.Method(0).Name != "Noised" {
		t.Errorf("%d methods, want Noised alone", m.NumMethod())
	}
	for i, r := 0, reflect.TypeOf(*counts); i < r.NumField(); i++ {
		if f := r.Field(i); f.IsExported() || f.Type.Kind() != reflect.Func {
			t.Errorf("field %s can be followed by reflection", f.Name)
		}
	}
}

// Memory does not grow with the records, nor with one person's.
func TestMemoryIsConstant(t *testing.T) {
	cb, ts := small(t), tables(t, "people b*c", "reached:3 b*c", "cases:5 a*c")
	allocations := func(rs []schema.Record) float64 {
		return testing.AllocsPerRun(5, func() {
			if _, err := Count(background, cb, ts, stream(rs), all); err != nil {
				t.Fatal(err)
			}
		})
	}
	few := allocations(of("010"))
	for name, rs := range map[string][]schema.Record{
		"one person's 20,000": of(strings.Repeat("010 111 023 122 ", 5000)),
		"2,000 people's":      of(strings.Split(strings.Repeat("010 111 023|", 2000), "|")...),
	} {
		if many := allocations(rs); many != few {
			t.Errorf("%s records: %v allocations, one record %v", name, many, few)
		}
	}
}
