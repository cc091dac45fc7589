package vault

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidemark/schema"
	"tidemark/schema/mapping"
)

func TestTheSameCasesTwiceChangeNothing(t *testing.T) {
	v := opened(t, made(t))
	all := []mapping.Case{
		aCase("c1", "p1", "2026-02-01", 0, 1, 2),
		aCase("c2", "p1", "2026-03-01", 1, 1, 2),
		{ID: "c3", Persons: []string{"p3", "p1", "p2", "p3"}, Date: day("2026-03-02"), Codes: []byte{1, 2, 3}},
		{ID: "c4", Date: day("2026-03-03"), Codes: []byte{0, 0, 0}},
	}
	if r := imported(t, v, all...); r != (ImportReport{Added: 4}) {
		t.Fatalf("first: %+v", r)
	}
	before, cases := contents(t, v), live(t, v)
	if len(cases) != 4 {
		t.Fatalf("%d cases", len(cases))
	}
	if r := imported(t, v, all...); r != (ImportReport{Unchanged: 4}) {
		t.Fatalf("second: %+v", r)
	}
	if !maps.Equal(before, contents(t, v)) {
		t.Error("an import that changes nothing wrote to the store")
	}
	c3, _ := of(t, v, "c3")
	if len(c3.Persons) != 3 {
		t.Errorf("c3 has %d persons, want 3", len(c3.Persons))
	}
	c4, _ := of(t, v, "c4")
	if len(c4.Persons) != 1 || c4.Persons[0] != newNamer(v.keys.Hash).caseKey("c4") {
		t.Error("a case without a person is not its own person")
	}
}

func TestAnEditedCaseReplacesItsEarlierVersion(t *testing.T) {
	v := opened(t, made(t))
	imported(t, v, aCase("c1", "p1", "2026-02-01", 0, 1, 2), aCase("c2", "p2", "2026-02-01"))
	old, _ := of(t, v, "c1")
	r := imported(t, v, aCase("c1", "p9", "2026-02-03", 1, 1, 1), aCase("c2", "p2", "2026-02-01"), aCase("c3", "p3", "2026-02-01"))
	if r != (ImportReport{Added: 1, Changed: 1, Unchanged: 1}) {
		t.Fatalf("%+v", r)
	}
	c1, _ := of(t, v, "c1")
	if c1.Seq != old.Seq || c1.Date != day("2026-02-03") || c1.Counted != [2]schema.Period{} || c1.Persons[0] == old.Persons[0] {
		t.Errorf("edited: %+v, was %+v", c1, old)
	}
	if len(live(t, v)) != 3 {
		t.Error("want three cases")
	}
}

func TestWithinOneImportTheLastVersionCounts(t *testing.T) {
	v := opened(t, made(t))
	imported(t, v, aCase("c1", "p1", "2026-02-01", 0, 0, 0))
	// c1 goes away from its stored version and back to it; c2 is new, twice.
	r := imported(t, v, aCase("c1", "p1", "2026-02-01", 1, 0, 0), aCase("c2", "p2", "2026-02-01", 0, 0, 0),
		aCase("c1", "p1", "2026-02-01", 0, 0, 0), aCase("c2", "p2", "2026-02-01", 1, 1, 1), aCase("c2", "p2", "2026-02-01", 1, 1, 1))
	if r != (ImportReport{Added: 1, Changed: 1, Repeated: 3}) {
		t.Errorf("%+v", r)
	}
	c1, _ := of(t, v, "c1")
	c2, _ := of(t, v, "c2")
	if c1.Codes[0] != 0 || c2.Codes[0] != 1 {
		t.Errorf("c1 %v, c2 %v", c1.Codes, c2.Codes)
	}
}

