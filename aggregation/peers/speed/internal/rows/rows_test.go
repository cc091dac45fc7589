package rows

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"tidemark/schema"
)

func TestTablesAreThoseOfBenchmarkDraw(t *testing.T) {
	source, err := os.ReadFile("../../../../bench_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range Tables {
		if line := `"quarter people ` + table + ` 450000",`; !strings.Contains(string(source), line) {
			t.Errorf("BenchmarkDraw has no %s", line)
		}
	}
	if n := strings.Count(string(source), `"quarter people `); n != len(Tables) {
		t.Errorf("BenchmarkDraw has %d tables of people, here are %d", n, len(Tables))
	}
}

func TestRowsAreInOrderOfPersonAndTheSameEachTime(t *testing.T) {
	var texts [2]strings.Builder
	for i := range texts {
		if err := Write(&texts[i], 1000); err != nil {
			t.Fatal(err)
		}
	}
	if texts[0].String() != texts[1].String() {
		t.Error("two runs differ")
	}
	if n := strings.Count(texts[0].String(), "\n"); n != 1001 {
		t.Errorf("have %d lines, want a header and 1,000 rows", n)
	}
	records, err := Records(1000)
	if err != nil {
		t.Fatal(err)
	}
	last, own, most := uint64(1), 0, 0
	for r := range records {
		switch PersonOf(r) {
		case last:
			own++
		case last + 1:
			last, own = last+1, 1
		default:
			t.Fatalf("person %d follows person %d", PersonOf(r), last)
		}
		most = max(most, own)
		if r.Date < Period.Start() || r.Date > Period.End() {
			t.Fatal("a day outside the period")
		}
	}
	if last < 400 || most != 80 {
		t.Errorf("%d people, one of %d cases; want over 400, and one of 80", last, most)
	}
}

// The example of PRIVACY.md, and what the other ways of counting make of it.
func TestCountsOfTheExample(t *testing.T) {
	shapes, err := Shapes([]string{"threat_type"})
	if err != nil {
		t.Fatal(err)
	}
	codebook := schema.Incident()
	place := codebook.Dimension("threat_type")
	of := func(names ...schema.Code) (own [][]byte) {
		for _, name := range names {
			codes := make([]byte, len(codebook.Dimensions))
			codes[place] = byte(codebook.Dimensions[place].Index(name))
			own = append(own, codes)
		}
		return own
	}
	c := &Counts{}
	for _, way := range []*[][]int64{&c.Units, &c.Cases, &c.Reach, &c.First, &c.Whole} {
		*way = Blank(shapes)
	}
	c.add(shapes, of("doxing"))
	c.add(shapes, of("device_spyware", "doxing", "doxing"))
	threat := schema.Code("threat_of_harm")
	c.add(shapes, of(threat, threat, threat, threat, threat, threat, threat))
	at := func(table []int64) (three [3]int64) {
		for i, name := range []schema.Code{"doxing", "device_spyware", threat} {
			three[i] = table[codebook.Dimensions[place].Index(name)]
		}
		return three
	}
	have := [][3]int64{at(c.Units[0]), at(c.Cases[0]), at(c.Reach[0]), at(c.First[0]), at(c.Whole[0])}
	want := [][3]int64{{100, 20, 60}, {3, 1, 7}, {2, 1, 1}, {1, 1, 1}, {1, 0, 1}}
	if !reflect.DeepEqual(have, want) || c.People != 3 {
		t.Errorf("have %v of %d people, want %v of 3", have, c.People, want)
	}
}