func TestABadFileChangesNothing(t *testing.T) {
	v := opened(t, made(t))
	imported(t, v, aCase("c1", "p1", "2026-02-01"))
	before := contents(t, v)
	bad := errors.New("row 3: the file ends early")
	for name, all := range map[string]struct {
		cases []mapping.Case
		err   error
	}{
		"an error in the file":       {[]mapping.Case{aCase("c1", "p1", "2026-02-02"), aCase("c2", "p2", "2026-02-02")}, bad},
		"an error at once":           {nil, bad},
		"codes of another codebook":  {[]mapping.Case{aCase("c2", "p2", "2026-02-02"), aCase("c3", "p2", "2026-02-02", 0, 0, 9)}, nil},
		"too few codes":              {[]mapping.Case{aCase("c2", "p2", "2026-02-02"), aCase("c3", "p2", "2026-02-02", 0)}, nil},
		"a case without an id":       {[]mapping.Case{aCase("c2", "p2", "2026-02-02"), aCase("", "p2", "2026-02-02")}, nil},
		"a case of too many persons": {[]mapping.Case{aCase("c2", "p2", "2026-02-02"), {ID: "c3", Persons: make([]string, maxPersons+1), Codes: []byte{0, 0, 0}}}, nil},
	} {
		seq := these(all.cases...)
		if all.err != nil {
			seq = failing(all.err, all.cases...)
		}
		r, err := v.Import(background, schema.PerCase, seq)
		if err == nil || all.err != nil && !errors.Is(err, all.err) || r != (ImportReport{}) {
			t.Errorf("%s: %v, %+v", name, err, r)
		}
		if !maps.Equal(before, contents(t, v)) {
			t.Errorf("%s: the store has changed", name)
		}
		if _, err := os.Stat(filepath.Join(v.cfg.Dir, stageName)); err == nil {
			t.Errorf("%s: the stage is still there", name)
		}
	}
	if s, err := v.Stats(background); err != nil || s.Protection != schema.PerID {
		t.Errorf("stats %+v, %v", s, err)
	}
}

func TestFutureCasesAreRefused(t *testing.T) {
	v := opened(t, made(t))
	// At noon UTC the 25th has begun in the earliest time zone; the 26th has nowhere.
	r := imported(t, v, aCase("c1", "p1", "2026-11-24"), aCase("c2", "p1", "2026-11-25"), aCase("c3", "p1", "2026-11-26"), aCase("c4", "p1", "2062-01-01"))
	if r != (ImportReport{Added: 2, Future: 2}) {
		t.Errorf("%+v", r)
	}
}

func TestProtectionIsThatOfTheWeakestSource(t *testing.T) {
	v, g := shore(t)
	for i, step := range []struct{ source, want schema.Protection }{
		{schema.PerID, schema.PerID}, {schema.PerComposite, schema.PerComposite},
		{schema.PerID, schema.PerComposite}, {schema.PerCase, schema.PerCase}, {schema.PerID, schema.PerCase},
	} {
		_, err := v.Import(background, step.source, these(aCase(strings.Repeat("c", i+1), "p", "2026-02-01")))
		must(t, err)
		if s, err := v.Stats(background); err != nil || s.Protection != step.want {
			t.Errorf("after %s: %s, %v", step.source, s.Protection, err)
		}
	}
	// The same cases under a weaker name are worth noting too.
	v2 := opened(t, made(t))
	imported(t, v2, aCase("c", "p", "2026-02-01"))
	_, err := v2.Import(background, schema.PerComposite, these(aCase("c", "p", "2026-02-01")))
	must(t, err)
	if v2 = reopened(t, v2); v2.meta.Protection != schema.PerComposite {
		t.Errorf("unchanged cases, weaker source: %s", v2.meta.Protection)
	}
	if r := releasedIn(t, reopened(t, v), g, "2026-Q1"); r.Protection != schema.PerCase {
		t.Errorf("release states %s", r.Protection)
	}
}

func TestProtectionMustBeOneThatAReleaseMayState(t *testing.T) {
	v := opened(t, made(t))
	if _, err := v.Import(background, "", these()); err == nil {
		t.Error("imported without a protection")
	}
}

func TestCasesOfAnotherCodebookAreNotMixed(t *testing.T) {
	cfg := made(t)
	cfg.Codebook = nil
	v := opened(t, cfg)
	must(t, v.SetCodebook(smallBook())) // no case yet
	imported(t, v, aCase("c1", "p1", "2026-02-01"))
	must(t, v.SetCodebook(nil))
	if err := v.SetCodebook(schema.Incident()); !errors.Is(err, ErrCodebook) {
		t.Fatalf("another codebook: %v", err)
	}
	imported(t, v, aCase("c2", "p1", "2026-02-01")) // still the former one
	if n, err := v.Clear(background); n != 2 || err != nil {
		t.Fatalf("clear: %d, %v", n, err)
	}
	must(t, v.SetCodebook(schema.Incident()))
	if r := imported(t, v, mapping.Case{ID: "c1", Date: day("2026-02-01"), Codes: make([]byte, len(schema.Incident().Dimensions))}); r.Added != 1 {
		t.Errorf("after clearing: %+v", r)
	}
}

func TestClearRefusesOnceAPeriodIsReserved(t *testing.T) {
	v, g := shore(t)
	imported(t, v, aCase("c1", "p1", "2026-02-01"))
	releasedIn(t, v, g, "2026-Q1")
	if _, err := v.Clear(background); !errors.Is(err, ErrOrder) {
		t.Errorf("clear: %v", err)
	}
}

func TestOwnBoard(t *testing.T) {
	v := opened(t, made(t))
	imported(t, v,
		aCase("c1", "p1", "2026-04-01", 0, 0, 0), aCase("c2", "p1", "2026-06-30", 0, 0, 1), aCase("c3", "p1", "2026-05-01", 1, 2, 0),
		mapping.Case{ID: "c4", Persons: []string{"p1", "p2"}, Date: day("2026-05-02"), Codes: []byte{1, 2, 0}},
		aCase("c5", "p3", "2026-03-31"), aCase("c6", "p3", "2026-07-01"))
	table, _ := schema.ParseTable("kind*place")
	b, err := v.Board(background, table, quarter("2026-Q2"))
	must(t, err)
	wantCases, wantPersons := []int{2, 0, 0, 0, 0, 2}, []int{1, 0, 0, 0, 0, 2}
	for i := range wantCases {
		if b.Cases[i] != wantCases[i] || b.Persons[i] != wantPersons[i] {
			t.Errorf("cell %d: %d cases, %d persons", i, b.Cases[i], b.Persons[i])
		}
	}
	if b.AllCases != 4 || b.AllPersons != 2 || b.Rows != 2 || b.Cols != 3 {
		t.Errorf("%+v", b)
	}
	s, err := v.Stats(background)
	must(t, err)
	if s.Cases != 6 || s.Persons != 3 || s.First != day("2026-03-31") || s.Last != day("2026-07-01") {
		t.Errorf("%+v", s)
	}
	b.Cases[0] = 99 // the caller's own
	imported(t, v, aCase("c7", "p4", "2026-06-01", 0, 0, 0))
	b, err = v.Board(background, table, quarter("2026-Q2"))
	must(t, err)
	if b.Cases[0] != 3 || b.AllCases != 5 || b.AllPersons != 3 {
		t.Errorf("after one more case: %+v", b)
	}
	_, err = v.Withdraw(background, Withdrawal{Case: "c7"})
	must(t, err)
	if b, err = v.Board(background, table, quarter("2026-Q2")); err != nil || b.Cases[0] != 2 || b.AllCases != 4 {
		t.Errorf("after its withdrawal: %+v, %v", b, err)
	}
	if _, err := v.Board(background, schema.Table{Axes: []schema.Axis{{Dimension: "none"}}}, quarter("2026-Q2")); err == nil {
		t.Error("a table that the codebook lacks")
	}
}
